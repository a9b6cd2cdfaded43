"""Transform: windowed partitions to spectra, powers or bands in one step of the compiled kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_audio.kernel import FrameKernel, Matrix, frame_kernels

__all__ = ["FrameTransform", "frame_transform"]

Rows = npt.NDArray[np.float32]


class FrameTransform:
    """Condition, window, transform and power of partitions (frames), computed by the kernel.

    The bits are those of the stages `condition`, `fourier` and `power`, which are used where
    `frame_transform` returns None.

    Parameters
    ----------
    window : ndarray of float32, shape (size,)
    place : slice
        The position of the window in a partition (A25).
    length : int
        The length of the transform.
    remove_mean : bool
    pre_emphasis : float
        As for `condition`.
    """

    def __init__(
        self, window: Rows, place: slice, length: int, remove_mean: bool, pre_emphasis: float
    ) -> None:
        self._arguments = window, place, length, remove_mean, pre_emphasis
        self._bins = length // 2 + 1
        self._kernels: dict[tuple[Any, ...], FrameKernel] = {}

    def spectrum(self, partitions: Rows) -> npt.NDArray[np.complex64]:
        """Return the transform of each partition, as `fourier` does.

        Parameters
        ----------
        partitions : ndarray of float32, shape (k, length)
            Not changed; may be a view whose rows overlap.

        Returns
        -------
        ndarray of complex64, shape (k, length // 2 + 1)
        """
        spectrum = np.empty((len(partitions), self._bins), np.complex64)
        self._kernel(None, 0.0, None)(partitions, spectrum)
        return spectrum

    def two_sided(self, partitions: Rows, out: npt.NDArray[np.complex64]) -> None:
        """Write all bins of the transform to `out`: bins b and length - b are exact conjugates."""
        self._kernel(None, 0.0, None, True)(partitions, out)

    def power(self, partitions: Rows, exponent: int, out: Rows, offset: float = 0.0) -> None:
        """Write the magnitude of each partition, raised to 1 or 2, to `out`, as `power` does."""
        self._kernel(exponent, offset, None)(partitions, out)

    def bands(
        self, partitions: Rows, exponent: int, matrix: Matrix, out: Rows, offset: float = 0.0
    ) -> None:
        """Write the product of this power and a matrix that `is_supported` to `out`."""
        self._kernel(exponent, offset, matrix)(partitions, out)

    def _kernel(
        self, exponent: int | None, offset: float, matrix: Matrix | None, two_sided: bool = False
    ) -> FrameKernel:
        key = exponent, offset, matrix, two_sided
        kernel = self._kernels.get(key)
        if kernel is None:
            library = frame_kernels(self._arguments[2])
            assert library is not None  # noqa: S101 - see `frame_transform`; for mypy
            kernel = FrameKernel(library, *self._arguments, *key)
            self._kernels[key] = kernel
        return kernel


def frame_transform(
    window: npt.NDArray[Any],
    place: slice,
    length: int,
    remove_mean: bool,
    pre_emphasis: float,
) -> FrameTransform | None:
    """Return a `FrameTransform`, or None if the kernel does not compute it.

    It computes windows of float32 (A62), for lengths whose bits are equal in all releases of scipy
    (A70).

    Raises
    ------
    KernelError
        The environment variable NETENCODERS_KERNEL is wrong.
    """
    if window.dtype != np.float32 or frame_kernels(length) is None:
        return None
    return FrameTransform(window, place, length, remove_mean, pre_emphasis)

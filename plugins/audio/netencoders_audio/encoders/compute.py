"""Compute: how many rows at a time an encoder computes, so that they always have the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Compute", "compute_rows", "row_stable"]

Rows = npt.NDArray[np.float32]
Compute = Callable[[npt.NDArray[np.complex64], Rows, Rows], object]
"""The type of `PartitionedEncoder.compute`."""

AnyCompute = TypeVar("AnyCompute", bound=Callable[..., object])


def row_stable(compute: AnyCompute) -> AnyCompute:
    """Mark a `compute` as one whose rows have the same bits in groups of any size.

    `PartitionedEncoder` gives hundreds of partitions at once to a `compute` that has this mark, and
    24 to one without it. This is faster, and right for a `compute` that uses elementwise functions
    of numpy and `Projection` alone. The bits of a matrix product (``@``, ``np.matmul``, ``np.dot``,
    ``np.einsum``) depend on the number of rows: a stream would differ from the call.

    A subclass that overrides `compute` needs its own mark.

    Parameters
    ----------
    compute : callable
        The method `compute` of a `PartitionedEncoder`.

    Returns
    -------
    callable
        The same object.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import AudioMelSpectrogram, row_stable
    >>> class AudioMelRoot(AudioMelSpectrogram):
    ...     name = "AudioMelRoot"
    ...
    ...     @row_stable
    ...     def compute(self, spectrum, spare, out):
    ...         super().compute(spectrum, spare, out)
    ...         np.sqrt(out, out=out)
    """
    compute.__dict__["row_stable"] = True
    return compute


def compute_rows(
    compute: Compute, spectrum: npt.NDArray[np.complex64], spare: Rows, out: Rows, step: int
) -> None:
    """Call `compute` for all rows at once if it is `row_stable`, and else for `step` at a time.

    Parameters
    ----------
    compute : callable
    spectrum, spare, out : ndarray
        As `PartitionedEncoder.compute` takes them.
    step : int

    Raises
    ------
    TypeError
        `compute` returns something: `out` may not be written, and its memory holds any numbers.
    """
    if getattr(compute, "row_stable", False):
        step = max(len(out), 1)
    for start in range(0, len(out), step):
        rows = slice(start, start + step)
        returned = compute(spectrum[rows], spare[rows], out[rows])
        if returned is not None:
            raise TypeError(
                f"compute() returns a value of type {type(returned).__name__}; it must write the "
                "rows to out, and return nothing"
            )

"""Mel bands: the product of the power or magnitude of spectra and mel filters (A13)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.power import power
from netencoders_audio.stages.projection import Projection
from netencoders_audio.stages.transform import FrameTransform

__all__ = ["MelBands"]

Rows = npt.NDArray[np.float32]


class MelBands:
    """The mel bands of spectra: the product of their power or magnitude and mel filters.

    Parameters
    ----------
    filters : ndarray of float32, shape (bins, count)
        The result of `mel_filters`.
    exponent : {1, 2}
        1 for the magnitude of a spectrum, 2 for its power.
    offset : float
        A value of the parameter PowerOffset (A41).

    Attributes
    ----------
    row : tuple of int
        The shape of a row of bands, (count,).

    References
    ----------
    Rule A13 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import MelBands, mel_filters
    >>> bands = MelBands(mel_filters(2, 8, 8000), exponent=2)
    >>> spectrum = np.ones((1, 5), np.complex64)
    >>> spare, out = np.empty((1, 8), np.float32), np.empty((1, 2), np.float32)
    >>> bands.apply(spectrum, spare, out)
    >>> out.round(2)
    array([[0.68, 1.68]], dtype=float32)
    """

    def __init__(
        self, filters: npt.NDArray[np.float32], exponent: int, offset: float = 0.0
    ) -> None:
        self.row = (filters.shape[1],)
        self._exponent, self._offset = exponent, offset
        self._projection = Projection(filters)

    def prepare(self) -> None:
        """Import the library of `apply`, as an encoder does in its method `prepare`."""
        self._projection.prepare()

    def apply(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write the mel bands of spectra to `out`.

        Parameters
        ----------
        spectrum : ndarray of complex64, shape (k, bins)
            Its memory is overwritten.
        spare : ndarray of float32, with at least as many elements as `spectrum`
            Its memory is overwritten.
        out : ndarray of float32, shape (k, count)
        """
        # A contiguous array is written a fifth faster than a part of each row of `spare`.
        rows = spare.reshape(-1)[: spectrum.size].reshape(spectrum.shape)
        self._projection.apply(power(spectrum, self._exponent, rows, self._offset), out)

    def transform(
        self, transform: FrameTransform, partitions: npt.NDArray[np.float32], out: Rows
    ) -> None:
        """Write the mel bands of partitions to `out`, with the bits of `apply`.

        Parameters
        ----------
        transform : FrameTransform
        partitions : ndarray of float32, shape (k, length)
        out : ndarray of float32, shape (k, count)
        """
        matrix = self._projection.matrix
        if matrix.is_supported:
            transform.bands(partitions, self._exponent, matrix, out, self._offset)
            return
        rows = np.empty((len(out), matrix.rows), np.float32)
        transform.power(partitions, self._exponent, rows, self._offset)
        self._projection.apply(rows, out)

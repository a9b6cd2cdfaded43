"""Projection: multiplies rows by a sparse matrix; the bits of a row do not depend on others."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.kernel import BandKernel, Matrix, band_kernel
from netencoders_audio.stages.sums import NumpySums, SparseSums, sums

__all__ = ["ROWS", "Projection"]

Rows = npt.NDArray[np.float32]

# Groups have a multiple of 24 rows, for third-party encoders that use a BLAS (A26).
ROWS: Final = 24
# Without the kernel, rows that are multiplied at once: their sums stay in the processor cache.
BLOCK: Final = 512


class Projection:
    """The product of rows and a matrix, with the same bits on every machine (A72).

    Element (i, c) of the product is ::

        sum over b of rows[i, b] * matrix[b, c]

    from the first bin b whose element in column c is not zero to the last one. Each product and
    each sum is rounded to float32. The products are added in parts of 32, from the first to the
    last, and then the sums of the parts, each time beginning with 0.

    The bits of ``rows @ matrix`` depend on the processor, on the number of rows and, for large
    products, on the number of threads.

    Parameters
    ----------
    matrix : ndarray of float32, shape (bins, columns)
        Mel filters, for example, take a fraction of the time of a dense matrix.

    Attributes
    ----------
    matrix : Matrix
        The part of each column from its first to its last element that is not zero.

    References
    ----------
    Rules A26 and A72 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import Projection
    >>> projection = Projection(np.array([[1, 0], [2, 3]], np.float32))
    >>> projection.apply(np.array([[1, 1], [0, 2]], np.float32), np.empty((2, 2), np.float32))
    array([[3., 3.],
           [4., 6.]], dtype=float32)
    """

    def __init__(self, matrix: Rows) -> None:
        used = matrix != 0
        firsts = used.argmax(axis=0)
        counts = np.where(used.any(axis=0), len(matrix) - firsts - used[::-1].argmax(axis=0), 0)
        runs = np.stack([firsts, counts], axis=1).astype(np.int64)
        parts = [matrix[first : first + count, c] for c, (first, count) in enumerate(runs)]
        weights = np.concatenate([np.empty(0, np.float32), *parts]).astype(np.float32)
        self.matrix = Matrix(len(matrix), runs, weights)

    @cached_property
    def _kernel(self) -> BandKernel | None:
        return band_kernel(self.matrix)

    @cached_property
    def _sums(self) -> SparseSums | NumpySums:
        return sums(self.matrix)

    def prepare(self) -> None:
        """Import the library of `apply`, and convert the matrix for it."""
        if self._kernel is None:
            _ = self._sums

    def apply(self, rows: Rows, out: Rows) -> Rows:
        """Write the product of rows and the matrix to `out`, and return it.

        Parameters
        ----------
        rows : ndarray of float32, shape (k, bins)
        out : ndarray of float32, shape (k, columns)
            May share memory with `rows`.

        Returns
        -------
        ndarray of float32, shape (k, columns)
            `out`.
        """
        if rows.shape[1:] != (self.matrix.rows,) or out.shape != (len(rows), self.matrix.columns):
            raise ValueError(
                f"rows of {self.matrix.rows} elements and out of shape ({len(rows)}, "
                f"{self.matrix.columns}) are needed. Got {rows.shape} and {out.shape}."
            )
        rows = rows.astype(np.float32, copy=False)
        result = out
        if out.dtype != np.float32 or np.may_share_memory(rows, out) or not _is_writable(out):
            result = np.empty(out.shape, np.float32)
        if self._kernel is not None:
            self._kernel(_in_rows(rows), result)
        else:
            for start in range(0, len(rows), BLOCK):
                block = slice(start, start + BLOCK)
                self._sums.apply(rows[block], result[block])
        if result is not out:
            out[:] = result
        return out


def _in_rows(rows: Rows) -> Rows:
    """Return rows with adjacent elements, as the kernel needs them."""
    return rows if rows.strides[1] == 4 and rows.flags.aligned else np.ascontiguousarray(rows)


def _is_writable(out: Rows) -> bool:
    """Return whether the kernel can write to an array."""
    return out.strides[1] == 4 and out.strides[0] >= 4 * out.shape[1] and out.flags.aligned

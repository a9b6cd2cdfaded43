"""Projection: multiplies rows by a sparse matrix; the bits of a row do not depend on others."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["COLUMNS", "DEPTH", "ROWS", "Projection"]

Matrix = npt.NDArray[np.float32]

# A BLAS chooses its algorithm, and with it the rounding, by the shape of the product, by the place
# of a row and, above 2 ** 18 multiplications (OpenBLAS), by the number of threads. Products here
# have one shape for each band, and fewer multiplications: 24 * 8 * 1365. With 8 columns and a
# multiple of 12 rows, OpenBLAS computes all rows in the same way, on x86 up to AVX2. A product with
# 40 columns gives the same row three different results, depending on its place (measured).
ROWS: Final = 24
COLUMNS: Final = 8
DEPTH: Final = 1365


class Projection:
    """The product of rows and a matrix, with the same bits for a row in groups of any size.

    Element (i, c) of the product is ::

        sum over b of rows[i, b] * matrix[b, c]

    The bits of a row of ``rows @ matrix`` depend on the number of rows, and for large products on
    the number of threads. Here they depend only on the row, if each group begins at a multiple of
    24 among all rows. The groups of a `PartitionedEncoder` do.

    Parameters
    ----------
    matrix : ndarray of float32, shape (bins, columns)
        For each 8 columns, rows of zeros at the beginning and the end are skipped. Mel filters, for
        example, take a fraction of the time of a dense matrix.

    Attributes
    ----------
    pieces : tuple
        For each 8 columns: slices of at most 1365 rows, each with the elements of the matrix in
        them. The products of several slices are added.

    Notes
    -----
    Measured with mel filters on one core, in comparison with ``rows @ matrix``:

    ==== ==== ======= ========== ==============
    rows bins columns Projection rows @ matrix
    ==== ==== ======= ========== ==============
    256  257  40      72 us      68 us
    512  257  40      102 us     127 us
    512  257  80      142 us     236 us
    128  1025 128     150 us     383 us
    ==== ==== ======= ========== ==============

    Blocks of 48 rows take 4 % less time for long recordings, and more for short ones.

    References
    ----------
    Rule A26 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import Projection
    >>> projection = Projection(np.array([[1, 0], [2, 3]], np.float32))
    >>> projection.apply(np.array([[1, 1], [0, 2]], np.float32), np.empty((2, 2), np.float32))
    array([[3., 3.],
           [4., 6.]], dtype=float32)
    """

    pieces: tuple[tuple[tuple[slice, Matrix], ...], ...]

    def __init__(self, matrix: Matrix) -> None:
        columns = matrix.shape[1]
        width = -(-columns // COLUMNS) * COLUMNS
        padded = np.pad(matrix, ((0, 0), (0, width - columns)))
        pieces = []
        for start in range(0, width, COLUMNS):
            band = padded[:, start : start + COLUMNS]
            used = np.flatnonzero(band.any(axis=1))
            first, last = (used[0], used[-1] + 1) if len(used) else (0, 1)
            steps = range(first, last, DEPTH)
            parts = [slice(step, min(step + DEPTH, last)) for step in steps]
            pieces.append(tuple((part, np.ascontiguousarray(band[part])) for part in parts))
        self.pieces = tuple(pieces)

    def apply(self, rows: Matrix, out: Matrix) -> Matrix:
        """Write the product of rows and the matrix to `out`, and return it.

        Parameters
        ----------
        rows : ndarray of float32, shape (k, bins)
            The second axis is contiguous in memory.
        out : ndarray of float32, shape (k, columns)
            May share memory with `rows`.

        Returns
        -------
        ndarray of float32, shape (k, columns)
            `out`.
        """
        count = len(rows)
        whole = count // ROWS * ROWS
        shape = -(-count // ROWS) * ROWS, len(self.pieces) * COLUMNS
        if shape == out.shape and out.flags.c_contiguous and not np.may_share_memory(rows, out):
            self._multiply(rows, out)
            return out
        result = np.empty(shape, np.float32)
        if whole:
            self._multiply(rows[:whole], result[:whole])
        if whole < count:
            rest = np.zeros((ROWS, rows.shape[1]), np.float32)
            rest[: count - whole] = rows[whole:]
            self._multiply(rest, result[whole:])
        out[:] = result[:count, : out.shape[1]]
        return out

    def _multiply(self, rows: Matrix, result: Matrix) -> None:
        # With views of three dimensions, numpy multiplies block by block, without a Python loop.
        blocks = rows.reshape(-1, ROWS, rows.shape[1])
        results = result.reshape(-1, ROWS, result.shape[1])
        for number, (first, *others) in enumerate(self.pieces):
            columns = results[:, :, number * COLUMNS : (number + 1) * COLUMNS]
            _product(blocks, first, columns)
            for other in others:
                columns += _product(blocks, other, np.empty_like(columns))


def _product(blocks: Matrix, piece: tuple[slice, Matrix], out: Matrix) -> Matrix:
    part, elements = piece
    return np.matmul(blocks[:, :, part], elements, out=out)

"""Projection: rows times a matrix that is mostly zeros; no other row changes a row's bits."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["COLUMNS", "DEPTH", "ROWS", "Projection"]

Matrix = npt.NDArray[np.float32]

# A BLAS chooses its algorithm, and with it the rounding, by the shape of a product, by the position
# of a row and, above 2 ** 18 multiplications (OpenBLAS), by the number of threads. Products here
# have one shape for each band, and fewer multiplications: 24 * 8 * 1365. With 8 columns and rows
# in multiples of 12, OpenBLAS computes all rows alike on x86 with AVX2 and before; a product with
# 40 columns gives the same row three different results, depending on its position (measured).
ROWS: Final = 24
COLUMNS: Final = 8
DEPTH: Final = 1365


class Projection:
    """The product of rows and a matrix, with the same bits for a row in a group of any size.

    Element (i, c) of the product is ::

        sum over b of rows[i, b] * matrix[b, c]

    The bits of a row of ``rows @ matrix`` depend on the number of rows, and for large products on
    the number of threads. Here they depend on neither, nor on the other rows, as long as each
    group of rows begins at a multiple of 24 of all rows. The groups of a `PartitionedEncoder` do.

    Parameters
    ----------
    matrix : ndarray of float32, shape (bins, columns)
        Rows in which 8 neighbouring columns are zero are skipped in those columns: mel filters,
        for example, take a fraction of the time of a dense matrix.

    Attributes
    ----------
    pieces : tuple
        For each 8 columns, one after the other: slices of rows, each with the elements there. More
        than 1365 rows are several pieces, whose products are added.

    Notes
    -----
    Measured on one core: 40 mel filters on 257 bins take 72 us for 256 rows, and 68 us as one
    product; for 512 rows 102 and 127; 80 filters 142 and 236; for 128 rows, 128 filters on 1025
    bins 150 and 383. Blocks of 48 rows gain 4 % on long recordings, and lose more on short ones.

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
            Neighbours along the second axis are neighbours in memory.
        out : ndarray of float32, shape (k, columns)
            May share memory with `rows`.
        """
        count = len(rows)
        whole = count // ROWS * ROWS
        shape = -(-count // ROWS) * ROWS, len(self.pieces) * COLUMNS
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
        # Views of three dimensions: numpy multiplies block after block, without a Python loop.
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

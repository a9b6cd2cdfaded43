"""Projection: multiplies rows by a sparse matrix; the bits of a row do not depend on others."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.kernel import BandKernel, Matrix, band_kernel

__all__ = ["ROWS", "Projection"]

Rows = npt.NDArray[np.float32]

# Groups have a multiple of 24 rows, for third-party encoders that use a BLAS (A26).
ROWS: Final = 24
# Without the kernel, rows that are multiplied at once: their sums stay in the processor cache.
BLOCK: Final = 512
# Products that are added before their sum is added to the others; as in kernel/bands.h.
PART: Final = 32


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
                self._multiply(rows[block], result[block])
        if result is not out:
            out[:] = result
        return out

    @cached_property
    def _steps(self) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp], Rows, npt.NDArray[np.intp]]:
        """The columns from the longest run to the shortest, and for step i of all runs its weights.

        The arrays are the columns in this order, their first bins, the weights by step and column,
        and for each step the number of columns whose runs have it.
        """
        firsts, counts = self.matrix.runs.T
        order = np.argsort(-counts, kind="stable")
        longest = int(counts.max(initial=0))
        weights = np.zeros((longest, len(order)), np.float32)
        starts = np.cumsum(counts) - counts
        for place, column in enumerate(order):
            run = self.matrix.weights[starts[column] : starts[column] + counts[column]]
            weights[: len(run), place] = run
        active = (counts > np.arange(longest)[:, np.newaxis]).sum(axis=1)
        return order, firsts[order], weights[..., np.newaxis], active

    def _multiply(self, rows: Rows, out: Rows) -> None:
        """Add the products in the order of `bands.h`, by the fewest steps of numpy."""
        order, firsts, weights, active = self._steps
        bins = np.ascontiguousarray(rows.T)
        if len(order) * (PART + len(active) // PART) < len(active):
            self._by_columns(bins, out)
            return
        totals = np.zeros((len(order), len(rows)), np.float32)
        for start in range(0, len(active), PART):
            part = np.zeros((active[start], len(rows)), np.float32)
            for step in range(start, min(start + PART, len(active))):
                columns = active[step]
                products = bins[firsts[:columns] + step]
                np.multiply(products, weights[step, :columns], out=products)
                np.add(part[:columns], products, out=part[:columns])
            totals[: len(part)] += part
        out[:, order] = totals.T

    def _by_columns(self, bins: Rows, out: Rows) -> None:
        """Add the products column after column, and there in all parts at once."""
        start = 0
        for column, (first, count) in enumerate(self.matrix.runs):
            weights = self.matrix.weights[start : start + count, np.newaxis]
            start += count
            products = np.zeros((-(-count // PART) * PART, bins.shape[1]), np.float32)
            np.multiply(bins[first : first + count], weights, out=products[:count])
            of_parts = products.reshape(-1, PART, bins.shape[1])
            parts = np.zeros((len(of_parts), bins.shape[1]), np.float32)
            for place in range(PART):
                parts += of_parts[:, place]
            total = np.zeros(bins.shape[1], np.float32)
            for part in parts:
                total += part
            out[:, column] = total


def _in_rows(rows: Rows) -> Rows:
    """Return rows with adjacent elements, as the kernel needs them."""
    return rows if rows.strides[1] == 4 and rows.flags.aligned else np.ascontiguousarray(rows)


def _is_writable(out: Rows) -> bool:
    """Return whether the kernel can write to an array."""
    return out.strides[1] == 4 and out.strides[0] >= 4 * out.shape[1] and out.flags.aligned

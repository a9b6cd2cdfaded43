"""Sums: the product of rows and a matrix in the fixed order of A72, without the kernel."""

from __future__ import annotations

import platform
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.kernel import Matrix

__all__ = ["PART", "NumpySums", "SparseSums", "sums"]

Rows = npt.NDArray[np.float32]

# Products that are added before their sum is added to the others; as in kernel/bands.h.
PART: Final = 32


def sums(matrix: Matrix) -> SparseSums | NumpySums:
    """Return the faster sums for a matrix that have the bits of the kernel on this machine."""
    return SparseSums(matrix) if sparse_products_are_exact() else NumpySums(matrix)


@cache
def sparse_products_are_exact() -> bool:
    """Return whether `scipy.sparse` rounds each product and each sum to float32.

    Its loops are compiled once, for all processors. A compiler may fuse a product and a sum where
    all of them can do so: on AArch64, and on x86-64 if scipy was compiled for newer processors
    only. Other machines than x86-64 therefore use numpy, and on x86-64 a product is tried.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    from scipy.sparse import csr_array  # late: `netencoders list` needs no product

    # The rounded square of each value, minus the square: a fused sum is the rounding error.
    values = 1 + np.arange(1, 40, dtype=np.float32) * np.float32(2**-12)
    elements = np.stack([values * values, -values], axis=1).reshape(-1)
    bins = np.tile(np.arange(2, dtype=np.int32), len(values))
    pairs = csr_array((elements, bins, np.arange(0, 79, 2, dtype=np.int32)), shape=(39, 2))
    for columns in (values, values[-1:]):  # one column has a loop of its own
        sums = pairs @ np.stack([np.ones_like(columns), columns])
        if sums.diagonal(len(columns) - len(values)).any():
            return False
    return True


class SparseSums:
    """The sums as products of sparse matrices: the parts, and then the sums of the parts.

    The product of `scipy.sparse` adds the products of each row of the left matrix in their order,
    beginning with 0. Its rows are the parts of all columns; elements that are zero are kept. The
    elements of the second matrix are 1, so its products are exact.

    Parameters
    ----------
    matrix : Matrix
    """

    def __init__(self, matrix: Matrix) -> None:
        from scipy.sparse import csr_array  # late: `netencoders list` needs no product

        firsts, counts = matrix.runs.T
        parts = np.maximum(-(-counts // PART), 1)
        ends = np.cumsum(parts)
        sizes = np.full(int(parts.sum()), PART, np.int64)
        sizes[ends - 1] = counts - (parts - 1) * PART
        places = np.arange(len(matrix.weights)) - np.repeat(np.cumsum(counts) - counts, counts)
        bins = places + np.repeat(firsts, counts)
        self._parts = csr_array(
            (matrix.weights, _integers(bins), _integers(_starts(sizes))),
            shape=(len(sizes), matrix.rows),
        )
        self._totals: Any = None
        if len(sizes) > len(counts):
            ones = np.ones(len(sizes), np.float32)
            self._totals = csr_array(
                (ones, _integers(np.arange(len(sizes))), _integers(_starts(parts))),
                shape=(len(counts), len(sizes)),
            )

    def apply(self, rows: Rows, out: Rows) -> None:
        """Write the product of rows and the matrix to `out`."""
        product: Any = self._parts @ rows.T
        if self._totals is not None:
            product = self._totals @ product
        out[:] = product.T


def _starts(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)])


def _integers(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    return values.astype(np.int32)


class NumpySums:
    """The sums by steps of numpy, which are the same on every machine.

    Parameters
    ----------
    matrix : Matrix
    """

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix
        firsts, counts = matrix.runs.T
        # The columns from the longest run to the shortest, and for step i of all runs its weights
        # and the number of columns that have it.
        order = np.argsort(-counts, kind="stable")
        longest = int(counts.max(initial=0))
        weights = np.zeros((longest, len(order)), np.float32)
        starts = np.cumsum(counts) - counts
        for place, column in enumerate(order):
            run = matrix.weights[starts[column] : starts[column] + counts[column]]
            weights[: len(run), place] = run
        self._order, self._firsts, self._weights = order, firsts[order], weights[..., np.newaxis]
        self._active = (counts > np.arange(longest)[:, np.newaxis]).sum(axis=1)

    def apply(self, rows: Rows, out: Rows) -> None:
        """Write the product of rows and the matrix to `out`, by the fewest steps of numpy."""
        bins = np.ascontiguousarray(rows.T)
        if len(self._order) * (PART + len(self._active) // PART) < len(self._active):
            self._by_columns(bins, out)
        else:
            self._by_steps(bins, out)

    def _by_steps(self, bins: Rows, out: Rows) -> None:
        """Add the products of all columns, step after step."""
        order, firsts, weights, active = self._order, self._firsts, self._weights, self._active
        totals = np.zeros((len(order), bins.shape[1]), np.float32)
        for start in range(0, len(active), PART):
            part = np.zeros((active[start], bins.shape[1]), np.float32)
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
        for column, (first, count) in enumerate(self._matrix.runs):
            weights = self._matrix.weights[start : start + count, np.newaxis]
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

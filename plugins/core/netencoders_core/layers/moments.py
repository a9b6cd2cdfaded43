"""Moments: mean and variance over time, from groups of rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import EncodeError
from netencoders_core.layers.forms import Array

__all__ = ["Moments", "exact_mean", "joined", "moments", "row_moments"]

Exact = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """The first two moments of some elements, in float64.

    Attributes
    ----------
    count : int
        The number of elements that each moment is over.
    mean : ndarray
    squares : ndarray
        The sum of the squared differences to the mean.

    Examples
    --------
    >>> moments(iter([np.array([[1.0], [2.0]]), np.array([[6.0]])])).variance(ddof=1)
    array([7.])
    """

    count: int
    mean: Exact
    squares: Exact

    def variance(self, ddof: int) -> Exact:
        """Return the variance, whose divisor is `count` - `ddof`; 0 if the divisor is not positive.

        A single element has no deviation, so its variance is 0 also for a `ddof` of 1 (A52).

        Raises
        ------
        EncodeError
            The code is ``out-of-range``: a square is infinite, which only float64 can cause.
        """
        if not np.isfinite(self.squares).all():
            raise EncodeError(
                "the elements are too large for a variance: their squares are infinite in float64",
                code="out-of-range",
                remedy="put the layer Affine with a small Factor before it",
            )
        divisor = self.count - ddof
        result: Exact = self.squares / divisor if divisor > 0 else np.zeros_like(self.squares)
        return result


def moments(groups: Iterable[Array], *, over_all: bool = False) -> Moments | None:
    """Return the moments over time, or over all elements; None if there are no rows.

    Each group is measured in two passes, and the groups are combined by the formula of Chan, Golub
    and LeVeque. The squares are those of differences, so nothing cancels, and the variance of
    equal numbers is exactly 0.

    References
    ----------
    T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance",
    The American Statistician 37 (1983).
    """
    total: Moments | None = None
    for group in groups:
        with np.errstate(all="ignore"):  # the variance is checked
            known = _group_moments(group.reshape(-1) if over_all else group)
            total = known if total is None else joined(total, known)
    return total


def _group_moments(group: Array) -> Moments:
    exact = group.astype(np.float64)
    count = len(exact)
    mean = exact_mean(exact, group.dtype, axis=0)[0]
    exact -= mean
    exact *= exact
    return Moments(count, mean, np.asarray(exact.sum(axis=0)))


def joined(first: Moments, second: Moments) -> Moments:
    """Return the moments of the elements of both."""
    count = first.count + second.count
    difference = second.mean - first.mean
    return Moments(
        count,
        first.mean + difference * (second.count / count),
        first.squares + second.squares + difference**2 * (first.count * second.count / count),
    )


def row_moments(rows: Array) -> Moments:
    """Return the moments over the elements of each row, of shape (rows, 1, ...)."""
    exact = rows.reshape(len(rows), -1).astype(np.float64)
    count = exact.shape[1]
    mean = exact_mean(exact, rows.dtype, axis=1)
    exact -= mean
    exact *= exact
    shape = (len(rows),) + (1,) * (rows.ndim - 1)
    return Moments(count, mean.reshape(shape), exact.sum(axis=1).reshape(shape))


def exact_mean(exact: Exact, given: np.dtype[Any], axis: int) -> Exact:
    """Return the mean along an axis, which keeps size 1; equal elements have exactly that mean.

    Sums of equal elements of float32 are exact in float64. Elements of the type `given` with more
    digits are summed as differences to the first one.

    >>> float(exact_mean(np.full(3, 0.1), np.dtype("float64"), axis=0)[0])
    0.1
    """
    count = exact.shape[axis]
    if given.itemsize <= 4:
        short: Exact = exact.sum(axis=axis, keepdims=True) / count
        return short
    first = exact.take([0], axis=axis)
    mean: Exact = first + (exact - first).sum(axis=axis, keepdims=True) / count
    return mean

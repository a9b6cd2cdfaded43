"""Moments: mean and variance over time, from groups of rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from netencoders_core.forms import Array

__all__ = ["Moments", "moments", "row_moments"]

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
        """
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
        exact = group.astype(np.float64)
        if over_all:
            exact = exact.reshape(-1)
        count = len(exact)
        mean = np.asarray(exact.sum(axis=0) / count)
        exact -= mean
        exact *= exact
        squares = np.asarray(exact.sum(axis=0))
        if total is None:
            total = Moments(count, mean, squares)
            continue
        sum_of_counts = total.count + count
        difference = mean - total.mean
        total = Moments(
            sum_of_counts,
            total.mean + difference * (count / sum_of_counts),
            total.squares + squares + difference**2 * (total.count * count / sum_of_counts),
        )
    return total


def row_moments(rows: Array) -> Moments:
    """Return the moments over the elements of each row, of shape (rows, 1, ...)."""
    exact = rows.reshape(len(rows), -1).astype(np.float64)
    count = exact.shape[1]
    mean = exact.sum(axis=1, keepdims=True) / count
    exact -= mean
    exact *= exact
    shape = (len(rows),) + (1,) * (rows.ndim - 1)
    return Moments(count, mean.reshape(shape), exact.sum(axis=1).reshape(shape))

"""The places of the values of a probe: spread over the array, and over the range of its values."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["chosen_places"]

_GOLDEN: Final = 0x9E3779B97F4A7C15
"""The golden ratio times 2**64: its multiples modulo 2**64 are spread evenly."""


def chosen_places(array: npt.NDArray[Any], count: int) -> list[tuple[int, ...]]:
    """Return the places of some elements, in the order of the array.

    Half of them are spread over the array. The other half are spread over the sorted values without
    repetitions, from the smallest to the largest, because most of a padded array may be equal.
    Complex numbers are sorted by their real parts.

    Parameters
    ----------
    array : ndarray
        At least one element.
    count : int
        The largest number of places, at least 4.

    Returns
    -------
    list of tuple of int
        All places if the array has no more elements.

    Examples
    --------
    >>> chosen_places(np.array([[5, 7], [0, 5], [5, 5]]), 4)
    [(0, 1), (1, 0), (1, 1), (2, 0)]
    """
    if array.size <= count:
        return [*np.ndindex(array.shape)]
    half = count // 2
    flat = array.real.ravel()
    found = {(k * _GOLDEN % 2**64) * flat.size >> 64 for k in range(1, half + 1)}
    values, first = np.unique(flat, return_index=True)
    last = len(values) - 1
    found |= {int(first[k * last // (half - 1)]) for k in range(half)}
    return [tuple(map(int, np.unravel_index(index, array.shape))) for index in sorted(found)]

"""The places of the values of a probe: spread over the array, and over the range of its values."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["chosen_places"]

_GOLDEN: Final = 0x9E3779B97F4A7C15
"""The golden ratio times 2**64: its multiples modulo 2**64 are spread evenly."""


def chosen_places(array: npt.NDArray[Any], count: int, axis: int = 0) -> list[tuple[int, ...]]:
    """Return the places of some elements, in the order of the array.

    A quarter of them are spread over the array, and a quarter over both ends of its time, where
    the padding of a signal has an effect. The other half are spread evenly over the range of the
    values, from the smallest to the largest, because most elements may be equal, as in a padded
    array, or almost 0, as in a spectrogram. If the values are few, as in a one-hot array, elements
    of the rarest one are added. Complex numbers are compared by their real parts.

    Parameters
    ----------
    array : ndarray
        At least one element.
    count : int
        The largest number of places, at least 4.
    axis : int
        The axis of time.

    Returns
    -------
    list of tuple of int
        All places if the array has no more elements.

    Examples
    --------
    >>> chosen_places(np.array([[5, 7], [0, 5], [5, 5]]), 4)
    [(0, 1), (1, 0), (1, 1)]
    """
    if array.size <= count:
        return [*np.ndindex(array.shape)]
    half, ends = count // 2, count // 8
    flat = array.real.ravel()
    found = set(_spread(flat.size, half - 2 * ends))
    places = np.moveaxis(np.arange(flat.size).reshape(array.shape), axis, 0)
    for end in (places[0].ravel(), places[-1].ravel()):
        found |= {int(end[place]) for place in _spread(end.size, ends)}
    values, first, counts = np.unique(flat, return_index=True, return_counts=True)
    targets = np.linspace(float(values[0]), float(values[-1]), half)
    nearest = np.searchsorted(values.astype(np.float64), targets).clip(max=len(values) - 1)
    found |= {int(first[place]) for place in nearest}
    rarest = np.flatnonzero(flat == values[counts.argmin()])
    for place in _spread(rarest.size, min(count, rarest.size)):
        if len(found) < count:
            found.add(int(rarest[place]))
    return [tuple(map(int, np.unravel_index(index, array.shape))) for index in sorted(found)]


def _spread(size: int, count: int) -> list[int]:
    """Return numbers from 0 to size - 1, spread evenly."""
    return [(k * _GOLDEN % 2**64) * size >> 64 for k in range(1, count + 1)]

"""Collecting blocks into one array, without knowing beforehand how many there will be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Collector"]

# What a file promises is only a hint: no more than this is allocated on its word, in elements.
MOST_AT_FIRST = 1 << 24


class Collector:
    """A growing array of rows, written block by block.

    Parameters
    ----------
    row : tuple of int
        The shape of one row.
    dtype : str
    expected : int
        How many rows to expect; a good guess spares growing.
    """

    def __init__(self, row: tuple[int, ...], dtype: str, expected: int) -> None:
        elements = math.prod(row)
        self._array = np.empty((max(1, min(expected, MOST_AT_FIRST // elements)), *row), dtype)
        self._filled = 0

    def has_room(self, count: int) -> bool:
        """Tell whether `room` for that many rows can be given without moving those before."""
        return self._filled + count <= len(self._array)

    def room(self, count: int) -> npt.NDArray[Any]:
        """Return the next `count` rows, to be written before the array grows; see `has_room`."""
        start, self._filled = self._filled, self._filled + count
        if self._filled > len(self._array):
            self._resize(max(self._filled, 2 * len(self._array)))
        return self._array[start : self._filled]

    def array(self) -> npt.NDArray[Any]:
        """Return the rows that were written."""
        if self._filled != len(self._array):
            self._resize(self._filled)
        return self._array

    def _resize(self, rows: int) -> None:
        # In place: the system moves pages instead of copying them. No view of `room` is alive.
        self._array.resize((rows, *self._array.shape[1:]), refcheck=False)

"""Collecting blocks into one array, without knowing beforehand how many there will be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Collector"]

# What a file promises is only a hint: no more than this is allocated on its word, in elements.
MAX_FIRST_ALLOCATION = 1 << 24


class Collector:
    """A growing array of rows, written block by block.

    Parameters
    ----------
    row : tuple of int
        The shape of one row.
    dtype : str
    expected : int
        How many rows to expect; a good guess spares growing.
    before_growing : callable, optional
        Is called before the rows that were given out are moved.

    Attributes
    ----------
    filled : int
        How many rows were given out.
    """

    def __init__(
        self,
        row: tuple[int, ...],
        dtype: str,
        expected: int,
        before_growing: Callable[[], object] = lambda: None,
    ) -> None:
        elements = math.prod(row)
        self._array = np.empty(
            (max(1, min(expected, MAX_FIRST_ALLOCATION // elements)), *row), dtype
        )
        self._before_growing = before_growing
        self.filled = 0

    def room(self, count: int) -> npt.NDArray[Any]:
        """Return the next `count` rows, to be written before the array grows."""
        start, self.filled = self.filled, self.filled + count
        if self.filled > len(self._array):
            self._before_growing()
            self._resize(max(self.filled, 2 * len(self._array)))
        return self._array[start : self.filled]

    def array(self) -> npt.NDArray[Any]:
        """Return the rows that were written."""
        if self.filled != len(self._array):
            self._resize(self.filled)
        return self._array

    def _resize(self, rows: int) -> None:
        # In place: the system moves pages instead of copying them. No view of `room` is alive.
        self._array.resize((rows, *self._array.shape[1:]), refcheck=False)

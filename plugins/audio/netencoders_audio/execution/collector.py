"""Collector: one array that grows while rows are written to it, block by block."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Collector"]

# In elements: bounds the first allocation, because the length in a header may be wrong.
MAX_FIRST_ALLOCATION = 1 << 24


class Collector:
    """A growing array of rows, written block by block.

    Parameters
    ----------
    row : tuple of int
        The shape of one row.
    dtype : str
    expected : int
        The expected number of rows. If it is right, the array does not grow.
    before_growing : callable, optional
        Called before the array grows, which moves its rows in memory.

    Attributes
    ----------
    filled : int
        The number of rows that `room` has returned.
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
        """Return the next `count` rows; write them before the array grows."""
        start, self.filled = self.filled, self.filled + count
        if self.filled > len(self._array):
            self._before_growing()
            self._resize(max(self.filled, 2 * len(self._array)))
        return self._array[start : self.filled]

    def array(self) -> npt.NDArray[Any]:
        """Return all rows."""
        if self.filled != len(self._array):
            self._resize(self.filled)
        return self._array

    def _resize(self, rows: int) -> None:
        # In place: the system moves pages instead of copying them. No view from `room` is in use.
        self._array.resize((rows, *self._array.shape[1:]), refcheck=False)

"""Collector: blocks are written into one array, which grows as needed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Collector"]

# In elements. A length in a file's header may be wrong, so the first allocation is bounded.
MAX_FIRST_ALLOCATION = 1 << 24


class Collector:
    """A growing array of rows, written block by block.

    Parameters
    ----------
    row : tuple of int
        The shape of one row.
    dtype : str
    expected : int
        The expected number of rows; a good guess avoids growing.
    before_growing : callable, optional
        Called before the rows from `room` are moved in memory.

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

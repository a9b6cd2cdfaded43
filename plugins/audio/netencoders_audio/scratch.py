"""Scratch: memory that each thread uses again for each of its groups of partitions."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["scratch"]

# What is larger is not kept: it belongs to long partitions, which are rare.
MOST_KEPT: Final = 1 << 20


class _Memory(threading.local):
    def __init__(self) -> None:
        self.array = np.empty(0, np.float32)


_memory = _Memory()


def scratch(rows: int, columns: int) -> npt.NDArray[np.float32]:
    """Return uninitialized memory, which holds until this thread asks again.

    Memory that is new for each call is cleared by the system page by page, when it is first
    written. That doubled the time of a recording of ten seconds (measured).

    Parameters
    ----------
    rows, columns : int

    Returns
    -------
    ndarray of float32, shape (rows, columns)
    """
    size = rows * columns
    if size > MOST_KEPT:
        return np.empty((rows, columns), np.float32)
    if size > len(_memory.array):
        _memory.array = np.empty(size, np.float32)
    return _memory.array[:size].reshape(rows, columns)

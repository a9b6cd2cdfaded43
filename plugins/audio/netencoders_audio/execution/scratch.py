"""Scratch: memory that a thread reuses for each of its groups of partitions."""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["keep_freed_memory", "scratch"]

# In elements. Larger arrays are not kept: only long partitions need them, and these are rare.
MAX_KEPT: Final = 1 << 20
# In bytes: results and spectra up to this size reuse freed memory of the process.
MAX_FREED: Final = 1 << 24


class _Memory(threading.local):
    def __init__(self) -> None:
        self.array = np.empty(0, np.float32)


_memory = _Memory()


def scratch(rows: int, columns: int) -> npt.NDArray[np.float32]:
    """Return uninitialized memory, valid until the next call in this thread.

    The system clears new memory page by page at the first write. With new memory for each call, a
    recording of ten seconds took twice as long (measured).

    Parameters
    ----------
    rows, columns : int

    Returns
    -------
    ndarray of float32, shape (rows, columns)
    """
    size = rows * columns
    if size > MAX_KEPT:
        return np.empty((rows, columns), np.float32)
    if size > len(_memory.array):
        keep_freed_memory()
        _memory.array = np.empty(size, np.float32)
    return _memory.array[:size].reshape(rows, columns)


@cache
def keep_freed_memory() -> None:
    """Make the C library keep some megabytes of freed memory for later allocations.

    glibc returns freed memory above a threshold to the system. New memory is then cleared page by
    page: the first 300 files of nine seconds took 73000 page faults instead of 8000, and a tenth
    more time (measured). glibc raises the threshold to twice the size of the largest array freed so
    far. This function frees an array that was never written to, which takes no time. Other C
    libraries have no such threshold.
    """
    np.empty(MAX_FREED, np.uint8)

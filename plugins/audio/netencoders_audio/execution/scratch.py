"""Scratch: memory that each thread uses again for each of its groups of partitions."""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["scratch"]

# What is larger is not kept: it belongs to long partitions, which are rare.
MAX_KEPT: Final = 1 << 20
# Results and spectra up to so many bytes come from memory that the process has already.
MAX_FREED: Final = 1 << 24


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
    if size > MAX_KEPT:
        return np.empty((rows, columns), np.float32)
    if size > len(_memory.array):
        _keep_what_is_freed()
        _memory.array = np.empty(size, np.float32)
    return _memory.array[:size].reshape(rows, columns)


@cache
def _keep_what_is_freed() -> None:
    """Have the C library keep some megabytes of what is freed for what comes next.

    glibc gives memory that is freed back to the system above a threshold, and later gets it anew,
    cleared page by page: the first 300 files of nine seconds took 73000 page faults instead of
    8000, and a tenth more time (measured). It raises the threshold to twice the size of the largest
    piece that was ever freed: here one that nobody wrote to, which costs nothing. Other C libraries
    have no such threshold.
    """
    np.empty(MAX_FREED, np.uint8)

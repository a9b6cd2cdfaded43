"""Work memory: one array for each thread, which the calls of the kernel reuse."""

from __future__ import annotations

import threading

import numpy as np

__all__ = ["work"]


class _Work(threading.local):
    """Memory that a thread reuses for each of its calls, aligned to 64 bytes."""

    def __init__(self) -> None:
        self.bytes = 0
        self.address = 0
        self.array = np.empty(0, np.uint8)


_memory = _Work()


def work(size: int) -> int:
    """Return the address of at least `size` bytes, valid until the next call in this thread."""
    if size > _memory.bytes:
        _memory.bytes = 0  # an interrupt may arrive between any two lines
        _memory.array = np.empty(size + 64, np.uint8)
        _memory.address = -(-_memory.array.ctypes.data // 64) * 64
        _memory.bytes = size
    return _memory.address

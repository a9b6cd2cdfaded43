"""Descriptors: open files that the last reference closes, and copies of contents in memory.

A decoder in C reads from a descriptor without any Python code. So an exception of a signal handler
cannot get lost inside the decoder. No Python code runs when a descriptor is released, either: an
exception in a ``__del__`` method would be printed and lost.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from netencoders_audio.files.content import Content

__all__ = ["BY_DESCRIPTOR", "Descriptor", "copied", "opened_again"]

BY_DESCRIPTOR: Final = hasattr(os, "pread")
"""Whether the decoder reads descriptors: on Windows, the C library of Python may be another one."""

# The largest copies, in bytes: in memory that is kept for the next copy, in memory, and on disk. A
# copy of 110 kB takes 8 us in memory that is kept, and 26 us in new memory (measured).
_KEPT: Final = 1 << 22
_IN_MEMORY: Final = 1 << 26
_ON_DISK: Final = 1 << 32
_PIECE: Final = 1 << 20


def _called_at_the_end(function: Callable[[int], object]) -> Any:
    """Return a ``__del__`` that calls a C function with the object, and runs no Python code."""
    return property(partial(partial, function))


class Descriptor(int):
    """A file descriptor. Its last reference closes the file.

    A thread that is still inside a call with the descriptor has a reference. So the number cannot
    become that of another file during the call.
    """

    __del__ = _called_at_the_end(os.close)


class _Pool:
    """Files in memory that are not in use. `list.pop` and `list.append` need no lock."""

    def __init__(self) -> None:
        free: list[int] = []

        class Pooled(Descriptor):
            """A file in memory. Its last reference gives it back to the pool."""

            __del__ = _called_at_the_end(free.append)

        self.free = free
        self.kind: Callable[[int], Descriptor] = Pooled

    def take(self) -> Descriptor:
        try:
            return self.kind(self.free.pop())
        except IndexError:
            return self.kind(_memory_file())


_pool = _Pool()


def _forget() -> None:
    """Give a forked process its own files: the parent continues to write to these."""
    global _pool
    _pool, old = _Pool(), _pool
    for number in old.free:
        os.close(number)
    old.free.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def copied(content: Content) -> Descriptor | None:
    """Return a new file with the bytes of a content.

    The file is in memory, or without a name in the folder of temporary files if it is large.

    Returns
    -------
    Descriptor or None
        None if the content is very large, if the system has no room, or if decoders do not read
        descriptors on this system.
    """
    if not BY_DESCRIPTOR or content.size > _ON_DISK:
        return None
    try:
        descriptor = _new(content.size)
    except OSError as problem:
        if problem.errno is None:  # not of the system: a signal handler raised it
            raise
        return None
    place = 0
    while place < content.size and (piece := content.read_at(place, _PIECE)):
        if not _written(descriptor, piece, place):
            return None
        place += len(piece)
    os.ftruncate(descriptor, place)
    return descriptor


def opened_again(descriptor: Descriptor) -> Descriptor | None:
    """Return another descriptor of the same file, which has a position of its own.

    Returns
    -------
    Descriptor or None
        None if the system does not open files by their descriptors, as only Linux does.
    """
    try:
        return Descriptor(os.open(f"/proc/self/fd/{int(descriptor)}", os.O_RDONLY))
    except OSError as problem:
        if problem.errno is None:  # not of the system: a signal handler raised it
            raise
        return None


def _new(size: int) -> Descriptor:
    if hasattr(os, "memfd_create"):
        if size <= _KEPT:
            return _pool.take()
        if size <= _IN_MEMORY:
            return Descriptor(_memory_file())
    with tempfile.TemporaryFile(buffering=0) as file:
        return Descriptor(os.dup(file.fileno()))


def _memory_file() -> int:
    return os.memfd_create("netencoders", os.MFD_CLOEXEC)


def _written(descriptor: int, piece: bytes, place: int) -> bool:
    """Write a piece; return False if the system has no room."""
    rest = memoryview(piece)
    try:
        while rest:
            count = os.pwrite(descriptor, rest, place)
            rest, place = rest[count:], place + count
    except OSError as problem:
        if problem.errno is None:
            raise
        return False
    return True

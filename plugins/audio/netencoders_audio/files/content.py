"""Content: reads the bytes of a file at any position, and keeps no current position."""

from __future__ import annotations

import errno
import os
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Protocol

from netencoders.origins import is_of_signal_handler, mark_of_input
from netencoders_audio.errors import AudioError
from netencoders_audio.files.descriptors import Descriptor

__all__ = ["Content", "InMemory", "OpenFile", "Pieces", "RestOfFile", "unreadable"]

_HEAD = 1 << 12


class Content(Protocol):
    """Bytes that can be read at any position.

    Attributes
    ----------
    size : int
        The number of bytes.
    """

    size: int

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` on; fewer at the end.

        Raises
        ------
        AudioError
            With code ``unreadable``: the system or the file object raises an error.
        """
        ...

    def close(self) -> None:
        """Close the file if the plugin opened it; a file that the caller opened stays open."""
        ...


class OpenFile:
    """A file that the plugin opened.

    Parameters
    ----------
    descriptor : Descriptor or int
        The last reference to this object closes the file, also if the constructor fails.

    Attributes
    ----------
    descriptor : Descriptor
        A copy of the reference keeps the file open.
    """

    def __init__(self, descriptor: int) -> None:
        own = descriptor if isinstance(descriptor, Descriptor) else Descriptor(descriptor)
        self.descriptor: Descriptor | None = own
        self.size = os.fstat(own).st_size
        self._head = b""

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` on; see `Content`."""
        if offset + count <= _HEAD:  # a header is read field by field
            self._head = self._head or self._read(0, _HEAD)
            return self._head[offset : offset + count]
        return self._read(offset, count)

    def rewind(self) -> None:
        """Move the position of the descriptor, which `read_at` does not use, to the first byte."""
        try:
            os.lseek(self._open(), 0, os.SEEK_SET)
        except OSError as problem:
            raise unreadable(problem) from problem

    def _read(self, offset: int, count: int) -> bytes:
        descriptor = self._open()
        try:
            piece = _read_at(descriptor, count, offset)
            if len(piece) == count:
                return piece
            pieces = [piece]
            while (count := count - len(piece)) > 0 and piece:
                offset += len(piece)
                piece = _read_at(descriptor, count, offset)
                pieces.append(piece)
        except OSError as problem:
            if is_of_signal_handler(problem):  # such as a TimeoutError
                raise
            raise unreadable(problem) from problem
        return b"".join(pieces)

    def read_into(self, offset: int, buffer: Any) -> int:
        """Write the bytes from `offset` on to an array of bytes, and return their number."""
        descriptor = self._open()
        view, done = memoryview(buffer), 0
        try:
            while done < len(view):
                if hasattr(os, "preadv"):
                    count = os.preadv(descriptor, [view[done:]], offset + done)
                else:  # Windows
                    os.lseek(descriptor, offset + done, os.SEEK_SET)
                    data = os.read(descriptor, len(view) - done)
                    count = len(data)
                    view[done : done + count] = data
                if count == 0:
                    break
                done += count
        except OSError as problem:
            if is_of_signal_handler(problem):  # such as a TimeoutError
                raise
            raise unreadable(problem) from problem
        return done

    def _open(self) -> Descriptor:
        descriptor = self.descriptor
        if descriptor is None:
            raise unreadable(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        return descriptor

    def close(self) -> None:
        """Drop the reference to the file. A call that still reads it has its own one."""
        self.descriptor = None


def _seek_and_read(descriptor: int, count: int, offset: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, count)


_read_at = getattr(os, "pread", _seek_and_read)  # Windows has no pread


class InMemory:
    """Bytes in memory, which are not copied.

    Parameters
    ----------
    data : bytes, bytearray or memoryview
    """

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data)
        self._view = (view if view.c_contiguous else memoryview(view.tobytes())).cast("B")
        self.size = len(self._view)

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` on; see `Content`."""
        return bytes(self._view[offset : offset + count])

    def view_at(self, offset: int, count: int) -> memoryview:
        """Return a view of `count` bytes from `offset` on; of fewer at the end."""
        return self._view[offset : offset + count]

    def close(self) -> None:
        """Do nothing: the bytes belong to the caller."""


class RestOfFile:
    """A file object of the caller, from its current position to its end.

    Parameters
    ----------
    file : binary file object
        Has ``read``, ``seek`` and ``tell``.

    Attributes
    ----------
    start : int
        The position of the file object.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self.start = int(file.tell())
        file.seek(0, os.SEEK_END)
        self.size = max(0, int(file.tell()) - self.start)
        file.seek(self.start)

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` on; see `Content`."""
        pieces = []
        try:
            self._file.seek(self.start + offset)
            while count > 0 and (piece := self._file.read(count)):
                pieces.append(piece)
                count -= len(piece)
        except Exception as problem:  # foreign code may raise anything
            mark_of_input(problem)
            raise
        return b"".join(pieces)

    def close(self) -> None:
        """Move the file back to its first position."""
        try:
            self._file.seek(self.start)
        except (OSError, ValueError) as problem:  # the caller may have closed it
            if is_of_signal_handler(problem):
                raise


class Pieces:
    """A content that consists of parts of another content, and of other bytes.

    Parameters
    ----------
    content : Content
    pieces : sequence of range and bytes
        A range is a part of the content; bytes are inserted unchanged.
    """

    def __init__(self, content: Content, pieces: Sequence[range | bytes]) -> None:
        self._content = content
        self._pieces = [piece for piece in pieces if len(piece)]
        self._ends = list(accumulate(len(piece) for piece in self._pieces))
        self.size = self._ends[-1] if self._ends else 0

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` on; see `Content`."""
        read = []
        index = bisect_right(self._ends, offset)
        if index < len(self._pieces) and offset + count <= self._ends[index]:
            piece = self._pieces[index]
            if isinstance(piece, range):  # the case of nearly all reads
                return self._content.read_at(piece.stop - self._ends[index] + offset, count)
        while count > 0 and index < len(self._pieces):
            piece = self._pieces[index]
            part = piece[offset - self._ends[index] + len(piece) :][:count]
            data = part if isinstance(part, bytes) else self._content.read_at(part.start, len(part))
            read.append(data)
            if len(data) < len(part):
                break
            count -= len(part)
            offset += len(part)
            index += 1
        return b"".join(read)

    def close(self) -> None:
        """Close the other content."""
        self._content.close()


def unreadable(problem: Exception, place: str = "the disk") -> AudioError:
    """Return the error for a read that fails."""
    return AudioError(
        f"reading fails with {type(problem).__name__}: {problem}",
        code="unreadable",
        remedy=f"check {place}",
    )

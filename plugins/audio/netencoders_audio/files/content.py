"""Content: reads the bytes of a file at any position, and keeps no current position."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any, Protocol

from netencoders_audio.errors import AudioError

__all__ = ["Content", "CopyOfFile", "OpenFile", "Pieces", "RestOfFile", "View", "unreadable"]

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
    descriptor : int
        `close` closes it, and so does the deletion of this object, also if the constructor fails.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._head = b""

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` on; see `Content`."""
        if offset + count <= _HEAD:  # a header is read field by field
            self._head = self._head or self._read(0, _HEAD)
            return self._head[offset : offset + count]
        return self._read(offset, count)

    def _read(self, offset: int, count: int) -> bytes:
        try:
            os.lseek(self.descriptor, offset, os.SEEK_SET)
            piece = os.read(self.descriptor, count)
            if len(piece) == count:
                return piece
            pieces = [piece]
            count -= len(piece)
            while count > 0 and (piece := os.read(self.descriptor, count)):
                pieces.append(piece)
                count -= len(piece)
        except OSError as problem:
            raise unreadable(problem) from problem
        return b"".join(pieces)

    def close(self) -> None:
        """Close the file at the first call: later its number may belong to another file."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    __del__ = close


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
            raise unreadable(problem) from problem
        return b"".join(pieces)

    def close(self) -> None:
        """Move the file back to its first position."""
        with suppress(OSError, ValueError):  # the caller may have closed it
            self._file.seek(self.start)


class CopyOfFile(RestOfFile):
    """A temporary file; closing it deletes it."""

    def close(self) -> None:
        """Delete the file."""
        self._file.close()


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


class View:
    """A file object for the decoder that reads a content.

    Attributes
    ----------
    problem : AudioError or None
        The error of a read, which the decoder sees as the end of the file.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._here = 0
        self.problem: AudioError | None = None

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte; a position before the first byte is ignored."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._here, os.SEEK_END: self._content.size}[whence]
        if base + offset >= 0:
            self._here = base + offset
        return self._here

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._here

    def readinto(self, buffer: Any) -> int:
        """Write the next bytes to `buffer`, and return their number."""
        try:
            data = self._content.read_at(self._here, len(buffer))
        except AudioError as problem:  # raised again after the decoder has returned
            self.problem = problem
            return 0
        buffer[: len(data)] = data
        self._here += len(data)
        return len(data)


def unreadable(problem: Exception) -> AudioError:
    """Return the error for a read that fails."""
    return AudioError(
        f"reading fails with {type(problem).__name__}: {problem}",
        code="unreadable",
        remedy="check the file object or the disk",
    )

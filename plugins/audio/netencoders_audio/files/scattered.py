"""Scattered: one stream of bytes whose parts lie between the parts of other streams of a file."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.tracks import Window

__all__ = ["Scattered"]

_PIECE: Final = 1 << 12


class Scattered:
    """The bytes of a stream of sound, as a content.

    Parameters
    ----------
    content : Content
        The file. It stays open when this content is closed.

    Attributes
    ----------
    file : Content
    """

    def __init__(self, content: Content) -> None:
        self.file = content
        self._places = array("q")
        self._ends = array("q")
        self.size = 0

    def add(self, place: int, size: int) -> None:
        """Append the bytes at a position of the file."""
        if size > 0:
            self.size += size
            self._places.append(place)
            self._ends.append(self.size)

    def origin(self, offset: int) -> int:
        """Return the position in the file of a byte of the stream, or of the end of the stream."""
        if not self._ends:
            return 0
        index = min(bisect_right(self._ends, offset), len(self._ends) - 1)
        before = self._ends[index - 1] if index else 0
        return self._places[index] + offset - before

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` on; see `Content`."""
        read = []
        window = Window(self.file, _PIECE)
        index = bisect_right(self._ends, offset)
        while count > 0 and index < len(self._ends):
            size = min(count, self._ends[index] - offset)
            data = window.at(self.origin(offset), size)
            read.append(data)
            if len(data) < size:
                break
            offset, count, index = offset + size, count - size, index + 1
        return b"".join(read)

    def close(self) -> None:
        """Do nothing: the file belongs to its opener."""

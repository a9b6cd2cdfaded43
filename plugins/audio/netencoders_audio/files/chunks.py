"""Chunks: the parts of WAV, RF64, W64, AIFF and CAF files."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed

__all__ = ["are_chunks", "chunks", "fields", "require"]

MAX_CHUNKS: Final = 10_000


def chunks(
    content: Content, start: int, header: str, *, inclusive: int = 0, align: int = 2
) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, position and length of each chunk, up to one that exceeds the file.

    Parameters
    ----------
    content : Content
    start : int
        The position of the first chunk's header.
    header : str
        The layout of a chunk's header, for `struct`: its kind and its length.
    inclusive : int
        The number of header bytes that the length includes.
    align : int
        The length of a chunk is padded to a multiple of this number.
    """
    for _ in range(MAX_CHUNKS):
        head = content.read_at(start, struct.calcsize(header))
        if len(head) < struct.calcsize(header):
            return
        kind, length = struct.unpack(header, head)
        length -= inclusive
        start += len(head)
        yield kind, start, length
        if length < 0 or start + length > content.size:
            return
        start += -(-length // align) * align


def are_chunks(content: Content, start: int, header: str) -> bool:
    """Return whether the bytes from `start` to the end of the file are whole chunks."""
    end = start
    for kind, begin, length in chunks(content, start, header):
        if not all(32 <= letter < 127 for letter in kind):
            return False
        end = begin + length
    return end in (content.size, content.size - 1, content.size + 1)


def fields(layout: str, data: bytes) -> tuple[int, ...]:
    """Return the fields of a header, as `struct.unpack_from` does.

    Raises
    ------
    AudioError
        With code ``malformed``: `data` is too short.
    """
    if len(data) < struct.calcsize(layout):
        raise malformed("its header is incomplete")
    return struct.unpack_from(layout, data)


def require(field: str, value: float, limit: float = math.inf) -> None:
    """Raise an AudioError unless a field of a header is above 0 and below a limit."""
    if not 0 < value < limit:
        rule = "above 0" if limit == math.inf else f"above 0 and below {limit:g}"
        raise malformed(f"the {field} in its header must be {rule}. Got {value:g}")

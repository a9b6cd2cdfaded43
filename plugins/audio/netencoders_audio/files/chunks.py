"""Chunks: the parts that the headers of WAV, RF64, W64, AIFF and CAF files consist of."""

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
    """Yield kind, first byte and length of each chunk, up to the first that the file cuts.

    Parameters
    ----------
    content : Content
    start : int
        Where the header of the first chunk begins.
    header : str
        The layout of a chunk's header, kind and length, as in `struct`.
    inclusive : int
        The number of bytes of the header that the length includes.
    align : int
        Chunks begin at multiples of it, counted from the first one.
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
        With code ``malformed``: there are too few bytes.
    """
    if len(data) < struct.calcsize(layout):
        raise malformed("its header is cut short")
    return struct.unpack_from(layout, data)


def require(field: str, value: float, limit: float = math.inf) -> None:
    """Raise an AudioError unless a field of a header is above 0 and below a limit."""
    if not 0 < value < limit:
        raise malformed(f"its header says {value:g} for the {field}")

"""Chunks: the parts of WAV, RF64, W64, AIFF and CAF files."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed

__all__ = [
    "CAF", "IFF", "RIFF", "RIFX", "W64", "ChunkForm", "chunks", "end_of_chunk", "fields", "require",
]  # fmt: skip

MAX_CHUNKS: Final = 10_000
_COMMON: Final = (b"data", b"fmt ", b"LIST", b"fact", b"COMM", b"SSND")
# The end of a chunk's identifier in W64: the first one is "riff" and "list", the second all others.
_GUIDS: Final = (
    b"\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00",
    b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a",
)


@dataclass(frozen=True)
class ChunkForm:
    """The form of the chunks of a format.

    Attributes
    ----------
    header : str
        The layout of a chunk's header, for `struct`: its kind and its length.
    inclusive : int
        The number of header bytes that the length includes.
    align : int
        The length of a chunk is padded to a multiple of this number.
    """

    header: str
    inclusive: int = 0
    align: int = 2

    def is_kind(self, kind: bytes) -> bool:
        """Return whether the bytes may be the kind of a chunk."""
        name, rest = kind[:4], kind[4:]
        printable = len(name) == 4 and all(32 <= letter < 127 for letter in name)
        return printable and (not rest or rest in _GUIDS)


RIFF: Final = ChunkForm("<4sI")
RIFX: Final = ChunkForm(">4sI")
IFF: Final = ChunkForm(">4sI")
W64: Final = ChunkForm("<16sQ", inclusive=24, align=8)
CAF: Final = ChunkForm(">4sq", align=1)


def chunks(content: Content, start: int, form: ChunkForm) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, position and length of each chunk, up to one that exceeds the file.

    Parameters
    ----------
    content : Content
    start : int
        The position of the first chunk's header.
    form : ChunkForm
    """
    head_size = struct.calcsize(form.header)
    for _ in range(MAX_CHUNKS):
        head = content.read_at(start, head_size)
        if len(head) < head_size:
            return
        kind, length = struct.unpack(form.header, head)
        length -= form.inclusive
        start += head_size
        yield kind, start, length
        if length < 0 or start + length > content.size:
            return
        start = end_of_chunk(content, start, length, form)


def end_of_chunk(content: Content, start: int, length: int, form: ChunkForm) -> int:
    """Return the position after a chunk and its padding.

    Some programs leave out the padding: then the next chunk begins one byte earlier.
    """
    end = start + -(-length // form.align) * form.align
    if form.align == 2 and length % 2:
        here = content.read_at(end - 1, 5)
        if here[:4] in _COMMON or (form.is_kind(here[:4]) and not form.is_kind(here[1:5])):
            return end - 1
    return end


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

"""Ogg: checks every page, because decoders skip damaged pages without an error.

A page of an Ogg stream has a checksum, a number, and a flag that marks the last page (RFC 3533).
The check reads the file once and decodes nothing.
"""

from __future__ import annotations

import struct
import zlib

from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings, malformed

__all__ = ["checksum", "read_ogg"]

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_HEADER = struct.Struct("<4sBBqIIIB")
_FIRST, _LAST = 2, 4
# The first bytes of an audio stream; other streams contain pictures, texts or indices.
_AUDIO = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
_MAX_TRAILER = 1 << 20


def read_ogg(content: Content) -> Findings:
    """Return the findings of an Ogg file, after a check of all its pages.

    Each part is one recording; a file may contain several, one after the other. Pages of other
    streams are left out.

    Raises
    ------
    AudioError
        With code ``malformed``: a page is damaged or missing, or there are other bytes between
        pages.
    """
    links, cut = _links(content)
    if len(links) == 1 and len(links[0]) == 1:
        return Findings((content,), cut=cut)
    parts = tuple(Pieces(content, ranges) for ranges in links)
    return Findings(parts or (content,), cut=cut)


def _links(content: Content) -> tuple[tuple[tuple[range, ...], ...], str | None]:
    """Return the ranges of each recording, and a description of a premature end."""
    links: list[list[range]] = []
    numbers: dict[int, int] = {}
    audio: dict[int, bool] = {}  # for each stream that has not ended: whether it is audio
    ended = True
    place = 0
    while place < content.size:
        page = _page(content, place)
        if page is None:
            return _joined(links), f"ends at byte {content.size}, inside a page"
        flags, serial, number, body, end = page
        if flags < 0:
            if ended and b"OggS" not in content.read_at(place, _MAX_TRAILER):
                break  # zeros, or a tag, after the last page
            raise malformed(f"no page begins at byte {place}")
        if flags & _FIRST:
            if not audio:
                links.append([])
                numbers = {}
            audio[serial] = body.startswith(_AUDIO)
        elif serial in numbers and number != numbers[serial] + 1:
            raise malformed(f"pages are missing before byte {place}")
        numbers[serial] = number
        if audio.get(serial, not links) and links:
            links[-1].append(range(place, end))
        if flags & _LAST:
            audio.pop(serial, None)
        ended = not any(audio.values())
        place = end
    return _joined(links), None if ended else "ends before its last page"


def _page(content: Content, place: int) -> tuple[int, int, int, bytes, int] | None:
    """Return flags (-1: no page), stream, number, body and end of a page; None if truncated."""
    head = content.read_at(place, _HEADER.size)
    if not b"OggS".startswith(head[:4]) and head[:4] != b"OggS":
        return -1, 0, 0, b"", place
    if len(head) < _HEADER.size:
        return None
    _, _, flags, _, serial, number, stated, segments = _HEADER.unpack(head)
    table = content.read_at(place + _HEADER.size, segments)
    body = content.read_at(place + _HEADER.size + segments, sum(table))
    if len(table) < segments or len(body) < sum(table):
        return None
    if stated != checksum(head[:22] + b"\0\0\0\0" + head[26:] + table + body):
        raise malformed(f"the checksum of the page at byte {place} is wrong")
    return flags, serial, number, body, place + _HEADER.size + segments + len(body)


def _joined(links: list[list[range]]) -> tuple[tuple[range, ...], ...]:
    """Return the recordings that have pages, with adjacent ranges joined."""
    joined = []
    for link in filter(None, links):
        ranges = [link[0]]
        for part in link[1:]:
            if part.start == ranges[-1].stop:
                ranges[-1] = range(ranges[-1].start, part.stop)
            else:
                ranges.append(part)
        joined.append(tuple(ranges))
    return tuple(joined)


def checksum(page: bytes) -> int:
    """Return the checksum of RFC 3533: CRC-32 with the bits in the other order, not inverted.

    zlib, which is fast, takes and returns reversed bits. The bits of each byte are reversed first.
    """
    reverse = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reverse.to_bytes(4, "little").translate(_REVERSED), "big")

"""Ogg: every page is checked, since decoders pass over broken ones in silence.

A page of an Ogg stream carries a checksum, a number, and whether it is the last one (RFC 3533). The
check reads the file once and decodes nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from netencoders_audio.errors import AudioError

__all__ = ["Pages", "checksum", "read_pages"]

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_HEADER = struct.Struct("<4sBBqIIIB")
_FIRST, _LAST = 2, 4
# What the first page of a stream of sound begins with; others hold pictures, texts or indices.
_SOUND = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
_MAX_TRAILER = 1 << 20


@dataclass(frozen=True)
class Pages:
    """What the pages of an Ogg file come to.

    Attributes
    ----------
    links : tuple of tuple of range
        The parts of the file that make one recording, for each of those that it holds one after
        the other, without what else stands between them.
    cut : str or None
        Where the file seems to end before its end, or None.
    """

    links: tuple[tuple[range, ...], ...]
    cut: str | None


def read_pages(read_at: Callable[[int, int], bytes], size: int) -> Pages:
    """Check the pages of an Ogg file from the first to the last.

    Raises
    ------
    AudioError
        With code ``malformed``: a page is broken or missing, or something else stands between them.
    """
    links: list[list[range]] = []
    numbers: dict[int, int] = {}
    sound: dict[int, bool] = {}  # of each stream that has not ended, whether it is sound
    ended = True
    place = 0
    while place < size:
        page = _page(read_at, place, size)
        if page is None:
            return Pages(_joined(links), f"ends at byte {size}, inside of a page")
        flags, serial, number, body, end = page
        if flags < 0:
            if ended and b"OggS" not in read_at(place, _MAX_TRAILER):
                break  # zeros, or a tag, after the last page
            raise _broken(f"no page where one should be, at byte {place}")
        if flags & _FIRST:
            if not sound:
                links.append([])
                numbers = {}
            sound[serial] = body.startswith(_SOUND)
        elif serial in numbers and number != numbers[serial] + 1:
            raise _broken(f"pages are missing before byte {place}")
        numbers[serial] = number
        if sound.get(serial, not links) and links:
            links[-1].append(range(place, end))
        if flags & _LAST:
            sound.pop(serial, None)
        ended = not any(sound.values())
        place = end
    return Pages(_joined(links), None if ended else "ends before its last page")


def _page(
    read_at: Callable[[int, int], bytes], place: int, size: int
) -> tuple[int, int, int, bytes, int] | None:
    """Return flags (-1: no page), stream, number, body and end of a page; None if it is cut."""
    head = read_at(place, _HEADER.size)
    if not b"OggS".startswith(head[:4]) and head[:4] != b"OggS":
        return -1, 0, 0, b"", place
    if len(head) < _HEADER.size:
        return None
    _, _, flags, _, serial, number, signed, segments = _HEADER.unpack(head)
    table = read_at(place + _HEADER.size, segments)
    body = read_at(place + _HEADER.size + segments, sum(table))
    if len(table) < segments or len(body) < sum(table):
        return None
    if signed != checksum(head[:22] + b"\0\0\0\0" + head[26:] + table + body):
        raise _broken(f"the page at byte {place} does not have its checksum")
    return flags, serial, number, body, place + _HEADER.size + segments + len(body)


def _joined(links: list[list[range]]) -> tuple[tuple[range, ...], ...]:
    """Return the links that hold sound, with ranges that follow one another made one."""
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

    zlib computes the mirrored one, in C, from bytes that are mirrored too.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_REVERSED), "big")


def _broken(what: str) -> AudioError:
    return AudioError(what, code="malformed", remedy="the file is damaged, fetch it again")

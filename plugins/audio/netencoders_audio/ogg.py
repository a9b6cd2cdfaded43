"""Ogg: every page is checked, since decoders pass over broken ones in silence.

A page of an Ogg stream carries a checksum, a number, and whether it is the last one (RFC 3533). The
check reads the file once and decodes nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from netencoders_audio.errors import AudioError

__all__ = ["check_pages"]

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_HEADER = struct.Struct("<4sBBqIIIB")
_LAST = 4


def check_pages(read_at: Callable[[int, int], bytes], size: int) -> None:
    """Check the pages of an Ogg file from the first to the last.

    Raises
    ------
    AudioError
        With code ``malformed``: a page is broken or missing, or something else stands between them;
        or ``truncated``: the file ends in a page, or before the last one.
    """
    place = 0
    numbers: dict[int, int] = {}
    ended: set[int] = set()
    while place < size:
        head = read_at(place, _HEADER.size)
        if len(head) < _HEADER.size:
            raise _cut(f"ends at byte {size}, inside of a page")
        magic, _, flags, _, serial, number, checksum, segments = _HEADER.unpack(head)
        if magic != b"OggS":
            raise _broken(f"no page where one should be, at byte {place}")
        table = read_at(place + _HEADER.size, segments)
        body = read_at(place + _HEADER.size + segments, sum(table))
        if len(table) < segments or len(body) < sum(table):
            raise _cut(f"ends at byte {size}, inside of a page")
        if checksum != _checksum(head[:22] + b"\0\0\0\0" + head[26:] + table + body):
            raise _broken(f"the page at byte {place} does not have its checksum")
        if serial in numbers and number != numbers[serial] + 1:
            raise _broken(f"pages are missing before byte {place}")
        numbers[serial] = number
        if flags & _LAST:
            ended.add(serial)
        place += _HEADER.size + segments + len(body)
    if set(numbers) != ended:
        raise _cut("ends before the page that is marked as the last")


def _checksum(page: bytes) -> int:
    """Return the checksum of RFC 3533: CRC-32 with the bits in the other order, not inverted.

    zlib computes the mirrored one, in C, from bytes that are mirrored too.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_REVERSED), "big")


def _broken(what: str) -> AudioError:
    return AudioError(what, code="malformed", remedy="the file is damaged, fetch it again")


def _cut(what: str) -> AudioError:
    return AudioError(what, code="truncated", remedy="the file is cut short, fetch it again")

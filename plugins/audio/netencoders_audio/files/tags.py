"""Tags: ID3, APE and Lyrics3 tags, and zeros, which may stand around the audio of any file."""

from __future__ import annotations

import re
import struct
from typing import Final

from netencoders_audio.files.content import Content

__all__ = ["before_tags", "skip_id3", "skip_tags", "unknown_bytes", "zeros_at"]

_ID3V1: Final = 128
_APE: Final = 32  # the length of its header and of its footer
_HAS_HEADER, _IS_HEADER = 1 << 31, 1 << 29
_MAX_LYRICS: Final = 1 << 20
_MAX_TAGS: Final = 100
_FEW: Final = 1 << 9  # in nearly all files there are few zeros, or none
_PIECE: Final = 1 << 20


def skip_id3(content: Content) -> int:
    """Return the position after the ID3v2 tags at the beginning, at most the end of the file."""
    place = 0
    while place < content.size:
        length = _id3_length(content.read_at(place, 10))
        if not length:
            break
        place += length
    return min(place, content.size)


def skip_tags(content: Content, place: int, stop: int | None = None) -> int:
    """Return the position after all tags at a position, at most `stop` or the end of the file."""
    stop = content.size if stop is None else stop
    for _ in range(_MAX_TAGS):
        length = _length(content, place)
        if not length or place + length > stop:
            break
        place += length
    return place


def before_tags(content: Content, start: int, stop: int) -> int:
    """Return the position of the tags that end at `stop`; none of them begins before `start`."""
    for _ in range(_MAX_TAGS):
        tail = content.read_at(max(start, stop - _ID3V1), min(_ID3V1, stop - start))
        length = 0
        if len(tail) == _ID3V1 and tail.startswith(b"TAG"):
            length = _ID3V1
        elif len(tail) >= _APE and tail[-_APE:].startswith(b"APETAGEX"):
            size, _items, flags = struct.unpack("<III", tail[-20:-8])
            if size >= _APE and not flags & _IS_HEADER:
                length = size + (_APE if flags & _HAS_HEADER else 0)
        elif re.fullmatch(rb"\d{6}LYRICS200", tail[-15:]):
            length = int(tail[-15:-9]) + 15
            if content.read_at(max(start, stop - length), 11) != b"LYRICSBEGIN":
                break
        if not 0 < length <= stop - start:
            break
        stop -= length
    return stop


def zeros_at(content: Content, place: int, stop: int) -> int:
    """Return the number of zeros from a position on, up to `stop`."""
    begin, length = place, _FEW
    while place < stop:
        data = content.read_at(place, min(length, stop - place))
        rest = data.lstrip(b"\0")
        place += len(data) - len(rest)
        if rest or not data:
            break
        length = _PIECE
    return place - begin


def unknown_bytes(content: Content, place: int, stop: int, floor: int | None = None) -> int:
    """Return the number of bytes from `place` to `stop` that are neither tags nor zeros.

    No tag begins before `floor`, which is `place` by default.
    """
    stop = max(place, before_tags(content, place if floor is None else floor, stop))
    for _ in range(_MAX_TAGS):
        place += zeros_at(content, place, stop)
        after = skip_tags(content, place, stop)
        if after == place:
            break
        place = after
    return stop - place


def _length(content: Content, place: int) -> int:
    """Return the length of the tag at a position; 0 if there is none."""
    head = content.read_at(place, 16)
    if head.startswith(b"TAG"):
        return _ID3V1
    if head.startswith(b"ID3"):
        return _id3_length(head)
    if head.startswith(b"APETAGEX") and len(head) == 16:
        return _APE + int.from_bytes(head[12:], "little")
    if head.startswith(b"LYRICSBEGIN"):
        end = re.search(rb"LYRICS200|LYRICSEND", content.read_at(place, _MAX_LYRICS))
        return end.end() if end else 0
    return 0


def _id3_length(head: bytes) -> int:
    """Return the length of the ID3v2 tag with this header of 10 bytes; 0 if it is none."""
    if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 127:
        return 0
    length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + length + (10 if head[5] & 0x10 else 0)

"""Trailing bytes: tags and zeros are expected behind the audio of a file, others are counted."""

from __future__ import annotations

from typing import Final

from netencoders_audio.files.content import Content

__all__ = ["before_tags", "unknown_bytes"]

_TAG: Final = 128
_APE: Final = 32  # the length of its header and of its footer
_HAS_HEADER, _IS_HEADER = 0x80, 0x20
_MAX_TAGS: Final = 100
_PIECE: Final = 1 << 16


def unknown_bytes(content: Content, place: int, stop: int, floor: int | None = None) -> int:
    """Return the number of bytes from `place` to `stop` that are neither tags nor zeros.

    No tag begins before `floor`, which is `place` by default.
    """
    stop = max(place, before_tags(content, place if floor is None else floor, stop))
    begin = place = _after_zeros(content, place, stop)
    for _ in range(_MAX_TAGS):
        head = content.read_at(place, 10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:]) > 127:
            break
        length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        place = _after_zeros(content, place + 10 + length + (10 if head[5] & 0x10 else 0), stop)
    return stop - place if place <= stop else stop - begin


def before_tags(content: Content, start: int, stop: int) -> int:
    """Return the position of the ID3v1 and APE tags that end at `stop`."""
    for _ in range(_MAX_TAGS):
        tail = content.read_at(max(start, stop - _TAG), min(_TAG, stop - start))
        if len(tail) == _TAG and tail.startswith(b"TAG"):
            length = _TAG
        elif tail[-_APE:].startswith(b"APETAGEX") and not tail[-9] & _IS_HEADER:
            length = int.from_bytes(tail[-20:-16], "little") + (
                _APE if tail[-9] & _HAS_HEADER else 0
            )
        else:
            break
        if not _APE <= length <= stop - start:
            break
        stop -= length
    return stop


def _after_zeros(content: Content, place: int, stop: int) -> int:
    while place < stop:
        piece = content.read_at(place, min(_PIECE, stop - place))
        rest = piece.lstrip(b"\0")
        place += len(piece) - len(rest)
        if rest or not piece:
            break
    return place

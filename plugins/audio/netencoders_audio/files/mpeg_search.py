"""The search for MPEG frames: in files that begin with other bytes, and after damage.

The eleven bits of synchronization occur by chance. A frame is believed where the frame before it
ends, if it has the same form: version, layer, sample rate and number of channels. Elsewhere it is
believed if a frame of its form follows, and at the beginning of a file or in another form, if two
follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.mpeg_header import Form, Header, frame_header
from netencoders_audio.files.tags import skip_tags, zeros_at

__all__ = ["candidates", "first_frame", "follows", "free_length"]

_SYNC: Final = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]")
_FIRST_PIECE: Final = 1 << 12  # the next frame is near in most cases
_PIECE: Final = 1 << 18
_MAX_FREE: Final = 3460  # libmpg123 searches the next free-format header in this range
_MAX_FREE_TRIES: Final = 20
_SURE: Final = 8


def first_frame(content: Content, start: int, stop: int, strict: bool = False) -> int | None:
    """Return the position of the first frame in a part of a file, or None.

    Parameters
    ----------
    content : Content
    start, stop : int
        The part.
    strict : bool
        Whether eight frames must follow each other, or three up to the end of the file, and agree
        in all fields that an encoder does not change from frame to frame.
    """
    at = start
    if content.read_at(at, 1) != b"\xff":  # as at the beginning of a frame
        at = skip_tags(content, at)
        at += zeros_at(content, at, stop)
    if not strict and follows(content, at, content.size, 2):
        return at
    for place in candidates(content, at, stop):
        if follows(content, place, content.size, 3) and (not strict or _strict(content, place)):
            return place
    return None


def follows(content: Content, place: int, stop: int, needed: int) -> bool:
    """Return whether a number of frames of one form follow each other, or frames up to the end."""
    header = frame_header(content.read_at(place, 4))
    if header is None:
        return False
    form, free = header.form, 0
    for _ in range(needed):
        if header is None or header.form != form:
            return False
        if not header.length and not free:
            free = free_length(content, place, header)
        if not (length := header.length or (free and free + header.slot)):
            return False
        place += length
        if place >= stop or skip_tags(content, place) >= stop:
            return place <= stop or needed == 2
        header = frame_header(content.read_at(place, 4))
    return True


def _strict(content: Content, place: int) -> bool:
    """Return whether eight frames, or three up to the end, agree in all that an encoder keeps.

    Three are not enough in a file that may be anything: quiet samples of 24 bits imitate them.
    """
    heads: list[tuple[int, int, int, bool]] = []
    free = free_length(content, place, frame_header(content.read_at(place, 4)))
    while len(heads) < _SURE and place + 4 <= content.size:
        head = content.read_at(place, 4)
        header = frame_header(head)
        if header is None or header.form.layer == 1:
            return False
        heads.append((head[1], head[2] & 0x0C, head[3] & 0xCF, not header.length))
        place += header.length or free + header.slot
    return len(heads) > 2 and len(set(heads[bool(free) :])) == 1


def free_length(content: Content, place: int, header: Header | None) -> int:
    """Return the length without padding of the free-format frames from a position on, or 0."""
    if header is None:
        return 0
    if header.length:  # the tag of a free-format file may be a frame of constant length
        place += header.length
        following = frame_header(content.read_at(place, 4))
        if following is None or following.length or following.form != header.form:
            return 0
        header = following
    data = content.read_at(place, 3 * _MAX_FREE)
    for match in islice(_SYNC.finditer(data, 4 + header.form.side, _MAX_FREE), _MAX_FREE_TRIES):
        at = match.start()
        second = frame_header(data[at : at + 4])
        if second is None or second.length or second.form != header.form:
            continue
        third = at + at - header.slot + second.slot
        if third >= len(data) or _is_free(data[third : third + 4], header.form):
            return at - header.slot
    return 0


def _is_free(head: bytes, form: Form) -> bool:
    header = frame_header(head)
    return header is not None and not header.length and header.form == form


def candidates(content: Content, start: int, stop: int) -> Iterator[int]:
    """Yield the positions of four bytes that may be a header."""
    piece = _FIRST_PIECE
    while start < stop:
        data = content.read_at(start, min(piece, stop - start) + 3)
        if len(data) < 4:
            return
        for match in _SYNC.finditer(data, 0, len(data) - 2):
            if frame_header(data[match.start() : match.start() + 4]) is not None:
                yield start + match.start()
        start += len(data) - 3
        piece = _PIECE

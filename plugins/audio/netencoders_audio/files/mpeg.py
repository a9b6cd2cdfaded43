"""MPEG audio: counts the frames of an MP3 file if no header states their number.

An MP3 file is a sequence of frames. A tag in the first frame (Xing or Info) may state their number.
Without it, libmpg123 estimates the number from the size of the file, and libsndfile stops there: up
to half of a file of variable bit rate would be lost, and pictures would be decoded as audio.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings

__all__ = ["read_mp3", "skip_id3"]

# The sample rates, by the two bits of the version; the bit rates of layer III in kbit/s.
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_BITS_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITS_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_PIECE: Final = 1 << 18
# The range in which the next frame is searched: there may be an ID3 tag between joined files.
_MAX_JUNK: Final = 1 << 20
_TAGS_AT_THE_END: Final = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")


@dataclass(frozen=True)
class _Tag:
    """The numbers of frames and bytes in the first frame, and their places in the file."""

    frames_at: int
    frames: int
    bytes_at: int | None
    bytes: int | None


@dataclass(frozen=True)
class _Found:
    """The frames: their number and ranges, the bytes between them, and if the last is complete."""

    count: int
    runs: tuple[range, ...]
    junk: int
    complete: bool


def read_mp3(content: Content) -> Findings:
    """Return the findings of an MP3 file.

    The decoder gets the frames without the tags before and after them, and with the correct number
    of frames. A file that needs no change, or in which no frame is found, is decoded unchanged.
    """
    start = skip_id3(content)
    first = _first_frame(content, start)
    if first is None:
        return Findings((content,))
    head = content.read_at(first, 4)
    tag = _tag(content.read_at(first, 200), first)
    if tag is not None and tag.bytes is not None and _fits(tag, content, first):
        whole = range(first, first + tag.bytes)
        return Findings((content if len(whole) == content.size else Pieces(content, [whole]),))
    found = _count(content, first, head)
    pieces, note = _corrected(tag, found, head, first)
    return Findings((Pieces(content, pieces),), notes=(note,) if note else ())


def skip_id3(content: Content) -> int:
    """Return the position after the ID3v2 tags at the beginning of a file."""
    place = 0
    while place < content.size:
        head = content.read_at(place, 10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 127:
            break
        length = 0
        for byte in head[6:10]:
            length = length << 7 | byte
        place += 10 + length + (10 if head[5] & 0x10 else 0)
    return min(place, content.size)


def _corrected(
    tag: _Tag | None, found: _Found, head: bytes, first: int
) -> tuple[list[range | bytes], str | None]:
    """Return the pieces of a file, with the number of frames in the first one, and a note."""
    note = None
    if found.junk:
        note = f"has {found.junk} bytes between its frames that are not audio: they are skipped"
    if tag is None:
        if not found.complete:
            note = (
                "ends inside a frame, and its header does not claim a number of frames: the "
                "complete frames are encoded"
            )
        return [_counting_frame(head, found.count), *found.runs], note
    count = found.count - 1  # the frame of the tag has no audio
    run, *rest = found.runs
    pieces: list[range | bytes] = [
        range(first, tag.frames_at),
        struct.pack(">I", max(count, tag.frames)),
    ]
    place = tag.frames_at + 4
    if tag.bytes_at is not None:  # libmpg123 prints a message if it is wrong
        length = sum(len(run) for run in found.runs)
        pieces += [range(place, tag.bytes_at), struct.pack(">I", min(length, 0xFFFF_FFFF))]
        place = tag.bytes_at + 4
    if count > tag.frames + 1:
        note = f"has {count} MPEG frames, but its header claims {tag.frames}: all are encoded"
    return [*pieces, range(place, run.stop), *rest], note


def _first_frame(content: Content, start: int) -> int | None:
    """Return the position of the first layer III frame with a frame after it, or None."""
    data = content.read_at(start, min(content.size - start, 1 << 16))
    for match in re.finditer(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", data):
        place = match.start()
        length = _length(data[place : place + 4])
        if length == 0:
            continue
        after = data[place + length : place + length + 4]
        if len(after) < 4 or (_length(after) and _alike(after, data[place : place + 4])):
            return start + place
    return None


def _tag(frame: bytes, first: int) -> _Tag | None:
    found = re.search(rb"Xing|Info", frame[4:64])
    if found is None or len(frame) < 64 + 16:
        return None
    place = 4 + found.start()
    flags, frames, size = struct.unpack_from(">III", frame, place + 4)
    if not flags & 1:
        return None
    at = first + place + 8
    return _Tag(at, frames, at + 4, size) if flags & 2 else _Tag(at, frames, None, None)


def _fits(tag: _Tag, content: Content, first: int) -> bool:
    """Return whether the file ends where its tag claims, apart from other tags at its end."""
    if tag.bytes is None or tag.frames == 0:
        return False
    rest = content.size - first - tag.bytes
    if rest == 0:
        return True
    end = content.read_at(first + tag.bytes, 16)
    return 0 < rest < _MAX_JUNK and end.startswith(_TAGS_AT_THE_END)


def _count(content: Content, first: int, head: bytes) -> _Found:
    """Return the frames of a file, beginning with the first one."""
    lengths = {head: _length(head)}
    begin = place = first
    count = junk = 0
    complete = True
    runs = []
    base, data = first, b""
    while place < content.size:
        if not base <= place <= base + len(data) - 4:
            base, data = place, content.read_at(place, _PIECE)
            if len(data) < 4:
                break
        here = data[place - base : place - base + 4]
        length = lengths.get(here)
        if length is None:
            length = lengths[here] = _length(here) if _alike(here, head) else 0
        if length == 0:
            found = _next_frame(content, place, head)
            if found is None:
                break
            runs.append(range(begin, place))
            if content.read_at(place, 3) != b"ID3":
                junk += found - place
            begin = place = found
        elif place + length > content.size:
            complete = False
            break
        else:
            count += 1
            place += length
    return _Found(count, (*runs, range(begin, place)), junk, complete)


def _next_frame(content: Content, place: int, head: bytes) -> int | None:
    """Return the position of the next frame with a frame after it, or None."""
    rest = content.size - place
    if content.read_at(place, 16).startswith(_TAGS_AT_THE_END) and rest < _MAX_JUNK:
        return None
    data = content.read_at(place, min(rest, _MAX_JUNK))
    second = bytes((head[1] & 0xFE, head[1] | 1))
    for match in re.finditer(rb"\xff[" + re.escape(second) + rb"]", data):
        at = match.start()
        length = _length(data[at : at + 4])
        after = data[at + length : at + length + 4]
        if length and _alike(data[at : at + 4], head) and _length(after) and _alike(after, head):
            return place + at
    return None


def _alike(one: bytes, other: bytes) -> bool:
    """Return whether two headers have the same version, layer and sample rate."""
    return (
        len(one) == 4
        and one[0] == 0xFF
        and one[1] | 1 == other[1] | 1
        and one[2] & 0x0C == other[2] & 0x0C
    )


def _length(head: bytes) -> int:
    """Return the length of a layer III frame with this header; 0 if it is not such a header."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bits, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate == 3 or not 0 < bits < 15:
        return 0
    kilobits = (_BITS_1 if version == 3 else _BITS_2)[bits]
    padding = head[2] >> 1 & 1
    return (144 if version == 3 else 72) * 1000 * kilobits // _RATES[version][rate] + padding


def _counting_frame(head: bytes, count: int) -> bytes:
    """Return a silent frame whose tag states the number of the frames after it."""
    header = bytes((head[0], head[1] | 1, 0x80 | head[2] & 0x0C, head[3]))  # no CRC, no padding
    mono, first_version = head[3] >> 6 == 3, head[1] >> 3 & 3 == 3
    side = (17 if mono else 32) if first_version else (9 if mono else 17)
    frame = header + bytes(side) + b"Info" + struct.pack(">II", 1, count)
    return frame.ljust(_length(header), b"\0")

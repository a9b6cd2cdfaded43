"""Scan: finds the frames of a FLAC file whose form differs, and the files that are joined to it.

libFLAC decodes frames of any form, and libsndfile gives their samples under the first rate. It also
stops at the length that the first STREAMINFO claims. So the scan reads all bytes of a file once. A
frame begins with 15 fixed bits; numpy finds them, and two tables sort out the frames of the
expected form. Only the others are parsed. The scan takes about a thirtieth of the time of decoding
(measured).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Final

import numpy as np

from netencoders_audio.files.content import Content
from netencoders_audio.files.flac_frames import (
    BITS_CODES,
    HEADER,
    RATE_CODES,
    Form,
    FrameHeader,
    StreamInfo,
    first_frame,
    frame_bound,
    frame_ends,
    frame_header,
    is_whole,
)
from netencoders_audio.files.flac_numbers import Numbers

__all__ = ["LONG", "Scan", "scan"]

LONG: Final = 1 << 20
"""The size in bytes of files whose frame numbers are checked."""

# It fits into the cache of a processor core, and memory of its size is allocated fast.
_PIECE: Final = 96 << 10
_KEPT: Final = 4
_TRIES: Final = 8
# Random bytes look like a header of another form once in 80 MB (measured). A file that has many of
# them was made to have them, and their checks would take minutes.
_MAX_DOUBTS: Final = 64
_BYTES_PER_DOUBT: Final = 1 << 18
_MAGIC: Final = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_IMPOSSIBLE, _EXPECTED, _OTHER, _STATED = 0, 1, 2, 3


@dataclass
class Scan:
    """The result of the scan of one file, up to its end or to the next file.

    Attributes
    ----------
    stop : int
        The end of the file: the beginning of the next one, or the size of the content.
    changed : tuple or None
        The position and the header of a frame of another form, where the scan ended.
    restarted : bool
        Whether the numbers of the frames begin at 0 again without another file.
    doubts : int
        The number of headers that were not as expected.
    regular : bool
        Whether all headers were as expected, and their numbers are regular; see `Numbers`. False
        if the file is not `LONG`.
    kept : deque of tuple
        The last pieces that were read: their positions, their bytes, and the places of frames.
    """

    content: Content
    info: StreamInfo
    stop: int
    changed: tuple[int, FrameHeader] | None = None
    restarted: bool = False
    doubts: int = 0
    regular: bool = False
    kept: deque[tuple[int, bytes, list[int]]] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def last_frames(self, before: int | None = None) -> Iterator[tuple[int, FrameHeader]]:
        """Yield the positions and headers of the last frames before a byte, the last one first.

        Some may be other bytes that look like the header of a frame.
        """
        before = self.stop if before is None else before
        count = 0
        for begin, piece, places in reversed(self.kept):
            for at in reversed(places):
                header = None
                if begin + at < before:
                    header = frame_header(piece[at : at + HEADER], self.info.block)
                if header is not None:
                    yield begin + at, header
                    count += 1
                    if count == _TRIES:
                        return


def scan(content: Content, start: int, info: StreamInfo, fixed: bool = False) -> Scan:
    """Scan the frames of a file, from its first frame on.

    Parameters
    ----------
    content : Content
    start : int
        The position of the first frame.
    info : StreamInfo
        The form that is expected. Bits that libsndfile does not support must be stated in each
        frame, because the header of the file is changed for it.
    fixed : bool
        Whether the header of the file states one size of all frames, that of the first one.
    """
    result = Scan(content, info, content.size)
    numbers = Numbers(info.block if fixed and content.size - start >= LONG else 0)
    strict = info.form.bits in (12, 20)
    second, third = _tables(info.form, strict)
    for begin in range(start, content.size, _PIECE):
        piece = content.read_at(begin, _PIECE + HEADER)
        expected, odd = [], []
        for at in _syncs(piece):
            kind = second[piece[at + 2]] * third[piece[at + 3]]
            if kind & 1:
                expected.append(at)
            if kind > _EXPECTED or (kind and not piece[at + 4]):
                odd.append(at)
        if expected:
            result.kept.append((begin, piece, expected))
            if numbers.regular:
                for at in expected:
                    numbers.add(piece[at : at + HEADER])
        for at in odd:
            header = piece[at : at + HEADER]
            if begin + at == start or _states(header, info.form.rate):
                continue
            if _is_end(result, begin + at, header, strict):
                return result
    numbers.end()
    result.regular = numbers.regular and not result.doubts
    return result


def _syncs(piece: bytes) -> list[int]:
    """Return the places where a frame may begin: 0xFF, then 0xF8 or 0xF9, and 3 more bytes."""
    data = np.frombuffer(piece, np.uint8)
    count = max(0, min(_PIECE, len(data) - 4))
    found = data[:count] == 0xFF
    found &= data[1 : count + 1] >= 0xF8
    marks = found.tobytes()  # the search in bytes is faster than numpy's
    places = []
    place = marks.find(1)
    while place >= 0:
        if piece[place + 1] < 0xFA:
            places.append(place)
        place = marks.find(1, place + 1)
    return places


@cache
def _tables(form: Form, strict: bool) -> tuple[bytes, bytes]:
    """Return the kinds of the third and the fourth byte of a header, for each of their values."""
    second = bytearray([_OTHER]) * 256
    third = bytearray([_OTHER]) * 256
    for byte in range(256):
        size, rate = byte >> 4, byte & 15
        if size == 0 or rate == 15:
            second[byte] = _IMPOSSIBLE
        elif rate > 11:
            second[byte] = _STATED
        elif rate == 0 or RATE_CODES[rate] == form.rate:
            second[byte] = _EXPECTED
        channels, bits = byte >> 4, byte >> 1 & 7
        channels = channels + 1 if channels < 8 else 2 if channels < 11 else 0
        if not channels or bits == 3 or byte & 1:
            third[byte] = _IMPOSSIBLE
        elif channels == form.channels and BITS_CODES[bits] in (form.bits, 0 if not strict else -1):
            third[byte] = _EXPECTED
    return bytes(second), bytes(third)


def _states(header: bytes, rate: int) -> bool:
    """Return whether a header other than the first states its rate in Hz, kHz or 10 Hz, rightly."""
    code = header[2] & 15
    if code < 12 or not header[4] or len(header) < HEADER:
        return False
    ones = 8 - (header[4] ^ 0xFF).bit_length()
    at = 4 + max(1, ones) + {6: 1, 7: 2}.get(header[2] >> 4, 0)
    if code == 12:
        return header[at] * 1000 == rate
    return (header[at] << 8 | header[at + 1]) * (1 if code == 13 else 10) == rate


def _is_end(result: Scan, place: int, bytes_: bytes, strict: bool) -> bool:
    """Examine a header that is not as expected; return whether the file ends before it."""
    info = result.info
    header = frame_header(bytes_, info.block)
    if header is None:
        return False
    result.doubts += 1
    many = result.doubts > _MAX_DOUBTS + place // _BYTES_PER_DOUBT
    if header.number == 0 and not many:
        if (joined := _joined(result, place)) is not None:
            result.stop = joined
            return True
        result.restarted = result.restarted or header.form_in(info) == info.form
    if header.form_in(info) == info.form and (header.form.bits or not strict):
        return False
    if not many and not _is_frame(result, place, header):
        return False
    result.changed = place, header
    return True


def _joined(result: Scan, place: int) -> int | None:
    """Return the beginning of the file whose first frame is at a byte; None if there is none."""
    before, _ = next(result.last_frames(place), (0, None))
    for begin in range(before, place, _PIECE):
        piece = result.content.read_at(begin, min(_PIECE + 8, place - begin))
        for match in islice(_MAGIC.finditer(piece), _TRIES):
            if first_frame(result.content, begin + match.start()) == place:
                return begin + match.start()
    return None


def _is_frame(result: Scan, place: int, header: FrameHeader) -> bool:
    """Return whether the checksums of the frame at a byte and of the one before it are right.

    Bytes inside a frame may look like a header, but they are not preceded by a whole frame.
    """
    for before, _ in result.last_frames(place):
        if is_whole(result.content.read_at(before, place - before)):
            break
    else:
        return False
    window = result.content.read_at(
        place, frame_bound(header.form_in(result.info), header.samples) + HEADER
    )
    tries = 0
    for match in re.finditer(rb"\xff[\xf8\xf9]", window[1:]):
        at = match.start() + 1
        if frame_header(window[at : at + HEADER], result.info.block) is not None:
            tries += 1
            if is_whole(window[:at]):
                return True
            if tries == _TRIES:
                break
    return bool(frame_ends(window))

"""Gaps: frames that are missing from the middle of a FLAC file.

libFLAC fills a gap of up to 5 seconds with zeros, without an error. Therefore only digital silence
is checked: the file must contain the frames that decode to it. The header of each frame has a
number and a checksum. For files of 10 s, the check takes 1 to 2 % of the time of decoding; for a
file of pure silence, which decodes fast, it takes 40 % (measured).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.flac_frames import FrameHeader, frame_header

__all__ = ["Gaps"]

ReadAt = Callable[[int, int], bytes]

_PIECE: Final = 1 << 16
_SILENCE: Final = 1 << 12  # contains the headers of many silent frames
# The length of the longest header, without its first byte.
_OVERLAP: Final = 15
_MAX_METADATA: Final = 1000


class Gaps:
    """Finds frames that are missing from a FLAC file, while the file is decoded.

    A file is checked only if all its blocks have one size; all common encoders write such files.

    Parameters
    ----------
    read_at : callable
        Takes an offset and a count, and returns that many bytes; fewer at the end.
    size : int
        The file's size in bytes.
    """

    def __init__(self, read_at: ReadAt, size: int) -> None:
        self._read_at = read_at
        self._size = size
        sizes = read_at(8, 4)
        self._block = int.from_bytes(sizes[:2]) if sizes[:2] == sizes[2:] else 0
        self._first: FrameHeader | None = None
        self._place = 0  # the place of the last header that was found
        self._near, self._start = b"", 0  # the bytes near that header, and their place

    def find(self, frames: npt.NDArray[Any], start: int) -> range | None:
        """Return the missing frames that were decoded as zeros.

        Parameters
        ----------
        frames : ndarray, shape (k, channels)
            The next decoded frames. Each call continues after the frames of the last call.
        start : int
            The number of frames in earlier calls.

        Returns
        -------
        range or None
            None if no frames are missing, or if there is no proof.
        """
        block = self._block
        if not block:
            return None
        rest = -start % block  # the frames of a block that began in an earlier call
        for index in np.flatnonzero(frames[rest::block, 0] == 0):
            begin = rest + int(index) * block
            # A block that continues after these frames is checked, too: libsndfile drops the zeros
            # of libFLAC that do not fit into one read.
            if not frames[begin : begin + block].any() and (lost := self._lost(start + begin)):
                return lost
        return None

    def _lost(self, start: int) -> range | None:
        """Return the missing frames from `start` on, if the file does not contain their block.

        A gap is proven if the previous block and a later block have headers, and this block has
        none. If the numbers are inconsistent in another way, the check of this file ends.
        """
        if self._first is None:
            self._first = self._first_header()
        first = self._first
        if first is None or first.variable:
            self._block = 0
            return None
        block = self._block
        number = first.number + start // block
        if self._has_block(number):
            return None
        before, later = False, set()
        for _, header in self._headers(0):
            if header.number == number:
                return None
            if before and header.number > number:
                later.add(header.number)
            before = before or header.number == number - 1
        if later:
            # The smallest number, because bytes of audio may look like a header with any number.
            return range(start, start + (min(later) - number) * block)
        self._block = 0
        return None

    def _first_header(self) -> FrameHeader | None:
        place = 4
        for _ in range(_MAX_METADATA):
            head = self._read_at(place, 4)
            if len(head) < 4:
                return None
            place += 4 + int.from_bytes(head[1:])
            if head[0] & 0x80:
                self._place = place
                return frame_header(self._read_at(place, _OVERLAP + 1), self._block)
        return None

    def _has_block(self, number: int) -> bool:
        """Return whether the header of a block is near the last one, or is found by bisection."""
        low, high = self._place, self._size
        if self._search_near(number):
            return True
        for reach in (_SILENCE, _PIECE):
            if self._search(number, low, min(high, low + reach)):
                return True
        while high - low > 2 * _PIECE:
            middle = (low + high) // 2
            place, header = next(self._headers(middle, middle + _PIECE), (0, None))
            if header is None:
                break
            low, high = (place, high) if header.number <= number else (low, middle)
        return self._search(number, low, min(high, low + 4 * _PIECE) + _OVERLAP)

    def _search(self, number: int, start: int, stop: int) -> bool:
        self._near, self._start = self._read_at(start, stop - start), start
        return self._search_near(number)

    def _search_near(self, number: int) -> bool:
        piece, start = self._near, self._start
        coded = _coded(number)
        place = max(0, self._place - start) + 3
        while (place := piece.find(coded, place + 1)) > 0:
            begin = place - 4  # 4 bytes come before the number
            if piece[begin : begin + 2] == b"\xff\xf8":
                header = frame_header(piece[begin : begin + _OVERLAP + 1], self._block)
                if header is not None and header.number == number:
                    self._place = start + begin
                    return True
        return False

    def _headers(self, start: int, stop: int | None = None) -> Iterator[tuple[int, FrameHeader]]:
        """Yield the headers that begin in a part of the file, with their places."""
        stop = self._size if stop is None else stop
        for begin in range(start, stop, _PIECE):
            piece = self._read_at(begin, _PIECE + _OVERLAP)
            for match in re.finditer(rb"\xff\xf8", piece[: _PIECE + 1]):
                place = match.start()
                header = frame_header(piece[place : place + _OVERLAP + 1], self._block)
                if header is not None:
                    yield begin + place, header


def _coded(number: int) -> bytes:
    """Return the bytes of a number in a header, in an encoding like UTF-8."""
    if number < 0x80:
        return bytes([number])
    count = 1  # bytes after the first one
    while number >> (5 * count + 6):
        count += 1
    first = 0xFF00 >> (count + 1) & 0xFF | number >> (6 * count)
    return bytes([first, *(0x80 | number >> 6 * at & 0x3F for at in reversed(range(count)))])

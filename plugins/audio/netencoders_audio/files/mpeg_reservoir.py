"""The bit reservoir of layer III: finds frames whose side information cannot be correct.

The sound of a frame may begin in the frames before it: its side information states the number of
bytes before the frame (main_data_begin), and the number of bits of each granule (part2_3_length).
The bits must lie before the end of the frame and after the bits of the frame before it, and a
granule has at most 576 values. Overwritten bytes nearly always contradict this. The frames of a
whole piece of a file are checked at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Reservoir"]

_TAG: Final = re.compile(rb"\0+(?:Xing|Info|VBRI)")
_TAG_ZEROS_AT: Final = 6  # behind the two bytes of a checksum
_VBRI_AT: Final = 36
_NOT_PROTECTED: Final = 1 << 16  # in the header
_BEYOND: Final = 44  # a frame is read up to this byte, also if it is shorter
_MAX_PAIRS: Final = 288  # pairs of values in a granule
# Some encoders fill up to 4095 bits of a granule with zeros. Codes of sound have no long zeros.
_MAX_STUFFING: Final = 512
_ZEROS: Final = bytes(_MAX_STUFFING + 64)


@dataclass(frozen=True)
class _Layout:
    """The places of the 32-bit words of a frame that are read.

    Attributes
    ----------
    places : ndarray of int64
        The header, a word that is zero in the frame of a tag, the beginning of the side
        information, and the two fields of each granule.
    behind_checksum : ndarray of int64
        The distance of each from its place, in a frame with a checksum.
    tags : tuple of int
        The places of the end of the name of a tag.
    bits, pairs : ndarray of uint32
        The number of bits behind the first and the second field of each granule, in its word.
    back : int
        The number of bits behind main_data_begin, in its word.
    """

    places: npt.NDArray[np.int64]
    behind_checksum: npt.NDArray[np.int64]
    tags: tuple[int, ...]
    bits: npt.NDArray[np.uint32]
    pairs: npt.NDArray[np.uint32]
    back: int
    words: list[int]
    shifts: list[int]


@cache  # it takes as long as the check of 30 frames
def _layout(side: int, channels: int, first_version: bool) -> _Layout:
    """Return the layout of the side information of a form; see ISO/IEC 11172-3 and 13818-3."""
    begin_bits = 9 if first_version else 8
    private = (5 if channels == 1 else 3) if first_version else (1 if channels == 1 else 2)
    first = begin_bits + private + (4 * channels if first_version else 0)
    granules = np.arange((2 if first_version else 1) * channels)
    fields = first + (59 if first_version else 63) * granules
    bits = (20 - (fields & 7)).astype(np.uint32)
    return _Layout(
        places=np.array([0, 8, 4, *(4 + (fields >> 3))]),
        behind_checksum=np.array([0, 0] + [2] * (1 + len(fields))),
        tags=(8 + side, 10 + side, _VBRI_AT + 4),
        bits=bits,
        pairs=bits - np.uint32(9),
        back=32 - begin_bits,
        words=(4 + (fields >> 3)).tolist(),
        shifts=bits.tolist(),
    )


class Reservoir:
    """The end of the sound of the last frame, from piece to piece of a file.

    Parameters
    ----------
    side : int
        The length of the side information in bytes.
    channels : int
    first_version : bool
        Whether the frames are of MPEG 1.

    Attributes
    ----------
    bytes : int
        The length of the main data, up to the end of the last frame.
    end : int
        The end of the sound of the last frame, in the main data.
    """

    def __init__(self, side: int, channels: int, first_version: bool) -> None:
        self._side = side
        self._layout = _layout(side, channels, first_version)
        self.restart()

    def restart(self) -> None:
        """Forget the frames before: other bytes were between them and the next frame."""
        self.bytes = 0
        self.end = -(1 << 40)

    @property
    def fields(self) -> tuple[int, list[int], list[int]]:
        """The places of the fields of the side information, for the compiled walk."""
        layout = self._layout
        return layout.back, layout.words, layout.shifts

    def check(self, data: bytes, starts: list[int], stop: int) -> tuple[int, list[int]]:
        """Return the number of damaged frames, and the indices of those that contain a tag.

        Parameters
        ----------
        data : bytes
        starts : list of int
            The positions of the frames in it.
        stop : int
            The end of the last frame.
        """
        # Each operation of numpy costs a short file as much as ten frames: there are few.
        layout = self._layout
        places = np.array([*starts, stop])
        begins, stops = places[:-1], places[1:]
        lengths = stops - begins
        lengths -= 4 + self._side
        at = begins[:, np.newaxis] + layout.places
        padded = data if starts[-1] + _BEYOND <= len(data) else data + bytes(_BEYOND)
        every = np.ndarray((len(padded) - 3,), ">u4", padded, strides=(1,))
        words = every[at].astype(np.uint32)
        if not np.bitwise_and.reduce(words[:, 0]) & _NOT_PROTECTED:
            protected = words[:, 0] & _NOT_PROTECTED == 0
            lengths -= 2 * protected
            at += protected[:, np.newaxis] * layout.behind_checksum
            words = every[at].astype(np.uint32)
        granules = words[:, 3:]
        tags = self._tags(data, starts, words[:, 1])
        bits = (granules >> layout.bits & 0xFFF).sum(1)
        many = granules >> layout.pairs & 0x1FF > _MAX_PAIRS
        back = words[:, 2] >> layout.back
        if tags:  # the decoder does not get these frames
            sound = slice(1, None) if tags == [0] else np.delete(np.arange(len(starts)), tags)
            lengths, stops = lengths[sound], stops[sound]
            bits, many, back = bits[sound], many[sound], back[sound]
            if not len(stops):
                return 0, tags
        ends = lengths.cumsum()
        ends += self.bytes
        firsts = ends - lengths
        firsts -= back
        lasts = firsts + (bits + 7 >> 3)
        damaged = lasts > ends
        damaged[1:] |= firsts[1:] < lasts[:-1]
        damaged[0] |= firsts[0] < self.end
        if many.any():
            damaged |= many.any(1)
        if _ZEROS in data:
            for tag in tags:  # its zeros are no sound
                begin, end = places[tag : tag + 2].tolist()
                data = data[:begin] + b"\1" * (end - begin) + data[end:]
            damaged |= _overwritten(data, np.stack([firsts, lasts, stops, ends], 1))
        self.bytes, self.end = int(ends[-1]), int(min(lasts[-1], ends[-1]))
        return int(np.count_nonzero(damaged)), tags

    def _tags(self, data: bytes, starts: list[int], words: npt.NDArray[np.uint32]) -> list[int]:
        """Return the indices of the frames that contain a tag, after zeros."""
        found = []
        for index in np.flatnonzero(words == 0).tolist():
            start = starts[index]
            name = _TAG.match(data, start + _TAG_ZEROS_AT)
            if name is not None and name.end() - start in self._layout.tags:
                found.append(index)
        return found


def _overwritten(data: bytes, mains: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which frames have more zeros in their sound than an encoder writes.

    Parameters
    ----------
    data : bytes
    mains : array of shape (n, 4)
        For each frame, the beginning and the end of its sound in the main data; the end of the
        frame in `data`, and the end of its main data.
    """
    found = np.zeros(len(mains), np.bool_)
    for match in re.finditer(b"\0{%d,}" % len(_ZEROS), data):
        index = int(np.searchsorted(mains[:, 2], match.start(), "right"))
        if index < len(mains):
            _, _, place, main = mains[index]
            begin, end = match.start() - place + main, match.end() - place + main
            sound = np.minimum(mains[:, 1], end) - np.maximum(mains[:, 0], begin)
            found[index] |= sound.clip(0).sum() > _MAX_STUFFING
    return found

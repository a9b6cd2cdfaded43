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

__all__ = ["TAGS", "Reservoir"]

TAGS: Final = (b"Xing", b"Info", b"VBRI")
"""The names of the tags in a frame without sound."""

_NAMES: Final = np.array([int.from_bytes(name, "big") for name in TAGS], np.uint32)
_BEYOND: Final = 44  # a frame is read up to this byte, also if it is shorter
_MAX_PAIRS: Final = 288  # pairs of values in a granule
_VBRI_AT: Final = 36
# Some encoders fill up to 4095 bits of a granule with zeros. Codes of sound have no long zeros.
_MAX_STUFFING: Final = 512
_ZEROS: Final = bytes(_MAX_STUFFING + 64)


@dataclass(frozen=True)
class _Layout:
    """The places of the 32-bit words of a frame that are read.

    Attributes
    ----------
    places : ndarray of int64
        The beginning of the side information, the two fields of each granule, and `tags`.
    behind_checksum : ndarray of int64
        The distance of each from its place, in a frame with a checksum.
    tags : tuple of int
        The places of the name of a tag.
    shifts : ndarray of uint32
        The number of bits behind the first field of each granule, in its word.
    back : int
        The number of bits behind main_data_begin, in the first word.
    """

    places: npt.NDArray[np.int64]
    behind_checksum: npt.NDArray[np.int64]
    tags: tuple[int, ...]
    shifts: npt.NDArray[np.uint32]
    back: int


@cache  # it takes as long as the check of 30 frames
def _layout(side: int, channels: int, first_version: bool) -> _Layout:
    """Return the layout of the side information of a form; see ISO/IEC 11172-3 and 13818-3."""
    begin_bits = 9 if first_version else 8
    private = (5 if channels == 1 else 3) if first_version else (1 if channels == 1 else 2)
    first = begin_bits + private + (4 * channels if first_version else 0)
    granules = np.arange((2 if first_version else 1) * channels)
    fields = first + (59 if first_version else 63) * granules
    sides = [4, *(4 + (fields >> 3)).tolist()]
    tags = (4 + side, 6 + side, _VBRI_AT)
    return _Layout(
        places=np.array([*sides, *tags]),
        behind_checksum=np.array([2] * len(sides) + [0] * len(tags)),
        tags=tags,
        shifts=(20 - (fields & 7)).astype(np.uint32),
        back=32 - begin_bits,
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
    """

    def __init__(self, side: int, channels: int, first_version: bool) -> None:
        self._side = side
        self._layout = _layout(side, channels, first_version)
        self.restart()

    def restart(self) -> None:
        """Forget the frames before: other bytes were between them and the next frame."""
        self._bytes = 0  # of main data
        self._end = -(1 << 40)  # of the sound of the last frame

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
        layout = self._layout
        places = np.array([*starts, stop])
        begins, lengths = places[:-1], places[1:] - places[:-1]
        lengths -= 4 + self._side
        padded = data + bytes(_BEYOND)
        at = begins[:, np.newaxis] + layout.places
        protected = np.frombuffer(padded, np.uint8)[begins + 1] & 1 == 0
        if protected.any():
            lengths -= 2 * protected
            at += protected[:, np.newaxis] * layout.behind_checksum
        every = np.ndarray((len(padded) - 3,), ">u4", padded, strides=(1,))
        words = every[at].astype(np.uint32)
        granules = words[:, 1 : 1 + len(layout.shifts)]
        tags = self._tags(data, starts, words[:, -len(layout.tags) :])
        bits = (granules >> layout.shifts & 0xFFF).sum(1)
        pairs = (granules >> layout.shifts - 9 & 0x1FF).max(1)
        back = words[:, 0] >> layout.back
        stops = places[1:]
        if tags:  # the decoder does not get these frames
            sound = np.ones(len(starts), np.bool_)
            sound[tags] = False
            lengths, bits, pairs, back, stops = (
                values[sound] for values in (lengths, bits, pairs, back, stops)
            )
            if not len(stops):
                return 0, tags
        ends = self._bytes + np.cumsum(lengths)
        firsts = ends - lengths - back
        lasts = firsts + (bits + 7 >> 3)
        damaged = (lasts > ends) | (pairs > _MAX_PAIRS)
        damaged[1:] |= firsts[1:] < lasts[:-1]
        damaged[0] |= firsts[0] < self._end
        if _ZEROS in data:
            for tag in tags:  # its zeros are no sound
                begin, end = places[tag : tag + 2].tolist()
                data = data[:begin] + b"\1" * (end - begin) + data[end:]
            damaged |= _overwritten(data, np.stack([firsts, lasts, stops, ends], 1))
        self._bytes, self._end = int(ends[-1]), int(min(lasts[-1], ends[-1]))
        return int(np.count_nonzero(damaged)), tags

    def _tags(self, data: bytes, starts: list[int], names: npt.NDArray[np.uint32]) -> list[int]:
        """Return the indices of the frames that contain a tag, after zeros."""
        named = (names[:, :, np.newaxis] == _NAMES).any(2)
        found = set()
        for place in np.flatnonzero(named).tolist():
            index, number = divmod(place, names.shape[1])
            start = starts[index]
            if not any(data[start + 6 : start + self._layout.tags[number]]):
                found.add(index)
        return sorted(found)


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

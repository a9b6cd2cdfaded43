"""The bit reservoir of layer III: finds frames whose side information cannot be correct.

The sound of a frame may begin in the frames before it: its side information states the number of
bytes before the frame (main_data_begin), and the number of bits of each granule (part2_3_length).
The bits must lie before the end of the frame and after the bits of the frame before it, and a
granule has at most 576 values. Overwritten bytes nearly always contradict this. The frames of a
whole piece of a file are checked at once.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["TAGS", "Reservoir"]

TAGS: Final = (b"Xing", b"Info", b"VBRI")
"""The names of the tags in a frame without sound."""

_NAMES: Final = tuple(int.from_bytes(name, "big") for name in TAGS)
_ROW: Final = 44  # the bytes of each frame that are looked at
_MAX_PAIRS: Final = 288  # pairs of values in a granule
_VBRI_AT: Final = 36
# Some encoders fill up to 4095 bits of a granule with zeros. Codes of sound have no long zeros.
_MAX_STUFFING: Final = 512
_ZEROS: Final = bytes(_MAX_STUFFING + 64)


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
        granules = 2 if first_version else 1
        self._begin_bits = 9 if first_version else 8
        width = 59 if first_version else 63
        private = (5 if channels == 1 else 3) if first_version else (1 if channels == 1 else 2)
        first = self._begin_bits + private + (4 * channels if first_version else 0)
        self._fields = [first + width * index for index in range(granules * channels)]
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
        places = np.array([*starts, stop])
        begins, lengths = places[:-1], places[1:] - places[:-1]
        padded = data + bytes(_ROW)
        rows = np.ndarray((len(data), _ROW), np.uint8, padded, strides=(1, 1))[begins]
        tags = self._tags(rows)
        protected = rows[:, 1] & 1 == 0
        side = rows[:, 4:]
        if protected.any():
            side = np.where(protected[:, None], rows[:, 6:], rows[:, 4:-2])
            lengths -= 2 * protected
        lengths -= 4 + self._side
        bits = pairs = np.zeros(len(starts), np.uint32)
        for place in self._fields:
            word = _words(side, place >> 3)
            shift = 20 - (place & 7)
            bits = bits + (word >> shift & 0xFFF)
            pairs = np.maximum(pairs, word >> shift - 9 & 0x1FF)
        back = _words(side, 0) >> 32 - self._begin_bits
        if tags:  # the decoder does not get these frames
            lengths[tags] = bits[tags] = pairs[tags] = back[tags] = 0
        ends = self._bytes + np.cumsum(lengths)
        firsts = ends - lengths - back
        lasts = firsts + (bits + 7 >> 3)
        damaged = (lasts > ends) | (pairs > _MAX_PAIRS)
        damaged[1:] |= firsts[1:] < lasts[:-1]
        damaged[0] |= firsts[0] < self._end
        if _ZEROS in data:
            mains = np.stack([firsts, lasts, begins + np.diff(places), ends], 1)
            damaged |= _overwritten(data, mains)
        self._bytes, self._end = int(ends[-1]), int(min(lasts[-1], ends[-1]))
        return int(np.count_nonzero(damaged)), tags

    def _tags(self, rows: npt.NDArray[np.uint8]) -> list[int]:
        """Return the indices of the frames that contain a tag, after zeros."""
        found = set()
        for place in {4 + self._side, 6 + self._side, _VBRI_AT}:
            words = _words(rows, place)
            named = (words == _NAMES[0]) | (words == _NAMES[1]) | (words == _NAMES[2])
            if named.any():
                found |= {i for i in np.flatnonzero(named).tolist() if not rows[i, 6:place].any()}
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


def _words(rows: npt.NDArray[np.uint8], place: int) -> npt.NDArray[np.uint32]:
    """Return the 32 bits from a byte on, for each row."""
    return np.ascontiguousarray(rows[:, place : place + 4]).view(">u4")[:, 0].astype(np.uint32)

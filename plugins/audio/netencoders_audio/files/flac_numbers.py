"""Numbers: whether the frames of a FLAC file are numbered 0, 1, 2, and so on, and have one size.

libsndfile decodes frames in the order of the file, and seeks by their numbers. In a file with
regular numbers both give the same samples, so its parts may be decoded at once. The headers of
4096 frames are checked together by numpy, which takes half a millisecond (measured).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.flac_frames import CRC8, HEADER

__all__ = ["Numbers"]

_GROUP: Final = 4096
_TABLE: Final = np.frombuffer(CRC8, np.uint8)

# By the first byte of a number: its length as in UTF-8, or 0 if it is no first byte.
_LENGTHS: Final = np.array(
    [1] * 128 + [0] * 64 + [2] * 32 + [3] * 16 + [4] * 8 + [5] * 4 + [6] * 2 + [7, 0], np.intp
)
# By the code of a size or a rate: the number of bytes behind the number that state it.
_SIZE_BYTES: Final = np.array([0] * 6 + [1, 2] + [0] * 8, np.intp)
_RATE_BYTES: Final = np.array([0] * 12 + [1, 2, 2, 0], np.intp)
_SIZES: Final = np.array([0, 192] + [144 << code for code in range(2, 6)] + [0, 0]
                         + [1 << code for code in range(8, 16)])  # fmt: skip


class Numbers:
    """Collects the headers of frames, in the order of the file.

    Parameters
    ----------
    block : int
        The number of samples of each frame except the last one.

    Attributes
    ----------
    regular : bool
        Whether the frames are numbered 0, 1, 2, and so on, and all but the last have `block`
        samples. Bytes that look like a header, with its checksum, make it false.
    """

    def __init__(self, block: int) -> None:
        self.regular = block > 0
        self._block = block
        self._next = 0
        self._ended = False
        self._headers = bytearray()

    def add(self, header: bytes) -> None:
        """Add the bytes of a header, and those behind it; fewer than 16 are no whole frame."""
        if self.regular and len(header) == HEADER:
            self._headers += header
            if len(self._headers) == _GROUP * HEADER:
                self.end()

    def end(self) -> None:
        """Check the headers that were added."""
        headers = np.frombuffer(bytes(self._headers), np.uint8).reshape(-1, HEADER)
        self._headers.clear()
        if not len(headers):
            return
        numbers, samples, whole = _fields(headers)
        numbers, samples = numbers[whole], samples[whole]
        variable = headers[whole, 1] != 0xF8
        expected = np.arange(self._next, self._next + len(numbers))
        full = samples == self._block
        self.regular = (
            not (self._ended and len(numbers))
            and not variable.any()
            and bool((numbers == expected).all())
            and bool(full[:-1].all())
        )
        self._next += len(numbers)
        self._ended = self._ended or bool(len(full) and not full[-1])


def _fields(
    headers: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Return the numbers, the samples of each frame, and whether the checksum is right."""
    rows = np.arange(len(headers))
    first = headers[:, 4].astype(np.int64)
    length = _LENGTHS[first]
    whole = length > 0
    numbers = first & (0x7F >> np.where(length == 1, 0, length))
    for index in range(1, 7):
        more = index < length
        byte = headers[:, 4 + index]
        whole &= ~more | (byte & 0xC0 == 0x80)
        numbers = np.where(more, numbers << 6 | byte & 0x3F, numbers)
    size, rate = headers[:, 2] >> 4, headers[:, 2] & 15
    at = 4 + length
    near, next_ = headers[rows, at].astype(np.int64), headers[rows, at + 1]
    samples = np.where(size == 6, near + 1, np.where(size == 7, (near << 8 | next_) + 1, 0))
    samples = np.where(_SIZE_BYTES[size] > 0, samples, _SIZES[size])
    at += _SIZE_BYTES[size] + _RATE_BYTES[rate]
    check = np.zeros(len(headers), np.uint8)
    for index in range(HEADER - 1):
        check = np.where(index < at, _TABLE[check ^ headers[:, index]], check)
    return numbers, samples, whole & (check == headers[rows, at])

"""FLAC: whether a file ends with the sample that its header claims to be the last.

libsndfile reads no further than the claim. Each frame says where it stands, so that the last one
tells where the file ends; the layout is that of RFC 9639.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

__all__ = ["FrameHeader", "claimed_samples", "ends_as_claimed", "frame_header"]

ReadAt = Callable[[int, int], bytes]

# As much as a block of 4608 samples takes: of one channel or two; of 8 of 24 bits, which is rare.
_TAILS: Final = (1 << 14, 1 << 17)
# The longest header of a frame: 4 bytes, a number of up to 7, a size and a rate of 2 each, a check.
_HEADER: Final = 16


class FrameHeader(NamedTuple):
    """What the header of a frame says.

    Attributes
    ----------
    number : int
        Of the frame; or of its first sample, if `variable`.
    samples : int
        How many it holds of each channel.
    end : int
        The number of the sample after it.
    variable : bool
        Whether frames are of several sizes.
    """

    number: int
    samples: int
    end: int
    variable: bool


def claimed_samples(read_at: ReadAt) -> int:
    """Return how many samples a FLAC file's STREAMINFO claims; 0 where it does not know."""
    return int.from_bytes(read_at(21, 5)) & 0xF_FFFF_FFFF


def ends_as_claimed(read_at: ReadAt, size: int) -> bool:
    """Tell whether the last frame ends where STREAMINFO claims.

    Parameters
    ----------
    read_at : callable
        From offset and count to that many bytes, or fewer at the end.
    size : int
        The file's size in bytes.

    Returns
    -------
    bool
        False also where no frame is found near the end.
    """
    claimed = claimed_samples(read_at)
    block = int.from_bytes(read_at(8, 2))  # of all frames but the last, where sizes are fixed
    for length in _TAILS:
        start = max(0, size - length)
        tail = read_at(start, size - start)
        place = len(tail)
        while (place := tail.rfind(b"\xff", 0, place)) >= 0:
            header = frame_header(tail[place : place + _HEADER], block)
            if header is not None:
                return header.end == claimed
    return False


def frame_header(header: bytes, block: int) -> FrameHeader | None:
    """Return what a frame's header says, or None if this is none.

    Parameters
    ----------
    header : bytes
        16 of them, or fewer at the end of the file.
    block : int
        How many samples the frames have that are not `variable`, all but the last one.
    """
    if len(header) < 6 or header[1] not in (0xF8, 0xF9):
        return None
    size_code, rate_code = header[2] >> 4, header[2] & 15
    # One in the first byte for each byte of the number, as in UTF-8.
    ones = 8 - (header[4] ^ 0xFF).bit_length()
    count = max(1, ones)
    if ones in (1, 8) or size_code == 0:
        return None
    number = header[4] & (0x7F >> ones)
    for byte in header[5 : 4 + count]:
        number = number << 6 | byte & 0x3F
    at = 4 + count
    width = {6: 1, 7: 2}.get(size_code, 0)
    if width:
        samples = int.from_bytes(header[at : at + width]) + 1
    else:
        samples = 192 if size_code == 1 else (144 if size_code < 6 else 1) << size_code
    at += width + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if at >= len(header) or _crc8(header[:at]) != header[at]:
        return None
    variable = header[1] == 0xF9
    end = (number if variable else number * block) + samples
    return FrameHeader(number, samples, end, variable)


def _crc8(data: bytes) -> int:
    check = 0
    for byte in data:
        check = _CHECKS[check ^ byte]
    return check


def _check(byte: int) -> int:
    for _ in range(8):
        byte = (byte << 1 ^ (0x07 if byte & 0x80 else 0)) & 0xFF
    return byte


_CHECKS: Final = bytes(_check(byte) for byte in range(256))

"""FLAC: whether the last frame of a file ends at the length that its header claims.

libsndfile stops at the claimed length. Each frame has its number or that of its first sample, so
the last frame shows where the file ends. The layout is that of RFC 9639.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from netencoders_audio.files.chunks import fields
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, patched

__all__ = ["FrameHeader", "claimed_samples", "ends_as_claimed", "frame_header", "read_flac"]

# The bytes of a block of 4608 samples: of one channel or two; of 8 channels of 24 bits, rarely.
_TAILS: Final = (1 << 14, 1 << 17)
# The longest header of a frame: 4 bytes, a number of up to 7, a size and a rate of 2 each, a check.
_HEADER: Final = 16


class FrameHeader(NamedTuple):
    """The header of a frame.

    Attributes
    ----------
    number : int
        The number of the frame; or of its first sample, if `variable`.
    samples : int
        The number of samples of each channel.
    end : int
        The number of the first sample after the frame.
    variable : bool
        Whether frames have several sizes.
    """

    number: int
    samples: int
    end: int
    variable: bool


def read_flac(content: Content) -> Findings:
    """Return the findings of a FLAC file. A false claim of its length is hidden from libsndfile.

    Raises
    ------
    AudioError
        With code ``malformed``: its header is cut short.
    """
    (first, *_) = fields("5B", content.read_at(21, 5))
    claimed = claimed_samples(content)
    if claimed == 0 or ends_as_claimed(content):
        return Findings((content,), promised=claimed or None)
    # libsndfile stops at the claimed length. Without a claim it reads to the end of the file.
    unknown = bytes((first & 0xF0, 0, 0, 0, 0))
    return Findings((patched(content, 21, unknown),), promised=claimed)


def claimed_samples(content: Content) -> int:
    """Return how many samples the STREAMINFO of a FLAC file claims; 0 where it does not know."""
    return int.from_bytes(content.read_at(21, 5)) & 0xF_FFFF_FFFF


def ends_as_claimed(content: Content) -> bool:
    """Return whether the last frame ends where STREAMINFO claims.

    False also where there is no frame near the end.
    """
    claimed = claimed_samples(content)
    # The size of all frames but the last, where sizes are fixed.
    block = int.from_bytes(content.read_at(8, 2))
    for length in _TAILS:
        start = max(0, content.size - length)
        tail = content.read_at(start, content.size - start)
        place = len(tail)
        while (place := tail.rfind(b"\xff", 0, place)) >= 0:
            header = frame_header(tail[place : place + _HEADER], block)
            if header is not None:
                return header.end == claimed
    return False


def frame_header(header: bytes, block: int) -> FrameHeader | None:
    """Return the header of a frame, or None if the bytes are none.

    Parameters
    ----------
    header : bytes
        16 bytes, or fewer at the end of the file.
    block : int
        The number of samples of each frame but the last, where frames are not `variable`.
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

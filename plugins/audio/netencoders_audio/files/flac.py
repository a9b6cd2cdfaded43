"""FLAC: checks that the last frame of a file ends at the length that its header claims.

libsndfile stops at the claimed length. Each frame states its number or that of its first sample, so
the last frame determines the length of the file. RFC 9639 defines the layout.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from netencoders_audio.files.chunks import fields
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, patched

__all__ = ["FrameHeader", "claimed_samples", "ends_as_claimed", "frame_header", "read_flac"]

# The end of the file that is searched, in bytes. A frame of 4608 samples fits into the first number
# if it has one or two channels, and into the second one if it has 8 channels of 24 bits.
_TAILS: Final = (1 << 14, 1 << 17)
# The longest header of a frame: 4 bytes, a number of 7, a size and a rate of 2 each, a checksum.
_HEADER: Final = 16


class FrameHeader(NamedTuple):
    """The header of a frame.

    Attributes
    ----------
    number : int
        The number of the frame; the number of its first sample if `variable`.
    samples : int
        The number of samples of each channel.
    end : int
        The number of the first sample after the frame.
    variable : bool
        Whether the frames of the file have different sizes.
    """

    number: int
    samples: int
    end: int
    variable: bool


def read_flac(content: Content) -> Findings:
    """Return the findings of a FLAC file; libsndfile does not see a claimed length that is wrong.

    Raises
    ------
    AudioError
        With code ``malformed``: its header is incomplete.
    """
    (first, *_) = fields("5B", content.read_at(21, 5))
    claimed = claimed_samples(content)
    if claimed == 0 or ends_as_claimed(content):
        return Findings((content,), claimed=claimed or None)
    # Without a claimed length, libsndfile reads to the end of the file.
    unknown = bytes((first & 0xF0, 0, 0, 0, 0))
    return Findings((patched(content, 21, unknown),), claimed=claimed)


def claimed_samples(content: Content) -> int:
    """Return the number of samples that STREAMINFO claims; 0 if it claims none."""
    return int.from_bytes(content.read_at(21, 5)) & 0xF_FFFF_FFFF


def ends_as_claimed(content: Content) -> bool:
    """Return whether the last frame ends where STREAMINFO claims.

    The result is False if no frame is found near the end.
    """
    claimed = claimed_samples(content)
    # The size of all frames except the last, if sizes are fixed.
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
    """Return the header of a frame, or None if the bytes are not a header.

    Parameters
    ----------
    header : bytes
        16 bytes, or fewer at the end of the file.
    block : int
        The number of samples of each frame except the last, if frames have one size.
    """
    if len(header) < 6 or header[1] not in (0xF8, 0xF9):
        return None
    size_code, rate_code = header[2] >> 4, header[2] & 15
    # The number of leading ones is the number of bytes, as in UTF-8.
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
        check = _CRC8[check ^ byte]
    return check


def _crc8_of(byte: int) -> int:
    for _ in range(8):
        byte = (byte << 1 ^ (0x07 if byte & 0x80 else 0)) & 0xFF
    return byte


_CRC8: Final = bytes(_crc8_of(byte) for byte in range(256))

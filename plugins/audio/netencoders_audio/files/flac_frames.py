"""FLAC frames: the headers of a file and of its frames, and their checksums.

STREAMINFO, the first block of a file, states the form of the audio: the sample rate, the number of
channels and of bits. The header of each frame may state it again. RFC 9639 defines the layout.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from netencoders_audio.files.chunks import fields
from netencoders_audio.files.content import Content

__all__ = [
    "BITS_CODES",
    "CRC8",
    "HEADER",
    "RATE_CODES",
    "Form",
    "FrameHeader",
    "StreamInfo",
    "first_frame",
    "frame_bound",
    "frame_ends",
    "frame_header",
    "is_whole",
    "stream_info",
]

HEADER: Final = 16
"""The longest header of a frame: 4 bytes, a number of 7, a size and a rate of 2, a checksum."""

RATE_CODES: Final = (
    0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000,
)  # fmt: skip
"""The sample rate for each code; 0 stands for the rate of STREAMINFO."""

BITS_CODES: Final = {0: 0, 1: 8, 2: 12, 4: 16, 5: 20, 6: 24, 7: 32}
"""The number of bits for each code; 0 stands for the bits of STREAMINFO."""

_MAX_METADATA: Final = 1000


class Form(NamedTuple):
    """The sample rate in Hz, the number of channels, and the bits of a sample."""

    rate: int
    channels: int
    bits: int

    def __str__(self) -> str:
        channels = "1 channel" if self.channels == 1 else f"{self.channels} channels"
        return f"{self.rate} Hz, {channels}, {self.bits} bits"


class StreamInfo(NamedTuple):
    """The fields of STREAMINFO.

    Attributes
    ----------
    block : int
        The number of samples of all frames except the last one, if it is fixed; otherwise the
        smallest number.
    form : Form
    claimed : int
        The number of samples of each channel; 0 if it is unknown.
    """

    block: int
    form: Form
    claimed: int


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
    form : Form
        A rate or bits of 0 stand for those of STREAMINFO.
    """

    number: int
    samples: int
    end: int
    variable: bool
    form: Form

    def form_in(self, info: StreamInfo) -> Form:
        """Return the form, with the fields that only STREAMINFO states."""
        rate, channels, bits = self.form
        return Form(rate or info.form.rate, channels, bits or info.form.bits)


def stream_info(content: Content, start: int = 0) -> StreamInfo:
    """Return the STREAMINFO of a file that begins at a byte.

    Raises
    ------
    AudioError
        With code ``malformed``: the header is incomplete.
    """
    (block, _, packed) = fields(">HH6xQ", content.read_at(start + 8, 18))
    form = Form(packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1)
    return StreamInfo(block, form, packed & 0xF_FFFF_FFFF)


def first_frame(content: Content, start: int = 0) -> int | None:
    """Return the position after the metadata of a file; None if the metadata has no end."""
    place = start + 4
    for _ in range(_MAX_METADATA):
        head = content.read_at(place, 4)
        if len(head) < 4:
            break
        place += 4 + int.from_bytes(head[1:])
        if head[0] & 0x80:
            return place
    return None


def frame_header(header: bytes, block: int) -> FrameHeader | None:
    """Return the header of a frame, or None if the bytes are not a header.

    Parameters
    ----------
    header : bytes
        16 bytes, or fewer at the end of the file.
    block : int
        The number of samples of each frame except the last, if frames have one size.
    """
    if len(header) < 6 or header[0] != 0xFF or header[1] not in (0xF8, 0xF9):
        return None
    size_code, rate_code = header[2] >> 4, header[2] & 15
    channels_code, bits_code = header[3] >> 4, header[3] >> 1 & 7
    # The number of leading ones is the number of bytes, as in UTF-8.
    ones = 8 - (header[4] ^ 0xFF).bit_length()
    count = max(1, ones)
    if ones in (1, 8) or size_code == 0 or rate_code == 15 or header[3] & 1:
        return None
    if channels_code > 10 or bits_code == 3:
        return None
    number = header[4] & (0x7F >> ones)
    for byte in header[5 : 4 + count]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    at = 4 + count
    width = {6: 1, 7: 2}.get(size_code, 0)
    if width:
        samples = int.from_bytes(header[at : at + width]) + 1
    else:
        samples = 192 if size_code == 1 else (144 if size_code < 6 else 1) << size_code
    at += width
    width = {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if width:
        rate = int.from_bytes(header[at : at + width]) * {12: 1000, 13: 1, 14: 10}[rate_code]
    else:
        rate = RATE_CODES[rate_code]
    at += width
    if at >= len(header) or _crc8(header[:at]) != header[at]:
        return None
    variable = header[1] == 0xF9
    end = (number if variable else number * block) + samples
    channels = channels_code + 1 if channels_code < 8 else 2
    return FrameHeader(number, samples, end, variable, Form(rate, channels, BITS_CODES[bits_code]))


def frame_bound(form: Form, samples: int) -> int:
    """Return the largest number of bytes of a frame of any encoder."""
    return HEADER + 2 + form.channels * (16 + samples * (form.bits + 1) // 8)


def is_whole(frame: bytes) -> bool:
    """Return whether the bytes are a frame with a correct checksum; zeros may follow it.

    The checksum is the remainder of a division by the polynomial x^16 + x^15 + x^2 + 1, which is
    (x + 1) (x^15 + x + 1). The bits of a whole frame have an even sum, and the division by the
    second factor has no remainder. Modulo this factor, x^(15 k) equals x^k + 1 if k is a power of
    two. So few operations on one large integer suffice: 10 us for 5 kB, and 10 times as much for a
    loop over the bytes (measured).
    """
    rest = int.from_bytes(frame)
    if rest.bit_count() & 1:
        return False
    step = 1 << max(0, (rest.bit_length() // 15).bit_length() - 1)
    while step:
        width = 15 * step
        while high := rest >> width:
            rest ^= high << width ^ high << step ^ high
        step >>= 1
    return rest == 0


def frame_ends(frame: bytes) -> list[int]:
    """Return the lengths at which the bytes are a frame with a correct checksum.

    A wrong length is among them with a probability of 1 to 65536 for each byte.
    """
    check, ends = 0, []
    for index, byte in enumerate(frame):
        check = check << 8 & 0xFFFF ^ _CRC16[check >> 8 ^ byte]
        if not check:
            ends.append(index + 1)
    return ends


def _crc8(data: bytes) -> int:
    check = 0
    for byte in data:
        check = CRC8[check ^ byte]
    return check


def _remainder(byte: int, width: int, polynomial: int) -> int:
    check = byte << (width - 8)
    for _ in range(8):
        check = check << 1 ^ (polynomial if check >> (width - 1) else 0)
        check &= (1 << width) - 1
    return check


CRC8: Final = bytes(_remainder(byte, 8, 0x07) for byte in range(256))
"""The checksum of a header, for each value of its only byte."""

_CRC16: Final = tuple(_remainder(byte, 16, 0x8005) for byte in range(256))

"""Surround frames: the headers of AC-3, E-AC-3 and DTS frames (ETSI TS 102 366, TS 102 114)."""

from __future__ import annotations

from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, unsupported
from netencoders_audio.files.framed import Frame, FrameForm, read_framed

__all__ = ["ac3_frame", "dts_frame", "read_ac3", "read_dts"]

_RATES: Final = (48000, 44100, 32000)
# The bit rates of AC-3 in kbit/s; a frame has 1536 samples.
_BIT_RATES: Final = (
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
)  # fmt: skip
_BLOCK: Final = 256
_BLOCKS: Final = (1, 2, 3, 6)
_DTS_RATES: Final = (
    0, 8000, 16000, 32000, 0, 0, 11025, 22050, 44100, 0, 0, 12000, 24000, 48000, 96000, 192000,
)  # fmt: skip
_AC3_SYNC: Final = b"\x0b\x77"
_DTS_SYNC: Final = b"\x7f\xfe\x80\x01"
_DTS_MORE: Final = b"\x64\x58\x20\x25"
_SMALLEST_DTS: Final = 96


def read_ac3(content: Content) -> Findings:
    """Return the findings of a file of AC-3 or E-AC-3 frames, in either order of bytes."""
    if content.read_at(0, 2) == _AC3_SYNC:
        return read_framed(content, FrameForm("AC3", 8, ac3_frame))
    return read_framed(content, FrameForm("AC3", 8, lambda head: ac3_frame(_pairs(head)), True))


def read_dts(content: Content) -> Findings:
    """Return the findings of a file of DTS frames of 16 bits, in either order of bytes."""
    magic = content.read_at(0, 4)
    if magic == _DTS_SYNC:
        return read_framed(content, FrameForm("DTS", 16, dts_frame))
    if magic == _pairs(_DTS_SYNC):
        form = FrameForm("DTS", 16, lambda head: dts_frame(_pairs(head)), True)
        return read_framed(content, form)
    raise unsupported("DTS in words of 14 bits, or in a DTS-HD file")


def ac3_frame(head: bytes) -> Frame | None:
    """Return the facts of an AC-3 or E-AC-3 frame that begins with 8 bytes."""
    if len(head) < 8 or head[:2] != _AC3_SYNC:
        return None
    version = head[5] >> 3
    code = head[4] >> 6
    if version <= 10:  # AC-3; 9 and 10 halve and quarter the rate
        index = head[4] & 63
        if code == 3 or index >> 1 >= len(_BIT_RATES):
            return None
        words = _BIT_RATES[index >> 1] * 96000 // _RATES[code] + (index & 1 if code == 1 else 0)
        return Frame(2 * words, 6 * _BLOCK, _RATES[code] >> max(0, version - 8), "AC3")
    if version > 16:
        return None
    size = 2 * (((head[2] & 7) << 8 | head[3]) + 1)
    if code == 3:  # half the rates, always of 6 blocks
        half = head[4] >> 4 & 3
        if half == 3:
            return None
        rate, blocks = _RATES[half] // 2, 6
    else:
        rate, blocks = _RATES[code], _BLOCKS[head[4] >> 4 & 3]
    follows = head[2] >> 6 == 1 or bool(head[2] >> 3 & 7)  # dependent, or another programme
    return Frame(size, blocks * _BLOCK, rate, "EAC3", follows) if size > 8 else None


def dts_frame(head: bytes) -> Frame | None:
    """Return the facts of a DTS frame, or of its extension, that begins with 16 bytes."""
    if len(head) < 16:
        return None
    if head[:4] == _DTS_MORE:
        if head[5] >> 5 & 1:
            size = (int.from_bytes(head[6:10]) >> 5 & 0xFFFFF) + 1
        else:
            size = (int.from_bytes(head[6:9]) >> 5 & 0xFFFF) + 1
        return Frame(size, 0, 0, "DTS", True)
    if head[:4] != _DTS_SYNC:
        return None
    blocks = (int.from_bytes(head[4:6]) >> 2 & 127) + 1
    size = (int.from_bytes(head[5:8]) >> 4 & 0x3FFF) + 1
    rate = _DTS_RATES[head[8] >> 2 & 15]
    if size < _SMALLEST_DTS or blocks < 6 or not rate:
        return None
    return Frame(size, 32 * blocks, rate, "DTS")


def _pairs(data: bytes) -> bytes:
    """Return data with the bytes of each pair in the other order."""
    swapped = bytearray(data)
    swapped[0::2], swapped[1::2] = data[1::2], data[0::2]
    return bytes(swapped)

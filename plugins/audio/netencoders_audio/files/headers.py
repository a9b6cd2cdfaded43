"""Headers: compare the claimed length of an uncompressed file with the size of the file.

libsndfile reads the available samples, and does not report missing ones. The functions here read
the chunks of WAV, RF64, W64, AIFF, AU and CAF files, which is enough to detect a truncated file.
The layouts follow the specifications of the formats. The memory in use does not depend on the size
that a header claims.
"""

from __future__ import annotations

import math
import struct
from typing import Final

from netencoders_audio.files.chunks import are_chunks, chunks, fields, require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, patched

__all__ = ["read_aiff", "read_au", "read_caf", "read_w64", "read_wav"]

# Programs that write to a pipe do not know the size. They write the largest number of 31 or 32
# bits, or a number slightly below it, such as 0x7FFFF000 in SoX.
_UNKNOWN: Final = (range(0x7FFF_0000, 0x8000_0001), range(0xFFFF_0000, 0x1_0000_0000))
# PCM, float, A-law, mu-law, extensible: formats whose frames have a fixed size.
_FRAMED_WAV: Final = frozenset({1, 3, 6, 7, 0xFFFE})
_AU_WIDTHS: Final = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
_AIFC_ONE_BYTE: Final = frozenset({b"ulaw", b"ULAW", b"alaw", b"ALAW"})
_AIFC_FRAMED: Final = _AIFC_ONE_BYTE | {
    b"NONE", b"sowt", b"twos", b"raw ", b"fl32", b"FL32", b"fl64", b"FL64", b"in24", b"in32",
    b"23ni", b"42n1",
}  # fmt: skip
_MAX_RATE: Final = 1 << 31
_WRONG_ZERO: Final = "its header claims 0 samples, but samples follow: they are encoded"


def read_wav(content: Content) -> Findings:
    """Return the findings of a WAV or RF64 file, of either byte order.

    Raises
    ------
    AudioError
        With code ``malformed``, in all functions of this module: a field has an impossible value,
        such as 0 channels.
    """
    order = ">" if content.read_at(0, 4) == b"RIFX" else "<"
    layout = order + "4sI"
    size = content.size
    frame, data_size_64 = 0, None
    for kind, start, length in chunks(content, 12, layout):
        if kind == b"ds64":
            (data_size_64,) = fields(order + "8xQ", content.read_at(start, 16))
        elif kind == b"fmt ":
            frame = _wav_frame(content.read_at(start, 14), order)
        elif kind == b"data":
            if length == 0xFFFF_FFFF and data_size_64 is not None:
                length = data_size_64
            if length == 0 and not are_chunks(content, start, layout):
                room = struct.pack(order + "I", min(size - start, 0xFFFF_FFFF))
                return Findings((patched(content, start - 4, room),), notes=(_WRONG_ZERO,))
            if _is_unknown(length) or length in (size, size - 8):  # the size of the file
                break
            return _compared(content, length, size - start, frame)
    return Findings((content,))


def read_w64(content: Content) -> Findings:
    """Return the findings of a W64 file."""
    frame = 0
    for kind, start, length in chunks(content, 40, "<16sQ", inclusive=24, align=8):
        if kind[:4] == b"fmt ":
            frame = _wav_frame(content.read_at(start, 14), "<")
        elif kind[:4] == b"data":
            return _compared(content, length, content.size - start, frame)
    return Findings((content,))


def read_aiff(content: Content) -> Findings:
    """Return the findings of an AIFF or AIFC file."""
    size = content.size
    claimed, frame, present = None, 0, None
    for kind, start, length in chunks(content, 12, ">4sI"):
        if kind == b"COMM":
            common = content.read_at(start, 18)
            channels, claimed, bits, exponent, mantissa = fields(">hIhHQ", common)
            require("number of channels", channels)
            require("sample rate", 0 if exponent >= 0x8000 else mantissa)
            is_aifc = content.read_at(8, 4) == b"AIFC"
            coding = content.read_at(start + 18, 4) if is_aifc else b"NONE"
            width = 1 if coding in _AIFC_ONE_BYTE else -(-bits // 8)
            frame = channels * width if coding in _AIFC_FRAMED else 0
        elif kind == b"SSND":
            (skipped,) = fields(">I", content.read_at(start, 4))
            room = size - start if length == 0 else min(length, size - start)
            present = max(0, room - 8 - skipped)
            if length >= 0x7F00_0000 and length > size:  # SoX writes this to a pipe
                return Findings((content,))
    if claimed is None or present is None or frame <= 0:
        return Findings((content,))
    return Findings((content,), claimed, present // frame)


def read_au(content: Content) -> Findings:
    """Return the findings of an AU file, of either byte order."""
    order = ">" if content.read_at(0, 4) == b".snd" else "<"
    start, length, coding, rate, channels = fields(order + "4x5I", content.read_at(0, 24))
    require("number of channels", channels)
    require("sample rate", rate, _MAX_RATE)
    if length == 0 and content.size > start:
        return Findings((patched(content, 8, b"\xff\xff\xff\xff"),), notes=(_WRONG_ZERO,))
    if _is_unknown(length):
        return Findings((content,))
    return _compared(content, length, content.size - start, channels * _AU_WIDTHS.get(coding, 0))


def read_caf(content: Content) -> Findings:
    """Return the findings of a CAF file."""
    size, frame = content.size, 0
    for kind, start, length in chunks(content, 8, ">4sq", align=1):
        if kind == b"desc":
            rate, packet, frames, channels = fields(">d8xIII", content.read_at(start, 28))
            require("number of channels", channels)
            require("sample rate", rate if math.isfinite(rate) else 0)
            frame = packet if frames == 1 else 0
        elif kind == b"data":
            # libsndfile needs the length: it does not accept -1, which means "up to the end".
            to_the_end = patched(content, start - 8, struct.pack(">q", size - start))
            if length == -1:
                return Findings((to_the_end,))
            read = to_the_end if start + length > size else content
            return _compared(read, length - 4, size - start - 4, frame)
    return Findings((content,))


def _wav_frame(data: bytes, order: str) -> int:
    """Return the size of a frame, from a format chunk; 0 if the coding has no fixed size."""
    tag, channels, rate, align = fields(order + "HHI4xH", data)
    require("number of channels", channels)
    require("sample rate", rate, _MAX_RATE)
    return align if tag in _FRAMED_WAV else 0


def _compared(content: Content, claimed: int, present: int, frame: int) -> Findings:
    """Return findings with the claimed and the present length, converted from bytes to frames."""
    if not frame:
        return Findings((content,))
    return Findings((content,), claimed // frame, max(0, min(claimed, present)) // frame)


def _is_unknown(length: int) -> bool:
    return any(length in unknown for unknown in _UNKNOWN)

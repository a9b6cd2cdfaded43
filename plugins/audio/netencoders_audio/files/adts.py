"""ADTS: the headers of the frames of raw AAC (ISO/IEC 13818-7)."""

from __future__ import annotations

from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.framed import Frame, FrameForm, read_framed
from netencoders_audio.files.tags import skip_id3

__all__ = ["AAC_RATES", "adts_frame", "read_adts"]

AAC_RATES: Final = (
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
)  # fmt: skip
"""The sample rates of AAC, by their index."""

_SAMPLES: Final = 1024
_HEADER: Final = 7


def read_adts(content: Content) -> Findings:
    """Return the findings of AAC in ADTS frames."""
    return read_framed(content, FrameForm("ADTS", _HEADER, adts_frame), skip_id3(content))


def adts_frame(head: bytes) -> Frame | None:
    """Return the facts of the frame that begins with 7 bytes; None for other bytes."""
    if len(head) < _HEADER or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    index = head[2] >> 2 & 15
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if index >= len(AAC_RATES) or size <= _HEADER:
        return None
    return Frame(size, _SAMPLES * ((head[6] & 3) + 1), AAC_RATES[index], "AAC")

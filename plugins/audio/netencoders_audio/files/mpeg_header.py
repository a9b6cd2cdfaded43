"""The header of an MPEG frame: version, layer, bit rate, sample rate and channels.

A header has four bytes: eleven bits of synchronization, then the version, the layer, the bit rate,
the sample rate and the channels. The length of a frame follows from it, except for a free-format
frame (bit-rate index 0), whose length is the distance to the next header. The layouts follow
ISO/IEC 11172-3 and 13818-3; MPEG 2.5 is the extension of Fraunhofer IIS to 8, 11.025 and 12 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["Form", "Header", "frame_header"]

# The sample rates, by the two bits of the version; the bit rates in kbit/s, by version and layer.
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_VERSIONS: Final = {3: "1", 2: "2", 0: "2.5"}
_KILOBITS: Final = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@dataclass(frozen=True)
class Form:
    """The properties of a frame that must be equal for all frames of a recording."""

    version: str
    layer: int
    rate: int
    channels: int

    @property
    def samples(self) -> int:
        """The number of samples of a frame."""
        if self.layer == 1:
            return 384
        return 1152 if self.layer == 2 or self.version == "1" else 576

    @property
    def side(self) -> int:
        """The length of the side information of a layer III frame."""
        if self.version == "1":
            return 17 if self.channels == 1 else 32
        return 9 if self.channels == 1 else 17

    def __str__(self) -> str:
        """Return the form for messages."""
        channels = "mono" if self.channels == 1 else "stereo"
        return f"MPEG-{self.version} layer {'I' * self.layer}, {self.rate} Hz, {channels}"


@dataclass(frozen=True)
class Header:
    """The header of a frame; `length` is 0 for a free-format frame, and `slot` its padding."""

    form: Form
    length: int
    slot: int
    protected: bool


@lru_cache(1 << 12)
def frame_header(head: bytes) -> Header | None:
    """Return the header of a frame; None if four bytes are not a header."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    index, rate_index, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer == 4 or index == 15 or rate_index == 3:
        return None
    form = Form(
        _VERSIONS[version], layer, _RATES[version][rate_index], 1 if head[3] >> 6 == 3 else 2
    )
    slot = padding * (4 if layer == 1 else 1)
    length = 0
    if index:
        bits = 1000 * _KILOBITS[1 if version == 3 else 2, layer][index - 1]
        if layer == 1:
            length = 12 * bits // form.rate * 4 + slot
        else:
            length = form.samples // 8 * bits // form.rate + slot
    return Header(form, length, slot, not head[1] & 1)

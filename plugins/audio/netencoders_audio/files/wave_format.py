"""Wave format: the format chunk of WAV, RF64 and W64 files."""

from __future__ import annotations

from typing import Final, NamedTuple

from netencoders_audio.errors import AudioError
from netencoders_audio.files.chunks import fields, require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed, unsupported
from netencoders_audio.files.layout import Layout
from netencoders_audio.files.stored import Form, floats, integers, logarithmic

__all__ = ["ADPCM", "IMA_ADPCM", "MPEG", "MS_ADPCM", "WaveFormat", "parse_format", "stored_form"]

# Format tags.
MS_ADPCM, IMA_ADPCM = 2, 0x11
ADPCM: Final = (MS_ADPCM, IMA_ADPCM)
MPEG: Final = (0x50, 0x55)
_PCM, _FLOAT, _ALAW, _MULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_MAX_RATE: Final = 1 << 31
# The end of a subformat that begins with a tag; the second one is that of Ambisonics.
_GUIDS: Final = (
    bytes.fromhex("00001000800000aa00389b71"),
    bytes.fromhex("2107d3118644c8c1ca000000"),
)


class WaveFormat(NamedTuple):
    """The fields of a format chunk.

    Attributes
    ----------
    tag : int
        The coding; of an extensible format that of its subformat.
    extensible : bool
    channels, rate, byte_rate, align, bits : int
        The fields of the chunk; `align` is the number of bytes of a frame or a block.
    extra : bytes
        The bytes after these fields.
    order : str
        The byte order, "<" or ">".
    """

    tag: int
    extensible: bool
    channels: int
    rate: int
    byte_rate: int
    align: int
    bits: int
    extra: bytes
    order: str


def parse_format(data: bytes, order: str) -> WaveFormat:
    """Return the fields of a format chunk.

    Raises
    ------
    AudioError
        With code ``malformed``: the chunk is incomplete, or a field has an impossible value;
        ``unsupported-coding``: its subformat is unknown.
    """
    tag, channels, rate, byte_rate, align = fields(order + "HHIIH", data)
    require("number of channels", channels)
    require("sample rate", rate, _MAX_RATE)
    bits = int.from_bytes(data[14:16], "little" if order == "<" else "big")
    extra = data[18:]
    extensible = tag == _EXTENSIBLE
    if extensible:
        if len(extra) < 22:
            raise malformed("its extensible format chunk is incomplete")
        (tag,) = fields(order + "I", extra[6:])
        if tag > 0xFFFF or (order == "<" and extra[10:22] not in _GUIDS):
            raise unsupported(f"the WAV subformat {extra[6:22].hex()}")
    return WaveFormat(tag, extensible, channels, rate, byte_rate, align, bits, extra, order)


def stored_form(
    content: Content, data: range, found: WaveFormat, container: str
) -> tuple[Layout, str | None] | None:
    """Return the form of uncompressed samples, and a note; None for another coding.

    Raises
    ------
    AudioError
        With code ``malformed`` or ``unsupported-coding``; see `integers` and `floats`.
    """
    form: Form = (container, found.rate, found.channels, found.order)
    packed = found.channels * -(-found.bits // 8)
    if found.tag == _PCM:
        require("number of bits", found.bits)
        return integers(
            content,
            data,
            form,
            bits=found.bits,
            frame=found.align,
            packed_rate=found.byte_rate == found.rate * packed,
            unsigned=1,
        )
    if found.tag == _FLOAT:
        other = {32: 8, 64: 4}.get(found.bits, 0) * found.channels
        if other and found.align == other and found.byte_rate == other * found.rate:
            raise _float_contradiction(found)
        return floats(form, found.bits), None
    if found.tag in (_ALAW, _MULAW):
        return logarithmic(form, "ALAW" if found.tag == _ALAW else "ULAW"), None
    return None


def _float_contradiction(found: WaveFormat) -> AudioError:
    return AudioError(
        f"its header claims floats of {found.bits} bits, and frames of {found.align} bytes for "
        f"{found.channels} channels",
        code="malformed",
        remedy="write it again with a header that is right",
    )

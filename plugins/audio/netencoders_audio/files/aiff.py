"""AIFF: the chunks of AIFF and AIFF-C files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from netencoders_audio.files.chunks import IFF, chunks, fields, require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.layout import Layout
from netencoders_audio.files.stored import Form, floats, integers, logarithmic
from netencoders_audio.files.uncompressed import Extent, Sound, collected, extent
from netencoders_audio.limits import current_limits

__all__ = ["read_aiff"]

_MAX_RATE: Final = 1 << 31
_PIPE: Final = 0x7F00_0000  # SoX writes this size to a pipe
_HEADER: Final = 8  # the offset and the block size in a sound chunk
# The bits of a sample and the byte order; 0 bits: those of the common chunk.
_INTEGERS: Final[Mapping[bytes, tuple[int, str]]] = {
    b"NONE": (0, ">"), b"twos": (0, ">"), b"sowt": (0, "<"), b"raw ": (0, ">"), b"in24": (24, ">"),
    b"in32": (32, ">"), b"42n1": (24, "<"), b"23ni": (32, "<"),
}  # fmt: skip
_FLOATS: Final = {b"fl32": 32, b"fl64": 64}
_LOGARITHMIC: Final = {b"ulaw": "ULAW", b"alaw": "ALAW"}
# Codings that libsndfile decodes if the limits allow them, by soundfile's names.
_OPTIONAL: Final = {b"GSM ": "GSM610", b"DWVW": "DWVW_16"}
_NAMES: Final[Mapping[bytes, str]] = {
    b"ima4": "IMA ADPCM in AIFF-C", b"GSM ": "GSM 6.10", b"DWVW": "DWVW", b"MAC3": "MACE 3:1",
    b"MAC6": "MACE 6:1", b"ACE2": "ACE 2:1", b"ACE8": "ACE 8:3", b"QDMC": "QDesign Music",
    b"QDM2": "QDesign Music 2", b"Qclp": "Qualcomm PureVoice", b"G722": "G.722 ADPCM",
    b"G726": "G.726 ADPCM", b"G728": "G.728", b"rt24": "RT24 voice", b"rt29": "RT29 voice",
    b"alac": "ALAC", b"aac ": "AAC", b".mp3": "MP3 in AIFF-C", b"dvi4": "DVI ADPCM",
    b"ADP4": "DVI ADPCM", b"SDX2": "SDX2",
}  # fmt: skip


def read_aiff(content: Content) -> Findings:
    """Return the findings of an AIFF or AIFF-C file."""
    return collected(content, _aiff_sound, frozenset({"AIFF"}))


def _aiff_sound(content: Content) -> Sound:
    common, place = None, None
    for kind, start, length in chunks(content, 12, IFF):
        if kind == b"COMM":
            common = content.read_at(start, 22)
        elif kind == b"SSND":
            place = start, length
        if common is not None and place is not None:
            break
    if common is None:
        raise malformed("it has no common chunk (COMM)")
    channels, claimed, bits, exponent, mantissa = fields(">hIhHQ", common)
    require("number of channels", channels)
    rate = _rate(exponent, mantissa)
    require("sample rate", rate, _MAX_RATE)
    if place is None:
        raise malformed("it has no sound chunk (SSND)")
    is_aifc = content.read_at(8, 4) == b"AIFC"
    coding = common[18:22] if is_aifc else b"NONE"
    form: Form = ("AIFF", rate, channels, ">")
    if (stored := _stored(content, range(0), coding, form, bits)) is None:
        return Sound(_extent(content, *place, claimed), Findings((content,)), IFF)
    frame = stored[0].frame
    found = _extent(content, *place, claimed * frame)
    layout, note = _stored(content, found.data, coding, form, bits) or stored
    notes = [note] if note else []
    return Sound(_compared(found, claimed, frame, notes), layout, IFF, tuple(notes))


def _extent(content: Content, start: int, length: int, claimed: int) -> Extent:
    """Return the bytes of the sound in a sound chunk, without its header and the bytes to skip.

    Parameters
    ----------
    content : Content
    start, length : int
        The sound chunk.
    claimed : int
        The number of bytes that the common chunk claims.
    """
    (skipped,) = fields(">I", content.read_at(start, 4))
    first = start + _HEADER + skipped
    if start + length > content.size and first + claimed > content.size and length >= _PIPE:
        return extent(content, first, None, IFF)
    if length in (0, _HEADER) or start + length > content.size:  # the common chunk decides
        return extent(content, first, claimed, IFF)
    if length < _HEADER + skipped:
        return Extent(range(0), 0, start + length)
    return extent(content, first, length - _HEADER - skipped, IFF)


def _compared(found: Extent, frames: int, frame: int, notes: list[str]) -> Extent:
    """Return the bytes of the sound, compared with the number of frames in the common chunk."""
    if found.claimed is None:
        return found
    held = found.claimed // frame
    if frames == held % (1 << 32):  # its field has 32 bits
        return found
    if frames > held or 0 < found.claimed - frames * frame < 2:  # truncated, or padding is counted
        size = min(frames * frame, len(found.data))
        return Extent(found.data[:size], frames * frame, found.end, found.notes)
    if frames < held:
        notes.append(f"claims {frames} frames, but its sound chunk has {held}: all are encoded")
    return found


def _stored(
    content: Content, data: range, coding: bytes, form: Form, bits: int
) -> tuple[Layout, str | None] | None:
    """Return the form of the samples and a note; None if a decoder reads them."""
    if coding in _INTEGERS:
        fixed, order = _INTEGERS[coding]
        bits = fixed or bits
        require("number of bits", bits)
        unsigned = 1 if coding == b"raw " else 0
        form = (*form[:3], order)
        return integers(content, data, form, bits=bits, unsigned=unsigned)
    if coding.lower() in _FLOATS:
        return floats(form, _FLOATS[coding.lower()]), None
    if coding.lower() in _LOGARITHMIC:
        return logarithmic(form, _LOGARITHMIC[coding.lower()]), None
    if _OPTIONAL.get(coding) in current_limits().codings:
        return None
    raise unsupported(_NAMES.get(coding, f"{coding!r} in AIFF-C"))


def _rate(exponent: int, mantissa: int) -> int:
    """Return the whole number of a float of 80 bits; 0 if it is negative."""
    shift = 16383 + 63 - exponent
    if exponent >= 0x8000 or shift > 63:
        return 0
    return mantissa >> shift if shift >= 0 else _MAX_RATE

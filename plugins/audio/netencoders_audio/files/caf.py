"""CAF: the chunks of Core Audio files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.caf_packets import caf_track
from netencoders_audio.files.chunks import CAF, chunks, fields, require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.layout import Layout
from netencoders_audio.files.stored import Form, floats, integers, logarithmic
from netencoders_audio.files.uncompressed import Extent, Sound, collected, extent
from netencoders_audio.limits import current_limits

__all__ = ["read_caf"]

_MAX_RATE: Final = 1 << 31
_FLOAT, _LITTLE = 1, 2
_MAX_COOKIE: Final = 1 << 16
_EDITS: Final = 4  # the number of edits, in front of the samples
_LOGARITHMIC: Final = {b"ulaw": "ULAW", b"alaw": "ALAW"}
# Codings that libsndfile decodes if the limits allow them, by soundfile's names.
_OPTIONAL: Final = {b"alac": {"ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32"}}
_NAMES: Final[Mapping[bytes, str]] = {
    b"alac": "ALAC", b"aac ": "AAC", b"aach": "AAC (HE)", b"aacp": "AAC (HE, version 2)",
    b"aacl": "AAC (LD)", b"aace": "AAC (ELD)", b"ima4": "IMA ADPCM in CAF", b"opus": "Opus in CAF",
    b"flac": "FLAC in CAF", b"MAC3": "MACE 3:1", b"MAC6": "MACE 6:1",
    b".mp1": "MPEG Layer I in CAF", b".mp2": "MPEG Layer II in CAF",
    b".mp3": "MP3 in CAF", b"ac-3": "AC-3", b"ec-3": "E-AC-3",
    b"QDMC": "QDesign Music", b"QDM2": "QDesign Music 2", b"Qclp": "Qualcomm PureVoice",
    b"ilbc": "iLBC", b"samr": "AMR", b"sawb": "AMR-WB", b"agsm": "GSM 6.10",
    b"ms\0\x02": "MS ADPCM", b"ms\0\x11": "IMA ADPCM in CAF", b"ms\x001": "GSM 6.10",
}  # fmt: skip


def read_caf(content: Content) -> Findings:
    """Return the findings of a CAF file."""
    return collected(content, _caf_sound, frozenset({"CAF"}))


def _caf_sound(content: Content) -> Sound:
    description = None
    cookie, table = b"", None
    for kind, start, length in chunks(content, 8, CAF):
        if kind == b"desc":
            description = content.read_at(start, 32)
            rate, channels = fields(">d16xI", description)
            require("number of channels", channels)
            require("sample rate", round(rate) if math.isfinite(rate) else 0, _MAX_RATE)
        elif kind == b"kuki":
            cookie = content.read_at(start, min(length, _MAX_COOKIE))
        elif kind == b"pakt":
            table = range(start, start + length)
        elif kind == b"data":
            if description is None:
                raise malformed("it has no description chunk before its data chunk")
            if length < -1:
                raise malformed(f"its data chunk must not have a length of {length}")
            claimed = None if length == -1 else max(0, length - _EDITS)
            found = extent(content, start + _EDITS, claimed, CAF)
            if description[8:12] == b"alac" and not _allowed(b"alac"):
                rest = chunks(content, found.end, CAF)  # the table may follow the data
                later = (range(at, at + size) for kind, at, size in rest if kind == b"pakt")
                table = table or next(later, None)
                if table is None and found.claimed and found.claimed > len(found.data):
                    raise AudioError(
                        f"ends at byte {content.size}, before the table of its packets",
                        code="truncated",
                        remedy="fetch it again",
                    )
                track = caf_track(content, found.data, round(rate), channels, cookie, table)
                return Sound(found, Findings((content,), tracks=(track,)), CAF)
            return _sound(content, found, description)
    raise malformed("it has no data chunk")


def _sound(content: Content, found: Extent, description: bytes) -> Sound:
    rate, flags, packet, packet_frames, channels, bits = fields(">d4xIIIII", description)
    coding = description[8:12]
    order = "<" if coding == b"lpcm" and flags & _LITTLE else ">"
    form: Form = ("CAF", round(rate), channels, order)
    note = None
    if coding in _LOGARITHMIC:
        layout: Layout = logarithmic(form, _LOGARITHMIC[coding])
    elif coding == b"lpcm":
        if packet_frames != 1:
            raise malformed(f"its header must claim packets of 1 frame. Got {packet_frames}")
        require("number of bits", bits)
        if flags & _FLOAT:
            layout = floats(form, bits)
            if packet != layout.frame:
                raise malformed(
                    f"its header claims frames of {packet} bytes for {channels} channels of "
                    f"{bits}-bit floats"
                )
        else:
            layout, note = integers(content, found.data, form, bits=bits, frame=packet)
    elif _allowed(coding):
        return Sound(found, Findings((content,)), CAF)
    else:
        raise unsupported(_NAMES.get(coding, f"{coding!r} in CAF"))
    return Sound(found, layout, CAF, (note,) if note else ())


def _allowed(coding: bytes) -> bool:
    """Return whether the limits allow libsndfile's decoder of a coding."""
    return bool(_OPTIONAL.get(coding, set()) & current_limits().codings)

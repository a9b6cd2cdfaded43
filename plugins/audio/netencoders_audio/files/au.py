"""AU: the header of AU files, of either byte order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from netencoders_audio.files.chunks import fields, require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.layout import Layout
from netencoders_audio.files.stored import Form, floats, integers, logarithmic
from netencoders_audio.files.uncompressed import Sound, collected, extent
from netencoders_audio.limits import current_limits

__all__ = ["read_au"]

_MAX_RATE: Final = 1 << 31
_HEADER: Final = 24
_INTEGERS: Final = {2: 8, 3: 16, 4: 24, 5: 32}
_FLOATS: Final = {6: 32, 7: 64}
_LOGARITHMIC: Final = {1: "ULAW", 27: "ALAW"}
# Codings that libsndfile decodes if the limits allow them, by soundfile's names.
_OPTIONAL: Final = {23: "G721_32", 25: "G723_24", 26: "G723_40"}
_NAMES: Final[Mapping[int, str]] = {
    8: "fragmented AU samples", 10: "a DSP program", 11: "fixed-point samples of 8 bits",
    12: "fixed-point samples of 16 bits", 13: "fixed-point samples of 24 bits",
    14: "fixed-point samples of 32 bits", 18: "16-bit samples with emphasis",
    19: "compressed 16-bit samples", 20: "compressed 16-bit samples with emphasis",
    23: "G.721 ADPCM", 24: "G.722 ADPCM", 25: "G.723 ADPCM of 3 bits", 26: "G.723 ADPCM of 5 bits",
}  # fmt: skip


def read_au(content: Content) -> Findings:
    """Return the findings of an AU file."""
    return collected(content, _au_sound, frozenset({"AU"}))


def _au_sound(content: Content) -> Sound:
    order = ">" if content.read_at(0, 4) == b".snd" else "<"
    start, length, coding, rate, channels = fields(order + "4x5I", content.read_at(0, _HEADER))
    require("number of channels", channels)
    require("sample rate", rate, _MAX_RATE)
    if start < _HEADER:
        raise malformed(f"its samples must begin after its header of {_HEADER} bytes. Got {start}")
    found = extent(content, start, length, None)
    form: Form = ("AU", rate, channels, order)
    if coding in _INTEGERS:
        layout: Layout = integers(content, found.data, form, bits=_INTEGERS[coding])[0]
    elif coding in _FLOATS:
        layout = floats(form, _FLOATS[coding])
    elif coding in _LOGARITHMIC:
        layout = logarithmic(form, _LOGARITHMIC[coding])
    elif _OPTIONAL.get(coding) in current_limits().codings:
        return Sound(found, Findings((content,)))
    else:
        raise unsupported(_NAMES.get(coding, f"AU coding {coding}"))
    return Sound(found, layout)

"""SPHERE: the header of NIST SPHERE files, in which speech corpora are distributed."""

from __future__ import annotations

import re
from typing import Final

from netencoders_audio.files.chunks import require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.layout import Layout
from netencoders_audio.files.stored import Form, integers, logarithmic
from netencoders_audio.files.uncompressed import Sound, collected, extent

__all__ = ["read_sphere"]

_MAX_RATE: Final = 1 << 31
_MAX_HEADER: Final = 1 << 20
_LOGARITHMIC: Final = {"ulaw": "ULAW", "mu-law": "ULAW", "mulaw": "ULAW", "alaw": "ALAW"}
_REMEDY: Final = "convert it, for instance: sph2pipe -p -f wav input.sph output.wav"


def read_sphere(content: Content) -> Findings:
    """Return the findings of a NIST SPHERE file."""
    return collected(content, _sphere_sound, frozenset({"NIST"}))


def _sphere_sound(content: Content) -> Sound:
    start, found = _header(content)
    rate = _number(found, "sample_rate")
    channels = _number(found, "channel_count")
    require("sample rate", rate, _MAX_RATE)
    require("number of channels", channels)
    name, *embedded = found.get("sample_coding", "pcm").split(",")
    if embedded:
        coding = embedded[0].removeprefix("embedded-")
        raise unsupported(f"{coding} in NIST SPHERE", _REMEDY)
    if name in _LOGARITHMIC:
        form: Form = ("NIST", rate, channels, "<")
        layout: Layout = logarithmic(form, _LOGARITHMIC[name])
    elif name == "pcm":
        width = _number(found, "sample_n_bytes")
        require("number of bytes of a sample", width, 5)
        form = ("NIST", rate, channels, _order(found, width))
        layout = integers(content, range(0), form, bits=8 * width)[0]
    else:
        raise unsupported(f"{name} in NIST SPHERE", _REMEDY)
    count = _number(found, "sample_count") if "sample_count" in found else None
    length = None if count is None else count * layout.frame
    return Sound(extent(content, start, length, None), layout)


def _header(content: Content) -> tuple[int, dict[str, str]]:
    """Return the number of bytes of the header, and its fields."""
    size = content.read_at(8, 8).decode("ascii", "replace").strip()
    if not size.isdecimal() or not 16 < int(size) <= _MAX_HEADER:
        raise malformed(f"its header must have 17 to {_MAX_HEADER} bytes. Got {size!r}")
    data = content.read_at(0, int(size))
    text, end, _ = data.partition(b"end_head")
    if not end:
        raise malformed("its header is incomplete")
    lines = re.findall(r"^(\w+) +-(?:[ir]|s\d+) +(.*?)\s*$", text.decode("latin-1"), re.MULTILINE)
    return int(size), dict(lines)


def _number(found: dict[str, str], field: str) -> int:
    if field not in found:
        raise malformed(f"its header lacks the field {field}")
    text = found[field]
    if not re.fullmatch(r"\d{1,18}(\.0*)?", text):
        raise malformed(f"the field {field} in its header must be a number. Got {text!r}")
    return int(text.partition(".")[0])


def _order(found: dict[str, str], width: int) -> str:
    """Return the byte order, from the places of the bytes, such as "01" or "10"."""
    if width == 1:
        return "<"
    if "sample_byte_format" not in found:
        raise malformed("its header lacks the field sample_byte_format")
    text = found["sample_byte_format"]
    places = "0123"[:width]
    if text not in ("01", "10", places, places[::-1]):  # some programs state two bytes for all
        raise malformed(
            f"the field sample_byte_format in its header must be {places} or {places[::-1]}. "
            f"Got {text!r}"
        )
    return "<" if text[0] == "0" else ">"

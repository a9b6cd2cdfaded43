"""WAV: the chunks of WAV, RF64, BW64 and W64 files, of either byte order."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from netencoders_audio.files.adpcm import read_adpcm
from netencoders_audio.files.chunks import RIFF, RIFX, W64, ChunkForm, chunks, fields
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.mpeg import read_mp3
from netencoders_audio.files.uncompressed import Extent, Sound, collected, extent
from netencoders_audio.files.wave_format import (
    ADPCM,
    MPEG,
    WaveFormat,
    parse_format,
    stored_form,
)
from netencoders_audio.files.wave_packets import TRACKS, wave_findings
from netencoders_audio.files.wave_tags import OPTIONAL, tag_name
from netencoders_audio.limits import current_limits, not_allowed

__all__ = ["read_w64", "read_wav"]

_UNKNOWN_32: Final = 0xFFFF_FFFF
_UNKNOWN_64: Final = 1 << 62  # no file is longer
_MAX_FORMAT: Final = 1 << 12


def read_wav(content: Content) -> Findings:
    """Return the findings of a WAV, RIFX, RF64 or BW64 file.

    Raises
    ------
    AudioError
        With code ``malformed``, in all readers of uncompressed files: a field has an impossible
        value, such as 0 channels; ``unsupported-coding``: no decoder here reads its coding.
    """
    return collected(content, _wav_sound, frozenset({"WAV", "RF64"}))


def read_w64(content: Content) -> Findings:
    """Return the findings of a W64 file."""
    return collected(content, _w64_sound, frozenset({"W64"}))


def _wav_sound(content: Content) -> Sound:
    magic = content.read_at(0, 4)
    form = RIFX if magic == b"RIFX" else RIFF
    order = form.header[0]
    container = "WAV" if magic.startswith(b"RIF") else "RF64"
    found, fact, size_64 = None, 0, None
    for kind, start, length in chunks(content, 12, form):
        if kind == b"ds64":
            (size_64,) = fields(order + "8xQ", content.read_at(start, 16))
        elif kind == b"fmt ":
            found = parse_format(content.read_at(start, min(length, _MAX_FORMAT)), order)
        elif kind == b"fact" and length >= 4:
            (fact,) = fields(order + "I", content.read_at(start, 4))
        elif kind == b"data":
            claimed: int | None = length
            if length == _UNKNOWN_32 and (container == "RF64" or size_64 is not None):
                claimed = size_64 if 0 < (size_64 or 0) < _UNKNOWN_64 else None
            elif length in (content.size, content.size - 8):  # the size of the file
                claimed = None
            data = extent(content, start, claimed, form)
            return _sound(content, data, found, fact, container, form)
    raise malformed("it has no data chunk")


def _w64_sound(content: Content) -> Sound:
    found, fact = None, 0
    for kind, start, length in chunks(content, 40, W64):
        if kind[:4] == b"fmt ":
            found = parse_format(content.read_at(start, min(length, _MAX_FORMAT)), "<")
        elif kind[:4] == b"fact" and length >= 8:
            (fact,) = fields("<Q", content.read_at(start, 8))
        elif kind[:4] == b"data":
            is_known = length < _UNKNOWN_64 and length + 24 != content.size
            data = extent(content, start, length if is_known else None, W64)
            return _sound(content, data, found, fact, "W64", W64)
    raise malformed("it has no data chunk")


def _sound(
    content: Content,
    found: Extent,
    form: WaveFormat | None,
    fact: int,
    container: str,
    chunk_form: ChunkForm,
) -> Sound:
    """Return the sound of a data chunk."""
    if form is None:
        raise malformed("it has no format chunk before its data chunk")
    if container == "WAV" and form.extensible:
        container = "WAVEX"
    stored = stored_form(content, found.data, form, container)
    if stored is not None:
        layout, note = stored
        return Sound(found, layout, chunk_form, (note,) if note else ())
    if form.tag in MPEG:
        return Sound(found, _mpeg(content, found), chunk_form)
    if form.tag in ADPCM:
        return Sound(found, read_adpcm(content, found, form, fact), chunk_form)
    optional = OPTIONAL.get(form.tag)
    if form.tag in TRACKS and not (optional and optional & current_limits().codings):
        return Sound(found, wave_findings(content, found, form, fact), chunk_form)
    if optional is not None:
        if optional & current_limits().codings:
            return Sound(found, Findings((content,)), chunk_form)
        if len(optional) == 1:
            raise not_allowed("codings", *optional)
    raise unsupported(tag_name(form.tag))


def _mpeg(content: Content, found: Extent) -> Findings:
    """Return the findings of MPEG audio: the decoder gets its frames, without the chunks."""
    findings = read_mp3(Pieces(content, [found.data]))
    present = len(found.data)
    if found.claimed is None or found.claimed <= present:
        return findings
    cut = f"has {present} of the {found.claimed} bytes of MPEG audio that its header claims"
    return replace(findings, cut=findings.cut or cut)

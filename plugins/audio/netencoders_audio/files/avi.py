"""AVI: finds the streams of sound of AVI videos, and their packets.

All chunks are walked before decoding; the index at the end of a file is not used. So a truncated
file is found, and bytes that are no chunk.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, malformed, unsupported
from netencoders_audio.files.framed_streams import framed_track
from netencoders_audio.files.scattered import Scattered
from netencoders_audio.files.tags import unknown_bytes
from netencoders_audio.files.tracks import Track, Window, packets_of, packets_of_pairs
from netencoders_audio.files.wave_format import MS_ADPCM, WaveFormat, parse_format

__all__ = ["read_avi"]

_SOUND: Final = b"auds"
_SMALL: Final = 1 << 12
_MAX_FORMAT: Final = 1 << 16
_MAX_STREAMS: Final = 100
_TOGETHER: Final = 1 << 12
# The lists whose chunks are read, and the other chunks: descriptions, indexes, padding.
_LISTS: Final = frozenset({b"hdrl", b"strl", b"movi", b"rec "})
_FRAMED: Final[Mapping[int, str]] = {0x50: "MPEG", 0x55: "MPEG", 0x2000: "AC3", 0x2001: "DTS"}
_AAC: Final = (0xFF, 0x706D)
_INTEGERS: Final = {8: "PCM_U8", 16: "PCM_16", 24: "PCM_24", 32: "PCM_32"}
_FLOATS: Final = {32: "FLOAT", 64: "DOUBLE"}
_STORED: Final[Mapping[int, Mapping[int, str]]] = {
    1: _INTEGERS, 3: _FLOATS, 6: {8: "ALAW"}, 7: {8: "ULAW"}, MS_ADPCM: {4: "MS_ADPCM"},
}  # fmt: skip


@dataclass
class _Stream:
    """One stream: the fields of its header, and its bytes."""

    sound: Scattered
    kind: bytes = b""
    form: bytes = b""
    packets: array[int] = field(default_factory=lambda: array("q"))


def read_avi(content: Content) -> Findings:
    """Return the findings of an AVI video.

    Raises
    ------
    AudioError
        With code ``malformed``: other bytes are between its chunks; ``unsupported-coding``: it has
        no stream of sound.
    """
    streams: list[_Stream] = []
    cut, end = _walked(content, streams)
    sounds = [stream for stream in streams if stream.kind == _SOUND]
    if not sounds:
        if cut is not None:
            raise ended_before(cut)
        raise unsupported("that of an AVI video without a stream of sound", "give one with sound")
    notes: tuple[str, ...] = ()
    if cut is None and (unknown := unknown_bytes(content, end, content.size)):
        notes = (
            f"has {unknown} bytes behind its last chunk that are not audio: they are left out",
        )
    tracks = tuple(_track(content, stream, cut) for stream in sounds)
    return Findings((content,), cut=cut, notes=notes, tracks=tracks)


def _walked(content: Content, streams: list[_Stream]) -> tuple[str | None, int]:
    """Walk over all chunks; return a description of a premature end, and the end of the chunks."""
    window, place, claimed = Window(content, _SMALL), 0, 0
    while place < content.size:
        head = window.at(place, 12)
        kind, size = head[:4], int.from_bytes(head[4:8], "little")
        if kind == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX"):
            claimed = place + 8 + size if size else 0  # a pipe of ffmpeg has no size
            place += 12
        elif kind == b"LIST" and head[8:12] in _LISTS:
            if head[8:12] == b"strl":
                if len(streams) == _MAX_STREAMS:
                    raise malformed(f"it has more than {_MAX_STREAMS} streams")
                streams.append(_Stream(Scattered(content)))
            place += 12
        elif claimed and place >= claimed:
            return None, place
        elif len(head) < 8:
            return f"ends at byte {content.size}, inside a chunk", place
        elif place + 8 + size > content.size:
            return f"ends at byte {content.size}, inside a chunk of {size} bytes", place
        else:
            _read_chunk(content, streams, kind, place + 8, size)
            place += 8 + size + size % 2
    if claimed > content.size:
        return f"has {content.size} of the {claimed} bytes that its header claims", place
    return None, place


def _read_chunk(
    content: Content, streams: list[_Stream], kind: bytes, place: int, size: int
) -> None:
    """Note a header of a stream, or the place of a packet of sound."""
    if not all(32 <= letter < 127 for letter in kind):
        raise malformed(f"no chunk begins at byte {place - 8}")
    if kind == b"strh" and streams:
        streams[-1].kind = content.read_at(place, 4)
    elif kind == b"strf" and streams:
        streams[-1].form = content.read_at(place, min(size, _MAX_FORMAT))
    elif kind[2:] == b"wb":
        number = int(kind[:2]) if kind[:2].isdigit() else len(streams)
        if number >= len(streams):
            raise malformed(f"the chunk at byte {place - 8} belongs to no stream")
        if size:
            streams[number].sound.add(place, size)
            streams[number].packets.extend((place, size))


def _track(content: Content, stream: _Stream, cut: str | None) -> Track:
    form = parse_format(stream.form, "<")
    if form.tag in _FRAMED:
        return framed_track("AVI", _FRAMED[form.tag], stream.sound, cut=cut)
    if form.tag in _AAC and (config := form.extra[: int.from_bytes(stream.form[16:18], "little")]):
        return Track("AVI", "AAC", content, partial(packets_of_pairs, content, stream.packets),
                     rate=form.rate, channels=form.channels, config=config, cut=cut)  # fmt: skip
    if form.tag in _AAC:
        return framed_track("AVI", "AAC", stream.sound, cut=cut)
    coding = _STORED.get(form.tag, {}).get(form.bits)
    if coding is None:
        name = f"the WAV format 0x{form.tag:X} of {form.bits} bits"
        return Track("AVI", name, stream.sound, rate=form.rate, channels=form.channels)
    return _of_blocks(stream.sound, form, coding, cut)


def _of_blocks(stream: Scattered, form: WaveFormat, coding: str, cut: str | None) -> Track:
    """Return the track of samples, or of blocks of ADPCM, of one size."""
    adpcm = form.tag == MS_ADPCM
    if form.align < 1 or (not adpcm and form.align * 8 != form.channels * form.bits):
        raise malformed(
            f"its header claims frames of {form.align} bytes for {form.channels} channels of "
            f"{form.bits} bits"
        )
    rest = stream.size % form.align
    if rest and cut is None:
        cut = f"ends {form.align - rest} bytes before the end of a frame of {form.align} bytes"
    size = form.align * (1 if adpcm else _TOGETHER)
    return Track(
        "AVI",
        coding,
        stream,
        partial(_pieces, stream, size, stream.size - rest),
        rate=form.rate,
        channels=form.channels,
        settings=(("block_align", form.align), ("bits", form.bits)),
        cut=cut,
    )


def _pieces(stream: Scattered, size: int, stop: int) -> Iterator[bytes]:
    return packets_of(stream, ((place, min(size, stop - place)) for place in range(0, stop, size)))

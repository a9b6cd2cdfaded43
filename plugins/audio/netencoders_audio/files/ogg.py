"""Ogg: checks every page, because decoders skip damaged pages without an error.

The check reads the file once and decodes nothing. Each link of a chain is one part. FLAC in Ogg is
given to the decoder as the FLAC file that the bodies of its pages are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.flac import read_flac
from netencoders_audio.files.ogg_codings import form_of
from netencoders_audio.files.ogg_pages import Stream, Walk, checksum, walk
from netencoders_audio.files.ogg_speex import speex_track

__all__ = ["checksum", "read_ogg"]

# The bytes before the native header in the first packet of FLAC.
_FLAC_MAPPING: Final = 9


def read_ogg(content: Content) -> Findings:
    """Return the findings of an Ogg file, after a check of all its pages.

    Each link is one recording; a file may contain several, one after the other. Pages of other
    streams are left out.

    Raises
    ------
    AudioError
        With code ``malformed``: a page is damaged or missing, or the sample rate or the number of
        channels changes between the links; ``unsupported-coding``: no stream is Vorbis, Opus or
        FLAC.
    """
    found = walk(content)
    if not found.links:
        if found.cut is None:
            raise malformed("no page begins a stream")
        return Findings((content,), cut=found.cut)
    notes = list(found.notes)
    streams = []
    for link in found.links:
        audio = [stream for stream in link if stream.coding.is_audio]
        streams += audio[:1]
        if len(audio) > 1:
            notes.append(f"has {len(audio)} streams of audio side by side: the first is encoded")
    _check(found, streams)
    if streams[0].coding.name == "FLAC":
        return _flac(content, found, streams, notes)
    if streams[0].coding.name == "Speex":
        if len(streams) > 1:
            raise unsupported(f"Speex in {len(streams)} parts")
        track = speex_track(content, streams[0].pages, streams[0].head)
        return Findings((content,), cut=found.cut, notes=tuple(notes), tracks=(track,))
    whole = len(found.links) == 1 and not notes and streams[0].pages[0].start == 0
    whole = whole and len(streams[0].pages) == 1
    whole = whole and not any(map(_lacks_rate, streams))
    return Findings(
        (content,) if whole else tuple(_given(content, stream) for stream in streams),
        cut=found.cut,
        notes=tuple(notes),
        rewind=any(stream.coding.name == "Opus" for stream in streams),
    )


def _lacks_rate(stream: Stream) -> bool:
    """Return whether libsndfile would decode an Opus stream of unknown rate at 8 kHz."""
    return stream.coding.name == "Opus" and stream.head[12:16] == bytes(4)


def _given(content: Content, stream: Stream) -> Content:
    """Return the pages of a stream for the decoder; an unknown rate becomes 48 kHz."""
    if not _lacks_rate(stream):
        return Pieces(content, stream.pages)
    first, *rest = stream.pages
    end = stream.bodies[0].stop
    page = bytearray(content.read_at(first.start, end - first.start))
    at = len(page) - len(stream.head) + 12
    page[at : at + 4] = (48000).to_bytes(4, "little")
    page[22:26] = bytes(4)
    page[22:26] = checksum(bytes(page)).to_bytes(4, "little")
    return Pieces(content, [bytes(page), range(end, first.stop), *rest])


def _check(found: Walk, streams: Sequence[Stream]) -> None:
    """Refuse codings that are not read, and links of different forms."""
    if not streams:
        names = sorted({stream.coding.name for link in found.links for stream in link})
        raise unsupported(
            f"{' and '.join(names)}, without a stream of audio", "give a file that contains audio"
        )
    forms = [form_of(stream.coding, stream.head) for stream in streams]
    for index, (stream, form) in enumerate(zip(streams, forms, strict=True)):
        if not stream.coding.is_read:
            raise unsupported(stream.coding.name)
        both = {stream.coding.name, streams[0].coding.name}
        if len(both) > 1 and both & {"FLAC", "Speex"}:  # another decoder reads them
            raise _changed(
                index,
                f"another coding than part 1: {stream.coding.name} instead of "
                f"{streams[0].coding.name}",
            )
        if form != forms[0] and form is not None and forms[0] is not None:
            raise _changed(
                index,
                f"another sample rate or number of channels than part 1: {_named(form)} instead of "
                f"{_named(forms[0])}",
            )


def _changed(index: int, change: str) -> AudioError:
    return AudioError(
        f"part {index + 1} has {change}",
        code="malformed",
        remedy="split it into one file for each part",
    )


def _named(form: tuple[int, int]) -> str:
    rate, channels = form
    return f"{rate} Hz, " + ("1 channel" if channels == 1 else f"{channels} channels")


def _flac(
    content: Content, found: Walk, streams: Sequence[Stream], notes: Sequence[str]
) -> Findings:
    """Return the findings of FLAC in Ogg: those of the FLAC files in the bodies of its pages."""
    bodies = []
    for stream in streams:
        first, *rest = stream.bodies
        bodies += [first[_FLAC_MAPPING:], *rest]
    findings = read_flac(Pieces(content, bodies))
    return replace(findings, cut=found.cut, notes=(*notes, *findings.notes))

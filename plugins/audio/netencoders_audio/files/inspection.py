"""Inspection: what a file is, and what it promises, before any decoder sees it."""

from __future__ import annotations

from dataclasses import dataclass

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.headers import read_promise
from netencoders_audio.files.mpeg import frames_of, skip_id3
from netencoders_audio.files.ogg import read_pages
from netencoders_audio.files.sniff import HEAD, looks_like, sniff
from netencoders_audio.limits import FORMATS, current_limits, not_allowed

__all__ = ["Findings", "inspect"]


@dataclass(frozen=True)
class Findings:
    """What a file holds.

    Attributes
    ----------
    parts : tuple of Content
        What the decoder should be given, one part after the other; mostly the file as it is.
    promised, present : int or None
        Frames that the header claims, and that there is room for, as far as that is known.
    cut : str or None
        Where the file ends before its end, if that is known.
    note : str or None
        What is odd about it, although it is read.
    """

    parts: tuple[Content, ...]
    promised: int | None = None
    present: int | None = None
    cut: str | None = None
    note: str | None = None


def inspect(content: Content) -> Findings:
    """Return what a file holds, if it is one that is decoded at all.

    Raises
    ------
    AudioError
        With code ``empty-file``; ``unrecognized``, saying what it looks like; ``not-allowed``, a
        format that the limits do not name; ``malformed``, it contradicts itself.
    """
    if content.size == 0:
        raise AudioError("a file of 0 bytes", code="empty-file", remedy="fetch it again")
    head = content.read_at(0, HEAD)
    container = sniff(head)
    start = skip_id3(content.read_at, content.size) if container == "MP3" else 0
    if start:  # some write these tags in front of other formats as well
        container = sniff(content.read_at(start, HEAD)) or container
    formats = current_limits().formats
    if container is None:
        if formats > FORMATS:
            return Findings((content,))  # more than is known here: libsndfile shall look
        raise AudioError(
            "not recognized as audio, but looks like " + looks_like(head),
            code="unrecognized",
            remedy="give a WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, AU or CAF file",
        )
    if container not in formats:
        raise not_allowed("formats", container)
    if container == "MP3":
        frames = frames_of(content.read_at, start, content.size)
        if frames is None:
            return Findings((content,))
        return Findings((Pieces(content, frames.pieces),), note=frames.note)
    if start:
        content = Pieces(content, [range(start, content.size)])
    if container == "OGG":
        pages = read_pages(content.read_at, content.size)
        if len(pages.links) == 1 and len(pages.links[0]) == 1:
            return Findings((content,), cut=pages.cut)
        links = tuple(Pieces(content, ranges) for ranges in pages.links)
        return Findings(links or (content,), cut=pages.cut)
    promise = read_promise(container, content.read_at, content.size)
    if promise.patch is not None:
        place, new = promise.patch
        whole = range(content.size)
        content = Pieces(content, [whole[:place], new, whole[place + len(new) :]])
    return Findings((content,), promise.promised, promise.present, note=promise.note)

"""Findings: the result of the inspection of a file, for all formats."""

from __future__ import annotations

from dataclasses import dataclass

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, Pieces

__all__ = ["Findings", "malformed", "patched"]


@dataclass(frozen=True)
class Findings:
    """The result of the inspection of a file.

    Attributes
    ----------
    parts : tuple of Content
        The bytes for the decoder, one part after the other; in most cases the file itself.
    claimed, present : int or None
        The number of frames that the header claims, and the number that the file has; None if
        unknown.
    cut : str or None
        If the file is truncated: a sentence that states its end, without a subject.
    note : str or None
        A fault for which a warning is enough: a sentence without a subject.
    """

    parts: tuple[Content, ...]
    claimed: int | None = None
    present: int | None = None
    cut: str | None = None
    note: str | None = None


def patched(content: Content, place: int, new: bytes) -> Pieces:
    """Return a content in which `new` replaces the bytes from `place` on."""
    whole = range(content.size)
    return Pieces(content, [whole[:place], new, whole[place + len(new) :]])


def malformed(problem: str) -> AudioError:
    """Return the error for a damaged file."""
    return AudioError(problem, code="malformed", remedy="the file is damaged: fetch it again")

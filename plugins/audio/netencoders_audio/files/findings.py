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
    promised, present : int or None
        The frames that the header claims, and that the file has room for, if they are known.
    cut : str or None
        Where the file ends too early, if it does.
    note : str or None
        A fault of the file that does not keep it from being read.
    """

    parts: tuple[Content, ...]
    promised: int | None = None
    present: int | None = None
    cut: str | None = None
    note: str | None = None


def patched(content: Content, place: int, new: bytes) -> Pieces:
    """Return a content with the bytes from `place` on replaced by others."""
    whole = range(content.size)
    return Pieces(content, [whole[:place], new, whole[place + len(new) :]])


def malformed(problem: str) -> AudioError:
    """Return the error for a damaged file."""
    return AudioError(problem, code="malformed", remedy="the file is damaged, fetch it again")

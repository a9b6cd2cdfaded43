"""Findings: the result of the inspection of a file, for all formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.ima import ImaBlocks
from netencoders_audio.files.layout import Layout

if TYPE_CHECKING:
    from netencoders_audio.files.tracks import Track

__all__ = ["Findings", "malformed", "patched", "unsupported"]


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
    notes : tuple of str
        Faults for which a warning is enough: sentences without a subject.
    counted : int or None
        The number of frames that the decoder must give, from a count of the coded frames.
    rewind : bool
        Whether the decoder must seek to frame 0 before the first read.
    regular : bool
        Whether frames have the same samples after a seek as in their order (FLAC).
    layout : Layout, ImaBlocks or None
        The place and the form of samples that numpy reads; None if libsndfile decodes them.
    tracks : tuple of Track
        The streams of audio of a file that other readers decode; empty for all other files.
    """

    parts: tuple[Content, ...]
    claimed: int | None = None
    present: int | None = None
    cut: str | None = None
    notes: tuple[str, ...] = ()
    counted: int | None = None
    rewind: bool = False
    regular: bool = False
    layout: Layout | ImaBlocks | None = None
    tracks: tuple[Track, ...] = ()


def patched(content: Content, place: int, new: bytes) -> Pieces:
    """Return a content in which `new` replaces the bytes from `place` on."""
    whole = range(content.size)
    return Pieces(content, [whole[:place], new, whole[place + len(new) :]])


def malformed(problem: str) -> AudioError:
    """Return the error for a damaged file."""
    return AudioError(problem, code="malformed", remedy="the file is damaged: fetch it again")


def ended_before(cut: str, place: str = "its first samples") -> AudioError:
    """Return the error for a truncated file without samples that could be encoded.

    Parameters
    ----------
    cut : str
        As `Findings.cut`.
    place : str
        The part that is missing, without which there are no samples.
    """
    return AudioError(f"{cut}, before {place}", code="truncated", remedy="fetch it again")


def unsupported(coding: str, remedy: str = "") -> AudioError:
    """Return the error for a file in a coding that no decoder here reads.

    Parameters
    ----------
    coding : str
        The name of the coding, such as "G.726".
    remedy : str, optional
        Another remedy than the conversion by ffmpeg.
    """
    return AudioError(
        f"its coding is {coding}, which cannot be decoded",
        code="unsupported-coding",
        remedy=remedy or "convert it, for instance: ffmpeg -i input -c:a pcm_s16le output.wav",
    )

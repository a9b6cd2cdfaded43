"""Inspection: finds the format of a file and checks its header, before the file is decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.flac import read_flac
from netencoders_audio.files.headers import read_aiff, read_au, read_caf, read_w64, read_wav
from netencoders_audio.files.mpeg import read_mp3, skip_id3
from netencoders_audio.files.ogg import read_ogg
from netencoders_audio.files.sniff import HEAD, looks_like, sniff
from netencoders_audio.limits import FORMATS, current_limits, not_allowed

__all__ = ["READERS", "inspect"]

READERS: Final[Mapping[str, Callable[[Content], Findings]]] = {
    "WAV": read_wav,
    "RF64": read_wav,
    "W64": read_w64,
    "AIFF": read_aiff,
    "AU": read_au,
    "CAF": read_caf,
    "FLAC": read_flac,
    "OGG": read_ogg,
    "MP3": read_mp3,
}
"""The function that inspects a file, for each format of `sniff`."""


def inspect(content: Content) -> Findings:
    """Return the findings of a file of a known format.

    Raises
    ------
    AudioError
        With code ``empty-file``: the file has 0 bytes; ``unrecognized``: the message names the
        format that it resembles; ``not-allowed``: the limits do not include its format;
        ``malformed``: its content contradicts itself.
    """
    if content.size == 0:
        raise AudioError("the file has 0 bytes", code="empty-file", remedy="fetch it again")
    head = content.read_at(0, HEAD)
    kind = sniff(head)
    if kind == "MP3" and (start := skip_id3(content)):
        # Some programs write ID3 tags in front of other formats, too.
        kind = sniff(content.read_at(start, HEAD)) or kind
        if kind != "MP3":
            content = Pieces(content, [range(start, content.size)])
    formats = current_limits().formats
    if kind is None:
        if formats > FORMATS:
            return Findings((content,))  # a format that only libsndfile knows
        raise AudioError(
            "not recognized as audio: it looks like " + looks_like(head),
            code="unrecognized",
            remedy="give a WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, AU or CAF file",
        )
    if kind not in formats:
        raise not_allowed("formats", kind)
    return READERS[kind](content)

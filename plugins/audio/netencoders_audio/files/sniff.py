"""Sniff: finds the format of a file by its first bytes; its name has no influence."""

from __future__ import annotations

import re
from functools import cache

__all__ = ["HEAD", "KINDS", "looks_like", "sniff"]

# The number of bytes that `sniff` and `looks_like` need.
HEAD = 512

_RIFF64_WAVE = b"wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0O\x8e\xdb\x8a"

# The first bytes of a file of each format. An MPEG header has eleven bits of synchronization, then
# a version, a layer, a bit rate and a sample rate, each with forbidden values.
KINDS = {
    "WAV": rb"RIF[FX].{4}WAVE",
    "RF64": rb"RF64.{4}WAVE",
    "W64": rb"riff.{20}" + re.escape(_RIFF64_WAVE),
    "AIFF": rb"FORM.{4}AIF[FC]",
    "AU": rb"\.snd|dns\.",
    "CAF": rb"caff",
    "FLAC": rb"fLaC",
    "OGG": rb"OggS",
    "MP3": rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][^\xf0-\xff]",
}

_NOT_AUDIO = {
    "a Git LFS pointer: fetch the file itself with 'git lfs pull'": rb"version https://git-lfs",
    "an MPEG-4 file (m4a, mp4): convert it, for instance with ffmpeg, to FLAC or WAV": rb".{4}ftyp",
    "a Matroska file (webm, mkv): convert it, for instance with ffmpeg, to FLAC or WAV": (
        rb"\x1a\x45\xdf\xa3"
    ),
    "a Windows Media file (wma): convert it, for instance with ffmpeg, to FLAC or WAV": (
        rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
    ),
    "AMR speech: convert it, for instance with ffmpeg, to FLAC or WAV": rb"#!AMR",
    "ADTS AAC: convert it, for instance with ffmpeg, to FLAC or WAV": rb"\xff[\xf0\xf1\xf8\xf9]",
    "a MIDI file, which contains notes and no audio": rb"MThd",
    "a web page: a download may have failed": rb"(?i:\s*<(!doctype html|html|head|body))",
    "an XML file": rb"\s*<\?xml",
    "a PNG picture": rb"\x89PNG",
    "a JPEG picture": rb"\xff\xd8\xff",
    "a GIF picture": rb"GIF8",
    "a PDF": rb"%PDF",
    "gzip: decompress it first": rb"\x1f\x8b",
    "bzip2: decompress it first": rb"BZh",
    "xz: decompress it first": rb"\xfd7zXZ",
    "zstd: decompress it first": rb"\x28\xb5\x2f\xfd",
    "a zip archive: unpack it first": rb"PK\x03\x04",
    "a numpy array: load it, and wrap it as Audio(samples, rate)": rb"\x93NUMPY",
    "a pickle": rb"\x80[\x02\x03][c(}\]]|\x80[\x04\x05]\x95",
    "a program": rb"\x7fELF|MZ",
}


def sniff(head: bytes) -> str | None:
    r"""Return the name of the audio format of a file that begins with `head`, or None.

    >>> sniff(b"fLaC\x00\x00\x00\x22")
    'FLAC'
    """
    return _first(KINDS, head)


def looks_like(head: bytes) -> str:
    """Return a description of a file that is not audio, with a remedy if one is known.

    >>> looks_like(b"<!DOCTYPE html><html>")
    'a web page: a download may have failed'
    """
    kind = _first(_NOT_AUDIO, head)
    if kind is None and head[257:262] == b"ustar":
        kind = "a tar archive: unpack it first"
    if kind is None and _is_text(head):
        kind = "text"
    return kind or "samples without a header: read them, and wrap them as Audio(samples, rate)"


def _first(table: dict[str, bytes], head: bytes) -> str | None:
    for kind, pattern in table.items():
        if _compiled(pattern).match(head):
            return kind
    return None


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


def _is_text(head: bytes) -> bool:
    try:
        # The last character may be incomplete.
        text = head.decode("utf-8", "strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)

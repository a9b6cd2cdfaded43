"""Inspection: finds the format of a file and checks its header, before the file is decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.adts import read_adts
from netencoders_audio.files.aiff import read_aiff
from netencoders_audio.files.ape import read_ape
from netencoders_audio.files.asf import read_asf
from netencoders_audio.files.au import read_au
from netencoders_audio.files.avi import read_avi
from netencoders_audio.files.caf import read_caf
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.flac import read_flac
from netencoders_audio.files.flv import read_flv
from netencoders_audio.files.matroska import read_matroska
from netencoders_audio.files.mp4 import read_mp4
from netencoders_audio.files.mpeg import has_frames, read_mp3
from netencoders_audio.files.mpegts import read_mpegts
from netencoders_audio.files.ogg import read_ogg
from netencoders_audio.files.sniff import (
    HEAD,
    READABLE,
    is_known,
    looks_like,
    other_container,
    sniff,
)
from netencoders_audio.files.speech_frames import read_amr
from netencoders_audio.files.sphere import read_sphere
from netencoders_audio.files.surround_frames import read_ac3, read_dts
from netencoders_audio.files.tags import skip_id3
from netencoders_audio.files.tracks import Track
from netencoders_audio.files.tta import read_tta
from netencoders_audio.files.wav import read_w64, read_wav
from netencoders_audio.files.wavpack import read_wavpack
from netencoders_audio.limits import FORMATS, current_limits, not_allowed

__all__ = ["READERS", "inspect"]

# An empty part of a disk may be much longer than memory, and reading it takes long.
_SCANNED: Final = 1 << 26
_PIECE: Final = 1 << 20

READERS: Final[Mapping[str, Callable[[Content], Findings]]] = {
    "WAV": read_wav,
    "RF64": read_wav,
    "W64": read_w64,
    "AIFF": read_aiff,
    "AU": read_au,
    "CAF": read_caf,
    "NIST": read_sphere,
    "FLAC": read_flac,
    "OGG": read_ogg,
    "MP3": read_mp3,
    "ADTS": read_adts,
    "AMR": read_amr,
    "AC3": read_ac3,
    "DTS": read_dts,
    "WAVPACK": read_wavpack,
    "TTA": read_tta,
    "APE": read_ape,
    "MP4": read_mp4,
    "MATROSKA": read_matroska,
    "ASF": read_asf,
    "AVI": read_avi,
    "FLV": read_flv,
    "MPEGTS": read_mpegts,
}
"""The function that inspects a file, for each format of `sniff`."""


def inspect(content: Content) -> Findings:
    """Return the findings of a file of a known format.

    Raises
    ------
    AudioError
        With code ``empty-file``: the file has 0 bytes; ``unrecognized``: the message names the
        kind that it resembles, or shows its first bytes; ``not-allowed``: the limits do not include
        its format; ``malformed``: its content contradicts itself.
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
    if kind is None and not is_known(head) and has_frames(content):
        kind = "MP3"  # it begins with zeros, with a tag or inside a frame
    formats = current_limits().formats
    if kind is None:
        if formats > FORMATS:
            return Findings((content,))  # a format that only libsndfile knows
        refusal = _unrecognized(content, head)
        if (name := other_container(head)) is None:
            raise refusal
        return Findings((content,), tracks=(Track(name, name, content, refusal=refusal),))
    if kind not in formats:
        raise not_allowed("formats", kind)
    return READERS[kind](content)


def _unrecognized(content: Content, head: bytes) -> AudioError:
    """Return the error for a file of another kind."""
    if any(head):
        kind = looks_like(head)
    elif (zeros := _zeros(content)) < min(content.size, _SCANNED):
        rest = looks_like(content.read_at(zeros, HEAD))
        kind = f"it begins with {zeros} zeros; after them, {rest}"
    else:
        some = "all" if zeros == content.size else f"the first {zeros}"
        kind = f"{some} of its {content.size} bytes are zero: a download or a copy did not finish"
    return AudioError(f"not recognized as audio: {kind}", code="unrecognized", remedy=READABLE)


def _zeros(content: Content) -> int:
    """Return the number of zeros at the start of a file, up to `_SCANNED`."""
    count = 0
    while count < min(content.size, _SCANNED):
        piece = content.read_at(count, _PIECE)
        rest = piece.lstrip(b"\0")
        count += len(piece) - len(rest)
        if rest or not piece:
            break
    return count

"""Ogg codings: the first packet of a stream names its coding, and states the form of the audio."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

__all__ = ["Coding", "coding_of", "form_of"]


class Coding(NamedTuple):
    """The coding of a stream.

    Attributes
    ----------
    name : str
    is_audio : bool
        Whether it is audio; other streams contain pictures, texts or indices.
    is_read : bool
        Whether libsndfile, or the reader of Speex, decodes it.
    """

    name: str
    is_audio: bool = True
    is_read: bool = False


_CODINGS: Final = {
    b"\x01vorbis": Coding("Vorbis", is_read=True),
    b"OpusHead": Coding("Opus", is_read=True),
    b"\x7fFLAC\x01": Coding("FLAC", is_read=True),
    b"\x7fFLAC": Coding("FLAC in Ogg of an unknown version"),
    b"fLaC": Coding("FLAC in Ogg of the time before version 1.1.1 of FLAC"),
    b"Speex   ": Coding("Speex", is_read=True),
    b"PCM     ": Coding("PCM in Ogg"),
    b"CELT    ": Coding("CELT"),
    b"OggMIDI\0": Coding("MIDI in Ogg, which contains notes"),
    b"\x01audio\0": Coding("audio in the OGM format"),
    b"\x80theora": Coding("Theora video", is_audio=False),
    b"\x01video\0": Coding("video in the OGM format", is_audio=False),
    b"\x01text\0": Coding("text in the OGM format", is_audio=False),
    b"BBCD\0": Coding("Dirac video", is_audio=False),
    b"OVP80": Coding("VP8 video", is_audio=False),
    b"\x80daala": Coding("Daala video", is_audio=False),
    b"fishead\0": Coding("Skeleton, an index", is_audio=False),
    b"CMML\0\0\0\0": Coding("CMML, a text", is_audio=False),
    b"\x80kate\0": Coding("Kate subtitles", is_audio=False),
}
"""The coding of a stream for the beginning of its first packet."""


def coding_of(packet: bytes) -> Coding:
    """Return the coding of the stream that begins with a packet.

    >>> coding_of(b"Speex   1.2").name
    'Speex'
    """
    for begin, coding in _CODINGS.items():
        if packet.startswith(begin):
            return coding
    return Coding(f"an unknown kind of Ogg stream that begins with {packet[:8]!r}", is_audio=False)


def form_of(coding: Coding, packet: bytes) -> tuple[int, int] | None:
    """Return the sample rate and the number of channels that the first packet states.

    The result is None for FLAC, whose own header is read later, and for incomplete packets.
    """
    if coding.name == "Vorbis" and len(packet) >= 16:
        (channels, rate) = struct.unpack_from("<BI", packet, 11)
        return rate, channels
    if coding.name == "Opus" and len(packet) >= 16:
        (channels, rate) = struct.unpack_from("<B2xI", packet, 9)
        # libsndfile decodes at the next rate that Opus supports. A rate of 0 is unknown.
        rates = [8000, 12000, 16000, 24000]
        return next((known for known in rates if 0 < rate <= known), 48000), channels
    return None

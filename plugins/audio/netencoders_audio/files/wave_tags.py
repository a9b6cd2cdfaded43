"""The codings of WAV files, by their format tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["OPTIONAL", "tag_name"]

OPTIONAL: Final[Mapping[int, frozenset[str]]] = {
    0x31: frozenset({"GSM610"}),
    0x38: frozenset({"NMS_ADPCM_16", "NMS_ADPCM_24", "NMS_ADPCM_32"}),
    0x40: frozenset({"G721_32"}),
}
"""Codings that libsndfile decodes if the limits allow them, by soundfile's names."""

_NAMES: Final[Mapping[int, str]] = {
    0x0005: "IBM CVSD",
    0x0008: "DTS",
    0x0009: "DRM",
    0x000A: "Windows Media Audio Voice",
    0x0010: "OKI ADPCM",
    0x0012: "Videologic ADPCM",
    0x0013: "Sierra ADPCM",
    0x0014: "G.723 ADPCM",
    0x0015: "DIGISTD",
    0x0016: "DIGIFIX",
    0x0017: "Dialogic OKI ADPCM",
    0x0020: "Yamaha ADPCM",
    0x0021: "Sonarc",
    0x0022: "TrueSpeech",
    0x0031: "GSM 6.10",
    0x0032: "MSN Audio",
    0x0036: "VoxWare VR12",
    0x0038: "NMS VBX ADPCM (WAV format tag 0x0038)",
    0x003B: "Rockwell ADPCM",
    0x003C: "Rockwell DIGITALK",
    0x0040: "G.721 ADPCM",
    0x0041: "G.728 CELP",
    0x0042: "Microsoft G.723.1",
    0x0045: "G.726 ADPCM",
    0x0057: "AMR-NB",
    0x0058: "AMR-WB",
    0x0059: "G.726 ADPCM",
    0x0061: "Duck DK4 ADPCM",
    0x0062: "Duck DK3 ADPCM",
    0x0064: "G.726 ADPCM",
    0x0065: "G.722 ADPCM",
    0x0069: "VoxWare byte-aligned",
    0x0070: "VoxWare AC8",
    0x0071: "VoxWare AC10",
    0x0072: "VoxWare AC16",
    0x0073: "VoxWare AC20",
    0x0074: "VoxWare MetaVoice",
    0x0075: "VoxWare MetaSound (RT29)",
    0x0076: "VoxWare RT29HW",
    0x0077: "VoxWare VR12",
    0x0078: "VoxWare VR18",
    0x0079: "VoxWare TQ40",
    0x0083: "G.729",
    0x0084: "G.729A",
    0x0085: "G.726 ADPCM",
    0x0092: "AC-3 in S/PDIF",
    0x00A1: "G.729",
    0x00A2: "G.723.1",
    0x00FF: "AAC",
    0x0111: "G.723.1",
    0x0123: "G.721 ADPCM",
    0x0125: "G.726 ADPCM",
    0x0130: "ACELP.net",
    0x0131: "ACELP.4800",
    0x0133: "G.729",
    0x0140: "G.726 ADPCM",
    0x0160: "Windows Media Audio 1",
    0x0161: "Windows Media Audio 2",
    0x0162: "Windows Media Audio Professional",
    0x0163: "Windows Media Audio Lossless",
    0x0164: "Windows Media Audio in S/PDIF",
    0x0200: "Creative ADPCM",
    0x0270: "Sony ATRAC",
    0x028F: "G.722 ADPCM",
    0x0401: "Intel Music Coder",
    0x0402: "Indeo Audio",
    0x0500: "On2 AVC",
    0x1600: "AAC in ADTS",
    0x1602: "AAC in LATM",
    0x1610: "AAC",
    0x2000: "AC-3",
    0x2001: "DTS",
    0x2002: "RealAudio 14.4",
    0x2003: "RealAudio 28.8",
    0x4143: "AAC",
    0x566F: "Vorbis",
    0x674F: "Vorbis",
    0x6750: "Vorbis",
    0x6751: "Vorbis",
    0x676F: "Vorbis",
    0x6770: "Vorbis",
    0x6771: "Vorbis",
    0x704F: "Opus",
    0x7A21: "AMR",
    0x7A22: "AMR",
    0xA106: "AAC",
    0xA109: "Speex",
    0xF1AC: "FLAC in WAV",
    0xFFFF: "an experimental one (WAV format tag 0xFFFF)",
}


def tag_name(tag: int) -> str:
    """Return the name of a coding, or its tag.

    >>> tag_name(0x83), tag_name(0x1234)
    ('G.729', 'WAV format tag 0x1234')
    """
    return _NAMES.get(tag, f"WAV format tag 0x{tag:04X}")

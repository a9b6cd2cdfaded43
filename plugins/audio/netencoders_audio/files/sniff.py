"""Sniff: finds the format of a file by its first bytes; its name has no influence.

The module is long because it holds the tables of formats: those that are read, and others that are
named in an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from netencoders_audio.files.flac_frames import HEADER, frame_header

__all__ = ["HEAD", "KINDS", "READABLE", "is_known", "looks_like", "other_container", "sniff"]

# The number of bytes that `sniff` and `looks_like` need.
HEAD = 512

READABLE = "give a WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, AU or CAF file"
"""The remedy for a file that cannot be read, if there is no better one."""

_RIFF64_WAVE = b"wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0O\x8e\xdb\x8a"

# The first bytes of a file of each format. An MPEG header has eleven bits of synchronization, then
# a version, a layer, a bit rate and a sample rate, each with forbidden values.
KINDS = {
    "WAV": rb"RIF[FX].{4}WAVE",
    "RF64": rb"(RF64|BW64).{4}WAVE",
    "W64": rb"riff.{20}" + re.escape(_RIFF64_WAVE),
    "AIFF": rb"FORM.{4}AIF[FC]",
    "AU": rb"\.snd|dns\.",
    "CAF": rb"caff",
    "NIST": rb"NIST_1A",
    "FLAC": rb"fLaC",
    "OGG": rb"OggS",
    "ADTS": rb"\xff[\xf0\xf1\xf8\xf9]",
    "AMR": rb"#!AMR",
    "AC3": rb"\x0b\x77|\x77\x0b",
    "DTS": rb"\x7f\xfe\x80\x01|\xfe\x7f\x01\x80|\x1f\xff\xe8\x00|\xff\x1f\x00\xe8|DTSHDHDR",
    "WAVPACK": rb"wvpk",
    "TTA": rb"TTA1",
    "APE": rb"MAC .[\x00-\x1f]",
    "MP4": (
        rb"\x00.{3}ftyp(?!hei|hev|mif1|msf1|avi[fs])"
        rb"|[\x00-\x0f].{3}(moov|mdat|wide|free|skip|pnot)"
    ),
    "MATROSKA": rb"\x1a\x45\xdf\xa3",
    "ASF": rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    "AVI": rb"RIFF.{4}AVI ",
    "FLV": rb"FLV\x01",
    "MPEGTS": rb"G(.{187}G){2}|.{4}G(.{191}G){2}",
    "MP3": rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][^\xf0-\xff]",
}

_CONVERT = "convert it, for instance with ffmpeg, to FLAC or WAV"
_UNPACK = "unpack it first"
_DECOMPRESS = "decompress it first"
_LOAD = "load it, and wrap its samples as Audio(samples, rate)"
_FETCH = "a download may have failed"

# The kinds of other files, by the next step. The first pattern that matches decides, in this order.
_OTHERS = {
    _CONVERT: {
        "iLBC speech": rb"#!iLBC",
        "Dolby TrueHD audio": rb".{4}\xf8\x72\x6f[\xba\xbb]",
        "Musepack audio": rb"MPCK|MP\+[\x07\x17]",
        "TAK audio": rb"tBaK",
        "True Audio 2 (TTA2)": rb"TTA2",
        "Shorten audio": rb"ajkg",
        "DSD audio (DSF)": rb"DSD .{2}\x00",
        "DSD audio (DSDIFF)": rb"FRM8.{8}DSD ",
        "RealAudio": rb"\.ra\xfd",
        "RealMedia": rb"\.RMF",
        "Sony OpenMG (ATRAC) audio": rb"ea3\x03|EA3\x01",
        "DSS dictation": rb"[\x02\x03]dss",
        "a Creative Voice file (VOC)": rb"Creative Voice File",
        "an IRCAM sound file": rb"\x64\xa3[\x00-\x04]\x00|\x00[\x00-\x04]\xa3\x64",
        "a SoX file": rb"\.SoX|XoS\.",
        "frames of S/PDIF": rb"\x72\xf8\x1f\x4e",
        "a Portable Voice file": rb"PVF[12]\n",
        "an Amiga sound (8SVX)": rb"FORM.{4}(8SVX|16SV|MAUD)",
        "QCELP speech (QCP)": rb"RIFF.{4}QLCM",
        "an AMV video": rb"RIFF.{4}AMV ",
        "AAC in ADIF": rb"ADIF",
        "AAC in LOAS": rb"V[\xe0-\xff].[^\x80-\xbf]",
        "an MPEG program stream": rb"\x00\x00\x01\xba",
        "an MPEG video": rb"\x00\x00\x01\xb3",
    },
    "convert it, for instance with sox -t htk, to WAV": {
        "an HTK waveform": rb".{4}\x00\x00(\x04\xe2|\x02\x71)\x00\x02\x00\x00"
    },
    "convert it with the decoder ofr of OptimFROG to WAV": {
        "OptimFROG audio": rb"OFR .\x00\x00\x00"
    },
    "convert it with the decoder of Olympus to WAV": {"DS2 dictation": rb"[\x01-\x07]ds2"},
    "convert it with a decoder of SILK to WAV": {"SILK speech": rb"\x02?#!SILK"},
    "encode the recording itself": {
        "a MIDI file, which contains notes and no audio": rb"MThd|RIFF.{4}RMID",
        "a shortcut to an audio CD, which contains no audio": rb"RIFF.{4}CDDA",
        "a bank of instruments (SoundFont)": rb"RIFF.{4}sfbk",
        "a playlist, which contains only the names of files": rb"#EXTM3U|\[playlist\]",
        "a Windows shortcut, which contains only the name of a file": rb"L\x00\x00\x00\x01\x14\x02",
    },
    "it may be left out: the recording has the same name without '._'": {
        "AppleDouble, in which macOS keeps Finder data of another file": rb"\x00\x05\x16\x07",
    },
    "it may be left out": {"a folder index of macOS (.DS_Store)": rb"\x00\x00\x00\x01Bud1"},
    "fetch the file itself with 'git lfs pull'": {
        "a Git LFS pointer": rb"version https://git-lfs",
    },
    "fetch the file itself with 'git annex get'": {"a git-annex pointer": rb"/annex/objects/"},
    "decode it first: base64.b64decode(text)": {
        "audio as Base64 text": rb"(data:audio/[^,]{1,80},)?(UklGR|T2dnU|ZkxhQ|SUQz|//uQ)",
    },
    _UNPACK: {
        "a zip archive": rb"PK(\x03\x04|\x05\x06|\x07\x08)",
        "a 7z archive": rb"7z\xbc\xaf\x27\x1c",
        "a RAR archive": rb"Rar!\x1a\x07",
        "a tar archive": rb".{257}ustar",
        "a cabinet archive": rb"MSCF\x00\x00\x00\x00",
        "AppleSingle, which contains another file": rb"\x00\x05\x16\x00",
    },
    _DECOMPRESS: {
        "gzip": rb"\x1f\x8b",
        "bzip2": rb"BZh[1-9]1AY",
        "xz": rb"\xfd7zXZ",
        "zstd": rb"\x28\xb5\x2f\xfd",
        "lz4": rb"\x04\x22\x4d\x18",
        "lzip": rb"LZIP\x01",
    },
    _LOAD: {
        "a numpy array (npy)": rb"\x93NUMPY",
        "a Parquet table": rb"PAR1|PARE[^ -~]",
        "an Arrow file": rb"ARROW1|FEA1|\xff\xff\xff\xff.{2}\x00\x00",
        "an ORC table": rb"ORC[^ -~]",
        "an Avro file": rb"Obj\x01",
        "an HDF5 file": rb"\x89HDF\r\n\x1a\n",
        "a MATLAB file": rb"MATLAB [57]\.\d MAT-file",
        "a NetCDF file": rb"CDF[\x01\x02\x05]",
        "a FITS file": rb"SIMPLE  =",
        "an SQLite database": rb"SQLite format 3\x00",
        "an LMDB database": rb".{16}\xde\xc0\xef\xbe",
        "a safetensors file": rb".{6}\x00\x00\{[\"}]",
        "a pickle": rb"\x80[\x02\x03][c(}\]X\x8a]|\x80[\x04\x05]\x95",
        "a Kaldi ark": (
            rb"([^\s\x00-\x1f]{1,200} )?\x00B([FDC]M[23]? |[FD]V |\x04)"
            rb"|[^\s\x00-\x1f]{1,200} (RIFF.{4}WAVE|fLaC|NIST_1A|AUDIO\x01)"
        ),
    },
    _FETCH: {
        "a web page": rb"(?i:\s*<(!doctype html|html|head|body))",
        "an XML file": rb"\s*<\?xml",
    },
    "": {
        "a PNG picture": rb"\x89PNG",
        "a JPEG picture": rb"\xff\xd8\xff",
        "a GIF picture": rb"GIF8[79]a",
        "a WebP picture": rb"RIFF.{4}WEBP",
        "a TIFF picture": rb"II\x2a\x00|MM\x00\x2a",
        "a HEIF picture": rb"\x00.{3}ftyp",
        "a PDF": rb"%PDF",
        "an Office document": rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a property list": rb"bplist0",
        "a program": rb"\x7fELF|MZ[^ -~]|[\xcf\xce]\xfa\xed\xfe|\xca\xfe\xba\xbe",
        "a RIFF file of another form than WAVE": rb"RIF[FX].{4}[ -~]{4}",
        "an IFF file of another form than AIFF": rb"FORM[\x00-\x0f].{3}[A-Z0-9 ]{4}",
    },
}

# The containers that only readers of third-party plugins read, for each kind above.
_CONTAINERS = {
    "iLBC speech": "ILBC",
    "Dolby TrueHD audio": "TRUEHD",
    "Musepack audio": "MUSEPACK",
    "TAK audio": "TAK",
    "True Audio 2 (TTA2)": "TTA2",
    "Shorten audio": "SHORTEN",
    "DSD audio (DSF)": "DSF",
    "DSD audio (DSDIFF)": "DSDIFF",
    "RealAudio": "REALAUDIO",
    "RealMedia": "REALMEDIA",
    "Sony OpenMG (ATRAC) audio": "OPENMG",
    "DSS dictation": "DSS",
    "DS2 dictation": "DS2",
    "SILK speech": "SILK",
    "OptimFROG audio": "OPTIMFROG",
    "QCELP speech (QCP)": "QCP",
    "AAC in ADIF": "ADIF",
    "AAC in LOAS": "LOAS",
    "an MPEG program stream": "MPEGPS",
}

# The kinds of text, also by the next step.
_TEXTS = {
    "give the recording that it describes": {
        "a Praat TextGrid": r'File type = "ooTextFile|"ooTextFile',
        "subtitles (SRT or WebVTT)": r"WEBVTT|\d+\s*\n\d\d:\d\d:\d\d[,.]\d+ *-->",
        "a table of speakers (RTTM)": r"SPEAKER \S+ \d",
    },
    _LOAD: {
        "JSON text": r'\s*(\{\s*["}]|\[\s*[\[\]{"\d-])',
        "a table of text (CSV)": r"[^\n,;\t]*([,;\t])(?=\S)[^\n]*\n[^\n]*\1(?=\S)",
        "text": r"\s*-?\d*\.?\d+([eE][-+]?\d+)?\s",
    },
    "": {"text": r""},
}


def sniff(head: bytes) -> str | None:
    r"""Return the name of the audio format of a file that begins with `head`, or None.

    >>> sniff(b"fLaC\x00\x00\x00\x22")
    'FLAC'
    """
    kind = next((kind for kind in KINDS if _compiled(KINDS[kind]).match(head)), None)
    if kind == "ADTS" and frame_header(head[:HEADER], 0):  # FLAC frames begin with the same bits
        return None
    # The mark of UTF-16 text has the bits of an MPEG header.
    return None if kind == "MP3" and head[:2] == b"\xff\xfe" and _text(head) else kind


def is_known(head: bytes) -> bool:
    r"""Return whether a file that is not audio begins with `head`.

    >>> is_known(b"PK\x03\x04"), is_known(bytes(16))
    (True, False)
    """
    return _first(_OTHERS, head) is not None or _has_flac_frame(head)


def other_container(head: bytes) -> str | None:
    """Return the name of the container of audio that only third-party plugins read, or None."""
    for kinds in _OTHERS.values():
        for kind, pattern in kinds.items():
            if _compiled(pattern).match(head):
                return _CONTAINERS.get(kind)
    return None


def looks_like(head: bytes) -> str:
    """Return a clause about a file that is not audio: its kind, and the next step if there is one.

    >>> looks_like(b"<!DOCTYPE html><html>")
    'it looks like a web page: a download may have failed'
    """
    # FLAC frames and ADTS AAC begin with the same bits.
    kind = None if frame_header(head[:HEADER], 0) else _first(_OTHERS, head)
    if kind is None and _has_flac_frame(head):
        kind = "FLAC frames without a FLAC header: its beginning is missing, fetch the whole file"
    if kind is None and (name := sniff(head)) is not None:
        kind = f"a file of the format {name}"
    if kind is None and (text := _text(head)) is not None:
        kind = _first(_TEXTS, text)
    if kind is not None:
        return f"it looks like {kind}"
    return (
        f"it is of an unknown kind, and begins with {_shown(head)}. If these are samples without a "
        "header, read them, and wrap them as Audio(samples, rate)"
    )


def _has_flac_frame(head: bytes) -> bool:
    """Return whether the header of a FLAC frame, with its checksum, is among the bytes."""
    syncs = re.finditer(rb"\xff[\xf8\xf9]", head)
    return any(frame_header(head[sync.start() :][:HEADER], 0) for sync in syncs)


def _shown(head: bytes) -> str:
    """Return the first 16 bytes as hexadecimal numbers and as characters."""
    first = head[:16]
    characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in first)
    return f"{first.hex(' ')} ({characters!r})"


def _first(table: Mapping[str, Mapping[str, str | bytes]], head: str | bytes) -> str | None:
    """Return the first kind that matches, with its step."""
    for step, kinds in table.items():
        for kind, pattern in kinds.items():
            if _compiled(pattern).match(head):
                return f"{kind}: {step}" if step else kind
    return None


@cache
def _compiled(pattern: Any) -> re.Pattern[Any]:
    return re.compile(pattern, re.DOTALL)


def _text(head: bytes) -> str | None:
    """Return the text that begins with `head`, or None for other content."""
    coding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        # The last character may be incomplete.
        text = head.decode(coding, "strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return None
    if all(character.isprintable() or character.isspace() for character in text):
        return text
    return None

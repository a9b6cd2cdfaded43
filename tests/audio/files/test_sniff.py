"""Sniffing: the first bytes of a file show its format."""

import gzip
import io
import pickle
import re
import tarfile
import zipfile

import numpy as np
import pytest

from netencoders_audio.files import sniff as sniff_module
from netencoders_audio.files.sniff import HEAD, is_known, looks_like, sniff


@pytest.mark.parametrize(
    ("kind", "coding", "name"),
    [
        ("WAV", None, "WAV"), ("WAVEX", None, "WAV"), ("RF64", None, "RF64"), ("W64", None, "W64"),
        ("AIFF", None, "AIFF"), ("AIFF", "FLOAT", "AIFF"), ("AU", None, "AU"), ("CAF", None, "CAF"),
        ("FLAC", None, "FLAC"), ("OGG", "VORBIS", "OGG"), ("OGG", "OPUS", "OGG"),
        ("MP3", None, "MP3"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 2])
def test_formats_of_libsndfile_are_recognized(recording, kind, coding, name, channels):
    """Files that libsndfile writes are recognized, from 40 bytes or more."""
    head = recording(16000, channels, kind, coding).read_bytes()[:HEAD]
    assert name == sniff(head)
    assert name == sniff(head[:40])


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_mp3_frames_and_tags_are_recognized(recording, rate):
    """The header of an MPEG frame of any version is recognized, and so is a tag before it."""
    content = recording(rate, 1, "MP3").read_bytes()
    assert "MP3" == sniff(content[:4])
    assert "MP3" == sniff(b"ID3\4\0\0" + content)


def written_by(write):
    """Return the bytes that a function writes to a file."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def tar(file):
    """Write a tar archive."""
    with tarfile.open(fileobj=file, mode="w") as archived:
        archived.addfile(tarfile.TarInfo("a.wav"))


def zipped(file):
    """Write a zip archive."""
    with zipfile.ZipFile(file, "w") as archived:
        archived.writestr("a.wav", b"")


PATTERNS = [
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "git lfs pull"),
    (b"/annex/objects/SHA256E-s9--ab.wav\n", "git annex get"),
    (b"#!iLBC30\n", "iLBC speech: convert it"),
    (b"\xf0\x20\x01\xd8\xf8\x72\x6f\xba", "TrueHD"),
    (b"MPCKSH\x0f", "Musepack"),
    (b"MP+\x07", "Musepack"),
    (b"tBaK\1", "TAK"),
    (b"ajkg\2", "Shorten"),
    (b"DSD \x1c\0\0\0\0\0\0\0", "DSF"),
    (b"FRM8\0\0\0\0\0\1\0\0DSD ", "DSDIFF"),
    (b".ra\xfd\0\4", "RealAudio"),
    (b".RMF\0\0\0\x12", "RealMedia"),
    (b"ea3\3\0\0", "ATRAC"),
    (b"EA3\1\0\x60", "ATRAC"),
    (b"\2dss\1", "DSS"),
    (b"\3ds2\1", "DS2 dictation: convert it with the decoder of Olympus"),
    (b"Creative Voice File\x1a", "VOC"),
    (b"\x64\xa3\1\0", "IRCAM"),
    (b"\0\2\xa3\x64", "IRCAM"),
    (b".SoX\x1c\0\0\0", "SoX"),
    (b"\x72\xf8\x1f\x4e\1\0", "S/PDIF"),
    (b"PVF1\n1 8000 16\n", "Portable Voice"),
    (b"FORM\0\0\1\0" + b"8SVXVHDR", "8SVX"),
    (b"RIFF\0\1\0\0QLCMfmt ", "QCP"),
    (b"RIFF\0\1\0\0AMV LIST", "AMV video: convert it"),
    (b"ADIF\0\x2e\xe0\0", "AAC in ADIF"),
    (b"V\xe1\x1e\x20\0\x12\x10\x1f", "AAC in LOAS"),
    (b"\0\0\1\xba\x44\0", "MPEG program stream"),
    (b"\0\0\1\xb3\x14\0", "MPEG video"),
    (b"\0\0\6\x40\0\0\2\x71\0\2\0\0", "HTK waveform: convert it, for instance with sox"),
    (b"OFR \x0f\0\0\0", "OptimFROG"),
    (b"\2#!SILK_V3", "SILK"),
    (b"MThd\0\0\0\6", "MIDI"),
    (b"RIFF\0\1\0\0RMIDdata", "MIDI"),
    (b"RIFF\x24\0\0\0CDDAfmt ", "audio CD"),
    (b"RIFF\0\1\0\0sfbkLIST", "SoundFont"),
    (b"#EXTM3U\na.wav\n", "a playlist"),
    (b"[playlist]\nFile1=a.wav\n", "a playlist"),
    (b"L\0\0\0\1\x14\2\0\0", "a Windows shortcut"),
    (b"\0\5\x16\7\0\2\0\0Mac OS X", "AppleDouble, in which macOS keeps .*: it may be left out"),
    (b"\0\5\x16\0\0\2\0\0", "AppleSingle"),
    (b"\0\0\0\1Bud1\0", "DS_Store"),
    (b"UklGRiQAAABXQVZF", "Base64 text: decode it first"),
    (b"data:audio/wav;base64,UklGRiQAAABXQVZF", "Base64 text"),
    (b"TTA2\0\0", "True Audio 2"),
    (b"<!DOCTYPE html>", "a web page: a download may have failed"),
    (b"\n <HTML lang=en>", "a web page"),
    (b"<?xml version='1.0'?>", "an XML file"),
    (gzip.compress(b"RIFF", mtime=0), "gzip: decompress it first"),
    (b"BZh91AY", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18\x64", "lz4"),
    (b"LZIP\1\x14", "lzip"),
    (written_by(zipped), "a zip archive: unpack it first"),
    (written_by(tar), "a tar archive: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
    (b"Rar!\x1a\7\1\0", "RAR"),
    (b"MSCF\0\0\0\0\1", "cabinet"),
    (written_by(lambda file: np.save(file, np.zeros(9))), "numpy .*: load it, and wrap its"),
    (pickle.dumps({"samples": np.zeros(9)}), "a pickle: load it"),
    (pickle.dumps([1], 2), "a pickle: load it"),
    (b"PAR1\x15\4\x15", "Parquet"),
    (b"ARROW1\0\0", "Arrow"),
    (b"FEA1\0\0\0\0", "Arrow"),
    (b"\xff\xff\xff\xff\x70\2\0\0\x10", "Arrow"),
    (b"ORC\x0a\x0b", "ORC"),
    (b"Obj\1\4\x14avro.codec", "Avro"),
    (b"\x89HDF\r\n\x1a\n\0", "HDF5"),
    (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB"),
    (b"MATLAB 7.3 MAT-file, Platform: GLNXA64", "MATLAB"),
    (b"CDF\1\0\0", "NetCDF"),
    (b"SIMPLE  =                    T", "FITS"),
    (b"SQLite format 3\0\x10", "SQLite"),
    (bytes(16) + b"\xde\xc0\xef\xbe", "LMDB"),
    (b"\x40\0\0\0\0\0\0\0{\"w\":", "safetensors"),
    (b"utt1 \0BFM \4\1\0\0\0", "Kaldi"),
    (b"\0BCM2 \0\0", "Kaldi"),
    (b"utt1 \0B\4\1\0\0\0", "Kaldi"),
    (b"utt1 RIFF\x24\0\0\0WAVEfmt ", "Kaldi"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff\xe0", "JPEG"),
    (b"GIF89a", "GIF"),
    (b"RIFF\0\1\0\0WEBPVP8 ", "WebP"),
    (b"II\x2a\0\x08", "TIFF"),
    (b"\0\0\0\x18ftypheic\0", "HEIF"),
    (b"%PDF-1.7", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
    (b"bplist00\xd4", "property list"),
    (b"\x7fELF\2\1", "program"),
    (b"MZ\x90\0\3", "program"),
    (b"RIFF\0\1\0\0ACONLIST", "RIFF file of another form"),
    (b"FORM\0\0\1\0ILBMBMHD", "IFF file of another form"),
    (b'File type = "ooTextFile"\nObject class = "TextGrid"\n', "Praat TextGrid"),
    ('File type = "ooTextFile"\n'.encode("utf-16"), "Praat TextGrid"),
    ("\ufeffFile type = \"ooTextFile\"\n".encode("utf-16-be"), "Praat TextGrid"),
    (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n", "subtitles"),
    (b"WEBVTT\n\n00:01.000 --> 00:02.000\n", "subtitles"),
    (b"SPEAKER a 1 0.0 1.5 <NA> <NA> b <NA>\n", "RTTM"),
    (b'{"error": "not found"}', "JSON"),
    (b"[0.5, -0.25, 0]", "JSON"),
    (b"path,label\na.wav,dog\n", "CSV"),
    (b"0.5\t1\n0.25\t2\n", "CSV"),
    (b"0.5\n-0.25\n1e-3\n", "text: load it"),
    ("Grüße\n".encode(), "text$"),
    ("\ufeffGrüße, hello\nand, more\n".encode(), "text$"),
    ("hello".encode("utf-16"), "text$"),
    (("ü" * HEAD).encode()[:HEAD], "text$"),
    (b"x" + ("ü" * HEAD).encode()[: HEAD - 1], "text$"),
    (b"", "text$"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"#!AMR\n\x0c", "AMR"), (b"#!AMR-WB\n\x0c", "AMR"), (b"\xff\xf1\x50\x80", "ADTS"),
        (b"\x0b\x77\x9f\x21", "AC3"), (b"\x77\x0b\x21\x9f", "AC3"),
        (b"\x7f\xfe\x80\x01\xfc", "DTS"), (b"\xfe\x7f\x01\x80\xfc", "DTS"),
        (b"\x1f\xff\xe8\x00\x07", "DTS"), (b"\xff\x1f\x00\xe8\x07", "DTS"),
        (b"DTSHDHDR\0\0", "DTS"), (b"wvpk\x48\0\0\0\x10\4", "WAVPACK"),
        (b"MAC \x96\x0f\0\0", "APE"), (b"TTA1\1\0\2\0", "TTA"), (b"\0\0\0 ftypM4A \0", "MP4"),
        (b"\0\0\0\x18ftyp3gp4\0", "MP4"), (b"\0\0\0\x08wide\0\0\1\0mdat", "MP4"),
        (b"\x1a\x45\xdf\xa3\x9f", "MATROSKA"), (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF"),
    ],
)  # fmt: skip
def test_containers_of_other_readers_are_recognized(content, kind):
    """Containers whose tracks are decoded by registered readers are recognized."""
    assert kind == sniff(content[:HEAD])


@pytest.mark.parametrize(("content", "words"), PATTERNS)
def test_other_formats_are_named(content, words):
    """Content that is not audio is named by its format, and has its next step."""
    assert sniff(content[:HEAD]) is None
    assert re.search(f"^it looks like .*{words}", looks_like(content[:HEAD]))


@pytest.mark.parametrize("table", [sniff_module._OTHERS, sniff_module._TEXTS])
def test_every_kind_in_the_tables_is_tested(table):
    """Each kind of the tables is the kind of a tested content."""
    named = {looks_like(content[:HEAD]) for content, _ in PATTERNS}
    named |= {looks_like(b"NIST_1A\n   1024\n")}
    missing = [
        kind
        for step, kinds in table.items()
        for kind in kinds
        if f"it looks like {kind}: {step}".removesuffix(": ") not in named
    ]
    assert [] == missing


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"Gr\xfc\xdfe", r"47 72 fc df 65 ('Gr..e')"),  # invalid UTF-8 that is not cut
        (b"\1\2\xff" * 9, r"01 02 ff 01 02 ff 01 02 ff 01 02 ff 01 02 ff 01 ('................')"),
        (b"MACRO \xff", "4d 41 43 52 4f 20 ff ('MACRO .')"),
        (b"RIFF\x24\0", "52 49 46 46 24 00 ('RIFF$.')"),
    ],
)
def test_unknown_content_is_shown_and_not_judged(content, shown):
    """The message for unknown content has its first bytes, and raw samples as a possibility."""
    assert sniff(content) is None
    expected = (
        f"it is of an unknown kind, and begins with {shown}. If these are samples without a "
        "header, read them, and wrap them as Audio(samples, rate)"
    )
    assert expected == looks_like(content)


@pytest.mark.parametrize(
    "text",
    [
        "MAC addresses", "GIF8 is short", "MZ", "ORCHESTRA", "PARENTS", "I'm free", "BZhang",
        "// some comment", "FORMAL LETTERS", "Hello, world,\nfine, thanks", "1. Introduction",
    ],
)  # fmt: skip
def test_words_of_a_text_are_no_format(text):
    """A text that begins like another format is a text."""
    assert "it looks like text" == looks_like(text.encode())


def test_sphere_is_not_text():
    """The header of a NIST SPHERE file is text, but the file is audio."""
    assert "NIST" == sniff(b"NIST_1A\n   1024\nsample_count -i 9\n".ljust(HEAD))


def test_bw64_is_rf64():
    """BW64 has the chunks of RF64."""
    assert "RF64" == sniff(b"BW64\xff\xff\xff\xffWAVEds64")


def test_flac_frames_without_a_header_are_named(recording):
    """A FLAC file without its beginning is not AAC, although both begin with similar bits."""
    content = recording(kind="FLAC").read_bytes()
    begin = content.index(b"\xff\xf8")
    for head in (content[begin:], content[begin - 40 :]):
        assert sniff(head[:HEAD]) is None
        assert looks_like(head[:HEAD]).startswith("it looks like FLAC frames without a FLAC header")
    assert "ADTS" == sniff(b"\xff\xf9\x50\x80" + bytes(HEAD - 4))


def test_known_files_are_told_from_unknown_ones():
    """A tar archive and a PNG are known files without audio; zeros and text are not."""
    for content in (written_by(tar), b"\x89PNG"):
        assert is_known(content)
    for content in (bytes(HEAD), b"text", b""):
        assert not is_known(content)

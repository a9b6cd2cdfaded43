"""Sniffing: the first bytes of a file show its format."""

import gzip
import io
import pickle
import tarfile
import zipfile

import numpy as np
import pytest

from netencoders_audio.files.sniff import HEAD, looks_like, sniff


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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "Git LFS"),
        (b"\0\0\0 ftypM4A \0", "m4a"),
        (b"\x1aE\xdf\xa3\x9f", "webm"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wma"),
        (b"#!AMR\n", "AMR"),
        (b"\xff\xf1\x50\x80", "AAC"),
        (b"MThd\0\0\0\6", "MIDI"),
        (b"<!DOCTYPE html>", "a web page"),
        (b"\n <HTML lang=en>", "a web page"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"GIF89a", "GIF"),
        (b"%PDF-1.7", "PDF"),
        (gzip.compress(b"RIFF", mtime=0), "gzip"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (written_by(zipped), "zip"),
        (written_by(tar), "tar"),
        (written_by(lambda file: np.save(file, np.zeros(9))), "numpy"),
        (pickle.dumps({"samples": np.zeros(9)}), "pickle"),
        (b"\x7fELF\2\1", "program"),
        ("Grüße\n".encode(), "text"),
        (("ü" * HEAD).encode()[:HEAD], "text"),
        (b"x" + ("ü" * HEAD).encode()[: HEAD - 1], "text"),
        (np.random.default_rng(0).bytes(HEAD), "Audio(samples, rate)"),
        (bytes(HEAD), "Audio(samples, rate)"),
        (b"Gr\xfc\xdfe", "Audio(samples, rate)"),  # invalid UTF-8 that is not cut
        (b"", "text"),
    ],
)
def test_other_formats_are_named(content, words):
    """Content that is not audio is named by its format."""
    assert sniff(content[:HEAD]) is None
    assert words in looks_like(content[:HEAD])

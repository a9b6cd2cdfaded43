"""Inspection: the findings about a file, before the decoder reads it."""

import io
import struct
import zipfile

import numpy as np
import pytest

from netencoders_audio import AudioError, Limits, limits, mono_samples
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.inspection import READERS, inspect
from netencoders_audio.files.sniff import KINDS, READABLE


def findings_of(content):
    """Return the findings for bytes."""
    return inspect(RestOfFile(io.BytesIO(content)))


def decoder_input(findings):
    """Return the parts that the decoder gets."""
    return [part.read_at(0, part.size) for part in findings.parts]


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF", "OGG", "MP3"])
def test_valid_files_are_not_changed(recording, kind):
    """The decoder gets the bytes of a valid file unchanged, without a note."""
    content = recording(kind=kind).read_bytes()
    findings = findings_of(content)
    assert [content] == decoder_input(findings)
    assert (None, ()) == (findings.cut, findings.notes)
    assert findings.claimed == findings.present


def test_false_claim_of_flac_is_hidden(recording):
    """Only the false claim of a FLAC file is hidden, so that the file is read to its end."""
    content = bytearray(recording(kind="FLAC").read_bytes())
    content[25] ^= 1
    [given] = decoder_input(findings_of(bytes(content)))
    assert len(content) == len(given)
    different = {place for place in range(len(content)) if content[place] != given[place]}
    assert different
    assert different <= set(range(21, 26))


def test_tag_before_the_file_is_skipped(recording):
    """An ID3 tag before the file is skipped, and the bytes after it are inspected."""
    tag = b"ID3\3\0\0\0\0\0\x0a" + bytes(10)
    for kind in ("WAV", "AIFF", "MP3", "OGG"):
        content = recording(kind=kind).read_bytes()
        assert [content] == decoder_input(findings_of(tag + content))
    with pytest.raises(AudioError) as caught:
        mono_samples(tag + b"nothing of use", 16000)
    assert caught.value.code in ("unrecognized", "malformed")


def test_mp3_files_that_begin_otherwise_are_found(recording):
    """MPEG frames after zeros, after a tag or inside a frame are found; not those in an archive."""
    content = recording(kind="MP3").read_bytes()
    frames = content[content.index(content[:2], 100) :]
    tag = b"APETAGEX" + struct.pack("<6I", 2000, 9, 1, 1 << 31, 0, 0) + b"x" * 9
    for before in (bytes(70_000), tag, b"x" * 300):
        assert (
            decoder_input(findings_of(frames))[0] == decoder_input(findings_of(before + frames))[0]
        )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as archived:
        archived.writestr("a.mp3", content)
    with pytest.raises(AudioError, match="a zip archive"):
        findings_of(archive.getvalue())


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty-file"), (b"hello", "unrecognized"), (b"fLaC", "malformed")],
)
def test_unreadable_files_are_refused(content, code):
    """A file that cannot be read is refused with a remedy."""
    with pytest.raises(AudioError) as caught:
        findings_of(content)
    assert code == caught.value.code
    assert caught.value.remedy


def test_formats_added_to_the_limits_reach_libsndfile():
    """A file of an unknown format reaches libsndfile if the limits allow more formats."""
    with limits(formats=limits_of("VOC")):
        assert [b"Creative Voice File"] == decoder_input(findings_of(b"Creative Voice File"))


def limits_of(added):
    """Return the default formats and one more."""
    return Limits.formats | {added}


def test_only_the_header_of_a_long_file_is_read(wav):
    """Only the header of an uncompressed file is read, for any length of the file."""
    content = wav(np.zeros(300_000))
    asked = []

    class Counted(io.BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(size)

    inspect(RestOfFile(Counted(content)))
    assert sum(asked) < 2000


def test_every_recognized_format_has_a_reader():
    """Each format that `sniff` recognizes has a function that inspects it."""
    assert set(KINDS) == set(READERS)
    assert Limits.formats - {"WAVEX"} == set(READERS)  # WAVEX is a WAV file to `sniff`


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bytes(64000), "all of its 64000 bytes are zero: a download or a copy did not finish"),
        (
            bytes(3_000_000),
            "all of its 3000000 bytes are zero: a download or a copy did not finish",
        ),
        (
            bytes(2_000_000) + b"wvpk\x48",
            "it begins with 2000000 zeros; after them, it looks like a file of the format WAVPACK",
        ),
        (
            bytes(700) + b"\1\2\xff",
            "it begins with 700 zeros; after them, it is of an unknown kind, and begins with 01 02",
        ),
        (b"\0\1\xff", "it is of an unknown kind, and begins with 00 01 ff"),
    ],
)
def test_files_of_other_kinds_are_described(content, message):
    """The error for another file has its kind, also behind zeros, and the formats that are read."""
    with pytest.raises(AudioError) as caught:
        findings_of(content)
    assert caught.value.message.startswith(f"not recognized as audio: {message}")
    assert ("unrecognized", READABLE) == (caught.value.code, caught.value.remedy)


def test_only_a_part_of_endless_zeros_is_read():
    """A huge file of zeros is not read to its end."""

    class Zeros:
        size = 1 << 40

        def read_at(self, offset, count):
            assert offset < 1 << 27
            return bytes(count)

    with pytest.raises(AudioError, match="the first 67108864 of its 1099511627776 bytes are zero"):
        inspect(Zeros())

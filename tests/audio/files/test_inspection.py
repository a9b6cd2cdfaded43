"""Inspection: what is found of a file before the decoder sees it."""

import io

import numpy as np
import pytest

from netencoders_audio import AudioError, Limits, limits, mono_samples
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.inspection import READERS, inspect
from netencoders_audio.files.sniff import KINDS


def found(content):
    """Return what is found of bytes."""
    return inspect(RestOfFile(io.BytesIO(content)))


def read(findings):
    """Return what the decoder would be given."""
    return [part.read_at(0, part.size) for part in findings.parts]


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF", "OGG", "MP3"])
def test_sound_files_are_left_alone(recording, kind):
    """A file without a fault is given to the decoder byte by byte, with nothing to say."""
    content = recording(kind=kind).read_bytes()
    findings = found(content)
    assert [content] == read(findings)
    assert (None, None) == (findings.cut, findings.note)
    assert findings.claimed == findings.present


def test_flac_loses_a_false_claim(recording):
    """Of a FLAC file that ends elsewhere only the claim is hidden, that it be read to its end."""
    content = bytearray(recording(kind="FLAC").read_bytes())
    content[25] ^= 1
    [given] = read(found(bytes(content)))
    assert len(content) == len(given)
    different = {place for place in range(len(content)) if content[place] != given[place]}
    assert different
    assert different <= set(range(21, 26))


def test_tags_in_front(recording):
    """An ID3 tag in front is left out, and what follows is looked at."""
    tag = b"ID3\3\0\0\0\0\0\x0a" + bytes(10)
    for kind in ("WAV", "AIFF", "MP3", "OGG"):
        content = recording(kind=kind).read_bytes()
        assert [content] == read(found(tag + content))
    with pytest.raises(AudioError) as caught:
        mono_samples(tag + b"nothing of use", 16000)
    assert caught.value.code in ("unrecognized", "malformed")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty-file"), (b"hello", "unrecognized"), (b"fLaC", "malformed")],
)
def test_refusals(content, code):
    """What cannot be read is refused with a remedy."""
    with pytest.raises(AudioError) as caught:
        found(content)
    assert code == caught.value.code
    assert caught.value.remedy


def test_unknown_formats_are_let_through():
    """Where the limits name more formats than are known here, libsndfile has its say."""
    with limits(formats=limits_of("VOC")):
        assert [b"Creative Voice File"] == read(found(b"Creative Voice File"))


def limits_of(added):
    """Return the default formats and one more."""
    return Limits.formats | {added}


def test_nothing_is_read_twice_of_a_long_file(wav):
    """Of an uncompressed file only the header is read, however long it is."""
    content = wav(np.zeros(300_000))
    asked = []

    class Counted(io.BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(size)

    inspect(RestOfFile(Counted(content)))
    assert sum(asked) < 2000


def test_every_format_that_is_recognized_has_a_reader():
    """A format that `sniff` recognizes and that no function inspects fails here."""
    assert set(KINDS) == set(READERS)
    assert Limits.formats - {"WAVEX"} == set(READERS)  # WAVEX is a WAV file to `sniff`

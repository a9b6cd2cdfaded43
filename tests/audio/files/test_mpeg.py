"""MP3 files: every frame is read, also with a wrong or an incomplete header."""

import io
import struct

import numpy as np
import pytest
import soundfile

from netencoders_audio import AudioError, AudioWarning, mono_samples
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.mpeg import read_mp3, skip_id3

DELAY = 529  # samples that libmpg123 removes from the beginning: the delay of a decoder


@pytest.fixture(scope="session")
def mp3(frames):
    """Return a function that makes an MP3 file, and returns it with its number of frames."""

    def make(rate=44100, channels=1, mode="VARIABLE"):
        file = io.BytesIO()
        samples = np.tile(frames(rate, channels), (4, 1)) / 32768
        soundfile.write(file, samples, rate, format="MP3", bitrate_mode=mode)
        content = file.getvalue()
        place = max(content.find(b"Xing"), content.find(b"Info"))
        return content, struct.unpack_from(">I", content, place + 8)[0]

    return make


def without_tag(content):
    """Return an MP3 file without the frame that holds its tag."""
    return content[content.index(content[:2], 100) :]


FORMS = [
    (rate, channels, mode)
    for rate in (8000, 16000, 44100, 48000)
    for channels in (1, 2)
    for mode in ("CONSTANT", "VARIABLE")
]


@pytest.mark.parametrize(("rate", "channels", "mode"), FORMS)
def test_file_without_a_tag_is_read_to_its_end(mp3, rate, channels, mode):
    """A file that does not state its number of frames is read to its last frame."""
    content, count = mp3(rate, channels, mode)
    samples = mono_samples(without_tag(content), rate)
    frame = 1152 if rate >= 32000 else 576
    assert count * frame - DELAY == len(samples)
    whole = mono_samples(content, rate)
    # A tag states LAME's delay, which is removed; without a tag the samples begin later.
    shift = int(np.argmax(np.correlate(samples[:20_000], whole[2000:12_000], "valid"))) - 2000
    assert 0 < shift < 2 * 1152
    np.testing.assert_allclose(
        samples[shift + 3000 : shift + 40_000], whole[3000:40_000], atol=1e-6
    )


@pytest.mark.parametrize(
    "around",
    [
        lambda c: c + b"TAG".ljust(128, b"x"),
        lambda c: c + b"APETAGEX".ljust(70_000, b"\xff"),
        lambda c: c + bytes(10_240),
        lambda c: c + np.random.default_rng(0).bytes(10_240),
        lambda c: b"ID3\3\0\0\0\x10\0\0" + np.random.default_rng(1).bytes(1 << 18) + c,
        lambda c: b"ID3\3\0\0\0\0\x10\0" + bytes(2048) + bytes(500) + c,
    ],
)
@pytest.mark.parametrize("tagged", [True, False])
def test_other_bytes_around_the_frames_are_skipped(mp3, capfd, around, tagged):
    """Tags, pictures, zeros and junk before and after the frames are not decoded."""
    content = mp3()[0] if tagged else without_tag(mp3()[0])
    expected = mono_samples(content, 44100)
    assert np.array_equal(expected, mono_samples(around(content), 44100))
    assert "" == capfd.readouterr().err


@pytest.mark.parametrize("between", [b"", b"ID3\3\0\0\0\0\x10\0" + bytes(2048)])
def test_joined_files_are_read_with_a_warning(mp3, between):
    """All frames of joined files are read, with a warning."""
    content, count = mp3()
    message = f"has {2 * count + 1} MPEG frames, but its header claims {count}: all are encoded"
    with pytest.warns(AudioWarning, match=message):
        samples = mono_samples(content + between + content, 44100)
    one = mono_samples(content, 44100)
    assert 2 * len(one) <= len(samples) <= 2 * len(one) + 4 * 1152
    assert np.array_equal(one[:-1152], samples[: len(one) - 1152])


@pytest.mark.parametrize("tagged", [True, False])
def test_other_bytes_between_the_frames_are_skipped_with_a_warning(mp3, capfd, tagged):
    """Bytes between the frames are skipped with a warning, and all frames are read."""
    content = mp3()[0] if tagged else without_tag(mp3()[0])
    place = content.index(content[:2], len(content) // 2)
    with pytest.warns(AudioWarning, match="has 3500 bytes between its frames that are not audio"):
        samples = mono_samples(content[:place] + b"garbage" * 500 + content[place:], 44100)
    assert np.array_equal(mono_samples(content, 44100), samples)
    assert "" == capfd.readouterr().err


def test_truncated_file_without_a_tag_is_read_with_a_warning(mp3):
    """A truncated file without a tag is read; a warning names the incomplete last frame."""
    content = without_tag(mp3()[0])
    with pytest.warns(AudioWarning, match="ends inside a frame, and its header does not claim"):
        samples = mono_samples(content[: len(content) // 2], 44100)
    assert np.array_equal(mono_samples(content, 44100)[: len(samples)], samples)


def test_truncated_file_with_a_tag_is_refused(mp3):
    """A file with fewer frames than its tag claims is refused, even if only one is missing."""
    content, _ = mp3()
    with pytest.raises(AudioError, match=r"has \d+ of the 264600 frames that its header claims"):
        mono_samples(content[:-10], 44100)


def test_valid_file_is_not_changed(mp3):
    """The decoder gets a file unchanged if it agrees with its tag, or has no frames."""
    for content in (mp3()[0], b"\xff" * 500):
        file = RestOfFile(io.BytesIO(content))
        assert Findings((file,)) == read_mp3(file)


def test_tag_without_the_length_in_bytes_is_accepted(mp3, capfd):
    """All frames are read if the tag states only their number."""
    content, count = mp3()
    changed = bytearray(content)
    place = max(content.find(b"Xing"), content.find(b"Info"))
    struct.pack_into(">I", changed, place + 4, 1)  # neither bytes nor LAME's delay
    assert count * 1152 - DELAY == len(mono_samples(bytes(changed), 44100))
    assert "" == capfd.readouterr().err


def test_tags_at_the_beginning_are_skipped():
    """Tags are skipped by the length that they state; other bytes are not skipped."""
    tag = b"ID3\4\0\0\0\0\1\1" + bytes(129)
    footed = b"ID3\4\0\x10\0\0\0\5" + bytes(15)
    for content, place in {
        tag + b"\xff\xfb": 139,
        tag + footed + b"\xff": 164,
        b"ID3\4\0\0\0\0\xff\1" + bytes(20): 0,
        b"ID3": 0,
        tag[:50]: 50,
    }.items():
        assert place == skip_id3(RestOfFile(io.BytesIO(content)))

"""FLAC files with frames missing from their middle are refused; complete files are not."""

import io
import re

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import NetEncoder
from netencoders_audio import AudioError, AudioWarning
from netencoders_audio.encoders import signal
from netencoders_audio.files.flac_frames import frame_header
from netencoders_audio.files.flac_gaps import Gaps

KINDS = {
    "noise": lambda random, shape: random.uniform(-1, 1, shape),
    "tone": lambda random, shape: (
        0.5 * np.sin(0.05 * np.arange(shape[0]))[:, None] * np.ones(shape)
    ),
    "silence": lambda random, shape: np.zeros(shape),
    "faint": lambda random, shape: random.integers(-1, 2, shape) / 32768,
}


def flac(samples, rate=16000, coding="PCM_16", level=0.6):
    """Return the bytes of a file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, coding, format="FLAC", compression_level=level)
    return file.getvalue()


def block_size(content):
    """Return the number of samples in a frame."""
    return int.from_bytes(content[8:10])


def frame_offsets(content):
    """Return the byte offsets of the frames; each header continues the one before."""
    found, end = [], 0
    for match in re.finditer(b"\xff\xf8", content):
        header = frame_header(content[match.start() :][:16], block_size(content))
        if header is not None and header.end - header.samples == end:
            found.append(match.start())
            end = header.end
    return found


def without_claim(content):
    """Return a file without its length in the header, as a program writes it to a pipe."""
    return content[:21] + bytes([content[21] & 0xF0]) + bytes(4) + content[26:]


def without_frames(content, first, stop):
    """Return a file without the frames from `first` to `stop`."""
    begins = frame_offsets(content)
    return content[: begins[first]] + content[begins[stop] :]


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    channels=st.sampled_from([1, 2, 3, 8]),
    rate=st.sampled_from([8000, 16000, 44100, 96000]),
    coding=st.sampled_from(["PCM_16", "PCM_24", "PCM_S8"]),
    level=st.sampled_from([0.0, 0.6, 1.0]),
    size=st.integers(1, 60_000),
    gates=st.lists(st.tuples(st.integers(0, 14), st.integers(1, 5)), max_size=4),
    block=st.sampled_from([777, 5000, 1 << 17]),
    claimed=st.booleans(),
    data=st.data(),
)
def test_missing_frames_are_found_and_silence_is_read(
    kind, channels, rate, coding, level, size, gates, block, claimed, data
):
    """A file with silent frames is read; a file without some of its frames is refused."""
    random = np.random.default_rng(size)
    samples = KINDS[kind](random, (size, channels))
    for first, count in gates:  # silence in whole frames
        samples[first * 4096 : (first + count) * 4096] = 0
    content = flac(samples, rate, coding, level)
    content = content if claimed else without_claim(content)
    encoder = NetEncoder("Audio", SampleRate=rate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "BLOCK", block * channels)
        assert size == len(encoder(content))
        count = len(frame_offsets(content))
        if count < 3:
            return
        first = data.draw(st.integers(1, count - 2))
        stop = data.draw(st.integers(first + 1, count - 1))
        length = block_size(content)
        gap = f"frames {first * length} to {stop * length - 1} are missing from its middle"
        with pytest.raises(AudioError, match=gap) as caught:
            encoder(without_frames(content, first, stop))
        assert "malformed" == caught.value.code


def test_missing_frames_are_found_in_files_and_streams(tmp_path):
    """The search for missing frames does not move the position of the decoder."""
    samples = np.random.default_rng(0).uniform(-1, 1, (300_000, 2))
    for start in range(50_000, 300_000, 50_000):
        samples[start : start + 20_000] = 0
    content = flac(samples)
    (tmp_path / "whole.flac").write_bytes(content)
    (tmp_path / "gap.flac").write_bytes(without_frames(content, 40, 42))
    tagged = b"ID3\x04\0\0\0\0\x40\x00" + bytes(8192)
    (tmp_path / "tagged.flac").write_bytes(tagged + content)
    encoder = NetEncoder("Audio")
    expected = encoder(content)
    assert np.array_equal(encoder(tmp_path / "whole.flac"), expected)
    assert np.array_equal(encoder(tmp_path / "tagged.flac"), expected)
    twice = encoder.replace(Normalization="Max").stream(tmp_path / "whole.flac")
    assert len(expected) == sum(map(len, twice))
    with pytest.raises(AudioError, match=r"gap\.flac: frames 163840 to 172031 are missing"):
        list(encoder.stream(tmp_path / "gap.flac"))
    # Frames that are not decoded are not checked.
    assert 100_000 == len(encoder.replace(TargetLength=100_000)(tmp_path / "gap.flac"))


def test_missing_frames_are_found_in_joined_files():
    """Missing frames in the second of two joined files are counted from the first frame of all."""
    samples = np.random.default_rng(0).uniform(-1, 1, (60_000, 1))
    samples[3 * 4096 : 6 * 4096] = 0
    content = flac(samples)
    encoder = NetEncoder("Audio")
    with pytest.warns(AudioWarning, match="2 FLAC files that are joined"):
        assert 120_000 == len(encoder(content + content))
    lost = f"frames {60_000 + 8 * 4096} to {60_000 + 10 * 4096 - 1} are missing"
    joined = content + without_frames(content, 8, 10)
    with (
        pytest.warns(AudioWarning, match="2 FLAC files that are joined"),
        pytest.raises(AudioError, match=lost),
    ):
        encoder(joined)


def test_block_without_a_later_frame_is_not_a_gap():
    """A block that is not in the file is a gap only if a later frame follows the one before it."""
    content = flac(np.random.default_rng(0).uniform(-1, 1, 40_000))
    zeros, begins = np.zeros((4096, 1), np.int16), frame_offsets(content)
    assert Gaps(reader(content), len(content)).find(zeros, 4 * 4096) is None
    gap = without_frames(content, 4, 6)
    assert range(4 * 4096, 6 * 4096) == Gaps(reader(gap), len(gap)).find(zeros, 4 * 4096)
    assert Gaps(reader(content), len(content)).find(zeros, 100 * 4096) is None
    # An earlier frame than the last result is found by a search from the beginning.
    backwards = Gaps(reader(content), len(content))
    assert backwards.find(zeros, 5 * 4096) is None
    assert backwards.find(zeros, 3 * 4096) is None
    # Frame 5 is before the frame that precedes the missing frame 3, and none is after it.
    moved = content[: begins[1]] + content[begins[5] : begins[6]] + content[begins[1] : begins[3]]
    assert Gaps(reader(moved), len(moved)).find(zeros, 3 * 4096) is None
    repeated = content + content[begins[0] :]  # the frame numbers restart
    assert Gaps(reader(repeated), len(repeated)).find(zeros, 15 * 4096) is None


@pytest.mark.parametrize(
    "content",
    [
        b"fLaC",
        b"fLaC" + bytes(200),  # metadata that does not end
        b"fLaC" + bytes(4) + b"\x10\x00\x10\x00",
        b"fLaC" + bytes(4) + b"\x10\x00\x20\x00" + bytes(100),  # frames of several sizes
        b"fLaC\x80\0\0\x22\x10\0\x10\0" + bytes(30) + b"\xff\xf9",
    ],
)
def test_files_without_frame_numbers_are_not_searched(content):
    """No gap is found in a file whose frame numbers are unknown."""
    zeros = np.zeros((10_000, 2), np.int16)
    assert Gaps(reader(content), len(content)).find(zeros, 0) is None


def reader(content):
    """Return a function that reads bytes."""
    return lambda offset, count: content[offset : offset + count]

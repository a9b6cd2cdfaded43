"""Samples that numpy reads: equal to those of libsndfile, for all codings, orders and channels."""

import io
import os
import warnings

import numpy as np
import pytest
import soundfile

from netencoders_audio import Audio, AudioError, mono_samples
from netencoders_audio.files.content import InMemory, OpenFile
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.samples_file import SamplesFile

SHORTER = 44 + 4 * 2000 + 3  # bytes: a header, 2000 frames, and a part of the next one
INTEGERS = ("PCM_16", "PCM_24", "PCM_32")
OTHERS = ("FLOAT", "DOUBLE", "ALAW", "ULAW")
FORMS = [
    (kind, coding, order)
    for kind, codings, orders in (
        ("WAV", ("PCM_U8", *INTEGERS, *OTHERS), ("LITTLE", "BIG")),
        ("WAVEX", ("PCM_U8", *INTEGERS, *OTHERS), ("FILE",)),
        ("RF64", ("PCM_U8", *INTEGERS, *OTHERS), ("FILE",)),
        ("W64", ("PCM_U8", *INTEGERS, *OTHERS), ("FILE",)),
        ("AIFF", INTEGERS, ("BIG", "LITTLE")),
        ("AIFF", ("PCM_S8", "PCM_U8", *OTHERS), ("FILE",)),
        ("AU", ("PCM_S8", *INTEGERS, *OTHERS), ("BIG", "LITTLE")),
        ("CAF", ("PCM_S8", *INTEGERS, *OTHERS), ("BIG", "LITTLE")),
        ("NIST", ("PCM_S8", *INTEGERS, "ALAW", "ULAW"), ("BIG", "LITTLE")),
    )
    for coding in codings
    for order in orders
]


def written(path, kind, coding, order, channels, frames=3002):
    """Write noise to a file that uses all values of its coding."""
    random = np.random.default_rng(channels)
    if coding in ("FLOAT", "DOUBLE"):
        samples = random.normal(0, 1.5, (frames, channels))
    else:
        samples = random.integers(-(2**31), 2**31, (frames, channels)).astype(np.int32)
    soundfile.write(path, samples, 16000, coding, endian=order, format=kind)
    return path


def joined(opened, size, start=0):
    """Return the samples from `start` on, read in blocks of `size`."""
    blocks = [block.copy() for block in opened.blocks(size, start)]
    assert all(len(block) <= size for block in blocks)
    return np.concatenate(blocks)


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize(("kind", "coding", "order"), FORMS)
def test_samples_are_those_of_libsndfile(tmp_path, kind, coding, order, channels):
    """Each coding, byte order and number of channels has the bits that libsndfile gives."""
    path = written(tmp_path / "a", kind, coding, order, channels)
    dtype = "int16" if coding == "PCM_16" else "float32"
    expected, _ = soundfile.read(path, dtype=dtype, always_2d=True)
    for value in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        with open_recording(value) as opened:
            assert isinstance(opened, SamplesFile)
            assert (16000, channels, 3002) == (opened.rate, opened.channels, opened.length)
            np.testing.assert_array_equal(expected, joined(opened, 1000), strict=True)


@pytest.mark.parametrize("coding", ["PCM_16", "PCM_24", "FLOAT", "ULAW"])
def test_blocks_begin_at_any_frame(tmp_path, coding):
    """Blocks from a frame on are the rest of all samples; after the end there is none."""
    path = written(tmp_path / "a.wav", "WAV", coding, "FILE", 2)
    for value in (path, path.read_bytes()):
        with open_recording(value) as opened:
            whole = joined(opened, 5000)
            for start in (0, 1, 999, 1000, 2999, 3001):
                np.testing.assert_array_equal(whole[start:], joined(opened, 777, start))
            assert [] == list(opened.blocks(100, 3002))
            assert [] == list(opened.blocks(100, 9000))


def test_views_of_bytes_are_not_copied(wav):
    """Samples of bytes are read in place: a block of int16 is a view of the bytes."""
    content = wav(np.zeros(100))
    with open_recording(content) as opened:
        [block] = opened.blocks(1000)
    assert np.shares_memory(block, np.frombuffer(content, np.uint8))
    assert not block.flags.writeable


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_samples_of_unaligned_bytes_are_right(wav, shift):
    """Bytes at any address, and views with gaps, give the same samples."""
    samples = np.random.default_rng(0).uniform(-1, 1, (100, 2))
    for coding in ("PCM_16", "FLOAT", "DOUBLE"):
        content = wav(samples, coding=coding)
        moved = bytearray(bytes(shift) + content)
        expected = mono_samples(content, 16000)
        assert np.array_equal(expected, mono_samples(memoryview(moved)[shift:], 16000))
        gaps = memoryview(np.repeat(np.frombuffer(content, np.uint8), 2))[::2]
        assert np.array_equal(expected, mono_samples(gaps, 16000))


def test_file_that_becomes_shorter_is_truncated(tmp_path):
    """A file that is truncated after it was opened gives the error with both counts."""
    path = written(tmp_path / "a.wav", "WAV", "PCM_16", "FILE", 2)
    with open_recording(path) as opened:
        os.truncate(path, SHORTER)
        with pytest.raises(AudioError, match=r"has 2000 of the 3002 frames that its") as caught:
            joined(opened, 1500)
    assert "truncated" == caught.value.code
    written(path, "WAV", "PCM_16", "FILE", 2)
    with (
        open_recording(Audio.open(path, truncated="warn")) as opened,
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        os.truncate(path, SHORTER)
        assert 2000 == len(joined(opened, 1500))
    assert 1 == len(caught)


@pytest.mark.parametrize("missing", [False, True])
def test_bytes_are_read_into_an_array(tmp_path, monkeypatch, missing):
    """`read_into` fills an array up to the end of the file, also where preadv is missing."""
    if missing:
        monkeypatch.delattr(os, "preadv")
    path = tmp_path / "a"
    path.write_bytes(bytes(range(100)))
    file = OpenFile(os.open(path, os.O_RDONLY))
    room = np.zeros(10, np.uint8)
    assert 10 == file.read_into(20, room)
    assert list(range(20, 30)) == room.tolist()
    assert 5 == file.read_into(95, room)
    assert list(range(95, 100)) == room[:5].tolist()
    file.close()
    with pytest.raises(AudioError, match="reading fails with OSError") as caught:
        file.read_into(0, room)
    assert "unreadable" == caught.value.code


def test_memory_is_read_at_any_position():
    """Bytes in memory are read at any position, also if the memory has gaps."""
    for data in (b"abcdef", bytearray(b"abcdef"), memoryview(b"a-b-c-d-e-f-")[::2]):
        content = InMemory(data)
        assert (6, b"bc", b"f", b"") == (
            content.size, content.read_at(1, 2), content.read_at(5, 9), content.read_at(9, 1),
        )  # fmt: skip
        assert b"cd" == bytes(content.view_at(2, 2))
        content.close()

"""IMA and Microsoft ADPCM in WAV: the number of frames, and sizes that are wrong."""

import io
import os
import struct

import numpy as np
import pytest
import soundfile

from netencoders.policies import policies
from netencoders_audio import AudioError, limits, mono_samples
from netencoders_audio.files import ima
from netencoders_audio.files.ima import decoded
from netencoders_audio.recordings.opening import open_recording

CODINGS = ("IMA_ADPCM", "MS_ADPCM")


@pytest.fixture(scope="module")
def coded(wav):
    """Return a function that makes an ADPCM file of 5000 frames, and all frames of its blocks."""

    def make(coding, channels=1, frames=5000):
        place = np.arange(frames)[:, None] + 100 * np.arange(channels)
        content = wav(0.5 * np.sin(place / 9) + 0.1 * np.sin(place**2 / 9e4), 8000, coding=coding)
        samples, _ = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
        return content, samples

    return make


def with_fact(content, frames):
    """Return a file with another number of frames in its fact chunk."""
    place = content.index(b"fact") + 8
    return content[:place] + struct.pack("<I", frames) + content[place + 4 :]


def data_of(content):
    """Return the position and the length of the samples, and the size of a block."""
    place = content.index(b"data") + 8
    [length] = struct.unpack("<I", content[place - 4 : place])
    [align] = struct.unpack("<H", content[32:34])
    return place, length, align


def nibbles(data, first, steps, index, table):
    """Return the samples of IMA nibbles, by the definition of the IMA."""
    value, samples = first, []
    for code in data:
        step = steps[index]
        change = step >> 3
        change += (step if code & 4 else 0) + (step >> 1 if code & 2 else 0)
        change += step >> 2 if code & 1 else 0
        value = min(max(value - change if code & 8 else value + change, -32768), 32767)
        index = min(max(index + table[code & 7], 0), 88)
        samples.append(value)
    return samples


def test_samples_of_ima_adpcm_are_those_of_its_definition(hand):
    """A file whose samples are known by the definition of IMA ADPCM is decoded to them."""
    steps = [7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45]
    data = np.random.default_rng(0).integers(0, 2, 1016)  # small changes: only the first steps
    body = bytes((data[::2] | data[1::2] << 4).astype(np.uint8).tolist())
    block = struct.pack("<hBB", 1000, 10, 0) + body
    chunk = hand.form(0x11, bits=4, align=512, extra=struct.pack("<HH", 2, 1017), speed=8000)
    samples, told = hand.read(hand.riff(chunk, hand.chunk(b"data", block)))
    expected = [1000, *nibbles(data.tolist(), 1000, steps, 10, [-1] * 4 + [2, 4, 6, 8])]
    assert np.array_equal(np.array(expected)[:, None] / 32768, samples)
    assert [] == told


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("coding", CODINGS)
def test_fact_decides_on_the_padding_of_the_last_block(hand, coded, coding, channels):
    """The frames of a file are those of its fact chunk, without the padding of the last block."""
    content, samples = coded(coding, channels)
    for frames in (len(samples), len(samples) - 1, len(samples) - 300):
        read, told = hand.read(with_fact(content, frames))
        assert np.array_equal(samples[:frames], read)
        assert [] == told
    read, told = hand.read(with_fact(content, 0))  # written to a pipe
    assert (len(samples), []) == (len(read), told)


@pytest.mark.parametrize("coding", CODINGS)
def test_wrong_fact_is_told(hand, coded, coding):
    """A fact chunk that the blocks contradict is ignored, with a warning."""
    content, samples = coded(coding)
    for wrong in (1, 99_999):
        read, told = hand.read(with_fact(content, wrong))
        assert np.array_equal(samples, read)
        message = f"has a fact chunk of {wrong} frames, but its blocks hold {len(samples)}: all"
        assert [f"bytes: {message} are encoded"] == told


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("coding", CODINGS)
def test_short_last_block_is_read_without_padding(hand, coded, coding, channels):
    """A last block that is shorter than the others has the frames of its bytes."""
    content, samples = coded(coding, channels)
    place, length, align = data_of(content)
    head, first, group = (4, 1, 4) if coding == "IMA_ADPCM" else (7, 2, 0)

    def frames_of(size):
        """Return the frames in a block of `size` bytes."""
        rest = size - head * channels
        whole = rest // (group * channels) * group * channels if group else rest
        return first + whole * 2 // channels if rest >= 0 else 0

    for rest in (align // 2 // 8 * 8, align - 8 * channels, head * channels, 3):
        size = length - align + rest
        cut = content[: place - 4] + struct.pack("<I", size) + content[place : place + size]
        expected = (length // align - 1) * frames_of(align) + frames_of(rest)
        read, _ = hand.read(with_fact(cut, 0))
        assert expected == len(read)
        assert np.array_equal(samples[:expected], read)


@pytest.mark.parametrize("coding", CODINGS)
def test_truncated_file_has_both_counts(hand, coded, coding):
    """A file that ends before the claimed size is truncated, and its blocks can be encoded."""
    content, samples = coded(coding)
    place, _, align = data_of(content)
    cut = content[: place + 2 * align]
    with pytest.raises(AudioError, match=r"has \d+ of the \d+ frames that its header") as caught:
        hand.read(cut)
    assert "truncated" == caught.value.code
    with policies({"truncated": "warn"}):
        read, told = hand.read(cut)
    assert np.array_equal(samples[: len(read)], read)
    assert 0 < len(read) < len(samples)
    assert 1 == len(told)


@pytest.mark.parametrize("coding", CODINGS)
def test_sizes_of_a_pipe_and_other_bytes(hand, coded, coding):
    """Unknown sizes are read to the end; bytes behind the samples are told."""
    content, samples = coded(coding)
    place, length, _ = data_of(content)
    for size in (0xFFFF_FFFF, 0x7FFF_F000, len(content)):
        piped = content[: place - 4] + struct.pack("<I", size) + content[place : place + length]
        read, told = hand.read(piped)
        assert np.array_equal(samples, read)
        assert (len(samples), []) == (len(read), told)
    _, told = hand.read(content + b"q" * 77)
    message = "has 77 bytes behind its sound that are neither whole chunks nor tags"
    assert [f"bytes: {message}: they are left out"] == told


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (32, 0, "the number of bytes of a block in its header must be above 0"),
        (32, 3, "claims blocks of 3 bytes with"),
        (38, 77, "with 77 frames, but such blocks have"),
    ],
)
def test_impossible_blocks_are_refused(hand, coded, coding, place, value, message):
    """A block that can have no samples, or not the stated number, is malformed."""
    content = bytearray(coded(coding)[0])
    struct.pack_into("<H", content, place, value)
    with pytest.raises(AudioError, match=message) as caught:
        hand.read(bytes(content))
    assert "malformed" == caught.value.code


def by_ffmpeg(data, first, steps, index, table):
    """Return the samples of IMA nibbles with the arithmetic of ffmpeg's coder."""
    value, samples = first, []
    for code in data:
        change = (2 * (code & 7) + 1) * steps[index] // 8
        value = min(max(value - change if code & 8 else value + change, -32768), 32767)
        index = min(max(index + table[code & 7], 0), 88)
        samples.append(value)
    return samples


def test_file_of_ffmpeg_is_decoded_as_ffmpeg_coded_it(hand):
    """A file with ffmpeg's name gets the sum that ffmpeg rounds once; other files do not."""
    data = np.random.default_rng(1).integers(0, 8, 1016)
    body = bytes((data[::2] | data[1::2] << 4).astype(np.uint8).tolist())
    block = struct.pack("<hBB", -20000, 30, 0) + body
    chunk = hand.form(0x11, bits=4, align=512, extra=struct.pack("<HH", 2, 1017), speed=8000)
    name = hand.chunk(b"LIST", b"INFOISFT" + struct.pack("<I", 14) + b"Lavf59.27.100\0")
    steps = [int(step) for step in ima._STEPS]
    rules = [-1] * 4 + [2, 4, 6, 8]
    values = {}
    for information, coder in ((name, by_ffmpeg), (b"", nibbles)):
        file = hand.riff(chunk, information, hand.chunk(b"data", block))
        samples, told = hand.read(file)
        values[coder] = [-20000, *coder(data.tolist(), -20000, steps, 30, rules)]
        assert np.array_equal(np.array(values[coder])[:, None] / 32768, samples)
        assert [] == told
    assert values[by_ffmpeg] != values[nibbles]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("start", [0, 1, 1000, 1017, 4000, 4999])
@pytest.mark.parametrize("size", [7, 1000, 1 << 18])
def test_ima_blocks_begin_at_any_frame(coded, channels, start, size):
    """Blocks from any frame, of any size, have the samples of the whole file."""
    content, samples = coded("IMA_ADPCM", channels)
    with open_recording(content) as recording:
        blocks = [block / 32768 for block in recording.blocks(size, start)]
    assert max(map(len, blocks)) <= size
    assert np.array_equal(samples[start:], np.concatenate(blocks))


def test_impossible_block_headers_are_told(hand, coded):
    """A step or a predictor that does not exist is damage, and all blocks are encoded."""
    for coding, offset, value in (("IMA_ADPCM", 2, 89), ("IMA_ADPCM", 3, 1), ("MS_ADPCM", 0, 7)):
        content, samples = coded(coding)
        place, _, align = data_of(content)
        damaged = bytearray(content)
        damaged[place + align + offset] = value
        read, told = hand.read(bytes(damaged))
        assert len(samples) == len(read)
        message = "bytes: has 1 ADPCM blocks with impossible headers: they are encoded"
        assert [message] == told


def test_ima_file_that_becomes_shorter_is_truncated(tmp_path, coded):
    """Blocks that vanish while the file is read are missing, and not zeros."""
    content, samples = coded("IMA_ADPCM", frames=60_000)
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    message = rf"has \d+ of the {len(samples)} frames that its header claims"
    with open_recording(path) as recording:
        blocks = recording.blocks(2000)
        next(blocks)
        os.truncate(path, len(content) // 2)
        with pytest.raises(AudioError, match=message):
            list(blocks)


def test_limits_hold_for_ima_adpcm(coded):
    """A file that is too long, or whose coding is not allowed, is refused."""
    content, _ = coded("IMA_ADPCM")
    with limits(max_hours=0.0001), pytest.raises(AudioError, match="longer than") as caught:
        mono_samples(content, 8000)
    assert "limit-exceeded" == caught.value.code
    with limits(codings={"PCM_16"}), pytest.raises(AudioError, match="IMA_ADPCM is not among"):
        mono_samples(content, 8000)


@pytest.mark.parametrize("channels", [1, 2])
def test_ima_blocks_without_nibbles_have_one_frame(channels):
    """A block of the length of its header has one frame, the value in the header."""
    values = np.arange(3 * channels, dtype="<i2").reshape(3, channels)
    blocks = np.zeros((3, channels, 4), np.uint8)
    blocks[..., :2] = values[..., np.newaxis].view(np.uint8)
    samples = decoded(blocks.reshape(3, -1), channels, by_ffmpeg=False)
    assert values.tolist() == samples.tolist()

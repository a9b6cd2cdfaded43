"""Streams and threads give the same bits for any kind of input and number of threads."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import All, Automatic, NetEncoder
from netencoders_audio import Audio, AudioError, limits, mono_samples

ROOT = Path(__file__).parents[3]
WINDOWS = [Automatic, "hamming", ["kaiser", 8.0], "boxcar"]
PARAMETERS = st.fixed_dictionaries(
    {
        "SampleRate": st.sampled_from([8000, 11025, 16000, 22050]),
        "TargetLength": st.sampled_from([All, 1, 3000, 40_000]),
        "WindowSize": st.sampled_from([Automatic, 1, 7, 256, "32 ms"]),
        "Offset": st.sampled_from([Automatic, 3, 100, 600]),
        "WindowFunction": st.sampled_from(WINDOWS),
        "PartitionPadding": st.sampled_from([Automatic, None, "Center"]),
        "FFTLength": st.sampled_from([Automatic, 1024]),
        "WindowPlacement": st.sampled_from(["Start", "Center"]),
        "Power": st.sampled_from([1, 2]),
    }
)
# Without padding, one sample is shorter than a partition.
PARAMETERS = PARAMETERS.filter(
    lambda p: p["PartitionPadding"] is not None or p["TargetLength"] not in (1,)
)


def joined(blocks):
    """Return the blocks of a stream as one array, each copied before the next is read."""
    return np.concatenate([block.copy() for block in blocks])


def cut(samples, rate, seed, largest):
    """Yield an array as Audio blocks of random sizes: none, one sample, up to `largest`."""
    random = np.random.default_rng(seed)
    start = 0
    while start < len(samples):
        size = int(random.choice([0, 1, 2, int(random.integers(1, largest + 1))]))
        yield Audio(samples[start : start + size], rate)
        start += size


@settings(max_examples=40)
@given(
    parameters=PARAMETERS,
    rate=st.sampled_from([8000, 16000, 44100]),
    channels=st.sampled_from([1, 2]),
    seed=st.integers(0, 2**32 - 1),
    largest=st.sampled_from([1, 50, 3000, 100_000]),
)
def test_blocks_of_any_size_give_the_same_bits(frames, parameters, rate, channels, seed, largest):
    """Blocks from an iterator, down to one sample, give the bits of the one-piece call."""
    # 6000 samples at 44.1 kHz are more than 1024 at 8 kHz, the longest partition.
    samples = frames(rate, channels)[: 6000 if largest == 1 else 30_000]
    encoder = NetEncoder("AudioSpectrogram", **parameters)
    expected = encoder(Audio(samples, rate))
    assert np.array_equal(expected, joined(encoder.stream(cut(samples, rate, seed, largest))))
    assert np.array_equal(expected, encoder(cut(samples, rate, seed, largest)))


@pytest.mark.parametrize("size", [7, 160, 30_000])
@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_source_may_reuse_its_memory(frames, size, dtype):
    """The blocks of a source may share one memory, because no view of them is kept."""
    samples = frames(16000, 1)[: 20 * size].ravel()
    samples = samples if dtype == "int16" else (samples / 32768).astype(dtype)
    memory = np.empty(size, dtype)

    def microphone():
        for start in range(0, len(samples), size):
            part = samples[start : start + size]
            memory[: len(part)] = part
            yield Audio(memory[: len(part)], 16000)

    encoder = NetEncoder("AudioSpectrogram")
    expected = encoder(Audio(samples, 16000))
    assert np.array_equal(expected, joined(encoder.stream(microphone())))
    assert np.array_equal(expected, encoder(microphone()))


@pytest.mark.parametrize("seconds", [0.5, 8.4, 8.5, 16.8, 17.0])
@pytest.mark.parametrize("name", ["AudioMelSpectrogram", "AudioSTFT"])
def test_recordings_of_any_length_have_the_bits_of_a_stream(name, seconds):
    """A call in one group, in two or in more has the bits of a stream."""
    samples = np.random.default_rng(0).uniform(-1, 1, int(seconds * 16000)).astype("f4")
    encoder = NetEncoder(name)
    live = (Audio(samples[start : start + 9999], 16000) for start in range(0, len(samples), 9999))
    assert np.array_equal(encoder(Audio(samples, 16000)), joined(encoder.stream(live)))


def test_odd_addresses_give_the_same_bits():
    """The memory address of samples changes no bit, although it changes numpy's order of sums."""
    samples = np.random.default_rng(1).uniform(-1, 1, 100_000).astype("f4")
    odd = np.frombuffer(b"x" + samples.tobytes(), np.float32, offset=1)
    assert not odd.flags.aligned
    parameters = {"RemoveMean": True, "WindowSize": 10_000, "Offset": 5000}
    encoder = NetEncoder("AudioSpectrogram", **parameters)
    expected = encoder(Audio(samples, 16000))
    assert np.array_equal(expected, encoder(Audio(odd, 16000)))
    assert np.array_equal(expected, joined(encoder.stream(Audio(odd, 16000))))


def test_source_keeps_its_context():
    """A source with its own limits can be read after its stream is closed."""

    def source():
        with limits(max_channels=200):
            for _ in range(50):
                yield Audio(np.ones(4000, np.float32), 16000)

    blocks = source()
    stream = NetEncoder("AudioSpectrogram").stream(blocks)
    next(stream)
    stream.close()
    assert 49 == sum(1 for _ in blocks)


def test_stream_has_the_limits_of_its_call(frames):
    """A stream has the limits in force when it was created."""
    with limits(max_channels=1):
        stream = NetEncoder("AudioSpectrogram").stream(Audio(frames(16000, 2), 16000))
    with pytest.raises(AudioError, match="max_channels is 1"):
        next(stream)


def test_small_groups_give_the_same_bits():
    """Long partitions, in groups of fewer than 24, give the same bits in a stream."""
    encoder = NetEncoder("AudioMelSpectrogram", WindowSize=26214, Offset=1000)
    samples = np.random.default_rng(0).uniform(-1, 1, 60_000).astype("f4")
    audio = Audio(samples, 16000)
    assert np.array_equal(encoder(audio), joined(encoder.stream(audio)))
    assert np.array_equal(encoder(audio), joined(encoder.stream(iter([audio]))))


class SlowFile(io.RawIOBase):
    """A file object that cannot seek, and returns few bytes at a time."""

    def __init__(self, content, seed):
        self._rest = io.BytesIO(content)
        self._random = np.random.default_rng(seed)

    def readable(self):
        """Return True."""
        return True

    def readinto(self, buffer):
        """Read a random number of bytes."""
        count = int(self._random.integers(1, 5000))
        return self._rest.readinto(memoryview(buffer)[:count])


@settings(max_examples=40)
@given(
    parameters=PARAMETERS,
    kind=st.sampled_from(["WAV", "FLAC", "OGG", "MP3", "AIFF"]),
    normalization=st.sampled_from([None, "Max", ["RMS", 0.1]]),
    seed=st.integers(0, 2**32 - 1),
)
def test_files_and_pipes_stream_the_bits_of_the_call(
    recording, parameters, kind, normalization, seed
):
    """A path and a file object that cannot seek stream the bits of the call, also normalized."""
    encoder = NetEncoder("AudioSpectrogram", **parameters, Normalization=normalization)
    path = recording(16000, 2, kind)
    expected = encoder(path)
    assert np.array_equal(expected, joined(encoder.stream(path)))
    assert np.array_equal(expected, joined(encoder.stream(SlowFile(path.read_bytes(), seed))))


def test_stream_of_an_endless_source_yields_rows(frames):
    """A stream yields rows of a source that never ends, after fewer than 1000 blocks."""
    taken = 0

    def microphone():
        nonlocal taken
        while True:  # without an end
            taken += 1
            yield Audio(frames(16000, 1)[:1600], 16000)

    stream = NetEncoder("AudioSpectrogram").stream(microphone())
    for _ in range(3):
        assert len(next(stream))
    stream.close()
    assert taken < 1000


def test_normalization_refuses_a_stream_of_single_pass_blocks(frames):
    """Single-pass blocks are normalized in a call, and refused in a stream."""
    samples = frames(16000, 1)
    encoder = NetEncoder("AudioSpectrogram", Normalization="Max")
    message = r"^iterator: blocks from an iterator can be read once, but .*\(set Normalization"
    with pytest.raises(AudioError, match=message) as caught:
        list(encoder.stream(cut(samples, 16000, 0, 3000)))
    assert "one-pass" == caught.value.code
    assert np.array_equal(encoder(Audio(samples, 16000)), encoder(cut(samples, 16000, 0, 3000)))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        *[(name, {"Normalization": "Max"}) for name in ("Audio", "AudioSTFT", "AudioSpectrogram")],
        ("AudioMelSpectrogram", {"Normalization": ["RMS", 0.1], "TargetLength": 1000}),
        ("AudioMFCC", {"DynamicRange": 80}),
        ("AudioMFCC", {"DynamicRange": 80, "Normalization": "Max"}),
    ],
)
def test_endless_input_is_refused_at_once(name, parameters):
    """A microphone cannot be read twice: the error comes after the first block."""
    taken = []

    def microphone():
        while len(taken) < 100:
            taken.append(1)
            yield Audio(np.ones(1600), 16000)

    with pytest.raises(AudioError, match=r"^iterator: blocks from an iterator") as caught:
        next(NetEncoder(name, **parameters).stream(microphone()))
    assert ("one-pass", 1) == (caught.value.code, len(taken))


def test_path_is_read_twice_for_normalization(monkeypatch, recording):
    """A normalized stream decodes a file twice, one without Normalization once."""
    from netencoders_audio.recordings.samples_file import SamplesFile

    passes = []
    blocks = SamplesFile.blocks
    monkeypatch.setattr(
        SamplesFile,
        "blocks",
        lambda self, size, start=0: passes.append(1) or blocks(self, size, start),
    )
    for normalization, count in {None: 1, "Max": 2}.items():
        passes.clear()
        list(NetEncoder("AudioSpectrogram", Normalization=normalization).stream(recording()))
        assert count == len(passes)


@pytest.mark.parametrize(
    ("blocks", "code", "message"),
    [
        ([], "empty-audio", "^iterator: the iterator has no block"),
        ([Audio([], 8000)], "empty-audio", "^iterator: no samples"),
        ([1, 2], "unsupported-input", "^iterator: a block of the iterator has the type int, "),
        (
            [Audio([0.0], 8000), Audio([0.0], 16000)],
            "unsupported-input",
            "16000 Hz, float64>, but the first block has 1 channels at 8000 Hz",
        ),
        ([Audio([0.0], 8000), Audio([[0.0, 1.0]], 8000)], "unsupported-input", "2 channels"),
        ([Audio([np.nan], 8000)], "non-finite", "the sample at frame 0 of channel 0 is nan"),
    ],
)
def test_blocks_of_another_form_are_refused(blocks, code, message):
    """Blocks that are not Audio, or not of one form, are errors."""
    with pytest.raises(AudioError, match=message) as caught:
        NetEncoder("AudioSpectrogram")(iter(blocks))
    assert (code, "iterator") == (caught.value.code, caught.value.source)


def test_error_of_a_source_is_raised():
    """An error of the source is raised, and not reported as bad audio."""

    def broken():
        yield Audio(np.zeros(100_000), 16000)
        raise DriverError("unplugged")

    with pytest.raises(Exception, match="unplugged") as caught:
        list(NetEncoder("AudioSpectrogram").stream(broken()))
    assert "DriverError" in repr([caught.value, caught.value.__cause__])


class DriverError(OSError):
    """An error of a driver."""


def test_one_encoder_in_many_threads_gives_the_same_bits(recording):
    """Sixteen threads use one encoder at once, by call and by stream, with the same bits."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=11025, Normalization="Max")
    kinds = ["WAV", "FLAC", "OGG", "MP3"]
    expected = {kind: encoder(recording(kind=kind)).tobytes() for kind in kinds}

    def use(index):
        path = recording(kind=kinds[index % 4])
        array = joined(encoder.stream(path)) if index % 3 else encoder(path)
        return array.tobytes() == expected[kinds[index % 4]]

    with ThreadPoolExecutor(16) as pool:
        assert [True] * 200 == list(pool.map(use, range(200)))


def test_long_recording_needs_little_memory(tmp_path):
    """Twenty minutes of stereo are streamed and written in the memory of a few blocks; AAC too."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", "--hours", "0.33", "--folder", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert 4 == done.stdout.count("MB")


@pytest.mark.parametrize("name", ["Audio", "AudioSpectrogram", "AudioMFCC"])
def test_live_rows_are_yielded_within_a_fraction_of_a_second(name, speech_path):
    """Rows of live blocks are yielded within a fraction of a second, with the same bits."""
    encoder = NetEncoder(name)
    samples = mono_samples(speech_path, 16000)
    read = 0

    def microphone():
        nonlocal read
        for start in range(0, len(samples), 160):
            read += 1
            yield Audio(samples[start : start + 160], 16000)

    rows, blocks = 0, []
    for block in encoder.stream(microphone()):
        blocks.append(block)
        rows += len(block)
        behind = read / 100 - encoder.output.axes[0].at(rows)
        assert behind < 0.3
    assert len(blocks) > 10
    np.testing.assert_array_equal(encoder(speech_path), np.concatenate(blocks))

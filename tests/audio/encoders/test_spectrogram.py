"""AudioSpectrogram: the shape, the bits and the axes of its output."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netencoders_audio.encoders.signal as waveform_module
from netencoders import EncodeError, NetEncoder, ParameterError, Varying
from netencoders.kernel import loaded
from netencoders_audio import Audio, AudioError
from netencoders_audio.kernel.library import FOLDER

# Rate, automatic window, bins and automatic offset, from the Wolfram Language documentation.
NINE_RATES = [
    (8000, 200, 101, 67),
    (11025, 276, 139, 92),
    (16000, 400, 201, 134),
    (22050, 552, 277, 184),
    (24000, 600, 301, 200),
    (32000, 800, 401, 267),
    (44100, 1103, 552, 368),
    (48000, 1200, 601, 400),
    (96000, 2400, 1201, 800),
]
RATES = [8000, 11025, 16000, 22050]


def noise(frames, channels=1, seed=0):
    """Return white noise, float32."""
    return np.random.default_rng(seed).uniform(-1, 1, (frames, channels)).astype(np.float32)


@st.composite
def declarations(draw):
    """Draw parameters of an encoder for signals of 40 samples or more at any rate."""
    padding = draw(st.sampled_from([None, "Right", "Center", "CenterReflect"]))
    size = draw(st.integers(1, 20 if padding is None else 40))
    longest = size + 20
    shortest = {None: longest, "CenterReflect": longest // 2 + 1}.get(padding, 1)
    parameters = {
        "SampleRate": st.sampled_from(RATES),
        "Normalization": st.sampled_from([None, "Max", ("Max", 0.3), ("RMS", 0.1)]),
        "TargetLength": st.integers(shortest, 900),
        "Offset": st.integers(1, 60),
        "WindowFunction": st.sampled_from(["hann", "boxcar", "hann_symmetric", ("kaiser", 8.0)]),
        "FFTLength": st.integers(size, longest),
        "WindowPlacement": st.just("Center"),
        "Power": st.sampled_from([1, 2]),
    }
    chosen = {name: draw(kind) for name, kind in parameters.items() if draw(st.booleans())}
    return {"WindowSize": size, "PartitionPadding": padding, **chosen}


INPUTS = st.tuples(st.integers(120, 1500), st.integers(1, 3), st.sampled_from(RATES))


@pytest.mark.parametrize(("rate", "size", "bins", "offset"), NINE_RATES)
def test_automatic_sizes_of_nine_rates(rate, size, bins, offset):
    """The automatic window is 25 ms, rounded up; the offset a third of it, rounded up (A1, A2)."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=rate)
    assert (size, offset) == (encoder.resolved["WindowSize"], encoder.resolved["Offset"])
    assert (Varying, bins) == encoder.output.dims
    audio = Audio(noise(3000), rate)
    assert (-(-3000 // offset), bins) == encoder(audio).shape


@given(st.integers(1, 10_000_000))
def test_automatic_sizes_are_the_smallest_at_any_rate(rate):
    """The automatic sizes are the smallest integers that are large enough, at any rate."""
    resolved = NetEncoder("AudioSpectrogram", SampleRate=rate).resolved
    size, offset = resolved["WindowSize"], resolved["Offset"]
    assert (size - 1) * 40 < rate <= size * 40
    assert (offset - 1) * 3 < size <= offset * 3


@pytest.mark.parametrize(("size", "bins"), [(5, 3), (401, 201), (1, 1), (2, 2), (512, 257)])
def test_number_of_bins(size, bins):
    """There are floor(size / 2 + 1) bins, odd windows included."""
    encoder = NetEncoder("AudioSpectrogram", WindowSize=size)
    assert (Varying, bins) == encoder.output.dims
    assert bins == encoder(Audio(noise(1000), 16000)).shape[1]


def test_automatic_offset_follows_the_window():
    """512 samples give an offset of 171."""
    assert 171 == NetEncoder("AudioSpectrogram", WindowSize=512).resolved["Offset"]


def test_shape_of_one_second():
    """One second at 16 kHz is (120, 201)."""
    assert (120, 201) == NetEncoder("AudioSpectrogram")(Audio(noise(16000), 16000)).shape


def test_one_error_has_all_problems():
    """One error has all problems, in the standard wording."""
    expected = (
        "AudioSpectrogram: 2 problems\n"
        "  'WindowSize' must be an integer >= 1, a duration or Automatic. Got 0.\n"
        "  unknown parameter 'Samplerate'. Did you mean 'SampleRate'? Write SampleRate=1."
    )
    with pytest.raises(ParameterError, match=f"^{re.escape(expected)}$"):
        NetEncoder("AudioSpectrogram", WindowSize=0, Samplerate=1)


@settings(max_examples=80)
@given(declarations(), INPUTS, st.integers(1, 700))
def test_blocks_of_any_size_give_the_same_bits(parameters, form, block):
    """Call and stream give the same bits for any size of decoded blocks."""
    frames, channels, rate = form
    audio = Audio(noise(frames, channels), rate)
    encoder = NetEncoder("AudioSpectrogram", **parameters)
    expected = encoder(audio)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waveform_module, "BLOCK", block)
        np.testing.assert_array_equal(expected, encoder(audio), strict=True)
        streamed = list(encoder.stream(audio))
    np.testing.assert_array_equal(expected, np.concatenate(streamed), strict=True)
    assert all(len(rows) for rows in streamed)


@settings(max_examples=80)
@given(declarations(), INPUTS)
def test_array_is_as_declared(parameters, form):
    """The array is as declared, finite, not negative, its own memory, and equal in two calls."""
    frames, channels, rate = form
    encoder = NetEncoder("AudioSpectrogram", **parameters)
    array = encoder(Audio(noise(frames, channels), rate))
    assert encoder.output.problem(array) is None
    if (1,) == array.shape[1:]:  # it may be samples (A38)
        with pytest.raises(AudioError, match="may be samples"):
            encoder(array)
    else:
        assert encoder(array) is array
        assert [array] == list(encoder.stream(array))
    assert array.base is None
    assert array.flags.c_contiguous
    assert np.isfinite(array).all()
    assert array.min() >= 0


@settings(max_examples=30)
@given(declarations(), INPUTS, st.sampled_from(["int16", "float32", "float64"]))
def test_input_is_not_changed(parameters, form, dtype):
    """The caller's array is not changed, and a second call gives the same result."""
    frames, channels, rate = form
    samples = (noise(frames, channels) * (1000 if dtype == "int16" else 1)).astype(dtype)
    before = samples.copy()
    encoder = NetEncoder("AudioSpectrogram", **parameters)
    first = encoder(Audio(samples, rate))
    assert np.array_equal(before, samples)
    assert np.array_equal(first, encoder(Audio(samples, rate)))


@settings(max_examples=40)
@given(declarations(), INPUTS)
def test_silence_gives_zeros(parameters, form):
    """Silence gives zeros with any parameters, without a warning."""
    frames, channels, rate = form
    silence = np.zeros((frames, channels), np.int16)
    assert not NetEncoder("AudioSpectrogram", **parameters)(Audio(silence, rate)).any()


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "AIFF"])
@pytest.mark.parametrize("normalization", [None, "Max", ["RMS", 0.1]])
def test_silent_files_give_zeros(wav, kind, normalization):
    """A silent file gives zeros, normalized or not."""
    encoder = NetEncoder("AudioSpectrogram", Normalization=normalization)
    assert not encoder(wav(np.zeros((9000, 2), np.int16), 44100, kind)).any()


@pytest.mark.parametrize("padding", [None, "Right", "Center", "CenterReflect"])
@pytest.mark.parametrize("size", [5, 6])
def test_time_axis_has_the_centres_of_partitions(padding, size):
    """The time of a row is the centre of its partition: an impulse there is loudest in this row."""
    encoder = NetEncoder(
        "AudioSpectrogram", SampleRate=100, WindowSize=size, Offset=7, PartitionPadding=padding
    )
    signal = np.zeros(100, np.float32)
    time = encoder.output.axes[0]
    for row in range(1, 12):
        signal[:] = 0
        signal[int(time.at(row) * 100)] = 1
        assert row == encoder(Audio(signal, 100)).sum(axis=1).argmax()


@pytest.mark.parametrize(
    ("size", "padding", "start"),
    [(5, "Right", 2.5), (6, None, 3), (5, "Center", 0.5), (6, "CenterReflect", 0), (1, None, 0.5)],
)
def test_time_axis_starts_at_the_first_centre(size, padding, start):
    """The centre of a partition is half its length after its start, also for odd lengths."""
    encoder = NetEncoder(
        "AudioSpectrogram", SampleRate=2, WindowSize=size, PartitionPadding=padding
    )
    assert start / 2 == encoder.output.axes[0].start


@pytest.mark.parametrize("fft_length", [400, 401, 512])
def test_frequency_axis_has_the_frequencies_of_tones(fft_length):
    """The frequency of a bin is that of the tone with the highest power in it."""
    encoder = NetEncoder("AudioSpectrogram", FFTLength=fft_length)
    frequency = encoder.output.axes[1]
    for number in (5, 40, 150):
        tone = np.sin(2 * np.pi * frequency.at(number) * np.arange(4000) / 16000)
        assert {number} == set(encoder(Audio(tone, 16000))[:28].argmax(axis=1))


def test_default_axes():
    """The axes have name, unit, step and start; the quantity is power."""
    output = NetEncoder("AudioSpectrogram").output
    time, frequency = output.axes
    assert ("time", "s", 134 / 16000, 0.0125) == (time.name, time.unit, time.step, time.start)
    assert ("frequency", "Hz", 40, 0) == (
        frequency.name,
        frequency.unit,
        frequency.step,
        frequency.start,
    )
    assert "power" == output.quantity
    assert "magnitude" == NetEncoder("AudioSpectrogram", Power=1).output.quantity


def test_batch_gives_the_arrays_of_its_elements(speech_path, recording):
    """A list gives a list of arrays; any number of threads gives the same bits."""
    values = [speech_path, recording(44100, 2), recording(8000, 1, "FLAC")] * 4
    encoder = NetEncoder("AudioSpectrogram", Normalization="Max")
    expected = [encoder(value) for value in values]
    for arrays in (encoder(values), list(encoder.map(values, workers=4))):
        for one, other in zip(expected, arrays, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)


def test_stream_yields_rows_before_the_end_is_read():
    """A long stream yields its first rows before the last samples are read."""
    encoder = NetEncoder("AudioSpectrogram")
    samples = noise(600_000)
    samples[-1] = np.nan
    stream = encoder.stream(Audio(samples, 16000))
    assert len(next(stream)) > 100
    with pytest.raises(EncodeError, match="the sample at frame 599999 of channel 0 is nan"):
        list(stream)


def test_large_offset_allocates_little():
    """An Offset of hours and a window of four samples do not fill the memory."""
    encoder = NetEncoder("AudioSpectrogram", WindowSize=4, Offset=2**31 - 1)
    assert (1, 3) == encoder(Audio(noise(100), 16000)).shape


LOADED = """
import sys
import numpy as np
from netencoders import NetEncoder
from netencoders_audio import Audio
encoder = NetEncoder("AudioSpectrogram", WindowFunction={window!r}, WindowSize=64)
encoder(Audio(np.ones(100), 8000))
encoder({path!r})
print("scipy.signal" in sys.modules, "scipy.fft" in sys.modules)
"""


@pytest.mark.parametrize(
    ("window", "loads"),
    [("hann", False), ("boxcar", False), ("hann_symmetric", False), ("hamming", True)],
)
def test_only_other_windows_load_scipy_signal(speech_path, window, loads):
    """scipy.signal, which takes a second to import, is imported only for its windows."""
    code = LOADED.format(window=window, path=str(speech_path))
    for kernel in ("off", ""):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NETENCODERS_KERNEL": kernel},
        )
        # scipy.signal imports scipy.fft; the compiled kernel does not need it.
        has_fft = loads or kernel == "off" or loaded(FOLDER) is None
        assert (f"{loads} {has_fft}\n", "") == (done.stdout, done.stderr)


def test_declaration_imports_no_decoder():
    """Declaring an encoder imports neither decoder, resampler nor scipy."""
    code = (
        "import sys; from netencoders import NetEncoder; NetEncoder('AudioSpectrogram').output;"
        "print([m for m in ('scipy', 'soundfile', 'soxr', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ("[]\n", "") == (done.stdout, done.stderr)

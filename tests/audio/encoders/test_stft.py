"""AudioSTFT, compared with the definition, scipy, the spectrogram and laws of transforms."""

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import ShortTimeFFT, get_window

import netencoders_audio.encoders.rows as rows_module
import netencoders_audio.encoders.signal as waveform_module
from netencoders import NetEncoder, ParameterError, Varying
from netencoders_audio import SPECTRAL, Audio

EPS = float(np.finfo(np.float32).eps)
PADDINGS = [None, "Right", "Center", "CenterReflect"]


def noise(frames, channels=1, seed=0):
    """Return white noise, float32."""
    return np.random.default_rng(seed).uniform(-1, 1, (frames, channels)).astype(np.float32)


def to_complex(array):
    """Return real and imaginary parts as complex numbers."""
    return array[..., 0] + 1j * array[..., 1]


@st.composite
def declarations(draw):
    """Draw parameters of an encoder for signals of 40 samples or more."""
    padding = draw(st.sampled_from(PADDINGS))
    size = draw(st.integers(1, 20 if padding is None else 40))
    parameters = {
        "Normalization": st.sampled_from([None, "Max", ("RMS", 0.1)]),
        "Offset": st.integers(1, 60),
        "WindowFunction": st.sampled_from(["hann", "boxcar", "hann_symmetric", ("kaiser", 8.0)]),
        "FFTLength": st.integers(size, size + 20),
        "RemoveMean": st.booleans(),
        "PreEmphasis": st.sampled_from([0, 0.97]),
    }
    chosen = {name: draw(kind) for name, kind in parameters.items() if draw(st.booleans())}
    return {"WindowSize": size, "PartitionPadding": padding, **chosen}


def test_defaults():
    """The parameters are those of AudioSpectrogram without its power, and resolve to the same."""
    encoder, spectrogram = NetEncoder("AudioSTFT"), NetEncoder("AudioSpectrogram")
    assert SPECTRAL == encoder.declarations
    assert {**encoder.resolved, "Power": 2, "PowerOffset": 0} == spectrogram.resolved


def test_output_has_three_axes():
    """The axes are time, all frequencies up to SampleRate, and the two parts of a number."""
    output = NetEncoder("AudioSTFT").output
    time, frequency, part = output.axes
    assert ((Varying, 400, 2), "float32", "complex") == (output.dims, output.dtype, output.quantity)
    assert NetEncoder("AudioSpectrogram").output.axes[0] == time
    assert ("frequency", "Hz", 40, 0) == (
        frequency.name,
        frequency.unit,
        frequency.step,
        frequency.start,
    )
    assert "part" == part.name
    longer = NetEncoder("AudioSTFT", FFTLength=512, TargetLength=16000).output
    assert ((120, 512, 2), 16000 / 512) == (longer.dims, longer.axes[1].step)


def test_phase_of_an_impulse():
    """The phase of an impulse one sample after the start falls by 90 degrees per bin (A22)."""
    encoder = NetEncoder("AudioSTFT", WindowSize=4, Offset=2, WindowFunction="boxcar")
    impulse = [[1, 0], [0, -1], [-1, 0], [0, 1]]
    silence = [[0, 0]] * 4
    actual = encoder(Audio(np.array([0, 1, 0, 0], np.float32), 16000))
    assert [impulse, silence] == (actual + 0.0).tolist()


@settings(max_examples=150)
@given(st.integers(1, 90), st.integers(1, 24), st.integers(1, 30), st.integers(0, 9), st.data())
def test_stft_equals_the_definition(count, size, offset, extra, data):
    """Rows agree with numpy's transform of windowed partitions in double precision."""
    paddings = [None] * (count >= size) + ["CenterReflect"] * (count > size // 2)
    padding = data.draw(st.sampled_from(["Right", "Center", *paddings]))
    window = data.draw(st.sampled_from(["hann", "boxcar", "blackman"]))
    signal = noise(count, seed=size)[:, 0]
    widths = {None: (0, 0), "Right": (0, size - 1)}.get(padding, (size // 2, size // 2))
    padded = np.pad(signal, widths, mode="reflect" if padding == "CenterReflect" else "constant")
    starts = range(0, len(padded) - size + 1, offset)
    partitions = np.array([padded[start : start + size] for start in starts], np.float64)
    weights = np.ones(1) if size == 1 else get_window(window, size)
    expected = np.fft.fft(partitions * weights, size + extra)
    encoder = NetEncoder(
        "AudioSTFT",
        WindowSize=size,
        Offset=offset,
        WindowFunction=window,
        FFTLength=size + extra,
        PartitionPadding=padding,
    )
    actual = encoder(Audio(signal, 16000))
    assert (len(partitions), size + extra, 2) == actual.shape
    np.testing.assert_allclose(to_complex(actual), expected, rtol=0, atol=16 * EPS * size)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(
    ("size", "offset", "window", "fft_length"),
    [(400, 160, "hann", 400), (401, 100, "hamming", 512), (255, 64, ("kaiser", 14.0), 1001)],
)
def test_stft_agrees_with_scipy(recording, padding, size, offset, window, fft_length):
    """A real recording agrees with scipy's ShortTimeFFT, two-sided."""
    path = recording(44100, 2)
    frames = soundfile.read(path, always_2d=True)[0]
    signal = soxr.resample(frames.mean(axis=1), 44100, 16000, quality="HQ")
    if padding in ("Center", "CenterReflect"):
        mode = "reflect" if padding == "CenterReflect" else "constant"
        signal = np.pad(signal, size // 2, mode=mode)
    end = len(signal) if padding == "Right" else len(signal) - size + 1
    transform = ShortTimeFFT(
        get_window(window, size),
        offset,
        16000,
        mfft=fft_length,
        fft_mode="twosided",
        phase_shift=None,
    )
    # scipy's slices are centred, so that the first one starts at half a window.
    expected = transform.stft(signal, 0, -(-end // offset), k_offset=size // 2).T
    encoder = NetEncoder(
        "AudioSTFT",
        WindowSize=size,
        Offset=offset,
        WindowFunction=window,
        FFTLength=fft_length,
        PartitionPadding=padding,
    )
    bound = 16 * EPS * np.abs(expected).max()
    np.testing.assert_allclose(to_complex(encoder(path)), expected, rtol=0, atol=bound)


@settings(max_examples=60)
@given(declarations(), st.integers(120, 900), st.sampled_from([1, 2]))
def test_first_half_is_the_spectrogram(parameters, frames, power):
    """The magnitude of the first half, squared or not, equals AudioSpectrogram."""
    audio = Audio(noise(frames, 2), 16000)
    half = NetEncoder("AudioSTFT", **parameters)(audio)
    spectrogram = NetEncoder("AudioSpectrogram", **parameters, Power=power)(audio)
    half = half[:, : half.shape[1] // 2 + 1].astype(np.float64)
    expected = (half[..., 0] ** 2 + half[..., 1] ** 2) ** (power / 2)
    # The squares of float32 are rounded, and so is their sum.
    np.testing.assert_allclose(
        spectrogram, expected, rtol=2 * EPS, atol=np.finfo("f4").smallest_normal
    )


@settings(max_examples=60)
@given(declarations(), st.integers(120, 900))
def test_mirrored_bins_are_conjugates(parameters, frames):
    """Bins b and FFTLength - b are exact conjugates; a bin that mirrors itself is real."""
    array = to_complex(NetEncoder("AudioSTFT", **parameters)(Audio(noise(frames), 16000)))
    length = array.shape[1]
    mirrored = array[:, -np.arange(length) % length]
    np.testing.assert_array_equal(array, mirrored.conj())


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(0, 20), st.integers(0, 99))
def test_power_of_all_bins_is_that_of_the_samples(size, extra, seed):
    """The power of all bins is FFTLength times that of the windowed samples."""
    samples = noise(size, seed=seed)[:, 0]
    encoder = NetEncoder(
        "AudioSTFT", WindowSize=size, FFTLength=size + extra, PartitionPadding=None
    )
    window = np.ones(1) if size == 1 else get_window("hann", size)
    expected = (size + extra) * np.square(samples * window).sum()
    actual = np.square(encoder(Audio(samples, 16000))[0], dtype=np.float64).sum()
    np.testing.assert_allclose(actual, expected, rtol=32 * EPS)


@settings(max_examples=60)
@given(declarations(), st.integers(120, 1500), st.integers(1, 700))
def test_blocks_of_any_size_give_the_same_bits(parameters, frames, block):
    """Call and stream give the same bits for any size of decoded blocks."""
    audio = Audio(noise(frames, 2), 11025)
    encoder = NetEncoder("AudioSTFT", **parameters)
    expected = encoder(audio)
    assert encoder.output.problem(expected) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waveform_module, "BLOCK", block)
        np.testing.assert_array_equal(expected, encoder(audio), strict=True)
        streamed = list(encoder.stream(audio))
    np.testing.assert_array_equal(expected, np.concatenate(streamed), strict=True)


def test_threads_give_the_same_bits(monkeypatch, recording):
    """Threads transform a long recording with the same bits."""
    encoder, path = NetEncoder("AudioSTFT", FFTLength=511), recording(44100, 2)
    expected = encoder(path)
    monkeypatch.setattr(rows_module, "LONG", 0)
    monkeypatch.setenv("NETENCODERS_WORKERS", "3")
    np.testing.assert_array_equal(expected, encoder(path), strict=True)
    np.testing.assert_array_equal(expected, np.concatenate(list(encoder.stream(path))), strict=True)


@pytest.mark.parametrize("fft_length", [400, 401, 512])
def test_frequency_axis_has_the_frequencies_of_tones(fft_length):
    """A tone is loudest in the bin of its frequency, and in the mirrored bin."""
    encoder = NetEncoder("AudioSTFT", FFTLength=fft_length)
    frequency = encoder.output.axes[1]
    for number in (5, 40, 150):
        tone = np.sin(2 * np.pi * frequency.at(number) * np.arange(4000) / 16000)
        loudness = np.abs(to_complex(encoder(Audio(tone, 16000))[:28]))
        assert {number} == set(loudness[:, : fft_length // 2].argmax(axis=1))
        assert {number} == set(loudness[:, :0:-1].argmax(axis=1) + 1)


def test_plot_shows_all_frequencies():
    """A plot shows the magnitude over all frequencies, up to the SampleRate."""
    encoder = NetEncoder("AudioSTFT", SampleRate=8000)
    ax = encoder.plot(Audio(noise(4000), 8000))
    assert ("time in s", "frequency in Hz") == (ax.get_xlabel(), ax.get_ylabel())
    assert (-20, 7980) == pytest.approx(ax.get_ylim())


def test_refused_parameters():
    """Power is not a parameter of AudioSTFT; FFTLength below WindowSize is refused."""
    with pytest.raises(ParameterError, match=r"1 problem\n  unknown parameter 'Power'\."):
        NetEncoder("AudioSTFT", Power=2)
    with pytest.raises(ParameterError, match="'FFTLength' must be at least WindowSize, which is 4"):
        NetEncoder("AudioSTFT", FFTLength=399)

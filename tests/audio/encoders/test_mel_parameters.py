"""The parameters of AudioMelSpectrogram and AudioMFCC: defaults, axes and refused values."""

import re

import numpy as np
import pytest

from netencoders import Automatic, NetEncoder, ParameterError, Varying
from netencoders_audio import Audio, AudioError, mel_filters
from netencoders_audio.stages.mel_scale import mel_to_hertz

RATE = 16000


@pytest.mark.parametrize(
    ("name", "default", "resolved"),
    [
        ("NumberOfFilters", 40, 40), ("MinimumFrequency", Automatic, 0),
        ("MaximumFrequency", Automatic, 8000), ("MelScale", "HTK", "HTK"),
        ("FilterSlopes", "Hertz", "Hertz"), ("FilterNormalization", None, None), ("Power", 2, 2),
        ("FilterShape", "Triangle", "Triangle"), ("EmptyFilters", "Error", "Error"),
        ("NumberOfCoefficients", 13, 13), ("Logarithm", "Natural", "Natural"),
        ("LogarithmFloor", 1e-10, 1e-10), ("DynamicRange", None, None),
        ("CosineScaling", "Fourier", "Fourier"), ("Liftering", None, None),
    ],
)  # fmt: skip
def test_defaults(name, default, resolved):
    """Each parameter has this default and this resolved value; there are no others."""
    encoder = NetEncoder("AudioMFCC")
    assert (default, resolved) == (encoder.parameters[name], encoder.resolved[name])
    of_spectrogram = len(NetEncoder("AudioSpectrogram").parameters)
    assert (of_spectrogram + 8, of_spectrogram + 14) == tuple(
        len(NetEncoder(name).parameters) for name in ("AudioMelSpectrogram", "AudioMFCC")
    )


@pytest.mark.parametrize(
    ("name", "expected", "values"),
    [
        ("NumberOfFilters", "an integer >= 1", [0, -1, 40.0, True, None, Automatic]),
        ("MinimumFrequency", "a number >= 0 or Automatic", [-1, "20 Hz", None, True]),
        ("MaximumFrequency", "a number > 0 or Automatic", [0, -1, "8 kHz", None, True]),
        ("MelScale", "'HTK' or 'Slaney'", ["htk", None, 1, Automatic]),
        ("FilterSlopes", "'Hertz' or 'Mel'", ["Hz", None, Automatic]),
        ("FilterNormalization", "None or 'Slaney'", ["slaney", 1, False, Automatic]),
        ("FilterShape", "'Triangle' or 'SymmetricTriangle'", ["triangle", None, Automatic]),
        ("EmptyFilters", "'Error' or 'Zero'", ["zero", 0, None, Automatic]),
        ("NumberOfCoefficients", "an integer >= 1", [0, 13.0, True, None, Automatic]),
        ("Logarithm", "'Natural', 'Base10' or 'Decibel'", ["natural", 10, None]),
        ("LogarithmFloor", "a number from 1e-37 to 1e+37", [0, -1, 1e-40, 1e38, None, True]),
        ("DynamicRange", "None or a number > 0 and <= 1000", [0, -80, "80 dB", 1001, False]),
        ("CosineScaling", "'Fourier' or 'Orthonormal'", ["ortho", None, Automatic]),
        ("Liftering", "None or a number > 0 and <= 1000000.0", [0, -22, "22", False]),
    ],
)  # fmt: skip
def test_values_of_another_type_are_refused(name, expected, values):
    """Values of another type are refused in the standard wording."""
    for value in values:
        message = rf"^AudioMFCC: 1 problem\n  '{name}' must be {re.escape(expected)}\. Got "
        with pytest.raises(ParameterError, match=message + re.escape(repr(value))):
            NetEncoder("AudioMFCC", **{name: value})


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"NumberOfFilters": 202},
            ["'NumberOfFilters' must be at most the number of bins, which is 201 for an FFT"],
        ),
        (
            {"MinimumFrequency": 5000, "MaximumFrequency": 4000, "NumberOfFilters": 10},
            [
                "'MinimumFrequency' must be below MaximumFrequency, which is 4000. Got 5000.",
                "'NumberOfCoefficients' must be at most NumberOfFilters, which is 10. Got 13.",
            ],
        ),
        (
            {"SampleRate": 8000, "MaximumFrequency": 8000},
            ["'MaximumFrequency' must be at most half the SampleRate, which is 4000. Got 8000."],
        ),
        (
            {"NumberOfFilters": 128},
            ["'NumberOfFilters' 128 is too large: filters 1, 4, 7, 14 are "],
        ),
        ({"MaximumFrequency": 500}, ["'NumberOfFilters' 40 is too large: filters 1, "]),
        (
            {"NumberOfCoefficients": 41},
            ["'NumberOfCoefficients' must be at most NumberOfFilters, which is 40. Got 41."],
        ),
        ({"FFTLength": 399}, ["'FFTLength' must be at least WindowSize, which is 400. Got 399."]),
    ],
)
def test_all_conflicts_are_in_one_error(parameters, expected):
    """One error has all conflicts between parameters, one sentence for each."""
    with pytest.raises(ParameterError) as caught:
        NetEncoder("AudioMFCC", **parameters)
    assert len(expected) == len(caught.value.problems)
    for start, problem in zip(expected, caught.value.problems, strict=True):
        assert problem.startswith(start)


@pytest.mark.parametrize("scale", ["HTK", "Slaney"])
def test_mel_axis_has_the_centres_of_the_filters(scale):
    """The axis has the centres of the filters in mel: a tone there is loudest in its filter."""
    encoder = NetEncoder(
        "AudioMelSpectrogram", MelScale=scale, NumberOfFilters=12, MinimumFrequency=100
    )
    assert (Varying, 12) == encoder.output.dims
    time, axis = encoder.output.axes
    assert NetEncoder("AudioSpectrogram").output.axes[0] == time
    assert ("frequency", "mel") == (axis.name, axis.unit)
    for place, frequency in enumerate(mel_to_hertz(axis.coordinates(12), scale)):
        tone = np.sin(2 * np.pi * frequency * np.arange(4000) / RATE)
        assert place == encoder(Audio(tone, RATE))[10].argmax()


def test_output_has_the_quantity_of_an_element():
    """The output has the quantity of an element."""
    assert "power" == NetEncoder("AudioMelSpectrogram").output.quantity
    assert "magnitude" == NetEncoder("AudioMelSpectrogram", Power=1).output.quantity
    output = NetEncoder("AudioMFCC", TargetLength=16000).output
    assert ((120, 13), "", "coefficient") == (output.dims, output.quantity, output.axes[1].name)


def tones(loud=0.5, soft=1e-4):
    """Return a loud second and a soft one."""
    random = np.random.default_rng(0)
    parts = [random.standard_normal(RATE) * level for level in (loud, soft)]
    return Audio(np.concatenate(parts).astype("f4"), RATE)


def encoder_with_range(**more):
    """Return an encoder with a range of 30 dB and an invertible cosine transform."""
    given = {"Logarithm": "Decibel", "DynamicRange": 30, "CosineScaling": "Orthonormal"}
    return NetEncoder("AudioMFCC", NumberOfCoefficients=40, **given | more)


@pytest.mark.parametrize("power", [1, 2])
def test_dynamic_range_raises_low_values(power):
    """Values that are too far below the largest value of the recording are raised."""
    bands = NetEncoder("AudioMelSpectrogram", Power=power)(tones()).astype("f8")
    levels = 20 / power * np.log10(np.maximum(bands, 1e-10))
    expected = np.maximum(levels, levels.max() - 30)
    assert (expected[150:] == expected.min()).all()
    from scipy.fft import idct

    actual = idct(encoder_with_range(Power=power)(tones()).astype("f8"), norm="ortho")
    np.testing.assert_allclose(actual, expected, atol=1e-3)


def test_dynamic_range_of_silence_is_the_floor():
    """Silence is the floor, with and without a range."""
    silence = Audio(np.zeros(RATE), RATE)
    np.testing.assert_array_equal(
        encoder_with_range()(silence), encoder_with_range(DynamicRange=None)(silence)
    )


@pytest.mark.parametrize("normalization", [None, "Max"])
def test_dynamic_range_in_a_stream_gives_the_same_bits(normalization):
    """A stream reads the recording twice, and gives the same bits."""
    encoder = encoder_with_range(Normalization=normalization)
    for value in (tones(), tones(1e-3, 0.7)):
        streamed = np.concatenate(list(encoder.stream(value)))
        np.testing.assert_array_equal(encoder(value), streamed)


def test_dynamic_range_refuses_a_stream_of_single_pass_blocks():
    """Single-pass blocks with a range are refused in a stream, and encoded in a call."""
    samples = tones().samples
    blocks = [Audio(block, RATE) for block in np.array_split(samples, 7)]
    message = (
        "iterator: blocks from an iterator can be read once, but Normalization and "
        "DynamicRange need"
    )
    with pytest.raises(AudioError, match=f"^{message} ") as caught:
        list(encoder_with_range().stream(iter(blocks)))
    assert "one-pass" == caught.value.code
    np.testing.assert_array_equal(encoder_with_range()(tones()), encoder_with_range()(iter(blocks)))
    assert len(next(encoder_with_range(DynamicRange=None).stream(iter(blocks))))


@pytest.mark.parametrize("encoder", ["AudioMelSpectrogram", "AudioMFCC"])
def test_recordings_without_a_whole_partition_are_refused(encoder):
    """A recording without a whole partition is an error."""
    with pytest.raises(AudioError, match="shorter than one partition of 400 samples") as caught:
        NetEncoder(encoder, PartitionPadding=None)(Audio(np.ones(399), RATE))
    assert "too-short" == caught.value.code
    assert (1, NetEncoder(encoder).output.dims[1]) == NetEncoder(encoder)(Audio([1.0], RATE)).shape


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"WindowScaling": "Sum"}, 0.5), ({"WindowScaling": "Sum", "Power": 2}, 0.25),
        ({"WindowScaling": "Sum", "WindowFunction": "hamming"}, 0.5),
    ],
)  # fmt: skip
def test_window_scaling_sum_gives_half_the_amplitude(parameters, expected):
    """A sine of amplitude 1 at the centre of a bin has magnitude 1/2 there."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    encoder = NetEncoder("AudioSpectrogram", **{"Power": 1} | parameters)
    assert expected == pytest.approx(float(encoder(Audio(tone, RATE))[50, 25]), rel=1e-5)


@pytest.mark.parametrize("size", [200, 400])
def test_window_scaling_energy_gives_the_variance(size):
    """The mean power of white noise is its variance, for windows of any length."""
    noise = np.random.default_rng(0).standard_normal(20 * RATE) * 0.1
    encoder = NetEncoder("AudioSpectrogram", WindowSize=size, WindowScaling="Energy")
    power = encoder(Audio(noise, RATE))[:-3, 1:-1].mean()
    assert 0.01 == pytest.approx(float(power), rel=0.02)


def test_remove_mean_and_pre_emphasis_change_the_spectrum():
    """RemoveMean removes a constant; PreEmphasis raises high frequencies."""
    constant = Audio(np.full(RATE, 0.25), RATE)
    rows = NetEncoder("AudioSpectrogram", RemoveMean=True, PartitionPadding=None)(constant)
    assert (rows == 0).all()
    noise = Audio(np.random.default_rng(0).standard_normal(RATE) * 0.1, RATE)
    plain, emphasized = (
        NetEncoder("AudioSpectrogram", PreEmphasis=c)(noise).mean(axis=0) for c in (0, 0.97)
    )
    frequencies = np.array([20, 100, 180])
    gain = np.abs(1 - 0.97 * np.exp(-2j * np.pi * frequencies / 400)) ** 2
    np.testing.assert_allclose(emphasized[frequencies] / plain[frequencies], gain, rtol=0.05)


@pytest.mark.parametrize("encoder", ["AudioMelSpectrogram", "AudioMFCC"])
def test_empty_filters_give_zeros(encoder):
    """Empty filters are columns of zeros if this is declared; all other columns stay."""
    with pytest.raises(ParameterError, match=r"empty filters, with EmptyFilters 'Zero'\.$"):
        NetEncoder(encoder, NumberOfFilters=128)
    wide = NetEncoder("AudioMelSpectrogram", NumberOfFilters=128, EmptyFilters="Zero")
    rows = wide(tones())
    empty = mel_filters(128, 400, RATE).max(axis=0) < 1e-6
    assert 0 < empty.sum() < 64
    assert empty.tolist() == (rows < 1e-6 * rows.max(axis=0).max()).all(axis=0).tolist()
    stream = np.concatenate(list(wide.stream(tones())))
    assert np.array_equal(rows, stream)
    assert np.isfinite(NetEncoder(encoder, NumberOfFilters=128, EmptyFilters="Zero")(tones())).all()


def test_empty_filters_changes_no_other_array():
    """Filters that all have a bin give the same array; the digest names the declaration."""
    encoder = NetEncoder("AudioMelSpectrogram")
    zero = encoder.replace(EmptyFilters="Zero")
    assert np.array_equal(encoder(tones()), zero(tones()))
    assert encoder.digest != zero.digest
    assert encoder.digest == zero.replace(EmptyFilters="Error").digest


@pytest.mark.parametrize("slopes", ["Hertz", "Mel"])
def test_filter_shape_makes_both_sides_equal(slopes):
    """The bands are those of the power and the symmetric filters, in a stream as well."""
    given = {"FilterShape": "SymmetricTriangle", "FilterSlopes": slopes}
    encoder = NetEncoder("AudioMelSpectrogram", **given)
    power = NetEncoder("AudioSpectrogram")(tones()).astype("f8")
    hertz = mel_to_hertz(np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 42), "HTK")
    bins = np.arange(201) * 40.0
    if slopes == "Mel":
        bins, hertz = (2595 * np.log10(1 + f / 700) for f in (bins, hertz))
    left, centre = hertz[:-2], hertz[1:-1]
    filters = np.maximum(0, 1 - np.abs(bins[:, np.newaxis] - centre) / (centre - left))
    expected = power @ filters
    actual = encoder(tones())
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-6 * expected.max())
    assert np.array_equal(actual, np.concatenate(list(encoder.stream(tones()))))
    same = np.allclose(actual, encoder.replace(FilterShape="Triangle")(tones()), rtol=1e-4)
    assert (slopes == "Mel") == same

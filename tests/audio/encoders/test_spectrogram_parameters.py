"""Each parameter of AudioSpectrogram: effects, independence and refused values."""

import re

import numpy as np
import pytest
from scipy.fft import dct
from scipy.signal import get_window

from netencoders import All, Automatic, EncodeError, NetEncoder, ParameterError
from netencoders_audio import Audio, mel_filters

RATE = 16000
EPS = float(np.finfo(np.float32).eps)


def signal(count=3000, seed=0):
    """Return noise between -0.5 and 0.5."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, count).astype(np.float32)


def encode(samples, **parameters):
    """Encode samples at 16 kHz."""
    return NetEncoder("AudioSpectrogram", **parameters)(Audio(samples, RATE))


def refused(message, **parameters):
    """Check the whole message for parameters that are refused."""
    with pytest.raises(ParameterError, match=f"^{re.escape(message)}$"):
        NetEncoder("AudioSpectrogram", **parameters)


def refused_value(name, value, expected):
    """Check the message for one value."""
    shown = "'25 minutes'" if value == "25 minutes" else repr(value)
    pattern = rf"^AudioSpectrogram: 1 problem\n  '{name}' must be {re.escape(expected)}\. Got "
    with pytest.raises(ParameterError, match=pattern + re.escape(shown)):
        NetEncoder("AudioSpectrogram", **{name: value})


@pytest.mark.parametrize(
    ("name", "default", "resolved"),
    [
        ("SampleRate", 16000, 16000), ("Normalization", None, None), ("TargetLength", All, All),
        ("Resampling", "SoxrHQ", "SoxrHQ"), ("ResampledLength", Automatic, "Round"),
        ("Channel", Automatic, "Mean"),
        ("WindowSize", Automatic, 400), ("Offset", Automatic, 134),
        ("WindowFunction", Automatic, "hann"), ("PartitionPadding", Automatic, "Right"),
        ("FFTLength", Automatic, 400), ("Power", 2, 2),
        ("RemoveMean", False, False), ("PreEmphasis", 0, 0), ("WindowScaling", None, None),
        ("WindowPlacement", "Start", "Start"), ("PowerOffset", 0, 0),
        ("SignalPreEmphasis", 0, 0), ("TargetSide", "Start", "Start"), ("MaximumLength", All, All),
        ("TargetFill", "Zero", "Zero"), ("FillSide", Automatic, "End"), ("MinimumLength", 0, 0),
        ("MultipleOf", 1, 1), ("Append", 0, 0), ("TransformPrecision", "Single", "Single"),
        ("Augmentation", None, None), ("Seed", None, None), ("Epoch", 0, 0),
    ],
)  # fmt: skip
def test_defaults(name, default, resolved):
    """Each parameter has this default and this resolved value; there are no others."""
    encoder = NetEncoder("AudioSpectrogram")
    assert (default, resolved) == (encoder.parameters[name], encoder.resolved[name])
    assert 29 == len(encoder.parameters)


LEVEL = (
    "None, ['Max' or 'RMS', a number > 0 and <= 1000000.0], ['Standard', a number from 0 to 1], "
    "'Max' or Automatic"
)
CHANNEL = "'Mean', 'Left', 'Right', an integer >= 0 or Automatic"
WINDOW = "a window's name, [name, arguments] or Automatic"
PADDING = (
    "None, 'Right', 'Center', 'CenterReflect', [an integer from 0 to 16777216 or a duration, an "
    "integer from -16777216 to 16777216 or a duration, 'Zero', 'Reflect' or 'Symmetric'] or "
    "Automatic"
)
COUNT = "an integer >= 1, a duration or Automatic"


@pytest.mark.parametrize(
    ("name", "expected", "values"),
    [
        ("SampleRate", "an integer >= 1", [0, -1, 16000.0, "16 kHz", True, None, Automatic]),
        ("Channel", CHANNEL, ["left", "mean", -1, True, 0.0, None, [0]]),
        ("Normalization", LEVEL, ["max", "RMS", ["Max"], ["Max", 0], ["RMS", -1], ["Max", 1e7], 1,
                                   "Standard", ["Standard", -1e-7], ["Standard", 2]]),
        ("TargetLength", "All, an integer >= 1 or a duration", [0, -5, 1.5, "25", None, Automatic]),
        ("WindowSize", COUNT, [0, -1, 2.0, "25 minutes", True, None, All]),
        ("Offset", COUNT, [0, -1, 0.5, "25 minutes", True, None, All]),
        ("WindowFunction", WINDOW, [None, 1, "none", []]),
        ("PartitionPadding", PADDING, ["right", True, 0, "Left", [1, 2], [-1, 0, "Zero"],
                                       [1, 2, "Center"], [2**24 + 1, 0, "Zero"], ["1 s", "-1 s"]]),
        ("FFTLength", COUNT, [0, "25 minutes", None]),
        ("Power", "2 or 1", [0, 3, 2.0, True, "2", None]),
        ("PowerOffset", "a number from 0 to 1000000.0", [-1e-9, 1e7, None, True, "1e-9"]),
        ("RemoveMean", "True or False", [0, 1, None, "True", Automatic]),
        ("PreEmphasis", "a number from 0 to 1", [-0.1, 1.5, None, True, "0.97", Automatic]),
        ("WindowScaling", "None, 'Sum' or 'Energy'", [False, "sum", 1, Automatic]),
        ("WindowPlacement", "'Start' or 'Center'", [None, "center", 0, Automatic]),
        ("TransformPrecision", "'Single' or 'Double'", [None, "double", 64, "float64", Automatic]),
    ],
)  # fmt: skip
def test_values_of_another_type_are_refused(name, expected, values):
    """Values of another type are refused in the standard wording."""
    for value in values:
        refused_value(name, value, expected)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("SampleRate", 10_000_000), ("TargetLength", 2**31 - 1), ("WindowSize", 2**24),
        ("Offset", 2**31 - 1), ("FFTLength", 2**24),
    ],
)  # fmt: skip
def test_values_above_the_maximum_are_refused(name, limit):
    """A size above its maximum, such as a typing error, is refused."""
    message = f"{name!r} must be at most {limit}. Got {limit + 1}."
    with pytest.raises(ParameterError, match=re.escape(message)):
        NetEncoder("AudioSpectrogram", **{name: limit + 1})


# SampleRate


def test_sample_rate_resamples():
    """Another rate resamples; the frequencies of the signal stay the same."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    for rate in (8000, 16000, 44100):
        encoder = NetEncoder("AudioSpectrogram", SampleRate=rate)
        loudest = encoder(Audio(tone, RATE))[60].argmax()
        assert abs(encoder.output.axes[1].at(int(loudest)) - 1000) <= 20


def test_rate_of_the_recording_does_not_change_the_shape(recording):
    """The shape depends only on the duration of the recording."""
    shapes = {
        NetEncoder("AudioSpectrogram")(recording(rate)).shape for rate in (8000, 16000, 44100)
    }
    assert {(180, 201)} == shapes


def test_sample_rate_does_not_change_explicit_sizes():
    """Sizes in samples do not change; only Automatic sizes and durations follow the rate."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000, WindowSize=512, Offset="10 ms")
    assert (512, 80, 512) == tuple(
        encoder.resolved[name] for name in ("WindowSize", "Offset", "FFTLength")
    )


# Normalization


@pytest.mark.parametrize(
    ("normalization", "factor"),
    [
        (Automatic, lambda x: 1 / np.abs(x).max()),
        ("Max", lambda x: 1 / np.abs(x).max()),
        (["Max", 0.25], lambda x: 0.25 / np.abs(x).max()),
        (["RMS", 0.1], lambda x: 0.1 / np.sqrt(np.mean(x**2))),
        (["RMS", 3], lambda x: 3 / np.sqrt(np.mean(x**2))),
    ],
)
def test_normalization_scales(normalization, factor):
    """The whole signal is scaled by one factor, the power by its square."""
    samples = signal()
    expected = encode(samples) * factor(samples.astype("f8")) ** 2
    actual = encode(samples, Normalization=normalization)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


def test_normalization_max_is_automatic():
    """Automatic, 'Max' and ['Max', 1] are one rule: equal digests, equal arrays."""
    encoders = [
        NetEncoder("AudioSpectrogram", Normalization=rule)
        for rule in (Automatic, "Max", ["Max", 1], ("Max", 1.0))
    ]
    assert 1 == len({encoder.digest for encoder in encoders})
    assert {("Max", 1.0)} == {encoder.resolved["Normalization"] for encoder in encoders}


@pytest.mark.filterwarnings("ignore:Audio. its samples reach")
@pytest.mark.parametrize("normalization", [Automatic, "Max", ["Max", 0.5], ["RMS", 0.1]])
@pytest.mark.parametrize("level", [1e-6, 0.01, 1, 1000])
def test_normalization_does_not_depend_on_the_level(normalization, level):
    """The result does not depend on the level of the recording, up to rounding."""
    samples = signal()
    expected = encode(samples, Normalization=normalization)
    actual = encode(samples * np.float32(level), Normalization=normalization)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


def test_normalization_none_keeps_the_level():
    """None does not change a signal above full scale."""
    assert np.array_equal(encode(signal() * 4), 16 * encode(signal()))


@pytest.mark.parametrize("normalization", [Automatic, ["Max", 0.5], ["RMS", 0.1]])
def test_normalization_of_a_cropped_peak(normalization):
    """A peak after TargetLength does not count, because the crop precedes Normalization (A4)."""
    samples = signal()
    expected = encode(samples[:2000], Normalization=normalization)
    samples[2000] = 4
    actual = encode(samples, Normalization=normalization, TargetLength=2000)
    assert np.array_equal(expected, actual)
    assert not np.array_equal(
        expected, encode(samples, Normalization=normalization, TargetLength=2001)[: len(expected)]
    )


def test_normalization_of_padding():
    """The zeros that TargetLength adds count neither in a peak nor in a root mean square (A4)."""
    samples = signal(1000)
    for rule in (("Max", 1.0), ("RMS", 0.1)):
        expected = encode(samples, Normalization=rule)
        actual = encode(samples, Normalization=rule, TargetLength=4000)
        assert np.array_equal(expected[:5], actual[:5])
        assert not actual[8:].any()


@pytest.mark.parametrize("normalization", [None, Automatic, "Max", ["Max", 0.5], ["RMS", 0.1]])
@pytest.mark.parametrize("length", [All, 100, 5000])
def test_normalized_silence_stays_silent(normalization, length):
    """Silence gives zeros, also if only the cropped part is silent."""
    samples = np.zeros(1000)
    samples[500] = length == 100
    assert not encode(samples, Normalization=normalization, TargetLength=length).any()


@pytest.mark.parametrize("tiny", [1e-45, 1e-38, 1e-20])
def test_normalization_of_the_smallest_samples(tiny):
    """The smallest float32 numbers are scaled to full scale."""
    samples = np.zeros(100, np.float32)
    samples[5] = tiny
    actual = encode(samples, Normalization="Max", WindowFunction="boxcar", WindowSize=8)
    assert 1 == actual.max()


# TargetLength


@pytest.mark.parametrize("length", [1, 133, 134, 135, 2999, 3000])
def test_target_length_cuts(length):
    """Only the first samples are encoded."""
    actual = encode(signal(), TargetLength=length)
    assert np.array_equal(encode(signal()[:length]), actual)
    assert -(-length // 134) == len(actual)


@pytest.mark.parametrize("length", [3001, 4000, 100_000])
def test_target_length_pads(length):
    """Zeros follow the samples."""
    actual = encode(signal(), TargetLength=length)
    assert np.array_equal(encode(np.pad(signal(), (0, length - 3000))), actual)
    assert not actual[-(-3000 // 134) :].any()


@pytest.mark.parametrize(("length", "samples"), [("0.1 s", 1600), ("250 ms", 4000), ("70us", 2)])
def test_target_length_as_duration(length, samples):
    """A duration counts at the target rate, rounded up."""
    encoder = NetEncoder("AudioSpectrogram", TargetLength=length)
    assert samples == encoder.resolved["TargetLength"]
    assert np.array_equal(encode(signal(), TargetLength=samples), encoder(Audio(signal(), RATE)))


def test_target_length_counts_at_the_target_rate():
    """TargetLength counts samples after resampling: the form is the same for any rate."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000, TargetLength=670)
    for rate in (8000, 16000, 44100):
        assert (10, 101) == encoder(Audio(signal(rate), rate)).shape


@pytest.mark.parametrize(("length", "dims"), [(1, (1, 201)), (134, (1, 201)), (135, (2, 201))])
def test_target_length_fixes_the_form(length, dims):
    """The first dimension is known before any audio is read."""
    assert dims == NetEncoder("AudioSpectrogram", TargetLength=length).output.dims


def test_target_length_without_a_partition_is_refused():
    """A length without a partition is refused when the encoder is declared."""
    refused(
        "AudioSpectrogram: 1 problem\n  'TargetLength' must be at least 400 if "
        "PartitionPadding is None and WindowSize is 400. Got 399.",
        TargetLength=399, PartitionPadding=None,
    )  # fmt: skip
    refused(
        "AudioSpectrogram: 1 problem\n  'TargetLength' must be at least 241 if "
        "PartitionPadding is [160, -1, 'Zero'] and WindowSize is 400. Got 240.",
        TargetLength=240, PartitionPadding=[160, -1, "Zero"],
    )  # fmt: skip
    for length, padding in ((400, None), (241, [160, -1, "Zero"]), (1, "Center"), (1, "Right")):
        array = encode(signal(), TargetLength=length, PartitionPadding=padding)
        assert NetEncoder(
            "AudioSpectrogram", TargetLength=length, PartitionPadding=padding
        ).output.matches(array)


# WindowSize


@pytest.mark.parametrize("size", [1, 2, 3, 400, 401, 2999, 3000, 3001, 9000])
def test_window_size(size):
    """Any size, odd or longer than the signal, gives partitions at every offset (A5)."""
    actual = encode(signal(), WindowSize=size, Offset=1000)
    assert (3, size // 2 + 1) == actual.shape


def test_window_size_1():
    """Partitions of one sample are the squared samples: the window is 1 (A7)."""
    actual = encode(signal(), WindowSize=1)
    assert np.array_equal(signal()[:, np.newaxis] ** 2, actual)


def test_window_size_2():
    """The Hann window of two samples is 0, 1: both bins are the square of the second sample."""
    expected = np.stack([signal()[1::2] ** 2] * 2, 1)
    assert np.array_equal(expected, encode(signal(), WindowSize=2, Offset=2))


@pytest.mark.parametrize(("size", "samples"), [("25 ms", 400), ("0.5 s", 8000), ("62.5us", 1)])
def test_window_size_as_duration(size, samples):
    """A duration counts at the target rate."""
    assert samples == NetEncoder("AudioSpectrogram", WindowSize=size).resolved["WindowSize"]
    expected = encode(signal(), WindowSize=samples)
    assert np.array_equal(expected, encode(signal(), WindowSize=size))


# Offset


def test_offset_selects_rows():
    """The rows are every Offset-th row of those with Offset 1."""
    every = encode(signal(), WindowSize=64, Offset=1)
    assert (3000, 33) == every.shape
    for offset in (2, 63, 64, 65, 1000, 2999, 3000, 9999):
        expected = every[::offset]
        actual = encode(signal(), WindowSize=64, Offset=offset)
        assert expected.shape == actual.shape
        # A single row may be rounded differently than in a full group.
        np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


def test_offset_as_duration():
    """A duration counts at the target rate."""
    assert 160 == NetEncoder("AudioSpectrogram", Offset="10 ms").resolved["Offset"]


# WindowFunction


@pytest.mark.parametrize(
    ("window", "size", "named"),
    [
        ("hann", 400, ("hann", True)), ("hann_symmetric", 400, ("hann", False)),
        ("hann_periodic", 401, ("hann", True)), ("boxcar", 400, ("boxcar", True)),
        ("hamming", 400, ("hamming", True)), ("hamming_symmetric", 401, ("hamming", False)),
        ("blackmanharris", 100, ("blackmanharris", True)), ("flattop", 64, ("flattop", True)),
        (["kaiser", 14], 400, (("kaiser", 14.0), True)),
        (["kaiser_symmetric", 8.5], 400, (("kaiser", 8.5), False)),
        (["gaussian", 7.5], 33, (("gaussian", 7.5), True)),
        (["tukey", 0.3], 50, (("tukey", 0.3), True)),
        (["taylor", 4, 30], 50, (("taylor", 4, 30), True)),
    ],
)  # fmt: skip
def test_window_function(window, size, named):
    """The partitions are multiplied with scipy's window of that name."""
    name, periodic = named
    weights = get_window(name, size, fftbins=periodic)
    samples = signal(size * 3)
    rows = samples.reshape(3, size).astype("f8") * weights
    expected = np.abs(np.fft.rfft(rows)) ** 2
    actual = encode(samples, WindowFunction=window, WindowSize=size, Offset=size)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


def test_window_function_automatic_is_hann():
    """The default is the periodic Hann window (A7)."""
    assert np.array_equal(encode(signal(), WindowFunction="hann"), encode(signal()))
    assert not np.array_equal(encode(signal(), WindowFunction="hann_symmetric"), encode(signal()))


def test_window_arguments_are_checked_against_the_size():
    """Window arguments that fit only some sizes are checked against WindowSize."""
    with pytest.raises(ParameterError, match=r"'WindowFunction' does not fit a WindowSize of 4: "):
        NetEncoder("AudioSpectrogram", WindowSize=4, WindowFunction=["dpss", 5])


# PartitionPadding


@pytest.mark.parametrize("offset", [100, 134, 400, 500])
@pytest.mark.parametrize("size", [400, 401])
@pytest.mark.parametrize(
    ("padding", "sides", "mode"),
    [
        (None, lambda size: (0, 0), "constant"),
        ("Right", lambda size: (0, size - 1), "constant"),
        (Automatic, lambda size: (0, size - 1), "constant"),
        ("Center", lambda size: (size // 2, size // 2), "constant"),
        ("CenterReflect", lambda size: (size // 2, size // 2), "reflect"),
    ],
)
def test_partition_padding(padding, sides, mode, size, offset):
    """Padding by numpy and framing in a loop, as librosa does, give the same rows."""
    padded = np.pad(signal(), sides(size), mode=mode)
    starts = range(0, len(padded) - size + 1, offset)
    rows = np.stack([padded[start : start + size] for start in starts]).astype("f8")
    expected = np.abs(np.fft.rfft(rows * get_window("hann", size))) ** 2
    actual = encode(signal(), WindowSize=size, Offset=offset, PartitionPadding=padding)
    assert expected.shape == actual.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


@pytest.mark.parametrize(
    ("padding", "shortest", "message"),
    [
        (
            None,
            400,
            "it is shorter than one partition of 400 samples, and PartitionPadding is None",
        ),
        (
            [120, 40, "Reflect"],
            240,
            (
                "it is shorter than one partition of 400 samples, and PartitionPadding is "
                "[120, 40, 'Reflect'], which needs 240 samples"
            ),
        ),
    ],
)
def test_partition_padding_of_a_short_signal_is_refused(padding, shortest, message):
    """A signal without a partition is an error in a call and in a stream."""
    encoder = NetEncoder("AudioSpectrogram", PartitionPadding=padding)
    assert 1 <= len(encoder(Audio(signal(shortest), RATE)))
    for attempt in (encoder, lambda audio: list(encoder.stream(audio))):
        with pytest.raises(EncodeError, match=f"^Audio: {re.escape(message)} ") as caught:
            attempt(Audio(signal(shortest - 1), RATE))
        assert "too-short" == caught.value.code
        assert caught.value.remedy.startswith(f"set MinimumLength to {shortest}, which fills")
    filled = encoder.replace(MinimumLength=shortest)
    assert 1 == len(filled(Audio(signal(1), RATE)))


@pytest.mark.parametrize("padding", ["Right", "Center", "CenterReflect"])
def test_partition_padding_of_one_sample(padding):
    """One sample is enough if a partition of samples is added."""
    assert (1, 201) == encode([0.5], PartitionPadding=padding).shape


# FFTLength


@pytest.mark.parametrize("fft_length", [400, 401, 512, 800, 1009, 4096])
def test_fft_length(fft_length):
    """Windowed partitions are zero-padded at their end; their number is the same."""
    starts = range(0, 3000, 134)
    padded = np.pad(signal(), (0, 400)).astype("f8")
    rows = np.stack([padded[start : start + 400] for start in starts]) * get_window("hann", 400)
    expected = np.abs(np.fft.rfft(rows, fft_length)) ** 2
    actual = encode(signal(), FFTLength=fft_length)
    assert (23, fft_length // 2 + 1) == actual.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


def test_fft_length_keeps_shared_bins():
    """Twice the length has the same bins, with one more between neighbours."""
    expected = encode(signal())
    actual = encode(signal(), FFTLength=800)[:, ::2]
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


@pytest.mark.parametrize("fft_length", [399, 1, "24 ms"])
def test_fft_length_below_window_size_is_refused(fft_length):
    """A transform shorter than a partition is refused, with the minimal length."""
    got = 384 if fft_length == "24 ms" else fft_length
    refused(
        "AudioSpectrogram: 1 problem\n  'FFTLength' must be at least WindowSize, which is 400. "
        f"Got {got}.",
        FFTLength=fft_length,
    )


# WindowPlacement


@pytest.mark.parametrize("padding", [None, "Right", "Center", "CenterReflect"])
@pytest.mark.parametrize(("size", "fft_length"), [(400, 512), (401, 512), (399, 1001), (3, 400)])
def test_window_placement_is_a_padded_window(padding, size, fft_length):
    """A centred window equals a window of FFTLength samples that is zero on both sides."""
    before = (fft_length - size) // 2
    actual = NetEncoder(
        "AudioSpectrogram", WindowSize=size, Offset=100, FFTLength=fft_length,
        WindowPlacement="Center", PartitionPadding=padding,
    )  # fmt: skip
    whole = NetEncoder(
        "AudioSpectrogram", WindowSize=fft_length, Offset=100, PartitionPadding=padding
    )
    reach = fft_length // 2 if padding in ("Center", "CenterReflect") else 0
    mode = "reflect" if padding == "CenterReflect" else "constant"
    after = fft_length if padding == "Right" else reach
    padded = np.pad(signal().astype("f8"), (reach, after), mode=mode)
    window = np.pad(get_window("hann", size), (before, fft_length - size - before))
    count = len(whole(Audio(signal(), RATE)))
    rows = np.stack([padded[100 * i : 100 * i + fft_length] for i in range(count)]) * window
    expected = np.abs(np.fft.rfft(rows)) ** 2
    encoded = actual(Audio(signal(), RATE))
    assert expected.shape == encoded.shape
    np.testing.assert_allclose(encoded, expected, rtol=0, atol=16 * EPS * expected.max())
    middle = (before + size / 2 - reach) / RATE
    assert middle == pytest.approx(actual.output.axes[0].start)


@pytest.mark.parametrize("padding", ["Center", "CenterReflect"])
def test_window_placement_of_centred_partitions(padding):
    """For centred partitions and even sizes, the placement changes only the phase."""
    given = {"FFTLength": 512, "PartitionPadding": padding, "RemoveMean": True, "PreEmphasis": 0.9}
    expected = encode(signal(), **given)
    actual = encode(signal(), WindowPlacement="Center", **given)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=16 * EPS * expected.max())


def test_window_placement_counts_whole_transforms():
    """With Center, whole partitions and the shortest recording have FFTLength samples."""
    given = {"FFTLength": 512, "WindowPlacement": "Center", "PartitionPadding": None}
    refused(
        "AudioSpectrogram: 1 problem\n  'TargetLength' must be at least 512 if "
        "PartitionPadding is None and FFTLength is 512. Got 511.",
        TargetLength=511, **given,
    )  # fmt: skip
    assert (1, 257) == encode(signal(512), **given).shape
    with pytest.raises(EncodeError, match="shorter than one partition of 512 samples"):
        encode(signal(511), **given)


def test_one_error_has_all_conflicts():
    """One error has all conflicts between parameters."""
    refused(
        "AudioSpectrogram: 2 problems\n"
        "  'FFTLength' must be at least WindowSize, which is 512. Got 400.\n"
        "  'TargetLength' must be at least 512 if PartitionPadding is None and WindowSize is "
        "512. Got 10.",
        WindowSize=512, FFTLength=400, TargetLength=10, PartitionPadding=None,
    )  # fmt: skip


# Power


def test_power_1_is_the_magnitude():
    """The magnitude is the square root of the power, in the same form."""
    power, magnitude = encode(signal()), encode(signal(), Power=1)
    assert power.shape == magnitude.shape
    np.testing.assert_allclose(magnitude, np.sqrt(power), rtol=8 * EPS)


# PowerOffset


@pytest.mark.parametrize("offset", [1e-9, 0.5, 1e6])
@pytest.mark.parametrize("exponent", [1, 2])
def test_power_offset_is_added_before_the_root(exponent, offset):
    """The offset is added to the power, in a call and in a stream, also for silence."""
    samples = np.concatenate([np.zeros(1000, np.float32), signal()])
    expected = (encode(samples).astype("f8") + offset) ** (exponent / 2)
    encoder = NetEncoder("AudioSpectrogram", Power=exponent, PowerOffset=offset)
    actual = encoder(Audio(samples, RATE))
    np.testing.assert_allclose(actual, expected, rtol=8 * EPS)
    blocks = (Audio(samples[start : start + 700], RATE) for start in range(0, len(samples), 700))
    assert np.array_equal(actual, np.concatenate(list(encoder.stream(blocks))))


@pytest.mark.parametrize("exponent", [1, 2])
def test_power_offset_of_mel_bands(exponent):
    """The mel filters apply to the spectrogram with its offset; the MFCC to these bands."""
    given = {"Power": exponent, "PowerOffset": 0.25}
    audio = Audio(signal(), RATE)
    rows = NetEncoder("AudioSpectrogram", **given)(audio)
    bands = NetEncoder("AudioMelSpectrogram", **given)(audio)
    np.testing.assert_allclose(bands, rows @ mel_filters(40, 400, RATE), rtol=1e-5)
    expected = dct(np.log(bands))[:, :13] / np.sqrt(40) / 2
    coefficients = NetEncoder("AudioMFCC", **given)(audio)
    np.testing.assert_allclose(coefficients, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_power_offset_zero_is_neutral():
    """Without an offset, neither digest nor array changes."""
    encoder = NetEncoder("AudioSpectrogram", Power=1)
    assert encoder.digest == encoder.replace(PowerOffset=0.0).digest
    assert encoder.digest != encoder.replace(PowerOffset=1e-9).digest

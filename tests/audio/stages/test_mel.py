"""Mel: the scale compared with its formulas, the filters with a naive loop."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio import MEL
from netencoders_audio.stages.mel import (
    centre_spacing,
    mel_filters,
    mel_problems,
)
from netencoders_audio.stages.mel_bands import MelBands
from netencoders_audio.stages.mel_scale import hertz_to_mel, mel_to_hertz

SCALES = ["HTK", "Slaney"]


def naive_mel(hertz, scale):
    """Return the mel of one frequency by its formula."""
    if scale == "HTK":
        return 2595 * math.log10(1 + hertz / 700)
    return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def naive_hertz(mel, scale):
    """Return the frequency of one mel by bisection, without the formula of the inverse."""
    low, high = 0.0, 1e7
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if naive_mel(middle, scale) < mel else (low, middle)
    return low


def naive_filters(count, fft_length, rate, low, high, scale, slopes, normalization, shape):
    """Return the filters, computed one weight at a time."""
    first, last = naive_mel(low, scale), naive_mel(high, scale)
    mels = [first + (last - first) * i / (count + 1) for i in range(count + 2)]
    hertz = [naive_hertz(mel, scale) for mel in mels]

    def weight(b, i):
        frequency = b * rate / fft_length
        x = frequency if slopes == "Hertz" else naive_mel(frequency, scale)
        left, centre, right = (hertz if slopes == "Hertz" else mels)[i : i + 3]
        ends = hertz[i], hertz[i + 2]
        if shape == "SymmetricTriangle":
            right = centre + (centre - left)
            ends = (left, right) if slopes == "Hertz" else ends  # equal steps in mel
        if not left < x < right:
            return 0.0
        height = 1.0 if normalization is None else 2 / (ends[1] - ends[0])
        return height * (
            (x - left) / (centre - left) if x < centre else (right - x) / (right - centre)
        )

    return np.array([[weight(b, i) for i in range(count)] for b in range(fft_length // 2 + 1)])


@st.composite
def banks(draw):
    """Draw arguments of `mel_filters`."""
    rate = draw(st.sampled_from([8000, 11025, 16000, 44100]))
    low = draw(st.floats(0, rate / 4))
    return {
        "count": draw(st.integers(1, 12)),
        "fft_length": draw(st.integers(1, 200)),
        "rate": rate,
        "low": low,
        "high": draw(st.floats(low + 50, rate / 2)),
        "scale": draw(st.sampled_from(SCALES)),
        "slopes": draw(st.sampled_from(["Hertz", "Mel"])),
        "normalization": draw(st.sampled_from([None, "Slaney"])),
        "shape": draw(st.sampled_from(["Triangle", "SymmetricTriangle"])),
    }


@given(st.floats(0, 200_000), st.sampled_from(SCALES))
def test_scale_equals_its_formula(hertz, scale):
    """The scale follows its formula, and its inverse returns the frequency."""
    mel = hertz_to_mel(hertz, scale)
    assert naive_mel(hertz, scale) == pytest.approx(float(mel), rel=1e-12, abs=1e-12)
    assert hertz == pytest.approx(float(mel_to_hertz(mel, scale)), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("scale", SCALES)
def test_scale_rises_without_a_jump(scale):
    """The scale rises without a jump, also at the limit of Slaney's two parts."""
    steps = np.diff(hertz_to_mel(np.arange(0, 8000, 0.5), scale))
    assert (steps > 0).all()
    assert (np.diff(steps) < 1e-9).all()


def test_slaney_parts_agree_at_1000_hertz():
    """At 1000 Hz the parts of Slaney's scale have the value 15 and the slopes of their formulas."""
    below, at, above = hertz_to_mel([1000 - 1e-6, 1000, 1000 + 1e-6], "Slaney")
    assert 15 == at
    assert (at - below) * 1e6 == pytest.approx(0.015, rel=1e-3)
    assert (above - at) * 1e6 == pytest.approx(27 / math.log(6.4) / 1000, rel=1e-3)


@settings(max_examples=150)
@given(banks())
def test_filters_equal_the_naive_loop(bank):
    """Every weight follows the definition."""
    expected, actual = naive_filters(**bank), mel_filters(**bank)
    assert (np.dtype("float32"), expected.shape) == (actual.dtype, actual.shape)
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6 * max(1e-6, expected.max()))


@settings(max_examples=100)
@given(banks())
def test_filters_sum_to_one_between_centres(bank):
    """No weight is negative; unnormalized filters sum to one from the first centre to the last."""
    filters = mel_filters(**bank | {"normalization": None, "shape": "Triangle"})
    first, step = centre_spacing(bank["count"], bank["low"], bank["high"], bank["scale"])
    ends = mel_to_hertz([first, first + step * (bank["count"] - 1)], bank["scale"])
    bins = np.arange(len(filters)) * bank["rate"] / bank["fft_length"]
    inside = (bins >= ends[0]) & (bins <= ends[1])
    assert (filters >= 0).all()
    assert (filters <= 1).all()
    np.testing.assert_allclose(filters[inside].sum(axis=1), 1, atol=1e-5)
    assert (filters[(bins < bank["low"] - 1e-6) | (bins > bank["high"] + 1e-6)] < 1e-6).all()


@pytest.mark.parametrize("shape", ["Triangle", "SymmetricTriangle"])
@pytest.mark.parametrize("scale", SCALES)
def test_slaney_normalization_makes_areas_one(scale, shape):
    """Summed over fine bins, each normalized filter has area one in Hz."""
    fft_length = 1 << 15
    filters = mel_filters(20, fft_length, 16000, 0, 7000, scale, "Hertz", "Slaney", shape)
    np.testing.assert_allclose(filters.sum(axis=0, dtype="f8") * 16000 / fft_length, 1, rtol=1e-4)


@pytest.mark.parametrize("scale", SCALES)
def test_centres_agree_with_the_axis(scale):
    """The centres agree with the axis, and a filter is one at its centre."""
    first, step = centre_spacing(40, 20, 7600, scale)
    mels = first + step * np.arange(40)
    fft_length = 1 << 18
    filters = mel_filters(40, fft_length, 16000, 20, 7600, scale, "Hertz", None)
    peaks = filters.argmax(axis=0) * 16000 / fft_length
    np.testing.assert_allclose(peaks, mel_to_hertz(mels, scale), atol=16000 / fft_length)


GOOD = {"count": 40, "fft_length": 400, "rate": 16000, "low": 0.0, "high": 8000.0}


HERTZ = {"scale": "HTK", "slopes": "Hertz"}
LIMIT = "'MaximumFrequency' must be at most half the SampleRate, which is 8000. Got {}."
ORDER = "'MinimumFrequency' must be below MaximumFrequency, which is {}. Got {}."
REMEDY = (
    " Hz; bins are 40.0 Hz apart. Use fewer filters, a longer FFTLength, or a wider range from "
    "MinimumFrequency to MaximumFrequency; or give zeros for empty filters, with EmptyFilters "
    "'Zero'."
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"high": 8000.5}, [LIMIT.format(8000.5)]),
        ({"low": 4000.0, "high": 4000.0}, [ORDER.format(4000, 4000)]),
        (
            {"low": 20.0, "high": 20.000001},
            [
                (
                    "'MaximumFrequency' must be at least 4e-05 Hz above MinimumFrequency for 40 "
                    "filters. Got a distance of 1e-06 Hz."
                )
            ],
        ),
        ({"low": 9000.0, "high": 8500.0}, [LIMIT.format(8500), ORDER.format(8500, 9000)]),
    ],
)
def test_frequency_limits_are_checked(changed, expected):
    """Frequencies above half the rate, or in the wrong order, are refused."""
    given = GOOD | changed
    assert expected == mel_problems(**given, scale="HTK", slopes="Hertz", empty="Zero")


@pytest.mark.parametrize("scale", ["HTK", "Slaney"])
@pytest.mark.parametrize("slopes", ["Hertz", "Mel"])
@pytest.mark.parametrize("low", [0.0, 20.0, 7999.0])
def test_narrowest_filters_have_finite_weights(low, slopes, scale):
    """At the smallest permitted distance, no edges are equal."""
    given = GOOD | {"low": low, "high": low + 4.001e-5}
    assert [] == mel_problems(**given, scale=scale, slopes=slopes, empty="Zero")
    with np.errstate(all="raise"):
        filters = mel_filters(*given.values(), scale=scale, slopes=slopes)
    assert ((filters >= 0) & (filters <= 1)).all()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"count": 202},
            (
                "'NumberOfFilters' must be at most the number of bins, which is 201 for "
                "an FFTLength of 400. Got 202."
            ),
        ),
        (
            {"count": 64, "fft_length": 1 << 21},
            "'NumberOfFilters' must be at most 15 for an FFTLength of 2097152. Got 64.",
        ),
        (
            {"count": 90},
            "'NumberOfFilters' 90 is too large: filter 1 is empty. It has no bin "
            "between 0.0 and 39.9" + REMEDY,
        ),
        (
            {"count": 160},
            "'NumberOfFilters' 160 is too large: filters 1, 2, 5, 8, 9, 12, 15, 20 and 2 more are "
            "empty. The first one has no bin between 0.0 and 22.3" + REMEDY,
        ),
    ],
)
def test_too_many_filters_are_refused(changed, expected):
    """Empty filters are named, with the remedy."""
    assert [expected] == mel_problems(**GOOD | changed, scale="HTK", slopes="Hertz")


@settings(max_examples=150)
@given(banks())
def test_filters_without_a_problem_have_weights(bank):
    """If no problem is reported, each filter has a weight above zero."""
    bank.pop("normalization")
    if not mel_problems(**bank):
        weights = mel_filters(**bank, normalization=None).max(axis=0)
        assert (weights >= 1e-6).all()


def test_message_has_the_edges_of_a_symmetric_filter():
    """The right edge in the message is that of the filter, which is nearer than its neighbour."""
    (problem,) = mel_problems(**GOOD | {"count": 90}, **HERTZ, shape="SymmetricTriangle")
    left, centre, _ = mel_to_hertz(np.linspace(0, hertz_to_mel(8000, "HTK"), 92)[:3], "HTK")
    assert f"between 0.0 and {2 * centre - left:.1f} Hz" in problem
    assert "between 0.0 and 39.9 Hz" not in problem


@pytest.mark.parametrize("count", [90, 202, 400])
def test_empty_filters_may_be_zeros(count):
    """Filters without a bin are no problem if they are declared to be zeros; the others stay."""
    assert [] == mel_problems(**GOOD | {"count": count}, **HERTZ, empty="Zero")
    expected = naive_filters(
        **GOOD | {"count": count}, **HERTZ, normalization=None, shape="Triangle"
    )
    actual = mel_filters(**GOOD | {"count": count}, **HERTZ)
    np.testing.assert_allclose(actual, expected, atol=1e-6)
    assert (actual.max(axis=0) < 1e-6).any()


def test_other_problems_of_empty_filters_stay():
    """The limit of the memory, and those of the frequencies, hold for filters of zeros as well."""
    problems = mel_problems(**GOOD | {"count": 1 << 20, "high": 9000.0}, **HERTZ, empty="Zero")
    assert [
        "'MaximumFrequency' must be at most half the SampleRate, which is 8000. Got 9000.",
        "'NumberOfFilters' must be at most 83468 for an FFTLength of 400. Got 1048576.",
    ] == problems


def test_bin_on_an_edge_is_not_in_the_filter():
    """A filter whose only weight is a rounded zero is empty."""
    edges = mel_to_hertz(hertz_to_mel([500.0, 1000.0], "HTK"), "HTK")
    (problem,) = mel_problems(1, 32, 16000, *map(float, edges), "HTK", "Hertz")
    assert "filter 1 is empty. It has no bin between 500.0 and 1000.0 Hz" in problem


def test_mel_filters_has_the_defaults_of_the_encoder():
    """`mel_filters` has the defaults that AudioMelSpectrogram declares."""
    declared = {parameter.name: parameter for parameter in MEL}
    names = ["MinimumFrequency", "MaximumFrequency", "MelScale", "FilterSlopes"]
    resolved = [
        parameter.resolve(parameter.default, {"SampleRate": 16000})
        for parameter in (declared[name] for name in (*names, "FilterNormalization", "FilterShape"))
    ]
    expected = mel_filters(40, 400, 16000, *resolved)
    assert np.array_equal(expected, mel_filters(40, 400, 16000))


BOUNDS = "^'low' and 'high' must be 0 <= low < high <= 8000, which is half the rate. Got {}."


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"count": 0}, "^'count' and 'fft_length' must be at least 1. Got 0 and 400."),
        ({"fft_length": 0}, "^'count' and 'fft_length' must be at least 1. Got 40 and 0."),
        ({"low": -1}, BOUNDS.format("-1 and 8000")),
        ({"low": 500, "high": 500}, BOUNDS.format("500 and 500")),
        ({"high": 8000.5}, BOUNDS.format("0 and 8000.5")),
        ({"high": math.nan}, BOUNDS.format("0 and nan")),
        ({"scale": "htk"}, "^'scale' must be 'HTK' or 'Slaney'. Got 'htk'."),
        ({"slopes": "Bark"}, "^'slopes' must be 'Hertz' or 'Mel'. Got 'Bark'."),
        ({"shape": "Square"}, "^'shape' must be 'Triangle' or 'SymmetricTriangle'. Got 'Square'."),
        ({"normalization": "Sum"}, "^'normalization' must be None or 'Slaney'. Got 'Sum'."),
    ],
)
def test_invalid_arguments_are_refused(changed, message):
    """The error for an invalid argument has the allowed values."""
    with pytest.raises(ValueError, match=message):
        mel_filters(**GOOD | changed)


@pytest.mark.parametrize("function", [hertz_to_mel, mel_to_hertz])
def test_unknown_scale_is_refused(function):
    """The error for an unknown mel scale has the known ones."""
    with pytest.raises(ValueError, match=r"^'scale' must be 'HTK' or 'Slaney'\. Got 'Bark'\."):
        function(100.0, "Bark")


@pytest.mark.parametrize("exponent", [1, 2])
def test_bands_are_filtered_magnitudes_or_powers(exponent):
    """Mel bands are magnitudes or powers, times the filters."""
    random = np.random.default_rng(0)
    filters = mel_filters(10, 64, 8000)
    spectrum = (random.random((30, 33)) + 1j * random.random((30, 33))).astype("c8")
    expected = np.abs(spectrum).astype("f8") ** exponent @ filters
    bands = MelBands(filters, exponent)
    out = np.empty((30, *bands.row), np.float32)
    bands.apply(spectrum, np.empty((30, 66), np.float32), out)
    np.testing.assert_allclose(out, expected, rtol=1e-5)

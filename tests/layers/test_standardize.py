"""Standardize and Mean: means, deviations, and their edges."""

import math

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    EncodeError,
    LayerError,
    NetEncoder,
    NetLayer,
    ParameterError,
    Varying,
)
from netencoders_audio import Audio
from netencoders_core.layers.moments import moments

ROWS = np.random.default_rng(0).normal(-7, 3, (700, 6)).astype(np.float32)


def naive(values, statistics="MeanVariance", ddof=0, epsilon=1e-5, inside=False, least=0.0):
    """Return some numbers, standardized in Python."""
    mean = math.fsum(values) / len(values)
    variance = math.fsum((x - mean) ** 2 for x in values) / max(1, len(values) - ddof)
    if inside:
        divisor = max(math.sqrt(variance + epsilon), least)
    else:
        divisor = max(math.sqrt(variance), least) + epsilon
    return [
        (x - (0 if statistics == "Variance" else mean)) / (1 if statistics == "Mean" else divisor)
        for x in values
    ]


def expected_for(axis, rows, **options):
    """Return the naive result along an axis."""
    exact = rows.astype(np.float64)
    if axis is None:
        return np.reshape(naive(exact.ravel().tolist(), **options), rows.shape)
    columns = exact.T if axis == "Time" else exact
    result = np.array([naive(each.tolist(), **options) for each in columns])
    return result.T if axis == "Time" else result


@pytest.mark.parametrize("axis", ["Time", "Features", None])
@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ({}, {}),
        ({"Statistics": "Mean"}, {"statistics": "Mean"}),
        ({"Statistics": "Variance"}, {"statistics": "Variance"}),
        ({"Ddof": 1}, {"ddof": 1}),
        ({"Epsilon": 0.5}, {"epsilon": 0.5}),
        ({"Epsilon": 0.5, "EpsilonInside": True}, {"epsilon": 0.5, "inside": True}),
        ({"MinimumDeviation": 3}, {"least": 3.0}),
        ({"MinimumDeviation": 3, "EpsilonInside": True}, {"least": 3.0, "inside": True}),
    ],
)
def test_each_parameter_has_its_formula(axis, parameters, options):
    """Along each axis, each parameter gives the result of the formula."""
    actual = NetLayer("Standardize", Axis=axis, **parameters)(ROWS)
    assert "float32" == actual.dtype
    np.testing.assert_allclose(expected_for(axis, ROWS, **options), actual, rtol=2e-7, atol=1e-7)


def test_mean_is_zero_and_deviation_is_one():
    """By default each feature has mean 0 and deviation 1 over time, apart from epsilon."""
    actual = NetLayer("Standardize")(ROWS).astype(np.float64)
    np.testing.assert_allclose(0, actual.mean(0), atol=1e-6)
    np.testing.assert_allclose(1, actual.std(0), atol=1e-5)


def test_mean_far_from_zero_does_not_cancel():
    """The variance of numbers whose mean is a million times larger is that of their differences."""
    rows = (1e6 + ROWS.astype(np.float64)).reshape(-1, 1)
    known = moments(iter(np.split(rows, 20)))
    np.testing.assert_allclose(rows.var(ddof=1), known.variance(1), rtol=1e-9)


@pytest.mark.parametrize("axis", ["Time", "Features", None])
@pytest.mark.parametrize("number", [0.1, -13.8155, 3e7])
def test_equal_elements_become_exactly_zero(axis, number):
    """Silence gives 0, also without an epsilon: neither noise nor NaN."""
    rows = np.full((333, 7), number, np.float32)
    for epsilon in (0, 1e-5):
        assert not NetLayer("Standardize", Axis=axis, Epsilon=epsilon, Ddof=1)(rows).any()


@pytest.mark.parametrize("ddof", [0, 1])
def test_one_row_has_no_deviation(ddof):
    """A single row gives 0, for both values of Ddof (A52)."""
    assert not NetLayer("Standardize", Ddof=ddof, Epsilon=0)(ROWS[:1]).any()
    assert (0, 6) == NetLayer("Standardize", Ddof=ddof)(ROWS[:0]).shape


def test_rows_of_several_dimensions():
    """Over time each element of a row has its own mean; over features, each row has one."""
    rows = ROWS.reshape(350, 4, 3)
    time = NetLayer("Standardize")(rows)
    assert np.array_equal(NetLayer("Standardize")(rows.reshape(350, 12)), time.reshape(350, 12))
    row = NetLayer("Standardize", Axis="Features")(rows).reshape(350, 12)
    assert np.array_equal(NetLayer("Standardize", Axis="Features")(rows.reshape(350, 12)), row)


def test_rows_are_standardized_in_one_reading():
    """With Axis "Features", a stream reads its input once, so a live source works; else not."""
    audio = Audio(np.random.default_rng(0).uniform(-0.5, 0.5, 20000), 16000)
    base = NetEncoder("AudioMelSpectrogram")
    rows, time = (base.then("Standardize", Axis=axis) for axis in ("Features", "Time"))
    assert ("row", "whole") == (rows.layers[0].reach, time.layers[0].reach)
    assert np.array_equal(rows(audio), np.concatenate(list(rows.stream(iter([audio])))))
    with pytest.raises(EncodeError, match="the layer Standardize needs the whole input"):
        next(time.stream(iter([audio])))


def test_forms_of_standardize():
    """The mean alone keeps the quantity; a division does not. Features are not time."""
    form = ArraySpec((Varying, 6), quantity="log")
    assert "" == NetLayer("Standardize").infer(form).quantity
    assert "log" == NetLayer("Standardize", Statistics="Mean").infer(form).quantity
    with pytest.raises(LayerError, match=r"of \(Varying,\) is time: put the layer AddAxis"):
        NetLayer("Standardize", Axis="Features").infer(ArraySpec((Varying,)))
    with pytest.raises(LayerError, match=r"of \(6, Varying\): put this layer before"):
        NetLayer("Standardize", Axis="Features").infer(ArraySpec((6, Varying), stream_axis=1))
    with pytest.raises(LayerError, match="gets int16"):
        NetLayer("Standardize").infer(ArraySpec((Varying, 6), "int16"))


def test_bad_parameters_of_standardize():
    """Unknown choices are named, and a division by 0 is refused."""
    with pytest.raises(ParameterError, match=r"'Axis' must be 'Time', 'Features' or None. Got 0"):
        NetLayer("Standardize", Axis=0)
    with pytest.raises(ParameterError, match=r"'Ddof' must be 0 or 1. Got 2"):
        NetLayer("Standardize", Ddof=2)
    with pytest.raises(ParameterError, match="must be > 0 for Statistics 'Variance': if all"):
        NetLayer("Standardize", Statistics="Variance", Epsilon=0)
    assert NetLayer("Standardize", Statistics="Variance", Epsilon=0, MinimumDeviation=1)


def test_mean_over_time_and_over_features():
    """The dimension of the mean becomes 1."""
    time, features = NetLayer("Mean")(ROWS), NetLayer("Mean", Axis="Features")(ROWS)
    columns, rows = ROWS.T.tolist(), ROWS.tolist()
    np.testing.assert_allclose([[math.fsum(c) / 700 for c in columns]], time, rtol=1e-7)
    np.testing.assert_allclose([[math.fsum(r) / 6] for r in rows], features, rtol=1e-7)
    assert "float32" == time.dtype == features.dtype


def test_mean_over_features_is_that_of_the_last_dimension():
    """With more dimensions, the last one becomes 1."""
    rows = ROWS.reshape(350, 4, 3)
    np.testing.assert_allclose(
        rows.mean(-1, keepdims=True), NetLayer("Mean", Axis="Features")(rows), rtol=1e-5
    )


def test_forms_and_edges_of_mean():
    """The axis of a mean is named so; without rows there is no mean over time."""
    form = NetEncoder("AudioMelSpectrogram").output
    assert (1, 40) == NetLayer("Mean").infer(form).dims
    assert "mean" == NetLayer("Mean").infer(form).axes[0].name
    assert (Varying, 1) == NetLayer("Mean", Axis="Features").infer(form).dims
    with pytest.raises(EncodeError, match="its 0 rows are too few for the layer Mean") as caught:
        NetLayer("Mean")(ROWS[:0])
    assert "too-short" == caught.value.code
    with pytest.raises(LayerError, match="is time"):
        NetLayer("Mean", Axis="Features").infer(ArraySpec((Varying,)))
    with pytest.raises(ParameterError, match=r"'Axis' must be 'Time' or 'Features'. Got None"):
        NetLayer("Mean", Axis=None)


def test_mean_without_its_dimension():
    """KeepDimension False removes the dimension: a vector over time, a number for each row."""
    for axis, place in (("Time", 0), ("Features", -1)):
        kept = NetLayer("Mean", Axis=axis)
        removed = kept.replace(KeepDimension=False)
        for array in (ROWS, ROWS.reshape(len(ROWS), -1, 1)):
            expected = kept(array).squeeze(place)
            assert expected.shape == removed(array).shape
            assert expected.tobytes() == removed(array).tobytes()
    form = NetEncoder("AudioMelSpectrogram").output
    time = NetLayer("Mean", KeepDimension=False).infer(form)
    assert ((40,), (form.axes[1],), 0) == (time.dims, time.axes, time.stream_axis)
    rows = NetLayer("Mean", Axis="Features", KeepDimension=False).infer(form)
    assert ((Varying,), (form.axes[0],)) == (rows.dims, rows.axes)
    assert () == NetLayer("Mean", KeepDimension=False).infer(ArraySpec((Varying, 40))).axes


def test_pooled_recording_is_a_vector():
    """An encoder that ends with the mean over time gives a vector, and its stream one block."""
    encoder = NetEncoder("AudioMelSpectrogram").then("Log").then("Mean", KeepDimension=False)
    audio = Audio(np.random.default_rng(0).uniform(-0.5, 0.5, 50000), 16000)
    blocks = list(encoder.stream(audio))
    assert [(40,)] == [block.shape for block in blocks]
    assert encoder(audio).tobytes() == blocks[0].tobytes()
    assert (40,) == encoder.output.dims


def test_mean_of_numbers_keeps_its_dimension():
    """Of an array of time alone, nothing would be left; no rows are too few."""
    with pytest.raises(LayerError, match=r"KeepDimension is False, and \(Varying,\) has one dim"):
        NetLayer("Mean", KeepDimension=False).infer(ArraySpec((Varying,)))
    with pytest.raises(EncodeError, match="its 0 rows are too few for the layer Mean"):
        NetLayer("Mean", KeepDimension=False)(ROWS[:0])

"""The encoders and decoders Boolean and Scalar."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import DecodeError, EncodeError, NetDecoder, NetEncoder

BOOLEAN, SCALAR = NetEncoder("Boolean"), NetEncoder("Scalar")


def refused(encoder: NetEncoder, value: Any) -> EncodeError:
    """Return the error of an input."""
    with pytest.raises(EncodeError) as caught:
        encoder(value)
    return caught.value


@pytest.mark.parametrize("value", [True, False, np.True_, np.bool_(False)])
def test_boolean_is_a_float(value: Any) -> None:
    """True is 1, False is 0, as float32 of shape ()."""
    array = BOOLEAN(value)
    assert (np.float32, ()) == (array.dtype, array.shape)
    assert int(value) == array


@pytest.mark.parametrize(
    ("value", "remedy"),
    [(1, "write bool(1)"), (0.0, "write bool(0.0)"), ("yes", "compare it"), (None, "compare it")],
)
def test_boolean_takes_no_other_values(value: Any, remedy: str) -> None:
    """A number or a text is no truth value."""
    error = refused(BOOLEAN, value)
    assert "unsupported-input" == error.code
    assert "Boolean takes True or False, not " in error.message
    assert remedy in str(error)


def test_encoded_boolean_is_0_or_1() -> None:
    """An array of the form of the output is 0 or 1, else it is refused."""
    one = np.array(1, np.float32)
    assert one is BOOLEAN(one)
    error = refused(BOOLEAN, np.array(0.5, np.float32))
    assert ("out-of-range", "the number 0.5 is neither 0 nor 1") == (error.code, error.message)
    assert "unsupported-input" == refused(BOOLEAN, np.array(True)).code


@given(st.lists(st.booleans()))
def test_booleans_round_trip(values: list[bool]) -> None:
    """The decoder of the encoder gives the values, for a batch."""
    decoder = NetDecoder.from_encoder(BOOLEAN)
    assert values == decoder(BOOLEAN(values))
    assert BOOLEAN == NetEncoder.from_decoder(decoder)


@pytest.mark.parametrize(
    "value", [0, -3, 2**24, 2**100, 0.5, -0.0, np.float64(1.5), np.int8(3), np.array(7), 3e38]
)
def test_scalar_is_a_float(value: Any) -> None:
    """A number that float32 holds is exact."""
    array = SCALAR(value)
    assert (np.float32, ()) == (array.dtype, array.shape)
    assert float(value) == float(array) or value == 3e38


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_floats_are_rounded_to_the_nearest(value: float) -> None:
    """A float becomes the nearest float32, or is beyond the range."""
    if abs(value) > float(np.finfo(np.float32).max):
        assert "out-of-range" == refused(SCALAR, value).code
    else:
        assert np.float32(value) == SCALAR(value)


@given(st.integers(-(2**30), 2**30))
def test_integers_are_exact_or_refused(value: int) -> None:
    """An integer that float32 does not hold is refused, with the nearest one."""
    nearest = int(np.float32(value))
    if nearest == value:
        assert value == SCALAR(value)
    else:
        error = refused(SCALAR, value)
        assert "out-of-range" == error.code
        assert f"nearest number is {nearest}" in error.message


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (math.nan, "non-finite", "the number is nan"),
        (-math.inf, "non-finite", "the number is -inf"),
        (np.array(math.nan, np.float32), "non-finite", "the number is nan"),
        (1e39, "out-of-range", "the number 1e+39 is beyond the range of float32"),
        (10**400, "out-of-range", "the number an integer of 1329 bits is beyond the range"),
        (True, "unsupported-input", "Scalar takes a number, not True"),
        ("3", "unsupported-input", "Scalar takes a number, not '3'"),
        (1j, "unsupported-input", "Scalar takes a number, not 1j"),
        (Fraction(1, 2), "unsupported-input", "Scalar takes a number, not Fraction(1, 2)"),
        (np.zeros(2), "unsupported-input", "Scalar takes an object, not a value of type ndarray"),
    ],
)
def test_other_values_are_no_scalars(value: Any, code: str, message: str) -> None:
    """The message has the value."""
    error = refused(SCALAR, value)
    assert code == error.code
    assert message in error.message


def test_list_of_numbers_is_a_batch() -> None:
    """A list gives an array for each number; the error has the place."""
    assert [3.0, 0.5] == [float(array) for array in SCALAR([3, 0.5])]
    assert 1 == refused(SCALAR, [3, math.nan]).index


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_scalars_round_trip(value: float) -> None:
    """The decoder gives the number."""
    decoder = NetDecoder.from_encoder(SCALAR)
    assert value == decoder(SCALAR(value))
    assert SCALAR == NetEncoder.from_decoder(decoder)


def test_decision_is_above_the_threshold() -> None:
    """The threshold itself is False."""
    assert [False, False, True] == NetDecoder("Boolean")([0.25, 0.5, 0.75])
    assert [False, True, True] == NetDecoder("Boolean", Threshold=0.25)([0.25, 0.5, 0.75])


def test_properties_of_a_probability() -> None:
    """The probabilities of True and of False, and their entropy in nats."""
    decoder = NetDecoder("Boolean")
    assert 0.25 == decoder(0.25, "Probability")
    assert {True: 0.25, False: 0.75} == decoder(0.25, "Probabilities")
    expected = -0.25 * math.log(0.25) - 0.75 * math.log(0.75)
    assert math.isclose(expected, decoder(0.25, "Entropy"))
    assert [0, 0] == decoder([0.0, 1.0], "Entropy")


def test_samples_have_their_probability() -> None:
    """The share of True is the probability; equal seeds give equal samples."""
    decoder = NetDecoder("Boolean")
    samples = [decoder(0.75, "RandomSample", Seed=seed) for seed in range(2000)]
    assert samples == [decoder(0.75, ("RandomSample", seed)) for seed in range(2000)]
    assert abs(0.75 - sum(samples) / 2000) < 0.05
    assert {(True, False)} == {
        (decoder(1.0, "RandomSample", Seed=seed), decoder(0.0, "RandomSample", Seed=seed))
        for seed in range(100)
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-0.5, "the smallest element is -0.5, and a probability is not negative"),
        (3.0, "the largest element is 3, and a probability is at most 1"),
    ],
)
def test_logits_are_no_probabilities(value: float, message: str) -> None:
    """The remedy is the sigmoid function."""
    with pytest.raises(DecodeError, match=re.escape(message)) as caught:
        NetDecoder("Boolean")(value)
    assert "not-probabilities" == caught.value.code
    assert "apply the sigmoid function" in str(caught.value.remedy)

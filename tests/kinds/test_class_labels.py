"""The encoder and the decoder Class."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import DecodeError, EncodeError, NetDecoder, NetEncoder, ParameterError

LABELS = ["cat", "dog", "All"]


def refused(encoder: NetEncoder, value: Any) -> EncodeError:
    """Return the error of an input."""
    with pytest.raises(EncodeError) as caught:
        encoder(value)
    return caught.value


def test_codes_are_places_from_0() -> None:
    """The code of the first label is 0, as int64 of shape ()."""
    arrays = NetEncoder("Class", LABELS)(["cat", "dog", "All"])
    assert [0, 1, 2] == [int(array) for array in arrays]
    assert {(np.dtype(np.int64), ())} == {(array.dtype, array.shape) for array in arrays}


def test_indicator_vector_is_one_hot() -> None:
    """The vector has one element for each label."""
    array = NetEncoder("Class", LABELS, Form="IndicatorVector")("dog")
    assert np.float32 == array.dtype
    assert [0, 1, 0] == array.tolist()


def test_integers_and_texts_are_different_labels() -> None:
    """A label is found by its type, too; True is not 1."""
    encoder = NetEncoder("Class", [1, "1", 0])
    assert [0, 1, 2, 0] == [int(array) for array in encoder([1, "1", np.int8(0), np.int64(1)])]
    assert "unsupported-input" == refused(encoder, True).code


@pytest.mark.parametrize(
    ("labels", "value", "message"),
    [
        (
            [0, 5],
            "5",
            "'5' is not one of the 2 labels. Did you mean 5? (a file holds a text: quote",
        ),
        (
            ["0", "5"],
            5,
            "5 is not one of the 2 labels. Did you mean '5'? (add it to Labels; a code",
        ),
        ([0, 5], "05", "'05' is not one of the 2 labels. (add it to Labels)"),
        ([0, 5], "0" * 30, "is not one of the 2 labels. (add it to Labels)"),
        (["0", "5"], 10**40, "is not one of the 2 labels. (add it to Labels; a code"),
    ],
)
def test_label_of_the_other_type_is_named(labels: list[Any], value: Any, message: str) -> None:
    """The text of an integer is another label than the integer; the error names it."""
    assert message in str(refused(NetEncoder("Class", labels), value))


@pytest.mark.parametrize("vector", [[0, 1, 5], [0, -1, 1]])
def test_vector_beyond_0_and_1_is_no_encoded_array(vector: list[float]) -> None:
    """An indicator vector is from 0 to 1: codes or logits of its form are no encoded array."""
    encoder = NetEncoder("Class", LABELS, Form="IndicatorVector")
    soft = np.array([0.1, 0.9, 0], np.float32)
    assert soft is encoder(soft)
    error = refused(encoder, np.array(vector, np.float32))
    assert "out-of-range" == error.code
    assert "has elements below 0 or above 1 (encode its input again)" in str(error)
    assert "non-finite" == refused(encoder, np.array([np.inf, 0, 0], np.float32)).code


@pytest.mark.parametrize("code", [99, -1])
def test_code_beyond_the_labels_is_no_encoded_array(code: int) -> None:
    """An array of a code is encoded already, if a label has the code."""
    encoder = NetEncoder("Class", LABELS)
    assert 2 == encoder(np.array(2))
    assert "out-of-range" == refused(encoder, np.array(code)).code


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("dgo", "unknown-label", "'dgo' is not one of the 3 labels. Did you mean 'dog'?"),
        ("CAT", "unknown-label", "Did you mean 'cat'?"),
        ("bird", "unknown-label", "'bird' is not one of the 3 labels. (add it to Labels)"),
        (
            1,
            "unknown-label",
            "(add it to Labels; a code that is known is an array: np.array(code))",
        ),
        ("\ud800", "unknown-label", r"'\ud800' is not one of the 3 labels."),
        ("cat\n", "unknown-label", "Did you mean 'cat'? (remove the white space around it, such"),
        (1.0, "unsupported-input", "Class takes a label, not 1.0"),
        (None, "unsupported-input", "Class takes a label, not None"),
        ({"cat"}, "unsupported-input", "Class takes a label, not {'cat'}"),
        (b"cat", "unsupported-input", "Class takes a label, not b'cat'"),
        (np.array(["cat"]), "unsupported-input", "not a value of type ndarray"),
    ],
)
def test_other_values_are_no_labels(value: Any, code: str, message: str) -> None:
    """The message has the value, and the nearest label."""
    error = refused(NetEncoder("Class", LABELS), value)
    assert code == error.code
    assert message in str(error)


def test_one_of_many_labels_has_no_slow_hint() -> None:
    """Comparing a wrong label with a million others takes minutes, so it is not done."""
    error = refused(NetEncoder("Class", list(map(str, range(2001)))), "200O")
    assert "'200O' is not one of the 2001 labels." == error.message
    assert (
        "Did you mean" in refused(NetEncoder("Class", list(map(str, range(2000)))), "199O").message
    )


def test_several_labels_are_one_input() -> None:
    """With Multilabel a list of labels is one input, and a list of lists is a batch."""
    encoder = NetEncoder("Class", LABELS, Multilabel=True)
    assert [1, 0, 1] == encoder(["All", "cat"]).tolist()
    assert [0, 0, 0] == encoder([]).tolist()
    assert [0, 1, 0] == encoder({"dog"}).tolist()
    assert [[1, 0, 0], [0, 0, 0]] == [array.tolist() for array in encoder([["cat"], []])]
    assert "IndicatorVector" == encoder.resolved["Form"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("cat", "Class with Multilabel takes a list of labels, not 'cat' (write ['cat'])"),
        (["cat", "cat"], "the label 'cat' is given twice"),
        (["cat", "owl"], "'owl' is not one of the 3 labels."),
        ([["cat"], "dog"], "Class with Multilabel takes a list of labels, not 'dog'"),
    ],
)
def test_other_lists_are_refused(value: Any, message: str) -> None:
    """A label alone, and one that is given twice, is refused."""
    assert message in str(refused(NetEncoder("Class", LABELS, Multilabel=True), value))


def test_several_labels_have_no_single_code() -> None:
    """Form Index contradicts Multilabel."""
    with pytest.raises(ParameterError, match="'Form' must be 'IndicatorVector' with Multilabel"):
        NetEncoder("Class", LABELS, Multilabel=True, Form="Index")


WORDS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-9, 9),
    min_size=1,
    max_size=8,
    unique_by=repr,
)


@given(WORDS, st.data())
def test_labels_round_trip(labels: list[Any], data: st.DataObject) -> None:
    """A label and a list of labels come back from their vectors."""
    encoder = NetEncoder("Class", labels, Form="IndicatorVector")
    decoder = NetDecoder.from_encoder(encoder)
    label = data.draw(st.sampled_from(labels))
    assert repr(label) == repr(decoder(encoder(label)))
    assert encoder == NetEncoder.from_decoder(decoder)
    many = encoder.replace(Multilabel=True)
    chosen = [each for each in labels if data.draw(st.booleans())]
    assert repr(chosen) == repr(NetDecoder.from_encoder(many)(many(chosen)))


def test_decoder_of_codes_takes_probabilities() -> None:
    """A net that is trained with codes gives a probability for each label."""
    decoder = NetDecoder.from_encoder(NetEncoder("Class", LABELS))
    assert NetDecoder("Class", LABELS) == decoder
    assert "dog" == decoder([0.25, 0.5, 0.25])


def test_first_of_the_most_probable_labels_is_decided() -> None:
    """The order of equal probabilities is that of the labels."""
    decoder = NetDecoder("Class", LABELS)
    assert "cat" == decoder([0.4, 0.4, 0.2])
    assert ["dog", "All", "cat"] == decoder([0.2, 0.4, 0.4], "TopDecisions")
    many = NetDecoder("Class", list(range(64)))
    assert list(range(64)) == many([1 / 64] * 64, "TopDecisions")


def test_properties_of_probabilities() -> None:
    """The properties agree with their definitions."""
    decoder, values = NetDecoder("Class", LABELS), [0.25, 0.625, 0.125]
    assert ["dog", "cat"] == decoder(values, "TopDecisions", Count=2)
    assert [("dog", 0.625), ("cat", 0.25)] == decoder(values, ("TopProbabilities", 2))
    assert 3 == len(decoder(values, "TopProbabilities", Count=9))
    assert dict(zip(LABELS, values, strict=True)) == decoder(values, "Probabilities")
    expected = -sum(p * math.log(p) for p in values)
    assert math.isclose(expected, decoder(values, "Entropy"))
    assert 0 == decoder([0, 1, 0], "Entropy")
    rounded = decoder([0.5, 0.4995, 0], "Entropy")
    assert math.isclose(math.log(2), rounded, rel_tol=1e-6)


def test_samples_have_their_probabilities() -> None:
    """The shares of many samples are the probabilities, and one of 0 is never drawn."""
    decoder, values = NetDecoder("Class", LABELS), [0.75, 0.0, 0.25]
    samples = [decoder(values, "RandomSample", Seed=seed) for seed in range(2000)]
    assert {"cat", "All"} == set(samples)
    assert abs(0.75 - samples.count("cat") / 2000) < 0.05


def test_samples_are_pinned() -> None:
    """Samples depend on the seed and the array alone, for every version of numpy."""
    decoder = NetDecoder("Class", list("abcdefgh"))
    samples = "".join(decoder([0.125] * 8, "RandomSample", Seed=seed) for seed in range(24))
    assert PINNED == samples
    assert decoder([0.125] * 8, "RandomSample", Seed=-(2**63)) in "abcdefgh"
    many = NetDecoder("Class", list("abcdefgh"), Multilabel=True)
    assert PINNED_MANY == "".join(many([0.5] * 8, "RandomSample", Seed=5))


PINNED = "gcdbgecfecahcfabccaddefh"
PINNED_MANY = "cdfgh"


def test_sample_needs_a_seed() -> None:
    """A draw without a seed could not be repeated."""
    with pytest.raises(ParameterError, match="'Seed' is required"):
        NetDecoder("Class", LABELS)([1, 0, 0], "RandomSample")


def test_labels_above_the_threshold_are_decided() -> None:
    """With Multilabel the probabilities are independent; the threshold itself is below."""
    decoder = NetDecoder("Class", LABELS, Multilabel=True)
    assert ["cat", "All"] == decoder([0.75, 0.5, 1.0])
    assert [] == decoder([0.5, 0.25, 0.0])
    assert ["dog"] == decoder.replace(Threshold=0.75)([0.75, 1.0, 0.0])
    assert ["All", "cat"] == decoder([0.75, 0.5, 1.0], "TopDecisions", Count=2)
    assert math.isclose(3 * math.log(2), decoder([0.5, 0.5, 0.5], "Entropy"))
    samples = [decoder([0.75, 0, 1], "RandomSample", Seed=seed) for seed in range(1000)]
    assert {("cat", "All"), ("All",)} == set(map(tuple, samples))
    assert abs(0.75 - sum("cat" in each for each in samples) / 1000) < 0.06


def test_threshold_needs_several_labels() -> None:
    """A threshold has no effect on the most probable label."""
    with pytest.raises(ParameterError, match="'Threshold' has an effect with Multilabel=True only"):
        NetDecoder("Class", LABELS, Threshold=0.25)


@pytest.mark.parametrize(
    ("values", "many", "message"),
    [
        ([-1, 1, 1], False, "the smallest element is -1, and a probability is not negative"),
        ([1, 1, 1], False, "the probabilities sum to 3, not to 1"),
        ([0, 0, 0], False, "the probabilities sum to 0, not to 1"),
        ([0.5, 0.5, 0.002], False, "the probabilities sum to 1.002, not to 1"),
        ([-1, 1, 1], True, "the smallest element is -1, and a probability is not negative"),
        ([0, 2, 0], True, "the largest element is 2, and a probability is at most 1"),
    ],
)
def test_logits_are_no_probabilities(values: Sequence[float], many: bool, message: str) -> None:
    """The message has the number, and the remedy for logits."""
    with pytest.raises(DecodeError, match=re.escape(message)) as caught:
        NetDecoder("Class", LABELS, Multilabel=many)(values)
    assert "not-probabilities" == caught.value.code
    assert ("sigmoid" if many else "layer Softmax") in str(caught.value.remedy)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rounded_probabilities_are_taken(dtype: Any) -> None:
    """A thousand probabilities of a softmax in float16 sum to 1 within the tolerance."""
    logits = np.random.default_rng(0).normal(0, 3, (50, 1000))
    exact = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    decoder = NetDecoder("Class", list(map(str, range(1000))))
    rounded = exact.astype(dtype)
    assert list(map(str, rounded.argmax(axis=1))) == decoder(rounded)

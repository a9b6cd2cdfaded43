"""CTCBeamSearch against the sum over all paths."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import DecodeError, NetDecoder, NetEncoder, ParameterError
from netencoders_core.decoders.beams import search


def summed(probabilities: Any, blank: int) -> dict[tuple[int, ...], float]:
    """Return the probability of each sequence: the sum over all its paths."""
    frames, size = probabilities.shape
    labels = [place for place in range(size) if place != blank]
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(size), repeat=frames):
        kept = [key for key, _ in itertools.groupby(path) if key != blank]
        sequence = tuple(labels.index(place) for place in kept)
        found[sequence] += math.prod(probabilities[range(frames), path])
    return {key: value for key, value in found.items() if value > 0}


def random(seed: int, frames: int, size: int) -> Any:
    """Return probabilities, some of which are 0."""
    generator = np.random.default_rng(seed)
    values = generator.dirichlet(np.full(size, 0.7), frames)
    values[generator.random(values.shape) < 0.2] = 0
    values[:, 0] += 0.01
    return values / values.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("blank", [0, 1, 2])
@pytest.mark.parametrize("seed", range(20))
def test_large_beam_is_the_sum_over_all_paths(seed: int, blank: int) -> None:
    """With room for all sequences, each has the probability of the sum over its paths."""
    probabilities = random(seed, 1 + seed % 6, 3)
    expected = summed(probabilities, blank)
    found = dict(search(probabilities, blank, 10_000))
    assert expected.keys() == found.keys()
    for sequence, value in expected.items():
        assert math.isclose(math.log(value), found[sequence], rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_sequences_are_in_order(seed: int) -> None:
    """The most probable sequences come first, and are those of the sum over all paths."""
    probabilities = random(seed, 5, 4).astype(np.float32)
    expected = sorted(summed(probabilities.astype(float), 3).values(), reverse=True)[:5]
    decoder = NetDecoder("CTCBeamSearch", ["a", "b", "c"], BeamSize=5000)
    pairs = decoder(probabilities, "LogLikelihoods", Count=5)
    assert np.allclose(np.log(expected), [score for _, score in pairs], atol=1e-5)
    assert [sequence for sequence, _ in pairs] == decoder(probabilities, ("Decodings", 5))
    assert pairs[0] == (decoder(probabilities), decoder(probabilities, "LogLikelihood"))
    assert "".join(pairs[0][0]) == decoder(probabilities, "Text")


def test_paths_of_one_sequence_are_merged() -> None:
    """The most probable path is blank, blank; the most probable sequence is a."""
    probabilities = np.array([[0.4, 0.6], [0.4, 0.6]])
    decoder = NetDecoder("CTCBeamSearch", ["a"])
    assert ["a"] == decoder(probabilities)
    assert math.isclose(math.log(0.64), decoder(probabilities, "LogLikelihood"), rel_tol=1e-6)
    assert [["a"], []] == decoder(probabilities, "Decodings")


def test_label_is_repeated_only_with_a_blank_between() -> None:
    """Equal labels in a row count once."""
    decoder = NetDecoder("CTCBeamSearch", ["a"])
    assert ["a"] == decoder([[1, 0], [1, 0]])
    assert ["a", "a"] == decoder([[1, 0], [0, 1], [1, 0]])


def test_blank_may_be_first() -> None:
    """BlankPosition First shifts the labels by one column."""
    last = np.array([[0.5, 0.25, 0.25], [0.0, 0.5, 0.5]])
    first = np.roll(last, 1, axis=1)
    decoder = NetDecoder("CTCBeamSearch", ["a", "b"])
    expected = decoder(last, "LogLikelihoods")
    assert expected == decoder.replace(BlankPosition="First")(first, "LogLikelihoods")
    with pytest.raises(ParameterError, match="'BlankPosition' must be 'Last' or 'First'"):
        decoder.replace(BlankPosition="Middle")


def test_beam_keeps_the_most_probable_sequences() -> None:
    """A beam of one keeps one sequence after each frame; equal ones in their order."""
    probabilities = random(3, 8, 5)
    decoder = NetDecoder("CTCBeamSearch", list("abcd"), BeamSize=1)
    assert 1 == len(decoder(probabilities, "Decodings"))
    wide = decoder.replace(BeamSize=100)
    assert 100 == len(wide(probabilities, "Decodings"))
    narrow, best = (each(probabilities, "LogLikelihood") for each in (decoder, wide))
    assert narrow <= best
    assert [["a"], ["b"]] == NetDecoder("CTCBeamSearch", ["a", "b"], BeamSize=2)(
        [[0.5, 0.5, 0.0]], "Decodings"
    )
    assert [["a"]] == NetDecoder("CTCBeamSearch", ["a", "b"], BeamSize=1)(
        [[0.5, 0.5, 0.0]], "Decodings"
    )


def test_sequence_that_left_the_beam_and_comes_again_is_one() -> None:
    """A sequence is the same one when it is found a second time: no two decodings are equal."""
    for seed in range(30):
        probabilities = random(seed, 30, 4)
        found = search(probabilities, 3, 3)
        assert len(found) == len({sequence for sequence, _ in found})


def test_labels_may_be_integers_or_words() -> None:
    """The text joins the labels."""
    decoder = NetDecoder("CTCBeamSearch", [7, "cat "])
    assert [7, "cat "] == decoder([[1, 0, 0], [0, 1, 0]])
    assert "7cat " == decoder([[1, 0, 0], [0, 1, 0]], "Text")


def test_no_frames_give_the_empty_sequence() -> None:
    """An array of no rows has the empty decoding, whose probability is 1."""
    decoder = NetDecoder("CTCBeamSearch", ["a"])
    empty = np.zeros((0, 2), np.float32)
    assert [([], 0.0)] == decoder(empty, "LogLikelihoods")


def test_small_probabilities_do_not_vanish() -> None:
    """The search is in logarithms: thousands of frames have a likelihood."""
    decoder = NetDecoder("CTCBeamSearch", ["a", "b"], BeamSize=5)
    score = decoder(np.full((3000, 3), 1 / 3), "LogLikelihood")
    assert -3300 < score < -400  # exp(-400) is 0 in float32


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ([[-1.0, 2.0]], "not-probabilities", "the smallest element is -1"),
        ([[1.0, 0.0], [3.0, 4.0]], "not-probabilities", "the probabilities of row 1 sum to 7"),
        ([[0.5, 0.25, 0.25]], "unsupported-input", "(1, 3)"),
        ([[math.nan, 1.0]], "non-finite", "NaN or infinity"),
    ],
)
def test_other_arrays_are_refused(values: Any, code: str, message: str) -> None:
    """Logits, other sizes and NaN are errors."""
    with pytest.raises(DecodeError, match=re.escape(message)) as caught:
        NetDecoder("CTCBeamSearch", ["a"])(values)
    assert code == caught.value.code


def test_no_encoder_belongs_to_it() -> None:
    """A sequence does not state its frames."""
    with pytest.raises(ParameterError, match="no encoder belongs to it"):
        NetEncoder.from_decoder(NetDecoder("CTCBeamSearch", ["a"]))


GOLDEN = json.loads(Path(__file__).with_name("ctc_golden.json").read_text("utf-8"))


@pytest.mark.parametrize("case", GOLDEN["whole"])
def test_whole_search_agrees_with_pyctcdecode(case: dict[str, Any]) -> None:
    """Without pruning, the best sequences and their likelihoods are those of pyctcdecode."""
    decoder = NetDecoder("CTCBeamSearch", list(case["labels"]), BeamSize=case["beam"])
    found = decoder(np.array(case["counts"]) / GOLDEN["total"], ("LogLikelihoods", 3))
    assert [text for text, _ in case["best"]] == ["".join(labels) for labels, _ in found]
    assert np.allclose([score for _, score in case["best"]], [score for _, score in found], 1e-6)


@pytest.mark.parametrize("case", GOLDEN["peaked"])
def test_default_beam_agrees_with_pyctcdecode(case: dict[str, Any]) -> None:
    """The text is that of pyctcdecode; its beam holds a sequence twice, so it sums fewer paths."""
    decoder = NetDecoder("CTCBeamSearch", list(case["labels"]))
    [(labels, score)] = decoder(np.array(case["counts"]) / GOLDEN["total"], ("LogLikelihoods", 1))
    text, other = case["best"][0]
    assert text == "".join(labels)
    assert other <= score < other + 0.05

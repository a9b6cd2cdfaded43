"""The decoders of numbers, classes and texts pass the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from netencoders import NetEncoder
from netencoders.testing import DecoderContract

LABELS = ["cat", "dog", 3]


class TestBoolean(DecoderContract):
    """Boolean."""

    decoder = "Boolean"

    def inputs(self) -> Sequence[Any]:
        """Return both sides of the threshold."""
        return [np.array(number, np.float32) for number in (0.75, 0.25, 0.5)]


class TestScalar(DecoderContract):
    """Scalar."""

    decoder = "Scalar"

    def inputs(self) -> Sequence[Any]:
        """Return numbers."""
        return [np.array(number, np.float32) for number in (0.1, -3)]


class TestClass(DecoderContract):
    """Class."""

    decoder = "Class"
    parameters: ClassVar[Mapping[str, Any]] = {"Labels": LABELS}
    options: ClassVar[Mapping[str, Any]] = {
        "RandomSample": {"Seed": 3},
        "TopDecisions": {"Count": 2},
    }

    def inputs(self) -> Sequence[Any]:
        """Return probabilities, of which two are equal."""
        return [np.array(each, np.float32) for each in ([0.25, 0.5, 0.25], [0, 0, 1])]


class TestClassMultilabel(TestClass):
    """Class with several labels."""

    parameters: ClassVar[Mapping[str, Any]] = {"Labels": LABELS, "Multilabel": True}


class TestCharacters(DecoderContract):
    """Characters."""

    decoder = "Characters"

    def inputs(self) -> Sequence[Any]:
        """Return codes of texts."""
        encoder = NetEncoder("Characters")
        return [encoder("a cat"), encoder("x")]


class TestUTF8(DecoderContract):
    """UTF8."""

    decoder = "UTF8"

    def inputs(self) -> Sequence[Any]:
        """Return codes of texts."""
        encoder = NetEncoder("UTF8")
        return [encoder("a cät"), encoder("x")]


class TestTokens(DecoderContract):
    """Tokens."""

    decoder = "Tokens"
    parameters: ClassVar[Mapping[str, Any]] = {"Labels": ["the", "cat"]}

    def inputs(self) -> Sequence[Any]:
        """Return codes of texts."""
        encoder = NetEncoder("Tokens", Labels=["the", "cat"])
        return [encoder("the cat the"), encoder("cat")]


class TestCTCBeamSearch(DecoderContract):
    """CTCBeamSearch."""

    decoder = "CTCBeamSearch"
    parameters: ClassVar[Mapping[str, Any]] = {"Labels": ["a", "b"]}

    def inputs(self) -> Sequence[Any]:
        """Return probabilities of a path."""
        noise = np.random.default_rng(0).uniform(0.1, 1, (7, 3))
        return [np.float32(rows / rows.sum(1, keepdims=True)) for rows in (noise, noise[:1])]

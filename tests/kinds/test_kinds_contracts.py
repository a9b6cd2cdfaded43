"""The encoders of numbers, classes and texts pass the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from netencoders import Automatic, NetEncoder, encoders
from netencoders.testing import EncoderContract


class TestBoolean(EncoderContract):
    """Boolean."""

    encoder = "Boolean"

    def inputs(self) -> Sequence[Any]:
        """Return both values."""
        return [True, False]


class TestScalar(EncoderContract):
    """Scalar."""

    encoder = "Scalar"

    def inputs(self) -> Sequence[Any]:
        """Return integers and floats."""
        return [0, -3, 0.1]


class TestClass(EncoderContract):
    """Class with an index."""

    encoder = "Class"
    parameters = {"Labels": ["cat", "dog", 3]}  # noqa: RUF012 - the contract only reads it

    def inputs(self) -> Sequence[Any]:
        """Return all labels."""
        return ["cat", "dog", 3]


class TestClassIndicator(TestClass):
    """Class with an indicator vector."""

    parameters = {  # noqa: RUF012 - the contract only reads it
        "Labels": ["cat", "dog", 3],
        "Form": "IndicatorVector",
    }


class TestClassMultilabel(EncoderContract):
    """Class with several labels."""

    encoder = "Class"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "Labels": ["cat", "dog", 3],
        "Multilabel": True,
    }

    def inputs(self) -> Sequence[Any]:
        """Return lists of labels."""
        return [["cat", 3], [], ("dog",)]


class TextContract(EncoderContract):
    """The inputs of the encoders of texts."""

    def inputs(self) -> Sequence[Any]:
        """Return texts, of which one is empty."""
        return ["a cat", "", "the cat\n" * 20_000]


class TestCharacters(TextContract):
    """Characters."""

    encoder = "Characters"


class TestCharactersIndicator(TextContract):
    """Characters with all parameters."""

    encoder = "Characters"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "Alphabet": "ACT \n",
        "Form": "IndicatorVector",
        "IgnoreCase": True,
        "UnicodeNormalization": "NFKC",
        "UnknownCode": 7,
        "TargetLength": 70_000,
        "PaddingCode": 2,
    }


class TestUTF8(TextContract):
    """UTF8."""

    encoder = "UTF8"


class TestTokens(TextContract):
    """Tokens."""

    encoder = "Tokens"
    parameters = {"Labels": ["a", "the", "cat"]}  # noqa: RUF012 - the contract only reads it


class TestTokensIndicator(TextContract):
    """Tokens with all parameters."""

    encoder = "Tokens"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "Labels": ["THE", "[PAD]"],
        "Form": "IndicatorVector",
        "Splitting": ["Delimiter", " "],
        "IgnoreCase": True,
        "UnicodeNormalization": "NFC",
        "UnknownCode": Automatic,
        "TargetLength": 5,
        "PaddingCode": 1,
    }


def test_every_encoder_of_the_plugin_has_a_contract() -> None:
    """Each encoder of netencoders_core is tested above."""
    shipped = {
        name
        for name, record in encoders().items()
        if record.encoder.__module__.startswith("netencoders_core")
    }
    classes = [each for each in globals().values() if isinstance(each, type)]
    tested = {each.encoder for each in classes if each.__name__.startswith("Test")}  # type: ignore[attr-defined]
    assert shipped == tested


EFFECTS = [
    ("Class", {"Labels": ["a", "b"]}, "Labels", ["b", "a"], "a"),
    ("Class", {"Labels": ["a", "b"]}, "Form", "IndicatorVector", "a"),
    ("Class", {"Labels": ["a", "b"], "Form": "IndicatorVector"}, "Multilabel", True, None),
    ("Characters", {}, "Alphabet", "ba", "ab"),
    ("Characters", {}, "Form", "IndicatorVector", "ab"),
    ("Characters", {}, "IgnoreCase", True, "ab"),
    ("Characters", {"UnknownCode": 0}, "UnicodeNormalization", "NFD", "\u00e1"),
    ("Characters", {"UnknownCode": 0}, "UnknownCode", 1, "é"),
    ("Characters", {}, "TargetLength", 1, "ab"),
    ("Characters", {"TargetLength": 3}, "PaddingCode", 1, "ab"),
    ("UTF8", {}, "Form", "IndicatorVector", "ab"),
    ("UTF8", {}, "UnicodeNormalization", "NFD", "é"),
    ("UTF8", {}, "TargetLength", 1, "ab"),
    ("UTF8", {"TargetLength": 3}, "PaddingCode", 1, "ab"),
    ("Tokens", {"Labels": ["a", "b", "a b"]}, "Labels", ["b", "a"], "a b"),
    ("Tokens", {"Labels": ["a", "b", "a b"]}, "Form", "IndicatorVector", "a b"),
    ("Tokens", {"Labels": ["a", "b", "a b"]}, "Splitting", ["Delimiter", ","], "a b"),
    ("Tokens", {"Labels": ["a"], "UnknownCode": 1}, "IgnoreCase", True, "A"),
    ("Tokens", {"Labels": ["é"], "UnknownCode": 1}, "UnicodeNormalization", "NFC", "e\u0301"),
    ("Tokens", {"Labels": ["a"], "UnknownCode": 1}, "UnknownCode", 2, "b"),
    ("Tokens", {"Labels": ["a", "b"]}, "TargetLength", 1, "a b"),
    ("Tokens", {"Labels": ["a"], "TargetLength": 2}, "PaddingCode", 0, "a"),
]


@pytest.mark.parametrize(
    ("name", "given", "parameter", "value", "text"), EFFECTS, ids=lambda each: str(each)[:20]
)
def test_parameter_changes_the_array(
    name: str, given: dict[str, Any], parameter: str, value: Any, text: Any
) -> None:
    """Each parameter has an effect."""
    encoder = NetEncoder(name, **given)
    changed = encoder.replace(**{parameter: value})
    if text is None:  # the inputs are others
        assert encoder.accepts(["a"]) < changed.accepts(["a"])
        return
    one, other = encoder(text), changed(text)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_each_parameter_has_an_example_of_its_effect() -> None:
    """The list above names each parameter."""
    declared = {
        (record.name, parameter.name)
        for record in encoders().values()
        if record.encoder.__module__.startswith("netencoders_core")
        for parameter in record.parameters
    }
    assert declared == {(name, parameter) for name, _, parameter, _, _ in EFFECTS}

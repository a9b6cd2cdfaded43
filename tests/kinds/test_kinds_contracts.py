"""The encoders of numbers, classes and texts pass the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netencoders import Automatic
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

"""The decoders Characters, Tokens and UTF8: texts of codes, or of probabilities of codes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy.typing as npt

from netencoders import (
    ArraySpec,
    Automatic,
    Choice,
    DecodeError,
    Decoder,
    Integer,
    Labels,
    Parameter,
    Property,
    Text,
    Union,
)
from netencoders_core.alphabets import Alphabet, default_alphabet
from netencoders_core.codes import MAX_CODE, Code, codes_form, size_of
from netencoders_core.decoders.probabilities import shares

__all__ = ["UTF8", "Characters", "TextDecoder", "Tokens"]

FORM: Final = Parameter(
    "Form",
    Choice("Index", "IndicatorVector"),
    default="Index",
    doc="Index: the array has codes; IndicatorVector: it has a probability for each code, and "
    "the most probable one is decided",
)
REPLACEMENT: Final = "\ufffd"
_PADDING: Final = "the text ends before the first element with this code; None: with the array"
_UNKNOWN: Final = "a code that gives U+FFFD if it has no label"


class TextDecoder(Decoder):
    """Base of the decoders of texts.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.
    """

    element: ClassVar[str]

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        unknown = resolved.get("UnknownCode")
        self.size = size_of(self.count(), unknown, resolved["PaddingCode"])

    @abstractmethod
    def count(self) -> int:
        """Return the number of labels."""

    def input(self) -> ArraySpec:
        """Return the form of a sequence of codes, or of probabilities."""
        return codes_form(self.resolved["Form"], self.size, axis=self.element)

    def codes(self, array: npt.NDArray[Any]) -> list[int]:
        """Return the codes of the text, without padding.

        Raises
        ------
        DecodeError
            The numbers are no probabilities, or a code has no label.
        """
        if self.resolved["Form"] != "Index":
            shares(array)
            array = array.argmax(axis=-1)
        found: list[int] = array.tolist()
        padding = self.resolved["PaddingCode"]
        if padding in found:
            found = found[: found.index(padding)]
        unknown = self.resolved.get("UnknownCode")
        count = self.count()
        for place, code in enumerate(found):
            if code >= count and code != unknown:
                raise DecodeError(
                    f"the code {code} at position {place} has no label: there are {count}",
                    code="unknown-code",
                    remedy="set UnknownCode or PaddingCode to the code",
                )
        return found

    def given(self) -> dict[str, Any]:
        """Return the values for an encoder, without those that are None."""
        return {name: value for name, value in self.resolved.items() if value is not None}

    def labelled(self, codes: list[int], labels: Any) -> list[str]:
        """Return the label of each code."""
        return [labels[code] if code < len(labels) else REPLACEMENT for code in codes]


class Characters(TextDecoder):
    """A text of the codes of its characters, or of their probabilities.

    The rule is A162.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> NetDecoder("Characters", "abc", PaddingCode=3)([2, 0, 1, 3])
    'cab'
    """

    name = "Characters"
    element = "character"
    positional = ("Alphabet",)
    parameters = (
        Parameter(
            "Alphabet",
            Alphabet(),
            default=Automatic,
            automatic=lambda: default_alphabet(False),
            doc="the characters, whose places are their codes; Automatic is tab, line feed and the "
            "printable ASCII characters",
        ),
        FORM,
        Parameter("UnknownCode", Code("Alphabet"), default=None, neutral=None, doc=_UNKNOWN),
        Parameter("PaddingCode", Code("Alphabet"), default=None, neutral=None, doc=_PADDING),
    )
    properties = (
        Property("Text", "the text"),
        Property("Characters", "a list of the characters"),
        Property("Codes", "a list of the codes"),
    )

    def count(self) -> int:
        """Return the number of characters of the alphabet."""
        return len(self.resolved["Alphabet"])

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return the text, its characters or its codes."""
        codes = self.codes(array)
        if name == "Codes":
            return codes
        characters = self.labelled(codes, self.resolved["Alphabet"])
        return "".join(characters) if name == "Text" else characters

    def encoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the encoder Characters with the same codes."""
        return "Characters", self.given()


class Tokens(TextDecoder):
    """A text of the codes of its tokens, or of their probabilities.

    The rule is A162.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> decoder = NetDecoder("Tokens", ["the", "cat"])
    >>> decoder([0, 1]), decoder([0, 1], "Tokens")
    ('the cat', ['the', 'cat'])
    """

    name = "Tokens"
    element = "token"
    positional = ("Labels",)
    parameters = (
        Parameter(
            "Labels",
            Labels(),
            known_as=("vocab", "vocabulary", "vocab_file"),
            doc="the tokens, whose places are their codes",
        ),
        FORM,
        Parameter("Separator", Text(), default=" ", doc="the text between two tokens"),
        Parameter("UnknownCode", Code("Labels"), default=None, neutral=None, doc=_UNKNOWN),
        Parameter("PaddingCode", Code("Labels"), default=None, neutral=None, doc=_PADDING),
    )
    properties = (
        Property("Text", "the tokens, joined by Separator"),
        Property("Tokens", "a list of the tokens"),
        Property("Codes", "a list of the codes"),
    )

    def count(self) -> int:
        """Return the number of labels."""
        return len(self.resolved["Labels"])

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return the text, its tokens or its codes."""
        codes = self.codes(array)
        if name == "Codes":
            return codes
        tokens = self.labelled(codes, self.resolved["Labels"])
        separator: str = self.resolved["Separator"]
        return separator.join(tokens) if name == "Text" else tokens

    def encoder(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return the encoder Tokens with the same codes, which splits at Separator."""
        given = self.given()
        separator = given.pop("Separator")
        if not separator:
            return None
        rule = "Whitespace" if separator == " " else ("Delimiter", separator)
        return "Tokens", {**given, "Splitting": rule}


class UTF8(TextDecoder):
    """A text of its bytes in UTF-8, or of their probabilities.

    The rule is A162.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> NetDecoder("UTF8")([97, 195, 169])
    'aé'
    """

    name = "UTF8"
    element = "byte"
    parameters = (
        FORM,
        Parameter(
            "PaddingCode",
            Union(Choice(None), Integer(0, MAX_CODE)),
            default=None,
            neutral=None,
            doc=_PADDING,
        ),
    )
    properties = (
        Property("Text", "the text"),
        Property("Bytes", "the bytes"),
        Property("Codes", "a list of the codes"),
    )

    def count(self) -> int:
        """Return the number of bytes."""
        return 256

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return the text, its bytes or its codes.

        Raises
        ------
        DecodeError
            The bytes are not UTF-8.
        """
        codes = self.codes(array)
        if name == "Codes":
            return codes
        content = bytes(codes)
        if name == "Bytes":
            return content
        try:
            return content.decode()
        except UnicodeDecodeError as problem:
            raise DecodeError(
                f"the byte 0x{content[problem.start]:02x} at position {problem.start} is not UTF-8",
                code="malformed",
                remedy="ask for the property Bytes",
            ) from None

    def encoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the encoder UTF8 with the same codes."""
        return "UTF8", self.given()

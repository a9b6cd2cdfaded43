"""Alphabet: the characters that have codes, as the value of a parameter."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from netencoders import All, Asset, Automatic, Parameter, RefusedError, ValueType
from netencoders.assets import ASSET_SCHEMA
from netencoders.values.label_files import read_labels

__all__ = ["ALPHABET", "Alphabet", "default_alphabet", "folded", "variants"]

MAX_LENGTH: Final = 2**17
"""The largest number of characters; Unicode 16 has 154,998."""

_CASED: Final = 0x20000
"""All characters with a case are below it."""


class Alphabet(ValueType):
    """Different characters in an order that has a meaning.

    They are a text, or a list of texts of one character each, or an Asset with such a list (.txt:
    one a line; .json). The canonical form is the text.

    Examples
    --------
    >>> Alphabet().check(["b", "a"])
    'ba'
    """

    def check(self, value: Any) -> str:
        if isinstance(value, Asset):
            value = _read(value)
        if isinstance(value, str):
            text = str.__str__(value)
        elif isinstance(value, list | tuple):
            for place, item in enumerate(value):
                if not isinstance(item, str) or len(item) != 1:
                    raise RefusedError(f"Element {place} is {item!r:.80}, not one character.")
            text = "".join(value)
        else:
            raise RefusedError
        if len(text) > MAX_LENGTH:
            raise RefusedError(f"It has {len(text)} characters, and the limit is {MAX_LENGTH}.")
        if any(0xD800 <= ord(character) < 0xE000 for character in text):
            raise RefusedError("It has a lone surrogate.")
        if not text:
            raise RefusedError("It has no characters.")
        seen: set[str] = set()
        for character in text:
            if character in seen:
                raise RefusedError(f"It has {character!r} twice.")
            seen.add(character)
        return text

    def describe(self) -> tuple[str, ...]:
        return ("a text of different characters", "a list of them", "an Asset (.txt or .json)")

    def schema(self) -> dict[str, Any]:
        character = {"type": "string", "minLength": 1, "maxLength": 1}
        listed = {"type": "array", "items": character, "minItems": 1, "uniqueItems": True}
        return {"anyOf": [{"type": "string", "minLength": 1}, listed, dict(ASSET_SCHEMA)]}

    def examples(self) -> list[Any]:
        return ["abc", " 01", ["b", "é"], "\n\t\u4e2d"]

    def counterexamples(self) -> list[Any]:
        return ["", "aba", [], ["ab"], ["a", 1], "\ud800", 1, None, True, All, Asset("none.txt")]


def _read(asset: Asset) -> list[Any]:
    """Return the elements of a file; an error names the file."""
    try:
        return read_labels(asset)
    except RefusedError as refusal:
        text = str(refusal)
        if text.startswith(asset.place):
            raise
        raise RefusedError(f"{asset.place}: {text[:1].lower()}{text[1:]}") from None


@cache
def default_alphabet(ignore_case: bool) -> str:
    """Return the tab, the line feed and the printable characters of ASCII, in their order.

    Without case, the upper-case letters are left out.

    >>> len(default_alphabet(False)), len(default_alphabet(True))
    (97, 71)
    """
    text = "\t\n" + "".join(map(chr, range(32, 127)))
    return "".join(each for each in text if not (ignore_case and each.isupper()))


ALPHABET: Final = Parameter(
    "Alphabet",
    Alphabet(),
    default=Automatic,
    automatic=lambda IgnoreCase: default_alphabet(IgnoreCase),  # noqa: N803 - the parameter
    doc="the characters, whose places are their codes; Automatic is tab, line feed and the "
    "printable ASCII characters, without upper case if IgnoreCase is True",
)


def folded(character: str) -> str:
    """Return one character without its case; one that folds to several, such as ß, stays.

    >>> folded("É"), folded("ß"), folded("ẞ")
    ('é', 'ß', 'ß')
    """
    for form in (character.casefold(), character.lower()):
        if len(form) == 1:
            return form
    return character


@cache
def variants() -> dict[str, list[str]]:
    """Return for each folded character the other characters that fold to it."""
    found: dict[str, list[str]] = {}
    for code in range(_CASED):
        character = chr(code)
        if (key := folded(character)) != character:
            found.setdefault(key, []).append(character)
    return found

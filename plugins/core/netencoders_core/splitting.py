"""Splitting: a text into tokens by fixed rules, one after another.

The rules are no regular expressions of the user, which may take a time that grows without limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from netencoders import Choice, Parameter, RefusedError, Text, TupleOf, Union

__all__ = ["SPLITTING", "tokens_of"]

_WORDS: Final = re.compile(r"\w+|[^\w\s]")
_PARTS: Final = re.compile(r"\S+")


class _Delimiter(Text):
    """A text that is not empty."""

    def check(self, value: Any) -> str:
        text: str = super().check(value)
        if not text:
            raise RefusedError("A delimiter is not empty.")
        return text

    def describe(self) -> tuple[str, ...]:
        return ("a text that is not empty",)

    def counterexamples(self) -> list[Any]:
        return [*super().counterexamples(), ""]


SPLITTING: Final = Parameter(
    "Splitting",
    Union(
        Choice("Words", "Whitespace"),
        TupleOf(Choice("Delimiter"), _Delimiter(examples=(",", "\n", "::"))),
    ),
    default="Words",
    doc="Words: each run of letters, digits and underscores, and each other character but white "
    "space; Whitespace: the parts between white space; Delimiter: the parts between a text",
)


def tokens_of(text: str, rule: str | tuple[str, str]) -> Iterator[str]:
    """Yield the tokens of a text.

    An empty text has none. Between two delimiters there may be an empty token.

    >>> list(tokens_of("Don't stop.", "Words"))
    ['Don', "'", 't', 'stop', '.']
    >>> list(tokens_of("a,,b", ("Delimiter", ",")))
    ['a', '', 'b']
    """
    if not isinstance(rule, tuple):
        pattern = _WORDS if rule == "Words" else _PARTS
        for found in pattern.finditer(text):
            yield found[0]
        return
    if not text:
        return
    delimiter = rule[1]
    start = 0
    while (end := text.find(delimiter, start)) >= 0:
        yield text[start:end]
        start = end + len(delimiter)
    yield text[start:]

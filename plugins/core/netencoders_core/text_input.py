"""Texts as inputs: checks and normalisation, in time and memory in proportion to the text."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from netencoders import Choice, EncodeError, Parameter

__all__ = ["NORMALIZATION", "checked_text", "normalized"]

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MAX_MARKS: Final = 1000
"""Combining marks in a row. Python sorts them in a time of their number squared."""
_BLOCK: Final = 2**20
_MARKS_BELOW: Final = 0x20000
"""All combining marks are below it, apart from tags and variants, whose class is 0."""

NORMALIZATION: Final = Parameter(
    "UnicodeNormalization",
    Choice(None, "NFC", "NFD", "NFKC", "NFKD"),
    default=None,
    neutral=None,
    doc="the Unicode normalization form of a text before it is encoded",
)

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def checked_text(value: Any, owner: str) -> str:
    """Return a text without lone surrogates.

    Raises
    ------
    EncodeError
        It is no text, or has a lone surrogate.
    """
    if not isinstance(value, str):
        raise EncodeError(
            f"{owner} takes a text, not a value of type {type(value).__name__}",
            code="unsupported-input",
            remedy="give a str; bytes are decoded by value.decode('utf-8')",
        )
    text = str.__str__(value)  # not str(): members of an enum define their own __str__
    if not text.isascii() and (found := _SURROGATE.search(text)):
        raise EncodeError(
            f"the character U+{ord(found[0]):04X} at position {found.start()} is half of a "
            "surrogate pair",
            code="malformed",
            source=f"a text of {len(text)} characters",
            remedy="decode the text again, with the encoding that it was written in",
        )
    return text


def normalized(text: str, form: Form | None) -> str:
    """Return a text in a normalization form.

    Raises
    ------
    EncodeError
        More combining marks follow one another than any text has.
    """
    if form is None or text.isascii():
        return text
    if (place := _many_marks(text)) >= 0:
        raise EncodeError(
            f"more than {_MAX_MARKS} combining marks follow one another, from position {place}",
            code="unsupported-input",
            source=f"a text of {len(text)} characters",
            remedy="remove them, or set UnicodeNormalization=None",
        )
    return unicodedata.normalize(form, text)


def _many_marks(text: str) -> int:
    """Return the position of a run of too many combining marks, or -1."""
    marks = _marks()
    count = 0
    for start in range(0, len(text), _BLOCK):
        block = text[start : start + _BLOCK]
        points = np.frombuffer(block.encode("utf-32-le"), np.uint32)
        is_mark = marks[np.minimum(points, _MARKS_BELOW)]
        ends = np.flatnonzero(~is_mark)
        if not ends.size:
            count += len(block)
            if count > _MAX_MARKS:
                return start + len(block) - count
            continue
        lengths = np.diff(ends) - 1
        if count + ends[0] > _MAX_MARKS:
            return start - count
        if lengths.size and lengths.max() > _MAX_MARKS:
            return start + int(ends[lengths.argmax()]) + 1
        count = len(block) - int(ends[-1]) - 1
        if count > _MAX_MARKS:
            return start + len(block) - count
    return -1


@cache
def _marks() -> npt.NDArray[np.bool_]:
    """Return for each character whether its decomposition begins with a combining mark."""
    found = np.zeros(_MARKS_BELOW + 1, bool)
    for code in range(0x300, _MARKS_BELOW):
        first = unicodedata.normalize("NFKD", chr(code))[0]
        found[code] = unicodedata.combining(first) != 0
    return found

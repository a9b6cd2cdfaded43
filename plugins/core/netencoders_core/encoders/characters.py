"""The encoder Characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import Automatic, Boolean, EncodeError, Parameter
from netencoders_core.alphabets import ALPHABET, folded, variants
from netencoders_core.codes import (
    FORM,
    PADDING_DOC,
    UNKNOWN_DOC,
    Code,
    padding_after,
    similar,
)
from netencoders_core.encoders.texts import TARGET_LENGTH, TextEncoder
from netencoders_core.text_input import NORMALIZATION

__all__ = ["Characters"]

_BLOCK: Final = 2**17
"""Characters that are looked up at once."""


class Characters(TextEncoder):
    """Codes of the characters of a text, by their places in an alphabet, counted from 0.

    Output: int64, shape (n,), for the n characters of the text; with Form ``"IndicatorVector"``
    float32, shape (n, codes). A character is a code point of Unicode.

    The rule is A159.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> NetEncoder("Characters", "abc")("cab")
    array([2, 0, 1])
    >>> NetEncoder("Characters", "abc", TargetLength=4)("ab")
    array([0, 1, 3, 3])
    """

    name = "Characters"
    element = "character"
    positional = ("Alphabet",)
    parameters = (
        ALPHABET,
        FORM,
        Parameter(
            "IgnoreCase",
            Boolean(),
            default=False,
            neutral=False,
            known_as=("lowercase", "do_lower_case"),
            doc="whether a character and its other case have one code",
        ),
        NORMALIZATION,
        Parameter(
            "UnknownCode",
            Code("Alphabet"),
            default=None,
            automatic=lambda Alphabet: len(Alphabet),  # noqa: N803 - as below
            neutral=None,
            known_as=("unk_token_id", "oov_token"),
            doc=UNKNOWN_DOC,
        ),
        TARGET_LENGTH,
        Parameter(
            "PaddingCode",
            Code("Alphabet"),
            default=Automatic,
            automatic=lambda Alphabet, UnknownCode, TargetLength: padding_after(  # noqa: N803
                len(Alphabet), UnknownCode, TargetLength
            ),
            neutral=None,
            known_as=("pad_token_id", "pad_id"),
            doc=PADDING_DOC,
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        alphabet = resolved["Alphabet"]
        self._places = {character: place for place, character in enumerate(alphabet)}
        if resolved["IgnoreCase"]:
            for character, place in list(self._places.items()):
                key = folded(character)
                for other in (key, *variants().get(key, ())):
                    self._places.setdefault(other, place)
        points = np.array([ord(character) for character in self._places])
        # The last element is that of all larger code points.
        self._table = np.full(int(points.max()) + 2, -1, np.int64)
        self._table[points] = list(self._places.values())
        unknown = resolved["UnknownCode"]
        if unknown is not None:
            self._table[self._table < 0] = unknown

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the pair of characters of the alphabet that IgnoreCase makes one."""
        if not resolved["IgnoreCase"]:
            return []
        seen: dict[str, str] = {}
        for character in resolved["Alphabet"]:
            other = seen.setdefault(folded(character), character)
            if other != character:
                text = (
                    f"'Alphabet' has {other!r} and {character!r}, which are one character with "
                    "IgnoreCase=True: remove one of them."
                )
                return [text]
        return []

    def count(self) -> int:
        """Return the number of characters of the alphabet."""
        return len(self.resolved["Alphabet"])

    def codes(self, text: str) -> Iterator[npt.NDArray[np.int64]]:
        """Yield the codes of the characters."""
        for start in range(0, len(text), _BLOCK):
            block = text[start : start + _BLOCK]
            points = np.frombuffer(block.encode("utf-32-le"), np.uint32)
            codes = self._table[np.minimum(points, len(self._table) - 1)]
            if codes.min() < 0:
                place = int(codes.argmin())
                raise self._unknown(block[place], start + place)
            yield codes

    def _unknown(self, character: str, place: int) -> EncodeError:
        alphabet = self.resolved["Alphabet"]
        other = character.swapcase()
        hint = f" It has {other!r}." if other in self._places else similar(character, alphabet)
        return EncodeError(
            f"the character {character!r} (U+{ord(character):04X}) at position {place} is not in "
            f"the alphabet of {len(alphabet)} characters.{hint}",
            code="unknown-label",
            remedy="add it to Alphabet, or set UnknownCode",
        )

    def decoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the decoder Characters with the same codes."""
        names = ("Alphabet", "Form", "UnknownCode", "PaddingCode")
        return "Characters", {name: self.resolved[name] for name in names}

    def probe_input(self, signal: str, length: int) -> str:
        """Return a text of characters of the alphabet."""
        alphabet = self.resolved["Alphabet"]
        return "".join(alphabet[place * 7 % len(alphabet)] for place in range(length))

    def libraries(self) -> Mapping[str, str]:
        """Return the version of Unicode, which case and normalization depend on."""
        return unicode_version()


def unicode_version() -> Mapping[str, str]:
    """Return the version of Unicode of this Python."""
    import unicodedata  # late: most encoders do not ask for it

    return {"unicode": unicodedata.unidata_version}

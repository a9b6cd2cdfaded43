"""SubwordDecoder: the decoder "SubwordTokens", which turns ids of a tokenizer into a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy.typing as npt

from netencoders import (
    ArraySpec,
    Axis,
    Boolean,
    DecodeError,
    Decoder,
    Parameter,
    Property,
    Varying,
)
from netencoders_text.model import tokenizer_of
from netencoders_text.parameters import MODEL
from netencoders_text.tokenizer import ModelError, library

__all__ = ["SubwordDecoder"]

_MAX_BYTES: Final = 2**28
"""The largest text that tokens may give."""


class SubwordDecoder(Decoder):
    """SubwordTokens: the text of the ids of a tokenizer.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    References
    ----------
    Rule A167 in docs/decisions.md.

    Examples
    --------
    >>> import json
    >>> from netencoders import NetDecoder
    >>> model = {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1, "b": 2}, "unk_token": "[UNK]"}
    >>> file = {"version": "1.0", "added_tokens": [], "model": model}
    >>> decoder = NetDecoder("SubwordTokens", json.dumps(file).encode())
    >>> decoder([2, 1]), decoder([2, 1], "Tokens")
    ('b a', ['b', 'a'])
    """

    name = "SubwordTokens"
    parameters = (MODEL,)
    positional: ClassVar[tuple[str, ...]] = ("Model",)
    properties = (
        Property(
            "Text",
            "the text",
            (
                Parameter(
                    "SkipSpecialTokens",
                    Boolean(),
                    default=True,
                    known_as=("skip_special_tokens",),
                    doc="whether special tokens, such as padding, are left out",
                ),
            ),
        ),
        Property("Tokens", "a list of the tokens, as the vocabulary has them"),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._tokenizer = tokenizer_of(resolved["Model"])

    def input(self) -> ArraySpec:
        """Return the form of a sequence of ids."""
        high = self._tokenizer.high
        return ArraySpec((Varying,), "int64", (Axis("token"),), minimum=0, low=0, high=high)

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return the text or the tokens of some ids.

        Raises
        ------
        DecodeError
            An id has no token, or the text is too large or cannot be made.
        """
        ids: list[int] = array.tolist()
        found = {code: self._tokenizer.token(code) for code in set(ids)}
        missing = next((code for code in ids if found[code] is None), None)
        if missing is not None:
            raise DecodeError(
                f"the code {missing} at position {ids.index(missing)} has no token",
                code="unknown-code",
                remedy="check that the ids are of this tokenizer",
            )
        tokens = [str(found[code]) for code in ids]
        if name == "Tokens":
            return tokens
        sizes = {code: len(str(token).encode()) for code, token in found.items()}
        if sum(sizes[code] for code in ids) * self._tokenizer.decoded_growth > _MAX_BYTES:
            raise DecodeError(
                f"the text may have more than {_MAX_BYTES} bytes, the limit",
                code="limit-exceeded",
                remedy="decode fewer ids at once",
            )
        try:
            return self._tokenizer.decode(ids, skip=options["SkipSpecialTokens"])
        except ModelError as problem:
            raise DecodeError(
                str(problem), code="tokenizer-failed", remedy="ask for the property Tokens"
            ) from None

    def encoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the encoder SubwordTokens of the same file."""
        return "SubwordTokens", {"Model": self.resolved["Model"]}

    def libraries(self) -> Mapping[str, str]:
        """Return the version of the library that reads the model."""
        name = "tokenizers" if self._tokenizer.kind == "tokenizer.json" else "sentencepiece"
        return {name: str(library(name).__version__)}

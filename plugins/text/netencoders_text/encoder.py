"""SubwordEncoder: the encoder "SubwordTokens", which turns a text into the ids of a tokenizer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from netencoders import All, ArraySpec, Axis, EncodeError, Encoder, Varying
from netencoders.outputs import Encoded
from netencoders.policies import current
from netencoders_text.model import tokenizer_of
from netencoders_text.parameters import SUBWORDS, problems
from netencoders_text.tokenizer import ModelError, Pieces, Tokenizer, UnknownTokenError, library

__all__ = ["MAX_BYTES", "SubwordEncoder"]

MAX_BYTES: Final = 2**22
"""The largest text in bytes of UTF-8: its tokens take some 1 GB. The policy ``text.max_bytes``."""

_NORMALIZED: Final = 4  # a text may grow to that many times the limit by normalization
_PART: Final = 2**14  # characters whose normalization is measured at once
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_WORDS: Final = (
    "hello", "world", "Straße", "été", "мир", "שלום", "سلام", "世界", "한글", "🙂", "e\u0301", "x1",
)  # fmt: skip


class SubwordEncoder(Encoder):
    """SubwordTokens: the ids of the subword tokens of a text, by the file of a tokenizer.

    Output: int64, shape (n,), for n tokens. With several Outputs, a dict of such arrays.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    References
    ----------
    Rules A164 to A166 in docs/decisions.md.

    Examples
    --------
    >>> import json
    >>> from netencoders import NetEncoder
    >>> model = {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1, "b": 2}, "unk_token": "[UNK]"}
    >>> file = {"version": "1.0", "added_tokens": [], "model": model,
    ...         "pre_tokenizer": {"type": "Whitespace"}}
    >>> NetEncoder("SubwordTokens", json.dumps(file).encode())("b a c")
    array([2, 1, 0])
    """

    name = "SubwordTokens"
    parameters = SUBWORDS
    inputs = ("text",)
    positional: ClassVar[tuple[str, ...]] = ("Model",)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        tokenizer = tokenizer_of(resolved["Model"])
        length = resolved["TargetLength"]
        self._length: int | None = None if length is All else length
        if self._length is not None and resolved["TargetSide"] is not None:
            tokenizer = tokenizer.cut_to(self._length, resolved["TargetSide"])
        self._tokenizer: Tokenizer = tokenizer

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each parameter that does not fit another."""
        return problems(resolved)

    def output(self) -> ArraySpec | Mapping[str, ArraySpec]:
        """Return the form of the ids, or of each array."""
        size = Varying if self._length is None else self._length
        padding = self.resolved["PaddingCode"]
        highs = {
            "input_ids": max(self._tokenizer.high, padding or 0),
            "attention_mask": 1,
            "token_type_ids": 2**31 - 1,
        }
        forms = {
            name: ArraySpec((size,), "int64", (Axis("token"),), minimum=0, low=0, high=highs[name])
            for name in self.resolved["Outputs"]
        }
        return forms if len(forms) > 1 else next(iter(forms.values()))

    def prepare(self) -> None:
        """Import the library of the model."""
        library("tokenizers" if self._tokenizer.kind == "tokenizer.json" else "sentencepiece")

    def encode(self, value: Any) -> Encoded:
        """Return the ids of a text.

        Raises
        ------
        EncodeError
            The text is too large or too long, has a lone surrogate, or has no tokens.
        """
        text = str.__str__(value)  # not str(): members of an enum define their own __str__
        self._check_size(text)
        try:
            pieces = self._tokenizer.encode(text, self.resolved["AddSpecialTokens"])
        except ModelError as problem:
            raise _failure(problem, text) from None
        arrays = self._arrays(pieces, _name(text))
        names = self.resolved["Outputs"]
        return {name: arrays[name] for name in names} if len(names) > 1 else arrays[names[0]]

    def _check_size(self, text: str) -> None:
        """Check that a text is Unicode, and that its tokens need a bounded memory.

        Raises
        ------
        EncodeError
            It is not, or they do not.
        """
        limit = current("text.max_bytes", MAX_BYTES)
        size = len(text) if text.isascii() or len(text) > limit else 0
        if not size:
            if found := _SURROGATE.search(text):
                raise EncodeError(
                    f"the character U+{ord(found[0]):04X} at position {found.start()} is half of a "
                    "surrogate pair",
                    code="malformed",
                    source=_name(text),
                    remedy="decode the text again, with the encoding that it was written in",
                )
            size = len(text.encode())
        if size > limit:
            raise _too_large(text, f"it has more than {limit} bytes of UTF-8, the limit")
        if size * self._tokenizer.growth <= _NORMALIZED * limit:
            return
        size = 0
        try:
            for start in range(0, len(text), _PART):
                size += len(self._tokenizer.normalized(text[start : start + _PART]).encode())
                if size > _NORMALIZED * limit:
                    most = _NORMALIZED * limit
                    raise _too_large(text, f"its normalization has more than {most} bytes")
        except ModelError as problem:
            raise _failure(problem, text) from None

    def _arrays(self, pieces: Pieces, source: str) -> dict[str, npt.NDArray[np.int64]]:
        ids = np.array(pieces.ids, np.int64)
        types = np.array(pieces.types, np.int64)
        mask = np.ones(len(ids), np.int64)
        if self._length is not None:
            if len(ids) > self._length:  # TargetSide is None, or the text is cut already
                raise EncodeError(
                    f"it has {len(ids)} tokens, more than TargetLength {self._length}, and "
                    "TargetSide is None",
                    code="too-long",
                    source=source,
                    remedy="divide the text, or set TargetSide='Start', which cuts its end",
                )
            missing = self._length - len(ids)
            padding = self.resolved["PaddingCode"]
            if missing and padding is None:
                raise EncodeError(
                    f"it has {len(ids)} tokens, fewer than TargetLength {self._length}, and "
                    "PaddingCode is None",
                    code="too-short",
                    source=source,
                    remedy="set PaddingCode",
                )
            width = (missing, 0) if self.resolved["PaddingSide"] == "Start" else (0, missing)
            ids = np.pad(ids, width, constant_values=padding or 0)
            types, mask = np.pad(types, width), np.pad(mask, width)
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}

    def decoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the decoder SubwordTokens of the same file."""
        return "SubwordTokens", {"Model": self.resolved["Model"]}

    def probe_signals(self) -> Mapping[str, int]:
        """Return the signal Words: a text of words of several scripts."""
        return {"Words": 24}

    def probe_input(self, signal: str, length: int) -> str:
        """Return a text of some words."""
        return " ".join(_WORDS[place * 7 % len(_WORDS)] for place in range(length))

    def libraries(self) -> Mapping[str, str]:
        """Return the version of the library that reads the model."""
        name = "tokenizers" if self._tokenizer.kind == "tokenizer.json" else "sentencepiece"
        return {name: str(library(name).__version__)}


def _name(text: str) -> str:
    return f"a text of {len(text)} characters"


def _too_large(text: str, problem: str) -> EncodeError:
    return EncodeError(
        problem,
        code="limit-exceeded",
        source=_name(text),
        remedy="divide the text, or raise the policy text.max_bytes",
    )


def _failure(problem: ModelError, text: str) -> EncodeError:
    if isinstance(problem, UnknownTokenError):
        return EncodeError(
            str(problem),
            code="unknown-token",
            source=_name(text),
            remedy="use a tokenizer with a token for unknown characters, or with bytes",
        )
    return EncodeError(
        str(problem), code="tokenizer-failed", source=_name(text), remedy="check its file"
    )

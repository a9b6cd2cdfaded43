"""The parameters of the encoder and the decoder SubwordTokens."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from netencoders import (
    All,
    Automatic,
    Boolean,
    Choice,
    Content,
    Integer,
    ListOf,
    Parameter,
    RefusedError,
    Text,
    Union,
    ValueType,
)
from netencoders.parameters import short
from netencoders_text.model import TokenizerModel, tokenizer_of

__all__ = ["MODEL", "OUTPUTS", "SUBWORDS", "TokenCode", "problems"]

OUTPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
_MAX_CODE: Final = 2**31 - 1
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class TokenCode(ValueType):
    """The code of a token: an integer, a token of the model, which resolves to its id, or None.

    Examples
    --------
    >>> TokenCode().check("[PAD]"), TokenCode().check(0)
    ('[PAD]', 0)
    """

    depends = ("Model",)

    def check(self, value: Any) -> int | str | None:
        """Return an integer, a text or None."""
        if value is None:
            return None
        if isinstance(value, str):
            text: str = Text().check(value)
            if _SURROGATE.search(text):
                raise RefusedError
            return text
        if isinstance(value, bool | np.bool_):
            raise RefusedError
        try:
            number = operator.index(value)
        except TypeError:
            raise RefusedError from None
        if not 0 <= number <= _MAX_CODE:
            raise RefusedError
        return number

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> int | None:
        """Return the id of a token."""
        if not isinstance(value, str):
            return value if value is None else int(value)
        code = tokenizer_of(depends["Model"]).code(value)
        if code is None:
            raise RefusedError(f"The model has no token {short(value)}.")
        return code

    def describe(self) -> tuple[str, ...]:
        """Return the alternatives."""
        return ("None", f"an integer from 0 to {_MAX_CODE}", "a token of Model")

    def schema(self) -> dict[str, Any]:
        """Return the type as JSON Schema."""
        number = {"type": "integer", "minimum": 0, "maximum": _MAX_CODE}
        return {"anyOf": [{"type": "null"}, number, {"type": "string"}]}

    def examples(self) -> list[Any]:
        """Return codes."""
        return [0, None, 7, _MAX_CODE]

    def counterexamples(self) -> list[Any]:
        """Return values that are no codes."""
        return [-1, _MAX_CODE + 1, True, 1.5, "\ud800", [0]]


def _padding(model: Content, length: Any) -> int | None:
    return None if length is All else tokenizer_of(model).padding


MODEL: Final = Parameter(
    "Model",
    TokenizerModel(),
    known_as=("tokenizer_file", "vocab_file", "model_file"),
    doc="the tokenizer: a tokenizer.json, or a SentencePiece model",
)

SUBWORDS: Final = (
    MODEL,
    Parameter(
        "AddSpecialTokens",
        Union(Boolean(), Choice("Start", "End", "Both")),
        default=Automatic,
        automatic=lambda Model: tokenizer_of(Model).kind == "tokenizer.json",  # noqa: N803 - below
        known_as=("add_special_tokens", "add_bos", "add_eos"),
        doc="whether special tokens are added, which a tokenizer.json states; for a SentencePiece "
        "model, its token for the start of a text (Start), for the end (End), or Both",
    ),
    Parameter(
        "Outputs",
        ListOf(Choice(*OUTPUTS), min_length=1, max_length=len(OUTPUTS)),
        default=OUTPUTS[:1],
        neutral=OUTPUTS[:1],
        known_as=("return_attention_mask", "return_token_type_ids"),
        doc="the arrays, by the names of the inputs of models; one is returned alone, several are "
        "a dict",
    ),
    Parameter(
        "TargetLength",
        Union(Choice(All), Integer(1, 10_000_000)),
        default=All,
        neutral=All,
        known_as=("max_length", "maxlen", "sequence_length", "model_max_length"),
        doc="the number of tokens, with the special ones: longer texts are cut, and shorter ones "
        "padded; All keeps each text",
    ),
    Parameter(
        "TargetSide",
        Choice("Start", None, "End"),
        default="Start",
        neutral="Start",
        known_as=("truncation_side", "truncation"),
        doc="the part of a longer text that TargetLength keeps: the first tokens (Start), or the "
        "last (End); None refuses a longer text",
    ),
    Parameter(
        "PaddingCode",
        TokenCode(),
        default=Automatic,
        automatic=lambda Model, TargetLength: _padding(Model, TargetLength),  # noqa: N803 - below
        neutral=None,
        known_as=("pad_token_id", "pad_id", "pad_token"),
        doc="the code that fills a text up to TargetLength: a number or a token; Automatic is that "
        "of the file, or None; None refuses such a text",
    ),
    Parameter(
        "PaddingSide",
        Choice("Start", "End"),
        default=Automatic,
        # The arguments of a rule have the names of parameters.
        automatic=lambda Model: tokenizer_of(Model).padding_side or "End",  # noqa: N803
        neutral="End",
        known_as=("padding_side",),
        doc="the side of PaddingCode; Automatic is that of the file, or End",
    ),
)


def problems(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each parameter that does not fit another."""
    found = []
    tokenizer = tokenizer_of(resolved["Model"])
    special, outputs = resolved["AddSpecialTokens"], resolved["Outputs"]
    if problem := tokenizer.special_problem(special):
        found.append(f"'AddSpecialTokens' {problem}. Got {special!r}.")
    twice = sorted({name for name in outputs if outputs.count(name) > 1})
    if twice:
        found.append(f"'Outputs' must have each name once. It has {twice[0]!r} more than once.")
    if "token_type_ids" in outputs and tokenizer.kind != "tokenizer.json":
        found.append(
            f"'Outputs' must not have 'token_type_ids' for a {tokenizer.kind}, which has no types."
        )
    least = tokenizer.special_count(special)
    length = resolved["TargetLength"]
    if not problem and length is not All and length < least:
        found.append(
            f"'TargetLength' must be at least {least}, the number of special tokens. Got {length}."
        )
    return found

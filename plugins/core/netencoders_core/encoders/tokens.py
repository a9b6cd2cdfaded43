"""The encoder Tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import Automatic, Boolean, EncodeError, Labels, Parameter
from netencoders.parameters import short
from netencoders_core.codes import (
    FORM,
    PADDING_DOC,
    UNKNOWN_DOC,
    Code,
    padding_after,
    similar,
)
from netencoders_core.encoders.characters import unicode_version
from netencoders_core.encoders.texts import TARGET_LENGTH, TextEncoder
from netencoders_core.splitting import SPLITTING, tokens_of
from netencoders_core.text_input import NORMALIZATION

__all__ = ["Tokens"]

_BLOCK: Final = 2**16
"""Tokens that are looked up at once."""


class Tokens(TextEncoder):
    """Codes of the tokens of a text, by their places in a vocabulary, counted from 0.

    Output: int64, shape (n,), for n tokens; with Form ``"IndicatorVector"`` float32, shape
    (n, codes).

    The rule is A159.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> encoder = NetEncoder("Tokens", ["[UNK]", "the", "cat", "."], UnknownCode="[UNK]")
    >>> encoder("the black cat.")
    array([1, 0, 2, 3])
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
        SPLITTING,
        Parameter(
            "IgnoreCase",
            Boolean(),
            default=False,
            neutral=False,
            known_as=("lowercase", "do_lower_case"),
            doc="whether tokens are compared without their case",
        ),
        NORMALIZATION,
        Parameter(
            "UnknownCode",
            Code("Labels"),
            default=None,
            automatic=lambda Labels: len(Labels),  # noqa: N803 - as below
            neutral=None,
            known_as=("unk_token_id", "oov_token"),
            doc=UNKNOWN_DOC,
        ),
        TARGET_LENGTH,
        Parameter(
            "PaddingCode",
            Code("Labels"),
            default=Automatic,
            automatic=lambda Labels, UnknownCode, TargetLength: padding_after(  # noqa: N803
                len(Labels), UnknownCode, TargetLength
            ),
            neutral=None,
            known_as=("pad_token_id", "pad_id"),
            doc=PADDING_DOC,
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._folds: bool = resolved["IgnoreCase"]
        self._places = {
            label.casefold() if self._folds else label: place
            for place, label in enumerate(resolved["Labels"])
        }

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the pair of labels that IgnoreCase makes one."""
        if not resolved["IgnoreCase"]:
            return []
        seen: dict[str, str] = {}
        for label in resolved["Labels"]:
            other = seen.setdefault(label.casefold(), label)
            if other != label:
                text = (
                    f"'Labels' has {short(other)} and {short(label)}, which are one token with "
                    "IgnoreCase=True: remove one of them."
                )
                return [text]
        return []

    def count(self) -> int:
        """Return the number of labels."""
        return len(self.resolved["Labels"])

    def codes(self, text: str) -> Iterator[npt.NDArray[np.int64]]:
        """Yield the codes of the tokens."""
        found = self._each(text)
        while len(codes := np.fromiter(islice(found, _BLOCK), np.int64)):
            yield codes

    def _each(self, text: str) -> Iterator[int]:
        places, unknown = self._places, self.resolved["UnknownCode"]
        for number, token in enumerate(tokens_of(text, self.resolved["Splitting"])):
            place = places.get(token.casefold() if self._folds else token, unknown)
            if place is None:
                labels = self.resolved["Labels"]
                raise EncodeError(
                    f"the token {short(token)}, number {number}, is not one of the {len(labels)} "
                    f"labels.{similar(token, labels)}",
                    code="unknown-label",
                    remedy="add it to Labels, or set UnknownCode",
                )
            yield place

    def decoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the decoder Tokens with the same codes."""
        names = ("Labels", "Form", "UnknownCode", "PaddingCode")
        rule = self.resolved["Splitting"]
        separator = rule[1] if isinstance(rule, tuple) else " "
        return "Tokens", {**{name: self.resolved[name] for name in names}, "Separator": separator}

    def probe_input(self, signal: str, length: int) -> str:
        """Return a text of the labels; a label that is not one token by itself gives others."""
        labels, rule = self.resolved["Labels"], self.resolved["Splitting"]
        separator = rule[1] if isinstance(rule, tuple) else " "
        whole = [label for label in labels if list(tokens_of(label, rule)) == [label]]
        if not whole:
            return ""
        return separator.join(whole[place * 7 % len(whole)] for place in range(length))

    def libraries(self) -> Mapping[str, str]:
        """Return the version of Unicode, which words, case and normalization depend on."""
        return unicode_version()

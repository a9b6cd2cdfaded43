"""TokenizerModel: the type of the file of a tokenizer, and the tokenizer that it gives."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from netencoders import Asset, Content, FileContent, RefusedError
from netencoders.values.base import Keep
from netencoders_text.sentence_piece import SentencePiece
from netencoders_text.tokenizer import ModelError, Tokenizer
from netencoders_text.tokenizer_json import TokenizerJson

__all__ = ["TokenizerModel", "tokenizer_of"]

_EXAMPLE: Final = (
    b'{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,'
    b'"pre_tokenizer":{"type":"Whitespace"},"post_processor":null,"decoder":null,"model":{"type":'
    b'"WordLevel","vocab":{"[UNK]":0,"hello":1,"world":2},"unk_token":"[UNK]"}}'
)


class TokenizerModel(FileContent):
    """The file of a tokenizer: a tokenizer.json, or a SentencePiece model, as an Asset or as bytes.

    Examples
    --------
    >>> TokenizerModel()
    TokenizerModel(an Asset (.json or .model), bytes)
    """

    def __init__(self) -> None:
        super().__init__((".json", ".model"), example=_EXAMPLE)

    def check(self, value: Any) -> Content:
        """Return the content, if a library reads it as a tokenizer."""
        content = super().check(value)
        try:
            tokenizer_of(content)
        except ModelError as problem:
            text = str(problem).rstrip(".")
            text = f"{text[:1].upper()}{text[1:]}."
            if isinstance(value, Asset):
                text = f"{value.place}: {text[:1].lower()}{text[1:]}"
            raise RefusedError(text) from None
        return content

    def beside(self, value: Any, keep: Keep) -> dict[str, str]:
        """Keep the content in a file whose suffix fits."""
        return keep(".json" if _is_json(value.data) else ".model", value.data)

    def counterexamples(self) -> list[Any]:
        """Return other values, and contents that are no tokenizers."""
        return [*super().counterexamples(), b"", b"{}", b'{"model": 1}', b"\x00", b"\xff" * 9]


@lru_cache(maxsize=4)
def tokenizer_of(content: Content) -> Tokenizer:
    """Return the tokenizer of a content. The largest take seconds to read, so some are kept.

    Raises
    ------
    ModelError
        The content is no tokenizer, or a library is missing.
    """
    return (TokenizerJson if _is_json(content.data) else SentencePiece)(content.data)


def _is_json(data: bytes) -> bool:
    """Return whether a content begins as an object in JSON, as no SentencePiece model does."""
    return re.match(rb'\s*\{\s*["}]', data) is not None

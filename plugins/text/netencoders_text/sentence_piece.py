"""SentencePiece: the tokenizer of a .model file, by the library sentencepiece."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from netencoders_text.charsmap import charsmap_of_model, growth_of_rules
from netencoders_text.growing import MAX_GROWTH
from netencoders_text.tokenizer import ModelError, Pieces, Tokenizer, library

__all__ = ["SentencePiece"]


class SentencePiece(Tokenizer):
    """The tokenizer of a SentencePiece model.

    Parameters
    ----------
    content : bytes
        The content of the file.

    Raises
    ------
    ModelError
        It is no SentencePiece model.
    """

    kind = "SentencePiece model"

    def __init__(self, content: bytes) -> None:
        module = library("sentencepiece")
        # The library reads an empty content without an error, and logs to stderr later.
        head = "it is no object in JSON, and not read as a SentencePiece model: "
        size = 0
        if content:
            with _library_errors(head):
                self._model: Any = module.SentencePieceProcessor(model_proto=content)
                size = self._model.vocab_size()
        if size < 1:
            raise ModelError(f"{head}it has no pieces")
        self.growth = max(1, growth_of_rules(charsmap_of_model(content)))
        if self.growth > MAX_GROWTH:
            raise ModelError(
                f"Its normalization may make {self.growth} bytes of one byte, and the limit is "
                f"{MAX_GROWTH}."
            )
        if len(self._model.decode([max(0, self._model.unk_id())])) > MAX_GROWTH:
            raise ModelError(
                f"Its text for unknown characters has more than {MAX_GROWTH} characters."
            )
        self.high = size - 1
        self._bos: int = self._model.bos_id()
        self._eos: int = self._model.eos_id()
        padding = self._model.pad_id()
        self.padding = padding if padding >= 0 else None
        self._length: int | None = None
        self._keep = "Start"

    def special_problem(self, special: bool | str) -> str:
        """Return why the value of AddSpecialTokens does not fit, or an empty text."""
        if special is True:
            return (
                "must be False, 'Start', 'End' or 'Both' for a SentencePiece model, which does not "
                "state the tokens that a text gets"
            )
        for side, code in (("Start", self._bos), ("End", self._eos)):
            if special in (side, "Both") and code < 0:
                return f"must leave out the {side.lower()}, for which the model has no token"
        return ""

    def special_count(self, special: bool | str) -> int:
        """Return the number of special tokens that are added to each text."""
        return {"Start": 1, "End": 1, "Both": 2}.get(str(special), 0)

    def cut_to(self, length: int, keep: str) -> SentencePiece:
        """Return a tokenizer that keeps at most `length` tokens of a text, at the side `keep`."""
        cut = copy.copy(self)
        cut._length, cut._keep = length, keep
        return cut

    def normalized(self, text: str) -> str:
        """Return a text after the normalization of the file."""
        with _library_errors():
            result: str = self._model.normalize(text)
            return result

    def encode(self, text: str, special: bool | str) -> Pieces:
        """Return the tokens of a text."""
        with _library_errors():
            ids: list[int] = self._model.encode(text, out_type=int)
        if self._length is not None:
            kept = self._length - self.special_count(special)
            ids = ids[:kept] if self._keep == "Start" else ids[max(0, len(ids) - kept) :]
        if special in ("Start", "Both"):
            ids = [self._bos, *ids]
        if special in ("End", "Both"):
            ids = [*ids, self._eos]
        return Pieces(ids, [0] * len(ids))

    def decode(self, ids: list[int], *, skip: bool) -> str:
        """Return the text of some ids; control tokens have none."""
        if not skip and any(map(self._model.is_control, ids)):
            raise ModelError("the control tokens of a SentencePiece model have no text")
        with _library_errors():
            text: str = self._model.decode(ids)
            return text

    def token(self, code: int) -> str | None:
        """Return the token of an id, or None if the id has none."""
        token: str | None = self._model.id_to_piece(code) if 0 <= code <= self.high else None
        return token

    def code(self, token: str) -> int | None:
        """Return the id of a token, or None if there is no such token."""
        code: int = self._model.piece_to_id(token)
        return code if self.token(code) == token else None

    def is_special(self, code: int) -> bool:
        """Return whether an id is that of a control token."""
        return bool(self._model.is_control(code))


@contextmanager
def _library_errors(head: str = "the library sentencepiece fails: ") -> Iterator[None]:
    """Raise errors of the library as ModelError.

    Raises
    ------
    ModelError
        The library raises an error.
    """
    try:
        yield
    except Exception as problem:
        text = " ".join(str(problem).split())
        raise ModelError(f"{head}{text:.300}") from None

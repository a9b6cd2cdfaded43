"""Tokenizer: the interface of the tokenizers of both libraries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar

__all__ = ["ModelError", "Pieces", "Tokenizer", "UnknownTokenError", "library"]


class ModelError(Exception):
    """The file of a tokenizer cannot be used, or its library fails. The text is one sentence."""


class UnknownTokenError(ModelError):
    """A part of a text has no token, or an id has none."""


@dataclass(frozen=True)
class Pieces:
    """The tokens of one text.

    Parameters
    ----------
    ids : list of int
    types : list of int
        The type of each token, which models of two texts use.
    """

    ids: list[int]
    types: list[int]


class Tokenizer(ABC):
    """A tokenizer that is read from a file. It does not change, so threads may share it.

    Attributes
    ----------
    kind : str
        The name of the kind in messages.
    high : int
        The largest id.
    padding : int or None
        The id that the file states for padding.
    padding_side : str or None
        The side that the file states for padding: ``"Start"`` or ``"End"``.
    growth, decoded_growth : int
        Bounds of the bytes after normalization for each byte of a text, and of the bytes of a text
        for each byte of its tokens.
    """

    kind: ClassVar[str]
    high: int
    padding: int | None = None
    padding_side: str | None = None
    growth: int = 1
    decoded_growth: int = 1

    @abstractmethod
    def special_problem(self, special: bool | str) -> str:
        """Return why the value of AddSpecialTokens does not fit, or an empty text."""

    @abstractmethod
    def special_count(self, special: bool | str) -> int:
        """Return the number of special tokens that are added to each text."""

    @abstractmethod
    def cut_to(self, length: int, keep: str) -> Tokenizer:
        """Return a tokenizer that keeps at most `length` tokens of a text, at the side `keep`."""

    @abstractmethod
    def normalized(self, text: str) -> str:
        """Return a text after the normalization of the file.

        Raises
        ------
        ModelError
            The library fails.
        """

    @abstractmethod
    def encode(self, text: str, special: bool | str) -> Pieces:
        """Return the tokens of a text.

        Raises
        ------
        ModelError
            A part of the text has no token, or the library fails.
        """

    @abstractmethod
    def decode(self, ids: list[int], *, skip: bool) -> str:
        """Return the text of some ids; `skip` leaves special tokens out.

        Raises
        ------
        ModelError
            The library fails, or the text cannot have special tokens.
        """

    @abstractmethod
    def token(self, code: int) -> str | None:
        """Return the token of an id, or None if the id has none."""

    @abstractmethod
    def code(self, token: str) -> int | None:
        """Return the id of a token, or None if there is no such token."""

    @abstractmethod
    def is_special(self, code: int) -> bool:
        """Return whether an id is that of a special token, such as padding."""


def library(name: str) -> ModuleType:
    """Return one of the libraries, which are imported late because they are an extra.

    Raises
    ------
    ModelError
        It is not installed.
    """
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
        raise ModelError(f'It needs the library {name}: pip install "netencoders[text]".') from None

"""Source: the base class of the kinds of sources."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from netencoders_corpus.items import Item

__all__ = ["Problem", "Source"]


class Problem(NamedTuple):
    """A row of a source that is not valid.

    Attributes
    ----------
    place : str
        The line or the row.
    text : str
        A sentence with the remedy.
    """

    place: str
    text: str


class Source(ABC):
    """The inputs of a corpus, in order.

    Attributes
    ----------
    name : str
        The path of the source, for messages.
    columns : mapping of str to pyarrow type, or None
        The other columns; None if they are known after all items only, and are texts.
    """

    name: str
    columns: Mapping[str, Any] | None = None

    @abstractmethod
    def items(self) -> Iterator[Item | Problem]:
        """Yield each item, or the reason why a row is none; may be called more than once.

        Raises
        ------
        SourceError
            The source as a whole is not valid.
        """

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about files that are no inputs, after all items were read."""
        return ()

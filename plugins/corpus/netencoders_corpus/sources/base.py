"""Source: the base class of the kinds of sources."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from netencoders_corpus.items import Item

__all__ = ["Problem", "Source"]


class Problem(NamedTuple):
    """A row of a source that is not valid. `encode` lists the problems before any work.

    Attributes
    ----------
    place : str
        The line or the row, such as ``"line 3"``; an empty text for the source as a whole.
    text : str
        A sentence with the remedy.
    """

    place: str
    text: str


class Source(ABC):
    """The inputs of a corpus, in order: the base class of all kinds, and of your own.

    A class of your own defines `name` and `items`, and `encode` takes its instances. It checks all
    items first, and encodes them afterwards. Up to 65536 items are held in memory; if there are
    more, `encode` calls `items` twice, and both calls must give the same items. So `items` should
    be a generator.

    Attributes
    ----------
    name : str
        The path of the source, for messages.
    columns : mapping of str to pyarrow type, or None
        The columns that items have beside those of corpora, with their types. None if they are
        known after all items only: they are then texts, and values that are no texts become JSON.

    See Also
    --------
    open_source : The source of a folder or a manifest.

    Examples
    --------
    >>> from netencoders_corpus import Item, Source
    >>> class Numbered(Source):
    ...     '''The files 0.wav, 1.wav, ... of a folder.'''
    ...
    ...     columns = {}
    ...
    ...     def __init__(self, folder, count):
    ...         self.name, self._count = folder, count
    ...
    ...     def items(self):
    ...         for number in range(self._count):
    ...             yield Item(str(number), f"{number}.wav", f"{self.name}/{number}.wav")
    >>> [item.id for item in Numbered("calls", 3).items()]
    ['0', '1', '2']
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

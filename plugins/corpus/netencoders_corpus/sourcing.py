"""Sourcing: reads a source as a whole, before any work, and lists all of its problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from netencoders.errors import printable
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.errors import SourceError
from netencoders_corpus.index import Index
from netencoders_corpus.items import Item
from netencoders_corpus.locks import Part
from netencoders_corpus.rows import COLUMNS
from netencoders_corpus.sources import Problem, Source

__all__ = ["Content", "items_of", "read_source"]

LISTED: Final = 20  # problems of a source
SEEN_AT_ONCE: Final = 10_000  # ids in one transaction

HELD_ITEMS: Final = 1 << 16
HELD_TEXT: Final = 1 << 25
"""The items of a source of at most 65536 items and 32 Mi characters are held, and read once."""


@dataclass(frozen=True)
class Content:
    """The content of a source.

    Attributes
    ----------
    total : int
        The number of its items, or of those of a part.
    columns : mapping of str to pyarrow type
        The columns that the corpus passes through.
    held : list of Item, or None
        All items, if they are few: the source need not be read again.
    """

    total: int
    columns: Mapping[str, Any]
    held: list[Item] | None


def read_source(source: Source, part: Part, index: Index) -> Content:
    """Read a source once, and mark its ids in an index.

    Raises
    ------
    SourceError
        It lists every problem.
    """
    problems: list[tuple[str, str]] = []
    count = total = 0
    names: dict[str, None] = {}
    batch: dict[str, str] = {}
    held = _Held()

    def found(place: str, text: str) -> None:
        nonlocal count
        count += 1
        if len(problems) < LISTED:
            problems.append((place, text))

    def twice(identity: str, place: str) -> None:
        found(place, f"the id {printable(repr(identity))} is given twice: make ids unique.")

    def mark() -> None:
        for identity in index.see(batch):
            twice(identity, batch[identity])
        batch.clear()

    for item in source.items():
        if isinstance(item, Problem):
            found(*item)
            continue
        if source.columns is None:
            names.update(dict.fromkeys(item.columns))
        if not part.has(item.id):
            continue
        total += 1
        held.add(item)
        if item.id in batch:
            twice(item.id, item.place)
        batch[item.id] = item.place
        if len(batch) == SEEN_AT_ONCE:
            mark()
    mark()
    columns = source.columns
    if columns is None:
        columns = dict.fromkeys(names, pyarrow().string())
    for name in columns:
        if name in COLUMNS:
            found("", f"the column {name!r} has the name of a column of corpora: rename it.")
    if not count and not total and part.count == 1:
        left_out = "".join(f" ({note})" for note in source.notes)
        remedy = "check the path, and the suffixes of the files"
        if left_out:
            remedy += ". A folder gives recordings: for others, give a pattern such as 'in/*.png'"
        found("", f"it has no inputs{left_out}: {remedy}.")
    if problems:
        raise SourceError(source.name, problems, count - len(problems))
    return Content(total, columns, held.items)


class _Held:
    """Holds items while they are few.

    Attributes
    ----------
    items : list of Item, or None
        None if there were too many.
    """

    def __init__(self) -> None:
        self.items: list[Item] | None = []
        self._text = 0

    def add(self, item: Item) -> None:
        """Hold another item, or release all."""
        if self.items is None:
            return
        self.items.append(item)
        self._text += len(item.id) + len(item.source) + len(item.path)
        for value in item.columns.values():
            if isinstance(value, str):
                self._text += len(value)
            elif not (value is None or isinstance(value, int | float)):
                self._text += HELD_TEXT  # of unknown size, such as a list
        if len(self.items) > HELD_ITEMS or self._text > HELD_TEXT:
            self.items = None


def items_of(source: Source, part: Part, content: Content) -> Iterator[Item]:
    """Return the items of a part of a source, from memory or by another reading.

    Parameters
    ----------
    source : Source
    part : Part
    content : Content
        As `read_source` has returned it.

    Raises
    ------
    SourceError
        The source has changed since then.
    """
    return _read_again(source, part) if content.held is None else iter(content.held)


def _read_again(source: Source, part: Part) -> Iterator[Item]:
    for item in source.items():
        if isinstance(item, Problem):
            raise SourceError(source.name, [item])
        if part.has(item.id):
            yield item

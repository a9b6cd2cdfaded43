"""Verification: encodes rows of a corpus again, and compares the bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Literal

import numpy as np

from netencoders import EncodeError, NetEncoder
from netencoders.errors import printable
from netencoders_corpus.corpus import Corpus, CorpusRow
from netencoders_corpus.description import STANDARD_INPUT
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.items import Item, content_of, input_of, of_item
from netencoders_corpus.sources import Source, open_source

__all__ = ["Compared", "verify"]


@dataclass(frozen=True)
class Compared:
    """A row that was encoded again.

    Attributes
    ----------
    id : str
    state : {"equal", "different", "changed", "gone"}
        The bits are equal, or not; or the file has changed since the row was made, or the source
        has no such item: neither is compared.
    text : str
        The difference.
    """

    id: str
    state: Literal["equal", "different", "changed", "gone"]
    text: str = ""


def verify(
    corpus: Corpus | str | PathLike[str],
    rows: int = 20,
    *,
    seed: int = 0,
    source: str | PathLike[str] | Source | None = None,
    column: str | None = None,
) -> list[Compared]:
    """Encode some rows of a corpus again, and compare the bits of their arrays, or their codes.

    Parameters
    ----------
    corpus : Corpus, str or path-like
    rows : int
        The number of rows, which are chosen by `numpy.random.default_rng` (seed) from the ids in
        sorted order: a seed chooses the same rows again.
    seed : int
    source : str, path-like or Source, optional
        The source; by default the one that corpus.json names.
    column : str, optional
        As for `encode`.

    Returns
    -------
    list of Compared
        In the order of the ids.

    Raises
    ------
    CorpusError, SourceError
        The corpus or the source cannot be read, or the encoder has changed.
    """
    corpus = corpus if isinstance(corpus, Corpus) else Corpus(corpus)
    if type(rows) is not int or rows < 1:
        raise CorpusError(f"rows must be an integer >= 1. Got {rows!r}.")
    given = corpus.description.source if source is None else source
    if source is None and given == STANDARD_INPUT:
        raise CorpusError(
            f"{printable(str(corpus.folder))}: its source was a list on standard input. Name the "
            "source: netencoders corpus verify DIR SOURCE (source=)."
        )
    opened = given if isinstance(given, Source) else open_source(given, column=column)
    ids = sorted(corpus.ids)
    chosen = np.random.default_rng(seed).choice(len(ids), min(rows, len(ids)), replace=False)
    wanted = {ids[index]: None for index in sorted(chosen.tolist())}
    found = {item.id: item for item in _items(opened, wanted)}
    encoder = corpus.encoder
    results = []
    for identity in wanted:
        item = found.get(identity)
        if item is None:
            results.append(Compared(identity, "gone", "the source has no such item"))
        else:
            results.append(_compared(corpus, corpus[identity], item, encoder))
    return results


def _items(source: Source, wanted: dict[str, None]) -> Iterator[Item]:
    for item in source.items():
        if isinstance(item, Item) and item.id in wanted:
            yield item


def _compared(corpus: Corpus, row: CorpusRow, item: Item, encoder: NetEncoder) -> Compared:
    if content_of(item, corpus.description.content) != row.columns["content"]:
        return Compared(row.id, "changed", "the file has changed since the row was made")
    layout = corpus.layout
    try:
        with of_item(item, encoder):
            array = layout.restored(layout.flat(encoder._encode(input_of(item, encoder))))
    except EncodeError as problem:
        if row.code == problem.code:
            return Compared(row.id, "equal", f"failed as before: {problem.code}")
        return Compared(row.id, "different", f"{row.code or 'an array'} before, {problem} now")
    if row.array is None:
        return Compared(row.id, "different", f"{row.code} before, an array now")
    if array.shape != row.array.shape:
        return Compared(row.id, "different", f"shape {row.array.shape} before, {array.shape} now")
    count = int((array.view(_bits(array)) != row.array.view(_bits(row.array))).sum())
    if count:
        return Compared(row.id, "different", f"{count} of {array.size} numbers differ")
    return Compared(row.id, "equal", f"{array.size} numbers")


def _bits(array: np.ndarray) -> str:
    return f"u{array.itemsize}"

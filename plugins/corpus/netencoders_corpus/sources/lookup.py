"""Lookup: values by key, and sorted names, on disk: a source may have millions of rows.

An SQLite database without a name is a temporary file, which SQLite removes when it is closed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

from netencoders_corpus.databases import Database

__all__ = ["Lookup", "sorted_names"]

IN_MEMORY: Final = 100_000
"""The largest number of names that are sorted in memory."""


class Lookup:
    """Texts by key.

    Parameters
    ----------
    pairs : iterable of (key, value)
        Of a key that is given twice, the first value is kept.

    Attributes
    ----------
    twice : str or None
        The first key that is given twice.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._base = _temporary()
        self._base.execute("CREATE TABLE pairs (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        self.twice: str | None = None
        for pair in pairs:
            added = self._base.execute("INSERT OR IGNORE INTO pairs VALUES (?, ?)", pair)
            if not added.rowcount and self.twice is None:
                self.twice = pair[0]

    def get(self, key: str) -> str | None:
        """Return the value of a key."""
        row = self._base.execute("SELECT value FROM pairs WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Remove the temporary file."""
        self._base.close()


def sorted_names(names: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Return names in the order of their bytes, without holding all of them in memory.

    Parameters
    ----------
    names : iterable of (str, bool)
        Each name, and whether it is that of a folder. All are read before the first is returned.
    """
    rest = iter(names)
    first = list(islice(rest, IN_MEMORY))
    following = next(rest, None)
    if following is not None:
        return _sorted_on_disk(chain(first, [following], rest))
    if all(name.isascii() for name, _ in first):
        return iter(sorted(first))  # the order of the bytes, in a third of the time
    return iter(sorted(first, key=lambda pair: os.fsencode(pair[0])))


def _sorted_on_disk(names: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    base = _temporary()
    try:
        base.execute("CREATE TABLE names (name BLOB PRIMARY KEY, folder INTEGER) WITHOUT ROWID")
        rows = ((os.fsencode(name), is_folder) for name, is_folder in names)
        base.executemany("INSERT INTO names VALUES (?, ?)", rows)
        for name, is_folder in base.execute("SELECT name, folder FROM names ORDER BY name"):
            yield os.fsdecode(name), bool(is_folder)
    finally:
        base.close()


def _temporary() -> sqlite3.Connection:
    base = sqlite3.connect("", isolation_level=None, check_same_thread=False, factory=Database)
    base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    base.execute("PRAGMA cache_size = -16000")
    base.execute("BEGIN")
    return base

"""Lookup: values by key, and sorted names, on disk: a source may have millions of rows.

An SQLite database without a name is a temporary file, which SQLite removes when it is closed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

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


def sorted_names(names: Iterable[str]) -> Iterator[str]:
    """Yield names of files in the order of their bytes, without holding all of them in memory."""
    rest = iter(names)
    first = list(islice(rest, IN_MEMORY))
    following = next(rest, None)
    if following is None:
        yield from sorted(first, key=os.fsencode)
        return
    base = _temporary()
    try:
        base.execute("CREATE TABLE names (name BLOB PRIMARY KEY) WITHOUT ROWID")
        rows = ((os.fsencode(name),) for name in chain(first, [following], rest))
        base.executemany("INSERT INTO names VALUES (?)", rows)
        first.clear()
        for (name,) in base.execute("SELECT name FROM names ORDER BY name"):
            yield os.fsdecode(name)
    finally:
        base.close()


def _temporary() -> sqlite3.Connection:
    base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    base.execute("PRAGMA cache_size = -16000")
    base.execute("BEGIN")
    return base

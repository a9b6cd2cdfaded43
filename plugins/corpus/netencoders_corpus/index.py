"""Index: the id, the key and the shard of each row, in a file that is made from the shards.

The index may be removed at any time: it is made again from the columns id, key and code.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

from netencoders.errors import printable
from netencoders_corpus.errors import CorpusError

__all__ = ["Index", "Known"]

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS shards (name TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, code TEXT, shard TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_shard ON rows (shard);
CREATE TEMP TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Known(NamedTuple):
    """The row of an id in the shards."""

    key: str
    code: str | None
    shard: str


class Index:
    """The rows of one part of a corpus, by id.

    Parameters
    ----------
    path : Path
        The file; it is created.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._open()
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)  # it is made again from the shards
            self._open()

    def _open(self) -> None:
        self._base = sqlite3.connect(self._path, isolation_level=None)
        # A crash may lose the last changes or the file, never a shard: `update` makes it again.
        self._base.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = FILE;"
            "PRAGMA cache_size = -32000;" + SCHEMA
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._base.close()

    def __len__(self) -> int:
        ((count,),) = self._base.execute("SELECT count(*) FROM rows")
        return int(count)

    def update(
        self,
        shards: dict[str, Path],
        read: Callable[[Path], Iterable[tuple[str, str, str | None]]],
    ) -> None:
        """Read the rows of shards that are new or have changed, and forget shards that are gone.

        Parameters
        ----------
        shards : dict of str to Path
            The live shards by name.
        read : callable
            Returns id, key and code of each row of a shard.
        """
        known = dict(self._base.execute("SELECT name, stamp FROM shards"))
        for name in known.keys() - shards.keys():
            self.change({}, [name])
        for name, path in shards.items():
            if known.get(name) != stamp(path):
                self.change({name: (path, read(path))}, [])

    def change(
        self,
        written: dict[str, tuple[Path, Iterable[tuple[str, str, str | None]]]],
        removed: Iterable[str],
    ) -> None:
        """Record that shards were written, with their rows, and others removed."""
        with self._transaction():
            for name in (*removed, *written):
                self._base.execute("DELETE FROM rows WHERE shard = ?", (name,))
                self._base.execute("DELETE FROM shards WHERE name = ?", (name,))
            for name, (path, rows) in written.items():
                self._base.executemany(
                    "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)",
                    ((*row, name) for row in rows),
                )
                self._base.execute("INSERT INTO shards VALUES (?, ?)", (name, stamp(path)))

    def find(self, identity: str) -> Known | None:
        """Return the row of an id."""
        found = self._base.execute("SELECT key, code, shard FROM rows WHERE id = ?", (identity,))
        row = found.fetchone()
        return None if row is None else Known(*row)

    def see(self, identity: str) -> bool:
        """Mark an id as one of the source, and return whether it is the first time."""
        found = self._base.execute("INSERT OR IGNORE INTO seen VALUES (?)", (identity,))
        return found.rowcount == 1

    def see_all(self, identities: Iterable[str]) -> list[str]:
        """Mark ids in one transaction, and return those that were marked before."""
        with self._transaction():
            return [identity for identity in identities if not self.see(identity)]

    def gone(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each shard with rows whose ids were not seen, and these ids."""
        query = "SELECT DISTINCT shard FROM rows WHERE id NOT IN (SELECT id FROM seen)"
        for (shard,) in self._base.execute(query).fetchall():
            ids = self._base.execute(
                "SELECT id FROM rows WHERE shard = ? AND id NOT IN (SELECT id FROM seen)", (shard,)
            )
            yield shard, [identity for (identity,) in ids]

    def failures(self) -> dict[str, int]:
        """Return the number of rows of each code of failure."""
        query = "SELECT code, count(*) FROM rows WHERE code IS NOT NULL GROUP BY code ORDER BY code"
        return dict(self._base.execute(query).fetchall())

    def _transaction(self) -> _Transaction:
        return _Transaction(self._base, self._path)


class _Transaction:
    """Commits at the end of the block, or rolls back."""

    def __init__(self, base: sqlite3.Connection, path: Path) -> None:
        self._base, self._path = base, path

    def __enter__(self) -> None:
        self._base.execute("BEGIN")

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            self._base.execute("ROLLBACK" if kind else "COMMIT")
        except sqlite3.OperationalError as problem:
            raise CorpusError(
                f"{printable(str(self._path))}: the index cannot be written: {problem}. Free space "
                "on the disk, and run the command again."
            ) from problem


def stamp(path: Path) -> str:
    """Return a text that changes when a file is replaced."""
    status = os.stat(path)
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"

"""Index: the id, the key and the shard of each row, in a file that is made from the shards.

The index may be removed at any time: it is made again from the columns of the shards.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

from netencoders.errors import printable
from netencoders_corpus.databases import Database
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.reading import ShardPaths

__all__ = ["Index", "Keys", "Known"]

Keys = Iterable[tuple[str, str, str | None, str]]
"""Id, key, code and label of rows; see `rows.labels_of`."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS shards (name TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, code TEXT, label TEXT NOT NULL, shard TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_shard ON rows (shard);
CREATE TEMP TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""

VERSION: Final = 2
"""The form of the tables: a file of another form is made again."""

AT_ONCE: Final = 500  # parameters of a query


class Known(NamedTuple):
    """The row of an id in the shards."""

    key: str
    code: str | None
    label: str
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
            try:
                self._open()
            except sqlite3.DatabaseError:  # damaged
                self._remove()
                self._open()
        except sqlite3.DatabaseError as problem:
            raise self._unwritable(problem) from problem

    def _open(self) -> None:
        self._base = sqlite3.connect(self._path, isolation_level=None, factory=Database)
        try:
            ((version,),) = self._base.execute("PRAGMA user_version")
            ((tables,),) = self._base.execute("SELECT count(*) FROM sqlite_master")
            if tables and version != VERSION:
                self._base.close()
                self._remove()
                self._base = sqlite3.connect(self._path, isolation_level=None, factory=Database)
            # A crash may lose the last changes or the file, never a shard: `update` makes it again.
            self._base.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = FILE;"
                f"PRAGMA cache_size = -32000; PRAGMA user_version = {VERSION};" + SCHEMA
            )
        except BaseException:
            self._base.close()
            raise

    def _remove(self) -> None:
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{self._path}{end}").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(sqlite3.DatabaseError):  # the disk is full: the file is made again
            self._base.close()

    def __len__(self) -> int:
        with self._reported():
            ((count,),) = self._base.execute("SELECT count(*) FROM rows")
            return int(count)

    def update(
        self, shards: Mapping[str, ShardPaths], read: Callable[[ShardPaths], Keys]
    ) -> list[CorpusError]:
        """Read the rows of shards that are new or have changed, and forget shards that are gone.

        Parameters
        ----------
        shards : mapping of str to ShardPaths
            The live shards by name.
        read : callable
            Returns the rows of a shard.

        Returns
        -------
        list of CorpusError
            The errors of the shards that cannot be read.

        Raises
        ------
        CorpusError
            An id is in two shards.
        """
        with self._reported():
            try:
                return self._update(shards, read)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # a page of it is damaged
                self._base.close()
                self._remove()
                self._open()
                return self._update(shards, read)

    def _update(
        self, shards: Mapping[str, ShardPaths], read: Callable[[ShardPaths], Keys]
    ) -> list[CorpusError]:
        known = dict(self._base.execute("SELECT name, stamp FROM shards"))
        changed = [name for name, path in shards.items() if known.get(name) != stamp(path)]
        problems = []
        self._change({}, [*(known.keys() - shards.keys()), *changed])
        for name in changed:
            try:
                self._change({name: (shards[name], read(shards[name]))}, [])
            except CorpusError as problem:
                problems.append(problem)
        return problems

    def change(
        self, written: Mapping[str, tuple[ShardPaths, Keys]], removed: Iterable[str]
    ) -> None:
        """Record that shards were written, with their rows, and others removed.

        Raises
        ------
        CorpusError
            An id is in two shards.
        """
        with self._reported():
            self._change(written, removed)

    def _change(
        self, written: Mapping[str, tuple[ShardPaths, Keys]], removed: Iterable[str]
    ) -> None:
        with self._transaction():
            for name in removed:
                self._base.execute("DELETE FROM rows WHERE shard = ?", (name,))
                self._base.execute("DELETE FROM shards WHERE name = ?", (name,))
            for name, (path, rows) in written.items():
                last = ""

                def values(rows: Keys, name: str) -> Iterator[tuple[str | None, ...]]:
                    nonlocal last
                    for row in rows:
                        last = row[0]
                        yield (*row, name)

                try:
                    self._base.executemany(
                        "INSERT INTO rows VALUES (?, ?, ?, ?, ?)", values(rows, name)
                    )
                except sqlite3.IntegrityError:
                    raise self._twice(last, name) from None
                self._base.execute("INSERT INTO shards VALUES (?, ?)", (name, stamp(path)))

    def _twice(self, identity: str, shard: str) -> CorpusError:
        other = self.find([identity])[identity].shard
        return CorpusError(
            f"{printable(str(self._path.parent))}: the id {printable(identity)} is in the shards "
            f"{other} and {shard}: a shard was copied into the folder. Remove one of them, and run "
            "the command again."
        )

    def find(self, identities: Collection[str]) -> dict[str, Known]:
        """Return the rows of some ids, at most 500, by id."""
        marks = ",".join("?" * len(identities))
        query = f"SELECT id, key, code, label, shard FROM rows WHERE id IN ({marks})"  # noqa: S608 - question marks only
        with self._reported():
            found = self._base.execute(query, [*identities])
            return {identity: Known(*row) for identity, *row in found}

    def shards_of(self, identities: Sequence[str]) -> dict[str, list[str]]:
        """Return the shards of those ids that have rows, with their ids."""
        shards: dict[str, list[str]] = {}
        for start in range(0, len(identities), AT_ONCE):
            for identity, known in self.find(identities[start : start + AT_ONCE]).items():
                shards.setdefault(known.shard, []).append(identity)
        return shards

    def see(self, identities: Collection[str]) -> list[str]:
        """Mark ids as those of the source, and return those that were marked before."""
        with self._reported(), self._transaction():
            before = self._base.execute("SELECT total_changes()").fetchone()
            self._base.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?)", [(each,) for each in identities]
            )
            after = self._base.execute("SELECT total_changes()").fetchone()
            if after[0] - before[0] == len(identities):
                return []
            self._base.execute("ROLLBACK")
            self._base.execute("BEGIN")
            marks = [
                (self._base.execute("INSERT OR IGNORE INTO seen VALUES (?)", (each,)), each)
                for each in identities
            ]
            return [each for mark, each in marks if not mark.rowcount]

    def gone(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each shard with rows whose ids were not seen, and these ids."""
        query = "SELECT DISTINCT shard FROM rows WHERE id NOT IN (SELECT id FROM seen)"
        of_shard = "SELECT id FROM rows WHERE shard = ? AND id NOT IN (SELECT id FROM seen)"
        with self._reported():
            shards = self._base.execute(query).fetchall()
        for (shard,) in shards:
            with self._reported():
                ids = self._base.execute(of_shard, (shard,)).fetchall()
            yield shard, [identity for (identity,) in ids]

    def failures(self) -> dict[str, int]:
        """Return the number of rows of each code of failure."""
        query = "SELECT code, count(*) FROM rows WHERE code IS NOT NULL GROUP BY code ORDER BY code"
        with self._reported():
            return dict(self._base.execute(query).fetchall())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.DatabaseError):  # an error may have ended it
                self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Raise an error of the file as a CorpusError."""
        try:
            yield
        except sqlite3.OperationalError as problem:
            raise self._unwritable(problem) from problem
        except sqlite3.DatabaseError as problem:
            self._base.close()
            self._remove()
            raise CorpusError(
                f"{printable(str(self._path))}: the index was damaged: {problem}. It is removed. "
                "Run the command again: it makes a new index from the shards."
            ) from problem

    def _unwritable(self, problem: Exception) -> CorpusError:
        return CorpusError(
            f"{printable(str(self._path))}: the index cannot be written: {problem}. Free space on "
            "its disk and on that of temporary files, and run the command again: it goes on from "
            "the rows that are complete."
        )


def stamp(paths: ShardPaths) -> str:
    """Return a text that changes when a file of a shard is replaced."""
    found = [os.stat(paths.table)]
    for path in paths[1:]:
        with suppress(FileNotFoundError):  # of the format parquet
            found.append(os.stat(path))
    return " ".join(f"{file.st_size}:{file.st_mtime_ns}:{file.st_ino}" for file in found)

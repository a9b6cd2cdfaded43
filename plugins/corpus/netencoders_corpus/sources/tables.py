"""Table: the rows of a manifest with columns, and the source of their items (A115)."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from netencoders.parameters import short
from netencoders_corpus.embedded import Embedded
from netencoders_corpus.errors import SourceError
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.paths import Paths, value_problem
from netencoders_corpus.sources.segments import NAMES, WHOLE, Segment, read_segment

__all__ = [
    "AUDIO_COLUMNS",
    "Inside",
    "RowReader",
    "Table",
    "TableRow",
    "TableSource",
    "audio_column",
    "column_problem",
]

AUDIO_COLUMNS: Final = ("path", "audio", "file", "file_name", "audio_filepath")
"""The names of the column of files, of which a manifest has one."""

STATED: Final = "stated_duration"
"""The column that keeps a ``duration`` that is no part of a segment."""

CONSUMED: Final = frozenset({"id", *NAMES})
MAX_COLUMNS: Final = 2000


class Inside(NamedTuple):
    """The value of the column of files in a row that holds the bytes of its file.

    Attributes
    ----------
    file : str
        The path of the Parquet file.
    path : object
        The path that is stored beside the bytes, which names the row; None if there is none.
    place : Embedded
    """

    file: str
    path: Any
    place: Embedded


class TableRow(NamedTuple):
    """A row of a table, with its line or its number."""

    place: str
    values: Mapping[str, Any]


class Table(ABC):
    """The rows of a manifest.

    Attributes
    ----------
    name : str
        The path, for messages.
    columns : mapping of str to pyarrow type, or None
        All columns in their order; None if each row has its own.
    """

    name: str
    columns: Mapping[str, Any] | None = None

    @abstractmethod
    def rows(self) -> Iterator[TableRow | Problem]:
        """Yield the rows, or the reason why one is not valid."""


def column_problem(names: Mapping[str, Any], column: str | None) -> str | None:
    """Return the reason why a row has not exactly one column of files, or None."""
    if column is not None:
        if column in names:
            return None
        return f"there is no column {column!r}: there are {_listed(names)}."
    given = [name for name in AUDIO_COLUMNS if name in names]
    if len(given) == 1:
        return None
    if given:
        return (
            f"{_listed(given)} are all columns of files: choose one with --column, or "
            f"column={given[0]!r}."
        )
    return (
        f"there is no column of files: {_listed(AUDIO_COLUMNS)}. There are {_listed(names)}: "
        "choose one with --column, or the argument column."
    )


def audio_column(names: Mapping[str, Any], column: str | None) -> str | None:
    """Return the column of files of columns that have no `column_problem`; else None."""
    if column_problem(names, column):
        return None
    return column or next(name for name in AUDIO_COLUMNS if name in names)


class RowReader:
    """Makes items of rows.

    Parameters
    ----------
    paths : Paths
    column : str, optional
        The column of files.
    """

    def __init__(self, paths: Paths, column: str | None = None) -> None:
        self._paths, self._column = paths, column
        self._known: tuple[str, ...] | None = None
        self._audio = ""
        self._has_segment = False
        self._others: list[str] = []

    def read(self, place: str, row: Mapping[str, Any]) -> Iterator[Item | Problem]:
        """Yield the item of a row, or all of its problems."""
        names = tuple(row)
        if names != self._known:
            problem = column_problem(row, self._column)
            if problem:
                yield Problem(place, problem)
                return
            self._known = names
            self._audio = self._column or next(name for name in AUDIO_COLUMNS if name in row)
            self._has_segment = any(name in row for name in NAMES if name != self._audio)
            left = CONSUMED | {self._audio}
            self._others = [name for name in names if name not in left]
        value = row[self._audio]
        if isinstance(value, Inside):
            problem = None
        elif isinstance(value, Mapping) and {*value} == {"bytes", "path"}:
            value, problem = _of_datasets(value, self._audio)
        else:
            problem = value_problem(value, self._audio)
        problems = [problem] if problem else []
        segment, stated = WHOLE, None
        if self._has_segment:
            segment, stated = read_segment(row, problems)
        identity = self._identity(row, problems)
        if problems:
            yield from (Problem(place, text) for text in problems)
            return
        columns = {name: row[name] for name in self._others}
        if stated is not None:
            columns[STATED] = stated
        if isinstance(value, Inside):
            yield self._inside(place, value, identity, segment, columns)
            return
        path, name = self._paths.locate(value)
        identity = f"{name}{segment.text}" if identity is None else identity
        yield Item(identity, name, path, *segment, place=place, columns=columns)

    def _inside(
        self,
        place: str,
        value: Inside,
        identity: str | None,
        segment: Segment,
        columns: dict[str, Any],
    ) -> Item | Problem:
        """Return the item of a row that holds the bytes of its file."""
        file = self._paths.locate(os.path.basename(value.file)).name
        shown = place
        if value.path is not None and value.path != "":
            if not isinstance(value.path, str) or not value.path.isprintable():
                text = f"the path beside the bytes is {short(value.path)}: write a printable text."
                return Problem(place, text)
            shown = self._paths.locate(value.path).name
        elif identity is None:
            text = f"{self._audio!r} holds bytes without a path: add the column 'id'."
            return Problem(place, text)
        return Item(
            f"{shown}{segment.text}" if identity is None else identity,
            f"{file}/{shown}",
            value.file,
            *segment,
            place=place,
            columns=columns,
            embedded=value.place,
        )

    def _identity(self, row: Mapping[str, Any], problems: list[str]) -> str | None:
        """Return the id of a row, or None if it is made from the path."""
        if "id" not in row or self._audio == "id":
            return None
        value = row["id"]
        if type(value) is int and abs(value) < 1 << 64:
            return str(value)
        if isinstance(value, str) and value and value.isprintable():
            return value
        shown = "empty" if value is None or value == "" else short(value)
        problems.append(f"the id is {shown}: write a text of printable characters.")
        return None


class TableSource(Source):
    """The items of tables.

    Parameters
    ----------
    name : str
    tables : sequence of (Table, RowReader)
    """

    def __init__(self, name: str, tables: Sequence[tuple[Table, RowReader]]) -> None:
        self.name, self._tables = name, tables
        self.columns = _columns([table for table, _ in tables], [reader for _, reader in tables])

    def items(self) -> Iterator[Item | Problem]:
        """Yield the items of all rows."""
        many = len(self._tables) > 1
        for table, reader in self._tables:
            empty = True
            for row in table.rows():
                empty = False
                found = [row] if isinstance(row, Problem) else reader.read(*row)
                for each in found:
                    if many and isinstance(each, Problem):
                        yield Problem(f"{table.name} {each.place}".rstrip(), each.text)
                    else:
                        yield each
            if empty:
                yield Problem(
                    table.name if many else "", "it has no rows: write one for each input."
                )


def _columns(tables: list[Table], readers: list[RowReader]) -> Mapping[str, Any] | None:
    """Return the columns that are passed through, or None if they are known after all rows."""
    columns: dict[str, Any] = {}
    for table, reader in zip(tables, readers, strict=True):
        if table.columns is None:
            return None
        problem = column_problem(table.columns, reader._column)
        if problem:
            raise SourceError(table.name, [("", problem)])
        audio = reader._column or next(name for name in AUDIO_COLUMNS if name in table.columns)
        for name, kind in table.columns.items():
            if name in CONSUMED or name == audio:
                continue
            if columns.setdefault(name, kind) != kind:
                text = (
                    f"the column {name!r} has the type {kind}, and {columns[name]} in another "
                    "file: write one type."
                )
                raise SourceError(table.name, [("", text)])
        if "duration" in table.columns and audio != "duration":
            columns.setdefault(STATED, table.columns["duration"])
    return columns


def _of_datasets(value: Mapping[str, Any], column: str) -> tuple[Any, str | None]:
    """Return the path of a struct of Hugging Face datasets."""
    if value["bytes"] is not None:
        return None, (
            f"{column!r} holds the bytes of a file, which JSON cannot: write Parquet, or files."
        )
    return value["path"], value_problem(value["path"], column)


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    shown = [short(name) for name in names]
    return ", ".join(shown[:20]) + (", ..." if len(shown) > 20 else "")

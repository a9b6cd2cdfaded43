"""CSV and TSV: quoted fields, a header, and the same number of fields in each line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from netencoders.parameters import short
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.errors import SourceError
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.tables import MAX_COLUMNS, Table, TableRow
from netencoders_corpus.sources.text_lines import decoded, line_place, lines

__all__ = ["CsvTable"]


class CsvTable(Table):
    """A CSV or TSV file with a header.

    Parameters
    ----------
    path : str
    delimiter : str
        A comma or a tab.
    name : str, optional
        The name in messages.

    Raises
    ------
    SourceError
        The header is not valid.
    """

    def __init__(self, path: str, delimiter: str, name: str | None = None) -> None:
        self.name = path if name is None else name
        self._path, self._delimiter = path, delimiter
        first = next(self._fields(), None)
        if first is None:
            raise SourceError(self.name, [("", "it is empty: write a header and rows.")])
        if isinstance(first, Problem):
            raise SourceError(self.name, [first])
        _, self._names = first
        problem = _header_problem(self._names)
        if problem:
            raise SourceError(self.name, [(line_place(1), problem)])
        text: Any = pyarrow().string()
        self.columns = dict.fromkeys(self._names, text)

    def rows(self) -> Iterator[TableRow | Problem]:
        """Yield the rows behind the header."""
        found = self._fields()
        next(found, None)
        names = self._names
        for each in found:
            if isinstance(each, Problem):
                yield each
                continue
            place, fields = each
            if len(fields) != len(names):
                yield Problem(
                    place,
                    f"there are {len(fields)} fields, and {len(names)} in the header: quote "
                    "a field that has the delimiter.",
                )
                continue
            yield TableRow(place, dict(zip(names, fields, strict=True)))

    def _fields(self) -> Iterator[tuple[str, list[str]] | Problem]:
        """Yield the fields of each row, with its first line."""
        problems: list[Problem] = []
        number = 0

        def texts() -> Iterator[str]:
            nonlocal number
            for line in lines(self._path, self.name, with_ends=True):
                if isinstance(line, Problem):
                    problems.append(line)
                    return
                number = line[0]
                text = decoded(line[1], line_place(number))
                if isinstance(text, Problem):
                    problems.append(text)
                    text = line[1].decode("utf-8", "replace")
                yield text

        rows = csv.reader(texts(), strict=True, delimiter=self._delimiter)
        before = 0
        while True:
            try:
                fields = next(rows, None)
            except csv.Error as problem:
                yield from problems
                yield Problem(
                    line_place(before + 1),
                    f"the row that begins here is not valid: {problem}: lines behind it are not "
                    "read; double the quotes inside of a quoted field.",
                )
                return
            if problems:
                yield from problems
                problems.clear()
                before = number
                if fields is None:
                    return
                continue
            if fields is None:
                return
            place, before = line_place(before + 1), number
            if fields:
                yield place, fields


def _header_problem(names: list[str]) -> str | None:
    if len(names) > MAX_COLUMNS:
        return f"there are {len(names)} columns, more than {MAX_COLUMNS}: remove some."
    for place, name in enumerate(names):
        if not name:
            return f"column {place + 1} has no name: name it (to_csv of pandas has index=False)."
        if name in names[:place]:
            return f"the column {short(name)} is given twice: rename one."
    return None

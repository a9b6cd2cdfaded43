"""JSON lines, as NeMo writes its manifests, or one JSON array of objects; also of gzip files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.json_array import array_objects, is_array
from netencoders_corpus.sources.json_values import (
    TwiceError,
    object_problem,
    once,
    reason_of,
    twice_problem,
)
from netencoders_corpus.sources.tables import MAX_COLUMNS, Table, TableRow
from netencoders_corpus.sources.text_lines import decoded, line_place, lines

__all__ = ["JsonLines", "read_object"]

FORM: Final = "write one JSON object a line"


class JsonLines(Table):
    """A file with a JSON object a line, or with one array of objects.

    Parameters
    ----------
    path : str
    name : str, optional
        The name in messages.
    """

    columns = None

    def __init__(self, path: str, name: str | None = None) -> None:
        self.name = path if name is None else name
        self._path = path

    def rows(self) -> Iterator[TableRow | Problem]:
        """Yield the objects; empty lines are left out."""
        names: dict[str, None] = {}
        is_one = is_array(self._path, self.name)
        for found in array_objects(self._path, self.name) if is_one else self._lines():
            if isinstance(found, TableRow):
                if not found.values.keys() <= names.keys():
                    names.update(dict.fromkeys(found.values))
                if len(names) > MAX_COLUMNS:
                    text = f"there are more than {MAX_COLUMNS} different keys: put them in one."
                    yield Problem(found.place, text)
                    return
            yield found

    def _lines(self) -> Iterator[TableRow | Problem]:
        for line in lines(self._path, self.name):
            if isinstance(line, Problem):
                yield line
                continue
            number, content = line
            if content.strip():
                yield read_object(content, line_place(number))


def read_object(content: bytes, place: str) -> TableRow | Problem:
    """Return the object of a line, or the reason why there is none."""
    text = decoded(content, place)
    if isinstance(text, Problem):
        return text
    try:
        value = _decode(text)
    except TwiceError as problem:
        return twice_problem(place, problem)
    except RecursionError:
        return Problem(place, "the JSON value is nested too deeply: write a flat object.")
    except ValueError as problem:  # also an integer of more than 4300 digits
        return Problem(place, f"it is not JSON: {reason_of(problem)}: {FORM}.")
    return object_problem(value, text, place, FORM) or TableRow(place, value)


_decode = json.JSONDecoder(object_pairs_hook=once).decode

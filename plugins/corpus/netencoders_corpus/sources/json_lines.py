"""JSON lines: an object a line, also of gzip files; NeMo writes its manifests so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from netencoders.parameters import short
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.tables import MAX_COLUMNS, Table, TableRow
from netencoders_corpus.sources.text_lines import any_surrogate, decoded, line_place, lines

__all__ = ["JsonLines", "read_object"]


class _TwiceError(ValueError):
    """A key of an object is given twice."""


class JsonLines(Table):
    """A file with a JSON object a line.

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
        for line in lines(self._path, self.name):
            if isinstance(line, Problem):
                yield line
                continue
            number, content = line
            if not content.strip():
                continue
            found = read_object(content, line_place(number))
            if isinstance(found, TableRow):
                if not found.values.keys() <= names.keys():
                    names.update(dict.fromkeys(found.values))
                if len(names) > MAX_COLUMNS:
                    text = f"there are more than {MAX_COLUMNS} different keys: put them in one."
                    yield Problem(found.place, text)
                    return
            yield found


def read_object(content: bytes, place: str) -> TableRow | Problem:
    """Return the object of a line, or the reason why there is none."""
    text = decoded(content, place)
    if isinstance(text, Problem):
        return text
    try:
        value = _decode(text)
    except _TwiceError as problem:
        return Problem(place, f"the key {problem} is given twice: give it once.")
    except RecursionError:
        return Problem(place, "the JSON value is nested too deeply: write a flat object.")
    except ValueError as problem:  # also an integer of more than 4300 digits
        return Problem(place, f"it is not JSON: {_reason(problem)}: write one JSON object a line.")
    if not isinstance(value, dict):
        return Problem(place, f"it is {short(value)}, not an object: write one JSON object a line.")
    if "\\u" in text and any_surrogate(value):
        return Problem(place, "a text has half of a surrogate pair: write the character in full.")
    return TableRow(place, value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(short(next(name for name in names if names.count(name) > 1)))
    return made


_decode = json.JSONDecoder(object_pairs_hook=_once).decode


def _reason(problem: ValueError) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg} at column {problem.colno}"
    return str(problem).split(";")[0]

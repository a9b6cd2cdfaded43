"""A JSON array of objects as a manifest: one object is in memory at a time."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any, Final

from netencoders.parameters import short
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.json_values import (
    TwiceError,
    object_problem,
    once,
    reason_of,
    twice_problem,
)
from netencoders_corpus.sources.tables import TableRow
from netencoders_corpus.sources.text_lines import BOM, MAX_LINE, opened

__all__ = ["array_objects", "is_array"]

HEAD: Final = 1 << 16
PIECE: Final = 1 << 16
LONGEST_WORD: Final = 16  # more characters than a name such as -Infinity, or an escape
FORM: Final = "write an array of objects"
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_decode: Final = json.JSONDecoder(object_pairs_hook=once).raw_decode
_end: Final = json.JSONDecoder().raw_decode


def is_array(path: str, name: str) -> bool:
    """Return whether a file begins as a JSON array."""
    with opened(path, name) as file:
        return file.read(HEAD).removeprefix(BOM).lstrip().startswith(b"[")


def array_objects(path: str, name: str) -> Iterator[TableRow | Problem]:
    """Yield each object of an array, with its number; a broken one is the last."""
    with opened(path, name) as file:
        number = 0
        text = _Text(file)
        try:
            text.take("[")
            if text.peek() == "]":
                text.take("]")
            else:
                while True:
                    number += 1
                    yield text.value(f"object {number}")
                    if text.peek() != ",":
                        break
                    text.take(",")
                text.take("]")
            number = 0
            if found := text.peek():
                yield Problem("", f"there is {short(found)} behind the array: write one array.")
        except _BrokenError as problem:
            place = f"object {number}" if number else ""
            yield Problem(place, f"{problem}; objects behind it are not read.")


class _BrokenError(Exception):
    """The array cannot be read further."""


class _Text:
    """The text of a file, of which a piece is in memory.

    Parameters
    ----------
    file : binary file
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._place = "", 0
        self._is_complete = False

    def peek(self) -> str:
        """Return the next character that is no space, or an empty text at the end."""
        while True:
            found = _SPACE.match(self._text, self._place)
            assert found is not None  # noqa: S101 - for mypy: it matches an empty text
            self._place = found.end()
            if self._place < len(self._text) or not self._more(PIECE):
                return self._text[self._place : self._place + 1]

    def take(self, wanted: str) -> None:
        """Take a character.

        Raises
        ------
        _BrokenError
            There is another one.
        """
        found = self.peek()
        if found != wanted:
            seen = f"there is {short(found)}" if found else "the file ends"
            raise _BrokenError(f"it is not JSON: {seen} where {wanted!r} belongs: write it again")
        self._place += 1

    def value(self, place: str) -> TableRow | Problem:
        """Take a value, and return the row of an object.

        Raises
        ------
        _BrokenError
            It is no JSON value, or is too long.
        """
        self.peek()
        while True:
            try:
                value, end, problem = self._parsed(place)
            except RecursionError:
                text = "the JSON value is nested too deeply: write a flat object"
                raise _BrokenError(text) from None
            except ValueError as failure:
                if self._may_go_on(failure) and self._grow():
                    continue
                raise _BrokenError(f"it is not JSON: {_reason(failure)}: write it again") from None
            if end == len(self._text) and self._grow():  # the next piece may have more digits
                continue
            text, self._place = self._text[self._place : end], end
            if len(text) > MAX_LINE:
                raise _too_long()
            return problem or object_problem(value, text, place, FORM) or TableRow(place, value)

    def _parsed(self, place: str) -> tuple[Any, int, Problem | None]:
        """Return a value, its end and its problem."""
        try:
            return *_decode(self._text, self._place), None
        except TwiceError as failure:
            return None, _end(self._text, self._place)[1], twice_problem(place, failure)

    def _may_go_on(self, failure: ValueError) -> bool:
        """Return whether more text may mend a value that is not JSON."""
        if not isinstance(failure, json.JSONDecodeError):
            return False
        return (
            failure.msg.startswith("Unterminated") or failure.pos > len(self._text) - LONGEST_WORD
        )

    def _grow(self) -> bool:
        """Read as many bytes as are held, so that an object is parsed few times."""
        held = len(self._text) - self._place
        if held > MAX_LINE:
            raise _too_long()
        return self._more(max(PIECE, held))

    def _more(self, size: int) -> bool:
        """Read more bytes, and return whether there are any."""
        if self._is_complete:
            return False
        piece = self._file.read(size)
        self._is_complete = not piece
        try:
            text = self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as problem:
            byte = problem.object[problem.start]
            raise _BrokenError(
                f"the byte 0x{byte:02x} is not UTF-8: save the file as UTF-8"
            ) from None
        self._text, self._place = self._text[self._place :] + text, 0
        return bool(piece)


def _reason(problem: ValueError) -> str:
    # Its column counts from the beginning of a piece, which says nothing.
    return problem.msg if isinstance(problem, json.JSONDecodeError) else reason_of(problem)


def _too_long() -> _BrokenError:
    return _BrokenError(
        f"it has more than {MAX_LINE} characters, or a quote is missing: write it again"
    )

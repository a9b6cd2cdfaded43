"""A list as a source: one path a line, or paths that end with NUL bytes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from netencoders_corpus.errors import SourceError
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.paths import Paths, value_problem
from netencoders_corpus.sources.text_lines import decoded, line_place, lines, opened, records

__all__ = ["FileList", "spooled_input"]

PIECE = 1 << 20


class FileList(Source):
    """The paths of a list.

    Parameters
    ----------
    path : str
    folder : str
        Relative paths are relative to this folder.
    name : str, optional
        The name in messages.
    """

    columns = {}  # noqa: RUF012 - it never changes

    def __init__(self, path: str, folder: str, name: str | None = None) -> None:
        self.name = path if name is None else name
        self._path, self._paths = path, Paths(folder)
        self._copy: IO[Any] | None = None  # removed with the source
        with opened(path, self.name) as file:
            self._is_nul = b"\0" in file.read(PIECE)

    @classmethod
    def of_input(cls, copy: IO[bytes], folder: str) -> FileList:
        """Return the list in a copy of standard input."""
        made = cls(copy.name, folder, "standard input")
        made._copy = copy
        return made

    def items(self) -> Iterator[Item | Problem]:
        """Yield an item for each path; empty lines are left out."""
        read = records if self._is_nul else lines
        empty = True
        for line in read(self._path, self.name):
            if isinstance(line, Problem):
                yield line
                empty = False
                continue
            number, content = line
            if not content:
                continue
            empty = False
            place = f"path {number}" if self._is_nul else line_place(number)
            text = decoded(content, place)
            if isinstance(text, Problem):
                yield text
                continue
            problem = value_problem(text, "the path")
            if problem:
                yield Problem(place, problem)
                continue
            path, name = self._paths.locate(text)
            yield Item(name, name, path, place=place)
        if empty:
            yield Problem("", "the list is empty: write one path a line.")


def spooled_input() -> IO[bytes]:
    """Return a temporary file with the content of standard input: a source may be read twice.

    Raises
    ------
    SourceError
        It is a terminal or closed, or the temporary file cannot be written.
    """
    try:
        source = sys.stdin.buffer
        is_terminal = source.isatty()
    except (AttributeError, ValueError):
        text = "it is closed: redirect a file or a pipe to it."
        raise SourceError("standard input", [("", text)]) from None
    if is_terminal:
        text = "it is a terminal: redirect a file or a pipe to it."
        raise SourceError("standard input", [("", text)])
    copy = tempfile.NamedTemporaryFile(prefix="netencoders-")  # noqa: SIM115 - the source closes it
    try:
        while piece := source.read(PIECE):
            copy.write(piece)
        copy.flush()
    except OSError as problem:
        copy.close()
        text = (
            f"it cannot be copied to a temporary file: {problem.strerror or problem}: make room, "
            "or set TMPDIR to another folder."
        )
        raise SourceError("standard input", [("", text)]) from None
    return copy

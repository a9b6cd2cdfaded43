"""Lines of manifests: UTF-8, with their numbers, also of gzip files; nothing is guessed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

from netencoders_corpus.errors import SourceError
from netencoders_corpus.sources.base import Problem

__all__ = ["MAX_LINE", "any_surrogate", "decoded", "line_place", "lines", "opened", "records"]

MAX_LINE: Final = 1 << 24
"""The largest number of bytes of a line: a line is held in memory."""

GZIP: Final = b"\x1f\x8b"
BOM: Final = b"\xef\xbb\xbf"
PIECE: Final = 1 << 20


def line_place(number: int) -> str:
    """Return the place of a line in messages."""
    return f"line {number}"


@contextmanager
def opened(path: str, name: str) -> Iterator[IO[bytes]]:
    """Open a manifest, which is decompressed if it is a gzip file.

    Raises
    ------
    SourceError
        It cannot be read.
    """
    try:
        with open(path, "rb") as file:
            if file.read(2) == GZIP:
                file.seek(0)
                with gzip.open(file) as text:
                    yield text  # type: ignore[misc] # a GzipFile reads bytes
            else:
                file.seek(0)
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        reason = f"the gzip file is damaged: {problem}: copy it again."
        raise SourceError(name, [("", reason)]) from None
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        reason = f"it cannot be read: {reason}: check the path."
        raise SourceError(name, [("", reason)]) from None


def lines(
    path: str, name: str, *, with_ends: bool = False
) -> Iterator[tuple[int, bytes] | Problem]:
    """Yield each line with its number; a line that is too long is the last.

    Parameters
    ----------
    path : str
    name : str
        The name of the manifest in messages.
    with_ends : bool
        Keep the line ends.
    """
    with opened(path, name) as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(BOM)
            if len(line) > MAX_LINE:
                yield Problem(
                    line_place(number),
                    f"the line has more than {MAX_LINE} bytes, and lines behind it are not read: "
                    "write one row a line.",
                )
                return
            yield number, line if with_ends else line.removesuffix(b"\n").removesuffix(b"\r")


def records(path: str, name: str) -> Iterator[tuple[int, bytes] | Problem]:
    """Yield each record of a file whose records end with a NUL byte, with its number."""
    with opened(path, name) as file:
        number, rest = 0, b""
        while True:
            piece = file.read(PIECE)
            *complete, rest = (rest + piece).split(b"\0")
            for record in complete:
                number += 1
                yield number, record
            if not piece:
                break
            if len(rest) > MAX_LINE:
                text = f"the path has more than {MAX_LINE} bytes: end each path with a NUL byte."
                yield Problem(f"path {number + 1}", text)
                return
        if rest:
            yield number + 1, rest


def decoded(line: bytes, place: str) -> str | Problem:
    """Return the text of a line, or the reason why it is none."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as problem:
        return encoding_problem(problem, place)


def encoding_problem(problem: UnicodeDecodeError, place: str) -> Problem:
    """Return the problem of a line that is not UTF-8."""
    byte = problem.object[problem.start]
    return Problem(
        place,
        f"the byte 0x{byte:02x} at position {problem.start} of the line is not UTF-8: save the "
        "file as UTF-8.",
    )


def any_surrogate(value: Any) -> bool:
    """Return whether a text in a JSON value has half of a surrogate pair."""
    if isinstance(value, str):
        return any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return any(any_surrogate(key) or any_surrogate(item) for key, item in value.items())
    return isinstance(value, list) and any(any_surrogate(item) for item in value)

"""Standard input, which the commands `encode`, `plot` and `run` read for the input `-`."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

from netencoders.cli.console import UsageError
from netencoders.errors import EncodeError

__all__ = ["DASH", "NAME", "StandardInput", "check_dash", "opened", "spooled"]

DASH: Final = "-"
NAME: Final = "standard input"
"""The name of standard input in messages."""

_PIECE: Final = 1 << 20


def check_dash(sources: Sequence[str]) -> None:
    """Check that standard input can be read if it is one of the inputs.

    Raises
    ------
    UsageError
        It is given twice, it is closed, or it is a terminal, which would wait for a person.
    """
    if DASH not in sources:
        return
    if sources.count(DASH) > 1:
        raise UsageError("-: standard input is given twice (it can be read once)")
    if os.isatty(_descriptor()):
        raise UsageError(
            "-: standard input is a terminal (redirect a file or a pipe to it; the file named - "
            "is ./-)"
        )


class StandardInput:
    """Standard input as a binary file object that cannot seek.

    It has no lock: a thread that waits for input does not delay the end of the process.
    """

    name = NAME

    def __init__(self) -> None:
        self._number = _descriptor()

    def read(self, count: int = -1) -> bytes:
        """Return up to `count` bytes, or all; no bytes at the end."""
        if count >= 0:
            return os.read(self._number, count)
        return b"".join(iter(lambda: os.read(self._number, _PIECE), b""))


class _Spooled(io.FileIO):
    """A copy of standard input in a temporary file; another process opens the same file."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._path = path
        self.name = NAME

    def __reduce__(self) -> tuple[Any, ...]:
        return (_Spooled, (self._path,))


@contextmanager
def spooled() -> Iterator[io.FileIO]:
    """Copy standard input to a temporary file, and yield a file object of it.

    It is read in the calling thread, so that an interrupt arrives while it waits for input.

    Raises
    ------
    EncodeError
        With code ``unreadable``: the file cannot be written, for instance since the disk is full.
    """
    with tempfile.TemporaryDirectory(prefix="netencoders-") as folder:
        path = os.path.join(folder, "stdin")
        source = StandardInput()
        try:
            with open(path, "wb") as copy:
                while data := source.read(_PIECE):
                    copy.write(data)
        except OSError as problem:
            raise EncodeError(
                f"it cannot be copied to a temporary file: {problem.strerror or problem}",
                code="unreadable",
                source=NAME,
                remedy="make room, or set TMPDIR to another folder",
            ) from problem
        with _Spooled(path) as file:
            yield file


def opened(sources: Sequence[str], *, copied: bool) -> AbstractContextManager[Any]:
    """Return a context with the value for the input `-`, or None if it is none of the inputs.

    With `copied`, or beside other inputs, it is a copy: a thread or another process needs one,
    because the main thread alone can be interrupted while it waits for input.
    """
    if DASH not in sources:
        return nullcontext()
    return spooled() if copied or len(sources) > 1 else nullcontext(StandardInput())


def _descriptor() -> int:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # None, if the shell closed it: <&-
        raise UsageError("-: standard input is closed (redirect a file or a pipe to it)") from None

"""What the command line says: lines that never fail to be written, errors and warnings on one."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TextIO

from netencoders.errors import NetEncodersError, ParameterError, printable

__all__ = [
    "UsageError",
    "error",
    "finished",
    "one_line",
    "one_line_warnings",
    "out",
    "progress",
    "say",
]


class UsageError(NetEncodersError):
    """The command was not given what it needs."""


def out(text: str) -> None:
    """Write `text` as a line, or lines, of the result, to standard output.

    Raises
    ------
    UsageError
        Standard output cannot be written. That its reader has gone away is no such case.
    """
    with _output_errors():
        _write(sys.stdout, text)


def say(text: str) -> None:
    """Write `text` as a line about the work to standard error."""
    with suppress(OSError):  # nowhere is left to complain
        _write(sys.stderr, printable(text))


def error(problem: BaseException, *, debug: bool = False) -> None:
    """Write what went wrong as one line to standard error; below its traceback for `debug`."""
    if debug:
        for line in "".join(traceback.format_exception(problem)).splitlines():
            say(line)
    say(f"error: {one_line(problem)}")


def one_line(problem: BaseException) -> str:
    """Return the text of an exception or warning on one line.

    >>> one_line(ParameterError("Spectrogram", ["'A' must be 1. Got 2.", "unknown parameter 'b'."]))
    "Spectrogram: 'A' must be 1. Got 2; unknown parameter 'b'."
    """
    if isinstance(problem, ParameterError):
        lines = [f"{problem.owner}:", *problem.problems]
    elif isinstance(problem, OSError) and problem.filename is not None:
        lines = [f"{problem.filename}: {problem.strerror}"]
    else:
        lines = [line.strip() for line in str(problem).split("\n") if line.strip()]
    *rest, last = lines or [type(problem).__name__]
    joined = [line + " " if line.endswith(":") else line.removesuffix(".") + "; " for line in rest]
    return printable("".join([*joined, last]))


@contextmanager
def one_line_warnings() -> Iterator[None]:
    """Show warnings without the place in the source that they come from: it is not the user's."""
    with warnings.catch_warnings():

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            told = message if isinstance(message, Warning) else category(message)
            say(f"warning: {one_line(told)}")

        warnings.showwarning = show
        yield


@contextmanager
def progress(total: int, *, wanted: bool) -> Iterator[Callable[[], object]]:
    """Draw a bar on standard error where that is a terminal; give the function that advances it."""
    if not wanted or total < 2 or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    # Late: most commands draw no bar.
    from tqdm import tqdm

    with tqdm(total=total, unit="file", file=sys.stderr, leave=False) as bar:
        yield bar.update


@contextmanager
def finished() -> Iterator[None]:
    """Flush standard output in the end: at exit it would be too late to say that it cannot be.

    Raises
    ------
    UsageError
        It cannot be written.
    """
    try:
        yield
    finally:
        if sys.stdout is not None:
            with _output_errors():
                sys.stdout.flush()


@contextmanager
def _output_errors() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _discard(sys.stdout)  # `| head` has read enough; the work goes on in quiet
    except OSError as failure:
        _discard(sys.stdout)
        raise UsageError(f"standard output: {failure.strerror}") from failure


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed by the shell: >&-
        return
    encoding = stream.encoding or "utf-8"
    with _bar_aside(stream):
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _bar_aside(stream: TextIO) -> AbstractContextManager[object]:
    """Clear the progress bar, if one was drawn, for as long as a line is written."""
    tqdm = sys.modules.get("tqdm")
    return tqdm.tqdm.external_write_mode(file=stream) if tqdm else nullcontext()


def _discard(stream: TextIO) -> None:
    """Lead a stream that cannot be written to nowhere, or Python would complain again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)

"""Output of the command line: results, progress, and errors and warnings on one line each."""

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
    "width",
]


class UsageError(NetEncodersError):
    """The command has wrong arguments, or cannot write its output."""


def out(text: str) -> None:
    """Write `text`, one or more lines of the result, to standard output.

    Raises
    ------
    UsageError
        Standard output cannot be written. A closed pipe raises nothing.
    """
    with _output_errors():
        _write(sys.stdout, text)


def width(fixed: int | None) -> int | None:
    """Return the number of columns of the terminal; `fixed` if standard output is none."""
    if sys.stdout is None or not sys.stdout.isatty():
        return fixed
    # Imported late: a command in a script needs no terminal.
    from shutil import get_terminal_size

    return get_terminal_size().columns


def say(text: str) -> None:
    """Write the message `text` as one line to standard error."""
    with suppress(OSError):  # there is no other stream to report it
        _write(sys.stderr, printable(text))


def error(problem: BaseException, *, debug: bool = False, source: str = "") -> None:
    """Write an exception as one line to standard error; with `debug`, its traceback before it.

    The line begins with `source`, an argument of the command, if the exception does not name it.
    """
    if debug:
        for line in "".join(traceback.format_exception(problem)).splitlines():
            say(line)
    text, source = one_line(problem), printable(source)
    say(f"error: {text}" if source in text else f"error: {source}: {text}")


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
    """Show warnings on one line, without the place in the source code that issued them."""
    with warnings.catch_warnings():

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            warning = message if isinstance(message, Warning) else category(message)
            say(f"warning: {one_line(warning)}")

        warnings.showwarning = show
        yield


@contextmanager
def progress(total: int, *, wanted: bool) -> Iterator[Callable[[], object]]:
    """Draw a progress bar if standard error is a terminal; yield the function that advances it."""
    if not wanted or total < 2 or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    # Imported late: most commands draw no bar.
    from tqdm import tqdm

    with tqdm(total=total, unit="file", file=sys.stderr, leave=False) as bar:
        yield bar.update


@contextmanager
def finished() -> Iterator[None]:
    """Flush standard output at the end, while an error can still be reported.

    Raises
    ------
    UsageError
        Standard output cannot be written.
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
        _discard(sys.stdout)  # the reader, such as `| head`, has ended: continue without output
    except OSError as failure:
        _discard(sys.stdout)
        raise UsageError(f"standard output: {failure.strerror}") from failure


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed by the shell: >&-
        return
    encoding = stream.encoding or "utf-8"
    with _without_bar(stream):
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _without_bar(stream: TextIO) -> AbstractContextManager[object]:
    """Clear the progress bar, if there is one, while a line is written."""
    tqdm = sys.modules.get("tqdm")
    return tqdm.tqdm.external_write_mode(file=stream) if tqdm else nullcontext()


def _discard(stream: TextIO) -> None:
    """Redirect a failed stream to the null device: else Python reports it again at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)

"""The files that the arguments of `encode` mean: files, folders, and patterns."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from typing import Final, NamedTuple

from netencoders.cli.console import UsageError
from netencoders.cli.standard_input import DASH
from netencoders.errors import printable

__all__ = ["GivenFile", "given_files"]

DEEP: Final = "**"
_MAGIC: Final = re.compile(r"[*?\[]")


class GivenFile(NamedTuple):
    """An input, with its path relative to the folder or the pattern that means it."""

    source: str
    tree: str


def given_files(arguments: Sequence[str], out: str) -> list[GivenFile]:
    """Return the files that arguments mean: those of folders and patterns in sorted order.

    A folder means its files at any depth, and a pattern those that match: ``*`` and ``?`` within a
    name, ``**`` any folders. Hidden names are left out, and links to a folder that contains them.

    Parameters
    ----------
    arguments : sequence of str
    out : str
        The output, which must not be inside of a folder.

    Raises
    ------
    UsageError
        A folder or a pattern has no files, a folder cannot be read, or holds the output.
    """
    given: list[GivenFile] = []
    for argument in arguments:
        if argument == DASH or os.path.isfile(argument):
            given.append(GivenFile(argument, argument))
        elif os.path.isdir(argument):
            _check_outside(argument, out)
            given += _found(argument, argument, [DEEP])
        elif _MAGIC.search(argument) and not os.path.lexists(argument):
            given += _found(argument, *_split(argument))
        else:  # its error names it when it is encoded
            given.append(GivenFile(argument, argument))
    return given


def _found(argument: str, folder: str, parts: list[str]) -> list[GivenFile]:
    found = [
        GivenFile(path, os.path.relpath(path, folder))
        for path in dict.fromkeys(_matching(folder, tuple(parts), ()))
    ]
    if not found:
        raise UsageError(f"{printable(argument)}: no file is there (check the name)")
    return found


def _matching(
    folder: str, parts: tuple[str, ...], above: tuple[tuple[int, int], ...]
) -> Iterator[str]:
    """Yield the files below a folder that match the parts of a pattern."""
    head, rest = parts[0], parts[1:]
    try:
        status = os.stat(folder)
        identity = status.st_dev, status.st_ino
        if identity in above:
            return  # a link to a folder that contains it
        names = sorted(os.listdir(folder))
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise UsageError(
            f"{printable(folder)}: the folder cannot be read: {reason} (allow it, or name files)"
        ) from None
    if head == DEEP and rest:
        yield from _matching(folder, rest, above)
    matches = re.compile(translate(head)).match
    for name in names:
        path = name if folder == os.curdir else os.path.join(folder, name)
        if name.startswith(".") and not head.startswith("."):
            continue
        if head == DEEP:
            if os.path.isdir(path):
                yield from _matching(path, parts, (*above, identity))
            elif not rest:
                yield path
        elif matches(name):
            if os.path.isdir(path):
                if rest:
                    yield from _matching(path, rest, (*above, identity))
            elif not rest:
                yield path


def _split(pattern: str) -> tuple[str, list[str]]:
    """Return the folder before the first part with a pattern, and the parts from there."""
    parts = pattern.replace(os.sep, "/").split("/")
    first = next(place for place, part in enumerate(parts) if _MAGIC.search(part))
    folder = "/".join(parts[:first]) or ("/" if first else os.curdir)
    rest: list[str] = []
    for part in parts[first:]:
        if part == "..":
            raise UsageError(f"{printable(pattern)}: .. follows a pattern (write the folder first)")
        if part and not (part == DEEP and rest[-1:] == [DEEP]):
            rest.append(part)
    if not os.path.isdir(folder):
        raise UsageError(f"{printable(pattern)}: there is no folder {printable(folder)} (check it)")
    return folder, rest


def _check_outside(folder: str, out: str) -> None:
    """Refuse an output in a folder of inputs: the next run would take the outputs for inputs."""
    inside, whole = os.path.realpath(out), os.path.realpath(folder)
    if os.path.commonpath([inside, whole]) == whole:
        raise UsageError(
            f"{printable(out)}: is inside of the folder {printable(folder)}, whose files are the "
            "inputs (choose another -o, or a pattern)"
        )

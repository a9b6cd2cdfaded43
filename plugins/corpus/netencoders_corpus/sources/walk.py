"""Walk: the files of a folder at any depth, in sorted order, and those that are left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import chain
from typing import Any, Final, NamedTuple

from netencoders.errors import printable
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.lookup import sorted_names

__all__ = ["AUDIO_SUFFIXES", "Found", "LeftOut", "is_audio_name", "walk"]

_SUFFIXES: Final = (
    ".aac .ac3 .aif .aifc .aiff .amr .ape .au .avi .caf .flac .flv .m4a .mka .mkv .mov .mp3 .mp4 "
    ".nist .oga .ogg .opus .rf64 .snd .sph .spx .ts .tta .w64 .wav .wave .webm .wma .wv"
)
AUDIO_SUFFIXES: Final = frozenset(_SUFFIXES.split(" "))
"""The suffixes of the files that a folder gives, in lower case."""

_BARE: Final = frozenset(suffix[1:] for suffix in AUDIO_SUFFIXES)

LISTED: Final = 5  # suffixes in a sentence
COUNTED: Final = 1000  # different suffixes


class LeftOut:
    """Counts the files that are no inputs, by the reason."""

    def __init__(self) -> None:
        self.suffixes: Counter[str] = Counter()
        self.hidden = 0
        self.loops = 0

    def add(self, name: str) -> None:
        """Count a file whose suffix is not that of audio."""
        suffix = os.path.splitext(name)[1].lower() or "no suffix"
        known = suffix in self.suffixes or len(self.suffixes) < COUNTED
        self.suffixes[suffix if known else "other suffixes"] += 1

    @property
    def notes(self) -> tuple[str, ...]:
        """The counts as sentences."""
        notes = []
        if count := self.suffixes.total():
            common = sorted(self.suffixes.items(), key=lambda pair: (-pair[1], pair[0]))
            kinds = ", ".join(f"{number} {printable(suffix)}" for suffix, number in common[:LISTED])
            more = ", ..." if len(common) > LISTED else ""
            notes.append(f"{_files(count)} without a suffix of audio left out: {kinds}{more}")
        if self.hidden:
            names = "1 hidden name" if self.hidden == 1 else f"{self.hidden} hidden names"
            notes.append(f"{names} left out, beginning with a dot")
        if self.loops:
            links = "1 link" if self.loops == 1 else f"{self.loops} links"
            notes.append(f"{links} to a folder that contains the link left out")
        return tuple(notes)


class Found(NamedTuple):
    """A file of a folder: its path, and that relative to the folder, with slashes."""

    path: str
    relative: str


def is_audio_name(name: str) -> bool:
    """Return whether the suffix of a name is that of audio."""
    stem, _, suffix = name.rpartition(".")
    if suffix.lower() not in _BARE:
        return False
    # Dots at the beginning of a name begin no suffix; os.path.splitext takes four times as long.
    return bool(os.path.splitext(name)[1]) if not stem or stem[-1] in "./\\" else True


def walk(
    folder: str,
    left_out: LeftOut,
    enter: Callable[[str, str, Any], Any],
    state: Any = None,
    only: Container[str] | None = None,
) -> Iterator[tuple[Found, Any] | Problem]:
    """Yield the files of a folder and of its subfolders, in sorted order.

    Links are followed, except those to a folder that contains them. Nothing is left out here for
    its name, except by `enter`.

    Parameters
    ----------
    folder : str
    left_out : LeftOut
        It counts the links that are not followed.
    enter : callable
        ``enter(name, relative, state)`` returns the state for the content of a folder or for a
        file, or None to leave it out.
    state
        The state of `folder`.
    only : container of str, optional
        The names of the files that are given; by default of all. Folders have any names.

    Yields
    ------
    tuple of Found and state, or Problem
        A folder that cannot be read is a problem.
    """
    stack = [_Level(folder, "", state, only)]
    yield from stack[0].problems
    while stack:
        level = stack[-1]
        found = next(level.names, None)
        if found is None:
            stack.pop()
            continue
        name, is_folder = found
        path, relative = level.start + name, level.prefix + name
        inner = enter(name, relative, level.state)
        if inner is None:
            continue
        if not is_folder:
            yield Found(path, relative), inner
            continue
        below = _Level(path, relative + "/", inner, only)
        if below.identity is not None and below.identity in [each.identity for each in stack]:
            left_out.loops += 1
            continue
        yield from below.problems
        stack.append(below)


class _Level:
    """An open folder."""

    def __init__(self, path: str, prefix: str, state: Any, only: Container[str] | None) -> None:
        self.start, self.prefix, self.state = os.path.join(path, ""), prefix, state
        self.problems: list[Problem] = []
        self.identity: tuple[int, int] | None = None
        self.names: Iterator[tuple[str, bool]] = iter(())
        try:
            status = os.stat(path)
            self.identity = status.st_dev, status.st_ino
            with os.scandir(path) as entries:
                ordered = sorted_names(_names(entries, only))
                first = next(ordered, None)  # all names have been read now
        except OSError as problem:
            reason = problem.strerror or type(problem).__name__
            self.problems = [
                Problem(
                    printable(prefix.rstrip("/")),
                    f"the folder cannot be read: {reason}: allow it, or move the folder away.",
                )
            ]
            return
        if first is not None:
            self.names = chain([first], ordered)


def _names(
    entries: Iterable[os.DirEntry[str]], only: Container[str] | None
) -> Iterator[tuple[str, bool]]:
    """Yield each name, and whether it is that of a folder, which the listing says mostly."""
    for entry in entries:
        try:
            is_folder = entry.is_dir()
        except OSError:  # such as a link to itself
            is_folder = False
        if only is None or is_folder or entry.name in only:
            yield entry.name, is_folder


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"

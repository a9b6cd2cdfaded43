"""Globs as a source: the files that a pattern such as ``"a/**/*.wav"`` matches, in sorted order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import translate
from itertools import product
from typing import Final

from netencoders.errors import printable
from netencoders_corpus.errors import SourceError
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.folder import item_of_file
from netencoders_corpus.sources.walk import LeftOut, is_audio_name, walk

__all__ = ["Glob", "expanded_braces", "is_pattern", "matching"]

MAX_NAMES: Final = 100_000
_MAGIC: Final = re.compile(r"[*?\[]")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_RANGE: Final = re.compile(r"(\d{1,18})\.\.(\d{1,18})")
DEEP: Final = "**"

States = frozenset[int]


class Glob(Source):
    """The files that a pattern matches; the id is relative to the folder before the pattern.

    ``*`` and ``?`` match within a name, and ``**`` any folders. Hidden names need a pattern that
    begins with a dot. A pattern that ends in ``*`` or ``**`` takes only files with the suffix of
    audio, as a folder does.

    Parameters
    ----------
    pattern : str
    """

    columns = {}  # noqa: RUF012 - it never changes

    def __init__(self, pattern: str) -> None:
        self.name = pattern
        self._left_out = LeftOut()

    def items(self) -> Iterator[Item | Problem]:
        """Yield the files in sorted order."""
        left_out = LeftOut()
        is_open = self.name.replace(os.sep, "/").rpartition("/")[2] in ("*", DEEP)
        for found in matching(self.name, left_out):
            if isinstance(found, Problem):
                yield found
            elif is_open and not is_audio_name(found[1]):
                left_out.add(found[1])
            else:
                yield item_of_file(*found)
        self._left_out = left_out

    @property
    def notes(self) -> tuple[str, ...]:
        """The files that were left out."""
        return self._left_out.notes


def is_pattern(text: str) -> bool:
    """Return whether a text has a character of patterns."""
    return _MAGIC.search(text) is not None


def matching(pattern: str, left_out: LeftOut) -> Iterator[tuple[str, str] | Problem]:
    """Yield the path of each file that a pattern matches, and its path relative to the folder.

    Parameters
    ----------
    pattern : str
    left_out : LeftOut
        It counts links that are not followed.
    """
    folder, parts = _split(pattern)
    parted = folder != os.curdir or pattern.startswith(".")
    if not os.path.isdir(folder):
        text = "there is no such folder: check the pattern."
        raise SourceError(pattern, [(printable(folder), text)])
    last = len(parts)
    tests = [None if part == DEEP else re.compile(translate(part)).match for part in parts]

    def closed(states: set[int]) -> States:
        """Add the states behind ``**``, which may match no folder, but not the last one."""
        for state in sorted(states):
            while state + 1 < last and parts[state] == DEEP:
                state += 1
                states.add(state)
        return frozenset(states)

    def enter(name: str, relative: str, states: States) -> States | None:
        following: set[int] = set()
        hidden = name.startswith(".")
        for state in states - {last}:
            test = tests[state]
            if test is None:
                if not hidden:
                    following |= {state, last} if state + 1 == last else {state}
            elif test(name) and (not hidden or parts[state].startswith(".")):
                following.add(state + 1)
        return closed(following) if following else None

    for found in walk(folder, left_out, enter, closed({0})):
        if isinstance(found, Problem):
            yield found
        elif last in found[1]:
            yield found[0].path if parted else found[0].relative, found[0].relative


def expanded_braces(text: str) -> list[str]:
    """Return the names of ``shard-{000..009}.tar`` or ``{train,test}.tar``.

    Raises
    ------
    SourceError
        There are too many names, or a range is not valid.
    """
    pieces: list[list[str]] = []
    count, place = 1, 0
    for braces in _BRACES.finditer(text):
        pieces.append([text[place : braces.start()]])
        place = braces.end()
        inner = _alternatives(braces[1], text)
        count *= len(inner)
        if count > MAX_NAMES:
            raise SourceError(text, [("", f"it means more than {MAX_NAMES} names: use fewer.")])
        pieces.append(inner)
    pieces.append([text[place:]])
    return ["".join(chosen) for chosen in product(*pieces)]


def _alternatives(text: str, whole: str) -> list[str]:
    match = _RANGE.fullmatch(text)
    if match is None:
        return text.split(",")
    first, last = int(match[1]), int(match[2])
    if last < first or last - first >= MAX_NAMES:
        problem = f"the range {text} is not valid: write it as 000..009, with at most {MAX_NAMES}."
        raise SourceError(whole, [("", problem)])
    width = len(match[1])
    return [f"{number:0{width}d}" for number in range(first, last + 1)]


def _split(pattern: str) -> tuple[str, list[str]]:
    """Return the folder before the first part with a pattern, and the parts from there."""
    parts = pattern.replace(os.sep, "/").split("/")
    # The last part of a name without a pattern is that of one file, as in glob.glob.
    first = next((p for p, part in enumerate(parts) if is_pattern(part)), len(parts) - 1)
    folder = "/".join(parts[:first]) if first else "."
    rest = [part for part in parts[first:] if part not in ("", ".")]
    rest = [
        part for place, part in enumerate(rest) if rest[place - 1 : place] != [DEEP] or part != DEEP
    ]
    if ".." in rest:
        raise SourceError(pattern, [("", "'..' cannot follow a pattern: write the folder first.")])
    return folder or "/", rest

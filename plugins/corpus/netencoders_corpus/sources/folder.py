"""A folder as a source: its files, in sorted order, at any depth."""

from __future__ import annotations

import os
from collections.abc import Iterator

from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.paths import name_problem
from netencoders_corpus.sources.walk import LeftOut, is_audio_name, walk

__all__ = ["Folder", "item_of_file"]


class Folder(Source):
    """All files of a folder whose suffix is that of audio; the id is the relative path (A114).

    Links are followed. Hidden files and folders, and files with other suffixes, are left out and
    counted.

    Parameters
    ----------
    folder : str or path-like
    """

    columns = {}  # noqa: RUF012 - it never changes

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.name = self._folder = os.fspath(folder)
        self._left_out = LeftOut()

    def items(self) -> Iterator[Item | Problem]:
        """Yield the files in sorted order."""
        left_out = LeftOut()

        def enter(name: str, relative: str, state: object) -> object:
            if name.startswith("."):
                left_out.hidden += 1
                return None
            return True

        for found in walk(self._folder, left_out, enter):
            if isinstance(found, Problem):
                yield found
            elif is_audio_name(found[0].relative):
                yield item_of_file(found[0].path, found[0].relative)
            else:
                left_out.add(found[0].relative)
        self._left_out = left_out

    @property
    def notes(self) -> tuple[str, ...]:
        """The files that were left out."""
        return self._left_out.notes


def item_of_file(path: str, relative: str) -> Item | Problem:
    """Return the item of a file of a folder, or the reason why its name is not allowed."""
    problem = name_problem(relative)
    return problem or Item(relative, relative, path)

"""A folder as a source: its files, in sorted order, at any depth."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from netencoders.errors import printable
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source

__all__ = ["Folder"]


class Folder(Source):
    """All files of a folder whose suffix is that of an input; the id is the relative path.

    Parameters
    ----------
    folder : Path
    suffixes : frozenset of str
        The suffixes of inputs, in lower case.
    """

    columns = {}  # noqa: RUF012 - it never changes

    def __init__(self, folder: Path, suffixes: frozenset[str]) -> None:
        self.name, self._folder, self._suffixes = str(folder), folder, suffixes

    def items(self) -> Iterator[Item | Problem]:
        """Yield the files in sorted order."""
        for path in self._files(self._folder):
            relative = path.relative_to(self._folder).as_posix()
            if printable(relative) != relative:
                yield Problem(printable(relative), "the name is not printable: rename the file.")
                continue
            yield Item(relative, relative, str(path))

    def _files(self, folder: Path) -> Iterator[Path]:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self._files(Path(entry.path))
            elif os.path.splitext(entry.name)[1].lower() in self._suffixes and entry.is_file():
                yield Path(entry.path)

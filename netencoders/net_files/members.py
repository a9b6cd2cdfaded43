"""The files in a net file as a folder in memory, from which the values of parameters are read."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import BinaryIO

from netencoders.net_files.member_names import DOCUMENT

__all__ = ["Member", "beside"]


class Member:
    """A file in memory, with the methods of a package resource that an Asset needs.

    Parameters
    ----------
    name : str
    files : mapping of str to bytes
        All files of the folder.
    """

    def __init__(self, name: str, files: Mapping[str, bytes]) -> None:
        self.name = name
        self._files = files

    @property
    def parent(self) -> Member:
        """The folder."""
        return Member("", self._files)

    def joinpath(self, *names: str) -> Member:
        """Return a file of the folder."""
        return Member("/".join(names), self._files)

    def is_file(self) -> bool:
        """Return whether the file is there."""
        return self.name in self._files

    def is_dir(self) -> bool:
        """Return whether it is the folder."""
        return not self.name

    def open(self, mode: str = "rb") -> BinaryIO:
        """Open the file."""
        return io.BytesIO(self._files[self.name])

    def __str__(self) -> str:
        return self.name


def beside(files: Mapping[str, bytes]) -> Member:
    """Return the document of a net file whose folder has these files, and no others."""
    return Member(DOCUMENT, files)

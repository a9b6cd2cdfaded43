"""Paths in manifests: which values are files, the path that is opened, and the name of a row."""

from __future__ import annotations

import os
import re
from typing import Any, Final, NamedTuple

from netencoders.errors import printable
from netencoders.parameters import short
from netencoders_corpus.sources.base import Problem

__all__ = ["Located", "Paths", "name_problem", "value_problem"]

_URL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|data:)")


class Located(NamedTuple):
    """A file that a manifest names: the path that is opened, and the name in the corpus."""

    path: str
    name: str


class Paths:
    """Resolves the paths of a manifest.

    Parameters
    ----------
    folder : str
        Relative paths are relative to this folder.
    root : str, optional
        Names are relative to this folder; by default to `folder`.
    """

    def __init__(self, folder: str, root: str | None = None) -> None:
        self.folder = folder
        self._root = _ending_in_slash(os.path.abspath(folder if root is None else root))
        # A path that is relative to the same folder is its own name.
        self._is_root = _ending_in_slash(os.path.abspath(folder)) == self._root

    def locate(self, value: str) -> Located:
        """Return the file of a value that has no `value_problem`."""
        path = os.path.join(self.folder, value)
        name = _normal(value)
        if not os.path.isabs(value):
            if self._is_root:
                return Located(path, name)
            name = os.path.normpath(os.path.join(os.path.abspath(self.folder), value))
        inside = name.replace(os.sep, "/")
        return Located(path, inside.removeprefix(self._root))


def value_problem(value: Any, column: str) -> str | None:
    """Return the reason why a value of a column of files is no path, or None."""
    if not isinstance(value, str):
        if value is None:
            return f"{column!r} is missing: name a file."
        if isinstance(value, dict | list):
            kind = "an object" if isinstance(value, dict) else "a list"
            return f"{column!r} is {kind}, not the path of one file: name one file a row."
        return f"{column!r} is {short(value)}, not a path: name a file."
    if not value:
        return f"{column!r} is empty: name a file."
    if value[0] == "|" or value.rstrip().endswith("|"):
        return f"{_shown(value)} is a command, which is never run: write its output to a file."
    if _URL.match(value):
        return f"{_shown(value)} is a URL: copy the file to a disk, and name it."
    if not value.isprintable():
        return f"{_shown(value)} has characters that are not printable: rename the file."
    return None


def name_problem(name: str) -> Problem | None:
    """Return the problem of a name that is not UTF-8, or not printable."""
    if name.isprintable():
        return None
    if any("\ud800" <= character <= "\udfff" for character in name):
        return Problem(printable(name), "the name is not UTF-8: rename the file.")
    return Problem(printable(name), "the name is not printable: rename the file.")


def _shown(value: str) -> str:
    return f"'{printable(value if len(value) <= 200 else f'{value[:200]}...')}'"


def _normal(value: str) -> str:
    """Return a path without ``.``, ``..`` and double slashes, as a name."""
    text = value if os.sep == "/" else value.replace(os.sep, "/")
    if "//" in text or "/." in text or text[0] == "." or text[-1] == "/":
        return os.path.normpath(text).replace(os.sep, "/")
    return text


def _ending_in_slash(path: str) -> str:
    return path.replace(os.sep, "/").rstrip("/") + "/"

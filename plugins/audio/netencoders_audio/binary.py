"""Binary file objects: what libsndfile gets to see of a file that the caller opened."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from netencoders_audio.errors import AudioError

__all__ = ["RestOfFile"]


class RestOfFile:
    """A file object from where it stands to its end, as a file of its own.

    libsndfile by itself would start at byte 0, and take whatever the object raises for its end.

    Parameters
    ----------
    file : binary file object
        Has ``read``, ``seek`` and ``tell``.

    Attributes
    ----------
    size : int
        In bytes.
    problem : Exception or None
        What the object raised when it was read, if anything.

    Raises
    ------
    AudioError
        With code ``unsupported-input``: it is closed, open as text, or cannot seek.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._here = 0
        self.problem: Exception | None = None
        try:
            is_binary = isinstance(file.read(0), bytes)
            self._start = int(file.tell())
            file.seek(0, os.SEEK_END)
            self.size = max(0, int(file.tell()) - self._start)
            file.seek(self._start)
        except Exception as problem:
            raise AudioError(
                f"a file object that cannot be read from any place: {problem}",
                code="unsupported-input",
                remedy="give a path, the content as bytes, or a file that is open and can seek",
            ) from problem
        if not is_binary:
            raise AudioError(
                "a file that is open as text",
                code="unsupported-input",
                remedy="open it with mode 'rb'",
            )

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte; places before the first one are not taken."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._here, os.SEEK_END: self.size}[whence]
        if base + offset >= 0:
            self._here = base + offset
        return self._here

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._here

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as there are bytes, and return how many there are."""
        filled = 0
        try:
            self._file.seek(self._start + self._here)
            while filled < len(buffer) and (data := self._file.read(len(buffer) - filled)):
                buffer[filled : filled + len(data)] = data
                filled += len(data)
        except Exception as problem:  # raised again past libsndfile
            self.problem = problem
        self._here += filled
        return filled

    def give_back(self) -> None:
        """Leave the file where it was found."""
        with contextlib.suppress(OSError, ValueError):  # it may be closed by now
            self._file.seek(self._start)

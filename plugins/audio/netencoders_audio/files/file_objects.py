"""File objects of the caller: read in place, or from a copy if they cannot seek."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Final

from netencoders.origins import is_of_signal_handler, mark_of_input
from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import OpenFile, RestOfFile, unreadable
from netencoders_audio.limits import current_limits, exceeded

__all__ = ["rest_of_file", "seekable_rest"]

BYTES: Final = (bytes, bytearray, memoryview)
_PIECE: Final = 1 << 20
# The errors of objects that are closed, or that lack a method, an argument or an ability.
_UNUSABLE: Final = (ValueError, TypeError, AttributeError, NotImplementedError)


def rest_of_file(file: Any) -> RestOfFile | OpenFile:
    """Return the rest of a file object, from a temporary copy if the object cannot seek.

    Raises
    ------
    AudioError
        With code ``unsupported-input``: the file is closed, or open in text mode; ``empty-file``:
        it has no bytes left; ``unreadable``: the copy cannot be written; ``limit-exceeded``: the
        copy exceeds the limit of bytes.
    Exception
        Reading the file object raises it.
    """
    try:
        nothing = _read(file, 0)
    except _UNUSABLE as problem:
        if is_of_signal_handler(problem):
            raise
        raise _unusable(f"the file object cannot be read: {problem}") from problem
    if isinstance(nothing, str):
        raise _unusable("the file is open in text mode", "open it in mode 'rb'")
    if not isinstance(nothing, BYTES):
        raise _unusable(f"the file object's read() returns a {type(nothing).__name__}, not bytes")
    rest = seekable_rest(file)
    if rest is None:
        with tempfile.TemporaryFile() as copy:  # the last descriptor deletes it
            _copy(file, copy)
            return OpenFile(os.dup(copy.fileno()))
    if not rest.size and rest.start:
        raise AudioError(
            f"the file object is at its end, at byte {rest.start}",
            code="empty-file",
            remedy="move it to its first byte: file.seek(0)",
        )
    return rest


def seekable_rest(file: Any) -> RestOfFile | None:
    """Return the rest of a file object; None if it cannot seek.

    A member of a tar archive that is read as a stream raises an error in ``seekable``.
    """
    try:
        seekable = file.seekable() if hasattr(file, "seekable") else hasattr(file, "tell")
        return RestOfFile(file) if seekable else None
    except Exception as problem:  # foreign code may raise anything
        if is_of_signal_handler(problem):
            raise
        return None


def _copy(file: Any, copy: Any) -> None:
    limit = current_limits().max_bytes
    while data := _read(file, _PIECE):
        try:
            copy.write(data)
        except OSError as problem:
            if is_of_signal_handler(problem):
                raise
            raise unreadable(problem, "the disk of temporary files") from problem
        if copy.tell() > limit:
            raise exceeded(f"it has more than {limit} bytes", "max_bytes", limit, str(2 * limit))
    if data is None:
        raise AudioError(
            "the file object is in non-blocking mode, and has no data yet",
            code="unreadable",
            remedy="open it in blocking mode",
        )
    if not copy.tell():
        raise AudioError(
            "reading it gives 0 bytes",
            code="empty-file",
            remedy="open it again, or check its source",
        )
    copy.flush()


def _read(file: Any, count: int) -> Any:
    try:
        return file.read(count)
    except Exception as problem:  # foreign code may raise anything
        mark_of_input(problem)
        raise


def _unusable(
    problem: str, remedy: str = "give a path, bytes, or an open binary file"
) -> AudioError:
    return AudioError(problem, code="unsupported-input", remedy=remedy)

"""File objects of the caller: read in place, or from a copy if they cannot seek."""

from __future__ import annotations

import tempfile
from typing import Any, Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import CopyOfFile, RestOfFile, unreadable
from netencoders_audio.limits import current_limits, exceeded

__all__ = ["rest_of_file"]

BYTES: Final = (bytes, bytearray, memoryview)
_PIECE: Final = 1 << 20


def rest_of_file(file: Any) -> RestOfFile:
    """Return the rest of a file object, from a temporary copy if the object cannot seek.

    Raises
    ------
    AudioError
        With code ``unsupported-input``: the file is closed, or open in text mode; ``empty-file``:
        it has no bytes left; ``unreadable``: reading fails during the copy; ``limit-exceeded``: the
        copy exceeds the limit of bytes.
    """
    try:
        nothing = file.read(0)
    except Exception as problem:  # foreign code may raise anything
        raise _unusable(f"the file object cannot be read: {problem}") from problem
    if isinstance(nothing, str):
        raise _unusable("the file is open in text mode", "open it in mode 'rb'")
    if not isinstance(nothing, BYTES):
        raise _unusable(f"the file object's read() returns a {type(nothing).__name__}, not bytes")
    rest = _seekable(file)
    if rest is None:
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - the returned value closes it
        try:
            _copy(file, copy)
        except BaseException:
            copy.close()
            raise
        return CopyOfFile(copy)
    if not rest.size and rest.start:
        raise AudioError(
            f"the file object is at its end, at byte {rest.start}",
            code="empty-file",
            remedy="move it to its first byte: file.seek(0)",
        )
    return rest


def _seekable(file: Any) -> RestOfFile | None:
    """Return the rest of a file object; None if it cannot seek.

    A member of a tar archive that is read as a stream raises an error in ``seekable``.
    """
    try:
        seekable = file.seekable() if hasattr(file, "seekable") else hasattr(file, "tell")
        return RestOfFile(file) if seekable else None
    except Exception:  # foreign code may raise anything
        return None


def _copy(file: Any, copy: Any) -> None:
    limit = current_limits().max_bytes
    try:
        while data := file.read(_PIECE):
            copy.write(data)
            if copy.tell() > limit:
                break
    except Exception as problem:  # foreign code may raise anything
        raise unreadable(problem) from problem
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
    if copy.tell() > limit:
        raise exceeded(f"it has more than {limit} bytes", "max_bytes", limit, str(2 * limit))
    copy.seek(0)


def _unusable(
    problem: str, remedy: str = "give a path, bytes, or an open binary file"
) -> AudioError:
    return AudioError(problem, code="unsupported-input", remedy=remedy)

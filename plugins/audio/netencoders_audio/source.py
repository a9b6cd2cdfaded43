"""The first stage: any input becomes a recording that can be read in blocks."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from netencoders.policies import policies
from netencoders_audio.audio import Audio, AudioFile
from netencoders_audio.binary import Content, OpenFile, rest_of_file
from netencoders_audio.decode import SoundFileRecording
from netencoders_audio.errors import AudioError
from netencoders_audio.recordings import AudioRecording, LiveRecording

__all__ = ["Recording", "open_recording"]

TAKES = (
    "a path, an Audio, bytes, a binary file object, an iterator of Audio blocks, or a dict with "
    "'array' and 'sampling_rate', 'bytes' or 'path'"
)

BYTES = (bytes, bytearray, memoryview)


class Recording(Protocol):
    """Audio that is open for reading.

    Attributes
    ----------
    name : str
        What messages call it.
    rate : int
        Sample rate in Hz.
    channels : int
    length : int or None
        How many frames there are, as far as that is known before reading. Of a file it is a claim.
    repeatable : bool
        Whether the frames can be read a second time.
    """

    name: str
    rate: int
    channels: int
    length: int | None
    repeatable: bool

    def blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Give the frames from the first on, in blocks of up to `size`: shape (k, channels).

        A block may be overwritten by the next one. Calling it again starts from the first frame,
        if the recording is `repeatable`.
        """
        ...


@contextmanager
def open_recording(value: Any) -> Iterator[Recording]:
    """Open an input for reading; any error in the ``with`` block names it.

    Parameters
    ----------
    value : object
        A path (str or path-like), what `Audio.open` gives, an `Audio`, bytes, a binary file object,
        an iterator of `Audio` blocks, or a dict with ``array`` and ``sampling_rate``, or with
        ``bytes`` or ``path``.

    Raises
    ------
    AudioError
        The input cannot be opened, or the code in the block says that it cannot be encoded.
    """
    value = _unwrapped(value)
    if isinstance(value, AudioFile):
        with policies({"truncated": value.truncated}), open_recording(value.path) as recording:
            yield recording
    elif isinstance(value, Audio):
        with _named("Audio"):
            yield AudioRecording(value)
    elif isinstance(value, str | os.PathLike):
        path = os.fspath(value)
        name = os.fsdecode(path) or "an empty path"
        with _named(name):
            descriptor = _open_regular(path)
            try:
                yield from _decoded(OpenFile(descriptor), name)
            finally:
                os.close(descriptor)
    elif isinstance(value, BYTES):
        with _named("bytes"), rest_of_file(io.BytesIO(value)) as content:
            yield from _decoded(content, "bytes")
    elif hasattr(value, "read"):
        name = _file_name(value)
        with _named(name), rest_of_file(value) as content:
            yield from _decoded(content, name)
    elif isinstance(value, Iterator):
        with _named("iterator"):
            yield LiveRecording(value)
    else:
        raise _unsupported(value)


def _unwrapped(value: Any) -> Any:
    """Return what a dict in the manner of Hugging Face datasets holds; anything else as it is."""
    if not isinstance(value, Mapping):
        return value
    if value.get("array") is not None:
        if "sampling_rate" not in value:
            raise AudioError(
                "an array without 'sampling_rate'",
                code="bare-array",
                source="dict",
                remedy="add the rate in Hz",
            )
        return Audio(value["array"], value["sampling_rate"])
    for key, kinds in {"bytes": BYTES, "path": (str, os.PathLike)}.items():
        if isinstance(value.get(key), kinds):
            return value[key]
    raise AudioError(
        f"a dict with {_kinds(value)}",
        code="unsupported-input",
        source="dict",
        remedy=f"give {TAKES}",
    )


class _named:  # noqa: N801 - a context manager; as a generator it would take three times as long
    """Has any error in the ``with`` block name the input."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AudioError):
            error.source = error.source or self._name


def _decoded(content: Content, name: str) -> Iterator[Recording]:
    recording = SoundFileRecording(content, name)
    try:
        yield recording
    finally:
        recording.close()


def _open_regular(path: str | bytes) -> int:
    """Return a descriptor of a regular file; nothing else is opened.

    Opening a FIFO alone may wait for ever, or wake up the process at its other end.
    """
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
        if kind != stat.S_IFREG:
            raise _not_a_file(kind)
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as problem:
        raise _cannot_open(problem) from None


def _cannot_open(problem: OSError | ValueError) -> AudioError:
    if isinstance(problem, ValueError):  # a NUL in the name
        return AudioError(str(problem), code="not-found", remedy="check the path")
    if problem.errno in (errno.EACCES, errno.EPERM):
        return AudioError("may not be read", code="permission", remedy="check its permissions")
    if problem.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return AudioError("no such file", code="not-found", remedy="check the path")
    if problem.errno == errno.ELOOP:
        return AudioError("a loop of symbolic links", code="not-found", remedy="check the path")
    reason = problem.strerror or str(problem)
    return AudioError(f"cannot be opened: {reason}", code="unreadable", remedy="try it again")


def _not_a_file(kind: int) -> AudioError:
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    return AudioError(
        f"{kinds.get(kind, 'a device')}, not a regular file",
        code="not-a-file",
        remedy="give the path of an audio file",
    )


def _file_name(file: Any) -> str:
    name = getattr(file, "name", None)  # a number where a descriptor was opened
    return os.fsdecode(name) if name and isinstance(name, str | bytes) else "file object"


def _kinds(value: Mapping[Any, Any]) -> str:
    kinds = [f"{str(key)[:40]!r} of type {type(value[key]).__name__}" for key in value]
    return ", ".join(kinds[:8]) or "nothing in it"


def _unsupported(value: Any) -> AudioError:
    kind = f"a value of type {type(value).__name__}"
    if isinstance(value, np.ndarray):
        return AudioError(
            f"a bare array of shape {value.shape} and type {value.dtype} has no sample rate",
            code="bare-array",
            source=kind,
            remedy="wrap it: Audio(samples, rate) from netencoders_audio",
        )
    return AudioError(
        "this is not audio",
        code="unsupported-input",
        source=kind,
        remedy=f"give {TAKES}",
    )

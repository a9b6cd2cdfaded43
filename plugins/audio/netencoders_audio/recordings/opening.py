"""Opening: turns an input of any kind into a recording that is read in blocks."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from netencoders.origins import is_of_signal_handler
from netencoders.policies import policies
from netencoders_audio.audio import Audio, AudioFile, check_whole
from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, InMemory, OpenFile, RestOfFile
from netencoders_audio.files.file_objects import rest_of_file
from netencoders_audio.files.ima import ImaBlocks
from netencoders_audio.files.inspection import inspect
from netencoders_audio.recordings.adapters import (
    audio_of,
    frames_first,
    is_sound_file,
    sound_source,
)
from netencoders_audio.recordings.excerpt import Excerpt, excerpt
from netencoders_audio.recordings.ima_file import ImaFile
from netencoders_audio.recordings.mapping import check_rate, read_choices
from netencoders_audio.recordings.names import attribute, file_name
from netencoders_audio.recordings.recording import LiveRecording, MemoryRecording, Recording
from netencoders_audio.recordings.remedies import not_a_file, path_remedy, unsupported
from netencoders_audio.recordings.samples_file import SamplesFile
from netencoders_audio.recordings.sound_file import SoundFileRecording
from netencoders_audio.recordings.track_recording import (
    TrackRecording,
    check_only_stream,
    chosen_track,
)

__all__ = ["BYTES", "CHOICES", "PATH", "Recording", "open_recording", "open_regular", "unwrapped"]

CHOICES = ("start", "stop", "frames", "channel")
PATH = (str, os.PathLike)
BYTES = (bytes, bytearray, memoryview)


def open_recording(value: Any, stream: int | None = None) -> Recording:
    """Open an input for reading in a ``with`` block; errors in the block name it.

    Parameters
    ----------
    value : object
        A path (str or path-like), a result of `Audio.open`, an `Audio`, bytes, a binary file
        object, an iterator of `Audio` blocks, or a dict with ``array`` and ``sampling_rate``, with
        ``waveform`` and ``sample_rate``, with ``bytes`` or with ``path``; also values of other
        libraries, which `adapters` lists. A dict may have a part and a channel; see `mapping`.
    stream : int, optional
        The stream of audio of a file that may have several, counted from 0.

    Raises
    ------
    AudioError
        The input cannot be opened, or the code in the block raises it.
    """
    try:
        return _opened(value, stream)
    except AudioError as error:
        error.source = error.source or _name(value)
        raise


def _opened(value: Any, stream: int | None) -> Recording:
    if isinstance(value, Audio):
        check_whole(value)
        return MemoryRecording(value)
    if isinstance(value, PATH):
        return _decoded(open_regular(os.fspath(value)), value, stream)
    if isinstance(value, AudioFile):
        with policies({"truncated": value.truncated}):
            recording = open_recording(value.path, value.stream)
        choices = {name: getattr(value, name) for name in CHOICES}
        return _chosen(recording, choices, None)
    if isinstance(value, BYTES):
        return _decoded(InMemory(value), value, stream)
    if isinstance(value, Mapping):
        row = frames_first(value)
        choices = read_choices(row)
        recording = open_recording(unwrapped(row), choices.pop("stream"))
        return _chosen(recording, choices, row.get("sampling_rate"))
    if is_sound_file(value):
        return _remaining(value)
    if attribute(value, "read") is not None:
        return _decoded(rest_of_file(value), value, stream)
    if isinstance(value, Iterator):
        return LiveRecording(value)
    if not isinstance(value, np.ndarray) and (audio := audio_of(value)) is not None:
        return open_recording(audio)
    raise unsupported(value)


def _remaining(value: Any) -> Recording:
    """Return the frames of a ``soundfile.SoundFile`` from its position on."""
    source, start = sound_source(value)
    if isinstance(source, RestOfFile):
        recording = _decoded(source, value, None)
    else:
        recording = open_recording(os.fsdecode(source))
    if not start:
        return recording
    if recording.length is not None and start >= recording.length:
        recording.close()
        raise AudioError(
            f"it is at its end, at frame {start}",
            code="empty-audio",
            source=recording.name,
            remedy="move it to its first frame: file.seek(0)",
        )
    return Excerpt(recording, start, None, None)


def _chosen(recording: Recording, choices: Mapping[str, Any], rate: Any) -> Recording:
    """Return the chosen part of a recording; close the recording if there is none."""
    try:
        check_rate(rate, recording)
        return excerpt(recording, **choices)
    except BaseException as error:
        recording.close()
        if isinstance(error, AudioError):
            error.source = error.source or recording.name
        raise


def _name(value: Any) -> str:
    """Return the name of an input for messages."""
    if isinstance(value, Audio):
        return MemoryRecording.name
    if isinstance(value, PATH):
        return os.fsdecode(value) or "an empty path"
    if isinstance(value, BYTES):
        return "bytes"
    if is_sound_file(value):
        return _name(value.name)
    return file_name(value) if attribute(value, "read") is not None else LiveRecording.name


def unwrapped(value: Mapping[Any, Any]) -> Any:
    """Return the audio in a dict of the form that Hugging Face datasets use.

    The array is taken before the bytes, and these before the path, as the rows of datasets have
    several of them for one recording.
    """
    if value.get("array") is not None:
        if value.get("sampling_rate") is None:
            raise AudioError(
                "'array' has no 'sampling_rate'",
                code="bare-array",
                source="dict",
                remedy="add 'sampling_rate', in Hz",
            )
        return Audio(value["array"], value["sampling_rate"])
    for key, kinds in {"bytes": BYTES, "path": PATH}.items():
        if value.get(key) is not None:
            if isinstance(value[key], kinds):
                return value[key]
            break
    raise unsupported(value)


def _decoded(content: Content, value: Any, stream: int | None) -> Recording:
    try:
        found = inspect(content)
        if found.tracks:
            track = chosen_track(found.tracks, stream)
            return TrackRecording(content, found, track, _name(value))
        check_only_stream(stream)
        if isinstance(found.layout, ImaBlocks):
            return ImaFile(content, found, found.layout, _name(value))
        if found.layout is not None:
            return SamplesFile(content, found, found.layout, _name(value))
        return SoundFileRecording(content, found, _name(value))
    except BaseException:
        content.close()
        raise


def open_regular(path: str | bytes) -> OpenFile:
    """Open a regular file.

    Other kinds of files are refused before they are opened: opening a FIFO may block, or wake the
    process at its other end.
    """
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
        if kind != stat.S_IFREG:
            raise not_a_file(kind, os.fsdecode(path))
        return OpenFile(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
    except (OSError, ValueError) as problem:
        if is_of_signal_handler(problem):  # such as a TimeoutError
            raise
        raise _cannot_open(problem, os.fsdecode(path)) from None


def _cannot_open(problem: OSError | ValueError, path: str) -> AudioError:
    if isinstance(problem, ValueError):  # a NUL in the name
        return AudioError(str(problem), code="not-found", remedy="check the path")
    if problem.errno in (errno.EACCES, errno.EPERM):
        return AudioError(
            "no permission to read it", code="permission", remedy="check its permissions"
        )
    if problem.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return AudioError("no such file", code="not-found", remedy=path_remedy(path))
    if problem.errno == errno.ELOOP:
        return AudioError(
            "its symbolic links form a loop", code="not-found", remedy="check the path"
        )
    reason = problem.strerror or str(problem)
    return AudioError(f"cannot be opened: {reason}", code="unreadable", remedy="try again")

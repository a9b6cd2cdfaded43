"""Adapters: take the audio values of other libraries, by their attributes and without imports."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from netencoders.origins import is_of_signal_handler, mark_of_input
from netencoders_audio.audio import Audio
from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.limits import current_limits, exceeded
from netencoders_audio.recordings.names import attribute

__all__ = ["audio_of", "frames_first", "is_sound_file", "sound_source", "wrapping"]

PATH: Final = (str, bytes, os.PathLike)
_NUMBER: Final = (int, float, np.integer, np.floating)


def audio_of(value: Any) -> Audio | None:
    """Return an object of another library as an `Audio`; None for other values.

    These are an AudioDecoder of torchcodec and Hugging Face datasets, the AudioSamples that it
    returns, and an AudioSegment of pydub.

    Raises
    ------
    AudioError
        With code ``unreadable``: a method of the object fails; ``limit-exceeded``: it states a
        longer duration than the limit; ``invalid-audio``: its samples are not audio.
    """
    source = f"a value of type {type(value).__name__}"
    if callable(get := attribute(value, "get_all_samples")):
        _check_duration(value, source)
        value = _result(get, source)
    data, rate = attribute(value, "data"), attribute(value, "sample_rate")
    if data is not None and rate is not None:
        return Audio(_transposed(data, source), rate)
    if callable(get := attribute(value, "get_array_of_samples")):
        samples = np.asarray(_result(get, source))
        return Audio(samples.reshape(-1, value.channels), value.frame_rate, value.channels)
    return None


def frames_first(value: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return a dict with ``waveform``, shape (channels, frames), as one with ``array``.

    This is the form that pyannote and others use; the other keys stay. Other dicts are returned
    unchanged.
    """
    if value.get("waveform") is None or "sample_rate" not in value or "array" in value:
        return value
    others = {key: item for key, item in value.items() if key not in ("waveform", "sample_rate")}
    array = _transposed(value["waveform"], "dict")
    return {"array": array, "sampling_rate": value["sample_rate"], **others}


def is_sound_file(value: Any) -> bool:
    """Return whether an object is a ``soundfile.SoundFile``, or has its attributes."""
    names = ("samplerate", "channels", "read", "name", "mode", "tell")
    return all(attribute(value, name) is not None for name in names)


def sound_source(value: Any) -> tuple[Any, int]:
    """Return the source of a ``soundfile.SoundFile``, and the frame at which it is.

    The source is opened a second time: the object stays open, at its position, and the file is
    checked like any other.

    Returns
    -------
    tuple of a path or Content, and int

    Raises
    ------
    AudioError
        With code ``unsupported-input``: it is closed, open for writing, headerless, or has no
        source that can be opened.
    """
    source, remedy = f"a value of type {type(value).__name__}", "open it for reading"
    if isinstance(value.name, PATH):
        remedy += f", or give its path: {os.fsdecode(value.name)!r:.500}"
    if attribute(value, "closed"):
        raise AudioError("it is closed", code="unsupported-input", source=source, remedy=remedy)
    if value.mode != "r":
        problem = f"it is open in mode {value.mode!r}"
        raise AudioError(problem, code="unsupported-input", source=source, remedy=remedy)
    file = value.name
    frame = int(_result(value.tell, source))
    if isinstance(file, PATH) and attribute(value, "format") != "RAW":
        return file, frame
    if attribute(file, "seek") is not None and attribute(value, "format") != "RAW":
        return _Shared(file), frame
    raise AudioError(
        "its source cannot be opened a second time",
        code="unsupported-input",
        source=source,
        remedy="read its samples: Audio(file.read(dtype='float32'), file.samplerate)",
    )


class _Shared(RestOfFile):
    """The file object of a decoder, from its first byte; closing it restores the position."""

    def __init__(self, file: Any) -> None:
        self._here = file.tell()
        file.seek(0)
        super().__init__(file)

    def close(self) -> None:
        """Move the file back to the position that its decoder expects."""
        self._file.seek(self._here)


def wrapping(value: tuple[Any, ...]) -> AudioError | None:
    """Return the error for a tuple of samples and rate, with the line that wraps it, or None."""
    if len(value) < 2:
        return None
    first, second, *_ = value
    if _are_samples(first) and isinstance(second, _NUMBER):
        place, samples, rate = 0, first, second
    elif isinstance(first, _NUMBER) and _are_samples(second):
        place, samples, rate = 1, second, first
    else:
        return None
    shape: Sequence[int] = attribute(samples, "shape") or ()
    turned = ".T" if len(shape) == 2 and shape[0] < shape[1] else ""
    hertz = int(rate) if float(rate).is_integer() else float(rate)
    return AudioError(
        "an array and its sample rate must be wrapped in an Audio",
        code="unsupported-input",
        source="a value of type tuple",
        remedy=f"wrap them: Audio(value[{place}]{turned}, {hertz}) from netencoders_audio",
    )


def _are_samples(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], _NUMBER)
    return attribute(value, "shape") not in (None, ())


def _transposed(samples: Any, source: str) -> Any:
    """Return samples of shape (channels, frames) with their frames first."""
    try:
        shape = np.shape(samples) if isinstance(samples, list) else tuple(samples.shape)
    except (AttributeError, TypeError, ValueError) as problem:
        if is_of_signal_handler(problem):
            raise
        raise _failed(problem, source) from problem
    if len(shape) != 2:
        return samples
    if 0 < shape[1] < shape[0]:
        raise AudioError(
            f"shape {shape} means {shape[0]} channels of {shape[1]} frames",
            code="invalid-audio",
            source=source,
            remedy="give (channels, frames), or Audio(samples, rate) with (frames, channels)",
        )
    return np.transpose(samples) if isinstance(samples, list) else samples.T


def _check_duration(value: Any, source: str) -> None:
    seconds = attribute(attribute(value, "metadata"), "duration_seconds")
    hours = current_limits().max_hours
    if isinstance(seconds, _NUMBER) and seconds > hours * 3600:
        problem = f"it is longer than {hours:g} hours"
        error = exceeded(problem, "max_hours", hours, f"{2 * hours:g}")
        error.source = source
        raise error


def _result(method: Any, source: str) -> Any:
    try:
        return method()
    except Exception as problem:  # foreign code may raise anything
        known = isinstance(problem, RuntimeError | TypeError | ValueError)  # such as torchcodec's
        if not known or is_of_signal_handler(problem):
            mark_of_input(problem)
            raise
        raise _failed(problem, source) from problem


def _failed(problem: Exception, source: str) -> AudioError:
    return AudioError(
        f"reading it fails with {type(problem).__name__}: {problem}",
        code="unreadable",
        source=source,
        remedy="read its samples, and wrap them as Audio(samples, rate)",
    )

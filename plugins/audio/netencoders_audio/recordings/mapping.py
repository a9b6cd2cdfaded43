"""Mappings: the keys of a dict with audio, as in datasets and manifests (A36)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from netencoders.errors import nearest
from netencoders.parameters import short
from netencoders_audio.errors import AudioError
from netencoders_audio.positions import check_seconds, check_stream
from netencoders_audio.recordings.recording import Recording

__all__ = ["KEYS", "check_rate", "read_choices"]

# The keys by their task. A key of another name is refused: it could name a part of the recording.
KEYS: Final = {
    "audio": ("array", "sampling_rate", "bytes", "path"),
    "start": ("start", "offset"),
    "stop": ("end", "duration"),
    "channel": ("channel",),
    "stream": ("stream",),
}


def read_choices(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the part and the channel that a dict names, as the arguments of `excerpt`.

    The result has also the key ``stream``, a stream of audio of the file or None.

    ``start`` and ``offset`` are the start of the part, ``end`` its end, and ``duration`` its
    length; all are in seconds, or durations such as ``"250 ms"``. A key whose value is None counts
    as absent.

    Parameters
    ----------
    value : mapping
        A row of a dataset, or a line of a manifest.

    Raises
    ------
    AudioError
        With code ``unsupported-input``: a key is unknown, or two keys contradict each other.
    """
    given = {key: item for key, item in value.items() if item is not None}
    known = [key for keys in KEYS.values() for key in keys]
    has_audio = any(key in given for key in ("array", "bytes", "path"))
    if "array" in given and "waveform" in given:  # otherwise, it is already read as an array
        raise _refused("'array' and 'waveform' are both given", "give one of the two")
    for key in given:
        if key not in known and has_audio:  # without audio, another error names all keys
            hint = nearest(key, known) if isinstance(key, str) else ""
            raise _refused(
                f"the key {short(key)} is unknown.{hint}",
                f"give only the keys of the audio: {', '.join(known)}",
            )
    start, stop = (_only(given, KEYS[task]) for task in ("start", "stop"))
    stream = given.get("stream")
    choices = {
        "channel": given.get("channel"),
        "stream": None if stream is None else check_stream(stream),
    }
    if start is not None:
        choices["start"] = check_seconds(start, given[start])
    if stop is not None:
        choices["stop" if stop == "end" else "duration"] = check_seconds(stop, given[stop])
    return choices


def check_rate(rate: Any, recording: Recording) -> None:
    """Refuse the ``sampling_rate`` of a dict if the file has another rate; None is not stated.

    Raises
    ------
    AudioError
        With code ``unsupported-input``.
    """
    is_number = isinstance(rate, int | float | np.integer | np.floating)
    if rate is not None and not (is_number and rate == recording.rate):
        raise AudioError(
            f"'sampling_rate' is {short(rate)}, but the file has {recording.rate} Hz",
            code="unsupported-input",
            remedy="correct the rate, or leave it out",
        )


def _only(given: Mapping[Any, Any], keys: tuple[str, ...]) -> str | None:
    both = [key for key in keys if key in given]
    if len(both) > 1:
        raise _refused(f"{both[0]!r} and {both[1]!r} are both given", "give one of the two")
    return both[0] if both else None


def _refused(problem: str, remedy: str) -> AudioError:
    return AudioError(problem, code="unsupported-input", source="dict", remedy=remedy)

"""Identity: the hash of the content of an input, which the random numbers depend on (A146).

A file, its bytes and a file object of it have one hash, so that the name of a file has no effect.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from netencoders.randomness import no_input_id
from netencoders_audio.audio import Audio, AudioFile
from netencoders_audio.files.content import Content
from netencoders_audio.files.file_objects import seekable_rest
from netencoders_audio.recordings.adapters import (
    audio_of,
    frames_first,
    is_sound_file,
    sound_source,
)
from netencoders_audio.recordings.mapping import read_choices
from netencoders_audio.recordings.names import attribute
from netencoders_audio.recordings.opening import BYTES, CHOICES, PATH, open_regular, unwrapped
from netencoders_audio.recordings.remedies import unsupported

__all__ = ["audio_id"]

BLOCK: Final = 1 << 20


def audio_id(value: Any) -> str:
    """Return the sha256, in hexadecimal, of the content of an input of an audio encoder.

    Parameters
    ----------
    value : object
        An input of `open_recording`.

    Returns
    -------
    str
        Of the bytes of a file; of the rate, the type, the form and the values of samples; and of
        the chosen part and channel, if there are some.

    Raises
    ------
    EncodeError
        With code ``no-input-id``: an iterator or a file object that can be read only once.
    AudioError
        The input cannot be opened.
    """
    if isinstance(value, Audio):
        return _samples_id(value)
    if isinstance(value, PATH):
        return _bytes_id(open_regular(os.fspath(value)))
    if isinstance(value, AudioFile):
        choices = {name: getattr(value, name) for name in (*CHOICES, "stream")}
        return _chosen_id(audio_id(value.path), choices)
    if isinstance(value, BYTES):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Mapping):
        row = frames_first(value)
        choices = read_choices(row)
        return _chosen_id(audio_id(unwrapped(row)), choices)
    if is_sound_file(value):
        source, start = sound_source(value)
        whole = audio_id(os.fsdecode(source)) if isinstance(source, PATH) else _bytes_id(source)
        return _chosen_id(whole, {"start_frame": start or None})
    if attribute(value, "read") is not None:
        rest = seekable_rest(value)
        if rest is None:
            raise no_input_id(value, "a file object that cannot seek is read once")
        return _bytes_id(rest)
    if isinstance(value, Iterator):
        raise no_input_id(value, "an iterator is read once")
    if not isinstance(value, np.ndarray) and (audio := audio_of(value)) is not None:
        return _samples_id(audio)
    raise unsupported(value)


def _samples_id(audio: Audio) -> str:
    samples = audio.samples
    head = f"samples {audio.rate} {audio.frames} {audio.channels} {samples.dtype.str}\n"
    digest = hashlib.sha256(head.encode())
    digest.update(np.ascontiguousarray(samples).data)
    return digest.hexdigest()


def _bytes_id(content: Content) -> str:
    """Return the hash of all bytes, and close the content."""
    digest = hashlib.sha256()
    place = 0
    try:
        while piece := content.read_at(place, BLOCK):
            digest.update(piece)
            place += len(piece)
    finally:
        content.close()
    return digest.hexdigest()


def _chosen_id(whole: str, choices: Mapping[str, Any]) -> str:
    """Return the hash of a part; that of the whole if nothing is chosen."""
    given = sorted((name, repr(item)) for name, item in choices.items() if item is not None)
    return hashlib.sha256(f"{whole} {given}".encode()).hexdigest() if given else whole

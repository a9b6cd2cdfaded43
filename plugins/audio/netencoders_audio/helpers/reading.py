"""Reading: the samples of an input of any kind, with all of its channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders import check_stop
from netencoders_audio.audio import Audio
from netencoders_audio.encoders.signal import BLOCK, waveform, waveform_length
from netencoders_audio.errors import AudioError
from netencoders_audio.execution.collector import Collector
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import Recording
from netencoders_audio.stages.mono import mix_bounded

__all__ = [
    "Form",
    "audio_of_columns",
    "channel_blocks",
    "collected",
    "form_of",
    "mono_waveform",
    "stored_audio",
]

Samples = npt.NDArray[np.float32]


def stored_audio(value: Any) -> Audio:
    """Return the whole of an input with the samples as they are read: int16 or float32, for files.

    Encoding the result gives the bits of encoding the input. Blocks of an iterator have one type.

    Parameters
    ----------
    value : object
        An input of the encoders; see `open_recording`.

    Raises
    ------
    AudioError
        The input cannot be read.
    """
    with open_recording(value) as recording:
        rows: Collector | None = None
        for block in recording.blocks(max(1, BLOCK // recording.channels)):
            check_stop()
            if rows is None:
                rows = Collector((recording.channels,), block.dtype.str, recording.length or 0)
            room = rows.room(len(block))
            if block.dtype != room.dtype:
                raise AudioError(
                    f"its blocks have the types {room.dtype} and {block.dtype}, with two scales",
                    code="unsupported-input",
                    remedy="give blocks of one type, such as float32",
                )
            room[:] = block
        empty = np.empty((0, recording.channels), np.float32)
        return audio_of_columns(empty if rows is None else rows.array(), recording.rate)


class Form(NamedTuple):
    """The sample rate in Hz, the number of channels, and the number of frames, if known."""

    rate: int
    channels: int
    frames: int | None


def form_of(value: Any, *, count: bool) -> Form:
    """Return the form of an input: the frames that its header states.

    Parameters
    ----------
    value : object
        An input of the encoders; see `open_recording`.
    count : bool
        Whether frames that no header states are counted by decoding.

    Raises
    ------
    AudioError
        The input cannot be read.
    """
    with open_recording(value) as recording:
        length = recording.length
        if length is None and count:
            length = sum(map(len, recording.blocks(max(1, BLOCK // recording.channels))))
        return Form(recording.rate, recording.channels, length)


def channel_blocks(recording: Recording) -> Iterator[Samples]:
    """Yield a recording as blocks of float32, shape (k, channels), of memory of their own.

    Each channel has the bits that the encoders read with the parameter Channel.

    Raises
    ------
    AudioError
        The recording cannot be decoded, or a sample is not finite.
    """
    start, first = recording.origin
    for block in recording.blocks(max(1, BLOCK // recording.channels)):
        check_stop()
        frames = np.empty(block.shape, np.float32)
        for channel in range(block.shape[1]):
            place = start, first + channel
            frames[:, channel] = mix_bounded(block[:, channel, np.newaxis], place, None)
        start += len(block)
        yield frames


def mono_waveform(recording: Recording, resolved: Mapping[str, Any]) -> Samples:
    """Return the waveform of the encoders, in memory of its own."""
    rows = Collector((), "float32", waveform_length(recording, resolved) or 0)
    for block in waveform(recording, resolved, keep=True):
        rows.room(len(block))[:] = block
    return rows.array()


def collected(blocks: Iterator[Samples], channels: int, expected: int) -> Samples:
    """Return blocks of shape (k, channels) as one array; `expected` rows need no growth."""
    rows = Collector((channels,), "float32", expected)
    for block in blocks:
        rows.room(len(block))[:] = block
    return rows.array()


def audio_of_columns(samples: npt.NDArray[Any], rate: int) -> Audio:
    """Return an `Audio` of samples of shape (frames, channels); one channel has one dimension."""
    channels = samples.shape[1]
    return Audio(samples[:, 0] if channels == 1 else samples, rate, channels)

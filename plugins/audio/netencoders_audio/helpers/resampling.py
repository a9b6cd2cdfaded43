"""AudioResample: audio at another sample rate, with all of its channels."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import All, Automatic, NetEncoder
from netencoders_audio.audio import Audio
from netencoders_audio.encoders.signal import check_ratio
from netencoders_audio.helpers.reading import audio_of_columns, channel_blocks, collected
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import Recording
from netencoders_audio.stages.length import cut
from netencoders_audio.stages.resample import resample, resampled_length

__all__ = ["AudioResample", "resampled"]

Samples = npt.NDArray[np.float32]


def AudioResample(  # noqa: N802 - the name of the language
    audio: Any, rate: int, *, resampling: str = "SoxrHQ", rounding: Any = Automatic
) -> Audio:
    """Return audio at another sample rate, with all of its channels.

    Each channel is resampled by itself, with the resampler of the encoders and the same bits: of a
    recording with one channel, the samples are those of the encoder Audio with this SampleRate, and
    channel c is that of the parameter Channel (A150).

    Parameters
    ----------
    audio : object
        An input of the audio encoders, such as an `Audio`, a path, a result of `Audio.open`, or
        bytes.
    rate : int
        The new sample rate in Hz, a value of the parameter SampleRate.
    resampling : str
        The resampler, a value of the parameter Resampling.
    rounding : Automatic, "Round" or "Ceiling"
        The rule that makes the new number of samples whole, a value of the parameter
        ResampledLength.

    Returns
    -------
    Audio
        Samples of float32, shape (frames,) or (frames, channels), with full scale 1. A recording
        that has this rate already has the same samples, in float32.

    Raises
    ------
    AudioError
        The errors of the encoders for an input that cannot be read. With code ``empty-audio``: it
        has no samples at the new rate; ``limit-exceeded``: the ratio of the rates is too large.
    ParameterError
        The rate, the resampler or the rule is not valid.

    Notes
    -----
    The input is read in blocks, and the whole result is in memory: 4 bytes for each sample of each
    channel. The encoders resample by themselves, in constant memory.

    References
    ----------
    Rules A9, A45, A46 and A150 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import Audio, AudioResample
    >>> AudioResample(Audio(np.zeros((44100, 2), np.int16), 44100), 16000)
    <Audio: 16000 frames, 2 channels, 16000 Hz, float32>
    """
    declared = declaration(rate, resampling, rounding)
    with open_recording(audio) as recording:
        return audio_of_columns(resampled(recording, declared), declared["SampleRate"])


def declaration(
    rate: Any, resampling: str, rounding: Any = Automatic, length: Any = All
) -> Mapping[str, Any]:
    """Return the parameters of the encoder Audio, which check the arguments."""
    encoder = NetEncoder(
        "Audio",
        SampleRate=rate,
        Resampling=resampling,
        ResampledLength=rounding,
        TargetLength=length,
    )
    return encoder.resolved


def resampled(
    recording: Recording, declared: Mapping[str, Any], length: int | None = None
) -> Samples:
    """Return all channels of an open recording, shape (frames, channels), at the declared rate.

    Parameters
    ----------
    recording : Recording
    declared : mapping
        Contains SampleRate, Resampling and ResampledLength.
    length : int, optional
        The largest number of frames; no more blocks are read than these need.
    """
    rate, channels = declared["SampleRate"], recording.channels
    rounding = declared["ResampledLength"]
    message = "no samples"
    if recording.rate != rate:
        check_ratio(recording.rate, rate)
        if recording.length:
            message += f" at {rate} Hz"

    def blocks() -> Iterator[Samples]:
        streams = []
        for mono in _columns(channel_blocks(recording), channels):
            changed = resample(mono, recording.rate, rate, declared["Resampling"], rounding)
            streams.append(cut(changed, length, message))
        for columns in zip(*streams, strict=True):  # each has blocks of the same lengths
            yield np.stack(columns, axis=1)

    expected = resampled_length(recording.length or 0, recording.rate, rate, rounding)
    return collected(blocks(), channels, expected if length is None else min(expected, length))


def _columns(blocks: Iterator[Samples], channels: int) -> list[Iterator[Samples]]:
    """Return one iterator for each channel; `itertools.tee` would hold dozens of blocks."""
    waiting: list[deque[Samples]] = [deque() for _ in range(channels)]

    def column(own: deque[Samples]) -> Iterator[Samples]:
        while True:
            if not own:
                block = next(blocks, None)
                if block is None:
                    return
                for channel, others in enumerate(waiting):
                    others.append(np.ascontiguousarray(block[:, channel]))
            yield own.popleft()

    return [column(own) for own in waiting]

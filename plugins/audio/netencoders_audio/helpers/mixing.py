"""AudioChannelMix: the mean of the channels, one of them, or any weighted sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import NetEncoder
from netencoders_audio.audio import Audio
from netencoders_audio.errors import AudioError
from netencoders_audio.helpers.reading import (
    audio_of_columns,
    channel_blocks,
    collected,
    mono_waveform,
)
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import Recording

__all__ = ["AudioChannelMix"]

CHANNELS: Final = {"Mono": "Mean", "Left": "Left", "Right": "Right"}
"""The values of the parameter Channel, by the name of a mix."""

MAX_WEIGHT: Final = 1e6
"""The largest weight: a sample is at most 1e12, so that no sum exceeds float32."""


def AudioChannelMix(audio: Any, mix: Any) -> Audio:  # noqa: N802 - the name of the language
    """Return audio whose channels are mixed: their mean, one of them, or weighted sums.

    Parameters
    ----------
    audio : object
        An input of the audio encoders, such as an `Audio`, a path, a result of `Audio.open`, or
        bytes.
    mix : "Mono", "Left", "Right" or array_like of shape (channels, new channels)
        ``"Mono"`` is the mean of the channels, with the bits of the encoders (A8). ``"Left"`` is
        channel 0, and ``"Right"`` channel 1. With a matrix, element (i, j) is the weight of channel
        i of the input in channel j of the result: new channel j is ::

            sum over i of mix[i, j] * channel i

        added in order of i in float64, and rounded to float32.

    Returns
    -------
    Audio
        Samples of float32, shape (frames,) for one channel, else (frames, new channels), with full
        scale 1, at the sample rate of the input.

    Raises
    ------
    AudioError
        The errors of the encoders for an input that cannot be read. With code
        ``no-such-channel``: it has no such channel, or another number of channels than the matrix
        has rows; ``invalid-audio``: the mix is not valid.

    Notes
    -----
    The input is read in blocks, and the whole result is in memory: 4 bytes for each sample of each
    channel.

    References
    ----------
    Rules A8, A37 and A151 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders_audio import Audio, AudioChannelMix
    >>> stereo = Audio([[0.5, 0.25], [1.0, 0.0]], 8000)
    >>> AudioChannelMix(stereo, "Mono").samples
    array([0.375, 0.5  ], dtype=float32)
    >>> AudioChannelMix(stereo, [[0, 1], [1, 0]]).samples  # exchanges the channels
    array([[0.25, 0.5 ],
           [0.  , 1.  ]], dtype=float32)
    """
    weights = None if isinstance(mix, str) and mix in CHANNELS else _checked(mix)
    with open_recording(audio) as recording:
        if weights is None:
            encoder = NetEncoder("Audio", SampleRate=recording.rate, Channel=CHANNELS[mix])
            return Audio(mono_waveform(recording, encoder.resolved), recording.rate)
        rows, columns = weights.shape
        if rows != recording.channels:
            raise AudioError(
                f"it has {recording.channels} channels, and the matrix has {rows} rows",
                code="no-such-channel",
                remedy="give a matrix with one row for each channel of the input",
            )
        samples = collected(_mixed(recording, weights), columns, recording.length or 0)
        if not len(samples):
            raise AudioError("no samples", code="empty-audio", remedy="remove it from the inputs")
        return audio_of_columns(samples, recording.rate)


def _mixed(
    recording: Recording, weights: npt.NDArray[np.float64]
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the weighted sums; a matrix product would have other bits for other blocks."""
    for block in channel_blocks(recording):
        total = np.zeros((len(block), weights.shape[1]))
        for channel, row in enumerate(weights):
            total += block[:, channel, np.newaxis].astype(np.float64) * row
        yield total.astype(np.float32)


def _checked(mix: Any) -> npt.NDArray[np.float64]:
    try:
        weights = np.asarray(mix, np.float64)
    except (TypeError, ValueError):
        weights = np.empty(0)
    good = weights.ndim == 2 and weights.size and bool((np.abs(weights) <= MAX_WEIGHT).all())
    if good:
        return weights
    raise AudioError(
        "mix must be 'Mono', 'Left', 'Right', or a matrix of finite numbers up to "
        f"{MAX_WEIGHT:g}, of shape (channels, new channels). Got {mix!r:.80}",
        code="invalid-audio",
        source="AudioChannelMix",
        remedy="for the mean of the channels, give 'Mono'",
    )

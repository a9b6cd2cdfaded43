"""Feeds: the samples that are given to a session, as blocks of a live recording (A97)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from netencoders_audio.audio import Audio
from netencoders_audio.errors import AudioError

__all__ = ["AudioFeed", "check_stream"]


class AudioFeed:
    """Makes an `Audio` of each piece of a session.

    Parameters
    ----------
    rate : int
        Sample rate in Hz.
    channels : int

    Raises
    ------
    AudioError
        With code ``invalid-audio``: the rate or the number of channels is not valid.
    """

    def __init__(self, rate: float, channels: int = 1) -> None:
        count: Any = channels
        if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
            raise AudioError(
                f"channels must be an integer >= 1. Got {count!r}",
                code="invalid-audio",
                remedy="give the number of channels: session(rate, channels=2)",
            )
        self._rate = rate
        self._channels = int(count)
        self._dtype: np.dtype[Any] | None = None  # of the first samples
        self.none = Audio(np.empty((0, self._channels), np.float32), rate, self._channels)

    def __call__(self, samples: Any) -> Audio:
        """Return the next samples.

        Raises
        ------
        AudioError
            With code ``invalid-audio``: they have another number of channels, another type than the
            first samples, or are no samples.
        """
        if isinstance(samples, bytes | bytearray | memoryview):
            raise AudioError(
                f"it takes samples, not {type(samples).__name__}",
                code="invalid-audio",
                remedy="for samples of 16 bits: feed(np.frombuffer(data, '<i2')); for several "
                "channels, add .reshape(-1, channels)",
            )
        audio = samples if isinstance(samples, Audio) else self._audio(samples)
        if (audio.rate, audio.channels) != (self.none.rate, self._channels):
            raise AudioError(
                f"the samples are {audio!r}, and the session has {self._channels} channels at "
                f"{self.none.rate} Hz",
                code="invalid-audio",
                remedy="begin a session with the rate and the channels of the samples",
            )
        if not audio.frames:
            return self.none
        dtype = audio.samples.dtype
        if self._dtype is None:
            self._dtype = dtype
        if dtype != self._dtype:
            raise AudioError(
                f"the samples are of type {dtype}, and the samples before of type {self._dtype}: "
                "they may have another scale",
                code="invalid-audio",
                remedy="give all samples in one type, such as int16 or float32",
            )
        return audio

    def _audio(self, samples: Any) -> Audio:
        shape = np.shape(samples) if isinstance(samples, np.ndarray) else ()
        if shape == (0,):  # no samples of any number of channels
            return self.none
        return Audio(samples, self._rate, self._channels)


def check_stream(stream: Callable[[Any], Iterator[Any]], feed: AudioFeed) -> None:
    """Refuse a session that would fail at its first samples.

    Raises
    ------
    AudioError
        The errors of a stream of a recording of this form: with code ``one-pass`` if the encoder
        needs the whole recording, for example.
    """
    try:
        for _ in stream(iter([feed.none])):
            break
    except AudioError as problem:
        if problem.code != "empty-audio":  # the error of no samples comes last
            raise

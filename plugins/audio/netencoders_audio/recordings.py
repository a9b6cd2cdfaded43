"""Recordings that are no files: samples in memory, and blocks that arrive one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy.typing as npt

from netencoders_audio.audio import Audio
from netencoders_audio.errors import AudioError
from netencoders_audio.inspection import check_form

__all__ = ["AudioRecording", "LiveRecording", "one_pass"]


class AudioRecording:
    """An `Audio` in memory, read like a file."""

    def __init__(self, audio: Audio) -> None:
        check_form(audio.channels, audio.rate)
        self.name = "Audio"
        self.rate = audio.rate
        self.channels = audio.channels
        self.length: int | None = audio.frames
        self.repeatable = True
        self._samples = audio.samples.reshape(audio.frames, audio.channels)

    def blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Give views of the samples; see `Recording`."""
        for start in range(0, len(self._samples), size):
            yield self._samples[start : start + size]


class LiveRecording:
    """`Audio` blocks from an iterator, such as a microphone or a socket: they come only once.

    Parameters
    ----------
    source : iterator of Audio
        All of one rate and one number of channels.

    Raises
    ------
    AudioError
        With code ``empty-audio``: it gives nothing; ``unsupported-input``: no `Audio`.
    """

    def __init__(self, source: Iterator[Any]) -> None:
        first = next(source, None)
        if first is None:
            raise AudioError("an iterator without a block", code="empty-audio")
        self.name = "iterator"
        self.rate = _audio(first).rate
        self.length: int | None = None
        self.repeatable = False
        self.channels = first.channels
        self._source: Iterator[Any] | None = chain([first], source)
        check_form(self.channels, self.rate)

    def blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Give the samples in blocks of up to `size`, once; see `Recording`."""
        source, self._source = self._source, None
        if source is None:
            raise one_pass()
        for count, block in enumerate(source):
            audio = _audio(block)
            if (audio.rate, audio.channels) != (self.rate, self.channels):
                raise AudioError(
                    f"block {count} is {audio!r}, and the first one had {self.channels} channels "
                    f"at {self.rate} Hz",
                    code="unsupported-input",
                    remedy="give blocks of one rate and one number of channels",
                )
            yield from AudioRecording(audio).blocks(size)


def one_pass() -> AudioError:
    """Return the error of what has to be read twice, and cannot be.

    It is to be raised before anything is read: a microphone never comes to its end.
    """
    return AudioError(
        "blocks that arrive one by one cannot be read twice, as Normalization and DynamicRange "
        "need",
        code="one-pass",
        remedy="use Normalization None and no DynamicRange, or encode all of it at once: "
        "encoder(audio)",
    )


def _audio(block: object) -> Audio:
    if not isinstance(block, Audio):
        raise AudioError(
            f"an iterator of {type(block).__name__}",
            code="unsupported-input",
            remedy="give an iterator of Audio blocks; a list is a batch of inputs",
        )
    return block

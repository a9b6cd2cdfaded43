"""Recordings: what is open for reading; here those that are no files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import chain
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from netencoders_audio.audio import Audio
from netencoders_audio.errors import AudioError
from netencoders_audio.limits import check_form

__all__ = ["LiveRecording", "MemoryRecording", "Recording", "one_pass"]


class Recording(ABC):
    """Audio that is open for reading, until the end of a ``with`` block.

    Any error in the block names it. (It is no generator with `contextmanager`, which takes twice as
    long: a second of audio is encoded in some hundred microseconds.)

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

    @abstractmethod
    def blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Give the frames from the first on, in blocks of up to `size`: shape (k, channels).

        A block may be overwritten by the next one. Calling it again starts from the first frame,
        if the recording is `repeatable`.
        """

    def close(self) -> None:  # noqa: B027 - samples in memory need no closing
        """Give back what was opened for it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()
        if isinstance(error, AudioError):
            error.source = error.source or self.name


class MemoryRecording(Recording):
    """An `Audio` in memory, read like a file."""

    name = "Audio"
    repeatable = True

    def __init__(self, audio: Audio) -> None:
        samples = audio.samples
        if not samples.flags.aligned:  # numpy would add it up in another order
            samples = samples.copy()
        self._samples = samples[:, np.newaxis] if samples.ndim == 1 else samples
        self.length, self.channels = self._samples.shape
        self.rate = audio.rate
        check_form(self.channels, self.rate)

    def blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Give views of the samples; see `Recording`."""
        for start in range(0, len(self._samples), size):
            yield self._samples[start : start + size]


class LiveRecording(Recording):
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

    name = "iterator"
    length = None
    repeatable = False

    def __init__(self, source: Iterator[Any]) -> None:
        first = next(source, None)
        if first is None:
            raise AudioError("an iterator without a block", code="empty-audio")
        self.rate = _audio(first).rate
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
            for part in MemoryRecording(audio).blocks(size):
                yield part.copy()  # a source may use its memory again for the next block


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

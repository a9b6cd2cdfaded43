"""Recordings: the base class of open inputs, and the recordings that are not files."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from netencoders.facts import state
from netencoders.origins import mark_of_input
from netencoders_audio.audio import Audio
from netencoders_audio.errors import AudioError, AudioWarning
from netencoders_audio.limits import check_form, max_frames, too_long
from netencoders_audio.recordings.levels import Levels

__all__ = [
    "LiveRecording",
    "MemoryRecording",
    "Recording",
    "Threads",
    "after",
    "no_such_channel",
    "one_pass",
]

# An iterator may have no end: after this time its level is judged.
LEVEL_SECONDS: Final = 10


Result = TypeVar("Result")


class Threads(Protocol):
    """The worker threads that decode ahead; see `execution.threads.WorkerThreads`."""

    several: bool

    def ahead(
        self, blocks: Iterator[npt.NDArray[Any]], kept: bool = False
    ) -> Iterator[npt.NDArray[Any]]:
        """Return the same blocks; a worker thread computes them ahead.

        The blocks are copied, unless each has memory of its own (`kept`).
        """
        ...

    def in_order(self, jobs: Iterable[Callable[[], Result]]) -> Iterator[Result]:
        """Yield the results of jobs, in the order of the jobs; all threads run them ahead."""
        ...


class Recording(ABC):
    """Audio that is open for reading, until the end of a ``with`` block.

    Errors in the block name the recording. (`contextmanager` would take twice as long; encoding a
    second of audio takes only some hundred microseconds.)

    Attributes
    ----------
    name : str
        The name in messages.
    rate : int
        Sample rate in Hz.
    channels : int
    length : int or None
        The number of frames, if known before reading. The header of a file claims it.
    repeatable : bool
        Whether the frames can be read a second time.
    origin : tuple of int
        The frame and the channel of the file at which the recording begins, for messages.
    measured : bool
        Whether a reading has measured if its channels cancel each other.
    shared : bool
        Whether a worker thread may still read it at the end of the block. Then the end does not
        close it, which could crash the decoder. It is closed with its last reference, which the
        thread drops when it ends.
    """

    name: str
    rate: int
    channels: int
    length: int | None
    repeatable: bool
    origin: tuple[int, int] = (0, 0)
    measured: bool = False
    shared: bool = False

    @abstractmethod
    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the frames from `start` on in blocks of up to `size`, of shape (k, channels).

        The next block may overwrite a block. A recording that is `repeatable` may be read again.
        """

    def blocks_ahead(self, size: int, threads: Threads) -> Iterator[npt.NDArray[Any]]:
        """Yield the blocks of `blocks`, which worker threads decode ahead.

        Parameters
        ----------
        size : int
            See `blocks`.
        threads : Threads
        """
        return threads.ahead(self.blocks(size))

    def warn(self, text: str) -> None:
        """Give a warning that names the recording."""
        warnings.warn(f"{self.name}: {text}", AudioWarning, stacklevel=2)

    def close(self) -> None:  # noqa: B027 - samples in memory need no closing
        """Close the open files."""

    def __enter__(self) -> Self:
        state("rate", self.rate)
        state("duration", None if self.length is None else self.length / self.rate)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not self.shared:
            self.close()
        if isinstance(error, AudioError):
            error.source = error.source or self.name


class MemoryRecording(Recording):
    """An `Audio` in memory, read like a file.

    Parameters
    ----------
    audio : Audio
    levels : bool
        Whether the first reading warns of a level; not for samples whose source has warned.

    Raises
    ------
    AudioError
        With code ``limit-exceeded``: it exceeds a limit, such as its length in hours.
    """

    name = "Audio"
    repeatable = True

    length: int

    def __init__(self, audio: Audio, *, levels: bool = True) -> None:
        self._samples = _columns(audio)
        self.length, self.channels = self._samples.shape
        self.rate = audio.rate
        check_form(self.channels, self.rate)
        if self.length > max_frames(self.channels, self.rate):
            raise too_long(self.channels, self.rate)
        self._levels = Levels(self.name, self._samples.dtype) if levels else None

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield views of the samples; see `Recording`. Only the first reading warns of a level."""
        levels, self._levels = self._levels, None
        if levels is not None:
            levels.see_all(self._samples)
        for place in range(start, self.length, size):
            block = self._samples[place : place + size]
            if levels is not None:
                levels.see(block)
            yield block


class LiveRecording(Recording):
    """`Audio` blocks from an iterator, such as a microphone or a socket, read once.

    Parameters
    ----------
    source : iterator of Audio
        All blocks have one rate and one number of channels.

    Raises
    ------
    AudioError
        With code ``empty-audio``: there is no block; ``unsupported-input``: a block is not an
        `Audio`; while reading, ``limit-exceeded``: all blocks together exceed a limit.
    """

    name = "iterator"
    length = None
    repeatable = False

    def __init__(self, source: Iterator[Any]) -> None:
        name = getattr(source, "input_name", None)  # of the iterator of a session
        if isinstance(name, str):
            self.name = name
        source = _marked(source)
        first = next(source, None)
        if first is None:
            raise AudioError(
                "no samples" if isinstance(name, str) else "the iterator has no block",
                code="empty-audio",
                remedy="give at least one block of samples",
            )
        self.rate = _audio(first).rate
        self.channels = first.channels
        self._dtype = first.samples.dtype
        self._source: Iterator[Any] | None = chain([first], source)
        check_form(self.channels, self.rate)

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the samples in blocks of up to `size`, once; see `Recording`."""
        yield from after(self._all_blocks(size), start)

    def _all_blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        source, self._source = self._source, None
        if source is None:
            raise one_pass()
        levels = Levels(self.name, self._dtype)
        most = max_frames(self.channels, self.rate)
        total = 0
        for count, block in enumerate(source):
            audio = _audio(block)
            if (audio.rate, audio.channels) != (self.rate, self.channels):
                raise AudioError(
                    f"block {count} is {audio!r}, but the first block has {self.channels} channels "
                    f"at {self.rate} Hz",
                    code="unsupported-input",
                    remedy="give blocks of one rate and one number of channels",
                )
            total += audio.frames
            if total > most:
                raise too_long(self.channels, self.rate)
            samples = _columns(audio)
            levels.see(samples)
            if total > LEVEL_SECONDS * self.rate:
                levels.end()
            for place in range(0, len(samples), size):
                yield samples[place : place + size].copy()  # the source may overwrite the block
        levels.end()


def _marked(source: Iterator[Any]) -> Iterator[Any]:
    """Yield the blocks of a source; its exceptions reach the caller unchanged."""
    try:
        for block in source:  # noqa: UP028 - `yield from` closes the source with this generator
            yield block
    except Exception as problem:  # code of the caller may raise anything
        mark_of_input(problem)
        raise


def _columns(audio: Audio) -> npt.NDArray[Any]:
    """Return the samples as an array of shape (frames, channels)."""
    samples = audio.samples
    if not samples.flags.aligned:  # numpy would add the samples in another order
        samples = samples.copy()
    return samples[:, np.newaxis] if samples.ndim == 1 else samples


def after(blocks: Iterator[npt.NDArray[Any]], start: int) -> Iterator[npt.NDArray[Any]]:
    """Yield blocks without their first `start` frames, for recordings that cannot seek."""
    for block in blocks:
        if start < len(block):
            yield block[start:]
        start = max(0, start - len(block))


def no_such_channel(channel: int, recording: Recording) -> AudioError:
    """Return the error for a channel, counted from 0, that a recording does not have."""
    count = recording.channels
    known = "0" if count == 1 else f"0 to {count - 1}"
    return AudioError(
        f"it has no channel {channel}: its channel{'s are' * (count > 1)}{' is' * (count == 1)} "
        f"{known}",
        code="no-such-channel",
        remedy="channels count from 0, and 'Left' is 0; Automatic is the mean of all",
    )


def one_pass() -> AudioError:
    """Return the error for single-pass input that needs two passes.

    Raise it before reading: the input may have no end.
    """
    return AudioError(
        "blocks from an iterator can be read once, but Normalization and DynamicRange need two "
        "passes",
        code="one-pass",
        remedy="set Normalization and DynamicRange to None, or encode the whole recording at once: "
        "encoder(audio)",
    )


def _audio(block: object) -> Audio:
    if not isinstance(block, Audio):
        raise AudioError(
            f"a block of the iterator has the type {type(block).__name__}, not Audio",
            code="unsupported-input",
            remedy="give an iterator of Audio blocks, or a list for a batch of inputs",
        )
    return block

"""Excerpts: a part of a recording in time, or one of its channels (A36)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError
from netencoders_audio.positions import (
    SIDES,
    check_channel,
    check_frames,
    check_seconds,
    exact_seconds,
    frame_at,
)
from netencoders_audio.recordings.recording import Recording, no_such_channel

__all__ = ["Excerpt", "excerpt"]

# Fewer frames are not decoded at once: each call of a decoder takes time.
SMALLEST: Final = 1 << 14
COUNTED: Final = 1 << 16


def excerpt(
    recording: Recording,
    *,
    start: float | str | None = None,
    stop: float | str | None = None,
    duration: float | str | None = None,
    frames: slice | None = None,
    channel: int | str | None = None,
) -> Recording:
    """Return a part of an open recording; without a choice, the recording itself.

    Parameters
    ----------
    recording : Recording
        The result closes it.
    start, stop, duration : float or str, optional
        Seconds or durations. Of `stop` and `duration`, at most one is given. Each is rounded to the
        nearest number of frames.
    frames : slice, optional
        The part in frames, instead of the times. Negative numbers count from the end.
    channel : int or str, optional
        The only channel, from 0, or ``"Left"`` or ``"Right"``.

    Returns
    -------
    Recording

    Raises
    ------
    AudioError
        With code ``invalid-audio``: a value is not valid; ``no-such-channel``: the recording has no
        such channel. While reading, ``out-of-range``: the recording has no such part.
    """
    rate = recording.rate
    first, last = 0, None
    if start is not None:
        first = frame_at(exact_seconds(check_seconds("start", start)), rate)
    if stop is not None:
        last = frame_at(exact_seconds(check_seconds("stop", stop)), rate)
    if duration is not None:
        last = first + frame_at(exact_seconds(check_seconds("duration", duration)), rate)
    if frames is not None:
        first, last = _from_start(check_frames(frames), recording)
    index = None if channel is None else check_channel(channel)
    if isinstance(index, str):
        index = SIDES[index]
    if (first, last, index) == (0, None, None):
        return recording
    return Excerpt(recording, first, last, index)


class Excerpt(Recording):
    """The frames `first` to `last` of a recording, of all channels or of one.

    Parameters
    ----------
    recording : Recording
    first : int
        The first frame. A negative number is before the beginning, and an error.
    last : int or None
        The frame after the excerpt; None is the end.
    channel : int or None
        The only channel.

    Raises
    ------
    AudioError
        With code ``out-of-range``: there are no frames from `first` to `last`;
        ``no-such-channel``.
    """

    def __init__(
        self, recording: Recording, first: int, last: int | None, channel: int | None
    ) -> None:
        self.name, self.rate = recording.name, recording.rate
        self.repeatable = recording.repeatable
        self.channels = recording.channels if channel is None else 1
        self.origin = (first, channel or 0)
        self._recording, self._first, self._last = recording, first, last
        self._channel = channel
        if channel is not None and channel >= recording.channels:
            raise no_such_channel(channel, recording)
        if first < 0:
            raise _out_of_range(f"its start is before its first frame, by {-first}")
        if last is not None and last <= first:
            raise _out_of_range(
                f"its stop, {self._at(last)}, is not after its start, {self._at(first)}"
            )
        self.length = None
        if last is not None:
            self.length = last - first
        elif recording.length is not None:
            self.length = max(0, recording.length - first)

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the frames of the excerpt; see `Recording`.

        An excerpt that ends before the recording does not read, or check, the rest.
        """
        known = self._recording.length
        if known is not None and (self._first >= known or (self._last or 0) > known):
            # The header may claim too few frames, so they are counted.
            self._check(_count(self._recording))
        begin = self._first + start
        wanted = None if self._last is None else self._last - begin
        if wanted is not None:
            size = min(size, max(wanted, SMALLEST))
        got = 0
        for block in self._recording.blocks(size, begin):
            part = block if wanted is None else block[: wanted - got]
            got += len(part)
            yield part if self._channel is None else part[:, self._channel, np.newaxis]
            if got == wanted:
                return
        if wanted is not None or not got:
            self._check(begin + got if got else _count(self._recording))

    def close(self) -> None:
        """Close the recording."""
        self._recording.close()

    def _check(self, total: int) -> None:
        """Refuse an excerpt that a recording of `total` frames does not have.

        A recording without frames has an error of its own.
        """
        if not total:
            return
        if self._first >= total:
            raise _out_of_range(
                f"its start, {self._at(self._first)}, is not before its end: it has "
                f"{self._at(total, 'frames')}"
            )
        if self._last is not None and self._last > total:
            raise _out_of_range(
                f"its stop, {self._at(self._last)}, is after its end: it has "
                f"{self._at(total, 'frames')}"
            )

    def _at(self, frame: int, noun: str = "") -> str:
        seconds = f"({frame / self.rate:.9g} s)"
        return f"{frame} {noun} {seconds}" if noun else f"frame {frame} {seconds}"


def _from_start(frames: slice, recording: Recording) -> tuple[int, int | None]:
    """Return the bounds of a slice, counted from the first frame."""
    first, last = frames.start or 0, frames.stop
    if first < 0 or (last or 0) < 0:
        total = _count(recording)
        first += total if first < 0 else 0
        last = last + total if last is not None and last < 0 else last
    return first, last


def _count(recording: Recording) -> int:
    return sum(len(block) for block in recording.blocks(COUNTED))


def _out_of_range(problem: str) -> AudioError:
    return AudioError(
        f"it has no such excerpt: {problem}",
        code="out-of-range",
        remedy="give a start and a stop within the recording",
    )

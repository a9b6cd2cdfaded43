"""Recordings of Lhotse: the file and the samples that a cut or a supervision selects."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from netencoders.parameters import short
from netencoders_corpus.sources.paths import value_problem
from netencoders_corpus.sources.segments import (
    WHOLE,
    Segment,
    decimal_seconds,
    samples_at,
    segment_problem,
)

__all__ = ["Recording", "RefusedError", "Selection", "read_recording", "selected"]

MAX_RATE: Final = 10**9
MAX_CHANNELS: Final = 1 << 16


class RefusedError(ValueError):
    """A row is no part of one file; the text is a sentence with the remedy."""


class Recording(NamedTuple):
    """A recording: its files with their channels, its sample rate and its number of samples."""

    files: tuple[tuple[str, tuple[int, ...]], ...]
    rate: int
    samples: int

    @property
    def channels(self) -> list[int]:
        """The channels of all files."""
        return [channel for _, channels in self.files for channel in channels]


class Selection(NamedTuple):
    """A part of a file."""

    path: str
    segment: Segment


def read_recording(values: Mapping[str, Any]) -> Recording:
    """Return a recording.

    Raises
    ------
    RefusedError
        It has another form, transforms, or sources that are no files.
    """
    if values.get("transforms"):
        names = [_name_of(each) for each in _list(values["transforms"], "transforms")]
        raise RefusedError(
            f"its recording has transforms ({', '.join(names)}), which change its samples: save "
            "the audio (cuts.save_audios), or leave it out."
        )
    rate, samples = values.get("sampling_rate"), values.get("num_samples")
    if not (type(rate) is int and 0 < rate <= MAX_RATE):
        raise RefusedError(f"its sampling_rate is {short(rate)}: write an integer in Hz.")
    if not (type(samples) is int and 0 <= samples < 1 << 62):
        raise RefusedError(f"its num_samples is {short(samples)}: write an integer.")
    files = []
    for source in _list(values.get("sources"), "sources"):
        if not isinstance(source, Mapping):
            raise RefusedError(f"one of its sources is {short(source)}: write an object.")
        if source.get("type") != "file":
            raise RefusedError(
                f"its recording is of the type {short(source.get('type'))}, not a file: save the "
                "audio to files."
            )
        channels = _list(source.get("channels"), "channels")
        if not all(type(channel) is int and channel >= 0 for channel in channels):
            raise RefusedError(f"its channels are {short(channels)}: write a list of integers.")
        if problem := value_problem(source.get("source"), "source"):
            raise RefusedError(problem)
        files.append((str(source["source"]), tuple(channels[:MAX_CHANNELS])))
    if not files:
        raise RefusedError("its recording has no sources: name a file.")
    return Recording(tuple(files), rate, samples)


def selected(recording: Recording, part: Mapping[str, Any] | None = None) -> Selection:
    """Return the part of a recording of a cut or a supervision, to the sample (A116).

    Parameters
    ----------
    recording : Recording
    part : mapping, optional
        It has ``start``, ``duration`` and perhaps ``channel``.

    Raises
    ------
    RefusedError
        The part is not valid, or needs several files or some of several channels.
    """
    path, channel = _channel(recording, None if part is None else part.get("channel"))
    if part is None:
        return Selection(path, WHOLE._replace(channel=channel))
    times = []
    for name in ("start", "duration"):
        try:
            times.append(decimal_seconds(part.get(name)))
        except ValueError:
            problem = f"its {name} is {short(part.get(name))}: write a number of seconds."
            raise RefusedError(problem) from None
    start, duration = times
    stop = start + duration
    if duration <= 0:
        raise RefusedError(f"its duration is {duration} s: it must be more than 0.")
    problem_text = segment_problem(start, stop)
    if problem_text:
        raise RefusedError(problem_text)
    # Lhotse rounds the start and the duration, each to the nearest sample.
    first, count = samples_at(start, recording.rate), samples_at(duration, recording.rate)
    if count == 0:
        raise RefusedError(f"its duration of {duration} s is less than half a sample: correct it.")
    if first == 0 and count == recording.samples:
        return Selection(path, WHOLE._replace(channel=channel))
    if samples_at(stop, recording.rate) != first + count:
        stop = Decimal(first + count) / recording.rate
    return Selection(path, Segment(float(start) + 0.0, float(stop), channel))


def _channel(recording: Recording, chosen: Any) -> tuple[str, int | None]:
    """Return the file and its channel, or None for all channels of the only file."""
    available = recording.channels
    wanted = available if chosen is None else chosen
    wanted = [wanted] if type(wanted) is int else _list(wanted, "channel")
    if len(wanted) != 1:
        if wanted != available:
            raise RefusedError(
                f"it has the channels {short(wanted)} of {short(available)}: choose one channel, "
                "or all channels."
            )
        if len(recording.files) > 1:
            raise RefusedError(
                f"its channels are in {len(recording.files)} files: make cuts of one channel."
            )
        return recording.files[0][0], None
    for path, channels in recording.files:
        if wanted[0] in channels:
            only = len(channels) == 1
            return path, None if only else channels.index(wanted[0])
    raise RefusedError(f"its channel {short(wanted[0])} is not one of {short(available)}.")


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise RefusedError(f"its {name} is {short(value)}: write a list.")
    return value


def _name_of(transform: Any) -> str:
    name = transform.get("name") if isinstance(transform, Mapping) else None
    return name[:60] if isinstance(name, str) and name.isprintable() else "of an unknown name"

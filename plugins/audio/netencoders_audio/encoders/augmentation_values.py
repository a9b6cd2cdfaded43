"""The types of the parameter Augmentation: kinds, numbers that are drawn, and recordings (A147)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from netencoders import EncodeError, Integer, RefusedError, TupleOf, Union, ValueType
from netencoders.policies import policies
from netencoders.values import Content, FileContent, MappingOf, alternatives
from netencoders_audio.encoders.distributions import Distribution, Seconds
from netencoders_audio.stages.resample import resampled_length

__all__ = [
    "LIMITS",
    "MAX_SECONDS",
    "WARP_KINDS",
    "WAVEFORM_KINDS",
    "AugmentationOf",
    "EpochOf",
    "Recordings",
]

LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "Noise": (0, 1000),
    "TimeShift": (-60, 60),
    "Volume": (0, 1000),
    "VTLP": (0.5, 2),
}
"""The smallest and the largest number of each kind; a drawn number outside of them is moved to the
nearest one. A time shift holds its samples in memory."""

MAX_SECONDS: Final = {"Noise": 60, "Convolution": 10}
"""The longest recordings of the kinds: their samples, or their transform, are held in memory."""

KNOWN: Final = 256  # recordings whose lengths are kept
BLOCK: Final = 1 << 14

SUFFIXES: Final = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aiff", ".aif", ".caf")

# One sample of 16 bits, at 8000 Hz: the shortest recording, for the contract tests.
CLICK: Final = bytes.fromhex(
    "52494646 26000000 57415645 666d7420 10000000 0100 0100 401f0000 803e0000 0200 1000"
    "64617461 02000000 0040"
)


class RecordingFile(FileContent):
    """A recording of at most some seconds in a file, given as an Asset or as bytes."""

    def __init__(self, seconds: int) -> None:
        super().__init__(SUFFIXES, 1 << 24, example=CLICK)
        self._seconds = seconds

    def check(self, value: Any) -> Content:
        content = super().check(value)
        _measured(content, self._seconds)
        return content

    def describe(self) -> tuple[str, ...]:
        return ("a recording (an Asset)",)

    def counterexamples(self) -> list[Any]:
        return [*super().counterexamples(), b"no recording", b""]


class Recordings(Union):
    """A recording, or a list of recordings of which one is drawn for each input."""

    def __init__(self, seconds: int) -> None:
        file = RecordingFile(seconds)
        super().__init__(file, _Several(file))


class NoiseOf(Union):
    """The amplitude of white noise; or recordings, alone or with a level."""

    def __init__(self) -> None:
        self._amplitude = Distribution(*LIMITS["Noise"])
        recordings = Recordings(MAX_SECONDS["Noise"])
        super().__init__(self._amplitude, recordings, TupleOf(recordings, self._amplitude))

    def check(self, value: Any) -> Any:
        is_list = isinstance(value, list | tuple)
        if is_list and len(value) == 3 and isinstance(value[1], int | float):
            return self._amplitude.check(value)  # without hints about files
        return super().check(value)

    def describe(self) -> tuple[str, ...]:
        return (
            *self._amplitude.describe(),
            "a recording (an Asset)",
            "[recording, level]",
        )


class _Several(ValueType):
    """A list of 2 to 16 recordings; one alone is the recording itself."""

    def __init__(self, file: RecordingFile) -> None:
        self._file = file

    def check(self, value: Any) -> tuple[Content, ...]:
        if not isinstance(value, list | tuple) or not 2 <= len(value) <= 16:
            raise RefusedError
        if any(isinstance(item, int | float | list | tuple) for item in value):
            raise RefusedError  # a level, or a range
        return tuple(self._file.check(item) for item in value)

    def content(self, value: Any) -> list[Any]:
        return [self._file.content(item) for item in value]

    def beside(self, value: Any, keep: Any) -> list[Any]:
        return [self._file.beside(item, keep) for item in value]

    def describe(self) -> tuple[str, ...]:
        return ("a list of 2 to 16 recordings",)

    def schema(self) -> dict[str, Any]:
        item = self._file.schema()
        return {"type": "array", "items": item, "minItems": 2, "maxItems": 16}

    def examples(self) -> list[Any]:
        return [[CLICK, CLICK]]

    def counterexamples(self) -> list[Any]:
        return [[CLICK], [CLICK] * 17, [CLICK, b"no recording"]]


class EpochOf(Integer):
    """The number of an epoch; 0 as long as there is no seed."""

    depends = ("Seed",)

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> int:
        """Return the number, or 0 without a seed."""
        return 0 if depends["Seed"] is None else int(value)


class AugmentationOf(MappingOf):
    """The kinds of an augmentation by name; None as long as there is no seed.

    Without a seed, the resolved value is None, which is neutral: the digest and the arrays are
    those of the encoder without augmentation.
    """

    def __init__(self, kinds: Mapping[str, ValueType]) -> None:
        super().__init__(kinds, min_length=1)
        self.depends = ("Seed",)

    def check(self, value: Any) -> Any:
        """Return the kinds with their values in canonical form."""
        if isinstance(value, Mapping) and "VTLP" in value and "VTLP" not in self.kinds:
            raise RefusedError(
                "VTLP moves mel filters: it is for AudioMelSpectrogram and AudioMFCC."
            )
        return super().check(value)

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> Any:
        """Return the value, or None without a seed."""
        return None if depends["Seed"] is None else value

    def schema(self) -> dict[str, Any]:
        """Return the names and the JSON types of the values; `check` looks at the values."""
        numbers = ["number", "array"]
        types = {
            "TimeShift": [*numbers, "string"],
            "Convolution": ["object", "array", "string"],
            "Noise": [*numbers, "object", "string"],
        }
        kinds = {name: {"type": types.get(name, numbers)} for name in self.kinds}
        return {"type": "object", "properties": kinds, "additionalProperties": False}

    def describe(self) -> tuple[str, ...]:
        """Return the names of the kinds."""
        return (f"a mapping of some of {alternatives(tuple(self.kinds))}",)


def recordings_of(value: Any) -> Iterator[Content]:
    """Yield the recordings in a canonical value of a kind."""
    if isinstance(value, Content):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from recordings_of(item)


def augmentation_problems(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each recording that has no sample at the SampleRate."""
    rate, kinds = resolved["SampleRate"], resolved.get("Augmentation") or {}
    problems = []
    for name, value in kinds.items():
        for content in recordings_of(value):
            frames, own = _measured(content, MAX_SECONDS[name])
            if not resampled_length(frames, own, rate):
                problems.append(
                    f"'Augmentation' must have recordings for {name} with a sample at {rate} Hz. "
                    f"Got one of {frames} at {own} Hz."
                )
    return problems


def _measured(content: Content, seconds: int) -> tuple[int, int]:
    """Return the number of frames of a recording, and its sample rate.

    Raises
    ------
    RefusedError
        It is not a recording of at most a number of seconds, which can be read to its end.
    """
    # Late: a parameter without recordings needs no decoder.
    from netencoders_audio.encoders.signal import mono_samples
    from netencoders_audio.recordings.opening import open_recording

    key = hashlib.sha256(content.data).digest(), seconds
    if key in _known:
        return _known[key]
    frames = 0
    try:
        # A policy changes no array, so what it lets pass is no recording here.
        with policies({"truncated": "error"}), open_recording(content.data) as recording:
            for block in recording.blocks(BLOCK):
                frames += len(block)
                if frames > seconds * recording.rate:
                    raise RefusedError(f"The recording is longer than {seconds} s, the limit.")
            mono_samples(content.data, recording.rate)  # refuses NaN
    except EncodeError as problem:
        text = f"It is not a recording that can be read: {problem}"
        raise RefusedError(text) from None
    for oldest in list(_known)[: 1 - KNOWN]:  # several threads may do so at once
        _known.pop(oldest, None)
    _known[key] = frames, recording.rate
    return _known[key]


_known: dict[tuple[bytes, int], tuple[int, int]] = {}


WAVEFORM_KINDS: Final[Mapping[str, ValueType]] = {
    "TimeShift": Distribution(*LIMITS["TimeShift"], Seconds),
    "Volume": Distribution(*LIMITS["Volume"]),
    "Convolution": Recordings(MAX_SECONDS["Convolution"]),
    "Noise": NoiseOf(),
}
"""The kinds that change the waveform, in the order in which they are applied."""

WARP_KINDS: Final[Mapping[str, ValueType]] = {
    **WAVEFORM_KINDS,
    "VTLP": Distribution(*LIMITS["VTLP"]),
}
"""The kinds of encoders with mel filters."""

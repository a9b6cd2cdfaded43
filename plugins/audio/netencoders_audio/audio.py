"""Audio: samples with their sample rate."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError

__all__ = ["Audio", "AudioFile"]

MAX_PLAUSIBLE_CHANNELS: Final = 64


class Audio:
    """Samples in memory with their sample rate.

    Parameters
    ----------
    samples : array_like, shape (frames,) or (frames, channels)
        Integers of 8 to 64 bits or floating-point numbers of 16 to 64 bits. Integers are scaled by
        their range to -1 (inclusive) ... 1 (exclusive); unsigned integers are centred first. Floats
        are used unchanged, also above 1. The array is not copied and never changed.
    rate : int
        Sample rate in Hz, at least 1.

    Raises
    ------
    AudioError
        With code ``invalid-audio``: the type, the shape or the rate is not valid.

    References
    ----------
    Rule A23 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import Audio
    >>> Audio(np.zeros((44100, 2), np.int16), 44100)
    <Audio: 44100 frames, 2 channels, 44100 Hz, int16>
    """

    __slots__ = ("rate", "samples")

    samples: npt.NDArray[Any]
    rate: int

    def __init__(self, samples: npt.ArrayLike, rate: int) -> None:
        object.__setattr__(self, "samples", _checked_samples(samples))
        object.__setattr__(self, "rate", _checked_rate(rate))

    @staticmethod
    def open(
        path: str | os.PathLike[str], truncated: Literal["error", "warn"] = "error"
    ) -> AudioFile:
        """Return a file as an input for encoders, with a policy for truncated files.

        The file is read when it is encoded.

        Parameters
        ----------
        path : str or path-like
        truncated : {"error", "warn"}
            Handling of a file with fewer samples than its header claims: an error, or a warning
            and the available samples.

        Returns
        -------
        AudioFile

        Raises
        ------
        AudioError
            With code ``invalid-audio``: `truncated` has another value.

        Examples
        --------
        >>> Audio.open("call.wav", truncated="warn")
        AudioFile(path='call.wav', truncated='warn')
        """
        if truncated not in ("error", "warn"):
            problem = f"truncated must be 'error' or 'warn'. Got {truncated!r}"
            raise _invalid(problem, "use one of the two")
        return AudioFile(os.fspath(path), truncated)

    @property
    def channels(self) -> int:
        """The number of channels."""
        return 1 if self.samples.ndim == 1 else self.samples.shape[1]

    @property
    def frames(self) -> int:
        """The number of samples of each channel."""
        return len(self.samples)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("an Audio is immutable.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("an Audio is immutable.")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.samples, self.rate))

    def __repr__(self) -> str:
        return (
            f"<Audio: {self.frames} frames, {self.channels} channel{'s' * (self.channels != 1)}, "
            f"{self.rate} Hz, {self.samples.dtype}>"
        )


@dataclass(frozen=True)
class AudioFile:
    """A file as an input, with the policy for truncated files; see `Audio.open`."""

    path: str
    truncated: Literal["error", "warn"] = "error"


def _checked_samples(samples: npt.ArrayLike) -> npt.NDArray[Any]:
    try:
        array = np.asarray(samples)
    except (TypeError, ValueError, RuntimeError) as problem:  # such as torch's
        raise _invalid(f"samples are not an array: {problem}", "give an array of numbers") from None
    if array.dtype.kind not in "iuf" or array.dtype.itemsize > 8:
        remedy = "convert them to float32 or int16 first"
        raise _invalid(f"samples of type {array.dtype} are not audio", remedy)
    if array.ndim not in (1, 2):
        remedy = "give (frames,) or (frames, channels)"
        raise _invalid(f"samples of shape {array.shape} are not audio", remedy)
    if array.ndim == 2 and array.shape[1] > max(array.shape[0], MAX_PLAUSIBLE_CHANNELS):
        remedy = "transpose channels-first samples: Audio(samples.T, rate)"
        raise _invalid(f"shape {array.shape} means {array.shape[1]} channels", remedy)
    if array.ndim == 2 and array.shape[1] == 0:
        raise _invalid(f"shape {array.shape} means 0 channels", "give at least one channel")
    view = array.view()
    view.setflags(write=False)
    return view


def _checked_rate(rate: Any) -> int:
    if isinstance(rate, bool) or not isinstance(rate, (int, np.integer)) or rate < 1:
        is_short = isinstance(rate, int | float | str | np.number)
        shown = repr(rate) if is_short else f"a {type(rate).__name__}"
        problem = f"rate must be an integer >= 1, in Hz. Got {shown}"
        raise _invalid(problem, "give the sample rate: Audio(samples, rate)")
    return int(rate)


def _invalid(message: str, remedy: str) -> AudioError:
    return AudioError(message, code="invalid-audio", source="Audio", remedy=remedy)

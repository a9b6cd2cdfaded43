"""Positions: checks of the times, frames and channels that an input names (A36)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netencoders.parameters import short
from netencoders.values.samples import duration_seconds
from netencoders_audio.errors import AudioError

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = [
    "SIDES",
    "check_channel",
    "check_frames",
    "check_seconds",
    "check_stream",
    "exact_seconds",
    "frame_at",
]

SIDES: Final = {"Left": 0, "Right": 1}
MAX_SECONDS: Final = 10**9
MAX_FRAMES: Final = 1 << 62
_TIME: Final = "a number of seconds or a duration"
_TIME_REMEDY: Final = "give seconds such as 1.5, or a duration such as '250 ms'"


def check_seconds(name: str, value: Any) -> float | str:
    """Return a time as a number of seconds or as a duration.

    Parameters
    ----------
    name : str
        The name of the argument or key, for the message.
    value : float or str
        Seconds, at least 0; or a duration such as ``"250 ms"``.

    Raises
    ------
    AudioError
        With code ``invalid-audio``.
    """
    if isinstance(value, str):
        try:
            duration_seconds(value)
        except ValueError:
            raise _invalid(name, _TIME, value, _TIME_REMEDY) from None
        return value
    is_number = isinstance(value, int | float | np.integer | np.floating)
    if not is_number or isinstance(value, bool | np.timedelta64):
        raise _invalid(name, _TIME, value, _TIME_REMEDY)
    if not 0 <= value <= MAX_SECONDS:  # false for NaN
        raise _invalid(name, f"from 0 to {MAX_SECONDS} seconds", value, _TIME_REMEDY)
    plain: float = value.item() if isinstance(value, np.generic) else value
    return plain


def check_frames(value: Any) -> slice:
    """Return a slice of frames with the bounds as plain integers.

    Raises
    ------
    AudioError
        With code ``invalid-audio``.
    """
    expected = "a slice of integers without a step"
    remedy = "give for example frames=slice(0, 16000), the first 16000 frames"
    if not isinstance(value, slice) or value.step not in (None, 1):
        raise _invalid("frames", expected, value, remedy)
    for bound in (value.start, value.stop):
        is_count = isinstance(bound, int | np.integer) and not isinstance(bound, bool)
        if bound is not None and not (is_count and abs(int(bound)) <= MAX_FRAMES):
            raise _invalid("frames", expected, value, remedy)
    return slice(*(None if b is None else int(b) for b in (value.start, value.stop)))


def check_channel(value: Any) -> int | str:
    """Return a channel: its index from 0, ``"Left"`` or ``"Right"``.

    Raises
    ------
    AudioError
        With code ``invalid-audio``.
    """
    if isinstance(value, str) and value in SIDES:
        return value
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64):
        number = int(value)
        if 0 <= number <= MAX_FRAMES:
            return number
    raise _invalid("channel", "an index >= 0, 'Left' or 'Right'", value, "the first channel is 0")


def check_stream(value: Any) -> int:
    """Return a stream of audio: its index from 0 among the streams of audio of a file.

    Raises
    ------
    AudioError
        With code ``invalid-audio``.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64):
        number = int(value)
        if 0 <= number <= MAX_FRAMES:
            return number
    raise _invalid("stream", "an index >= 0", value, "the first stream of audio is 0")


def exact_seconds(value: float | str) -> Fraction:
    """Return a checked time as an exact number.

    A float is the decimal number that Python prints for it, so that 0.1 and ``"0.1 s"`` are equal.

    Examples
    --------
    >>> exact_seconds(0.1), exact_seconds("250 ms")
    (Fraction(1, 10), Fraction(1, 4))
    """
    from fractions import Fraction  # late: it imports decimal, and few inputs are excerpts

    return duration_seconds(value) if isinstance(value, str) else Fraction(repr(value))


def frame_at(seconds: Fraction, rate: int) -> int:
    """Return the frame that is nearest to a time; half a frame is rounded up.

    Examples
    --------
    >>> frame_at(exact_seconds("250 ms"), 22050)  # 5512.5
    5513
    """
    return (math.floor(2 * seconds * rate) + 1) // 2


def _invalid(name: str, expected: str, value: Any, remedy: str) -> AudioError:
    return AudioError(
        f"{name!r} must be {expected}. Got {short(value)}", code="invalid-audio", remedy=remedy
    )

"""Limits: the largest recordings that are encoded, and the formats that are decoded.

The defaults are far above ordinary recordings, and far below the memory of a machine. `limits`
changes them inside a ``with`` block. The environment variable ``NETENCODERS_AUDIO_LIMITS`` changes
them for a whole process, for example ``max_channels=256,max_hours=100,formats=+VOC``. It is read
when the first recording is opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Final

from netencoders import ParameterError
from netencoders.policies import current, policies
from netencoders_audio.errors import AudioError

__all__ = [
    "Limits",
    "allow_plugins",
    "check_coding",
    "check_form",
    "current_limits",
    "exceeded",
    "limits",
    "max_frames",
    "not_allowed",
    "too_long",
]

VARIABLE: Final = "NETENCODERS_AUDIO_LIMITS"

FORMATS: Final = frozenset(
    {
        "WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "NIST", "FLAC", "OGG", "MP3", "ADTS",
        "AMR", "AC3", "DTS", "WAVPACK", "TTA", "APE", "MP4", "MATROSKA", "ASF",
        "AVI", "FLV", "MPEGTS",
    }
)  # fmt: skip
CODINGS: Final = frozenset(
    {
        "PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW",
        "IMA_ADPCM", "MS_ADPCM", "VORBIS", "OPUS", "MPEG_LAYER_III", "AAC", "ALAC", "FLAC",
        "AC3", "EAC3", "DTS", "WAVPACK", "TTA", "APE", "AMR_NB", "AMR_WB", "SPEEX", "WMAV1",
        "WMAV2", "WMAPRO", "WMALOSSLESS", "G722", "GSM", "PCM_16_BE", "PCM_24_BE", "PCM_32_BE",
        "FLOAT_BE", "DOUBLE_BE", "MP2",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """The limits of a recording.

    Parameters
    ----------
    max_channels : int
        The number of channels.
    min_rate, max_rate : int
        The sample rate, in Hz.
    max_ratio : int
        The largest factor by which resampling raises or lowers the rate.
    max_hours : float
        The decoded length, in hours.
    max_bytes : int
        The decoded size in bytes, at four bytes per sample and channel.
    formats, codings : frozenset of str
        The containers and codings that are decoded, by soundfile's names. The other formats of
        libsndfile are old and rarely tested.

    Examples
    --------
    >>> from netencoders_audio import Limits
    >>> Limits().max_channels
    128
    """

    max_channels: int = 128
    min_rate: int = 1
    max_rate: int = 10_000_000
    max_ratio: int = 1000
    max_hours: float = 24.0
    max_bytes: int = 1 << 36
    formats: frozenset[str] = FORMATS
    codings: frozenset[str] = CODINGS


@contextmanager
def limits(**changes: Any) -> Iterator[Limits]:
    """Change limits inside a ``with`` block, and in the threads that start in it.

    Parameters
    ----------
    **changes
        Attributes of `Limits` and their new values.

    Yields
    ------
    Limits
        The limits inside the block.

    Raises
    ------
    ParameterError
        A limit is unknown, or its value is not valid.

    Examples
    --------
    >>> from netencoders_audio import limits
    >>> with limits(max_channels=256) as raised:
    ...     raised.max_channels
    256
    """
    changed = _changed(current_limits(), changes, "limits")
    with policies({VARIABLE: changed}):
        yield changed


def current_limits() -> Limits:
    """Return the limits in force."""
    in_block: Limits | None = current(VARIABLE, None)
    return in_block or environment_limits()


@cache
def environment_limits() -> Limits:
    """Return the limits of the environment variable, which is read at the first call.

    Reading an unset variable takes 5 us; a second of audio is encoded in 150 us (measured).
    """
    return _parsed(os.environ.get(VARIABLE, ""))


def exceeded(problem: str, name: str, limit: object, needed: str) -> AudioError:
    """Return the error for a recording that exceeds a limit; its remedy raises the limit."""
    return AudioError(
        f"{problem}, and the limit {name} is {limit}",
        code="limit-exceeded",
        remedy=f"to allow it, use netencoders_audio.limits({name}={needed}), or set the "
        f"environment variable {VARIABLE}={name}={needed} before the process starts",
    )


def check_coding(container: str, coding: str) -> None:
    """Refuse a container or a coding that the limits do not allow, by libsndfile's names.

    Raises
    ------
    AudioError
        With code ``not-allowed``.
    """
    limits = current_limits()
    if container not in limits.formats:
        raise not_allowed("formats", container)
    if coding not in limits.codings:
        raise not_allowed("codings", coding)


def allow_plugins() -> bool:
    """Return whether the limits allow all formats and codings of the defaults.

    Then those of third-party plugins, whose names the defaults do not have, are allowed too.
    """
    limits = current_limits()
    return limits.formats >= FORMATS and limits.codings >= CODINGS


def check_form(channels: int, rate: int) -> None:
    """Refuse a number of channels or a sample rate beyond the limits.

    Raises
    ------
    AudioError
        With code ``limit-exceeded``.
    """
    limits = current_limits()
    if channels > limits.max_channels:
        problem = f"it has {channels} channels"
        raise exceeded(problem, "max_channels", limits.max_channels, str(channels))
    if rate < limits.min_rate:
        raise exceeded(f"its rate is {rate} Hz", "min_rate", limits.min_rate, str(rate))
    if rate > limits.max_rate:
        raise exceeded(f"its rate is {rate} Hz", "max_rate", limits.max_rate, str(rate))


def max_frames(channels: int, rate: int) -> float:
    """Return the largest number of frames that the limits of hours and bytes allow."""
    limits = current_limits()
    return min(limits.max_hours * 3600 * rate, limits.max_bytes / (4 * channels))


def too_long(channels: int, rate: int) -> AudioError:
    """Return the error for a recording of more than `max_frames`, with the limit that is lower."""
    limits = current_limits()
    if limits.max_hours * 3600 * rate <= limits.max_bytes / (4 * channels):
        problem = f"it is longer than {limits.max_hours:g} hours"
        return exceeded(problem, "max_hours", limits.max_hours, f"{2 * limits.max_hours:g}")
    problem = f"it decodes to more than {limits.max_bytes} bytes"
    return exceeded(problem, "max_bytes", limits.max_bytes, str(2 * limits.max_bytes))


def not_allowed(kind: str, name: str) -> AudioError:
    """Return the error for a format or coding that the limits do not allow."""
    return AudioError(
        f"{name} is not among the {kind} that the limits allow",
        code="not-allowed",
        remedy=f"convert it to FLAC or WAV, use netencoders_audio.limits({kind}=...), or set the "
        f"environment variable {VARIABLE}={kind}=+{name} before the process starts",
    )


def _changed(before: Limits, changes: dict[str, Any], owner: str) -> Limits:
    defaults = {field.name: field.default for field in fields(Limits)}
    problems = []
    for name, value in changes.items():
        if name not in defaults:
            problems.append(f"unknown limit {name!r}. Known: {', '.join(defaults)}.")
        elif name in ("formats", "codings"):
            if isinstance(value, str) or not all(isinstance(item, str) for item in value):
                problems.append(f"{name!r} must be a set of strings. Got {value!r:.80}.")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            problems.append(f"{name!r} must be a number > 0. Got {value!r:.80}.")
    if problems:
        raise ParameterError(owner, problems)
    for name in {"formats", "codings"} & set(changes):
        changes[name] = frozenset(changes[name])
    return replace(before, **changes)


def _parsed(text: str) -> Limits:
    changes: dict[str, Any] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = entry.partition("=")
        if name in ("formats", "codings"):
            added = frozenset(value.removeprefix("+").split("+"))
            default: frozenset[str] = getattr(Limits, name)
            changes[name] = added | default if value.startswith("+") else added
        else:
            try:
                changes[name] = float(value) if "." in value or "e" in value else int(value)
            except ValueError:
                changes[name] = value
    return _changed(Limits(), changes, VARIABLE)

"""Inspection: what a file is, and what it promises, before any decoder sees it."""

from __future__ import annotations

from netencoders_audio.binary import Content
from netencoders_audio.container import HEAD, looks_like, sniff
from netencoders_audio.errors import AudioError
from netencoders_audio.limits import FORMATS, current_limits, exceeded
from netencoders_audio.ogg import check_pages
from netencoders_audio.promise import Promise, read_promise

__all__ = ["check_coding", "check_form", "inspect"]


def inspect(content: Content) -> Promise:
    """Return what a file promises, if it is one that is decoded at all.

    Raises
    ------
    AudioError
        With code ``empty-file``; ``unrecognized``, saying what it looks like; ``not-allowed``, a
        format that the limits do not name; ``malformed``, it contradicts itself.
    """
    if content.size == 0:
        raise AudioError("a file of 0 bytes", code="empty-file", remedy="fetch it again")
    head = content.read_at(0, HEAD)
    container = sniff(head)
    formats = current_limits().formats
    if container is None:
        if formats > FORMATS:
            return Promise()  # the user wants more than is known here: libsndfile shall look
        raise AudioError(
            "not recognized as audio, but looks like " + looks_like(head),
            code="unrecognized",
            remedy="what is read: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, AU, CAF",
        )
    if container not in formats:
        raise _not_allowed("formats", container)
    if container == "OGG":
        check_pages(content.read_at, content.size)
    return read_promise(container, content.read_at, content.size)


def check_coding(container: str, coding: str) -> None:
    """Refuse what libsndfile found a file to be, if the limits do not name it.

    Raises
    ------
    AudioError
        With code ``not-allowed``.
    """
    limits = current_limits()
    if container not in limits.formats:
        raise _not_allowed("formats", container)
    if coding not in limits.codings:
        raise _not_allowed("codings", coding)


def check_form(channels: int, rate: int) -> None:
    """Refuse a number of channels or a sample rate beyond the limits.

    Raises
    ------
    AudioError
        With code ``limit-exceeded``.
    """
    limits = current_limits()
    if channels > limits.max_channels:
        what = f"it has {channels} channels"
        raise exceeded(what, "max_channels", limits.max_channels, str(channels))
    if rate < limits.min_rate:
        raise exceeded(f"its rate is {rate} Hz", "min_rate", limits.min_rate, str(rate))
    if rate > limits.max_rate:
        raise exceeded(f"its rate is {rate} Hz", "max_rate", limits.max_rate, str(rate))


def _not_allowed(kind: str, name: str) -> AudioError:
    return AudioError(
        f"{name} is not among the {kind} that are decoded",
        code="not-allowed",
        remedy=f"convert it to FLAC or WAV, or allow it: netencoders_audio.limits({kind}=...), or "
        f"the environment variable NETENCODERS_AUDIO_LIMITS={kind}=+{name}",
    )

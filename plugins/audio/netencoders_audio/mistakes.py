"""Mistakes: the errors for other values in the place of the samples or the rate of an `Audio`.

The module is imported for an error only.
"""

from __future__ import annotations

import os
from typing import Any

from netencoders.corrections import corrections
from netencoders_audio.errors import AudioError

__all__ = ["mistaken_samples", "rate_line"]


def mistaken_samples(samples: Any, rate: Any) -> AudioError | None:
    """Return the error for another kind of input in the place of samples, or None."""
    if isinstance(samples, str | os.PathLike):
        path = f"{os.fspath(samples)!r:.500}"
        return _error(
            f"samples are a path: {path}",
            f"a file has its own rate: give encoder({path}) or Audio.open({path})",
        )
    if isinstance(samples, bytes):
        return _error(
            "samples are bytes",
            "give the bytes of a file to the encoder itself; raw samples of 16 bits are "
            f"Audio(np.frombuffer(samples, np.int16), {rate!r:.20})",
        )
    if hasattr(type(samples), "read"):  # of the type: a property of the value may raise anything
        return _error("samples are a file object", "give it to the encoder itself: encoder(file)")
    if isinstance(samples, int | float) and hasattr(type(rate), "shape"):
        return _error(
            "the first argument is a number",
            f"give the samples first: Audio(samples, {samples!r:.20})",
        )
    return None


def rate_line(rate: Any) -> str:
    """Return the line with the rate that is meant by an invalid one, such as ``"16 kHz"``."""
    meant = [item for item in corrections(rate, "Hz") if type(item) is int and item >= 1]
    return f"Audio(samples, {[*meant, 'rate'][0]})"


def _error(message: str, remedy: str) -> AudioError:
    return AudioError(message, code="invalid-audio", source="Audio", remedy=remedy)

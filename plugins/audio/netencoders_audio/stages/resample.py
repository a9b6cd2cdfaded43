"""Resampling to the encoder's rate: soxr (A9), or a filter of another library (A45, A46)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.polyphase import filtered
from netencoders_audio.stages.polyphase import lookahead as filter_lookahead
from netencoders_audio.stages.resampling_filters import FILTERS

__all__ = ["RESAMPLERS", "SOXR", "lookahead", "own_rounding", "resample", "resampled_length"]

Samples = npt.NDArray[np.float32]

SOXR: Final = {"SoxrHQ": "HQ", "SoxrVHQ": "VHQ", "SoxrMQ": "MQ"}
"""The qualities of soxr, by the value of the parameter Resampling."""

RESAMPLERS: Final = (*SOXR, *FILTERS)
"""The values of the parameter Resampling; the first is the default."""

# The lookahead of soxr, in samples at the lower of the two rates. For pairs of common rates, HQ
# needs 585 to 1387, VHQ up to 1749 and MQ up to 1132 (measured). If more are needed, a second block
# is decoded.
LOOKAHEAD: Final = {"SoxrHQ": 1400, "SoxrVHQ": 1800, "SoxrMQ": 1400}


def resample(
    blocks: Iterable[Samples],
    rate: int,
    new_rate: int,
    resampler: str = "SoxrHQ",
    rounding: str = "Round",
) -> Iterator[Samples]:
    """Resample a signal block by block; the result does not depend on the size of the blocks.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    rate, new_rate : int
        Sample rates in Hz. If they are equal, the blocks are not changed.
    resampler : str
        One of `RESAMPLERS`.
    rounding : {"Round", "Ceiling"}
        The rule for the length.

    Yields
    ------
    ndarray of float32, shape (j,)
        In total `resampled_length` samples.

    Raises
    ------
    AudioError
        With code ``limit-exceeded``: the filter for these rates is too long.
    """
    if rate == new_rate:
        return iter(blocks)
    if resampler in SOXR:
        return _soxr(blocks, rate, new_rate, SOXR[resampler], rounding)

    def length(count: int) -> int:
        return resampled_length(count, rate, new_rate, rounding)

    return filtered(blocks, rate, new_rate, resampler, length)


def resampled_length(length: int, rate: int, new_rate: int, rounding: str = "Round") -> int:
    """Return the number of samples after `resample`: the exact length, rounded to an integer.

    >>> resampled_length(44100, 44100, 16000)
    16000
    >>> resampled_length(1, 44100, 16000), resampled_length(1, 44100, 16000, "Ceiling")
    (0, 1)
    """
    if rate == new_rate:
        return length
    if rounding == "Ceiling":
        return -(-length * new_rate // rate)
    # The arithmetic of soxr: for a few lengths the exact result is half a sample, and the
    # quotient of floats is just below it.
    return int(length / (rate / new_rate) + 0.5)


def own_rounding(resampler: str) -> str:
    """Return the rule for the length in the library of a resampler.

    >>> own_rounding("SoxrHQ"), own_rounding("ScipyPolyphase")
    ('Round', 'Ceiling')
    """
    return "Round" if resampler in SOXR else "Ceiling"


def lookahead(rate: int, new_rate: int, resampler: str) -> int:
    """Return how many samples after the last needed one are read, in samples of the input.

    Parameters
    ----------
    rate, new_rate : int
        Sample rates in Hz.
    resampler : str
        One of `RESAMPLERS`.

    Returns
    -------
    int
        0 for equal rates.

    Raises
    ------
    AudioError
        With code ``limit-exceeded``: the filter for these rates is too long.
    """
    if rate == new_rate:
        return 0
    if resampler in SOXR:
        return -(-LOOKAHEAD[resampler] * max(rate, new_rate) // new_rate)
    return filter_lookahead(rate, new_rate, resampler)


def _soxr(
    blocks: Iterable[Samples], rate: int, new_rate: int, quality: str, rounding: str
) -> Iterator[Samples]:
    import soxr  # late: a file at the right rate needs no resampler

    stream = soxr.ResampleStream(rate, new_rate, 1, dtype="float32", quality=quality)
    length = 0
    for block in blocks:
        length += len(block)
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)
    # soxr rounds. librosa appends a zero up to the ceiling (A46).
    rounded, wanted = (resampled_length(length, rate, new_rate, r) for r in ("Round", rounding))
    if rounded < wanted:
        yield np.zeros(wanted - rounded, np.float32)

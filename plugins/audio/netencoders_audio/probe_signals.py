r"""The signals of probes: deterministic recordings, made with integers only.

A probe compares the arrays of an encoder between machines, so its input must have the same bits on
every machine, with every version of numpy. All samples are integers of 16 bits, computed by sums,
products and shifts modulo :math:`2^{32}`; encoders divide them by :math:`2^{15}`, which is exact.

All signals depend on the sample rate, so that another SampleRate of an encoder gives other arrays.

The building blocks, for sample :math:`n = 0, 1, ...`:

- Noise: :math:`x_0` is the rate, :math:`x_{n+1} = (1664525 x_n + 1013904223) \bmod 2^{32}`; a
  sample is the upper 16 bits, minus :math:`2^{15}`. Its spectrum is flat.
- Triangle wave of a phase p, modulo :math:`2^{32}`, where :math:`2^{32}` is one period. With
  :math:`u = \lfloor p / 2^{16} \rfloor` and :math:`v = \min(u, 2^{16} - 1 - u)`, a sample is
  :math:`2 v - 2^{15} + 1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import ProbeError
from netencoders_audio.audio import Audio

__all__ = ["SIGNALS", "probe_audio", "probe_lengths"]

Integers = npt.NDArray[Any]

SECONDS: Final = 3
MAX_LENGTH: Final = 2**24  # as of netencoders.yaml_specs.probe

PERIOD: Final = 2**32

# The right shifts of the parts of Syllables, from loud to quiet; None is silence. There is sound at
# both ends, so that the padding has an effect.
LEVELS: Final = (1, 0, None, 2, None, 6, 0, None, 9, 3, None, 2)
# The mean of the parts, before the shift, so that its removal has an effect.
MEAN: Final = 1 << 10


def probe_lengths(rate: int, least: int = 1) -> Mapping[str, int]:
    """Return the default length of each signal: one sample less than 3 seconds, or `least`.

    Such a length is a multiple of few numbers, so that the rules of the edges have an effect.

    Parameters
    ----------
    rate : int
        Sample rate in Hz.
    least : int
        The length of a signal for an encoder that needs more samples.

    Returns
    -------
    mapping of str to int
        The first signal is the default.

    Examples
    --------
    >>> from netencoders_audio import probe_lengths
    >>> probe_lengths(16000)
    {'Syllables': 47999, 'Noise': 47999, 'Sweep': 47999}
    """
    return dict.fromkeys(SIGNALS, min(max(SECONDS * rate - 1, least), MAX_LENGTH))


def probe_audio(signal: str, length: int, rate: int) -> Audio:
    """Return a signal for probes, the same on every machine.

    Parameters
    ----------
    signal : str
        ``"Syllables"``, twelve parts of equal length: silence, or harmonics of a rising pitch with
        noise, at levels from loud to very quiet; ``"Noise"``, white noise; or ``"Sweep"``, a
        triangle wave that rises from 0 Hz to half the sample rate.
    length : int
        The number of samples, at least 1.
    rate : int
        Sample rate in Hz, at least 1.

    Returns
    -------
    Audio
        One channel of integers of 16 bits.

    Raises
    ------
    ProbeError
        There is no such signal.

    Examples
    --------
    >>> from netencoders_audio import probe_audio
    >>> probe_audio("Noise", 4, 8000).samples
    array([-32768, -10716,  26783,   -937], dtype=int16)
    """
    if signal not in SIGNALS:
        raise ProbeError(f"there is no signal {signal!r}. Known: {', '.join(SIGNALS)}.")
    return Audio(SIGNALS[signal](length, rate).astype(np.int16), rate)


def _noise(length: int, rate: int) -> Integers:
    """Return white noise between -2**15 and 2**15 - 1."""
    steps = np.full(length, 1664525, np.uint32)
    steps[:1] = 1
    powers = np.cumprod(steps, dtype=np.uint32)  # a ** n, modulo 2**32
    sums = np.cumsum(powers, dtype=np.uint32) - powers  # of the powers below n
    states = np.uint32(rate % PERIOD) * powers + np.uint32(1013904223) * sums
    return (states >> np.uint32(16)).astype(np.int32) - (1 << 15)


def _triangle(phase: Integers) -> Integers:
    """Return a triangle wave between -2**15 + 1 and 2**15 - 1 of phases modulo 2**32."""
    upper = (phase >> np.uint32(16)).astype(np.int32)
    return 2 * np.minimum(upper, (1 << 16) - 1 - upper) - (1 << 15) + 1


def _sweep(length: int, rate: int) -> Integers:
    """Return a triangle wave, whose step rises from 0 to half a period, at a quarter of the range.

    The phase at sample n is the rate times 2**16, and the sum of k * (2**31 // length) for k to n.
    """
    steps = np.arange(length, dtype=np.uint32) * np.uint32((1 << 31) // length)
    steps[0] = (rate << 16) % PERIOD
    return _triangle(np.cumsum(steps, dtype=np.uint32)) >> 2


def _syllables(length: int, rate: int) -> Integers:
    """Return parts of silence, and of harmonics with noise at several levels.

    Part k begins at ceil(k * length / 12). The phase p is the sum of the steps of all samples up to
    n. The step is 2**32 * 125 // rate, a pitch of 125 Hz; it rises by 2**32 * 62 // (rate * size)
    per sample of a part, where size is the length of a part, rounded up. A sample is
    (t(p) >> 1) + (t(11 p) >> 2) + (t(29 p) >> 3) + (noise >> 4) + 2**10, shifted by the level of
    the part; t is the triangle wave.
    """
    count = len(LEVELS)
    starts = [-(-k * length // count) for k in range(count + 1)]
    size = -(-length // count)
    steps = np.empty(length, np.uint32)
    for begin, end in pairwise(starts):
        rise = np.arange(end - begin, dtype=np.uint32) * np.uint32(
            PERIOD * 62 // (rate * size) % PERIOD
        )
        steps[begin:end] = np.uint32(PERIOD * 125 // rate % PERIOD) + rise
    phase = np.cumsum(steps, dtype=np.uint32)
    wave: Integers = (
        (_triangle(phase) >> 1)
        + (_triangle(np.uint32(11) * phase) >> 2)
        + (_triangle(np.uint32(29) * phase) >> 3)
        + (_noise(length, rate) >> 4)
        + MEAN
    )
    for level, begin, end in zip(LEVELS, starts[:-1], starts[1:], strict=True):
        if level is None:
            wave[begin:end] = 0
        else:
            wave[begin:end] >>= level
    return wave


SIGNALS: Final[Mapping[str, Callable[[int, int], Integers]]] = {
    "Syllables": _syllables,
    "Noise": _noise,
    "Sweep": _sweep,
}
"""The function of each signal, which returns a number of samples at a sample rate."""

"""The plan of a transform: the factors of its length, and the twiddle factors of each pass."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Plan", "plan", "supported"]

Floats = npt.NDArray[np.float64]

# The bits of longer transforms differ between the releases of scipy, and the memory of the kernel
# would not fit into the cache of a processor.
MAX_LENGTH: Final = 10000
MAX_PRIME: Final = 2297
# Pi, and the integers in which cosines are computed, in units of 2 ** -PLACES.
PLACES: Final = 128
PI: Final = 0x3_243F6A88_85A308D3_13198A2E_03707344


@dataclass(frozen=True)
class Plan:
    """The passes of a real transform.

    Parameters
    ----------
    factors : tuple of int
        The factors of the length, in the order of the passes.
    lengths : tuple of int
        For each pass the product m of the factors before.
    starts : tuple of int
        The start of the twiddle factors of each pass.
    twiddles : ndarray of float32
        For an odd factor R from 7 the cosines and the sines of 2 pi j q / R, for j and q from 1 to
        (R - 1) / 2; then for each bin b from 1 and each j from 1 the cosine and the sine of
        2 pi j b / (R m).
    spare : int
        The number of vectors that the passes need beside the two buffers.
    padded : int
        For the convolution of Bluestein, the length N of its complex transforms, of which the
        other fields are the passes; otherwise 0.
    chirp : ndarray of float32
        For the convolution, exp(1j pi t ** 2 / length) for each t: cosine and sine.
    """

    factors: tuple[int, ...]
    lengths: tuple[int, ...]
    starts: tuple[int, ...]
    twiddles: npt.NDArray[np.float32]
    spare: int
    padded: int = 0
    chirp: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))

    def filter_input(self) -> npt.NDArray[np.float32]:
        """Return the numbers whose transform is the filter of the convolution, as float32.

        They are the chirp, zeros and the chirp in the opposite order, divided by N.
        """
        numbers = np.zeros((self.padded, 2), np.float32)
        scaled = self.chirp.reshape(-1, 2) * (np.float32(1) / np.float32(self.padded))
        numbers[: len(scaled)] = scaled
        numbers[: -len(scaled) : -1] = scaled[1:]
        return numbers.reshape(-1)


def supported(length: int) -> bool:
    """Return whether the kernel has the bits of scipy for transforms of this length.

    The bits of `scipy.fft.rfft` are compared, for float32: those of the transform by factors
    (pocketfft, up to scipy 1.17), and those of later releases (ducc) for the same lengths. Of the
    lengths for which scipy uses the convolution of Bluestein, primes up to 2297 are supported.
    """
    if not 2 <= length <= MAX_LENGTH:
        return False
    largest = max(_factors(length))
    if largest == length <= MAX_PRIME:
        return True
    if _is_convolved(length):
        return False
    return largest <= 5 or (largest <= 131 and (length % 2 == 1 or length <= 1000))


@lru_cache(maxsize=16)
def plan(length: int) -> Plan:
    """Return the plan for a length of at least 2."""
    return _convolution(length) if _is_convolved(length) else _passes(length)


def _convolution(length: int) -> Plan:
    """Return the plan of convolution.h."""
    padded = _padded(length)
    factors = _complex_factors(padded)
    tables: list[npt.NDArray[np.float32]] = []
    lengths, starts = [], []
    many, rest = 1, padded
    for radix in factors:
        lengths.append(many)
        starts.append(sum(map(len, tables)))
        rest //= radix
        outer = turns(padded, many * np.outer(np.arange(1, rest), np.arange(1, radix)))
        tables.append(_interleaved(outer))
        many *= radix
    chirp = turns(2 * length, np.arange(length) ** 2 % (2 * length))
    twiddles = np.concatenate(tables)
    return Plan(factors, tuple(lengths), tuple(starts), twiddles, 0, padded, _interleaved(chirp))


def _interleaved(values: tuple[Floats, Floats]) -> npt.NDArray[np.float32]:
    return np.stack(values, axis=-1).reshape(-1).astype(np.float32)


def _complex_factors(length: int) -> tuple[int, ...]:
    """Return the factors of a complex transform: eights, a four or a two, and odd primes."""
    factors = []
    while length % 8 == 0:
        factors.append(8)
        length //= 8
    if length % 4 == 0:
        factors.append(4)
        length //= 4
    if length % 2 == 0:
        factors.append(2)
        length //= 2
        factors[0], factors[-1] = factors[-1], factors[0]
    return (*factors, *(_factors(length) if length > 1 else ()))


def _passes(length: int) -> Plan:
    """Return the plan of passes.h."""
    factors = tuple(reversed(_factors(length)))
    tables: list[Floats] = []
    lengths, starts = [], []
    before = 1
    for radix in factors:
        lengths.append(before)
        starts.append(sum(map(len, tables)))
        half = np.arange(1, (radix + 1) // 2)
        if radix > 5:
            inner = turns(length, np.outer(half, half) % radix * (length // radix))
            tables += [part.reshape(-1) for part in inner]
        bins, places = np.arange(1, (before + 1) // 2), np.arange(1, radix)
        before *= radix
        outer = turns(length, np.outer(bins, places) * (length // before))
        tables.append(np.stack(outer, axis=-1).reshape(-1))
    twiddles = np.concatenate(tables).astype(np.float32)
    return Plan(factors, tuple(lengths), tuple(starts), twiddles, 2 * max(factors))


def turns(length: int, numerators: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the cosine and the sine of 2 pi numerators / length, in float64.

    Each angle is the sum of a multiple of 2 ** k steps and of less than 2 ** k steps, and its
    values are those of the product of two complex numbers, as in pocketfft. The product has an
    error of 1e-16, which is all that is left of the cosine of a quarter of a turn: a signal of one
    sample shows it, so it is part of the bits.
    """
    half = length // 2 + 1  # beyond it, the sine changes its sign
    shift = 1
    while 4**shift < half:
        shift += 1
    folded = np.minimum(numerators, length - numerators)
    fine, coarse = folded & ((1 << shift) - 1), folded >> shift
    (a, b), (c, d) = (
        _table(length, range(0, stop, step)) for stop, step in ((1 << shift, 1), (half, 1 << shift))
    )
    a, b, c, d = a[fine], b[fine], c[coarse], d[coarse]
    sine = a * d + b * c
    return a * c - b * d, np.where(folded == numerators, sine, -sine)


@lru_cache(maxsize=4)  # of all passes of a plan
def _table(length: int, numerators: range) -> tuple[Floats, Floats]:
    """Return the cosine and the sine of 2 pi numerators / length, by whole eighths of a turn.

    The angle is at most an eighth of a turn, and a rounded multiple of a rounded pi / (4 length).
    """
    from fractions import Fraction  # late: it takes a fifth of the import time of numpy

    step = float(Fraction(PI, length << (PLACES + 2)))
    cosines, sines = [], []
    for numerator in numerators:
        eighth, rest = divmod(8 * numerator, length)
        odd = eighth % 2
        cosine, sine = cosine_sine((length - rest if odd else rest) * step)
        for _ in range(odd):
            cosine, sine = sine, cosine
        for _ in range(eighth // 2):
            cosine, sine = -sine, cosine
        cosines.append(cosine)
        sines.append(sine)
    return np.array(cosines), np.array(sines)


def cosine_sine(angle: float) -> tuple[float, float]:
    """Return the cosine and the sine of an angle from 0 to 1, rounded correctly.

    The series of Taylor are summed in integers, so the values are equal on every machine. Those of
    `math.cos` and `np.cos` may differ in the last place.
    """
    one = 1 << PLACES
    x = int(math.ldexp(angle, PLACES))  # exact
    cosine, sine, term, n = one, x, x, 2
    while term:
        term = (term * x >> PLACES) // n
        cosine += term if n % 4 == 0 else -term
        term = (term * x >> PLACES) // (n + 1)
        sine += term if n % 4 == 0 else -term
        n += 2
    return cosine / one, sine / one


def _factors(length: int) -> list[int]:
    """Return the factors of a length: fours, at most one two, and odd primes.

    The last pass has the first one.
    """
    factors = []
    while length % 4 == 0:
        factors.append(4)
        length //= 4
    if length % 2 == 0:
        length //= 2
        factors.append(2)
        factors[0], factors[-1] = factors[-1], factors[0]
    divisor = 3
    while length > 1:
        if divisor * divisor > length:
            divisor = length
        while length % divisor == 0:
            factors.append(divisor)
            length //= divisor
        divisor += 2
    return factors or [1]


def _is_convolved(length: int) -> bool:
    """Return whether scipy computes the transform by the convolution of Bluestein.

    It does so if that costs less, by an estimate: the length times the sum of its prime factors.
    """
    if length < 50 or max(_factors(length)) ** 2 <= length:
        return False
    return 3 * _cost(_padded(length)) < 0.5 * _cost(length)


def _padded(length: int) -> int:
    """Return the least length of a convolution that has no prime factor above 11."""
    smooth = 2 * length - 1
    while max(_factors(smooth)) > 11:
        smooth += 1
    return smooth


def _cost(length: int) -> float:
    primes = [p for factor in _factors(length) for p in ([2, 2] if factor == 4 else [factor])]
    return length * sum(p if p <= 5 else 1.1 * p for p in primes)

"""Draws: random numbers that depend on a key alone, with the same bits on all machines (A145).

The integers are those of Philox4x64-10, a published function of a key and a counter. numpy keeps
the integers of its bit generators for all versions, but not the methods of `numpy.random.Generator`
(NEP 19). The steps from integers to numbers are therefore written out here, with additions,
multiplications, divisions and square roots alone. IEEE 754 rounds these in one way, on all
machines; the logarithms and sines of libraries differ in the last bit.
"""

from __future__ import annotations

import hashlib
import math
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Draws", "exponential", "logarithms"]

Floats = npt.NDArray[np.float64]

LN2: Final = 0.6931471805599453
ROOT_HALF: Final = 0.7071067811865476


class Draws:
    """Random numbers that a key determines; each number has a position, and is drawn on its own.

    Parameters
    ----------
    key : bytes
        At least 16 bytes, such as a sha256.

    Attributes
    ----------
    key : bytes

    Examples
    --------
    >>> draws = Draws(bytes(16))
    >>> draws.uniform(3).round(3).tolist()
    [0.012, 0.242, 0.111]
    >>> draws.uniform(1, start=2).round(3).tolist()
    [0.111]

    References
    ----------
    J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011. Rule A145 in
    docs/decisions.md.
    """

    __slots__ = ("key",)

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError(f"a key must have at least 16 bytes. Got {len(key)}.")
        self.key = key

    def part(self, name: str) -> Draws:
        """Return other random numbers, for another use, that the key and a name determine.

        Parameters
        ----------
        name : str

        Returns
        -------
        Draws
        """
        return Draws(hashlib.sha256(self.key + name.encode()).digest())

    def words(self, count: int, start: int = 0) -> npt.NDArray[np.uint64]:
        """Return integers from 0 to 2**64 - 1, each with the same probability.

        Parameters
        ----------
        count : int
        start : int
            The position of the first one.

        Returns
        -------
        ndarray of uint64, shape (count,)
        """
        from numpy.random import Philox  # late: most encoders draw nothing

        # Each value of the counter gives four integers. numpy takes a key of 128 bits.
        source = Philox(key=int.from_bytes(self.key[:16], "little"), counter=start // 4)
        skipped = start % 4
        words: npt.NDArray[np.uint64] = source.random_raw(skipped + count)[skipped:]
        return words

    def uniform(self, count: int, start: int = 0) -> Floats:
        """Return numbers from 0 to 1, without 0 and 1: odd multiples of 2**-53.

        Parameters
        ----------
        count, start : int
            As for `words`.

        Returns
        -------
        ndarray of float64, shape (count,)
        """
        # The upper 52 bits, and a half: exact, and symmetric around 1/2.
        upper = (self.words(count, start) >> np.uint64(12)).astype(np.float64)
        return (upper + 0.5) * 2.0**-52

    def normal(self, count: int, start: int = 0) -> Floats:
        """Return normally distributed numbers of mean 0 and variance 1.

        Parameters
        ----------
        count, start : int
            As for `words`.

        Returns
        -------
        ndarray of float64, shape (count,)
            From -8.2 to 8.2: the quantiles of `uniform`.

        References
        ----------
        M. J. Wichura, Algorithm AS 241: The percentage points of the normal distribution, Applied
        Statistics 37 (1988).
        """
        return _quantiles(self.uniform(count, start))


# The coefficients of AS 241, PPND16, from the highest power down to the constant.
_CENTRE: Final = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
_SIDES: Final = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
_TAILS: Final = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)


def _quantiles(probabilities: Floats) -> Floats:
    """Return the quantiles of the normal distribution."""
    centred = probabilities - 0.5
    values = centred * _ratio(0.180625 - centred * centred, _CENTRE)
    outer = np.flatnonzero(np.abs(centred) > 0.425)
    if len(outer):
        side = centred[outer]
        near = np.minimum(probabilities[outer], 1.0 - probabilities[outer])
        root = np.sqrt(-logarithms(near))
        ends = np.where(root <= 5.0, _ratio(root - 1.6, _SIDES), _ratio(root - 5.0, _TAILS))
        values[outer] = np.where(side < 0, -ends, ends)
    return values


def _ratio(x: Floats, polynomials: tuple[tuple[float, ...], tuple[float, ...]]) -> Floats:
    above, below = (_polynomial(x, coefficients) for coefficients in polynomials)
    return above / below


def _polynomial(x: Floats, coefficients: tuple[float, ...]) -> Floats:
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


# 2 artanh(s) / s as a polynomial of s squared; the next term is below the rounding.
_ARTANH: Final = tuple(2.0 / odd for odd in range(25, 0, -2))


def logarithms(values: Floats) -> Floats:
    """Return natural logarithms of positive numbers, with the same bits on all machines.

    >>> logarithms(np.array([1.0, 2.0, 0.001])).round(6).tolist()
    [0.0, 0.693147, -6.907755]
    """
    mantissa, exponent = np.frexp(values)
    low = mantissa < ROOT_HALF
    mantissa = np.where(low, 2.0 * mantissa, mantissa)
    share = (mantissa - 1.0) / (mantissa + 1.0)
    return (exponent - low) * LN2 + share * _polynomial(share * share, _ARTANH)


_EXPONENTIAL: Final = tuple(1.0 / math.factorial(order) for order in range(16, -1, -1))


def exponential(value: float) -> float:
    """Return the exponential of a number, with the same bits on all machines.

    >>> round(exponential(1.0), 12), exponential(0.0)
    (2.718281828459, 1.0)
    """
    halvings = round(value / LN2)
    total = 0.0
    rest = value - halvings * LN2
    for coefficient in _EXPONENTIAL:
        total = total * rest + coefficient
    return math.ldexp(total, halvings)

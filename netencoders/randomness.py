"""Randomness: random numbers that depend on the encoder, its seed and the input alone (A145).

The encoder counts by its digest, the input by its id or its content. There is no hidden state, so
the numbers are the same for any order of the inputs, any number of
workers, any size of blocks, and after a resume.

The integers are those of Philox4x64-10, a published function of a key and a counter. numpy keeps
the integers of its bit generators for all versions, but not the methods of `numpy.random.Generator`
(NEP 19). The steps from integers to numbers are therefore written out here, with additions,
multiplications, divisions and square roots alone. IEEE 754 rounds these in one way, on all
machines; the logarithms and sines of libraries differ in the last bit.
"""

from __future__ import annotations

import hashlib
import math
import os
import stat
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.errors import EncodeError, input_name
from netencoders.policies import current

if TYPE_CHECKING:
    from netencoders.base import Encoder

__all__ = [
    "INPUT_ID",
    "Draws",
    "content_id",
    "draws_of",
    "exponential",
    "logarithms",
    "no_input_id",
]

Floats = npt.NDArray[np.float64]

INPUT_ID: Final = "netencoders.input_id"
"""The policy that holds the id of the input, such as the id of a row of a corpus."""

BLOCK: Final = 1 << 20  # bytes of a file at a time
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


def draws_of(encoder: Encoder, value: Any) -> Draws:
    """Return the random numbers of an encoder for one input; see `Encoder.draws`.

    Raises
    ------
    EncodeError
        With code ``no-seed``: the encoder has no seed; ``no-input-id``: the input has no id, and
        its content cannot be read twice.
    """
    seed = encoder.resolved["Seed"]
    if seed is None:
        raise EncodeError(
            f"{encoder.name} draws random numbers, and its Seed is None",
            code="no-seed",
            source=input_name(value),
            remedy="set a seed: encoder.training(seed=1)",
        )
    identity = current(INPUT_ID, None)
    name = f"content:{encoder.content_id(value)}" if identity is None else f"id:{identity}"
    parts = (encoder.unseeded_digest, seed, encoder.resolved.get("Epoch", 0))
    return Draws(hashlib.sha256("\n".join([*map(str, parts), name]).encode()).digest())


def content_id(value: Any, kinds: tuple[str, ...] = ()) -> str:
    """Return the sha256, in hexadecimal, of the content of an input.

    Parameters
    ----------
    value : object
        A path, bytes, a text, a number, an array, or a list or mapping of these. A file and its
        bytes have the same content, so the name of a file has no effect.
    kinds : tuple of str
        The kinds of inputs of the encoder: with ``"text"``, a str is no path.

    Returns
    -------
    str

    Raises
    ------
    EncodeError
        With code ``no-input-id``: a value of another kind.
    OSError
        A file cannot be read.

    Examples
    --------
    >>> content_id(b"abc")[:12], content_id([1, 2.5]) == content_id((1, 2.5))
    ('ba7816bf8f01', True)
    """
    if isinstance(value, str) and "text" in kinds:
        return _hashed(b"text", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, str | PathLike):
        return _file_id(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        head = f"{value.dtype.str}{value.shape}".encode()
        return _hashed(b"array", head, np.ascontiguousarray(value).tobytes())
    if isinstance(value, np.generic):
        return content_id(value.item())
    if value is None or isinstance(value, bool | int | float | complex):
        return _hashed(b"number", repr(value).encode())
    if isinstance(value, list | tuple):
        return _hashed(b"list", *(content_id(item, kinds).encode() for item in value))
    if isinstance(value, Mapping):
        items = sorted((str(key), content_id(item, kinds)) for key, item in value.items())
        return _hashed(b"mapping", *(f"{key}\n{item}".encode() for key, item in items))
    raise no_input_id(value)


def no_input_id(value: Any, problem: str = "") -> EncodeError:
    """Return the error for an input that has no id, and whose content cannot be hashed.

    Parameters
    ----------
    value : object
    problem : str
        The reason; by default the type of the value.
    """
    return EncodeError(
        "the random numbers of an input depend on its id or its content, and it has no id; "
        + (problem or f"the content of a value of type {type(value).__name__} is not known"),
        code="no-input-id",
        source=input_name(value),
        remedy="give it an id: with netencoders.policies.policies("
        f"{{{INPUT_ID!r}: 'a name'}}): ...; or encode a path, bytes or an array",
    )


def _file_id(path: str | PathLike[str]) -> str:
    if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe may wait for ever
        raise no_input_id(path, "it is not a regular file")
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _hashed(*parts: bytes) -> str:
    """Return the sha256 of parts; the length of each part is hashed too."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


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

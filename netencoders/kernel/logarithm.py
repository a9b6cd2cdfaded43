"""Logarithm: that of each element in float32, with the same bits on every machine (A88)."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.kernel.library import code

__all__ = ["logarithm"]

Elements = npt.NDArray[np.float32]

# Without the kernel, elements that are computed at once: they stay in the processor cache.
BLOCK: Final = 1 << 13
# The bits of few digits, whose products with an exponent, and with each other, are exact.
EXPONENTS: Final = 0xFFFFFF00
HALF: Final = 0xFFFFF000


@dataclass(frozen=True)
class _Base:
    """The constants of a base: log_b(2) and log_b(e), each with few digits and a rest."""

    two: tuple[np.float32, np.float32]
    e: tuple[np.float32, np.float32]

    @cached_property
    def for_kernel(self) -> ctypes.Array[ctypes.c_float]:
        """Return the constants as the kernel takes them."""
        return (ctypes.c_float * 4)(*map(float, (*self.two, *self.e)))


def logarithm(
    values: Elements,
    base: float,
    *,
    floor: float = -math.inf,
    offset: float = 0.0,
    factor: float = 1.0,
    out: Elements | None = None,
) -> Elements:
    """Return ``factor * log_base(max(values, floor) + offset)``, each step rounded to float32.

    The logarithm differs from the exact one by less than 0.9 units in the last place. That of 0 is
    minus infinity, that of a negative number is NaN, and NaN stays NaN.

    Parameters
    ----------
    values : ndarray of float32
    base : {2, math.e, 10}
    floor, offset, factor : float
    out : ndarray of float32, of the same shape, optional
        May be `values` itself. By default new memory.

    Returns
    -------
    ndarray of float32
        `out`.

    References
    ----------
    Rule A88 in docs/decisions.md.

    Examples
    --------
    >>> logarithm(np.array([1000, 0.001], np.float32), 10, floor=0.01, factor=10)
    array([ 30., -20.], dtype=float32)
    """
    if values.dtype != np.float32:
        raise TypeError(f"values must be float32. Got {values.dtype}.")
    if out is None:
        out = np.empty(values.shape, np.float32)
    elif out.dtype != np.float32 or out.shape != values.shape:
        raise ValueError(
            f"out must be float32, of the shape {values.shape}. Got {out.dtype}, {out.shape}."
        )
    function = _function()
    if function is None:
        compute = partial(_with_numpy, _base(base))
    else:
        compute = partial(_with_kernel, function, _base(base))
    if values is not out and np.may_share_memory(values, out):
        values = values.copy()
    result = out if _is_plain(out) and out.flags.writeable else np.empty(out.shape, np.float32)
    plain = values if _is_plain(values) else np.array(values, np.float32, order="C")
    compute(plain.reshape(-1), result.reshape(-1), floor, offset, factor)
    if result is not out:
        out[...] = result
    return out


def _is_plain(array: Elements) -> bool:
    """Return whether the elements are adjacent, as the kernel needs them."""
    return array.flags.c_contiguous and array.flags.aligned


def _few_digits(number: float, mask: int) -> tuple[np.float32, np.float32]:
    """Return a number as a float32 of few digits, and the rest."""
    bits = np.array([number], np.float32).view(np.uint32) & np.uint32(mask)
    high = np.float32(bits.view(np.float32)[0])
    return high, np.float32(number - float(high))


_BASES: Final = {
    math.e: _Base(_few_digits(math.log(2), EXPONENTS), _few_digits(1.0, HALF)),
    2: _Base(_few_digits(1.0, EXPONENTS), _few_digits(1 / math.log(2), HALF)),
    10: _Base(_few_digits(math.log10(2), EXPONENTS), _few_digits(1 / math.log(10), HALF)),
}


def _base(base: float) -> _Base:
    if base not in _BASES:
        raise ValueError(f"the base must be 2, e or 10. Got {base}.")
    return _BASES[base]


@cache
def _function() -> Any:
    """Return the function of the kernel, or None if numpy is used instead.

    Raises
    ------
    KernelError
        The environment variable asks for a kernel that cannot be used.
    """
    found = code(Path(__file__).parent)
    if found is None:
        return None
    function = found.compiled[f"netencoders_logarithm_{found.lanes}"]
    pointer = ctypes.c_void_p
    function.argtypes = (pointer, pointer, ctypes.c_ssize_t, pointer, pointer)
    function.restype = None
    return function


def _with_kernel(
    function: Any, base: _Base, values: Elements, out: Elements, *settings: float
) -> None:
    places = (array.__array_interface__["data"][0] for array in (values, out))
    function(*places, len(values), (ctypes.c_float * 3)(*settings), base.for_kernel)


def _with_numpy(base: _Base, values: Elements, out: Elements, *settings: float) -> None:
    floor, offset, factor = map(np.float32, settings)
    with np.errstate(all="ignore"):
        for start in range(0, len(values), BLOCK):
            part = out[start : start + BLOCK]
            x = np.maximum(values[start : start + BLOCK], floor)
            if offset:
                x += offset
            np.multiply(_formula(x, base), factor, out=part)


def _formula(x: Elements, base: _Base) -> Elements:
    """Return the logarithm; the names and the steps are those of logarithm.h."""
    bits = x.view(np.int32)
    special = not (bits.min() >= 0x00800000 and bits.max() < 0x7F800000)
    if special:
        small = bits < 0x00800000
        bits = np.where(small, x * np.float32(2**25), x).view(np.int32)
    k = bits - np.int32(0x3F3504F3)
    k >>= 23
    f = (bits - (k << 23)).view(np.float32)
    if special:
        k -= np.where(small, np.int32(25), np.int32(0))
    f -= 1
    h = f * np.float32(0.5)
    h *= f
    s = f / (f + np.float32(2))
    z = s * s
    r = z * (np.float32(2) / np.float32(9))
    for divisor in (7, 5, 3):
        r += np.float32(2) / np.float32(divisor)
        r *= z
    high = f - h
    high.view(np.uint32)[...] &= np.uint32(HALF)
    f -= high
    f -= h
    r += h
    r *= s
    f += r
    low = f
    e = k.astype(np.float32)
    y = e * base.two[1]
    y += (low + high) * base.e[1]
    low *= base.e[0]
    y += low
    high *= base.e[0]
    y += high
    e *= base.two[0]
    y += e
    if special:
        y[x == 0] = -np.inf
        y[x == np.inf] = np.inf
        y[(x < 0) | np.isnan(x)] = np.nan
    return y

"""Slopes: the weights of derivatives over time, and their sums over rows that arrive in blocks."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial, lcm, prod
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from netencoders.layer_base import Blocks
from netencoders_core.layers.forms import Array
from netencoders_core.layers.sliding import extended

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Filter", "convolved", "polynomial", "with_derivatives"]

Doubles = npt.NDArray[np.float64]
Filter = tuple[Doubles, float]  # the weights, which are whole numbers, and their divisor

_CHUNK = 1 << 14  # elements whose sums are computed at once: they stay in the cache


def convolved(half: int, order: int) -> list[Filter]:
    """Return the filters of the orders 1 to `order`: the weights of a slope, applied repeatedly.

    The weights are whole numbers, so an equal feature has a derivative of exactly 0.

    Examples
    --------
    >>> [(weights.tolist(), divisor) for weights, divisor in convolved(1, 2)]
    [([-1.0, 0.0, 1.0], 2.0), ([1.0, 0.0, -2.0, 0.0, 1.0], 4.0)]
    """
    slope = np.arange(-half, half + 1, dtype=np.float64)
    divisor = float(slope @ slope)
    weights, filters = np.ones(1), []
    for power in range(1, order + 1):
        weights = np.convolve(weights, slope)
        filters.append((weights, divisor**power))
    return filters


def polynomial(half: int, order: int) -> list[Filter]:
    """Return the filters of the orders 1 to `order`: derivative k of a polynomial of degree k.

    These are the filters of Savitzky and Golay. The derivative is k! times the coefficient of
    degree k, which is the product with the orthogonal polynomial of degree k.

    Examples
    --------
    >>> [(weights.tolist(), divisor) for weights, divisor in polynomial(1, 2)]
    [([-1.0, 0.0, 1.0], 2.0), ([1.0, -2.0, 1.0], 1.0)]
    """
    # Late: `netencoders list` needs no fractions.
    from fractions import Fraction

    places = range(-half, half + 1)
    known = [[Fraction(1)] * len(places)]
    filters = []
    for power in range(1, order + 1):
        values = [Fraction(place**power) for place in places]
        for lower in known:
            share = _dot(values, lower) / _dot(lower, lower)
            values = [value - share * other for value, other in zip(values, lower, strict=True)]
        known.append(values)
        scale = lcm(*(value.denominator for value in values))
        weights = np.array([float(value * scale) for value in values])
        filters.append((weights, float(_dot(values, values) * scale / factorial(power))))
    return filters


def with_derivatives(
    blocks: Blocks, filters: Sequence[Filter], *, join: bool, part: int = 1, interpolate: bool
) -> Blocks:
    """Yield the derivatives of each row, one for each filter.

    Parameters
    ----------
    blocks : iterator of ndarray
    filters : sequence of Filter
    join : bool
        Whether a result has the row itself before the derivatives, along the last dimension.
    part : int
        Only the last of so many equal parts of a row is differentiated.
    interpolate : bool
        Whether the rows at the edges have the derivative of the polynomial that fits the first or
        the last window. The derivative of order k of a polynomial of degree k is a constant, so it
        is that of the first or the last whole window. Otherwise the first and the last row are
        repeated.
    """
    reach = max(len(weights) for weights, _ in filters) // 2
    if not interpolate:
        blocks = extended(blocks, reach, lambda _: reach)
    held: Array | None = None
    last: Array | None = None
    for block in blocks:
        rows = block if held is None else np.concatenate([held, block])
        if len(rows) > 2 * reach:
            before = reach if interpolate and last is None else 0
            with np.errstate(all="ignore"):  # the chain refuses infinite results
                out = _derived(rows, reach, filters, join, part, before)
            last = out[-1:].copy()
            yield out
        held = rows[-2 * reach :].copy()  # the block itself is not kept in memory
    if interpolate and held is not None and last is not None:
        out = np.repeat(last, reach, axis=0)
        if join:
            out[..., : held.shape[-1]] = held[reach:]
        yield out


def _derived(
    rows: Array, reach: int, filters: Sequence[Filter], join: bool, part: int, before: int
) -> Array:
    """Return the results for the rows that have all neighbours, and for `before` rows before."""
    if rows.ndim == 1:
        result: Array = _derived(rows[:, np.newaxis], reach, filters, False, 1, before)[:, 0]
        return result
    count, size = len(rows) - 2 * reach, rows.shape[-1]
    width, static = size // part, size if join else 0
    out = np.empty((before + count, *rows.shape[1:-1], static + len(filters) * width), rows.dtype)
    out[..., :static] = rows[reach - before : reach + count, ..., :static]
    source = rows[..., size - width :]
    step = max(4 * reach, _CHUNK // max(1, prod(source.shape[1:])))
    for begin in range(0, count, step):
        exact = source[begin : begin + step + 2 * reach].astype(np.float64)
        place = slice(before + begin, before + begin + len(exact) - 2 * reach)
        for number, each in enumerate(filters):
            first = static + number * width
            out[place, ..., first : first + width] = _sums(exact, reach, *each)
    out[:before, ..., static:] = out[before : before + 1, ..., static:]
    return out


def _sums(rows: Doubles, reach: int, weights: Doubles, divisor: float) -> Doubles:
    """Return the weighted sums of neighbours, in an order that does not depend on the block."""
    count = len(rows) - 2 * reach
    half = len(weights) // 2

    def at(distance: int) -> Doubles:
        place = reach + distance
        return rows[place : place + count]

    total: Doubles = weights[half] * at(0)
    pair = np.empty_like(total)
    for distance in range(1, half + 1):
        ahead, behind = weights[half + distance], weights[half - distance]
        combine = np.subtract if ahead == -behind else np.add
        combine(at(distance), at(-distance), out=pair)
        pair *= ahead
        total += pair
    total /= divisor
    return total


def _dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    first, *others = (a * b for a, b in zip(left, right, strict=True))
    return sum(others, first)

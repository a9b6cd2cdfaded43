"""Delta: the differences of features over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import (
    ArraySpec,
    Axis,
    Boolean,
    Integer,
    LayerError,
    NeighbourLayer,
    Parameter,
    RefusedError,
)
from netencoders.layer_base import Blocks
from netencoders_core.forms import Array, floats
from netencoders_core.sliding import extended

__all__ = ["Delta"]


class _Odd(Integer):
    """An odd number of rows."""

    def check(self, value: Any) -> int:
        number = super().check(value)
        if number % 2 == 0:
            raise RefusedError
        return number

    def describe(self) -> tuple[str, ...]:
        return (f"an odd integer from {self.min} to {self.max}",)

    def examples(self) -> list[Any]:
        return [3, 9]

    def counterexamples(self) -> list[Any]:
        return [*super().counterexamples(), 4]


class Delta(NeighbourLayer):
    """Differences over time: the slope of the line that fits WindowSize rows best.

    ::

        delta[t] = (sum over k = 1 ... w of k * (x[t + k] - x[t - k])) / (2 * (1 + 4 + ... + w * w))

    w is (WindowSize - 1) / 2. Before the first row and behind the last one, that row is repeated.
    The sums are computed in float64, and the result has the type of the elements.

    Of a higher Order, the weights of delta are applied Order times, as one filter: the edges of the
    static rows are repeated. Two layers Delta, one after the other, repeat the edges of the first
    deltas instead.

    With Concatenate, the result has the static row, its delta, the delta of the second order and
    so on, up to Order, joined along the last dimension: (n, 40) becomes (n, 120) for Order 2.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    ``torchaudio.functional.compute_deltas`` with ``win_length=5`` has the default parameters.
    Applied twice, it is two layers. Kaldi's ``add-deltas`` is Concatenate with Order 2; its option
    ``--delta-window`` is w.

    References
    ----------
    S. Young et al., "The HTK Book", section 5.9.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Delta", WindowSize=3)(np.array([[0.0], [1.0], [2.0], [4.0]], np.float32))
    array([[0.5],
           [1. ],
           [1.5],
           [1. ]], dtype=float32)
    """

    name = "Delta"
    parameters = (
        Parameter(
            "WindowSize",
            _Odd(3, 1001),
            default=5,
            unit="rows",
            known_as=("win_length", "width"),
            doc="the number of rows that the line fits, an odd number",
        ),
        Parameter(
            "Order",
            Integer(1, 4),
            default=1,
            known_as=("order",),
            doc="the number of differentiations: 2 for the acceleration",
        ),
        Parameter(
            "Concatenate",
            Boolean(),
            default=False,
            neutral=False,
            doc="give the static rows and the deltas of all orders, not the last one alone",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        half, order = (resolved["WindowSize"] - 1) // 2, resolved["Order"]
        self._reach = half * order
        slope = np.arange(-half, half + 1, dtype=np.float64)
        divisor = float(slope @ slope)
        weights, self._filters = np.ones(1), []
        for power in range(1, order + 1):
            # Whole numbers: an equal feature has a delta of exactly 0.
            weights = np.convolve(weights, slope)
            self._filters.append((weights, divisor**power))

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form, or with a larger last dimension."""
        form = replace(floats(form), quantity="")
        if not self.resolved["Concatenate"]:
            return form
        if len(form.dims) < 2:
            raise LayerError(
                f"it joins the deltas along the last dimension, and {form.dims} has time alone: "
                "put the layer AddAxis before it, with Position 1"
            )
        *dims, last = form.dims
        size = last * (1 + self.resolved["Order"]) if isinstance(last, int) else last
        axes = (*form.axes[:-1], Axis("feature")) if form.axes else ()
        return replace(form, dims=(*dims, size), axes=axes)

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the deltas."""
        reach = self._reach
        held: Array | None = None
        for block in extended(blocks, reach, lambda _: reach):
            rows = block if held is None else np.concatenate([held, block])
            if len(rows) > 2 * reach:
                yield self._deltas(rows)
            held = rows[-2 * reach :].copy()  # the block itself is not kept in memory

    def _deltas(self, rows: Array) -> Array:
        """Return the deltas of all rows that have all neighbours."""
        exact = rows.astype(np.float64)
        filters = self._filters if self.resolved["Concatenate"] else self._filters[-1:]
        results = [_filtered(exact, self._reach, *each).astype(rows.dtype) for each in filters]
        if not self.resolved["Concatenate"]:
            return results[0]
        static = rows[self._reach : len(rows) - self._reach]
        return np.concatenate([static, *results], axis=-1)


def _filtered(
    rows: npt.NDArray[np.float64], reach: int, weights: npt.NDArray[np.float64], divisor: float
) -> npt.NDArray[np.float64]:
    """Return the weighted sums of neighbours, in an order that does not depend on the block."""
    count = len(rows) - 2 * reach
    half = len(weights) // 2

    def at(distance: int) -> npt.NDArray[np.float64]:
        place = reach + distance
        return rows[place : place + count]

    total: npt.NDArray[np.float64] = weights[half] * at(0)
    for distance in range(1, half + 1):
        ahead, behind = weights[half + distance], weights[half - distance]
        if ahead == -behind:
            total += ahead * (at(distance) - at(-distance))
        else:
            total += ahead * (at(distance) + at(-distance))
    total /= divisor
    return total

"""Delta: the differences of features over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netencoders import (
    ArraySpec,
    Axis,
    Boolean,
    Choice,
    Integer,
    LayerError,
    NeighbourLayer,
    Parameter,
    RefusedError,
)
from netencoders.layer_base import Blocks
from netencoders_core.layers.forms import floats, rows_form
from netencoders_core.layers.slopes import convolved, polynomial, with_derivatives

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

    HigherOrder is the rule for an Order above 1:

    - ``"Filter"``: the weights of delta are applied Order times, as one filter over the static
      rows.
    - ``"Repeated"``: the delta of the deltas, each rounded to the type of the elements. At the
      edges, the first and the last delta are repeated.
    - ``"Polynomial"``: the derivative of the polynomial of degree Order that fits WindowSize rows
      best: the filter of Savitzky and Golay.

    If Edges is ``"Interpolate"``, no row is repeated. The first and the last w rows of the result
    are the derivative of the polynomial that fits the first or the last WindowSize rows, and fewer
    rows are an error.

    With Concatenate, the result has the static row, its delta, the delta of the second order and
    so on, up to Order, joined along the last dimension: (n, 40) becomes (n, 120) for Order 2.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    ``torchaudio.functional.compute_deltas`` with ``win_length=5`` has the default parameters.
    Applied repeatedly, it is HigherOrder ``"Repeated"``. Kaldi's ``add-deltas`` is Concatenate with
    Order 2; its option ``--delta-window`` is w. ``librosa.feature.delta`` is WindowSize 9, Edges
    ``"Interpolate"`` and HigherOrder ``"Polynomial"``; with ``mode="nearest"``, Edges is
    ``"Repeat"``.

    References
    ----------
    S. Young et al., "The HTK Book", section 5.9.

    A. Savitzky and M. J. E. Golay, "Smoothing and differentiation of data by simplified least
    squares procedures", Analytical Chemistry 36 (8), 1964.

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
    known_as = ("AddDeltas", "ComputeDeltas", "Deltas", "Difference")
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
        Parameter(
            "HigherOrder",
            Choice("Filter", "Repeated", "Polynomial"),
            default="Filter",
            neutral="Filter",
            doc="the rule for an Order above 1",
        ),
        Parameter(
            "Edges",
            Choice("Repeat", "Interpolate"),
            default="Repeat",
            neutral="Repeat",
            known_as=("mode",),
            doc="Repeat: repeat the first and the last row; Interpolate: fit WindowSize rows",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        half, order = (resolved["WindowSize"] - 1) // 2, resolved["Order"]
        rule = resolved["HigherOrder"]
        self._interpolates = resolved["Edges"] == "Interpolate"
        self._stages = order if rule == "Repeated" else 1
        self._filters = (polynomial if rule == "Polynomial" else convolved)(
            half, order // self._stages
        )

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problems of a window that is too small, and of edges without a polynomial."""
        size, order, rule = (resolved[name] for name in ("WindowSize", "Order", "HigherOrder"))
        problems = []
        if rule == "Polynomial" and size <= order:
            problems.append(
                f"'WindowSize' must be above 'Order' for 'Polynomial'. Got {size} and {order}."
            )
        if rule == "Filter" and order > 1 and resolved["Edges"] == "Interpolate":
            problems.append(
                "with 'Edges' 'Interpolate' and an 'Order' above 1, 'HigherOrder' must be "
                "'Repeated' or 'Polynomial'. Got 'Filter'."
            )
        return problems

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form, or with a larger last dimension."""
        form = replace(floats(form), quantity="")
        if self._interpolates:
            size = self.resolved["WindowSize"]
            form = rows_form(form, lambda rows: rows if rows >= size else 0)
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
        join = self.resolved["Concatenate"]
        filters = self._filters if join else self._filters[-1:]
        for stage in range(1, self._stages + 1):
            blocks = with_derivatives(
                blocks,
                filters,
                join=join,
                part=stage if join else 1,
                interpolate=self._interpolates,
            )
        return blocks

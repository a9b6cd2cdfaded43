"""Transpose: the dimensions in another order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

from netencoders import ArraySpec, Choice, Integer, LayerError, ListOf, Parameter, RowLayer, Union
from netencoders_core.layers.forms import Array, equal_sizes

__all__ = ["Transpose"]


class Transpose(RowLayer):
    """Reverses the dimensions, or puts them into another order.

    Frames first becomes features first, with time last. Dimension i of the result is dimension
    Axes[i] of the input, as in numpy; None reverses all dimensions.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    A layer after it may work on elements alone, such as ``Log``. Layers that need time as the first
    dimension are put before it.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Transpose")(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    array([[1., 3.],
           [2., 4.]], dtype=float32)
    >>> NetLayer("Transpose", Axes=[0, 2, 1])(np.zeros((5, 96, 64))).shape
    (5, 64, 96)
    """

    name = "Transpose"
    keeps_finite = True
    known_as = ("Permute", "SwapAxes", "MoveAxis")
    parameters = (
        Parameter(
            "Axes",
            Union(Choice(None), ListOf(Integer(0, 31), 1, 32)),
            default=None,
            neutral=None,
            known_as=("axes", "dims", "perm"),
            doc="the dimension of the input for each one of the result; None reverses them",
        ),
    )

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problem of a dimension that is missing or twice there."""
        axes = resolved["Axes"]
        if axes is None or sorted(axes) == list(range(len(axes))):
            return []
        *first, last = map(str, range(len(axes)))
        wanted = f"{', '.join(first)} and {last}, each once" if first else f"{last} once"
        return [f"'Axes' must contain {wanted}. Got {list(axes)}."]

    @classmethod
    def mends(cls, have: ArraySpec, want: ArraySpec) -> Mapping[str, Any] | None:
        """Return the order of the dimensions in which the most sizes are equal."""
        count = len(have.dims)
        if count != len(want.dims) or not 2 <= count <= 5:
            return None
        orders = permutations(range(count))
        scores = {order: equal_sizes([have.dims[axis] for axis in order], want) for order in orders}
        best = max(scores, key=scores.__getitem__)
        if scores[best] < 1 or best == tuple(range(count)):
            return None
        return {} if best == tuple(range(count))[::-1] else {"Axes": list(best)}

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the dimensions and axes in another order."""
        axes = self.resolved["Axes"]
        if axes is None:
            axes = tuple(range(len(form.dims)))[::-1]
        if len(axes) != len(form.dims):
            raise LayerError(
                f"Axes has {len(axes)} dimensions, and the array has {len(form.dims)}: {form.dims}"
            )
        if form.has_parts and axes[-1] != len(form.dims) - 1:
            raise LayerError("its last dimension holds the parts of complex numbers")
        return replace(
            form,
            dims=tuple(form.dims[axis] for axis in axes),
            axes=tuple(form.axes[axis] for axis in axes) if form.axes else (),
            stream_axis=axes.index(form.stream_axis),
        )

    def apply(self, rows: Array) -> Array:
        """Return the transposed rows."""
        return rows.transpose(self.resolved["Axes"])

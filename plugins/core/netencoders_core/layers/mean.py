"""Mean: the mean over time, or over the features of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from netencoders import (
    ArraySpec,
    Axis,
    Boolean,
    Choice,
    LayerError,
    NeighbourLayer,
    Parameter,
)
from netencoders.layer_base import Blocks
from netencoders.rows import grouped
from netencoders_core.layers.forms import Array, features_last, floats
from netencoders_core.layers.moments import exact_mean, moments

__all__ = ["Mean"]


class Mean(NeighbourLayer):
    """Mean over time, or over the features of each row.

    The sum is computed in float64, and the result has the type of the elements. The dimension of
    the mean keeps its place, with size 1, so that the layers after it see the same number of
    dimensions: (n, 80) becomes (1, 80) over time, and (n, 1) over the features. With more than two
    dimensions, the features are the last one. If KeepDimension is False, the dimension is removed:
    (n, 80) becomes (80) over time, and (n) over the features.

    Over time, the result is one row, and an array without rows is an error. If that dimension is
    removed, the result has no time, and layers after it take the features for rows. A stream has
    one block.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Mean")(np.array([[1.0, 5.0], [3.0, 5.0]], np.float32))
    array([[2., 5.]], dtype=float32)
    >>> NetLayer("Mean", KeepDimension=False)(np.array([[1.0, 5.0], [3.0, 5.0]], np.float32))
    array([2., 5.], dtype=float32)
    """

    name = "Mean"
    known_as = ("Average", "Pool", "MeanPool", "GlobalAveragePool")
    parameters = (
        Parameter(
            "Axis",
            Choice("Time", "Features"),
            default="Time",
            doc="the dimension that becomes 1: time, which is the first, or the last",
        ),
        Parameter(
            "KeepDimension",
            Boolean(),
            default=True,
            neutral=True,
            known_as=("keepdim", "keepdims"),
            doc="keep the dimension, with size 1; False removes it",
        ),
    )

    @classmethod
    def mends(cls, have: ArraySpec, want: ArraySpec) -> Mapping[str, Any] | None:
        """Return the parameters that remove the first dimension, if its size is 1."""
        is_single = have.dims[:1] == (1,) and len(have.dims) == len(want.dims) + 1
        return {"KeepDimension": False} if is_single else None

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form with size 1 along one dimension, or without it."""
        floats(form)
        over_time = self.resolved["Axis"] == "Time"
        if not over_time:
            features_last(form)
        place = 0 if over_time else len(form.dims) - 1
        dims, axes = list(form.dims), list(form.axes)
        if not self.resolved["KeepDimension"]:
            if len(dims) == 1:
                raise LayerError(
                    f"KeepDimension is False, and {form.dims} has one dimension: none is left"
                )
            del dims[place], axes[place : place + 1]
            return replace(form, dims=tuple(dims), axes=tuple(axes))
        dims[place] = 1
        if axes:
            axes[place] = Axis("mean")
        return replace(form, dims=tuple(dims), axes=tuple(axes))

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the means."""
        keeps = self.resolved["KeepDimension"]
        if self.resolved["Axis"] == "Features":
            for block in blocks:
                means = _feature_means(block)
                yield means if keeps else means[..., 0]
            return
        first = next(blocks, None)
        if first is None:
            return
        kind = first.dtype
        known = moments(grouped(chain([first], blocks)))
        if known is not None:
            with np.errstate(all="ignore"):  # the chain refuses infinite results
                mean = known.mean.astype(kind)
            yield mean[np.newaxis] if keeps else mean


def _feature_means(rows: Array) -> Array:
    with np.errstate(all="ignore"):  # the chain refuses infinite results
        mean = exact_mean(rows.astype(np.float64), rows.dtype, axis=-1)
        result: Array = mean.astype(rows.dtype)
    return result

"""Mean: the mean over time, or over the features of each row."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np

from netencoders import ArraySpec, Axis, Choice, NeighbourLayer, Parameter
from netencoders.layer_base import Blocks
from netencoders.rows import grouped
from netencoders_core.forms import Array, features_last, floats
from netencoders_core.moments import moments

__all__ = ["Mean"]


class Mean(NeighbourLayer):
    """Mean over time, or over the features of each row.

    The sum is computed in float64, and the result has the type of the elements. The dimension of
    the mean keeps its place, with size 1, so that the layers after it see the same number of
    dimensions: (n, 80) becomes (1, 80) over time, and (n, 1) over the features. With more than two
    dimensions, the features are the last one. ``Reshape`` removes a dimension of size 1.

    Over time, the result is one row, and an array without rows is an error.

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
    )

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form with size 1 along one dimension."""
        floats(form)
        over_time = self.resolved["Axis"] == "Time"
        if not over_time:
            features_last(form)
        place = 0 if over_time else len(form.dims) - 1
        dims, axes = list(form.dims), list(form.axes)
        dims[place] = 1
        if axes:
            axes[place] = Axis("mean")
        return replace(form, dims=tuple(dims), axes=tuple(axes))

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the means."""
        if self.resolved["Axis"] == "Features":
            yield from map(_feature_means, blocks)
            return
        first = next(blocks, None)
        if first is None:
            return
        kind = first.dtype
        known = moments(grouped(chain([first], blocks)))
        if known is not None:
            yield known.mean[np.newaxis].astype(kind)


def _feature_means(rows: Array) -> Array:
    exact = rows.astype(np.float64)
    result: Array = (exact.sum(axis=-1, keepdims=True) / exact.shape[-1]).astype(rows.dtype)
    return result

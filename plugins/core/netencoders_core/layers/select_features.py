"""SelectFeatures: some of the features of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from netencoders import (
    ArraySpec,
    Axis,
    Choice,
    Integer,
    LayerError,
    ListOf,
    Parameter,
    RowLayer,
    Union,
)
from netencoders_core.layers.forms import Array, keeps_parts

__all__ = ["SelectFeatures"]


class SelectFeatures(RowLayer):
    """Keeps some features of each row, and leaves out the others.

    ::

        y[t, i] = x[t, Start + i]           for Start + i < Stop
        y[t, i] = x[t, Indices[i]]          with Indices

    The features are the indices of the last dimension, or of the dimension Axis. An index that the
    features do not have is an error.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    Start 1 leaves out the first cepstral coefficient, or the frequency 0 of a spectrogram. Stop -1
    leaves out the Nyquist frequency: 257 frequencies become 256. With real and imaginary parts in
    the last dimension, Axis -2 selects frequencies.

    The axis of the features keeps its coordinates if the indices are at equal distances.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> rows = np.array([[0.0, 1.0, 2.0, 3.0]])
    >>> NetLayer("SelectFeatures", Start=1)(rows)
    array([[1., 2., 3.]])
    >>> NetLayer("SelectFeatures", Indices=[3, 0])(rows)
    array([[3., 0.]])
    """

    name = "SelectFeatures"
    keeps_finite = True
    known_as = ("Select", "Slice", "Take", "Part", "IndexSelect", "Columns")
    parameters = (
        Parameter(
            "Start",
            Integer(-(2**31), 2**31),
            default=0,
            neutral=0,
            known_as=("start", "begin"),
            doc="the first index that is kept; negative ones count from the end",
        ),
        Parameter(
            "Stop",
            Union(Choice(None), Integer(-(2**31), 2**31)),
            default=None,
            neutral=None,
            known_as=("stop", "end"),
            doc="the index behind the last one that is kept; None for all features behind Start",
        ),
        Parameter(
            "Indices",
            Union(Choice(None), ListOf(Integer(-(2**31), 2**31), 1, 2**16)),
            default=None,
            neutral=None,
            known_as=("index", "indices", "columns"),
            doc="the indices that are kept, in this order, instead of Start and Stop",
        ),
        Parameter(
            "Axis",
            Integer(-32, 31),
            default=-1,
            neutral=-1,
            known_as=("axis", "dim"),
            doc="the dimension of the features; -1 is the last one",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        indices = resolved["Indices"]
        self._indices = None if indices is None else np.array(indices, np.intp)
        self._slice = slice(resolved["Start"], resolved["Stop"])

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problem of indices beside a range, or of a range without an index."""
        start, stop = resolved["Start"], resolved["Stop"]
        if resolved["Indices"] is not None:
            if start == 0 and stop is None:
                return []
            text = "'Indices' replaces 'Start' and 'Stop', which must be 0 and None."
            return [f"{text} Got {start} and {stop}."]
        if stop is None or start < stop or (start < 0) != (stop < 0):
            return []
        return [f"'Start' must be below 'Stop'. Got {start} and {stop}."]

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form with fewer features.

        Raises
        ------
        LayerError
            The dimension does not exist, is time, varies, holds the parts of complex numbers, or
            does not have an index.
        """
        axis, count = self.resolved["Axis"], len(form.dims)
        if not -count <= axis < count:
            raise LayerError(f"Axis is {axis}, and the array has the dimensions {form.dims}")
        place = axis % count
        if place == form.stream_axis:
            raise LayerError(
                f"it selects features, and dimension {place} of {form.dims} is time: the layers "
                "FitRows and Subsample leave out rows"
            )
        keeps_parts(form, place)
        size = form.dims[place]
        if not isinstance(size, int):
            raise LayerError(f"the number of features varies: {form.dims}")
        kept = self._kept(size)
        dims, axes = list(form.dims), list(form.axes)
        dims[place] = len(kept)
        if axes:
            axes[place] = _axis(axes[place], kept)
        return replace(form, dims=tuple(dims), axes=tuple(axes))

    def apply(self, rows: Array) -> Array:
        """Return the features that are kept."""
        axis = self.resolved["Axis"] % rows.ndim
        result: Array
        if self._indices is None:
            result = rows[(*[slice(None)] * axis, self._slice)]
        else:
            result = rows.take(self._indices, axis=axis)
        return result

    def _kept(self, size: int) -> list[int]:
        """Return the indices that are kept of `size` features."""
        features = f"there {'is 1 feature' if size == 1 else f'are {size} features'}"
        if self._indices is not None:
            for index in self._indices.tolist():
                if not -size <= index < size:
                    raise LayerError(f"Indices has {index}, and {features}")
            return [index % size for index in self._indices.tolist()]
        start, stop = self.resolved["Start"], self.resolved["Stop"]
        if not -size <= start < size:
            raise LayerError(f"Start is {start}, and {features}")
        if stop is not None and not -size < stop <= size:
            raise LayerError(f"Stop is {stop}, and {features}")
        kept = list(range(size))[self._slice]
        if not kept:
            raise LayerError(f"Start is {start}, Stop is {stop}, and {features}: none is left")
        return kept


def _axis(axis: Axis, kept: list[int]) -> Axis:
    """Return the axis of the features that are kept, as a plain count if they are irregular."""
    steps = {after - before for before, after in pairwise(kept)} or {1}
    step = steps.pop()
    if steps or not step:
        return Axis("feature")
    return replace(axis, start=axis.at(kept[0]), step=axis.step * step)

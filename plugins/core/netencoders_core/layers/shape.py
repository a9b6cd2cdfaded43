"""Layers that change the layout of an array, and not its values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from netencoders import (
    ArraySpec,
    Axis,
    Integer,
    LayerError,
    ListOf,
    Parameter,
    RowLayer,
    Varying,
)
from netencoders_core.layers.forms import Array, equal_sizes, keeps_parts, may_equal, time_first

__all__ = ["AddAxis", "Repeat", "Reshape"]


class Reshape(RowLayer):
    """Gives each row another shape, with the elements in the same order.

    ::

        (n, *row) becomes (n, *Shape)

    One size of Shape may be -1: it follows from the others. An empty Shape makes a number of each
    row of one element.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Reshape")(np.zeros((10, 96, 64), np.float32)).shape
    (10, 6144)
    >>> NetLayer("Reshape", Shape=[])(np.zeros((16000, 1), np.float32)).shape
    (16000,)
    """

    name = "Reshape"
    keeps_finite = True
    known_as = ("Squeeze", "Flatten", "View")
    parameters = (
        Parameter(
            "Shape",
            ListOf(Integer(-1, 2**31), 0, 31),
            default=(-1,),
            known_as=("shape",),
            doc="the dimensions of a row, without time; [-1] for one dimension",
        ),
    )

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problem of a size of 0, or of several unknown sizes."""
        shape = resolved["Shape"]
        if 0 not in shape and shape.count(-1) < 2:
            return []
        return [f"'Shape' must have sizes >= 1, and -1 once at most. Got {list(shape)}."]

    @classmethod
    def mends(cls, have: ArraySpec, want: ArraySpec) -> Mapping[str, Any] | None:
        """Return the rows of the other form, if they have another number of dimensions.

        Rows with as many dimensions in another order are no remedy: they need Transpose.
        """
        if len(have.dims) == len(want.dims) or not have.dims or not want.dims:
            return None
        row, sizes = have.dims[1:], want.dims[1:]
        if Varying in (*row, *sizes) or not may_equal(have.dims[:1], want.dims[:1]):
            return None
        return {"Shape": list(sizes)}

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form with other dimensions behind time."""
        time_first(form)
        if form.has_parts:
            raise LayerError("its last dimension holds the parts of complex numbers")
        row, shape = form.dims[1:], self.resolved["Shape"]
        sizes = [size for size in row if isinstance(size, int)]
        if len(sizes) < len(row):
            raise LayerError(f"the size of its rows varies: {form.dims}")
        count, known = math.prod(sizes), math.prod(size for size in shape if size != -1)
        if count % known or (count != known and -1 not in shape):
            raise LayerError(
                f"a row of {tuple(row)} has {count} {'element' if count == 1 else 'elements'}, "
                f"which do not fit Shape {list(shape)}"
            )
        result = tuple(count // known if size == -1 else size for size in shape)
        axes = (form.axes[0], *[Axis("feature")] * len(result)) if form.axes else ()
        return replace(form, dims=(form.dims[0], *result), axes=axes)

    def apply(self, rows: Array) -> Array:
        """Return the rows in another shape."""
        count = math.prod(rows.shape[1:])
        known = math.prod(size for size in self.resolved["Shape"] if size != -1)
        shape = [count // known if size == -1 else size for size in self.resolved["Shape"]]
        return rows.reshape(len(rows), *shape)


class AddAxis(RowLayer):
    """Adds a dimension of size 1, such as that of a batch or of channels.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("AddAxis")(np.zeros((100, 80), np.float32)).shape
    (1, 100, 80)
    >>> NetLayer("AddAxis", Position=-1)(np.zeros((100, 80), np.float32)).shape
    (100, 80, 1)
    """

    name = "AddAxis"
    keeps_finite = True
    known_as = ("Unsqueeze", "ExpandDims", "NewAxis")
    parameters = (
        Parameter(
            "Position",
            Integer(-32, 31),
            default=0,
            known_as=("axis", "dim"),
            doc="the place of the new dimension in the result; -1 is the last one",
        ),
    )

    @classmethod
    def mends(cls, have: ArraySpec, want: ArraySpec) -> Mapping[str, Any] | None:
        """Return the place of a dimension of size 1, or one that varies, that is missing."""
        places = [
            (size == 1, equal_sizes(have.dims, want, place), -place)
            for place, size in enumerate(want.dims)
            if size in (1, Varying)
        ]
        fitting = [found for found in places if found[1] >= 0]
        return {"Position": -max(fitting)[2]} if fitting else None

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form with one more dimension."""
        count, position = len(form.dims) + 1, self.resolved["Position"]
        if not -count <= position < count:
            raise LayerError(
                f"Position must be from {-count} to {count - 1} for an array of {count - 1} "
                f"{'dimension' if count == 2 else 'dimensions'}, and is {position}"
            )
        place = position % count
        keeps_parts(form, place - 1)
        axes = (*form.axes[:place], Axis("index"), *form.axes[place:]) if form.axes else ()
        return replace(
            form,
            dims=(*form.dims[:place], 1, *form.dims[place:]),
            axes=axes,
            stream_axis=form.stream_axis + (place <= form.stream_axis),
        )

    def apply(self, rows: Array) -> Array:
        """Return the rows with one more dimension."""
        return np.expand_dims(rows, self.resolved["Position"])


class Repeat(RowLayer):
    """Gives equal copies of the array along a new first dimension.

    ::

        y[i] = x        for i = 0 ... Copies - 1

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    CLAP's fused model takes 4 copies of the features of a short recording.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Repeat", Copies=4)(np.zeros((100, 80), np.float32)).shape
    (4, 100, 80)
    """

    name = "Repeat"
    keeps_finite = True
    known_as = ("Tile", "Copy", "Copies")
    parameters = (
        Parameter("Copies", Integer(1, 2**16), default=2, doc="the size of the new dimension"),
    )

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form with one more dimension."""
        return replace(
            form,
            dims=(self.resolved["Copies"], *form.dims),
            axes=(Axis("copy"), *form.axes) if form.axes else (),
            stream_axis=form.stream_axis + 1,
        )

    def apply(self, rows: Array) -> Array:
        """Return the copies."""
        return np.repeat(rows[np.newaxis], self.resolved["Copies"], axis=0)

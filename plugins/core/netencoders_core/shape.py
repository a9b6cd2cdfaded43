"""Layers that change the layout of an array, and not its values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy.typing as npt

from netencoders import ArraySpec, LayerError, RowLayer

__all__ = ["Transpose"]

Array = npt.NDArray[Any]


class Transpose(RowLayer):
    """Reverses the dimensions: frames first becomes features first, with time last.

    Parameters
    ----------
    resolved : mapping
        Is empty.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Transpose")(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    array([[1., 3.],
           [2., 4.]], dtype=float32)
    """

    name = "Transpose"

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the dimensions and axes in reverse order."""
        if form.has_parts:
            raise LayerError("its last dimension holds the parts of complex numbers")
        last = len(form.dims) - 1
        return replace(
            form, dims=form.dims[::-1], axes=form.axes[::-1], stream_axis=last - form.stream_axis
        )

    def apply(self, rows: Array) -> Array:
        """Return the transposed rows."""
        return rows.T

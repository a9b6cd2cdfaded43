"""OneHotMaximum: 1 at the largest element of each row, 0 elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, LayerError, RowLayer
from netencoders_core.layers.forms import floats, time_first

__all__ = ["OneHotMaximum"]

Array = npt.NDArray[Any]


class OneHotMaximum(RowLayer):
    """One-hot rows: 1 at the largest element of each row, and 0 elsewhere.

    If several elements are the largest, the first of them is 1. In an array of more than two
    dimensions, the elements along the last one are compared. MusicGen takes such rows of chroma.

    Parameters
    ----------
    resolved : mapping
        Empty: there are no parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("OneHotMaximum")(np.array([[0.5, 2.0, 2.0], [0.0, 0.0, 0.0]], np.float32))
    array([[0., 1., 0.],
           [1., 0., 0.]], dtype=float32)
    """

    name = "OneHotMaximum"
    known_as = ("OneHot", "ArgMax")
    parameters = ()

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form, without a quantity.

        Raises
        ------
        LayerError
            The elements are not real floating-point numbers, or a row is a single number.
        """
        if len(form.dims) < 2:
            raise LayerError(
                f"it compares the elements of each row, and gets an array of dimensions {form.dims}"
            )
        return replace(floats(time_first(form)), quantity="")

    def apply(self, rows: Array) -> Array:
        """Return the one-hot rows."""
        out = np.zeros_like(rows)
        np.put_along_axis(out, rows.argmax(axis=-1, keepdims=True), 1, axis=-1)
        return out

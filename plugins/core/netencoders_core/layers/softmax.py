"""Softmax: the shares of the elements along the last dimension."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from netencoders import ArraySpec, RowLayer
from netencoders_core.layers.forms import Array, features_last, floats

__all__ = ["Softmax"]


class Softmax(RowLayer):
    """Positive numbers whose sum along the last dimension is 1.

    ::

        y[i] = exp(x[i] - maximum(x)) / sum over j of exp(x[j] - maximum(x))

    It is computed in float64, and the result has the type of the elements.

    Parameters
    ----------
    resolved : mapping
        Is empty.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Softmax")(np.log(np.array([[1.0, 3.0]], np.float32)))
    array([[0.25, 0.75]], dtype=float32)
    """

    name = "Softmax"

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form, without a quantity."""
        return replace(features_last(floats(form)), quantity="")

    def apply(self, rows: Array) -> Array:
        """Return the shares."""
        exact = rows.astype(np.float64)
        exact -= exact.max(axis=-1, keepdims=True)
        np.exp(exact, out=exact)
        exact /= exact.sum(axis=-1, keepdims=True)
        return exact.astype(rows.dtype)

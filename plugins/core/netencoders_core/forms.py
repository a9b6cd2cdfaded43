"""Forms: the checks of forms that several layers share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from netencoders import ArraySpec, LayerError

__all__ = ["floats", "time_first"]


def floats(form: ArraySpec) -> ArraySpec:
    """Return a form of real floating-point numbers, without a range.

    Raises
    ------
    LayerError
        The elements are integers or complex numbers.
    """
    if np.dtype(form.dtype).kind != "f":
        raise LayerError(
            f"it takes real floating-point numbers, and gets {form.dtype}: put the layer Cast "
            "before it"
        )
    if form.is_complex:
        raise LayerError("it takes real numbers, and gets the parts of complex numbers")
    return form


def time_first(form: ArraySpec) -> ArraySpec:
    """Return a form whose first dimension is time.

    Raises
    ------
    LayerError
        Time is another dimension.
    """
    if form.stream_axis:
        raise LayerError(
            f"it needs time as the first dimension, and time is dimension {form.stream_axis} of "
            f"{form.dims}: put a layer that moves time, such as Transpose, after it"
        )
    return replace(form)

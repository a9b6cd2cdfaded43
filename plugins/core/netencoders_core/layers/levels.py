"""Layers that refer each element to the maximum of the recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from netencoders import ArraySpec, LayerError, Parameter, Real, WholeLayer, takes_out
from netencoders_core.layers.forms import Array, constants_fit, floats

__all__ = ["DynamicRange", "SubtractMaximum"]


class _Levels(WholeLayer):
    """A layer that needs the maximum of all elements."""

    ignores_repeats = True

    def measure(self, groups: Iterator[Array]) -> Any:
        """Return the largest element; None if there are no rows."""
        largest = None
        for group in groups:
            most = group.max()
            largest = most if largest is None else max(largest, most)
        return largest


class DynamicRange(_Levels):
    """Raises elements that are far below the maximum of the recording.

    ::

        y = max(x, maximum(x) - Below)

    The elements are logarithms. For a lower limit that does not depend on the recording, use
    ``Clip``.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    Whisper has Below 8, in units of log10. In decibels, librosa and SpeechBrain have 80, which is
    ``top_db``. The maximum is that of the whole recording, so a stream reads its input twice.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("DynamicRange", Below=8)(np.array([[2.0, 1.0], [-10.0, 0.0]], np.float32))
    array([[ 2.,  1.],
           [-6.,  0.]], dtype=float32)
    """

    name = "DynamicRange"
    keeps_finite = True
    known_as = ("TopDb",)
    parameters = (
        Parameter(
            "Below",
            Real(min=0),
            default=80,
            known_as=("top_db",),
            doc="the largest difference to the maximum, in the unit of the elements",
        ),
    )

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form; powers and magnitudes are refused."""
        floats(form)
        if form.quantity in ("power", "magnitude", "amplitude"):
            raise LayerError(
                f"its elements must be logarithms, and their quantity is {form.quantity}: put the "
                "layer Log before it"
            )
        constants_fit(form, (self.resolved["Below"],))
        return form

    @takes_out
    def apply(self, rows: Array, measured: Any, out: Array | None = None) -> Array:
        """Return the raised elements."""
        floor = measured - rows.dtype.type(self.resolved["Below"])
        result: Array = np.maximum(rows, floor, out=out)
        return result


class SubtractMaximum(_Levels):
    """Subtracts the maximum of the recording: the largest element becomes 0.

    ::

        y = x - maximum(x)

    Parameters
    ----------
    resolved : mapping
        Is empty.

    Notes
    -----
    Of decibels, it is librosa's ``power_to_db`` with ``ref=np.max``, for an array whose maximum is
    above the floor. The maximum is that of the whole recording, so a stream reads its input twice.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("SubtractMaximum")(np.array([[2.0, 1.0], [-10.0, 0.0]], np.float32))
    array([[  0.,  -1.],
           [-12.,  -2.]], dtype=float32)
    """

    name = "SubtractMaximum"
    known_as = ("MaxNormalize",)

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form."""
        return floats(form)

    @takes_out
    def apply(self, rows: Array, measured: Any, out: Array | None = None) -> Array:
        """Return the differences."""
        result: Array = np.subtract(rows, measured, out=out)
        return result

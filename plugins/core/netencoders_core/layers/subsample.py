"""Subsample: every n-th row."""

from __future__ import annotations

from netencoders import ArraySpec, Integer, NeighbourLayer, Parameter
from netencoders.layer_base import Blocks
from netencoders_core.layers.forms import rows_form

__all__ = ["Subsample"]


class Subsample(NeighbourLayer):
    """Keeps every Stride-th row, and leaves out the others.

    ::

        y[i] = x[Phase + i * Stride]

    The rows are not filtered before.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Subsample", Stride=3, Phase=1)(np.arange(8.0))
    array([1., 4., 7.])
    """

    name = "Subsample"
    keeps_finite = True
    known_as = ("Decimate", "Downsample")
    parameters = (
        Parameter(
            "Stride",
            Integer(1, 2**31),
            default=2,
            unit="rows",
            neutral=1,
            doc="the number of rows from one row that is kept to the next",
        ),
        Parameter(
            "Phase",
            Integer(0, 2**31),
            default=0,
            unit="rows",
            neutral=0,
            doc="the number of rows before the first one that is kept",
        ),
    )

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return a form with fewer rows."""
        stride, phase = self.resolved["Stride"], self.resolved["Phase"]
        return rows_form(
            form, lambda rows: max(0, -(-(rows - phase) // stride)), step=stride, shift=phase
        )

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the rows that are kept."""
        stride, skip = self.resolved["Stride"], self.resolved["Phase"]
        for block in blocks:
            kept = block[skip::stride]
            skip = skip + len(kept) * stride - len(block)
            if len(kept):
                yield kept

"""Patches: groups of rows as a new dimension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import ArraySpec, Automatic, Axis, Choice, Integer, NeighbourLayer, Parameter
from netencoders.layer_base import Blocks
from netencoders_core.layers.forms import may_hold, rows_form
from netencoders_core.layers.sliding import filled, sliding

__all__ = ["Patches"]


class Patches(NeighbourLayer):
    """Cuts the rows into patches of Size rows, one every Offset rows, along a new dimension.

    ::

        y[i] = x[i * Offset : i * Offset + Size]

    Rows (n, 64) become (patches, Size, 64).

    If Padding is None, only whole patches count: n rows give floor((n - Size) / Offset) + 1
    patches, and fewer than Size rows are an error. With ``"Zero"``, zeros follow the last row, so
    that each row that a patch can reach is in one: there are ceil((n - Size) / Offset) + 1 patches
    (at least one), and none begins behind the last row.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    VGGish has Size 96, and YAMNet Size 96 and Offset 48. The time of a patch is that of its centre,
    and the axis of its rows counts from there.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Patches", Size=2, Padding="Zero")(np.array([1.0, 2.0, 3.0], np.float32))
    array([[1., 2.],
           [3., 0.]], dtype=float32)
    """

    name = "Patches"
    known_as = ("Frame", "Windows", "Chunk", "Unfold", "Segment")
    parameters = (
        Parameter(
            "Size", Integer(1, 2**20), default=96, unit="rows", doc="the number of rows in a patch"
        ),
        Parameter(
            "Offset",
            Integer(1, 2**20),
            default=Automatic,
            unit="rows",
            automatic=lambda Size: Size,  # noqa: N803 - it is the name of the parameter
            known_as=("hop", "patch_hop"),
            doc="the number of rows from one patch to the next; Automatic is Size",
        ),
        Parameter(
            "Padding",
            Choice(None, "Zero"),
            default=None,
            neutral=None,
            doc="None: whole patches only; Zero: zeros complete the last patch",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._size: int = resolved["Size"]
        self._offset: int = resolved["Offset"]
        self._pads = resolved["Padding"] is not None

    def _count(self, rows: int) -> int:
        if self._pads:
            reached = max(1, -(-(rows - self._size) // self._offset) + 1)
            return min(reached, -(-rows // self._offset))
        return max(0, (rows - self._size) // self._offset + 1)

    def _missing(self, rows: int) -> int:
        """Return the number of rows behind the last one that the patches of `rows` rows need."""
        return (self._count(rows) - 1) * self._offset + self._size - rows

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return a form with one more dimension."""
        if self._pads:
            form = may_hold(form, 0)
        centre = (self._size - 1) / 2
        inner: tuple[Axis, ...] = ()
        if form.axes:
            time = form.axes[0]
            inner = (Axis("offset", time.unit, time.step, -centre * time.step),)
        row, axes = (self._size, *form.dims[1:]), (*inner, *form.axes[1:])
        return rows_form(form, self._count, row, axes, step=self._offset, shift=centre)

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the patches."""
        if self._pads:
            blocks = filled(blocks, 0, self._missing)
        for windows in sliding(blocks, self._size, self._offset):
            # A copy: one window is contiguous, and a view that cannot be written to.
            yield windows.copy(order="C")

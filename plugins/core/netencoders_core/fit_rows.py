"""FitRows: a number of rows, or a multiple of a number."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from netencoders import (
    ArraySpec,
    Axis,
    Choice,
    Integer,
    NeighbourLayer,
    Parameter,
    Real,
    TupleOf,
    Union,
)
from netencoders.layer_base import Blocks
from netencoders_core.forms import Array, may_hold, rows_form
from netencoders_core.sliding import filled

__all__ = ["FitRows"]


class FitRows(NeighbourLayer):
    """Crops and pads the rows to a number, or to a multiple of a number.

    ==================  ===============================  ================================
    Action              Rows n                           Rows ``["Multiple", m]``
    ==================  ===============================  ================================
    ``"CropOrPad"``     exactly n rows                   -
    ``"Crop"``          at most n rows                   the next lower multiple of m
    ``"Pad"``           at least n rows                  the next higher multiple of m
    ==================  ===============================  ================================

    Side is the side at which rows are cut off or added: ``"End"``, or ``"Start"``. Rows that are
    added have the number Value in all elements. For a multiple, the side is the end, since the
    other one needs the number of all rows before the first.

    An array without rows stays without rows if that is a valid number, and is an error else. So
    does an array that is cropped to no multiple.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    AST takes 1024 rows. NeMo pads to a multiple of 16 rows. For a number of samples, which is
    before the transform, use the encoder's TargetLength.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("FitRows", Rows=4, Side="Start")(np.array([1.0, 2.0, 3.0], np.float32))
    array([0., 1., 2., 3.], dtype=float32)
    >>> NetLayer("FitRows", Rows=["Multiple", 2], Action="Crop")(np.array([1.0, 2.0, 3.0]))
    array([1., 2.])
    """

    name = "FitRows"
    parameters = (
        Parameter(
            "Rows",
            Union(Integer(1, 2**31), TupleOf(Choice("Multiple"), Integer(1, 2**31))),
            default=1024,
            unit="rows",
            known_as=("max_length", "pad_to", "target_length", "pad_to_multiple_of"),
            doc='the number of rows, or ["Multiple", m]',
        ),
        Parameter(
            "Action",
            Choice("CropOrPad", "Crop", "Pad"),
            default="CropOrPad",
            doc="crop longer arrays, pad shorter ones, or both",
        ),
        Parameter(
            "Value",
            Real(),
            default=0,
            neutral=0.0,
            known_as=("padding_value", "constant_values"),
            doc="the elements of the rows that are added",
        ),
        Parameter(
            "Side",
            Choice("End", "Start"),
            default="End",
            neutral="End",
            known_as=("padding_side",),
            doc="the side at which rows are cut off or added",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        rows = resolved["Rows"]
        self._multiple = not isinstance(rows, int)
        self._rows: int = rows if isinstance(rows, int) else rows[1]
        self._crops = resolved["Action"] != "Pad"
        self._pads = resolved["Action"] != "Crop"

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problems of a multiple, and of a value that is not used."""
        problems = []
        if not isinstance(resolved["Rows"], int):
            if resolved["Action"] == "CropOrPad":
                problems.append("with a multiple, 'Action' must be 'Crop' or 'Pad'.")
            if resolved["Side"] != "End":
                problems.append("with a multiple, 'Side' must be 'End'.")
        if resolved["Action"] == "Crop" and resolved["Value"] != 0:
            problems.append("'Value' must be 0 if no rows are added: 'Action' is 'Crop'.")
        return problems

    def _count(self, rows: int) -> int:
        if self._multiple:
            whole = rows if self._crops else rows + self._rows - 1
            return whole // self._rows * self._rows
        low = self._rows if self._pads else 0
        high = self._rows if self._crops else rows
        return max(low, min(rows, high) if self._crops else rows)

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return a form with another number of rows."""
        if self._pads:
            form = may_hold(form, self.resolved["Value"])
        result = rows_form(form, self._count)
        if not self._multiple and self._crops and self._pads:
            result = replace(result, dims=(self._rows, *result.dims[1:]))
        if self.resolved["Side"] == "End" or not form.axes:
            return result
        rows, time = form.dims[0], form.axes[0]
        if not isinstance(rows, int):  # the time of the first row depends on the recording
            return replace(result, axes=(Axis("row"), *form.axes[1:]))
        start = time.start + (rows - self._count(rows)) * time.step
        return replace(result, axes=(replace(time, start=start), *form.axes[1:]))

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the rows."""
        if self.resolved["Side"] == "Start":
            return self._at_start(blocks)
        if self._crops:
            blocks = _multiple(blocks, self._rows) if self._multiple else _first(blocks, self._rows)
        if not self._pads:
            return blocks
        return filled(blocks, self.resolved["Value"], lambda rows: self._count(rows) - rows)

    def _at_start(self, blocks: Blocks) -> Blocks:
        """Yield the rows, of which the first ones are cut off or added."""
        held: deque[Array] = deque()
        count = 0
        for block in blocks:
            held.append(block.copy())
            count += len(block)
            if not self._crops and count >= self._rows:
                yield from held
                held.clear()
                break
            while count - len(held[0]) >= self._rows:
                count -= len(held.popleft())
        yield from blocks  # only if rows are added, and there are enough
        if not held:
            return
        rows = np.concatenate(held)[-self._rows :]
        missing = self._rows - len(rows)
        if missing and self._pads:
            yield np.full((missing, *rows.shape[1:]), self.resolved["Value"], rows.dtype)
        yield rows


def _first(blocks: Blocks, count: int) -> Blocks:
    """Yield the first `count` rows. All blocks are read, since errors may be in any of them."""
    for block in blocks:
        kept = block[:count]
        count -= len(kept)
        if len(kept):
            yield kept


def _multiple(blocks: Blocks, size: int) -> Blocks:
    """Yield rows until their number is the largest multiple of `size`."""
    held: Array | None = None
    for block in blocks:
        rows = block if held is None else np.concatenate([held, block])
        whole = len(rows) // size * size
        if whole:
            yield rows[:whole]
        held = rows[whole:].copy()

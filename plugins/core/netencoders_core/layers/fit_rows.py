"""FitRows: a number of rows, a multiple of a number, or some rows more or less."""

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
from netencoders_core.layers.forms import Array, may_equal, may_hold, rows_form
from netencoders_core.layers.sliding import filled, rows_of

__all__ = ["FitRows"]


class FitRows(NeighbourLayer):
    """Crops and pads the rows to a number, to a multiple of a number, or by a number.

    ===============  ===============  ============================  ====================
    Action           Rows n           Rows ``["Multiple", m]``      Rows ``["By", k]``
    ===============  ===============  ============================  ====================
    ``"CropOrPad"``  exactly n rows   -                             -
    ``"Crop"``       at most n rows   the next lower multiple of m  k rows less
    ``"Pad"``        at least n rows  the next higher one           k rows more
    ===============  ===============  ============================  ====================

    Side is the side at which rows are cut off or added: ``"End"``, or ``"Start"``. Rows that are
    added have the number Value in all elements. For a multiple, the side is the end, since the
    other one needs the number of all rows before the first.

    Nothing is added to an array without rows: it stays as it is if that is a valid number of rows,
    and is an error else. If no rows are left by a crop, it is an error.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    AST takes 1024 rows. NeMo pads to a multiple of 16 rows, and Parakeet of Hugging Face adds a row
    of zeros. For a number of samples, which is
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
    known_as = ("Pad", "Crop", "Trim", "Truncate", "PadOrTrim", "FixLength")
    parameters = (
        Parameter(
            "Rows",
            Union(Integer(1, 2**24), TupleOf(Choice("Multiple", "By"), Integer(1, 2**24))),
            default=1024,
            unit="rows",
            known_as=("max_length", "pad_to", "target_length", "pad_to_multiple_of"),
            doc='the number of rows, ["Multiple", m], or ["By", k] for k rows less or more',
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
        self._kind: str = "Number" if isinstance(rows, int) else rows[0]
        self._rows: int = rows if isinstance(rows, int) else rows[1]
        self._crops = resolved["Action"] != "Pad"
        self._pads = resolved["Action"] != "Crop"

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problems of a multiple, and of a value that is not used."""
        problems = []
        if not isinstance(resolved["Rows"], int):
            kind = resolved["Rows"][0]
            if resolved["Action"] == "CropOrPad":
                problems.append(
                    f"with {kind!r}, 'Action' must be 'Crop' or 'Pad'. Got 'CropOrPad'."
                )
            if resolved["Side"] != "End" and kind == "Multiple":
                problems.append("with 'Multiple', 'Side' must be 'End'. Got 'Start'.")
        if resolved["Action"] == "Crop" and resolved["Value"] != 0:
            problems.append("'Value' must be 0 if no rows are added: 'Action' is 'Crop'.")
        return problems

    @classmethod
    def mends(cls, have: ArraySpec, want: ArraySpec) -> Mapping[str, Any] | None:
        """Return the number of rows of the other form, if only the numbers of rows differ."""
        if not have.dims or not want.dims or not may_equal(have.dims[1:], want.dims[1:]):
            return None
        rows, wanted = have.dims[0], want.dims[0]
        if not isinstance(wanted, int):
            return {"Rows": want.minimum, "Action": "Pad"} if want.minimum else None
        if not isinstance(rows, int):
            return {"Rows": wanted}
        return {"Rows": wanted, "Action": "Crop" if rows > wanted else "Pad"}

    def _count(self, rows: int) -> int:
        if self._kind == "By":
            return rows - self._rows if self._crops else rows + self._rows
        if self._kind == "Multiple":
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
        if self._crops and self._pads:
            result = replace(result, dims=(self._rows, *result.dims[1:]))
        if self.resolved["Side"] == "End" or not form.axes:
            return result
        rows, time = form.dims[0], form.axes[0]
        if self._kind == "By":
            shift = self._rows if self._crops else -self._rows
        elif isinstance(rows, int):
            shift = rows - self._count(rows)
        else:  # the time of the first row depends on the recording
            return replace(result, axes=(Axis("row"), *form.axes[1:]))
        start = time.start + shift * time.step
        return replace(result, axes=(replace(time, start=start), *form.axes[1:]))

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the rows."""
        if self.resolved["Side"] == "Start":
            return self._by_at_start(blocks) if self._kind == "By" else self._at_start(blocks)
        if self._crops:
            crop = {"Number": _first, "Multiple": _multiple, "By": _without_last}[self._kind]
            blocks = crop(blocks, self._rows)
        if not self._pads:
            return blocks
        return filled(blocks, self.resolved["Value"], lambda rows: self._count(rows) - rows)

    def _by_at_start(self, blocks: Blocks) -> Blocks:
        """Yield the rows without the first ones, or after rows that are added."""
        skip = self._rows if self._crops else 0
        added = self._pads
        for block in blocks:
            if added:
                yield from rows_of(self.resolved["Value"], self._rows, block)
                added = False
            kept = block[skip:]
            skip -= len(block) - len(kept)
            if len(kept):
                yield kept

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
            yield from rows_of(self.resolved["Value"], missing, rows)
        yield rows


def _first(blocks: Blocks, count: int) -> Blocks:
    """Yield the first `count` rows. All blocks are read, since errors may be in any of them."""
    for block in blocks:
        kept = block[:count]
        count -= len(kept)
        if len(kept):
            yield kept


def _without_last(blocks: Blocks, count: int) -> Blocks:
    """Yield the rows without the last `count` ones."""
    held: deque[Array] = deque()
    total = 0
    for block in blocks:
        held.append(block.copy())
        total += len(block)
        while total - len(held[0]) >= count:
            total -= len(held[0])
            yield held.popleft()
    if total > count:
        yield held[0][: total - count]


def _multiple(blocks: Blocks, size: int) -> Blocks:
    """Yield rows until their number is the largest multiple of `size`."""
    held: list[Array] = []
    count = 0
    for block in blocks:
        whole = (count + len(block)) // size * size
        if whole:
            yield from held
            yield block[: whole - count]
            held, block, count = [], block[whole - count :], 0
        held.append(block.copy())
        count += len(block)

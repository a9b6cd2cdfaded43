"""Layers and an encoder for the tests of layers: one of each reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from netencoders import (
    ArraySpec,
    Axis,
    Encoder,
    Integer,
    LayerError,
    NeighbourLayer,
    Parameter,
    Real,
    RowLayer,
    Varying,
    WholeLayer,
)


class Rows(Encoder):
    """Gives a number of rows of two features, in blocks of three rows."""

    name = "Rows"
    parameters = (Parameter("Start", Integer(), default=0, doc="the first number"),)

    def output(self) -> ArraySpec:
        """Return (n, 2)."""
        return ArraySpec((Varying, 2), axes=(Axis("time", "s", 0.5), Axis("feature")))

    def encode(self, value: Any) -> Any:
        """Return the rows start, start + 1, ..."""
        return np.concatenate(list(self.stream(value)))

    def stream(self, value: Any) -> Iterator[Any]:
        """Yield the rows in blocks; a value is a number, or an iterator of one number."""
        count = next(value) if isinstance(value, Iterator) else value
        rows = np.arange(2 * count, dtype=np.float32).reshape(-1, 2) + self.resolved["Start"]
        for place in range(0, count, 3):
            yield rows[place : place + 3]


class Scale(RowLayer):
    """Multiplies each element."""

    name = "Scale"
    parameters = (
        Parameter("Factor", Real(-10, 10), default=2, known_as=("gain",), doc="the factor"),
        Parameter("Extra", Integer(), default=0, neutral=0, doc="has no effect if it is 0"),
    )

    @classmethod
    def constraints(cls, resolved: Any) -> list[str]:
        """Refuse the factor 0."""
        return [] if resolved["Factor"] else ["'Factor' must not be 0."]

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form."""
        if form.dtype != "float32":
            raise LayerError(f"it takes float32, and gets {form.dtype}")
        return form

    def apply(self, rows: Any) -> Any:
        """Return the product."""
        return rows * np.float32(self.resolved["Factor"])


class Pairs(NeighbourLayer):
    """The sums of two rows that follow each other; the last single row is left out."""

    name = "Pairs"

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return half as many rows."""
        return form

    def stream(self, blocks: Any) -> Iterator[Any]:
        """Yield the sums."""
        held = None
        for block in blocks:
            rows = block if held is None else np.concatenate([held, block])
            count = len(rows) // 2 * 2
            yield rows[0:count:2] + rows[1:count:2]
            held = rows[count:]


class Centre(WholeLayer):
    """Subtracts the mean over time."""

    name = "Centre"

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form."""
        return form

    def measure(self, groups: Any) -> Any:
        """Return the mean."""
        count, total = 0, 0.0
        for group in groups:
            count, total = count + len(group), total + group.sum(0, dtype=np.float64)
        return np.float32(total / count)

    def apply(self, rows: Any, measured: Any) -> Any:
        """Return the difference."""
        return rows - measured


class Flip(RowLayer):
    """Puts time last."""

    name = "Flip"

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the dimensions in reverse order."""
        last = len(form.dims) - 1
        return replace(
            form, dims=form.dims[::-1], axes=form.axes[::-1], stream_axis=last - form.stream_axis
        )

    def apply(self, rows: Any) -> Any:
        """Return the transposed rows."""
        return rows.T


TOYS = (Rows, Scale, Pairs, Centre, Flip)

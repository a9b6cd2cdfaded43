"""The numbers of a picture of an array: its values, colours, limits and edges, without matplotlib.

`plot` draws them by matplotlib, and `explain` on a page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec, Axis

__all__ = [
    "COLUMNS",
    "DYNAMIC_RANGE",
    "Picture",
    "axis_label",
    "columns",
    "drawable",
    "drawing_problem",
    "edges",
    "envelope",
    "extremes",
    "picture",
]

DYNAMIC_RANGE = 80.0
"""The range of a picture in decibels below its maximum: about that of a 13-bit recording."""

_WITHIN = 0.9
"""The share of signed values within the limits of the colours. A large coefficient, such as a
level, must not make the colours of all others pale."""

COLUMNS = 4096
"""The maximum number of columns of a picture: more would not be visible, and would take memory."""

_DECIBELS_PER_DECADE = {"power": 10.0, "magnitude": 20.0}

_LEVELS = ("decibel", "log")
"""Quantities whose zero depends on the unit alone, so that their colours do not diverge from it."""


def drawing_problem(spec: ArraySpec) -> str | None:
    """Return the reason why arrays of this form cannot be drawn, or None if they can."""
    count = len((_magnitude_form(spec) if spec.is_complex else _kept(spec)).dims)
    if count in (1, 2):
        return None
    if not spec.dims:
        return "arrays of 0 dimensions cannot be drawn, only of 1 or 2: a number has no picture"
    return (
        f"arrays of {count} dimensions cannot be drawn, only of 1 or 2: draw a part of the array "
        "by netencoders.plot.plot, or leave out the last layers"
    )


def drawable(array: npt.NDArray[Any], spec: ArraySpec) -> tuple[npt.NDArray[Any], ArraySpec]:
    """Return an array as it is drawn, and its form: real, of 1 or 2 dimensions, time first."""
    array, spec = _without_ones(array, spec)
    if spec.is_complex:
        array, spec = _magnitude(array, spec), _magnitude_form(spec)
    if spec.stream_axis == 1 and array.ndim == 2:
        array, spec = array.T, replace(spec, dims=spec.dims[::-1], axes=spec.axes[::-1])
    return array, spec


def _kept(spec: ArraySpec) -> ArraySpec:
    """Return a form without its dimensions of size 1, if it has more than two dimensions."""
    places = [place for place, size in enumerate(spec.dims) if size != 1]
    if len(spec.dims) <= 2 or spec.stream_axis not in places:
        return spec
    axes = tuple(spec.axes[place] for place in places) if spec.axes else ()
    dims = tuple(spec.dims[place] for place in places)
    return replace(spec, dims=dims, axes=axes, stream_axis=places.index(spec.stream_axis))


def _without_ones(array: npt.NDArray[Any], spec: ArraySpec) -> tuple[npt.NDArray[Any], ArraySpec]:
    """Return an array without its dimensions of size 1, and its form."""
    if spec.is_complex:
        return array, spec
    kept = _kept(spec)
    if kept is spec:
        return array, spec
    shape = [n for n, size in zip(array.shape, spec.dims, strict=True) if size != 1]
    return array.reshape(shape), kept


def _magnitude_form(spec: ArraySpec) -> ArraySpec:
    """Return the form of the magnitude of a complex array of the form `spec`."""
    count = len(spec.dims) - spec.has_parts
    kind = np.empty(0, spec.dtype).real.dtype.name
    return ArraySpec(spec.dims[:count], kind, spec.axes[:count], "magnitude")


def _magnitude(array: npt.NDArray[Any], spec: ArraySpec) -> npt.NDArray[Any]:
    with np.errstate(over="ignore", invalid="ignore"):  # values that are not finite have no colour
        parts = (array[..., 0], array[..., 1]) if spec.has_parts else (array.real, array.imag)
        magnitude: npt.NDArray[Any] = np.hypot(*parts)
        return magnitude


class Picture(NamedTuple):
    """The values of an image, one row for each of its columns, with their label and colours."""

    values: npt.NDArray[Any]
    label: str
    colours: str = "magma"
    limits: tuple[float, float] | tuple[None, None] = (None, None)

    def extend(self) -> str:
        """Return the sides on which values exceed the limits, as `extend` of a colour bar."""
        least, most = self.limits
        lowest, highest = extremes(self.values)
        below, above = least is not None and lowest < least, most is not None and most < highest
        if below and above:
            return "both"
        return "min" if below else "max" if above else "neither"


def picture(array: npt.NDArray[Any], starts: npt.NDArray[np.intp], quantity: str) -> Picture:
    """Return the values of an image; `starts` has the first index of each of its columns."""
    scale = _DECIBELS_PER_DECADE.get(quantity)
    if scale is not None:
        loudest = np.maximum.reduceat(array, starts, axis=0)  # so that a click stays visible
        label = f"{quantity} in dB\nrelative to the maximum"
        return Picture(_below_maximum(loudest, scale), label, limits=(-DYNAMIC_RANGE, 0))
    label = quantity or "value"
    lowest, highest = extremes(array)
    if lowest < 0 < highest and quantity not in _LEVELS:
        means = _means(array, starts)  # not maxima, which would favour positive values
        limit = _limit(means)
        return Picture(means, label, "RdBu_r", (-limit, limit))
    return Picture(np.maximum.reduceat(array, starts, axis=0), label)


def _limit(values: npt.NDArray[np.float64]) -> float:
    """Return the limit of the colours for values of both signs."""
    sizes = np.abs(values[np.isfinite(values)])
    sizes = sizes[sizes > 0]  # zeros, such as a fill, have their colour with any limits
    return float(np.quantile(sizes, _WITHIN, method="higher")) if sizes.size else 1.0


def extremes(array: npt.NDArray[Any]) -> tuple[float, float]:
    """Return the minimum and maximum of the finite values and zero."""
    finite = np.isfinite(array)
    return float(array.min(initial=0, where=finite)), float(array.max(initial=0, where=finite))


def _means(array: npt.NDArray[Any], starts: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    counts = np.diff(starts, append=len(array))
    with np.errstate(over="ignore", invalid="ignore"):  # values that are not finite have no colour
        sums: npt.NDArray[np.float64] = np.add.reduceat(array, starts, axis=0, dtype=np.float64)
        return sums / counts[:, np.newaxis]


def _below_maximum(array: npt.NDArray[Any], scale: float) -> npt.NDArray[np.float64]:
    """Return decibels relative to the maximum, limited to the dynamic range."""
    maximum = array.max(initial=0, where=np.isfinite(array))
    if not maximum > 0:
        return np.full(array.shape, -DYNAMIC_RANGE)
    # In double precision the quotient of two float32 values cannot underflow to zero.
    ratio = array.astype(np.float64) / np.float64(maximum)
    return scale * np.log10(np.maximum(ratio, 10 ** (-DYNAMIC_RANGE / scale)))


def envelope(
    axis: Axis, values: npt.NDArray[Any], most: int = COLUMNS
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Return the points of a line; for a long one, the extremes within each picture column."""
    starts, together = columns(len(values), most)
    if together == 1:
        return axis.coordinates(len(values)), values
    spans = [extreme.reduceat(values, starts) for extreme in (np.minimum, np.maximum)]
    return np.repeat(axis.start + axis.step * starts, 2), np.stack(spans, axis=1).reshape(-1)


def columns(count: int, most: int = COLUMNS) -> tuple[npt.NDArray[np.intp], int]:
    """Return the first index of each column of a picture, and the number of indices in a column."""
    together = -(-count // most)
    return np.arange(0, count, together), together


def edges(axis: Axis, count: int) -> tuple[float, float]:
    """Return the begin of the first cell and the end of the last; coordinates are cell centres."""
    return axis.at(0) - axis.step / 2, axis.at(count - 1) + axis.step / 2


def axis_label(axis: Axis) -> str:
    """Return the name of an axis, with its unit."""
    return f"{axis.name} in {axis.unit}" if axis.unit else axis.name

"""Forms: the checks of forms, and the steps of `infer`, that several layers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, LayerError, Varying
from netencoders.sentinels import Sentinel

__all__ = [
    "Array",
    "constants_fit",
    "counted",
    "equal_sizes",
    "features_last",
    "floats",
    "keeps_parts",
    "may_equal",
    "may_hold",
    "real",
    "rows_form",
    "time_first",
]

Array = npt.NDArray[Any]


def equal_sizes(dims: Sequence[int | Sentinel], want: ArraySpec, without: int | None = None) -> int:
    """Return the number of fixed sizes that are equal in a form; -1 if the sizes do not fit.

    Sizes do not fit, either, if a fixed one is in the place of one that varies, and another one
    that varies is in the place of a fixed one: it is more probable that these are other axes. The
    dimension `without` of the form is left out.
    """
    others = [size for place, size in enumerate(want.dims) if place != without]
    if not may_equal(dims, others):
        return -1
    kinds = {(size is Varying, other is Varying) for size, other in zip(dims, others, strict=True)}
    if {(True, False), (False, True)} <= kinds:
        return -1
    return sum(size == other is not Varying for size, other in zip(dims, others, strict=True))


def floats(form: ArraySpec) -> ArraySpec:
    """Return a form of real floating-point numbers.

    Raises
    ------
    LayerError
        The elements are integers or complex numbers.
    """
    if np.dtype(form.dtype).kind in "biu":
        raise LayerError(
            f"it takes real floating-point numbers, and gets {form.dtype}: put the layer Cast "
            "before it"
        )
    return real(form)


def real(form: ArraySpec) -> ArraySpec:
    """Return a form whose elements are not complex.

    Raises
    ------
    LayerError
        The elements are complex numbers, or their parts.
    """
    if form.has_parts:
        raise LayerError("it takes real numbers, and gets the parts of complex numbers")
    if form.is_complex:
        raise LayerError(f"it takes real numbers, and gets {form.dtype}")
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
            f"{form.dims}: put this layer before the one that moves time, such as Transpose"
        )
    return form


def features_last(form: ArraySpec) -> ArraySpec:
    """Return a form whose last dimension is not time.

    Raises
    ------
    LayerError
        The last dimension is time.
    """
    last = len(form.dims) - 1
    if form.stream_axis == last:
        remedy = (
            "put this layer before the one that moves time, such as Transpose"
            if last
            else "put the layer AddAxis before it, with Position 1"
        )
        raise LayerError(
            f"it works along the last dimension, and the last one of {form.dims} is time: {remedy}"
        )
    return form


def constants_fit(form: ArraySpec, constants: Sequence[float]) -> None:
    """Check that the numbers that a layer uses are finite in the type of the elements.

    Raises
    ------
    LayerError
        A number is too large.
    """
    largest = float(np.finfo(form.dtype).max)
    for number in constants:
        if abs(number) > largest:
            raise LayerError(f"its elements are of type {form.dtype}, and {number} is too large")


def keeps_parts(form: ArraySpec, place: int) -> None:
    """Check that the dimension `place` of an array is not that of the parts of complex numbers.

    Raises
    ------
    LayerError
        It holds the real and the imaginary part, or it is time, and the parts are before it.
    """
    if form.has_parts and place >= len(form.dims) - 1:
        raise LayerError("its last dimension holds the parts of complex numbers")


def may_equal(one: Sequence[int | Sentinel], other: Sequence[int | Sentinel]) -> bool:
    """Return whether the sizes of an array may fit two lists of dimensions.

    >>> may_equal((Varying, 80), (900, 80)), may_equal((Varying, 80), (900, 40))
    (True, False)
    """
    return len(one) == len(other) and all(
        mine == theirs or Varying in (mine, theirs) for mine, theirs in zip(one, other, strict=True)
    )


def may_hold(form: ArraySpec, value: float) -> ArraySpec:
    """Return the form of arrays that also contain a number.

    Raises
    ------
    LayerError
        The type of the elements does not have the number.
    """
    kind = np.dtype(form.dtype)
    if kind.kind in "fc":
        constants_fit(form, (value,))
        return form
    low, high = (0, 1) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
    if value != int(value) or not low <= value <= high:
        raise LayerError(f"its elements are of type {form.dtype}, which does not have {value}")
    return replace(
        form,
        low=None if form.low is None else min(form.low, int(value)),
        high=None if form.high is None else max(form.high, int(value)),
    )


def counted(form: ArraySpec, count: Callable[[int], int]) -> tuple[int | Sentinel, int]:
    """Return the number of rows of a result, and the smallest number if it varies.

    `count` is the number of rows of the result for a number of rows of the input. A result without
    rows is an error, unless the input has none, and each row gives at least one.

    Raises
    ------
    LayerError
        The number of rows of the input is fixed, and too small.

    Examples
    --------
    >>> halves = lambda rows: rows // 2
    >>> counted(ArraySpec((100, 80)), halves), counted(ArraySpec((Varying, 80)), halves)
    ((50, 1), (Varying, 1))
    """
    rows = form.dims[0]
    if isinstance(rows, int):
        result = count(rows)
        if result < 1:
            raise LayerError(f"{rows} {'row is' if rows == 1 else 'rows are'} too few")
        return result, 1
    if form.minimum == 0 and count(1) > 0:
        return Varying, count(0)
    return Varying, max(1, count(form.minimum))


def rows_form(
    form: ArraySpec,
    count: Callable[[int], int],
    row: Sequence[int | Sentinel] | None = None,
    axes: Sequence[Axis] = (),
    *,
    step: int = 1,
    shift: float = 0.0,
) -> ArraySpec:
    """Return the form of a result whose number of rows differs.

    Parameters
    ----------
    form : ArraySpec
        The form of the input, time first.
    count : callable
        See `counted`.
    row : sequence of int or Varying, optional
        The dimensions of a row of the result, and `axes` their axes. By default those of the input.
    step : int
        The number of rows of the input from one row of the result to the next one.
    shift : float
        The place of the first row of the result, counted in rows of the input.
    """
    size, minimum = counted(form, count)
    if row is None:
        row, axes = form.dims[1:], form.axes[1:]
    result: tuple[Axis, ...] = ()
    if form.axes:
        time = form.axes[0]
        start = time.start + shift * time.step
        result = (replace(time, step=time.step * step, start=start), *axes)
    return replace(form, dims=(size, *row), axes=result, minimum=minimum)

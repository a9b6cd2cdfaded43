"""The form of an array as JSON values."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from netencoders.arrays import ArraySpec, Axis
from netencoders.net_files.parts import Part, refused
from netencoders.parameters import short
from netencoders.sentinels import Varying

__all__ = ["form_dict", "read_form"]

_TYPES: Final = frozenset(
    np.dtype(code).name for code in np.typecodes["All"] if code not in "SUVOMm"
)


def form_dict(form: ArraySpec) -> dict[str, Any]:
    """Return a form as JSON values; `read_form` reads them.

    Examples
    --------
    >>> form_dict(ArraySpec((Varying, 80)))["dims"]
    ['Varying', 80]
    """
    content = {
        "dims": ["Varying" if size is Varying else size for size in form.dims],
        "dtype": form.dtype,
        "quantity": form.quantity,
        "minimum": form.minimum,
        "stream_axis": form.stream_axis,
        "axes": [
            {"name": axis.name, "unit": axis.unit, "step": axis.step, "start": axis.start}
            for axis in form.axes
        ],
        "low": form.low,
        "high": form.high,
    }
    return {key: value for key, value in content.items() if value is not None}


def read_form(part: Part) -> ArraySpec:
    """Return the form of `form_dict`.

    Raises
    ------
    NetFileError
        The values are not those of a form.
    """
    dims = part.take("dims", list)
    axes = [_axis(Part(axis, f"{part.place}.axes")) for axis in part.take("axes", list)]
    dtype, quantity = part.take("dtype", str), part.take("quantity", str)
    sizes = {key: part.take(key, int) for key in ("minimum", "stream_axis")}
    limits = {key: part.take(key, int) for key in ("low", "high") if key in part}
    part.end()
    if dtype not in _TYPES:
        raise refused(f"{part.place}.dtype", f"it must be a type of numbers. Got {short(dtype)}")
    known = tuple(Varying if size == "Varying" else size for size in dims)
    try:
        return ArraySpec(known, dtype, tuple(axes), quantity, **sizes, **limits)
    except ValueError as problem:
        raise refused(part.place, str(problem)) from None


def _axis(part: Part) -> Axis:
    name, unit = part.take("name", str), part.take("unit", str)
    numbers = [part.number(key) for key in ("step", "start")]
    part.end()
    try:
        return Axis(name, unit, *numbers)
    except ValueError as problem:
        raise refused(part.place, str(problem)) from None

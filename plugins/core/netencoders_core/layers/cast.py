"""Cast: another type of the elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from netencoders import ArraySpec, Choice, EncodeError, Parameter, RowLayer
from netencoders_core.layers.forms import Array, may_equal, real

__all__ = ["Cast"]

_FLOATS: Final = ("float16", "float32", "float64")
_INTEGERS: Final = (
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
)


class Cast(RowLayer):
    """Converts the elements to another type.

    From floating-point numbers to integers, elements are rounded: to the nearest integer, halves
    to the even one, or toward zero (``"Truncate"``, as numpy and torch do). Between floating-point
    types, and from integers to them, an element becomes the nearest number.

    An element outside of the range of the type is an error with the code ``out-of-range``, or
    becomes the nearest limit with Overflow ``"Saturate"``. No element becomes infinite or NaN, or
    wraps around.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Cast", Type="int16")(np.array([0.5, 1.5, -2.7], np.float32))
    array([ 0,  2, -3], dtype=int16)
    >>> NetLayer("Cast", Type="uint8", Overflow="Saturate")(np.array([-1, 3, 300]))
    array([  0,   3, 255], dtype=uint8)
    """

    name = "Cast"
    known_as = ("Convert", "AsType", "ToType")
    parameters = (
        Parameter(
            "Type",
            Choice(*_FLOATS, *_INTEGERS),
            default="float32",
            known_as=("dtype",),
            doc="the numpy name of the type",
        ),
        Parameter(
            "Rounding",
            Choice("Nearest", "Truncate"),
            default="Nearest",
            neutral="Nearest",
            doc="the rounding to integers: to the nearest one, halves to even, or toward zero",
        ),
        Parameter(
            "Overflow",
            Choice("Error", "Saturate"),
            default="Error",
            neutral="Error",
            doc="refuse elements outside of the range of the type, or give its nearest limit",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._type = np.dtype(resolved["Type"])

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problem of a rounding that has no effect."""
        if resolved["Rounding"] == "Nearest" or resolved["Type"] not in _FLOATS:
            return []
        return [f"'Rounding' must be 'Nearest' for Type {resolved['Type']!r}."]

    @classmethod
    def mends(cls, have: ArraySpec, want: ArraySpec) -> Mapping[str, Any] | None:
        """Return the type of the other form, if only the types differ."""
        if have.dtype == want.dtype or want.dtype not in (*_FLOATS, *_INTEGERS):
            return None
        return {"Type": want.dtype} if may_equal(have.dims, want.dims) else None

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form with another type."""
        real(form)
        low, high = form.low, form.high
        if self._type.kind == "f":
            low = high = None
        else:
            limits = np.iinfo(self._type)
            low = None if low is None else min(max(low, limits.min), limits.max)
            high = None if high is None else min(max(high, limits.min), limits.max)
        return replace(form, dtype=self._type.name, low=low, high=high)

    def apply(self, rows: Array) -> Array:
        """Return the converted rows."""
        if rows.dtype == self._type:
            return rows
        if rows.dtype.kind == "f" and self._type.kind != "f":
            rounded = np.rint(rows) if self.resolved["Rounding"] == "Nearest" else np.trunc(rows)
            return self._limited(rows, rounded)
        return self._limited(rows, rows)

    def _limited(self, rows: Array, values: Array) -> Array:
        """Return values in the type, after the check of their range."""
        low, high = _limits(values.dtype, self._type)
        below = np.zeros(values.shape, bool) if low is None else values < low
        above = np.zeros(values.shape, bool) if high is None else values > high
        outside = below | above
        if not outside.any():
            return values.astype(self._type)
        if self.resolved["Overflow"] == "Error":
            worst = rows[outside].flat[0]
            raise EncodeError(
                f"the layer Cast gets {worst:g}, which {self._type.name} does not have",
                code="out-of-range",
                remedy="use Overflow='Saturate', a wider Type, or the layers Affine or Clip before",
            )
        known: Any = np.finfo(self._type) if self._type.kind == "f" else np.iinfo(self._type)
        result = np.where(outside, values.dtype.type(0), values).astype(self._type)
        result[below] = known.min
        result[above] = known.max
        return result


def _limits(given: np.dtype[Any], wanted: np.dtype[Any]) -> tuple[Any, Any]:
    """Return the smallest and the largest value of one type that another type has.

    A limit is None if the type has no value beyond it.

    >>> low, high = _limits(np.dtype("float32"), np.dtype("int32"))
    >>> float(low), float(high)
    (-2147483648.0, 2147483520.0)
    """
    if given.kind == "b":
        return None, None
    (mine_low, mine_high), (low, high) = _range(given), _range(wanted)
    least = given.type(low) if low > mine_low else None
    most = given.type(high) if high < mine_high else None
    if most is not None and int(most) > high:  # the nearest float is too large
        most = np.nextafter(most, given.type(0))
    return least, most


def _range(kind: np.dtype[Any]) -> tuple[int, int]:
    known: Any = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
    return int(known.min), int(known.max)

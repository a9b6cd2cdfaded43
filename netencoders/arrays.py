"""ArraySpec and Axis: the shape, element type and axes of the arrays of an encoder or a layer.

The module is long because most of its lines are docstrings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from netencoders.sentinels import Sentinel, Varying

__all__ = ["ArraySpec", "Axis"]


@dataclass(frozen=True)
class Axis:
    """The coordinates along one dimension of an array.

    Parameters
    ----------
    name : str
        The quantity along the axis, such as ``"time"``.
    unit : str
        The unit of `start` and `step`, such as ``"s"`` or ``"Hz"``; empty for a plain count.
    step : float
        The difference between the coordinates of neighbouring indices.
    start : float
        The coordinate of index 0.

    Examples
    --------
    >>> Axis("time", "s", step=0.01, start=0.0125).at(100)
    1.0125
    """

    name: str
    unit: str = ""
    step: float = 1.0
    start: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and math.isfinite(self.step) and self.step):
            raise ValueError(
                f"an axis needs a finite start, and a finite step other than 0. Got {self}."
            )

    def at(self, index: int) -> float:
        """Return the coordinate of an index.

        Parameters
        ----------
        index : int
            An index along the dimension.

        Returns
        -------
        float
            The coordinate, in `unit`.
        """
        return self.start + index * self.step

    def coordinates(self, count: int) -> npt.NDArray[np.float64]:
        """Return the coordinates of the first indices.

        Parameters
        ----------
        count : int
            The number of indices.

        Returns
        -------
        ndarray of float64, shape (count,)
            The coordinates, in `unit`.
        """
        return self.start + self.step * np.arange(count, dtype=np.float64)


@dataclass(frozen=True, repr=False)
class ArraySpec:
    """The form of an array: its dimensions, element type, axes and quantity.

    Parameters
    ----------
    dims : tuple of int or Varying
        The size of each dimension: an integer >= 1, or `Varying` if it depends on the input.
    dtype : str
        The numpy name of the element type.
    axes : tuple of Axis, optional
        One axis for each dimension, or an empty tuple.
    quantity : str
        The meaning of an element, such as ``"power"``, ``"magnitude"``, ``"amplitude"``, ``"log"``
        or ``"decibel"``; or empty. If it is ``"complex"`` and `dtype` is a real type, the last
        dimension has size 2 and holds the real and the imaginary part, in this order.
    minimum : int
        The smallest size along the dimension `stream_axis`, if it is `Varying`. With 0, an array
        may have no rows. Other dimensions that vary have at least size 1.
    stream_axis : int
        The dimension of time, along which the blocks of a stream join. It is 0, except for arrays
        such as (features, frames), whose time is last.
    low, high : int, optional
        The smallest and the largest value, for a type of integers: the range of an index, for
        example.

    Raises
    ------
    ValueError
        A field is invalid, or does not fit another field.

    Examples
    --------
    >>> spec = ArraySpec((Varying, 101), "float32")
    >>> spec.matches(np.zeros((7, 101), np.float32))
    True
    >>> spec.problem(np.zeros((7, 100), np.float32))
    'dimensions (7, 100) do not fit (Varying, 101)'

    By default an array has at least one row, so an empty array that an encoder returns by mistake
    is an error. An encoder whose arrays may be empty declares it:

    >>> empty = np.zeros((0, 101), np.float32)
    >>> spec.problem(empty)
    'dimensions (0, 101) do not fit (Varying, 101) with at least 1 row'
    >>> ArraySpec((Varying, 101), minimum=0).matches(empty)
    True
    """

    dims: tuple[int | Sentinel, ...]
    dtype: str = "float32"
    axes: tuple[Axis, ...] = ()
    quantity: str = ""
    minimum: int = field(default=1, kw_only=True)
    stream_axis: int = field(default=0, kw_only=True)
    low: int | None = field(default=None, kw_only=True)
    high: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", tuple(self.dims))
        object.__setattr__(self, "axes", tuple(self.axes))
        for size in self.dims:
            # Not isinstance: a bool is an int.
            if size is not Varying and (type(size) is not int or size < 1):
                raise ValueError(
                    f"a dimension must be an integer >= 1, or Varying. Got {self.dims}."
                )
        if self.axes and len(self.axes) != len(self.dims):
            raise ValueError(
                f"axes must be empty or have one Axis for each of the {len(self.dims)} dimensions. "
                f"Got {self.axes}."
            )
        if type(self.minimum) is not int or self.minimum < 0:
            raise ValueError(f"minimum must be an integer >= 0. Got {self.minimum!r}.")
        if type(self.stream_axis) is not int or not 0 <= self.stream_axis < max(1, len(self.dims)):
            raise ValueError(
                f"stream_axis must be the index of one of the {len(self.dims)} dimensions. "
                f"Got {self.stream_axis!r}."
            )
        if not self._varies:  # the minimum has no meaning, and must not tell two apart
            object.__setattr__(self, "minimum", 1)
        object.__setattr__(self, "dtype", _dtype_name(self.dtype))
        self._check_range()
        if self.has_parts and (len(self.dims) < 2 or self.dims[-1] != 2):
            raise ValueError(
                "with real elements, the quantity 'complex' needs at least two dimensions, the "
                f"last of size 2 for the real and the imaginary part. Got {self.dims}."
            )

    def __repr__(self) -> str:
        names = ["dims", "dtype", "axes", "quantity", "minimum"]
        names += ["stream_axis"] if self.stream_axis else []
        names += [name for name in ("low", "high") if getattr(self, name) is not None]
        return f"ArraySpec({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    def _repr_html_(self) -> str:
        # Late: it would import this module.
        from netencoders.display import form_html

        return form_html(self)

    @property
    def is_complex(self) -> bool:
        """Whether the array holds complex numbers, as a complex type or as two real parts."""
        return self.quantity == "complex" or np.dtype(self.dtype).kind == "c"

    @property
    def has_parts(self) -> bool:
        """Whether the last dimension holds the real and the imaginary part of complex numbers."""
        return self.is_complex and np.dtype(self.dtype).kind != "c"

    def problem(self, array: npt.NDArray[Any]) -> str | None:
        """Return the reason why an array does not have this form.

        Parameters
        ----------
        array : ndarray
            Any array.

        Returns
        -------
        str or None
            The reason, or None if the array has this form.
        """
        if array.dtype != _type(self.dtype):
            return f"type {array.dtype} is not {self.dtype}"
        return self.shape_problem(array.shape)

    def shape_problem(self, shape: tuple[int, ...]) -> str | None:
        """Return the reason why a shape does not fit `dims`.

        Parameters
        ----------
        shape : tuple of int

        Returns
        -------
        str or None
            The reason, or None if the shape fits.
        """
        dims = self.dims
        if shape == dims:
            return None
        if len(shape) != len(dims):
            return f"dimensions {shape} do not fit {dims}"
        short = False
        for place, (dim, size) in enumerate(zip(dims, shape, strict=True)):
            if dim is Varying:
                short |= size < (self.minimum if place == self.stream_axis else 1)
            elif dim != size:
                return f"dimensions {shape} do not fit {dims}"
        return f"dimensions {shape} do not fit {self._with_minimum()}" if short else None

    def range_problem(self, array: npt.NDArray[Any]) -> str | None:
        """Return the reason why the values of an array are not between `low` and `high`.

        Parameters
        ----------
        array : ndarray
            An array of this form.

        Returns
        -------
        str or None
            The reason, or None if all values are in the range, or no range is declared.

        Examples
        --------
        >>> ArraySpec((Varying,), "int64", high=9).range_problem(np.array([3, 10]))
        'the largest value is 10, and must be at most 9'
        """
        if not array.size:
            return None
        if self.low is not None and (least := int(array.min())) < self.low:
            return f"the smallest value is {least}, and must be at least {self.low}"
        if self.high is not None and (largest := int(array.max())) > self.high:
            return f"the largest value is {largest}, and must be at most {self.high}"
        return None

    def matches(self, value: object) -> TypeGuard[npt.NDArray[Any]]:
        """Return whether a value is an array of this form.

        Parameters
        ----------
        value : object
            Any value.

        Returns
        -------
        bool
        """
        return isinstance(value, np.ndarray) and self.problem(value) is None

    def block(self) -> ArraySpec:
        """Return the form of a block of rows, as `NetEncoder.stream` yields them.

        Returns
        -------
        ArraySpec
            The size along `stream_axis` is `Varying`: at least 1, or at least 0 if `minimum` is 0.
        """
        if not self.dims or (self._varies and self.minimum <= 1):
            return self
        dims = list(self.dims)
        dims[self.stream_axis] = Varying
        return replace(self, dims=tuple(dims), minimum=1)

    def misfit(self, other: ArraySpec) -> str | None:
        """Return the reason why no array has both this form and another form.

        Parameters
        ----------
        other : ArraySpec
            The other form.

        Returns
        -------
        str or None
            The reason, or None if an array can have both forms.
        """
        if self.dtype != other.dtype:
            return f"type {self.dtype} is not {other.dtype}"
        fits = len(self.dims) == len(other.dims) and all(
            mine == theirs or self._may_be(place, theirs) or other._may_be(place, mine)
            for place, (mine, theirs) in enumerate(zip(self.dims, other.dims, strict=True))
        )
        if fits:
            return None
        texts = [
            form._with_minimum() if form._varies and form.minimum > 1 else f"{form.dims}"
            for form in (self, other)
        ]
        return f"dimensions {' do not fit '.join(texts)}"

    @property
    def _varies(self) -> bool:
        """Whether the size along the stream axis varies."""
        return bool(self.dims) and self.dims[self.stream_axis] is Varying

    def _check_range(self) -> None:
        for name in ("low", "high"):
            value = getattr(self, name)
            if value is not None and type(value) is not int:
                raise ValueError(f"{name} must be an integer or None. Got {value!r}.")
        if (self.low, self.high) != (None, None) and np.dtype(self.dtype).kind not in "iu":
            raise ValueError(f"low and high need a type of integers. Got {self.dtype}.")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low must be at most high. Got {self.low} and {self.high}.")

    def _may_be(self, place: int, size: int | Sentinel) -> bool:
        """Return whether the dimension at `place` of this form may have the fixed `size`."""
        least = self.minimum if place == self.stream_axis else 1
        return self.dims[place] is Varying and isinstance(size, int) and size >= least

    def _with_minimum(self) -> str:
        rows = "row" if self.minimum == 1 else "rows"
        return f"{self.dims} with at least {self.minimum} {rows}"


@cache
def _type(name: str) -> np.dtype[Any]:
    """Return the type of a name; numpy compares two types faster than a type and a name."""
    return np.dtype(name)


def _dtype_name(dtype: npt.DTypeLike) -> str:
    try:
        known: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        known = np.dtype(object)
    if known.kind not in "biufc":
        raise ValueError(f"the elements must be numbers of a numpy type. Got {dtype!r}.")
    return str(known.name)

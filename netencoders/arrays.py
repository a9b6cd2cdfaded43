"""ArraySpec and Axis: the shape, element type and axes of the arrays that an encoder returns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True)
class ArraySpec:
    """The form of an array: its dimensions, element type, axes and quantity.

    Parameters
    ----------
    dims : tuple of int or Varying
        The size of each dimension: an integer >= 1, or `Varying` if it depends on the input. Only
        the first dimension may be `Varying`.
    dtype : str
        The numpy name of the element type.
    axes : tuple of Axis, optional
        One axis for each dimension, or an empty tuple.
    quantity : str
        The meaning of an element, such as ``"power"``, ``"magnitude"`` or ``"amplitude"``; or
        empty. If it is ``"complex"`` and `dtype` is a real type, the last dimension has size 2 and
        holds the real and the imaginary part, in this order.
    minimum : int
        The smallest number of rows, if the first dimension is `Varying`. With 0, an array may have
        no rows.

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

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", tuple(self.dims))
        object.__setattr__(self, "axes", tuple(self.axes))
        for place, size in enumerate(self.dims):
            if isinstance(size, Sentinel):
                if size is not Varying or place:
                    raise ValueError(f"only the first dimension may be Varying. Got {self.dims}.")
            elif type(size) is not int or size < 1:  # not isinstance: a bool is an int
                raise ValueError(f"a dimension must be an integer >= 1. Got {self.dims}.")
        if self.axes and len(self.axes) != len(self.dims):
            raise ValueError(
                f"axes must be empty or have one Axis for each of the {len(self.dims)} dimensions. "
                f"Got {self.axes}."
            )
        if type(self.minimum) is not int or self.minimum < 0:
            raise ValueError(f"minimum must be an integer >= 0. Got {self.minimum!r}.")
        if Varying not in self.dims:  # the minimum has no meaning, and must not tell two apart
            object.__setattr__(self, "minimum", 1)
        object.__setattr__(self, "dtype", _dtype_name(self.dtype))
        if self.has_parts and (len(self.dims) < 2 or self.dims[-1] != 2):
            raise ValueError(
                "with real elements, the quantity 'complex' needs at least two dimensions, the "
                f"last of size 2 for the real and the imaginary part. Got {self.dims}."
            )

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
        if array.dtype != self.dtype:
            return f"type {array.dtype} is not {self.dtype}"
        shape, dims = array.shape, self.dims
        if shape == dims:
            return None
        if dims and dims[0] is Varying and shape and shape[1:] == dims[1:]:
            if shape[0] >= self.minimum:
                return None
            return f"dimensions {shape} do not fit {self._with_minimum()}"
        return f"dimensions {shape} do not fit {dims}"

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
            The number of rows is `Varying`: at least 1, or at least 0 if `minimum` is 0.
        """
        varies = bool(self.dims) and self.dims[0] is Varying
        if not self.dims or (varies and self.minimum <= 1):
            return self
        return replace(self, dims=(Varying, *self.dims[1:]), minimum=1)

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
            mine == theirs or self._may_be(mine, theirs) or other._may_be(theirs, mine)
            for mine, theirs in zip(self.dims, other.dims, strict=True)
        )
        if fits:
            return None
        texts = [
            form._with_minimum() if Varying in form.dims and form.minimum > 1 else f"{form.dims}"
            for form in (self, other)
        ]
        return f"dimensions {' do not fit '.join(texts)}"

    def _may_be(self, mine: int | Sentinel, size: int | Sentinel) -> bool:
        """Return whether the dimension `mine` of this form may have the fixed `size`."""
        return mine is Varying and isinstance(size, int) and size >= self.minimum

    def _with_minimum(self) -> str:
        rows = "row" if self.minimum == 1 else "rows"
        return f"{self.dims} with at least {self.minimum} {rows}"


def _dtype_name(dtype: npt.DTypeLike) -> str:
    try:
        known: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        known = np.dtype(object)
    if known.kind not in "biufc":
        raise ValueError(f"the elements must be numbers of a numpy type. Got {dtype!r}.")
    return str(known.name)

"""The inputs of a decoder: one array or a batch, in the type that the decoder takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.errors import DecodeError

__all__ = ["arriving", "checked", "is_one", "items"]

_REMEDY: Final = "give an array of numbers, or a list of arrays as a batch"


def arriving(form: ArraySpec, wanted: ArraySpec) -> ArraySpec:
    """Return a form after the conversion that a decoder of the form `wanted` makes.

    It converts numbers of any real type for floating-point numbers, and integers for integers.

    Examples
    --------
    >>> arriving(ArraySpec((2,), "float64"), ArraySpec((2,), "float32")).dtype
    'float32'
    """
    if form.dtype == wanted.dtype or not _converts(np.dtype(form.dtype), np.dtype(wanted.dtype)):
        return form
    return replace(form, dtype=wanted.dtype, low=None, high=None)


def is_one(value: Any, form: ArraySpec, owner: str) -> bool:
    """Return whether a value is one array, and not a batch, by its number of dimensions.

    An empty list is an empty batch. The elements of a list that make no array, since their sizes
    differ, are a batch.

    Raises
    ------
    DecodeError
        The value is no array, or has another number of dimensions.
    """
    rank = len(form.dims)
    if isinstance(value, list | tuple):
        if not value:
            return False
        if any(_is_array(item) for item in value):
            return _dimensions(value[0]) == rank - 1  # a list of the rows of one array
        array = _made(value, ragged=True)
        if array is None:
            return False
    else:
        array = _made(value)
        assert array is not None  # noqa: S101 - for mypy: only a list is ragged
    if array.ndim in (rank, rank + 1):
        return array.ndim == rank
    raise DecodeError(
        f"{owner} takes {rank} dimension{'s' * (rank != 1)}, or {rank + 1} as a batch",
        code="unsupported-input",
        source=f"an array of shape {array.shape}",
        remedy=f"give arrays of the shape {form.dims}",
    )


def items(value: Any) -> Iterable[Any]:
    """Return the elements of a batch."""
    return value if isinstance(value, list | tuple) else np.asarray(value)


def checked(value: Any, form: ArraySpec, owner: str) -> npt.NDArray[Any]:
    """Return one array of the form of a decoder, read-only and C-contiguous.

    Raises
    ------
    DecodeError
        The value is no array, does not have the form, or contains NaN or infinity.
    """
    given = _made(value)
    assert given is not None  # noqa: S101 - for mypy: only a list is ragged
    source = f"an array of shape {given.shape}"
    if given.dtype.kind in "fc" and not np.isfinite(given).all():
        raise DecodeError(
            f"{owner} gets NaN or infinity",
            code="non-finite",
            source=source,
            remedy="check the net that made it",
        )
    array = _cast(given, np.dtype(form.dtype))
    if array.dtype.kind in "fc" and array is not given and not np.isfinite(array).all():
        raise DecodeError(
            f"{owner} takes {form.dtype}, and a number is too large for this type",
            code="out-of-range",
            source=source,
        )
    if problem := form.problem(array):
        raise DecodeError(
            f"{owner} takes arrays of another form: {problem}",
            code="unsupported-input",
            source=source,
            remedy=f"give arrays of type {form.dtype} and of the shape {form.dims}",
        )
    if outside := form.range_problem(array):
        raise DecodeError(f"{owner}: {outside}", code="out-of-range", source=source)
    array = array if array.flags.c_contiguous else array.copy(order="C")
    view = array.view()
    view.flags.writeable = False  # the array belongs to the caller
    return view


def _is_array(value: object) -> bool:
    return not isinstance(value, np.generic) and hasattr(value, "__array__")


def _dimensions(value: Any) -> int:
    array = _made(value, ragged=True)
    return -1 if array is None else array.ndim


def _made(value: Any, *, ragged: bool = False) -> npt.NDArray[Any] | None:
    """Return the array of a value of numpy or of another library, or of nested lists of numbers.

    If `ragged`, None stands for lists of unequal lengths.

    Raises
    ------
    DecodeError
        It is no array.
    """
    is_list = isinstance(value, list | tuple)
    if not (is_list or isinstance(value, bool | int | float) or hasattr(value, "__array__")):
        raise _no_array(value)
    masked = isinstance(value, np.ma.MaskedArray) or (
        is_list and any(isinstance(item, np.ma.MaskedArray) for item in value)
    )
    if masked:
        raise DecodeError(
            "it is a masked array, whose elements may be missing",
            code="unsupported-input",
            source="an array",
            remedy="fill them, such as by array.filled(0)",
        )
    try:
        return np.asarray(value)
    except ValueError as problem:
        if ragged and is_list:
            return None
        raise _no_array(value) from problem
    except Exception as problem:  # code of another library may raise anything
        raise _no_array(value, f": {type(problem).__name__}: {problem}") from problem


def _no_array(value: object, why: str = "") -> DecodeError:
    return DecodeError(
        f"a decoder takes an array{why}",
        code="unsupported-input",
        source=f"a value of type {type(value).__name__}",
        remedy=_REMEDY,
    )


def _converts(given: np.dtype[Any], wanted: np.dtype[Any]) -> bool:
    kinds = "iuf" if wanted.kind == "f" else "iu" if wanted.kind in "iu" else ""
    return given.kind in kinds


def _cast(array: npt.NDArray[Any], wanted: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return an array in another type of the same kind of numbers, if it has one.

    A float64 becomes a float32, as an encoder would give it. Integers stay exact: an array of
    integers that the type does not hold is returned as it is.
    """
    if array.dtype == wanted or not _converts(array.dtype, wanted):
        return array
    with np.errstate(over="ignore", invalid="ignore"):
        cast = array.astype(wanted)
        if array.dtype.kind == "f":
            return cast
        back = cast.astype(array.dtype)
    fits = np.array_equal(back, array) and np.array_equal(cast < 0, array < 0)
    return cast if fits else array

"""Constants: the arrays of inputs that are no ports, and their form in a saved net."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import PortError
from netencoders.parameters import short
from netencoders_onnx.ports import Tensor, lossless

__all__ = ["as_array", "as_json", "from_json", "repeated"]

MOST: Final = 16384  # numbers of a constant in a saved net, as of a vector in a spec (A49)
MOST_EQUAL: Final = 10_000_000  # equal numbers, which a saved net holds as one

Array = npt.NDArray[Any]


def as_array(tensor: Tensor, value: Any) -> Array:
    """Return the array of a constant in the type of its input.

    Raises
    ------
    PortError
        The value does not have the type or the shape of the input.
    """
    try:
        given = np.asarray(value)
    except (ValueError, TypeError, OverflowError):  # lists of different lengths
        given = np.asarray(None)
    array = lossless(given, tensor.dtype)
    if array is None:
        raise PortError(
            f"constants: the input {tensor.name!r} takes {tensor.dtype}. {short(value)} cannot "
            "become that without loss."
        )
    dims = array.shape if tensor.dims is None else tensor.dims
    fits = len(dims) == array.ndim and all(
        not isinstance(size, int) or size == have
        for size, have in zip(dims, array.shape, strict=True)
    )
    if not fits:
        raise PortError(
            f"constants: the input {tensor.name!r} takes the shape {tensor.shape_text}. Got "
            f"{array.shape}."
        )
    array.flags.writeable = False
    return array


def repeated(name: str, array: Array, axis: int | None, count: int) -> Array:
    """Return a constant for a batch: repeated along its batch axis.

    Raises
    ------
    PortError
        The constant has another size along it.
    """
    if axis is None or array.shape[axis] == count:
        return array
    if array.shape[axis] != 1:
        raise PortError(
            f"the constant {name!r} has the size {array.shape[axis]} along the axis {axis} of the "
            f"batch, which has {count} inputs. Give it the size 1: it is repeated."
        )
    return np.repeat(array, count, axis)


def as_json(name: str, array: Array) -> Any:
    """Return the value of a constant for a saved net: numbers, or one number and a shape.

    Raises
    ------
    PortError
        It has too many different numbers, or one that is not finite.
    """
    if array.dtype.kind == "c" or not np.isfinite(array).all():
        raise PortError(
            f"the constant {name!r} has a number that a saved net cannot hold (complex, "
            "infinite or NaN)."
        )
    if 1 < array.size <= MOST_EQUAL and (array == array.flat[0]).all():
        return {"shape": list(array.shape), "value": array.flat[0].item()}
    if array.size > MOST:
        raise PortError(
            f"the constant {name!r} has {array.size} different numbers, and a saved net holds at "
            f"most {MOST}. Make it an initializer of the model."
        )
    return array.tolist()


def from_json(name: str, value: Any) -> Any:
    """Return the value of a constant from that of `as_json`.

    Raises
    ------
    PortError
        The value is invalid.
    """
    if not isinstance(value, Mapping):
        return value
    shape = value.get("shape")
    if set(value) != {"shape", "value"} or not isinstance(shape, list):
        raise PortError(f"the constant {name!r} must have a shape and a value. Got {short(value)}.")
    number = value["value"]
    sizes = [size for size in shape if type(size) is int and size >= 0]
    if len(sizes) < len(shape) or len(shape) > 32 or prod(sizes) > MOST_EQUAL:
        raise PortError(f"the constant {name!r} cannot have the shape {short(shape)}.")
    if not isinstance(number, int | float):
        raise PortError(f"the constant {name!r} must have a number. Got {short(number)}.")
    return np.full(sizes, number)

"""Finishing: from pixels of the right size to the array."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_image.errors import ImageError
from netencoders_image.pixels import CHANNELS, Pixels

__all__ = ["cropped", "laid_out", "normalized", "padded", "padding_color", "scaled"]

Array = npt.NDArray[Any]


def scaled(values: Array, pixels: Pixels, number_type: str) -> Array:
    """Return values of an image from 0 to 1 as float32, or those from 0 to 255 as uint8.

    Raises
    ------
    ImageError
        With code ``unsupported-depth``: uint8 of values that are no integers from 0 to 255.
    """
    if number_type == "float32":
        result: Array = np.divide(values, np.float32(pixels.top), dtype=np.float32)
        return result
    if pixels.is_deep:
        raise ImageError(
            "its values are not integers from 0 to 255, and NumberType is 'uint8'",
            code="unsupported-depth",
            remedy="use NumberType='float32'",
        )
    return values


def padding_color(padding: Any, space: str) -> npt.NDArray[np.float64]:
    """Return the value of each channel of a padding, from 0 to 1."""
    count = CHANNELS[space]
    if isinstance(padding, str):
        if space == "CMYK":
            return np.array([0.0, 0.0, 0.0, float(padding == "Black")])
        return np.full(count, float(padding == "White"))
    return np.broadcast_to(np.asarray(padding, np.float64), count)


def cropped(values: Array, size: tuple[int, int], corner: tuple[int, int]) -> Array:
    """Return the part of an array of shape (height, width, channels) that begins at a corner."""
    left, top = corner
    return values[top : top + size[1], left : left + size[0]]


def padded(values: Array, size: tuple[int, int], corner: tuple[int, int], color: Array) -> Array:
    """Return an array of shape (height, width, channels) that has the values at a corner."""
    if values.shape[1::-1] == size:
        return values
    if values.dtype == np.uint8:
        color = np.rint(color * 255)
    result = np.empty((size[1], size[0], values.shape[2]), values.dtype)
    result[...] = color.astype(values.dtype)
    left, top = corner
    result[top : top + values.shape[0], left : left + values.shape[1]] = values
    return result


def normalized(values: Array, mean: Array | None, deviation: Array | None) -> Array:
    """Return (values - mean) / deviation, in the memory of the values.

    A number for each channel is repeated for a row: numpy is slow where the last dimension is
    short.
    """
    values = np.ascontiguousarray(values)
    rows = values.reshape(len(values), -1)
    for function, constant in ((np.subtract, mean), (np.divide, deviation)):
        if constant is not None:
            full = np.broadcast_to(
                constant, values.shape if constant.ndim == 3 else values.shape[1:]
            )
            function(rows, full.reshape(-1, rows.shape[1]), out=rows)
    return values


def laid_out(values: Array, *, interleaving: bool, transposed: bool) -> Array:
    """Return an array of the declared order of dimensions, in one piece of memory."""
    if transposed:
        values = values.transpose(1, 0, 2)
    if not interleaving:
        values = values.transpose(2, 0, 1)
    # A copy if it is memory of Pillow, which cannot be written to.
    return np.require(values, requirements=["C", "W"])

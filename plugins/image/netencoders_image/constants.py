"""Constants: the numbers of MeanImage and VarianceImage, for each channel or for each pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import Content
from netencoders.array_files import read_npy
from netencoders_image.errors import ImageError
from netencoders_image.opening import open_pixels
from netencoders_image.pixels import CHANNELS

__all__ = ["constant_array", "constant_problem"]


def constant_problem(
    value: Any, size: tuple[int, int], space: str, *, bounds: tuple[float, float]
) -> str:
    """Return the reason why a value does not fit an array, or an empty text.

    Parameters
    ----------
    value : None, float, tuple of float or Content
    size : tuple of int
        ImageSize.
    space : str
        ColorSpace.
    bounds : tuple of float
        The smallest and the largest number.
    """
    if isinstance(value, tuple):
        count = CHANNELS[space]
        if len(value) != count:
            return f"must have {count} numbers, one for each channel of {space}. Got {len(value)}."
    if not isinstance(value, Content):
        return ""
    try:
        numbers = _numbers(value.data, space)
    except ImageError as problem:
        return f"is not an image: {problem}."
    except ValueError as problem:
        return f"is not an array: {problem}"
    wanted = (size[1], size[0], CHANNELS[space])
    if numbers.shape != wanted:
        return (
            f"must have the shape {wanted}: height, width and channels of the array. "
            f"Got {numbers.shape}."
        )
    low, high = bounds
    if not ((numbers >= low) & (numbers <= high)).all():  # NaN is not either
        return f"must have numbers from {low:g} to {high:g}."
    return ""


def constant_array(value: Any, space: str) -> npt.NDArray[np.float64] | None:
    """Return the numbers of a value, for which `constant_problem` finds no problem."""
    if value is None:
        return None
    if isinstance(value, Content):
        return _numbers(value.data, space)
    return np.asarray(value, np.float64)


def _numbers(content: bytes, space: str) -> npt.NDArray[np.float64]:
    """Return the numbers of a .npy file, or the pixels of an image from 0 to 1."""
    if content.startswith(b"\x93NUMPY"):
        array = read_npy(content)
        if array.dtype.kind not in "iuf":
            raise ValueError(f"its elements are of type {array.dtype}.")
        return (array[:, :, np.newaxis] if array.ndim == 2 else array).astype(np.float64)
    pixels = open_pixels(content, orient=False)
    if pixels.alpha is not None:
        raise ImageError("it has an alpha channel")
    if pixels.space != space:
        raise ImageError(f"its colours are {pixels.space}, not {space}")
    return pixels.array() / np.float64(pixels.top)

"""Resizing: the sizes of an image on its way to ImageSize, and the resampling of its pixels."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders_image.decoding import pillow
from netencoders_image.limits import check_pixels
from netencoders_image.pixels import Pixels, of_array, of_planes

__all__ = ["FILTERS", "Plan", "plan", "resized"]

Size = tuple[int, int]

FILTERS: Final = ("Nearest", "Box", "Bilinear", "Hamming", "Bicubic", "Lanczos")

# The share of the margin before the image, or before the part that stays; None is the centre.
_SHARES: Final = {"Left": 0, "Top": 0, "Center": None, "Right": 1, "Bottom": 1}


class Plan(NamedTuple):
    """The size that an image gets, and the corner of it, or in it, that ImageSize begins at.

    With the method Fit, `corner` is that of the image in the array; else that of the array in the
    image.
    """

    size: Size
    corner: Size


def plan(
    size: Size, target: Size, method: str, fill: Size, alignment: Any, *, half_even: bool
) -> Plan:
    """Return the plan for an image.

    Parameters
    ----------
    size : tuple of int
        The width and the height of the image.
    target : tuple of int
        ImageSize.
    method : str
        ``"Stretch"``, ``"Fit"`` or ``"Fill"``.
    fill : tuple of int
        The size that an image with the method Fill covers, at least `target`.
    alignment : str or tuple of str
        One of Left, Center, Right, Top and Bottom, or one for each direction.
    half_even : bool
        Whether half of an odd margin is rounded to an even number, or else down.

    Examples
    --------
    >>> plan((640, 480), (224, 224), "Fill", (256, 256), "Center", half_even=False)
    Plan(size=(341, 256), corner=(58, 16))
    >>> plan((640, 480), (128, 128), "Fit", (128, 128), "Center", half_even=False)
    Plan(size=(128, 96), corner=(0, 16))
    """
    if method == "Stretch":
        return Plan(target, (0, 0))
    new = _covering(size, fill) if method == "Fill" else _within(size, target)
    margins = [abs(one - other) for one, other in zip(new, target, strict=True)]
    names = _directions(alignment)
    across, down = (_before(*pair, half_even) for pair in zip(margins, names, strict=True))
    return Plan(new, (across, down))


def _covering(size: Size, fill: Size) -> Size:
    """Return the smallest size of the same shape that covers another; a fraction is cut off."""
    width, height = size
    if width * fill[1] >= height * fill[0]:
        return width * fill[1] // height, fill[1]
    return fill[0], height * fill[0] // width


def _within(size: Size, target: Size) -> Size:
    """Return the largest size of the same shape within another; a half is rounded up."""
    width, height = size
    if width * target[1] >= height * target[0]:
        return target[0], max(1, (2 * height * target[0] + width) // (2 * width))
    return max(1, (2 * width * target[1] + height) // (2 * height)), target[1]


def _directions(alignment: Any) -> tuple[str, str]:
    if isinstance(alignment, tuple):
        return alignment
    return ("Center", alignment) if alignment in ("Top", "Bottom") else (alignment, "Center")


def _before(margin: int, name: str, half_even: bool) -> int:
    share = _SHARES[name]
    if share is not None:
        return margin * share
    return round(margin / 2) if half_even else margin // 2


def resized(pixels: Pixels, size: Size, kind: str, *, antialiasing: bool) -> Pixels:
    """Return an opaque image of another size.

    Parameters
    ----------
    pixels : Pixels
    size : tuple of int
    kind : str
        One of `FILTERS`.
    antialiasing : bool
        Whether the filter is as wide as the pixels of the new image, as in Pillow, where they are
        larger; else it has the width of the old pixels.

    Raises
    ------
    ImageError
        With code ``limit-exceeded``: the new image has too many pixels.
    """
    if size == pixels.size:
        return pixels
    check_pixels(size, f", made of {pixels.size[0]} x {pixels.size[1]}")
    reduces = any(new < old for new, old in zip(size, pixels.size, strict=True))
    if reduces and not antialiasing and kind != "Nearest":
        return _with_narrow_filter(pixels, size, kind)
    resampling = pillow().Resampling[kind.upper()]
    bands = tuple(band.resize(size, resampling) for band in pixels.bands)
    if not pixels.is_deep:
        return pixels._replace(bands=bands)
    values = pixels._replace(bands=bands).array()
    return of_planes(np.clip(values, 0, np.float32(pixels.top)), pixels.space, pixels.top)


def _with_narrow_filter(pixels: Pixels, size: Size, kind: str) -> Pixels:
    values = pixels.array()
    for axis, count in ((0, size[1]), (1, size[0])):
        values = _along(values, axis, count, kind)
    values = np.clip(values, 0, pixels.top)
    if pixels.is_deep:
        return of_planes(values.astype(np.float32), pixels.space, pixels.top)
    return of_array(np.rint(values).astype(np.uint8), pixels.space)


def _along(values: npt.NDArray[Any], axis: int, count: int, kind: str) -> npt.NDArray[np.float64]:
    """Return the values at `count` places along an axis, in float64."""
    length = values.shape[axis]
    function, support = _KERNELS[kind]
    centers = (np.arange(count) + 0.5) * (length / count)
    first = np.floor(centers - support + 0.5).astype(np.int64)
    shape = tuple(-1 if place == axis else 1 for place in range(3))
    total = np.zeros(tuple(count if p == axis else n for p, n in enumerate(values.shape)))
    weights = np.zeros(count)
    for step in range(int(np.ceil(2 * support)) + 1):
        places = first + step
        weight = function(places + 0.5 - centers)
        weight[(places < 0) | (places >= length)] = 0
        weights += weight
        total += np.take(values, places, axis, mode="clip") * weight.reshape(shape)
    result: npt.NDArray[np.float64] = total / weights.reshape(shape)
    return result


def _box(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return ((x > -0.5) & (x <= 0.5)).astype(np.float64)


def _triangle(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    heights: npt.NDArray[Any] = np.maximum(0.0, 1 - np.abs(x))
    return heights


def _hamming(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.where(np.abs(x) < 1, np.sinc(x) * (0.54 + 0.46 * np.cos(np.pi * x)), 0.0)


def _cubic(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    return np.where(x < 1, near, np.where(x < 2, ((-0.5 * x + 2.5) * x - 4) * x + 2, 0.0))


def _lanczos(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


# The filters of Pillow, each with the distance beyond which it is 0.
_KERNELS: Final = {
    "Box": (_box, 0.5),
    "Bilinear": (_triangle, 1.0),
    "Hamming": (_hamming, 1.0),
    "Bicubic": (_cubic, 2.0),
    "Lanczos": (_lanczos, 3.0),
}

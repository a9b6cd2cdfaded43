"""Colours: transparency, and the change to another colour space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from netencoders_image.decoding import pillow
from netencoders_image.errors import ImageError
from netencoders_image.pixels import Pixels, of_array, of_planes

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["in_space", "opaque"]


def opaque(pixels: Pixels, transparency: str) -> Pixels:
    """Return an image without its alpha channel.

    Parameters
    ----------
    pixels : Pixels
    transparency : str
        ``"Refuse"`` is for images whose alpha channel is full everywhere, ``"Drop"`` leaves the
        channel out, and ``"Black"`` and ``"White"`` are the colours behind the image.

    Raises
    ------
    ImageError
        With code ``transparent``.
    """
    alpha = pixels.alpha
    if alpha is None:
        return pixels
    if transparency == "Refuse":
        # numpy's minimum: the extrema of Pillow are rounded for some types.
        clear = int(np.count_nonzero(np.asarray(alpha) < pixels.top))
        if clear:
            raise ImageError(
                f"{clear} of {alpha.width * alpha.height} pixels are transparent",
                code="transparent",
                remedy='choose the colour behind them: Transparency="White" or "Black"; "Drop" '
                "leaves the alpha channel out",
            )
    elif transparency != "Drop":
        pixels = _blended(pixels, alpha, pixels.top if transparency == "White" else 0.0)
    return pixels._replace(alpha=None)


def _blended(pixels: Pixels, alpha: Image, behind: float) -> Pixels:
    values = pixels.array()
    weights = np.asarray(alpha)[:, :, np.newaxis]
    if pixels.is_deep:
        share = weights / np.float32(pixels.top)
        blended = values * share + np.float32(behind) * (1 - share)
        return of_planes(blended, pixels.space, pixels.top)
    sums = values.astype(np.uint32) * weights + np.uint32(behind) * (
        255 - weights.astype(np.uint32)
    )
    return of_array(((sums + 127) // 255).astype(np.uint8), pixels.space)


def in_space(pixels: Pixels, space: str) -> Pixels:
    """Return an opaque image in another colour space.

    Gray is 0.299 R + 0.587 G + 0.114 B, and R, G and B of a gray image are equal.

    Raises
    ------
    ImageError
        With code ``unsupported-color``: one of the spaces is CMYK, and the other is not. Its
        meaning depends on the ink, which only a colour profile describes.
    """
    if pixels.space == space:
        return pixels
    if "CMYK" in (pixels.space, space):
        other = 'PIL.Image.open(path).convert("RGB")'
        raise ImageError(
            f"its colours are {pixels.space}, and ColorSpace is {space!r}: the conversion depends "
            "on a colour profile",
            code="unsupported-color",
            remedy="convert it with its profile by PIL.ImageCms; "
            + (
                f"or without, as Pillow does: {other}"
                if pixels.space == "CMYK"
                else "or encode it as RGB"
            ),
        )
    if not pixels.is_deep:
        mode = "L" if space == "Grayscale" else "RGB"
        return Pixels((pixels.bands[0].convert(mode),), space, pixels.top)
    if space == "RGB":
        return pixels._replace(bands=pixels.bands * 3, space=space)
    red, green, blue = (np.asarray(band) for band in pixels.bands)
    gray = red * np.float32(0.299) + green * np.float32(0.587) + blue * np.float32(0.114)
    return Pixels((pillow().fromarray(gray),), space, pixels.top)

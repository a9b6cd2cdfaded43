"""Pixels: the channels of an image as images of Pillow, and their alpha channel.

An image of 8 bits is one image of Pillow. One of 16 bits, or of floats, is an image of float32 for
each channel: Pillow changes the size of no other images of more than 8 bits in several channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["CHANNELS", "Pixels", "of_array", "of_planes"]

CHANNELS = {"Grayscale": 1, "RGB": 3, "CMYK": 4}
"""The number of channels of each colour space."""


class Pixels(NamedTuple):
    """An image before the last steps.

    Parameters
    ----------
    bands : tuple of PIL.Image.Image
        One image of 8 bits, or an image of float32 for each channel.
    space : str
        One of `CHANNELS`.
    top : float
        The value that stands for 1: 255, 65535 or 1.
    alpha : PIL.Image.Image, optional
        The alpha channel, of the type of the bands.
    """

    bands: tuple[Image, ...]
    space: str
    top: float
    alpha: Image | None = None

    @property
    def size(self) -> tuple[int, int]:
        """The width and the height."""
        return self.bands[0].size

    @property
    def is_deep(self) -> bool:
        """Whether the values are float32."""
        return self.top != 255

    def array(self) -> npt.NDArray[Any]:
        """Return the values as an array of shape (height, width, channels)."""
        if self.is_deep:
            return np.stack([np.asarray(band) for band in self.bands], axis=-1)
        values = np.asarray(self.bands[0])
        return values[:, :, np.newaxis] if values.ndim == 2 else values


def of_array(values: npt.NDArray[Any], space: str) -> Pixels:
    """Return the pixels of an array of uint8, of shape (height, width, channels)."""
    # Late: Pillow is an extra.
    from PIL import Image

    shape = values.shape[:2] if values.shape[2] == 1 else values.shape
    image = Image.fromarray(np.ascontiguousarray(values.reshape(shape)))
    if space == "CMYK":
        image = Image.frombytes("CMYK", image.size, image.tobytes())
    return Pixels((image,), space, 255.0)


def of_planes(values: npt.NDArray[Any], space: str, top: float) -> Pixels:
    """Return the pixels of an array of float32, of shape (height, width, channels)."""
    from PIL import Image

    bands = tuple(
        Image.fromarray(np.ascontiguousarray(values[:, :, place], np.float32))
        for place in range(values.shape[2])
    )
    return Pixels(bands, space, top)

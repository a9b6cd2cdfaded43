r"""The images of probes, made with integers only, so that every machine makes the same ones.

Both have three channels of 8 bits, and a height of three quarters of the width, rounded up. All
numbers are modulo :math:`2^{32}`.

- Scene: in channel c, row y and column x, of a width w, there are a ramp, rings and noise:
  ``(255 (x + c y) // (2 w + 1) + ((x x + (c + 1) y y) // (4 w + 1)) % 64 + noise // 16) % 256``.
- Noise: the upper 8 bits of :math:`x_n`, where :math:`x_0` is w and
  :math:`x_{n+1} = 1664525 x_n + 1013904223`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import ProbeError
from netencoders_image.limits import check_pixels

__all__ = ["SIGNALS", "probe_image"]

SIGNALS: Final[Mapping[str, int]] = {"Scene": 333, "Noise": 333}
"""The name and the default width of each image."""


def probe_image(signal: str, width: int) -> npt.NDArray[np.uint8]:
    """Return an image for probes, the same on every machine.

    Parameters
    ----------
    signal : str
        ``"Scene"``, a ramp with rings and a little noise, or ``"Noise"``.
    width : int
        The width, at least 1.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    ProbeError
        There is no such image.
    ImageError
        The image has more pixels than the limit.
    """
    if signal not in SIGNALS:
        raise ProbeError(f"there is no image {signal!r}. Known: {', '.join(SIGNALS)}.")
    height = -(-3 * width // 4)
    check_pixels((width, height))
    noise = _noise(height * width * 3, width).reshape(height, width, 3)
    if signal == "Noise":
        return noise.astype(np.uint8)
    row, column, channel = np.ogrid[:height, :width, :3]
    ramp = 255 * (column + channel * row) // (2 * width + 1)
    rings = (column * column + (channel + 1) * row * row) // (4 * width + 1) % 64
    scene: npt.NDArray[np.uint8] = ((ramp + rings + noise // 16) % 256).astype(np.uint8)
    return scene


def _noise(length: int, start: int) -> npt.NDArray[Any]:
    """Return integers from 0 to 255."""
    steps = np.full(length, 1664525, np.uint32)
    steps[:1] = 1
    powers = np.cumprod(steps, dtype=np.uint32)  # a ** n, modulo 2**32
    sums = np.cumsum(powers, dtype=np.uint32) - powers  # of the powers below n
    states = np.uint32(start % 2**32) * powers + np.uint32(1013904223) * sums
    return (states >> np.uint32(24)).astype(np.int64)

"""Power: the squared magnitude of a transform (A6), or the magnitude."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["QUANTITIES", "power"]

QUANTITIES: Final = {1: "magnitude", 2: "power"}
"""The quantity for each exponent, as in `ArraySpec.quantity`."""


def power(
    spectrum: npt.NDArray[np.complex64],
    exponent: int,
    out: npt.NDArray[np.float32],
    offset: float = 0.0,
) -> npt.NDArray[np.float32]:
    """Write the magnitude of a transform, raised to 1 or 2, to `out` and return it.

    Each step is rounded to float32, so the bits are equal on every machine (A71)::

        power = re * re + im * im + offset;  magnitude = sqrt(power)

    `np.abs` has other bits on processors with FMA.

    Parameters
    ----------
    spectrum : ndarray of complex64, shape (k, bins)
        Overwritten.
    exponent : {1, 2}
        2 gives the power, 1 the magnitude.
    out : ndarray of float32, shape (k, bins)
    offset : float
        Added to the power, before the root (A41).
    """
    # Real and imaginary parts are adjacent in memory: squaring them in place and adding
    # pairs needs no temporary array.
    parts = spectrum.view(np.float32)
    np.multiply(parts, parts, out=parts)
    np.add(parts[:, 0::2], parts[:, 1::2], out=out)
    if offset:
        np.add(out, np.float32(offset), out=out)
    return np.sqrt(out, out=out) if exponent == 1 else out

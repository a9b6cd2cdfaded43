"""Alignment: finds which bits of stored integers have a value, from all samples of a file."""

from __future__ import annotations

import enum
from typing import Final

import numpy as np

from netencoders_audio.files.content import Content

__all__ = ["Alignment", "scan"]

# A multiple of all widths. The samples are read in pieces of this size.
_PIECE: Final = 3 << 18


class Alignment(enum.Enum):
    """The position of the valid bits in the bytes of a sample."""

    LEFT = "the lower bits are zero"
    RIGHT = "the upper bits repeat the sign"
    BOTH = "the lower bits are zero, and the upper bits repeat the sign"
    NEITHER = "the samples use all bits"


def scan(content: Content, data: range, width: int, order: str, bits: int) -> Alignment:
    """Return the position of the valid bits; for silence it is `Alignment.LEFT`.

    Parameters
    ----------
    content, data : Content and range
        The samples.
    width : int
        The number of bytes of a sample, from 2 to 4.
    order : str
        The byte order, "<" or ">".
    bits : int
        The number of valid bits, below 8 * `width`.
    """
    padding = 8 * width - bits
    used = magnitude = 0
    for place in range(data.start, data.stop, _PIECE):
        raw = content.read_at(place, min(_PIECE, data.stop - place))
        samples = np.frombuffer(raw, np.uint8, len(raw) // width * width).reshape(-1, width)
        wide = np.zeros((len(samples), 4), np.uint8)  # the sample at the upper end of 32 bits
        wide[:, 4 - width :] = samples[:, :: 1 if order == "<" else -1]
        values = wide.view("<i4")[:, 0] >> 8 * (4 - width)
        used |= int(np.bitwise_or.reduce(values, initial=0))
        magnitude |= int(np.bitwise_or.reduce(values ^ (values >> 31), initial=0))
        left, right = not used & ((1 << padding) - 1), not magnitude >> (bits - 1)
        if not left and not right:
            return Alignment.NEITHER
    if not used:
        return Alignment.LEFT
    if left and right:
        return Alignment.BOTH
    return Alignment.LEFT if left else Alignment.RIGHT

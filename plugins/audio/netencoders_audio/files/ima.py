"""IMA ADPCM: blocks of samples of 4 bits, each the change from the sample before it.

The definition of the IMA adds shifted steps, and rounds each down. ffmpeg rounds their sum instead,
when it codes and when it decodes. A file is decoded as it was coded: the difference is up to 50
steps of 16 bits at the end of a block (measured on 8 kHz speech).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["MAX_INDEX", "ImaBlocks", "decoded"]

_STEPS: Final = np.array(
    [
        7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
        73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408,
        449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066,
        2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630,
        9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794,
        32767,
    ],
    np.int32,
)  # fmt: skip
MAX_INDEX: Final = len(_STEPS) - 1
"""The largest index of a step."""

_INDEX_CHANGES: Final = np.array([-1, -1, -1, -1, 2, 4, 6, 8] * 2, np.int32)
_HEAD: Final = 4  # the bytes of each channel before its nibbles


@dataclass(frozen=True)
class ImaBlocks:
    """The blocks of an IMA ADPCM file.

    Attributes
    ----------
    rate, channels : int
    align : int
        The number of bytes of a block.
    data : range
        The bytes of all blocks.
    frames : int
        The number of frames, without the padding of the last block.
    by_ffmpeg : bool
        Whether ffmpeg coded the file.
    """

    rate: int
    channels: int
    align: int
    data: range
    frames: int
    by_ffmpeg: bool

    @property
    def block(self) -> int:
        """The number of frames of a block."""
        return 1 + (self.align - _HEAD * self.channels) // (_HEAD * self.channels) * 8


def decoded(
    blocks: npt.NDArray[np.uint8], channels: int, *, by_ffmpeg: bool
) -> npt.NDArray[np.int16]:
    """Return the samples of blocks.

    Parameters
    ----------
    blocks : ndarray of uint8, shape (n, bytes)
    channels : int
    by_ffmpeg : bool
        Whether ffmpeg coded them.

    Returns
    -------
    ndarray of int16, shape (n * frames, channels)
    """
    heads = blocks[:, : _HEAD * channels].reshape(-1, channels, _HEAD)
    value = np.ascontiguousarray(heads[..., :2]).view("<i2")[..., 0].astype(np.int32)
    index = np.minimum(heads[..., 2].astype(np.int32), MAX_INDEX)
    groups = (blocks.shape[1] - _HEAD * channels) // (_HEAD * channels)
    body = blocks[:, _HEAD * channels :][:, : groups * channels * _HEAD]
    body = body.reshape(len(blocks), groups, channels, _HEAD).transpose(1, 3, 0, 2)
    # One row for each frame: the lower nibble of a byte comes first.
    codes = np.stack([body & 15, body >> 4], axis=2).reshape(8 * groups, *value.shape)
    samples = np.empty((8 * groups + 1, *value.shape), np.int16)
    samples[0] = value
    for number, code in enumerate(codes):
        step = _STEPS[index]
        if by_ffmpeg:
            change = (2 * (code & 7).astype(np.int32) + 1) * step >> 3
        else:
            change = step >> 3
            for bit, shift in ((4, 0), (2, 1), (1, 2)):
                change += np.where(code & bit, step >> shift, 0)
        value = np.clip(value + np.where(code & 8, -change, change), -32768, 32767)
        index = np.clip(index + _INDEX_CHANGES[code], 0, MAX_INDEX)
        samples[number + 1] = value
    return samples.transpose(1, 0, 2).reshape(-1, channels)

"""Levels: warn of samples in memory whose scale is probably another one (A35)."""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioWarning

__all__ = ["Levels"]

LOUDEST: Final = 4.0
HALF: Final = 1 << 15
FLOAT32: Final = np.dtype(np.float32)
TWO: Final = 1 << 30
_MIDDLE: Final = 1 << 31
_CHUNK: Final = 1 << 16


class Levels:
    """The range of samples, measured block by block while they are in the processor cache.

    A block of floats takes 2 % of the time of encoding, and a second of audio 6 us (measured). In
    one piece, an hour would take 50 ms, and a memory map would be read from its file: therefore
    `Audio` does not measure its samples.

    Parameters
    ----------
    name : str
        The name of the recording in the warning.
    dtype : dtype
        The type of the samples.
    """

    def __init__(self, name: str, dtype: np.dtype[Any]) -> None:
        self._name = name
        self._dtype = dtype
        self._low, self._high = _MIDDLE * 2, -_MIDDLE
        # Whether no further block can change the result.
        self._decided = dtype.kind != "f" and dtype.itemsize != 4

    def see(self, block: npt.NDArray[Any]) -> None:
        """Measure a block; warn of the first one with a float above 4."""
        if self._decided or not block.size or block.dtype != self._dtype:
            return
        if self._dtype.kind == "f":
            if self._dtype == FLOAT32 and _is_below_two(block):
                return
            high, low = block.max(), block.min()
            if high > LOUDEST or low < -LOUDEST:
                self._warn(
                    f"its samples reach {max(float(high), -float(low)):.6g}, and full scale is 1",
                    "samples / 32768",
                )
            return
        self._low, self._high = min(self._low, int(block.min())), max(self._high, int(block.max()))
        self._decided = self._remedy() is None

    def see_all(self, samples: npt.NDArray[Any]) -> None:
        """Measure integers of 32 bits that are known in full, up to the first loud one."""
        if self._dtype.kind == "f":
            return
        for start in range(0, len(samples), _CHUNK):
            if self._decided:
                return
            self.see(samples[start : start + _CHUNK])
        self.end()

    def end(self) -> None:
        """Warn of integers of 32 bits within the range of 16 bits; silence has any scale."""
        if not self._decided and self._low < self._high:
            remedy = self._remedy() or ""
            self._warn(
                f"its {self._dtype.name} samples are from {self._low} to {self._high}, within the "
                "range of 16 bits",
                remedy,
            )
        self._decided = True

    def _remedy(self) -> str | None:
        """Return 16-bit samples of the integers seen so far; None if they need more bits."""
        if self._dtype.kind == "i":
            fits = self._low >= -HALF and self._high < HALF
            return "samples.astype(np.int16)" if fits else None
        if self._high < 2 * HALF:
            return "samples.astype(np.uint16)"
        if self._low >= _MIDDLE - HALF and self._high < _MIDDLE + HALF:
            return "(samples - np.uint32(2**31 - 2**15)).astype(np.uint16)"
        return None

    def _warn(self, problem: str, samples: str) -> None:
        self._decided = True
        warnings.warn(
            f"{self._name}: {problem}; they are encoded unchanged (if they have the scale of 16 "
            f"bits: Audio({samples}, rate))",
            AudioWarning,
            stacklevel=2,
        )


def _is_below_two(block: npt.NDArray[Any]) -> bool:
    """Return whether all magnitudes are below 2, in one pass instead of two.

    The bit is set in each magnitude from 2 on, in infinity and in NaN.
    """
    return not np.bitwise_or.reduce(block.view(np.uint32), axis=None) & TWO

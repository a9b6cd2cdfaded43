"""Stored samples: converts the bytes of uncompressed files to arrays.

Samples of 16 bits give int16, which `stages.mono` scales. All others give float32 with full scale
1, rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.layout import Layout

__all__ = ["converter", "margin"]

Bytes = npt.NDArray[np.uint8]
Converter = Callable[[Bytes], npt.NDArray[Any]]


def margin(layout: Layout) -> int:
    """Return the number of any bytes that a converter needs before and after the samples."""
    return int(layout.width == 3)


def converter(layout: Layout, size: int) -> Converter:
    """Return a function that converts the bytes of up to `size` frames to a flat array.

    The array is a view of the bytes, or of memory that the next call overwrites.

    Parameters
    ----------
    layout : Layout
    size : int
    """
    if layout.kind in "AU":
        return _tabulated(_mulaw() if layout.kind == "U" else _alaw(), size * layout.channels)
    if layout.width == 1:
        return _tabulated(_bytes(layout.kind == "u"), size * layout.channels)
    stored = np.dtype(f"{layout.order}{layout.kind}{layout.width if layout.width != 3 else 4}")
    if layout.kind == "f":
        return _floats(stored)
    if layout.width == 2:
        return _shorts(stored, 16 - layout.bits)
    convert = _triples if layout.width == 3 else _words
    return convert(layout, stored, size * layout.channels)


def _floats(stored: np.dtype[Any]) -> Converter:
    def convert(data: Bytes) -> npt.NDArray[Any]:
        samples = data.view(stored)
        with np.errstate(over="ignore"):  # `mono` refuses infinity, with its position
            return _aligned(samples.astype(np.float32, copy=False))

    return convert


def _shorts(stored: np.dtype[Any], shift: int) -> Converter:
    def convert(data: Bytes) -> npt.NDArray[Any]:
        samples = _aligned(data.view(stored).astype(np.int16, copy=False))
        return samples << shift if shift else samples

    return convert


def _words(layout: Layout, stored: np.dtype[Any], size: int) -> Converter:
    scaled = np.empty(size, np.float32)
    scale = np.float32(2.0 ** (1 - layout.bits))

    def convert(data: Bytes) -> npt.NDArray[Any]:
        out = scaled[: len(data) // 4]
        np.multiply(data.view(stored), scale, out=out, dtype=np.float32, casting="unsafe")
        return out

    return convert


def _triples(layout: Layout, stored: np.dtype[Any], size: int) -> Converter:
    scaled, upper = np.empty(size, np.float32), np.empty(size, np.int32)
    scale = np.float32(2.0 ** (1 - layout.bits - 8))
    # A sample is read as the upper 3 of 4 bytes; the other byte is cleared. This takes a quarter of
    # the time of moving the bytes (measured).
    first = 0 if layout.order == "<" else 1

    def convert(data: Bytes) -> npt.NDArray[Any]:
        count = (len(data) - 2) // 3
        words: npt.NDArray[Any] = np.ndarray((count,), stored, data, first, (3,))
        integers = np.bitwise_and(words, np.int32(-256), out=upper[:count])
        out = scaled[:count]
        np.multiply(integers, scale, out=out, dtype=np.float32, casting="unsafe")
        return out

    return convert


def _tabulated(table: npt.NDArray[np.float32], size: int) -> Converter:
    out = np.empty(size, np.float32)

    def convert(data: Bytes) -> npt.NDArray[Any]:
        # With mode "raise", take would copy the result.
        return np.take(table, data, out=out[: len(data)], mode="wrap")

    return convert


def _aligned(samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return samples at an aligned address: numpy adds others in another order."""
    return samples if samples.flags.aligned else samples.copy()


def _bytes(unsigned: bool) -> npt.NDArray[np.float32]:
    codes = np.arange(256)
    values: npt.NDArray[Any] = codes - 128 if unsigned else codes.astype(np.int8)
    return (values / 128).astype(np.float32)


def _mulaw() -> npt.NDArray[np.float32]:
    """Return the value of each code of mu-law (G.711)."""
    codes = np.arange(256) ^ 0xFF
    sizes = (((codes & 15) << 3) + 132 << (codes >> 4 & 7)) - 132
    values: npt.NDArray[Any] = np.where(codes & 0x80, -sizes, sizes) / 32768
    return values.astype(np.float32)


def _alaw() -> npt.NDArray[np.float32]:
    """Return the value of each code of A-law (G.711)."""
    codes = np.arange(256) ^ 0x55
    exponents = codes >> 4 & 7
    sizes = ((codes & 15) << 4) + 8 + np.where(exponents, 256, 0) << np.maximum(exponents - 1, 0)
    values: npt.NDArray[Any] = np.where(codes & 0x80, sizes, -sizes) / 32768
    return values.astype(np.float32)

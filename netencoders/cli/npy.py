"""Writes the blocks of an array to a .npy file, with only one block in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy_format

__all__ = ["write_blocks"]


def write_blocks(
    file: BinaryIO, blocks: Iterable[npt.NDArray[Any]]
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Write the concatenation of `blocks` along the first axis as a .npy file.

    Parameters
    ----------
    file : binary file
        An empty seekable file.
    blocks : iterable of ndarray
        At least one block. All blocks have the same element type, and the same size along every
        axis except the first. An array without axes must be the only block.

    Returns
    -------
    dtype : numpy.dtype
    shape : tuple of int
        The element type and the shape of the written array.

    Raises
    ------
    ValueError
        There is no block, a block does not fit the first, or the elements are Python objects.

    Notes
    -----
    The header is written before the size of the first axis is known, and again in place at the
    end: numpy pads the header so that this size can grow to any 64-bit integer.
    """
    length, first = 0, None
    for block in blocks:
        if first is None:
            first = block
            if block.dtype.hasobject:
                raise ValueError(f"arrays of type {block.dtype} cannot be written to a .npy file")
            _write_header(file, block.dtype, block.shape)
        elif not block.ndim or (block.dtype, block.shape[1:]) != (first.dtype, first.shape[1:]):
            raise ValueError(
                f"a block is {block.dtype} {block.shape}, which does not fit the first one: "
                f"{first.dtype} {first.shape}"
            )
        # Not by memoryview: it refuses empty blocks, and types without a buffer, such as dates.
        file.write(np.ascontiguousarray(block).tobytes())
        length += block.shape[0] if block.ndim else 0
    if first is None:
        raise ValueError("there is no block to write")
    shape = (length, *first.shape[1:]) if first.ndim else ()
    start = file.tell()
    file.seek(0)
    _write_header(file, first.dtype, shape)
    file.seek(start)
    return first.dtype, shape


def _write_header(file: BinaryIO, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    header = {
        "descr": npy_format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": shape,
    }
    npy_format.write_array_header_1_0(file, header)

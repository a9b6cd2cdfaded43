"""The values of a shard of the format npy: all arrays in one .npy file, and where each begins.

``NAME.values.npy`` holds the frames of all rows, one after the other, and ``NAME.offsets.npy`` the
index of the first frame of each row, and the end of the last one. Row n is
``values[offsets[n] : offsets[n + 1]]``; a row that failed is empty. If the frames are not the first
dimension of an array, the values are single numbers in row-major order.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy_format

from netencoders_corpus.files import reported
from netencoders_corpus.layout import Layout

__all__ = ["ValueWriter", "write_numbers"]

BLOCK: Final = 1 << 22  # elements


class ValueWriter:
    """Writes the values and the offsets of a shard to temporary files.

    Parameters
    ----------
    values, offsets : Path
    layout : Layout
    """

    def __init__(self, values: Path, offsets: Path, layout: Layout) -> None:
        self._values, self._offsets, self._layout = values, offsets, layout
        self._ends = [0]
        self._width = int(np.prod(layout.frame_shape, dtype=np.int64))
        with reported(values):
            self._file = open(values, "xb")  # noqa: SIM115 - closed by `close` or `abandon`
            try:
                self._header()
            except BaseException:
                self.abandon()
                raise

    def add(self, numbers: npt.NDArray[Any] | None) -> None:
        """Add the array of a row; None for a row that failed."""
        count = 0
        if numbers is not None:
            with reported(self._values):
                write_numbers(self._file, numbers)
            count = numbers.size // self._width
        self._ends.append(self._ends[-1] + count)

    def close(self) -> None:
        """Complete the files."""
        with reported(self._values), self._file:
            self._file.seek(0)
            self._header()
        with reported(self._offsets), open(self._offsets, "xb") as file:
            np.save(file, np.array(self._ends, np.int64))

    def abandon(self) -> None:
        """Close the file; its buffer may be lost."""
        with suppress(OSError):  # the disk is full
            self._file.close()

    def _header(self) -> None:
        header = {
            "descr": npy_format.dtype_to_descr(np.dtype(self._layout.dtype)),
            "fortran_order": False,
            "shape": (self._ends[-1], *self._layout.frame_shape),
        }
        npy_format.write_array_header_1_0(self._file, header)


def write_numbers(file: Any, numbers: npt.NDArray[Any]) -> None:
    """Write numbers to a file, a block at a time."""
    for start in range(0, numbers.size, BLOCK):
        block: Any = np.ascontiguousarray(numbers[start : start + BLOCK])
        file.write(memoryview(block))

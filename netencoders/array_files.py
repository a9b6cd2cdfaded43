"""Arrays of numbers from the bytes of .npy files.

`numpy.load` allocates the memory that a header claims. Here, the header must fit the bytes.
"""

from __future__ import annotations

import math
import re
import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["read_npy"]

_MAX_HEADER: Final = 10_000  # bytes, as numpy's limit
_LENGTHS: Final = {b"\x01\x00": "<H", b"\x02\x00": "<I", b"\x03\x00": "<I"}  # by the version
_FIELD: Final = re.compile(r"'([a-z_]+)':('[^'\\]*'|True|False|\([0-9L,]*\))")
_HEADER: Final = re.compile(rf"\{{(?:{_FIELD.pattern},?){{3}}\}}")
_DTYPE: Final = re.compile("[<>|=](?:b1|[iu][1248]|f[248])")


def read_npy(content: bytes) -> npt.NDArray[Any]:
    """Return the array of a .npy file: bools, integers, or floats of at most 64 bits.

    Parameters
    ----------
    content : bytes
        The whole file. The array is a view of it, and read-only.

    Raises
    ------
    ValueError
        It is not a .npy file, its header does not fit its bytes, or it has other elements.

    Examples
    --------
    >>> read_npy(b"1 2 3")
    Traceback (most recent call last):
        ...
    ValueError: The file is not a .npy file: it begins with other bytes.
    """
    if not content.startswith(b"\x93NUMPY"):
        raise ValueError("The file is not a .npy file: it begins with other bytes.")
    if content[6:8] not in _LENGTHS:
        raise ValueError("The version of the .npy file is not 1, 2 or 3.")
    field = _LENGTHS[content[6:8]]
    start = 8 + struct.calcsize(field)
    end = start + (struct.unpack(field, content[8:start])[0] if len(content) >= start else 0)
    if end - start > _MAX_HEADER:
        raise ValueError(f"The header of the .npy file claims more than {_MAX_HEADER} bytes.")
    if len(content) < max(start, end):
        raise ValueError("The .npy file is truncated: it ends in its header.")
    dtype, shape, order = _form(content[start:end])
    count = math.prod(shape)
    needed, found = count * dtype.itemsize, len(content) - end
    if found < needed:
        raise ValueError(
            f"The .npy file is truncated: {count} numbers of type {dtype} have {needed} bytes, it "
            f"has {found}."
        )
    if found > needed:
        raise ValueError(f"The .npy file has {found - needed} bytes after its {count} numbers.")
    return np.frombuffer(content, dtype, count, end).reshape(shape, order=order)


def _form(header: bytes) -> tuple[np.dtype[Any], tuple[int, ...], Any]:
    """Return the type of the elements, the shape, and the order: C or F."""
    text = "".join(header.decode("latin-1").split()).replace('"', "'")
    fields = dict(_FIELD.findall(text)) if _HEADER.fullmatch(text) else {}
    if fields.keys() != {"descr", "fortran_order", "shape"}:
        raise ValueError("The header of the .npy file does not describe an array of numbers.")
    descr, sizes = fields["descr"].strip("'"), re.findall("[0-9]+", fields["shape"])
    if descr == "|O":
        raise ValueError("The .npy file holds Python objects. Save integers or floats.")
    if not _DTYPE.fullmatch(descr):
        raise ValueError(
            f"The .npy file holds elements of type {descr!r:.40}. Save integers, or floats of at "
            "most 64 bits."
        )
    if len(sizes) > 32 or any(len(size) > 12 for size in sizes):  # int() refuses huge texts
        raise ValueError("The header of the .npy file claims an array that is too large.")
    order = "F" if fields["fortran_order"] == "True" else "C"
    return np.dtype(descr), tuple(map(int, sizes)), order

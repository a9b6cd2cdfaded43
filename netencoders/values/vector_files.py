"""Files of vectors: .npy, .json and .yaml.

The header of a .npy file is checked against the bytes of the file before an array is made. It is
not read by `numpy.load`, which allocates the memory that a header claims.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from netencoders.assets import Asset, read_asset
from netencoders.errors import SpecError
from netencoders.values.base import RefusedError

__all__ = ["read_vector"]

_MAX_BYTES: Final = (
    2**20
)  # of a file: the limit of a spec; a .npy file of 16384 numbers has an eighth
_MAX_HEADER: Final = 10_000  # bytes, as numpy's limit
_LENGTHS: Final = {b"\x01\x00": "<H", b"\x02\x00": "<I", b"\x03\x00": "<I"}  # by the version
_FIELD: Final = re.compile(r"'([a-z_]+)':('[^'\\]*'|True|False|\([0-9L,]*\))")
_HEADER: Final = re.compile(rf"\{{(?:{_FIELD.pattern},?){{3}}\}}")
_DTYPE: Final = re.compile("[<>|=](?:[iu][1248]|f[248])")


def read_vector(asset: Asset, max_length: int) -> list[Any] | npt.NDArray[Any]:
    """Return the numbers of a file as a list or an array; their values are not checked.

    Raises
    ------
    RefusedError
        The file cannot be read, or does not contain a vector.
    """
    reader = _READERS.get(asset.suffix)
    if reader is None:
        raise RefusedError(f"The name of the file must end in {', '.join(_READERS)}.")
    content = read_asset(asset, _MAX_BYTES)
    if not content:
        raise RefusedError("The file is empty.")
    return reader(content, max_length)


def _npy(content: bytes, max_length: int) -> npt.NDArray[Any]:
    if not content.startswith(b"\x93NUMPY"):
        raise RefusedError("The file is not a .npy file: it begins with other bytes.")
    if content[6:8] not in _LENGTHS:
        raise RefusedError("The version of the .npy file is not 1, 2 or 3.")
    field = _LENGTHS[content[6:8]]
    start = 8 + struct.calcsize(field)
    end = start + (struct.unpack(field, content[8:start])[0] if len(content) >= start else 0)
    if end - start > _MAX_HEADER:
        raise RefusedError(f"The header of the .npy file claims more than {_MAX_HEADER} bytes.")
    if len(content) < max(start, end):
        raise RefusedError("The .npy file is truncated: it ends in its header.")
    dtype, count = _form(content[start:end])
    if count > max_length:
        raise RefusedError(f"The header of the .npy file claims {count} numbers.")
    needed, found = count * dtype.itemsize, len(content) - end
    if found < needed:
        raise RefusedError(
            f"The .npy file is truncated: {count} numbers of type {dtype} have {needed} bytes, it "
            f"has {found}."
        )
    if found > needed:
        raise RefusedError(f"The .npy file has {found - needed} bytes after its {count} numbers.")
    return np.frombuffer(content, dtype, count, end)


def _form(header: bytes) -> tuple[np.dtype[Any], int]:
    """Return the type and the number of the elements."""
    text = "".join(header.decode("latin-1").split()).replace('"', "'")
    fields = dict(_FIELD.findall(text)) if _HEADER.fullmatch(text) else {}
    if fields.keys() != {"descr", "fortran_order", "shape"}:
        raise RefusedError("The header of the .npy file does not describe an array of numbers.")
    descr, sizes = fields["descr"].strip("'"), re.findall("[0-9]+", fields["shape"])
    if descr == "|O":
        raise RefusedError("The .npy file holds Python objects. Save integers or floats.")
    if not _DTYPE.fullmatch(descr):
        raise RefusedError(
            f"The .npy file holds elements of type {descr!r:.40}. Save integers, or floats of at "
            "most 64 bits."
        )
    if len(sizes) != 1:
        shape = f"({', '.join(sizes)})"
        raise RefusedError(
            f"The array in the file has the shape {shape:.80}, a vector has one dimension."
        )
    if len(sizes[0]) > 18:  # int() refuses thousands of digits
        raise RefusedError(f"The header of the .npy file claims 10**{len(sizes[0]) - 1} numbers.")
    return np.dtype(descr), int(sizes[0])


def _json(content: bytes, max_length: int) -> list[Any]:
    try:
        value = json.loads(_text(content), parse_constant=_not_finite)
    except RecursionError:
        raise RefusedError("The file is not a list of numbers: it is nested too deeply.") from None
    except ValueError as error:  # also an integer of thousands of digits
        raise RefusedError(f"The file is not JSON: {error}.") from None
    return _list(value)


def _yaml(content: bytes, max_length: int) -> list[Any]:
    # Imported late: it imports PyYAML.
    from netencoders.yaml_specs.strict_yaml import load

    try:
        value, _ = load(content)
    except SpecError as error:
        raise RefusedError(f"The file is not a YAML list of numbers: {error}") from None
    return _list(value)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise RefusedError("The file is not UTF-8: save it as UTF-8.") from None


def _not_finite(name: str) -> NoReturn:
    raise RefusedError(f"The file contains {name}, which is not a finite number.")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        kind = "a mapping" if isinstance(value, dict) else "a single value"
        raise RefusedError(f"The file contains {kind}, not a list of numbers.")
    return value


_READERS: Final[Mapping[str, Callable[[bytes, int], list[Any] | npt.NDArray[Any]]]] = (
    MappingProxyType({".npy": _npy, ".json": _json, ".yaml": _yaml, ".yml": _yaml})
)

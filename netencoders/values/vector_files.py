"""Files of vectors: .npy, .json and .yaml.

A file may contain anything: `Vector` checks the numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn

import numpy.typing as npt

from netencoders.array_files import read_npy
from netencoders.assets import Asset, read_asset
from netencoders.errors import SpecError
from netencoders.values.base import RefusedError

__all__ = ["read_vector"]

_MAX_BYTES: Final = 2**20  # the limit of a spec; a .npy file of 16384 numbers has an eighth of it


def read_vector(asset: Asset) -> list[Any] | npt.NDArray[Any]:
    """Return the numbers of a file as a list or an array; their values are not checked.

    Raises
    ------
    RefusedError
        The file cannot be read, or does not contain a vector.
    """
    reader = _READERS.get(asset.suffix)
    if reader is None:
        raise RefusedError("The name of the file must end in .npy, .json, .yaml or .yml.")
    content = read_asset(asset, _MAX_BYTES)
    if not content:
        raise RefusedError("The file is empty.")
    return reader(content)


def _npy(content: bytes) -> npt.NDArray[Any]:
    try:
        array = read_npy(content)
    except ValueError as problem:
        raise RefusedError(str(problem)) from None
    if array.ndim > 1:
        raise RefusedError(
            f"The array has the shape {array.shape}, a vector has one dimension. Save each row in "
            "a file of its own."
        )
    return array


def _json(content: bytes) -> list[Any]:
    try:
        value = json.loads(_text(content), parse_constant=_not_finite)
    except RecursionError:
        raise RefusedError("The file is not a list of numbers: it is nested too deeply.") from None
    except ValueError as error:  # also an integer of thousands of digits
        raise RefusedError(f"The file is not JSON: {error}.") from None
    return _list(value)


def _yaml(content: bytes) -> list[Any]:
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


_READERS: Final[Mapping[str, Callable[[bytes], list[Any] | npt.NDArray[Any]]]] = MappingProxyType(
    {".npy": _npy, ".json": _json, ".yaml": _yaml, ".yml": _yaml}
)

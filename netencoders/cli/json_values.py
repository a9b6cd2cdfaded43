"""Results as JSON: arrays are nested lists of numbers with the fewest digits of their type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["json_line"]

_BLOCK: Final = 2**16  # elements: a text of an element takes 128 bytes of memory


def json_line(source: str, output: Any) -> str:
    """Return the line of JSON for an input: its name, and its result.

    Parameters
    ----------
    source : str
    output : object
        An array, the value of a decoder, or a mapping of either by name.

    Raises
    ------
    ValueError
        A number is not finite, or the result has something else than numbers, texts, None, and
        lists and mappings of these.

    Examples
    --------
    >>> json_line("a.wav", np.float32([0.1, 2]))
    '{"input": "a.wav", "output": [0.1, 2.0]}'
    >>> json_line("a.wav", {"cat": np.float32(0.1), "dog": [("yes", None)]})
    '{"input": "a.wav", "output": {"cat": 0.1, "dog": [["yes", null]]}}'
    """
    try:
        plain = _plain(output)
    except RecursionError:
        raise ValueError("the result is nested too deeply for JSON") from None
    return json.dumps({"input": source, "output": plain}, allow_nan=False)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int) and not isinstance(value, np.generic):
        return int(value)
    if isinstance(value, Mapping):
        return _named(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    array = np.asarray(value)
    if array.dtype.kind in "fc" and not np.isfinite(array).all():
        raise ValueError("the result has infinity or NaN, which JSON cannot hold")
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag], -1)
    if array.dtype.kind == "f":
        return _shortest(array).tolist()
    if array.dtype.kind not in "biuU":
        raise ValueError(f"the result has the type {array.dtype}, which JSON cannot hold")
    return array.tolist()


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a mapping whose names are texts, also if they are integers, as labels may be."""
    named = {}
    for name, value in values.items():
        if isinstance(name, bool) or not isinstance(name, str | int | np.integer):
            text = f"the result has the name {name!r:.80}, which JSON cannot hold"
            raise ValueError(text)  # noqa: TRY004 - the error of this module
        if str(name) in named:
            raise ValueError(f"the result has two names {str(name)!r:.80} in JSON")
        named[str(name)] = _plain(value)
    return named


def _shortest(array: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the float64 numbers whose shortest texts are those of an array of its type.

    The float32 next to 0.1 is 0.10000000149011612; its shortest text is 0.1.
    """
    if array.dtype.itemsize >= 8:
        return array.astype(np.float64)
    flat = array.ravel()
    result = np.empty(flat.size)
    for start in range(0, flat.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        result[block] = flat[block].astype("U32").astype(np.float64)
    return result.reshape(array.shape)

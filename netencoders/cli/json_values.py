"""Arrays as JSON: nested lists of numbers with the fewest digits that their type needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["json_line"]

_BLOCK: Final = 2**16  # elements: a text of an element takes 128 bytes of memory


def json_line(source: str, outputs: Any) -> str:
    """Return the line of JSON for an input: its name, and its array or arrays by name.

    Raises
    ------
    ValueError
        An element is not finite, or not a number, a text or a bool.

    Examples
    --------
    >>> json_line("a.wav", np.float32([0.1, 2]))
    '{"input": "a.wav", "output": [0.1, 2.0]}'
    """
    named = isinstance(outputs, Mapping)
    output = {name: _plain(value) for name, value in outputs.items()} if named else _plain(outputs)
    return json.dumps({"input": source, "output": output}, allow_nan=False)


def _plain(value: Any) -> Any:
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

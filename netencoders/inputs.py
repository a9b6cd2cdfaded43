"""Inputs: the kinds of values that an encoder takes.

The kinds decide three things: whether a list is one input or a batch, whether an array of the form
of the output is an input or is encoded already, and how the command passes a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Final

import numpy as np

__all__ = ["KINDS", "has_kind", "inputs_problem", "kinds_text"]

KINDS: Final[Mapping[str, str]] = {
    "path": "the path of a file",
    "bytes": "bytes",
    "text": "a text",
    "audio": "audio",
    "array": "an array or a list of numbers",
    "mapping": "a mapping",
    "object": "an object",
}
"""The kinds of inputs, with a phrase for messages."""


def has_kind(value: Any, kinds: tuple[str, ...]) -> bool:
    """Return whether a value is of one of the kinds; see `netencoders.Encoder.accepts`.

    Examples
    --------
    >>> has_kind("a.wav", ("path",)), has_kind([1, 2], ("array",)), has_kind([1, 2], ("object",))
    (True, True, False)
    """
    return _kind(value, kinds) in kinds


def _kind(value: Any, kinds: tuple[str, ...]) -> str:
    """Return the kind of a value, or an empty text for a list that is a batch."""
    if isinstance(value, str):
        return "text" if "text" in kinds else "path"
    if isinstance(value, PathLike):
        return "path"
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes"
    if isinstance(value, np.ndarray):
        return "array"
    if isinstance(value, list):
        return "array" if value and all(_is_number(item) for item in value) else ""
    if isinstance(value, Mapping):
        return "mapping"
    if "audio" in kinds and _has(value, "samples") and _has(value, "rate"):
        return "audio"
    return "object"


def _has(value: object, name: str) -> bool:
    """Return whether a value has an attribute; do not read a property, which may read a file."""
    return hasattr(type(value), name) or hasattr(value, name)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | complex | np.number | np.bool_)


def inputs_problem(kinds: object) -> str:
    """Return the reason why `kinds` is not a declaration of inputs, or an empty text."""
    if isinstance(kinds, tuple) and all(isinstance(kind, str) and kind in KINDS for kind in kinds):
        return ""
    return f"'inputs' must be a tuple of some of {', '.join(map(repr, KINDS))}. Got {kinds!r:.80}."


def kinds_text(kinds: tuple[str, ...]) -> str:
    """Return the kinds as a phrase that follows 'takes' in messages."""
    *rest, last = [KINDS[kind] for kind in KINDS if kind in kinds]
    return f"{', '.join(rest)} or {last}" if rest else last

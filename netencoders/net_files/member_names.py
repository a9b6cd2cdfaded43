"""The names of the files in the file of a net: relative paths, without ways out of a folder."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

__all__ = ["DOCUMENT", "member_name", "name_problem"]

DOCUMENT: Final = "net.yaml"

_MODELS: Final = "models"
_PARAMETERS: Final = "parameters"
_LONGEST: Final = 250  # bytes: a limit of file systems is 255
_UNSAFE: Final = re.compile("[^A-Za-z0-9_.-]+")


def name_problem(name: str) -> str:
    r"""Return the reason why a text is not the name of a file in a net file, or an empty text.

    Examples
    --------
    >>> name_problem("models/asr/model.onnx"), name_problem("../model.onnx")
    ('', "leads out of the folder by '..'")
    """
    if not name or name.endswith("/"):
        return "is a folder"
    if not name.isprintable():
        return "has a character that is not printable"
    if "\\" in name:
        return "has a backslash instead of '/'"
    if name.startswith("/") or name[1:2] == ":":
        return "is an absolute path"
    parts = name.split("/")
    if ".." in parts:
        return "leads out of the folder by '..'"
    if "" in parts or "." in parts:
        return "has an empty part"
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST:
        return f"has more than {_LONGEST} bytes"
    return ""


def member_name(layer: str, file: str, taken: Collection[str]) -> str:
    """Return a free name for a file of the model of a layer; without a layer, of a parameter.

    Examples
    --------
    >>> member_name("speech to text", "model.onnx", ())
    'models/speech_to_text/model.onnx'
    >>> member_name("", "Labels-0123.json", ())
    'parameters/Labels-0123.json'
    """
    folder = _UNSAFE.sub("_", layer).strip(".")[:80] or "_"
    folder = f"{_MODELS}/{folder}" if layer else _PARAMETERS
    number, free = 2, f"{folder}/{file}"
    while free in taken:
        number, free = number + 1, f"{folder}_{number}/{file}"
    return free

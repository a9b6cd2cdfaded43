"""Files of labels: one a line, or a list or a mapping in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from netencoders.assets import Asset, read_asset
from netencoders.values.base import RefusedError

__all__ = ["labels_text", "read_labels"]

MAX_BYTES: Final = 2**26
"""The largest file: 64 MiB."""


def read_labels(asset: Asset) -> list[Any]:
    """Return the labels of a file; the labels themselves are not checked.

    A text file may end with a line break, and may begin with a byte order mark. An empty line is an
    empty label.

    Raises
    ------
    RefusedError
        The file cannot be read, or does not hold labels.
    """
    if asset.suffix not in (".txt", ".json"):
        raise RefusedError("The name of the file must end in .txt or .json.")
    content = read_asset(asset, MAX_BYTES)
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        raise RefusedError(
            f"The byte at position {problem.start} is not UTF-8: save the file as UTF-8."
        ) from None
    return _from_json(text) if asset.suffix == ".json" else _lines(text)


def _lines(text: str) -> list[Any]:
    """Return the lines: only a line feed, with or without a carriage return, ends one."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _from_json(text: str) -> list[Any]:
    try:
        found = json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as problem:
        raise RefusedError(f"The file is not JSON: {problem}.") from None
    if isinstance(found, list):
        return found
    if not isinstance(found, _Pairs):
        raise RefusedError("The file must hold a list, or a mapping of labels to positions.")
    places = list(found.values())
    if any(type(place) is not int for place in places) or sorted(places) != list(range(len(found))):
        raise RefusedError(
            f"The positions of the {len(found)} labels must be the integers from 0 to "
            f"{len(found) - 1}, each once."
        )
    return sorted(found, key=found.__getitem__)


class _Pairs(dict[str, Any]):
    """An object of JSON whose names are different."""


def _pairs(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = _Pairs()
    for label, place in pairs:
        if label in found:
            raise RefusedError(f"The label {label!r:.80} is there twice.")
        found[label] = place
    return found


def labels_text(labels: tuple[str | int, ...]) -> bytes:
    """Return the content of a .json file of labels, one a line."""
    lines = ",\n".join(json.dumps(label, ensure_ascii=False) for label in labels)
    return f"[\n{lines}\n]\n".encode()

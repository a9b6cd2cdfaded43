"""The values that a spec may give to a parameter: scalars, lists and assets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from netencoders.assets import asset_problem
from netencoders.parameters import short
from netencoders.yaml_specs.scalars import MAX_DEPTH

__all__ = ["got", "value_problem"]


def value_problem(value: Any, *, confined: bool = True) -> str:
    """Return the reason why no parameter can have `value`, or an empty text.

    An asset must be in the folder of the spec if it is `confined`.
    """
    level = [value]
    depth = MAX_DEPTH - 2  # below the document and 'parameters'
    for _ in range(depth + 1):
        mappings = [item for item in level if isinstance(item, Mapping)]
        problems = filter(None, (asset_problem(item, confined=confined) for item in mappings))
        if problem := next(problems, ""):
            return problem
        parts: list[Iterable[Any]] = [item.values() for item in mappings]
        parts += [item for item in level if isinstance(item, list | tuple)]
        if not parts:
            return ""
        level = [item for items in parts for item in items]
    return f"is nested more than {depth} levels deep"


def got(value: Any) -> str:
    """Return a short description of a value, in the terms of YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return "a mapping" if isinstance(value, Mapping) else short(value)

"""The named outputs in the result of a module: a tensor, a tuple, a mapping or a dataclass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

from netencoders import PortError

__all__ = ["named_results"]


def named_results(result: Any, names: Sequence[str | None] | None, tensor: type) -> dict[str, Any]:
    """Return the tensor of each output; without `names`, of the only one, ``Output``.

    Raises
    ------
    PortError
        The result does not have the outputs, or one of them is no tensor.
    """
    found = _by_name(result, names, tensor)
    for name, value in found.items():
        if not isinstance(value, tensor):
            raise PortError(
                f"the output {name!r} of the module is a {type(value).__name__}, not a tensor. "
                "Declare the outputs that are tensors by outputs=[...]."
            )
    return found


def _by_name(result: Any, names: Sequence[str | None] | None, tensor: type) -> dict[str, Any]:
    chosen = ["Output"] if names is None else [name for name in names if name is not None]
    if isinstance(result, tensor):
        if len(chosen) > 1:
            raise PortError(f"the module gives one tensor, not the outputs {', '.join(chosen)}.")
        return {chosen[0]: result}
    own = _own_names(result)
    if names is None:
        example = [name for name in own if name.isidentifier()] or ["first", "second"]
        raise PortError(
            f"the module gives a {type(result).__name__} of {len(own)} outputs, not one tensor. "
            f"Give names to its outputs: TorchNet(module, outputs={example})."
        )
    if isinstance(result, tuple | list) and not set(chosen) <= {*own}:
        if len(result) != len(names):
            raise PortError(
                f"the module gives {len(result)} outputs, but {len(names)} are declared: "
                f"{', '.join(map(str, names))}."
            )
        pairs = zip(names, result, strict=True)
        return {name: value for name, value in pairs if name is not None}
    missing = [name for name in chosen if name not in own]
    if missing:
        raise PortError(
            f"the result of the module, a {type(result).__name__}, has no output {missing[0]!r}. "
            f"It has: {', '.join(own) or 'none'}."
        )
    get = result.__getitem__ if isinstance(result, Mapping) else partial(getattr, result)
    return {name: get(name) for name in chosen}


def _own_names(result: Any) -> list[str]:
    """Return the names in a result; numbers for a tuple without names."""
    if isinstance(result, Mapping):
        return [str(name) for name in result]
    if is_dataclass(result):
        return [field.name for field in fields(result)]
    if isinstance(result, tuple | list):
        return [*getattr(result, "_fields", map(str, range(len(result))))]
    return []

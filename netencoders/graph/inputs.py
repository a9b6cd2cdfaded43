"""The inputs of a net graph: one value or a batch, for one input port or for several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from netencoders.errors import PortError, nearest
from netencoders.parameters import short

__all__ = ["by_port", "complete"]


def by_port(
    ports: Sequence[str],
    value: Any,
    is_batch: Callable[[str, Any], bool] = lambda port, value: isinstance(value, list),
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return a dict from port to input or, for a batch, a list of such dicts.

    `is_batch` returns whether a value for a port is a batch. By default every list is one.

    Raises
    ------
    PortError
        Inputs are missing, unknown or of unequal number.
    """
    if len(ports) == 1 and not (isinstance(value, Mapping) and list(value) == [*ports]):
        (port,) = ports
        if not is_batch(port, value):
            return {port: value}
        return [complete(ports, item) for item in value]
    if isinstance(value, list):
        return [complete(ports, item, f"element {i}: ") for i, item in enumerate(value)]
    values = complete(ports, value)
    lengths = {port: len(item) for port, item in values.items() if is_batch(port, item)}
    if not lengths:
        return values
    if len(lengths) < len(ports) or len(set(lengths.values())) > 1:
        got = ", ".join(f"{port}: {lengths.get(port, 'not a list')}" for port in ports)
        raise PortError(f"a batch needs lists of equal length for all ports. Got {got}.")
    return [dict(zip(ports, items, strict=True)) for items in zip(*values.values(), strict=True)]


def complete(ports: Sequence[str], value: Any, prefix: str = "") -> dict[str, Any]:
    """Return a value for each port, in the order of `ports`."""
    listed = ", ".join(ports)
    if len(ports) == 1 and not (isinstance(value, Mapping) and list(value) == [*ports]):
        return {ports[0]: value}
    if not isinstance(value, Mapping):
        raise PortError(
            f"{prefix}a net with several input ports takes a dict with a value for each: {listed}. "
            f"Got {short(value)}."
        )
    problems = [f"no value for the input port {port!r}." for port in ports if port not in value]
    problems += [
        f"unknown input port {key!r}.{nearest(str(key), ports)}"
        for key in value
        if key not in ports
    ]
    if problems:
        raise PortError(f"{prefix}{' '.join(problems)} The input ports are: {listed}.")
    return {port: value[port] for port in ports}

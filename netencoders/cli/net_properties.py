"""The option ``--property`` of `run`: the properties that the decoders of a net give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from netencoders import yaml_specs
from netencoders.cli.console import UsageError
from netencoders.errors import ParameterError, SpecError
from netencoders.graph import NetGraph

__all__ = ["read_properties"]

_RAW: Final = "none"


def read_properties(net: NetGraph, ports: Sequence[str], given: Sequence[str]) -> dict[str, Any]:
    """Return the property of each output port with a decoder, as `NetGraph.map` takes them.

    Parameters
    ----------
    net : NetGraph
    ports : sequence of str
        The output ports that are wanted. The others give arrays, which nobody decodes.
    given : sequence of str
        The values of the option: ``NAME``, ``NAME=VALUE`` or ``none``, also after ``PORT:``. A
        later one replaces an earlier one.

    Raises
    ------
    UsageError
        A port has no decoder, or a decoder has no such property or option.
    """
    asked: dict[str, Any] = dict.fromkeys(net.decoders.keys() - {*ports})
    for text in given:
        port, colon, name = text.partition(":")
        if not (colon and port in net.outputs):
            port, name = "", text
        wanted = _property(text, name)
        chosen = [port] if port else [each for each in ports if each in net.decoders]
        if wanted is not None and (not chosen or chosen[0] not in net.decoders):
            place = f"the output port {port!r}" if port else "no output port of the net"
            has = "has no decoder" if port else "has a decoder"
            raise UsageError(f"--property {text}: {place} {has}")
        if port and port not in ports:
            raise UsageError(f"--property {text}: --port chooses another output port")
        asked |= {each: wanted for each in chosen if each in net.decoders}
    for port, wanted in asked.items():
        if wanted is not None:
            try:
                net.decoders[port]._decoding(wanted)
            except ParameterError as wrong:
                raise UsageError(f"--property: {wrong}") from wrong
    return asked


def _property(text: str, name: str) -> str | tuple[Any, ...] | None:
    """Return a property, with the value of its first option if there is one."""
    if name == _RAW:
        return None
    name, equals, value = name.partition("=")
    if not equals:
        return name
    try:
        return name, yaml_specs.scalar(value)
    except SpecError as wrong:
        raise UsageError(f"--property {text}: {wrong.message}") from wrong

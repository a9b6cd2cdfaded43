"""The attachments of the input ports of a net: encoders, and forms of arrays."""

from __future__ import annotations

from collections.abc import Mapping

from netencoders.arrays import ArraySpec
from netencoders.encoder import NetEncoder
from netencoders.errors import PortError, nearest
from netencoders.graph.wiring import Wiring
from netencoders.parameters import short

__all__ = ["Attachment", "attachments", "form_of"]

Attachment = NetEncoder | ArraySpec


def attachments(
    ports: Mapping[str, NetEncoder | str | ArraySpec | None], wiring: Wiring
) -> dict[str, Attachment]:
    """Return the encoder or the form of each port that has one.

    Raises
    ------
    PortError
        A port is unknown, or its attachment is invalid.
    """
    attached: dict[str, Attachment] = {}
    for port, value in ports.items():
        if port in wiring.outputs:
            raise PortError(
                f"{port!r} is an output port: only input ports take an encoder or a form."
            )
        if port not in wiring.inputs:
            hint = nearest(port, wiring.inputs) or f" It has: {', '.join(wiring.inputs)}."
            raise PortError(f"the net has no input port {port!r}.{hint}")
        if isinstance(value, NetEncoder | ArraySpec):
            attached[port] = value
        elif isinstance(value, str):
            attached[port] = value = NetEncoder(value)
        elif value is not None:
            raise PortError(
                f"input port {port!r} takes a NetEncoder, its name, an ArraySpec or None. "
                f"Got {short(value)}."
            )
        if isinstance(value, NetEncoder) and value.has_names:
            raise PortError(
                f"input port {port!r} takes one array, and {value.name} gives several: "
                f"{', '.join(value.outputs)}."
            )
    return attached


def form_of(attached: Attachment) -> ArraySpec:
    """Return the form of the arrays at a port."""
    return attached.output if isinstance(attached, NetEncoder) else attached

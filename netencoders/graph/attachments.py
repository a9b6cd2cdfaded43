"""The attachments of the ports of a net: encoders and forms of inputs, decoders of outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import registry
from netencoders.arrays import ArraySpec
from netencoders.decoder import NetDecoder
from netencoders.encoder import NetEncoder
from netencoders.errors import PortError, nearest
from netencoders.graph.wiring import Wiring
from netencoders.parameters import short

__all__ = ["Attached", "Attachment", "attachments", "form_of"]

Attachment = NetEncoder | NetDecoder | ArraySpec
"""A value at a port: a NetDecoder at an output port, the others at an input port."""

Attached = Attachment | str | None
"""The argument of a port: the name of an encoder or a decoder stands for it."""


def attachments(ports: Mapping[str, Attached], wiring: Wiring) -> dict[str, Attachment]:
    """Return the encoder, the form or the decoder of each port that has one.

    Raises
    ------
    PortError
        A port is unknown, or its attachment is invalid.
    """
    attached: dict[str, Attachment] = {}
    for port, value in ports.items():
        if port not in wiring.inputs and port not in wiring.outputs:
            known = (*wiring.inputs, *wiring.outputs)
            hint = nearest(port, known) or f" It has: {', '.join(known)}."
            raise PortError(f"the net has no port {port!r}.{hint}")
        made = _decoder(port, value) if port in wiring.outputs else _input(port, value)
        if made is not None:
            attached[port] = made
    return attached


def form_of(attached: Attachment) -> ArraySpec:
    """Return the form of the arrays at a port."""
    if isinstance(attached, ArraySpec):
        return attached
    return attached.output if isinstance(attached, NetEncoder) else attached.input


def _input(port: str, value: Any) -> NetEncoder | ArraySpec | None:
    """Return the attachment of an input port."""
    value = NetEncoder(value) if isinstance(value, str) else value
    if not isinstance(value, NetEncoder | ArraySpec | None):
        hint = " A decoder belongs to an output port." if isinstance(value, NetDecoder) else ""
        raise PortError(
            f"input port {port!r} takes a NetEncoder, its name, an ArraySpec or None. "
            f"Got {short(value)}.{hint}"
        )
    if isinstance(value, NetEncoder) and value.has_names:
        raise PortError(
            f"input port {port!r} takes one array, and {value.name} gives several: "
            f"{', '.join(value.outputs)}."
        )
    return value


def _decoder(port: str, value: Any) -> NetDecoder | None:
    """Return the attachment of an output port."""
    if isinstance(value, str):
        declared = registry.find_decoder(value).parameters
        required = [parameter.name for parameter in declared if parameter.is_required]
        if required:
            given = ", ".join(f"{name}=..." for name in required)
            raise PortError(
                f"output port {port!r}: the decoder {value} needs parameters: "
                f"{port}=NetDecoder({value!r}, {given})."
            )
        return NetDecoder(value)
    if not isinstance(value, NetDecoder | None):
        hint = " An encoder belongs to an input port." if isinstance(value, NetEncoder) else ""
        raise PortError(
            f"output port {port!r} takes a NetDecoder, the name of one without required "
            f"parameters, or None. Got {short(value)}.{hint}"
        )
    return value

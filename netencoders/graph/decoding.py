"""The decoders at the output ports of a net, which turn its arrays into values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netencoders.decoder import NetDecoder
from netencoders.decoder_inputs import arriving
from netencoders.errors import DecodeError, ParameterError, PortError, nearest
from netencoders.graph.remedies import misfit, named_form, remedy
from netencoders.graph.shapes import Shapes
from netencoders.graph.wiring import Wiring
from netencoders.parameters import short

__all__ = ["RAW", "Decoding", "check_decoders", "decoded", "decoding"]

Decoding = Mapping[str, Callable[[Any], Any]]
"""For each output port that is decoded, the function that decodes one array."""

RAW: Decoding = {}
"""The arrays as they are."""


def check_decoders(decoders: Mapping[str, NetDecoder], wiring: Wiring, shapes: Shapes) -> None:
    """Check that each decoder can take the arrays of its port, if their form is known.

    Raises
    ------
    PortError
        It cannot.
    """
    for port, decoder in decoders.items():
        form, want = shapes[port], decoder.input
        problem = None if form is None else misfit(arriving(form, want), want)
        if form is None or problem is None:
            continue
        raise PortError(
            f"output port {port!r}: the decoder {decoder.name} cannot take the output of "
            f"{wiring.outputs[port]!r}: {problem}. {wiring.outputs[port]!r} gives "
            f"{named_form(form)}, and {decoder.name} takes {named_form(want)}."
            f"{remedy(arriving(form, want), want)}"
        )


def decoding(
    decoders: Mapping[str, NetDecoder], ports: Mapping[str, object], asked: Mapping[str, Any]
) -> Decoding:
    """Return the functions that decode the output ports, by the properties that are asked for.

    Parameters
    ----------
    decoders : mapping of str to NetDecoder
    ports : mapping
        The output ports.
    asked : mapping of str to object
        A property by port, with options in a tuple; None for the array itself. By default each
        decoder gives its first property.

    Raises
    ------
    PortError
        A port is unknown, or has no decoder.
    ParameterError
        A property or an option is unknown or invalid.
    """
    if not isinstance(asked, Mapping):
        raise PortError(
            "outputs must be a mapping of an output port to a property, or to None for the array. "
            f"Got {short(asked)}."
        )
    for port, wanted in asked.items():
        if port not in ports:
            hint = nearest(str(port), ports) or f" It has: {', '.join(ports)}."
            raise PortError(f"the net has no output port {short(port)}.{hint}")
        if port not in decoders and wanted is not None:
            raise PortError(
                f"output port {port!r} has no decoder, so it has no property {short(wanted)}: "
                f"replace({port}=NetDecoder(...)) attaches one."
            )
    return {
        port: _asked(port, decoder, asked.get(port))
        for port, decoder in decoders.items()
        if not (port in asked and asked[port] is None)
    }


def decoded(outputs: Mapping[str, Any], functions: Decoding) -> dict[str, Any]:
    """Return the values of the output ports: decoded, or as they are.

    Raises
    ------
    DecodeError
        An array cannot be decoded; a note names the port.
    """
    return {
        port: _value(port, functions[port], value) if port in functions else value
        for port, value in outputs.items()
    }


def _asked(port: str, decoder: NetDecoder, wanted: Any) -> Callable[[Any], Any]:
    try:
        return decoder._decoding(wanted)
    except ParameterError as problem:
        problem.add_note(f"at the output port {port!r} of the net")
        raise


def _value(port: str, decode: Callable[[Any], Any], value: Any) -> Any:
    try:
        return decode(value)
    except DecodeError as problem:
        problem.add_note(f"at the output port {port!r} of the net")
        raise

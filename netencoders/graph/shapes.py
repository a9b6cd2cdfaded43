"""The static shapes in a net graph: the forms of its arrays, inferred before any call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from netencoders.arrays import ArraySpec
from netencoders.display import shape_text
from netencoders.errors import PortError
from netencoders.graph.layers import Layer
from netencoders.graph.wiring import Wiring
from netencoders.sentinels import Varying

__all__ = ["Shapes", "infer_shapes"]

Shapes = Mapping[str, ArraySpec | None]


def infer_shapes(
    layers: Mapping[str, Layer], wiring: Wiring, given: Mapping[str, ArraySpec]
) -> Shapes:
    """Return the form of every value and port, None where it is unknown.

    An input port has the given form, or else the form that its layers declare. The output of a
    layer has the form that the layer declares or infers.

    Raises
    ------
    PortError
        A value cannot have the form that a layer declares for it.
    """
    shapes: dict[str, ArraySpec | None] = {
        port: given[port] if port in given else _declared(port, layers, wiring)
        for port in wiring.inputs
    }
    for name in wiring.order:
        layer = layers[name]
        arriving = {}
        for port, source in wiring.sources[name].items():
            problem = f"input {port!r} of layer {name!r} cannot take the output of {source!r}"
            form = shapes[source]
            form = None if form is None else layer.arriving(port, form)
            arriving[port] = _common(form, layer.declared.get(port), problem)
        inferred = layer.infer(arriving)
        for output, value in wiring.values[name].items():
            shapes[value] = inferred[output]
    return shapes | {port: shapes[source] for port, source in wiring.outputs.items()}


def _declared(port: str, layers: Mapping[str, Layer], wiring: Wiring) -> ArraySpec | None:
    """Return the form that all layers after an input port declare for it."""
    agreed: ArraySpec | None = None
    for name, sources in wiring.sources.items():
        for argument, source in sources.items():
            if source == port:
                problem = f"the layers after the input port {port!r} declare different forms"
                agreed = _common(agreed, layers[name].declared.get(argument), problem)
    return agreed


def _common(one: ArraySpec | None, other: ArraySpec | None, problem: str) -> ArraySpec | None:
    """Return the form that fits both, with the axes of `one`; `problem` begins the message."""
    if one is None or other is None:
        return one or other
    misfit = one.misfit(other)
    if misfit:
        raise PortError(f"{problem}: {misfit} ({shape_text(one)}, {shape_text(other)}).")
    pairs = zip(one.dims, other.dims, strict=True)
    dims = tuple(theirs if mine is Varying else mine for mine, theirs in pairs)
    return replace(one, dims=dims, minimum=max(one.minimum, other.minimum))

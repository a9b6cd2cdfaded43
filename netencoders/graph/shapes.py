"""The static shapes in a net graph: what can be known of its arrays before there are any."""

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
    """Return the form of every port's and layer's value, None where it is unknown.

    An input port has the form that is given for it, or else the one that the layers it feeds
    declare. A layer's output has the form that the layer declares or infers.

    Raises
    ------
    PortError
        A value cannot have the form that a layer declares for it.
    """
    shapes: dict[str, ArraySpec | None] = {
        port: given[port] if port in given else _demanded(port, layers, wiring)
        for port in wiring.inputs
    }
    for name in wiring.order:
        layer = layers[name]
        arriving = {}
        for port, source in wiring.sources[name].items():
            what = f"input {port!r} of layer {name!r} cannot take what {source!r} gives"
            arriving[port] = _meet(shapes[source], layer.declared.get(port), what)
        shapes[name] = layer.infer(arriving)
    return shapes | {port: shapes[source] for port, source in wiring.outputs.items()}


def _demanded(port: str, layers: Mapping[str, Layer], wiring: Wiring) -> ArraySpec | None:
    """Return what the layers that an input port feeds agree on."""
    agreed: ArraySpec | None = None
    for name, sources in wiring.sources.items():
        for argument, source in sources.items():
            if source == port:
                what = f"the layers that the input port {port!r} feeds disagree"
                agreed = _meet(agreed, layers[name].declared.get(argument), what)
    return agreed


def _meet(one: ArraySpec | None, other: ArraySpec | None, what: str) -> ArraySpec | None:
    """Return the form that both allow, with what `one` says of its axes."""
    if one is None or other is None:
        return one or other
    misfit = one.misfit(other)
    if misfit:
        raise PortError(f"{what}: {misfit} ({shape_text(one)}, {shape_text(other)}).")
    pairs = zip(one.dims, other.dims, strict=True)
    return replace(one, dims=tuple(theirs if mine is Varying else mine for mine, theirs in pairs))

"""The static shapes in a net graph: the forms of its arrays, inferred before any call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from netencoders.arrays import ArraySpec
from netencoders.encoder import NetEncoder
from netencoders.errors import PortError
from netencoders.graph.layers import Layer
from netencoders.graph.remedies import misfit, named_form, remedy
from netencoders.graph.wiring import Wiring
from netencoders.sentinels import Varying

__all__ = ["Shapes", "infer_shapes", "whole_layers"]

Shapes = Mapping[str, ArraySpec | None]


def infer_shapes(
    layers: Mapping[str, Layer],
    wiring: Wiring,
    given: Mapping[str, ArraySpec],
    encoders: Mapping[str, NetEncoder] | None = None,
) -> Shapes:
    """Return the form of every value and port, None where it is unknown.

    An input port has the given form, or else the form that its layers declare. The output of a
    layer has the form that the layer declares or infers. `encoders` are asked for remedies.

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
        layer, sources = layers[name], wiring.sources[name]
        arriving = {}
        for port, source in sources.items():
            form, want = shapes[source], layer.declared.get(port)
            form = None if form is None else layer.arriving(port, form)
            problem = None if form is None or want is None else misfit(form, want)
            if problem:
                assert form is not None and want is not None  # noqa: S101, PT018 - for mypy
                raise PortError(
                    f"input {port!r} of layer {name!r} cannot take the output of {source!r}: "
                    f"{problem}. {_gives(source, shapes)}, and {port!r} takes {named_form(want)}."
                    f"{remedy(form, want, encoder=(encoders or {}).get(source))}"
                )
            arriving[port] = _narrower(form, want)
        try:
            inferred = layer.infer(arriving)
        except PortError as error:
            forms = ", ".join(_gives(source, shapes) for source in sources.values())
            raise PortError(f"{str(error).removesuffix('.')}. {forms}.") from error
        for output, value in wiring.values[name].items():
            shapes[value] = inferred[output]
    return shapes | {port: shapes[source] for port, source in wiring.outputs.items()}


def whole_layers(layers: Mapping[str, Layer], wiring: Wiring, shapes: Shapes) -> list[str]:
    """Return the layers that may need more than one row of their inputs at once."""
    return [
        name
        for name, sources in wiring.sources.items()
        if not layers[name].streams({port: shapes[source] for port, source in sources.items()})
    ]


def _gives(source: str, shapes: Shapes) -> str:
    form = shapes[source]
    return f"{source!r} gives {'an unknown form' if form is None else named_form(form)}"


def _declared(port: str, layers: Mapping[str, Layer], wiring: Wiring) -> ArraySpec | None:
    """Return the form that all layers after an input port declare for it."""
    agreed: ArraySpec | None = None
    first = ""
    for name, sources in wiring.sources.items():
        for argument, source in sources.items():
            form = layers[name].declared.get(argument) if source == port else None
            problem = None if agreed is None or form is None else misfit(agreed, form)
            if problem:
                assert agreed is not None and form is not None  # noqa: S101, PT018 - for mypy
                raise PortError(
                    f"the layers after the input port {port!r} declare different forms: {problem}. "
                    f"{first} takes {named_form(agreed)}, and {argument!r} of {name!r} takes "
                    f"{named_form(form)}.{remedy(agreed, form, f'before {name!r}')}"
                )
            first = first or (f"{argument!r} of {name!r}" if form is not None else "")
            agreed = _narrower(agreed, form)
    return agreed


def _narrower(one: ArraySpec | None, other: ArraySpec | None) -> ArraySpec | None:
    """Return the form that fits both, with the axes of `one`."""
    if one is None or other is None:
        return one or other
    pairs = zip(one.dims, other.dims, strict=True)
    dims = tuple(theirs if mine is Varying else mine for mine, theirs in pairs)
    return replace(one, dims=dims, minimum=max(one.minimum, other.minimum))

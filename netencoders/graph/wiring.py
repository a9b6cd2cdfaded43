"""The connections of a net graph, by name, without shapes and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import count, pairwise
from typing import Any

from netencoders.errors import PortError, nearest
from netencoders.graph.layers import OUTPUT, Layer
from netencoders.parameters import short

__all__ = ["Wiring", "value_names", "wire"]


@dataclass(frozen=True)
class Wiring:
    """The source of every value. Layers and ports share one namespace.

    Attributes
    ----------
    order : tuple of str
        The layers, each after the layers that it depends on.
    values : mapping
        For each layer, a mapping from output to the name of its value: the name of the layer, or
        ``"layer.output"`` if it has several outputs.
    sources : mapping
        For each layer, a mapping from input to the value or input port that feeds it.
    inputs : tuple of str
        The input ports of the net.
    outputs : mapping
        A mapping from output port of the net to the value that feeds it.
    uses : mapping
        The number of uses of each value and input port that has any.
    """

    order: tuple[str, ...]
    values: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Mapping[str, str]]
    inputs: tuple[str, ...]
    outputs: Mapping[str, str]
    uses: Mapping[str, int]


def wire(layers: Mapping[str, Layer], edges: Iterable[Any]) -> Wiring:
    """Connect layers by edges; an unconnected input or output becomes a port of the net.

    An edge from an output to an empty name leaves the output out: it becomes no port.

    Raises
    ------
    PortError
        A name is unknown, an input has two sources, a port is both an input and an output, or the
        layers form a cycle.
    """
    feeds: dict[str, dict[str, str]] = {name: {} for name in layers}
    values = {name: value_names(layer) for name, layer in layers.items()}
    named_inputs: list[str] = []
    named_outputs: dict[str, str] = {}
    left_out: set[str] = set()
    for source, target in _pairs(edges):
        origin = _origin(source, layers)
        if not target and origin.partition(".")[0] in layers:
            left_out.add(origin)
            continue
        name, port = _destination(target, layers)
        is_port = "." not in origin and origin not in layers
        if is_port and name not in layers:
            raise PortError(
                f"the edge {source!r} -> {target!r} does not connect a layer."
                + (nearest(name, layers) or nearest(origin, layers))
            )
        slots, slot = (feeds[name], port) if name in layers else (named_outputs, name)
        if slot in slots:
            raise PortError(f"{target!r} has two sources: {slots[slot]!r} and {origin!r}.")
        slots[slot] = origin
        if is_port:
            named_inputs.append(origin)
    _refuse_both(named_inputs, named_outputs, layers)
    _refuse_misspelt(named_inputs, named_outputs, feeds)
    order = _order(feeds)
    taken = {*layers, *named_inputs, *named_outputs}
    free = [(name, port) for name in layers for port in layers[name].inputs]
    free = [(name, port) for name, port in free if port not in feeds[name]]
    automatic_inputs = _automatic("Input", free, taken, layers)
    for (name, port), automatic in zip(free, automatic_inputs, strict=True):
        feeds[name][port] = automatic
    taken |= {*automatic_inputs}
    used = {source for slots in feeds.values() for source in slots.values()}
    used |= {*named_outputs.values(), *left_out}
    ends = [(name, port) for name in layers for port in values[name]]
    ends = [(name, port) for name, port in ends if values[name][port] not in used]
    sources = [values[name][port] for name, port in ends]
    automatic_outputs = dict(zip(_automatic("Output", ends, taken, layers), sources, strict=True))
    outputs = {**named_outputs, **automatic_outputs}
    if not outputs:
        raise PortError("all outputs of the net are left out: it needs at least one.")
    uses = Counter(source for slots in feeds.values() for source in slots.values())
    return Wiring(
        order=order,
        values=values,
        sources=feeds,
        inputs=tuple(dict.fromkeys([*named_inputs, *automatic_inputs])),
        outputs=outputs,
        uses=dict(uses + Counter(outputs.values())),
    )


def _pairs(edges: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Yield the edges as pairs of names; a longer tuple is a chain of pairs."""
    for edge in edges:
        named = isinstance(edge, tuple | list) and all(isinstance(end, str) for end in edge)
        if not named or len(edge) < 2 or "" in edge[:-1]:
            raise PortError(
                f"an edge must be a pair of names, source and target. Got {short(edge)}."
            )
        yield from pairwise(edge)


def _origin(end: str, layers: Mapping[str, Layer]) -> str:
    """Return the value or input port at which an edge begins."""
    name, dot, port = end.partition(".")
    if not dot and name not in layers:
        return name
    layer = _layer(name, end, layers)
    if not dot and len(layer.outputs) > 1:
        listed = ", ".join(f"{name}.{each}" for each in layer.outputs)
        raise PortError(f"layer {name!r} has several outputs. Choose one of: {listed}.")
    if dot and port not in layer.outputs:
        if layer.outputs == (OUTPUT,):
            raise PortError(f"an edge begins at the name of a layer alone, {name!r}. Got {end!r}.")
        hint = nearest(port, layer.outputs) or f" It has: {', '.join(layer.outputs)}."
        raise PortError(f"layer {name!r} has no output {port!r}.{hint}")
    return value_names(layer)[port or layer.outputs[0]]


def _destination(end: str, layers: Mapping[str, Layer]) -> tuple[str, str]:
    """Return the layer and its input at which an edge ends, or the output port and ``""``."""
    name, dot, port = end.partition(".")
    if not dot and name not in layers:
        return name, ""
    layer = _layer(name, end, layers)
    if not dot and len(layer.inputs) == 1:
        return name, layer.inputs[0]
    if not dot:
        listed = ", ".join(f"{name}.{each}" for each in layer.inputs)
        raise PortError(f"layer {name!r} has several inputs. Choose one of: {listed}.")
    known = (*layer.inputs, *layer.options)
    if port not in known:
        hint = nearest(port, known) or f" It has: {', '.join(known)}."
        raise PortError(f"layer {name!r} has no input {port!r}.{hint}")
    return name, port


def _layer(name: str, end: str, layers: Mapping[str, Layer]) -> Layer:
    if name not in layers:
        hint = nearest(name, layers) or f" The layers are: {', '.join(layers)}."
        raise PortError(f"{end!r} does not name a layer of the net.{hint}")
    return layers[name]


def _refuse_misspelt(
    inputs: Iterable[str], outputs: Mapping[str, str], feeds: Mapping[str, Mapping[str, str]]
) -> None:
    """Refuse a port whose name is similar to that of a layer without edges."""
    used = {source for slots in (outputs, *feeds.values()) for source in slots.values()}
    starts = {source.partition(".")[0] for source in used}
    unconnected = [name for name in feeds if not feeds[name] and name not in starts]
    for port in (*inputs, *outputs):
        hint = nearest(port, unconnected)
        if hint:
            raise PortError(f"{port!r} is not a layer, and another layer has no edges.{hint}")


def _refuse_both(inputs: Iterable[str], outputs: Collection[str], layers: Iterable[str]) -> None:
    for name in inputs:
        if name in outputs:
            raise PortError(
                f"{name!r} is not a layer, but edges both begin and end at it: a port of the net "
                f"is either an input or an output.{nearest(name, layers)}"
            )


def _order(feeds: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    before = {
        name: [source.partition(".")[0] for source in sources.values()]
        for name, sources in feeds.items()
    }
    try:
        found = TopologicalSorter(before).static_order()
        return tuple(name for name in found if name in feeds)
    except CycleError as error:
        raise PortError(f"the layers form a cycle: {' -> '.join(error.args[1])}.") from None


def value_names(layer: Layer) -> dict[str, str]:
    """Return the name of the value of each output of a layer."""
    if len(layer.outputs) == 1:
        return {layer.outputs[0]: layer.name}
    return {output: f"{layer.name}.{output}" for output in layer.outputs}


def _automatic(
    base: str, ends: Sequence[tuple[str, str]], taken: Collection[str], layers: Mapping[str, Layer]
) -> list[str]:
    """Return the names of ports for inputs or outputs of layers that have no edge.

    One is `base`. Several inputs of models and nets keep their own names, if these are free and
    different; of the others, one is `base`, and several are `base`, numbered from 1.
    """
    if len(ends) == 1 and base not in taken:
        return [base]
    own = Counter(port for _, port in ends)
    names = [
        port
        if layers[name].names_ports and own[port] == 1 and port.isidentifier() and port not in taken
        else ""
        for name, port in ends
    ]
    used = {*taken, *names}
    if names.count("") == 1 and base not in used:
        return [name or base for name in names]
    numbers = (f"{base}{number}" for number in count(1))
    free = (name for name in numbers if name not in used)
    return [name or next(free) for name in names]

"""The connections of a net graph, by name, without shapes and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import count, islice, pairwise
from typing import Any

from netencoders.errors import PortError, nearest
from netencoders.graph.layers import Layer
from netencoders.parameters import short

__all__ = ["Wiring", "wire"]


@dataclass(frozen=True)
class Wiring:
    """The source of every value. Layers and ports share one namespace.

    Attributes
    ----------
    order : tuple of str
        The layers, each after the layers that it depends on.
    sources : mapping
        For each layer, a mapping from input to the layer or input port that feeds it.
    inputs : tuple of str
        The input ports of the net.
    outputs : mapping
        A mapping from output port of the net to the layer that feeds it.
    """

    order: tuple[str, ...]
    sources: Mapping[str, Mapping[str, str]]
    inputs: tuple[str, ...]
    outputs: Mapping[str, str]

    def uses(self) -> Counter[str]:
        """Return the number of uses of the value of each layer and input port."""
        inside = Counter(source for feeds in self.sources.values() for source in feeds.values())
        return inside + Counter(self.outputs.values())


def wire(layers: Mapping[str, Layer], edges: Iterable[Any]) -> Wiring:
    """Connect layers by edges; an unconnected input or output becomes a port of the net.

    Raises
    ------
    PortError
        A name is unknown, an input has two sources, a port is both an input and an output, or the
        layers form a cycle.
    """
    feeds: dict[str, dict[str, str]] = {name: {} for name in layers}
    named_inputs: list[str] = []
    named_outputs: dict[str, str] = {}
    for source, target in _pairs(edges):
        origin = _origin(source, layers)
        name, port = _destination(target, layers)
        if origin not in layers and name not in layers:
            raise PortError(
                f"the edge {source!r} -> {target!r} does not connect a layer."
                + (nearest(name, layers) or nearest(origin, layers))
            )
        slots, slot = (feeds[name], port) if name in layers else (named_outputs, name)
        if slot in slots:
            raise PortError(f"{target!r} has two sources: {slots[slot]!r} and {origin!r}.")
        slots[slot] = origin
        if origin not in layers:
            named_inputs.append(origin)
    _refuse_both(named_inputs, named_outputs, layers)
    _refuse_misspelt(named_inputs, named_outputs, feeds)
    order = _order(feeds)
    taken = {*layers, *named_inputs, *named_outputs}
    free = [(name, port) for name in layers for port in layers[name].inputs]
    free = [(name, port) for name, port in free if port not in feeds[name]]
    automatic_inputs = _automatic("Input", len(free), taken)
    for (name, port), automatic in zip(free, automatic_inputs, strict=True):
        feeds[name][port] = automatic
    used = {source for slots in feeds.values() for source in slots.values()}
    ends = [name for name in layers if name not in used | set(named_outputs.values())]
    automatic_outputs = dict(zip(_automatic("Output", len(ends), taken), ends, strict=True))
    return Wiring(
        order=order,
        sources=feeds,
        inputs=tuple(dict.fromkeys([*named_inputs, *automatic_inputs])),
        outputs={**named_outputs, **automatic_outputs},
    )


def _pairs(edges: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Yield the edges as pairs of names; a longer tuple is a chain of pairs."""
    for edge in edges:
        named = isinstance(edge, tuple | list) and all(isinstance(end, str) for end in edge)
        if not named or len(edge) < 2 or "" in edge:
            raise PortError(
                f"an edge must be a pair of names, source and target. Got {short(edge)}."
            )
        yield from pairwise(edge)


def _origin(end: str, layers: Mapping[str, Layer]) -> str:
    """Return the layer or input port at which an edge begins."""
    name, dot, port = end.partition(".")
    if dot:
        _layer(name, end, layers)
        if port != "Output":
            raise PortError(f"an edge begins at the name of a layer alone, {name!r}. Got {end!r}.")
    return name


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
    unconnected = [name for name in feeds if not feeds[name] and name not in used]
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
        name: [source for source in sources.values() if source in feeds]
        for name, sources in feeds.items()
    }
    try:
        return tuple(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise PortError(f"the layers form a cycle: {' -> '.join(error.args[1])}.") from None


def _automatic(base: str, needed: int, taken: Collection[str]) -> list[str]:
    """Return `needed` free names for ports: `base` for one, else `base` numbered from 1."""
    if needed == 1 and base not in taken:
        return [base]
    numbered = (f"{base}{number}" for number in count(1))
    return list(islice((name for name in numbered if name not in taken), needed))

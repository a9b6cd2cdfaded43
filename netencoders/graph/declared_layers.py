"""A NetLayer, or a whole net, as a layer of a net graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from netencoders.display import changed_text
from netencoders.errors import LayerError, PortError
from netencoders.graph.attachments import form_of
from netencoders.graph.layers import OUTPUT, Layer, Specs, Values
from netencoders.graph.shapes import Shapes, infer_shapes, whole_layers
from netencoders.layer import NetLayer

if TYPE_CHECKING:
    from netencoders.graph import NetGraph

__all__ = ["DeclaredLayer", "NestedNet", "declared_layer", "nested_net"]

INPUT = "Input"
"""The name of the input of a NetLayer."""


@dataclass(frozen=True, eq=False)
class DeclaredLayer(Layer):
    """A NetLayer: one input, one output, declared forms."""

    @property
    def summary(self) -> str:
        """The parameters that differ from their defaults."""
        return changed_text(self.given)

    @property
    def is_row_wise(self) -> bool:
        """Whether the NetLayer depends on single rows."""
        return bool(self.given.reach == "row")

    def infer(self, specs: Specs) -> Specs:
        """Return the form of the result of the NetLayer."""
        form = specs[INPUT]
        if form is None:
            return {OUTPUT: None}
        try:
            return {OUTPUT: self.given.infer(form)}
        except LayerError as problem:
            raise PortError(f"layer {self.name!r} refuses its input: {problem}") from problem

    def run(self, inputs: Sequence[Values]) -> list[Values]:
        """Apply the NetLayer to each element."""
        results: list[Values] = []
        for values in inputs:
            value = values[INPUT]
            try:
                results.append({OUTPUT: self.given(value if value is None else np.asarray(value))})
            except LayerError as problem:
                raise PortError(f"layer {self.name!r}: {problem}") from problem
        return results


@dataclass(frozen=True, eq=False)
class NestedNet(Layer):
    """A net as a layer of another net: its ports are the inputs and outputs."""

    names_ports = True

    @property
    def summary(self) -> str:
        """The names of its layers."""
        return ", ".join(self.given.layers)

    @property
    def is_row_wise(self) -> bool:
        """Whether all layers of the net are row-wise."""
        return bool(self.given.is_row_wise)

    @property
    def runs_in_workers(self) -> bool:  # type: ignore[override] # a fact of the net
        """Whether all layers of the net run in workers."""
        return bool(self.given.runs_in_workers)

    def streams(self, specs: Specs) -> bool:
        """Return whether all layers of the net stream these forms."""
        return not whole_layers(self.given._layers, self.given._wiring, self._shapes(specs))

    def _shapes(self, specs: Specs) -> Shapes:
        given: NetGraph = self.given
        known = {port: form for port, form in specs.items() if form is not None}
        fixed = {port: form_of(attached) for port, attached in given._attached.items()}
        return infer_shapes(given._layers, given._wiring, {**fixed, **known})

    def infer(self, specs: Specs) -> Specs:
        """Return the forms of the output ports for forms at the input ports."""
        try:
            shapes = self._shapes(specs)
        except PortError as problem:
            raise PortError(f"layer {self.name!r} refuses its inputs: {problem}") from problem
        return {port: shapes[port] for port in self.given.outputs}

    def run(self, inputs: Sequence[Values]) -> list[Values]:
        """Evaluate the net for all elements."""
        return list(self.given._run(inputs))


def declared_layer(name: str, layer: NetLayer) -> DeclaredLayer:
    """Return the layer for a NetLayer."""
    return DeclaredLayer(name, layer, layer.name, (INPUT,), (), (OUTPUT,), {})


def nested_net(name: str, net: Any) -> NestedNet:
    """Return the layer for a net.

    Raises
    ------
    PortError
        The net has encoders, which belong to the ports of the outer net.
    """
    if net.encoders:
        raise PortError(
            f"layer {name!r} is a net with an encoder at the port {next(iter(net.encoders))!r}. "
            "Attach encoders to the ports of the outer net: net.replace(Input=None) has none."
        )
    declared = {port: form for port, form in net.inputs.items() if form is not None}
    kind = type(net).__name__
    return NestedNet(name, net, kind, tuple(net.inputs), (), tuple(net.outputs), declared)

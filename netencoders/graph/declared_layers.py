"""A NetLayer, or a whole net, as a layer of a net graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from netencoders.arrays import ArraySpec
from netencoders.display import changed_text
from netencoders.errors import LayerError, PortError
from netencoders.graph.attachments import form_of
from netencoders.graph.layers import OUTPUT, Layer, Specs, Values
from netencoders.graph.shapes import Shapes, infer_shapes, whole_layers
from netencoders.layer import NetLayer
from netencoders.sentinels import Varying

if TYPE_CHECKING:
    from netencoders.graph import NetGraph

__all__ = ["DeclaredLayer", "NestedNet", "declared_layer", "nested_net"]

INPUT = "Input"
"""The name of the input of a NetLayer."""


@dataclass(frozen=True, eq=False)
class DeclaredLayer(Layer):
    """A NetLayer: one input, one output, declared forms.

    The first dimension of a NetLayer is time. The output of a model may have one dimension without
    time, such as the scores of classes: it is one row.
    """

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
            return {OUTPUT: self._inferred(form)}
        except LayerError as problem:
            raise PortError(f"layer {self.name!r} refuses its input: {problem}") from problem

    def run(self, inputs: Sequence[Values]) -> list[Values]:
        """Apply the NetLayer to each element."""
        results: list[Values] = []
        for values in inputs:
            value = values[INPUT]
            array = value if value is None else np.asarray(value)
            try:
                results.append({OUTPUT: self._result(array)})
            except LayerError as problem:
                raise PortError(f"layer {self.name!r}: {problem}") from problem
        return results

    def _inferred(self, form: ArraySpec) -> ArraySpec:
        try:
            inferred: ArraySpec = self.given.infer(form)
        except LayerError:
            if not self.is_row_wise or form.axes or len(form.dims) != 1 or Varying in form.dims:
                raise
            row: ArraySpec | None = _or_refuse(
                self.given.infer, replace(form, dims=(1, *form.dims))
            )
            if row is None or row.dims[0] != 1:
                raise
            inferred = replace(row, dims=row.dims[1:], axes=row.axes[1:])
        return inferred

    def _result(self, value: Any) -> Any:
        try:
            return self.given(value)
        except LayerError:
            if not self.is_row_wise or np.ndim(value) != 1:
                raise
            row = _or_refuse(self.given, value[np.newaxis])
            if row is None or len(row) != 1:
                raise
            return row[0]


def _or_refuse(action: Callable[[Any], Any], value: Any) -> Any:
    """Return the result of a NetLayer; None if it refuses the value."""
    try:
        return action(value)
    except LayerError:
        return None


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
        The net has encoders or decoders, which belong to the ports of the outer net.
    """
    if net.encoders:
        raise PortError(
            f"layer {name!r} is a net with an encoder at the port {next(iter(net.encoders))!r}. "
            "Attach encoders to the ports of the outer net: net.replace(Input=None) has none."
        )
    if net.decoders:
        port = next(iter(net.decoders))
        raise PortError(
            f"layer {name!r} is a net with a decoder at the port {port!r}. Attach decoders to the "
            f"ports of the outer net: net.replace({port}=None) has none."
        )
    declared = {port: form for port, form in net.inputs.items() if form is not None}
    kind = type(net).__name__
    return NestedNet(name, net, kind, tuple(net.inputs), (), tuple(net.outputs), declared)

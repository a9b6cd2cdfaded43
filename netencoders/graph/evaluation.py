"""The evaluation of a net graph: values flow from the input ports through the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netencoders.encoder import NetEncoder
from netencoders.errors import EncodeError, PortError
from netencoders.graph.layers import Layer, Values, array_problem
from netencoders.graph.remedies import array_form, remedy
from netencoders.graph.shapes import Shapes
from netencoders.graph.wiring import Wiring

__all__ = ["note_of_input", "run", "taken"]


def taken(encoders: Mapping[str, NetEncoder], forms: Shapes, inputs: Values) -> dict[str, Any]:
    """Return the values that enter the layers for one input: encoded, or checked.

    Raises
    ------
    EncodeError
        The input of a port cannot be encoded.
    PortError
        An array does not have the form of its port.
    """
    return {port: _taken(port, encoders.get(port), forms, value) for port, value in inputs.items()}


def note_of_input(port: str) -> str:
    """Return the note of an error of the input of a port."""
    return f"at the input port {port!r} of the net"


def _taken(port: str, encoder: NetEncoder | None, forms: Shapes, value: Any) -> Any:
    if encoder is not None:
        # Not encoder(value): a list is one element here, not a batch.
        try:
            return encoder._encode(value)
        except EncodeError as error:
            error.add_note(note_of_input(port))
            if encoder.output.matches(value):
                error.add_note(f"replace({port}=None) returns a net that takes encoded arrays")
            raise
    spec = forms[port]
    if spec is not None and isinstance(value, np.ndarray) and value.dtype != spec.dtype:
        # Without loss: each number of the type of the array is one of the other type.
        value = value.astype(spec.dtype) if np.can_cast(value.dtype, spec.dtype) else value
    problem = None if spec is None else array_problem(spec, value)
    if problem:
        attach = f" It has no encoder; replace({port}=...) attaches one."
        if isinstance(value, Mapping):
            attach = f" A dict with an input has the key {port!r}."
        layer = "" if spec is None else remedy(array_form(value), spec, "before the array")
        raise PortError(f"input port {port!r}: {problem}.{layer}{attach}")
    return value


def run(
    layers: Mapping[str, Layer], wiring: Wiring, shapes: Shapes, batch: Sequence[Values]
) -> list[dict[str, Any]]:
    """Apply the layers to the values of the input ports of each element of a batch.

    Each layer is called once, with the values of all elements. A value is freed after its last use.
    A layer that may change its inputs gets a copy of an array that belongs to the caller or that
    another layer needs.

    Raises
    ------
    PortError
        A value does not have its declared form, or is NaN.
    Exception
        Any exception of a layer, with a note that names it.
    """
    values = [dict(element) for element in batch]
    waiting = dict(wiring.uses)
    for name in wiring.order:
        layer = layers[name]
        inputs: list[dict[str, Any]] = [{} for _ in values]
        for port, source in wiring.sources[name].items():
            left = waiting[source] = waiting[source] - 1
            is_needed = layer.may_change_inputs and (left or source in wiring.inputs)
            for element, given in zip(values, inputs, strict=True):
                value = element[source] if left else element.pop(source)
                is_copied = is_needed and isinstance(value, np.ndarray)
                given[port] = value.copy(order="K") if is_copied else value
        for element, outputs in zip(values, layer.apply(inputs), strict=True):
            for output, value in wiring.values[name].items():
                spec = shapes[value]
                problem = None if spec is None else array_problem(spec, outputs[output])
                if problem:
                    raise PortError(f"layer {name!r} breaks its declaration: {problem}.")
                if value in waiting:
                    element[value] = outputs[output]
    ends = wiring.outputs.items()
    return [{port: element[source] for port, source in ends} for element in values]

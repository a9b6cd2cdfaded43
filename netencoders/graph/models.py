"""A NetModel as a layer of a net graph: batches, padding, lengths and masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netencoders.arrays import ArraySpec
from netencoders.errors import PortError
from netencoders.graph.layers import Layer, Specs, Values, array_problem, refuse_nan
from netencoders.graph.padding import Array, padded, stacked, told, varying_axis
from netencoders.net_model import NetModel, Port
from netencoders.parameters import short

__all__ = ["ModelLayer", "model_layer"]


@dataclass(frozen=True, eq=False)
class ModelLayer(Layer):
    """A model of another library. Its arrays have a batch axis, which the values of a net lack.

    The model runs once for each group of inputs whose arrays have equal shapes. If it takes lengths
    or a mask, inputs of all sizes are padded with zeros, and are one group. Padding without lengths
    or a mask would have a result depend on its neighbours in the batch.

    Attributes
    ----------
    model : NetModel
    """

    model: NetModel

    names_ports = True

    @property
    def summary(self) -> str:
        """The summary of the model."""
        return self.model.summary

    @property
    def is_row_wise(self) -> bool:
        """Whether the model says so."""
        return self.model.reach == "row"

    def streams(self, specs: Specs) -> bool:
        """Return whether the rows of the model are those of time."""
        return self.is_row_wise and not any(form and form.stream_axis for form in specs.values())

    def arriving(self, name: str, form: ArraySpec) -> ArraySpec:
        """Return a form in the type of the input, if each of its numbers is one of that type."""
        wanted = self.declared.get(name)
        if wanted is None or not np.can_cast(form.dtype, wanted.dtype, "safe"):
            return form
        if np.dtype(wanted.dtype).kind not in "iu":
            return replace(form, dtype=wanted.dtype, low=None, high=None)
        return replace(form, dtype=wanted.dtype)

    def infer(self, specs: Specs) -> Specs:
        """Return the forms that the model declares."""
        return {name: self.model.outputs[name].form for name in self.outputs}

    def run(self, inputs: Sequence[Values]) -> list[Values]:
        """Run the model once for each group of inputs."""
        arrays = [self._converted(values) for values in inputs]
        results: list[Values | None] = [None] * len(arrays)
        for group in self._groups(arrays):
            outputs = self._run_group([arrays[place] for place in group])
            for place, each in zip(group, outputs, strict=True):
                results[place] = each
        return results  # type: ignore[return-value] # each place is in one group

    def _problem(self, name: str, spec: ArraySpec, value: object) -> str | None:
        if isinstance(value, np.ndarray | np.generic):
            if not np.can_cast(value.dtype, spec.dtype, "safe"):
                return f"type {value.dtype} cannot become {spec.dtype} without loss"
            return spec.shape_problem(value.shape)
        return array_problem(spec, value)

    def _converted(self, values: Values) -> dict[str, Array]:
        """Return the arrays of one input in the types of the model."""
        return {
            name: np.asarray(values[name], None if spec is None else spec.dtype)
            for name, spec in ((name, self.declared.get(name)) for name in self.inputs)
        }

    def _groups(self, arrays: Sequence[Mapping[str, Array]]) -> list[list[int]]:
        """Return the places of the inputs that the model takes at once."""
        ports = (*self.model.inputs.values(), *self.model.outputs.values())
        if len(arrays) == 1 or any(port.batch_axis is None for port in ports):
            return [[place] for place in range(len(arrays))]
        groups: dict[Any, list[int]] = {}
        for place, values in enumerate(arrays):
            key = tuple(
                tuple(
                    0 if axis == self._padded_axis(name) else size
                    for axis, size in enumerate(values[name].shape)
                )
                for name in self.inputs
            )
            groups.setdefault(key, []).append(place)
        limit = self.model.batch_limit or len(arrays)
        return [
            group[start : start + limit]
            for group in groups.values()
            for start in range(0, len(group), limit)
        ]

    def _padded_axis(self, name: str) -> int | None:
        """Return the axis of an input along which the net may pad; None if there is none."""
        fed = self.model.inputs.values()
        is_told = any(name in (port.lengths_of, port.mask_of) for port in fed)
        form = self.declared.get(name)
        return varying_axis(form) if is_told and form is not None else None

    def _run_group(self, group: Sequence[Mapping[str, Array]]) -> list[Values]:
        """Run the model for inputs that differ in the sizes of padded axes only."""
        given: dict[str, Array] = {}
        sizes: dict[str, list[int]] = {}
        for name in self.inputs:
            arrays, axis = [values[name] for values in group], self._padded_axis(name)
            if axis is not None:
                sizes[name] = [array.shape[axis] for array in arrays]
                arrays = padded(arrays, axis)
            given[name] = stacked(arrays, self.model.inputs[name])
        for name, port in self.model.inputs.items():
            if port.is_fed:
                given[name] = stacked(list(told(port, sizes)), port)
        results: Any = self.model.run({name: given[name] for name in self.model.inputs})
        if not isinstance(results, Mapping):
            raise PortError(
                f"layer {self.name!r}: run must return a mapping from output to array. "
                f"Got {short(results)}."
            )
        missing = [name for name in self.model.outputs if name not in results]
        if missing:
            raise PortError(f"layer {self.name!r} gives no output {missing[0]!r}.")
        taken = [self._taken(results, place, len(group)) for place in range(len(group))]
        lengths = set(map(tuple, zip(*sizes.values(), strict=True))) if sizes else set()
        for place, outputs in enumerate(taken):
            own = {name: of_all[place] for name, of_all in sizes.items()}
            self._cut(outputs, own, sizes if len(lengths) > 1 else {})
            refuse_nan(self.name, outputs)
        return [{name: outputs[name] for name in self.outputs} for outputs in taken]

    def _taken(self, results: Mapping[str, Any], place: int, count: int) -> dict[str, Array]:
        """Return the outputs of one input."""
        taken = {}
        for name, port in self.model.outputs.items():
            array = results[name]
            if isinstance(array, np.ma.MaskedArray):
                raise PortError(f"layer {self.name!r}: output {name!r} is a masked array.")
            array = np.asarray(array)
            if port.batch_axis is not None:
                if array.ndim <= port.batch_axis or array.shape[port.batch_axis] != count:
                    raise PortError(
                        f"layer {self.name!r}: output {name!r} has the shape {array.shape}, but "
                        f"its axis {port.batch_axis} must have the size of the batch, {count}."
                    )
                array = array.take(place, port.batch_axis) if port.batch_axis else array[place]
            taken[name] = array
        return taken

    def _length(self, name: str, target: str, outputs: Mapping[str, Array]) -> int:
        """Return the number of rows of an output that another output holds."""
        told, port = outputs[name], self.model.outputs.get(target)
        size = outputs[target].shape if target in outputs else ()
        axis = 0 if port is None or port.form is None else varying_axis(port.form)
        most = size[axis] if axis is not None and axis < len(size) else None
        if told.size != 1 or most is None or not 0 <= told.item() <= most:
            raise PortError(
                f"layer {self.name!r}: output {name!r} must hold the number of rows of {target!r}, "
                f"which has the shape {size}. Got {short(told.tolist())}."
            )
        return int(told.item())

    def _cut(
        self, outputs: dict[str, Array], own: Mapping[str, int], of_all: Mapping[str, list[int]]
    ) -> None:
        """Cut the rows of the padding off the outputs of one input."""
        told_lengths = {
            port.lengths_of: self._length(name, port.lengths_of, outputs)
            for name, port in self.model.outputs.items()
            if port.lengths_of
        }
        for name, port in self.model.outputs.items():
            axis = 0 if port.form is None else varying_axis(port.form)
            if axis is None or port.lengths_of or outputs[name].ndim <= axis:
                continue
            size = outputs[name].shape[axis]
            count = told_lengths.get(name)
            if count is None and of_all:
                found = {own[each] for each, sizes in of_all.items() if max(sizes) == size}
                if len(found) != 1:
                    raise PortError(
                        f"layer {self.name!r}: the rows of output {name!r} that belong to each "
                        f"input of the batch are not known: {size} rows for inputs of "
                        f"{', '.join(map(str, next(iter(of_all.values()))))}. Use batch_size=1, or "
                        "declare the output that holds the lengths."
                    )
                (count,) = found
            if count is not None and count != size:
                outputs[name] = outputs[name][(slice(None),) * axis + (slice(0, count),)]


def model_kind(model: NetModel) -> str:
    """Return the kind of a model.

    Raises
    ------
    PortError
        Its class has none.
    """
    kind: object = getattr(model, "kind", None)
    if not isinstance(kind, str):
        raise PortError(f"the class {type(model).__name__} of a model has no attribute 'kind'.")
    return kind


def model_layer(name: str, model: NetModel) -> ModelLayer:
    """Return the layer for a model.

    Raises
    ------
    PortError
        A port holds lengths or a mask of a port that does not exist, or has no size that varies.
    """
    for of_model in (model.inputs, model.outputs):
        given: Any = of_model  # code of a plugin may set any type
        fits = isinstance(given, Mapping) and all(
            isinstance(own, str) and isinstance(port, Port) for own, port in given.items()
        )
        if not fits:
            raise PortError(
                f"layer {name!r}: the ports of a model must map names to Port. Got {short(given)}."
            )
    ports = {**model.inputs, **model.outputs}
    for own, port in ports.items():
        target = port.lengths_of or port.mask_of
        if target and (target not in ports or ports[target].is_fed):
            raise PortError(
                f"layer {name!r}: the port {own!r} holds sizes of {target!r}, which is not a port "
                f"of the model. It has: {', '.join(ports)}."
            )
        form = ports[target].form if target else None
        if target and own in model.inputs and (form is None or varying_axis(form) is None):
            raise PortError(
                f"layer {name!r}: the port {own!r} holds sizes of {target!r}, which needs exactly "
                "one dimension that varies."
            )
    inputs = {own: port for own, port in model.inputs.items() if not port.is_fed}
    outputs = tuple(own for own, port in model.outputs.items() if not port.lengths_of)
    declared = {own: port.form for own, port in inputs.items() if port.form is not None}
    if not inputs or not outputs:
        raise PortError(f"layer {name!r} needs at least one input and one output.")
    return ModelLayer(name, model, model_kind(model), tuple(inputs), (), outputs, declared, model)

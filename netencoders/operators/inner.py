"""The model inside of NetMap or NetFold: its ports, its arrays, and its parts in a saved net."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.errors import PortError, nearest
from netencoders.graph.models import model_layer
from netencoders.graph.padding import stacked, told, varying_axis
from netencoders.net_model import Arrays, NetModel, Port, SavedModel
from netencoders.net_readers import read_model, restored_model
from netencoders.parameters import short
from netencoders.sentinels import Varying

__all__ = [
    "check_fields",
    "element_of",
    "fed_arrays",
    "inner_model",
    "output_of",
    "raw_form",
    "restored_inner",
    "rows_form",
    "saved_inner",
]

Array = npt.NDArray[Any]

FOLDER = "model/"
"""The start of the names of the files of the inner model."""


def inner_model(kind: str, value: object) -> NetModel:
    """Return the model that an operator of the given kind runs.

    Raises
    ------
    PortError
        The value is no model, or its ports do not fit together.
    """
    model = value if isinstance(value, NetModel) else read_model(value)
    if model is None:
        raise PortError(
            f"{kind} runs a model: a NetModel, the path of a model, or a model of another library "
            f"that a plugin reads. Got {short(value)}. A net, a NetLayer and a callable are layers "
            "of their own: put them before or after it."
        )
    model_layer(kind, model)  # it checks the ports
    told_of = [name for name, port in model.outputs.items() if port.lengths_of]
    if told_of:
        raise PortError(
            f"{kind} joins outputs of equal sizes, and the output {told_of[0]!r} of the model "
            "holds lengths of another output. Give the model to the net itself."
        )
    return model


def rows_form(form: ArraySpec | None) -> ArraySpec | None:
    """Return the form of rows that each have a form."""
    if form is None:
        return None
    return replace(form, dims=(Varying, *form.dims), axes=(), minimum=1, stream_axis=0)


def raw_form(port: Port) -> ArraySpec | None:
    """Return the form of the array of a model: that of a port with its batch axis."""
    if port.form is None or port.batch_axis is None:
        return port.form
    dims = list(port.form.dims)
    dims.insert(port.batch_axis, Varying)
    return replace(port.form, dims=tuple(dims), axes=(), minimum=1, stream_axis=0)


def element_of(array: Array, port: Port) -> Array:
    """Return the array of a model for one element."""
    return array if port.batch_axis is None else np.expand_dims(array, port.batch_axis)


def output_of(kind: str, name: str, results: Arrays, port: Port, count: int) -> Array:
    """Return the results of a model for `count` elements, along the first axis.

    Raises
    ------
    PortError
        The output is missing, or its batch axis has another size.
    """
    if name not in results:
        raise PortError(f"the model of {kind} gives no output {name!r}.")
    array = np.asarray(results[name])
    axis = port.batch_axis
    if axis is None:
        return array[np.newaxis]
    if array.ndim <= axis or array.shape[axis] != count:
        raise PortError(
            f"the model of {kind} gives the output {name!r} of shape {array.shape}, but its axis "
            f"{axis} must have the size of the batch, {count}."
        )
    return np.moveaxis(array, axis, 0)


def fed_arrays(model: NetModel, shapes: Mapping[str, tuple[int, ...]], count: int) -> Arrays:
    """Return the ports of lengths and masks for `count` elements of equal shapes."""
    given = {}
    for name, port in model.inputs.items():
        if port.is_fed:
            target = port.lengths_of or port.mask_of
            form = model.inputs[target].form
            axis = None if form is None else varying_axis(form)
            sizes = {target: [shapes[target][axis or 0]] * count}
            given[name] = stacked(list(told(port, sizes)), port)
    return given


def saved_inner(model: NetModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters and the files of an operator that hold its model."""
    saved = model.saved()
    files = {FOLDER + name: content for name, content in saved.files.items()}
    return {"model": {model.kind: dict(saved.parameters)}}, files


def restored_inner(
    kind: str, parameters: Mapping[str, Any], files: Mapping[str, bytes]
) -> NetModel:
    """Return the model of a saved operator.

    Raises
    ------
    PortError
        The parts do not hold a model.
    """
    given = parameters.get("model")
    if not isinstance(given, Mapping) or len(given) != 1:
        raise PortError(
            f"a saved {kind} needs 'model', a mapping of the kind of the model to its parameters. "
            f"Got {short(given)}."
        )
    ((inner, values),) = given.items()
    if not isinstance(inner, str) or not isinstance(values, Mapping):
        raise PortError(
            f"the 'model' of a saved {kind} must map a name to a mapping. Got {short(given)}."
        )
    own = {
        name.removeprefix(FOLDER): content
        for name, content in files.items()
        if name.startswith(FOLDER)
    }
    return restored_model(inner, values, own)


def check_fields(kind: str, parameters: Mapping[str, Any], known: Mapping[str, type]) -> None:
    """Refuse parameters of a saved operator that are unknown, or of another type.

    Raises
    ------
    PortError
        A parameter is unknown, missing or of another type.
    """
    for name in parameters:
        if name not in known:
            raise PortError(
                f"a saved {kind} has no parameter {short(name)}.{nearest(str(name), known)}"
            )
    for name, expected in known.items():
        if not isinstance(parameters.get(name), expected):
            raise PortError(
                f"{name!r} of a saved {kind} must be of the type {expected.__name__}. "
                f"Got {short(parameters.get(name))}."
            )


def saved_operator(model: NetModel, own: Mapping[str, Any]) -> SavedModel:
    """Return the parts of an operator: its model, and parameters of its own."""
    parameters, files = saved_inner(model)
    return SavedModel({**parameters, **own}, files)

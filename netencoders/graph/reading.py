"""Reads the layers of a net graph from the values that a program gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders.decoder import NetDecoder
from netencoders.encoder import NetEncoder
from netencoders.errors import PortError
from netencoders.graph.callables import callable_layer, name_of
from netencoders.graph.declared_layers import declared_layer, nested_net
from netencoders.graph.layers import Layer
from netencoders.graph.models import model_kind, model_layer
from netencoders.layer import NetLayer
from netencoders.net_model import NetModel
from netencoders.net_readers import read_model, suffix_of
from netencoders.parameters import short

__all__ = ["kind_of", "layer_value", "read_layer"]


def read_layer(name: object, given: object) -> Layer:
    """Return the layer for a name and a value that `layer_value` returns.

    Raises
    ------
    PortError
        The name or the value is invalid.
    """
    if not isinstance(name, str) or not name or "." in name:
        raise PortError(f"a layer's name must be a text without dots. Got {short(name)}.")
    # Late: the package imports this module.
    from netencoders.graph import NetGraph

    if isinstance(given, NetModel):
        return model_layer(name, given)
    if isinstance(given, NetGraph):
        return nested_net(name, given)
    if isinstance(given, NetLayer):
        return declared_layer(name, given)
    if isinstance(given, NetEncoder):
        raise PortError(
            f"layer {name!r} is an encoder: attach it to an input port, such as Input=encoder."
        )
    if isinstance(given, NetDecoder):
        raise PortError(
            f"layer {name!r} is a decoder: attach it to an output port, such as Output=decoder."
        )
    if not callable(given):
        raise PortError(
            f"layer {name!r} must be callable, a NetLayer or its name, a net, or the path of a "
            f"model. Got {short(given)}."
        )
    return callable_layer(name, given)


def layer_value(given: Any) -> Any:
    """Return the NetLayer, NetModel, net or callable that a value is short for.

    A text is the name of a NetLayer or the path of a model, a mapping declares a NetLayer, and
    objects of other libraries are read by their net readers.

    Raises
    ------
    LayerNotFoundError, PluginConflictError, ParameterError, SpecError
        A name or a mapping does not declare a NetLayer.
    PortError
        A file cannot be read.
    """
    if isinstance(given, NetModel | NetLayer):
        return given
    if isinstance(given, str) and not _is_path(given):
        return NetLayer(given)
    if isinstance(given, Mapping):
        return NetLayer.from_dict(given)
    model = read_model(given)
    return given if model is None else model


def kind_of(given: Any) -> str:
    """Return a short word for a value of `layer_value`, which names the layer of a chain."""
    if isinstance(given, NetModel | NetLayer):
        kind = model_kind(given) if isinstance(given, NetModel) else given.name
    else:
        kind = name_of(given)
    return "".join(letter for letter in kind if letter not in ".<>") or "Layer"


def _is_path(text: str) -> bool:
    return bool(suffix_of(text)) or "/" in text or "\\" in text

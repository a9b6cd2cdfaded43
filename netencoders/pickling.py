"""Pickling: a pickle holds the digest of its encoder, and unpickling compares it.

A pickle from a cache or another machine may be read by another version of the code. It holds one
JSON text, so that equal declarations give equal bytes in every process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from netencoders import registry
from netencoders.declared_value import DeclaredValue
from netencoders.digests import canonical_json
from netencoders.errors import DigestError, ParameterError, SpecError
from netencoders.stated import Stated
from netencoders.values import Numbers, from_plain, is_shortened, to_plain

if TYPE_CHECKING:
    from netencoders.decoder import NetDecoder
    from netencoders.encoder import NetEncoder
    from netencoders.layer import NetLayer

__all__ = ["layer_state", "restore", "restore_decoder", "restore_layer", "state"]

Value = TypeVar("Value", bound=DeclaredValue)


def state(encoder: NetEncoder) -> str:
    """Return the text that a pickle holds: name, parameters, resolved values, digest, version.

    The name of the spec and its probe are added if there are any.
    """
    content = _state(encoder) | _layers(encoder.layers)
    stated = encoder._stated.to_dict()
    return canonical_json(content | ({"stated": stated} if stated else {}))


def layer_state(layer: NetLayer | NetDecoder) -> str:
    """Return the text that the pickle of a layer or of a decoder holds."""
    return canonical_json(_state(layer))


def _state(value: NetEncoder | NetLayer | NetDecoder) -> dict[str, Any]:
    return {
        "name": value.name,
        "parameters": _plain(value.parameters),
        "resolved": _plain(value.resolved),
        "digest": value.digest,
        "revision": value.revision,
        "version": value.version,
    }


def _layers(layers: Sequence[NetLayer]) -> dict[str, Any]:
    return {"layers": [_state(layer) for layer in layers]} if layers else {}


def restore(cls: type[NetEncoder], text: str) -> NetEncoder:
    """Return the encoder of `state`. Discovery finds its plugin.

    Raises
    ------
    DigestError
        The encoder of the installed version, or a layer, has another digest, or refuses the
        parameters. The message names both versions and the values that differ.
    SpecError
        The text does not have the form of `state`.
    EncoderNotFoundError, LayerNotFoundError, PluginConflictError, PluginError
        The encoder cannot be created.
    """
    # Late: encoder imports this module late, too.
    from netencoders.layer import NetLayer

    stored = _Stored(text, "NetEncoder")
    encoder = stored.made(cls, registry.find)
    if stored.layers:
        layers = [
            layer.checked(layer.made(NetLayer, registry.find_layer)) for layer in stored.layers
        ]
        encoder = encoder._changed({}, layers)
    encoder = stored.checked(encoder)
    encoder._set(_stated=stored.stated)
    return encoder


def restore_layer(cls: type[NetLayer], text: str) -> NetLayer:
    """Return the layer of `layer_state`.

    Raises
    ------
    DigestError, SpecError, LayerNotFoundError, PluginConflictError, PluginError
        As for `restore`.
    """
    stored = _Stored(text, "NetLayer")
    return stored.checked(stored.made(cls, registry.find_layer))


def restore_decoder(cls: type[NetDecoder], text: str) -> NetDecoder:
    """Return the decoder of `layer_state`.

    Raises
    ------
    DigestError, SpecError, DecoderNotFoundError, PluginConflictError, PluginError
        As for `restore`.
    """
    stored = _Stored(text, "NetDecoder")
    return stored.checked(stored.made(cls, registry.find_decoder))


class _Stored:
    """The content of a pickle.

    Parameters
    ----------
    text : str or mapping
        The text, or a part of it.
    kind : str
        The name of the class, for messages.
    """

    def __init__(self, text: str | Mapping[str, Any], kind: str) -> None:
        try:
            stored = json.loads(text) if isinstance(text, str) else text
            self.name, self.digest = stored["name"], stored["digest"]
            self.revision, self.version = stored["revision"], stored["version"]
            self.resolved = dict(stored["resolved"].items())
            self.given = {k: from_plain(value) for k, value in stored["parameters"].items()}
            layers = list(stored.get("layers", ()))
            self.stated = Stated.from_dict(stored.get("stated", {}))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise SpecError(
                f"this pickle does not hold a {kind} as this version writes it "
                f"({type(problem).__name__}: {problem}). Create it again."
            ) from problem
        self.layers = [_Stored(layer, "NetLayer") for layer in layers]

    def made(self, cls: Callable[..., Value], find: Callable[[str], Any]) -> Value:
        """Return the encoder without its layers, or the layer."""
        try:
            return cls(self.name, **self.given)
        except ParameterError as problem:
            raise DigestError(
                f"{self.name} was pickled with {self.version}, and the installed version, "
                f"{find(self.name).version}, refuses its parameters: {problem}\n  Install the same "
                "version in both places, or create it again."
            ) from problem

    def checked(self, value: Value) -> Value:
        """Return an encoder or a layer if it has the digest that is stored."""
        if value.digest != self.digest:
            raise DigestError(
                f"{self.name} was pickled with {self.version} and has the digest {self.digest}; "
                f"the installed version, {value.version}, has the digest {value.digest}: "
                f"{_changes(self.resolved, self.revision, value)}. Install the same version in "
                "both places, or create it again."
            )
        return value


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_plain(value) for name, value in values.items()}


def _changes(there: Mapping[str, Any], revision: int, value: DeclaredValue) -> str:
    """Return the resolved values that differ between two versions, as text.

    A parameter that only this version declares is left out if it has no effect.
    """
    added = {
        parameter.name
        for parameter in value.declarations
        if parameter.name not in there and parameter.is_neutral(value.resolved)
    }
    here = {name: plain for name, plain in _plain(value.resolved).items() if name not in added}
    changes = [
        f"{name!r} was {_shown(name, there)}, is {_shown(name, here)}"
        for name in {**there, **here}
        if canonical_json([name in there, there.get(name)])
        != canonical_json([name in here, here.get(name)])
    ]
    if changes:
        return "; ".join(changes)
    if revision != value.revision:
        return f"its revision was {revision}, is {value.revision}"
    return "its declarations, or a window of a plugin, have changed"


def _shown(name: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        return "not declared"
    value = values[name]
    if isinstance(value, list) and value and all(type(item) is float for item in value):
        return f"{Numbers(value) if is_shortened(Numbers(value)) else value!r}"
    return repr(value)

"""Pickling: a pickle holds the digest of its encoder, and unpickling compares it.

A pickle from a cache or another machine may be read by another version of the code. It holds one
JSON text, so that equal declarations give equal bytes in every process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netencoders import registry
from netencoders.digests import canonical_json
from netencoders.errors import DigestError, ParameterError, SpecError
from netencoders.values import from_plain, to_plain

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["restore", "state"]


def state(encoder: NetEncoder) -> str:
    """Return the text that a pickle holds: name, parameters, resolved values, digest, version."""
    return canonical_json(
        {
            "name": encoder.name,
            "parameters": _plain(encoder.parameters),
            "resolved": _plain(encoder.resolved),
            "digest": encoder.digest,
            "revision": encoder.revision,
            "version": encoder.version,
        }
    )


def restore(cls: type[NetEncoder], text: str) -> NetEncoder:
    """Return the encoder of `state`. Discovery finds its plugin.

    Raises
    ------
    DigestError
        The encoder of the installed version has another digest, or refuses the parameters. The
        message names both versions and the values that differ.
    SpecError
        The text does not have the form of `state`.
    EncoderNotFoundError, PluginConflictError, PluginError
        The encoder cannot be created.
    """
    try:
        stored = json.loads(text)
        name, revision, digest = stored["name"], stored["revision"], stored["digest"]
        version, resolved = stored["version"], dict(stored["resolved"].items())
        given = {key: from_plain(value) for key, value in stored["parameters"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise SpecError(
            f"this pickle does not hold a NetEncoder as this version writes it "
            f"({type(problem).__name__}: {problem}). Create the encoder again."
        ) from problem
    try:
        encoder = cls(name, **given)
    except ParameterError as problem:
        raise DigestError(
            f"{name} was pickled with {version}, and the installed version, "
            f"{registry.find(name).version}, refuses its parameters: {problem}\n  Install the same "
            "version in both places, or create the encoder again."
        ) from problem
    if encoder.digest != digest:
        raise DigestError(
            f"{name} was pickled with {version} and has the digest {digest}; "
            f"the installed version, {encoder.version}, has the digest {encoder.digest}: "
            f"{_changes(resolved, revision, encoder)}. Install the same version in both "
            "places, or create the encoder again."
        )
    return encoder


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_plain(value) for name, value in values.items()}


def _changes(there: Mapping[str, Any], revision: int, encoder: NetEncoder) -> str:
    """Return the resolved values that differ between two versions, as text.

    A parameter that only this version declares is left out if it has no effect.
    """
    added = {
        parameter.name
        for parameter in encoder.declarations
        if parameter.name not in there and parameter.is_neutral(encoder.resolved)
    }
    here = {name: value for name, value in _plain(encoder.resolved).items() if name not in added}
    changes = [
        f"{name!r} was {_shown(name, there)}, is {_shown(name, here)}"
        for name in {**there, **here}
        if canonical_json([name in there, there.get(name)])
        != canonical_json([name in here, here.get(name)])
    ]
    if changes:
        return "; ".join(changes)
    if revision != encoder.revision:
        return f"its revision was {revision}, is {encoder.revision}"
    return "its declarations, or a window of a plugin, have changed"


def _shown(name: str, values: Mapping[str, Any]) -> str:
    return repr(values[name]) if name in values else "not declared"

"""Pickling: a pickled encoder carries its digest, and is refused where the numbers differ.

A pickle may outlive the code that wrote it: in a cache, or on another machine. It holds one JSON
text, so that equal declarations give equal bytes in every process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netencoders import registry
from netencoders.digests import canonical_json
from netencoders.errors import DigestError, ParameterError
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
            "version": encoder.version,
        }
    )


def restore(cls: type[NetEncoder], text: str) -> NetEncoder:
    """Return the encoder of `state`; discovery finds its plugin, which need not be imported.

    Raises
    ------
    DigestError
        The version that is installed here gives the encoder another digest, or refuses its
        parameters. The message names both versions and the values that differ.
    EncoderNotFoundError, PluginConflictError, PluginError
        The encoder cannot be made here.
    """
    stored = json.loads(text)
    name = stored["name"]
    given = {key: from_plain(value) for key, value in stored["parameters"].items()}
    try:
        encoder = cls(name, **given)
    except ParameterError as problem:
        raise DigestError(
            f"{name} was pickled with {stored['version']}, and {registry.find(name).version}, "
            f"which is installed here, refuses its parameters: {problem}"
        ) from problem
    if encoder.digest != stored["digest"]:
        raise DigestError(
            f"{name} was pickled with {stored['version']} and has the digest {stored['digest']}; "
            f"with {encoder.version}, which is installed here, its digest is {encoder.digest}: "
            f"{_changes(stored['resolved'], _plain(encoder.resolved))}. Install the same version "
            "in both places, or make the encoder anew."
        )
    return encoder


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_plain(value) for name, value in values.items()}


def _changes(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Return the resolved values that differ between two versions, as text."""
    absent = "not declared"
    changes = [
        f"{name!r} was {there.get(name, absent)!r}, is {here.get(name, absent)!r}"
        for name in {**there, **here}
        if canonical_json(there.get(name, [absent])) != canonical_json(here.get(name, [absent]))
    ]
    return "; ".join(changes) or "the revision of its numbers has changed"

"""The declarations that a spec holds: of encoders, of their layers, and of a decoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from netencoders.yaml_specs.probe import Probe

__all__ = ["Declaration", "DecoderDeclaration", "LayerDeclaration"]


class LayerDeclaration(NamedTuple):
    """A layer that a spec declares: its name, and canonical values that no layer has checked."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Declaration:
    """An encoder that a spec declares.

    Attributes
    ----------
    name : str
        Empty if the spec has no name.
    encoder : str
        The name of the registered or declared encoder from which it is derived.
    parameters : mapping
        Canonical Python values, and an `Asset` for each file. No encoder has checked them.
    summary : str
    source : str or None
        The path of the file, or None for a text or a dict.
    digest : str
        The digest that the encoder must have; empty if the spec states none.
    layers : tuple of LayerDeclaration
        They come after the layers of the encoder from which it is derived.
    probe : Probe or None
        Expected values of this encoder; those of the encoder from which it is derived do not count.
    """

    name: str
    encoder: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    source: str | None = None
    digest: str = ""
    layers: tuple[LayerDeclaration, ...] = ()
    probe: Probe | None = None


class DecoderDeclaration(NamedTuple):
    """A decoder that a spec declares; its fields are those of `Declaration`."""

    decoder: str
    parameters: Mapping[str, Any]
    source: str | None = None
    digest: str = ""

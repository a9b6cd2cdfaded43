"""The parts of a net as plain values, which the YAML of a net file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from netencoders.arrays import ArraySpec
from netencoders.net_files.forms import form_dict
from netencoders.stated import NOT_STATED, Stated

__all__ = [
    "KINDS",
    "MAX_NESTED",
    "StoredEncoder",
    "StoredFile",
    "StoredGraph",
    "StoredLayer",
    "StoredModel",
    "StoredNet",
    "inner_name",
]

MAX_NESTED: Final = 20
"""The largest number of nets within each other."""

KINDS: Final = ("NetChain", "NetGraph")


def inner_name(net: str, layer: str) -> str:
    """Return the name of a net that is a layer of a net; names of layers have no dots."""
    return f"{net}.{layer}" if net else layer


@dataclass(frozen=True)
class StoredFile:
    """A file of a model: its name in the zip, and its content."""

    path: str
    sha256: str
    size: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {"path": self.path, "sha256": self.sha256, "bytes": self.size}


@dataclass(frozen=True)
class StoredLayer:
    """A NetLayer: its declaration as in a spec, and its digest."""

    declaration: Mapping[str, Any]
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {"layer": self.declaration, "digest": self.digest}


@dataclass(frozen=True)
class StoredModel:
    """A NetModel: the name of its reader, its parameters and its files."""

    kind: str
    parameters: Mapping[str, Any]
    files: Mapping[str, StoredFile]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        files = {name: file.to_dict() for name, file in self.files.items()}
        return {"model": self.kind, "parameters": self.parameters, "files": files}


@dataclass(frozen=True)
class StoredNet:
    """A net as a layer: its name among the nets of the document."""

    name: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {"net": self.name}


@dataclass(frozen=True)
class StoredEncoder:
    """The encoder of an input port: its declaration as in a spec, its digest, and its spec."""

    declaration: Mapping[str, Any]
    digest: str
    stated: Stated = NOT_STATED

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        stated = self.stated.to_dict()
        content = {"encoder": self.declaration, "digest": self.digest}
        return content | ({"stated": stated} if stated else {})


@dataclass(frozen=True)
class StoredGraph:
    """A net without the nets in it; None is an input port without an attachment."""

    kind: str
    inputs: Mapping[str, StoredEncoder | ArraySpec | None]
    layers: Mapping[str, StoredLayer | StoredModel | StoredNet]
    edges: tuple[tuple[str, ...], ...]
    outputs: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {
            "kind": self.kind,
            "inputs": {port: _port_dict(attached) for port, attached in self.inputs.items()},
            "layers": {name: layer.to_dict() for name, layer in self.layers.items()},
            "edges": [list(edge) for edge in self.edges],
            "outputs": list(self.outputs),
        }


def _port_dict(attached: StoredEncoder | ArraySpec | None) -> dict[str, Any]:
    if isinstance(attached, ArraySpec):
        return {"form": form_dict(attached)}
    return {} if attached is None else attached.to_dict()

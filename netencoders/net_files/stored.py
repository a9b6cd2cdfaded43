"""The parts of a net as plain values, which the YAML of a net file holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from netencoders.arrays import ArraySpec
from netencoders.net_files.forms import form_dict
from netencoders.stated import NOT_STATED, Stated

__all__ = [
    "KINDS",
    "MAX_NESTED",
    "StoredDecoder",
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
    """A file of a model or of a parameter: its name in the zip, and its content."""

    path: str
    sha256: str
    size: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {"path": self.path, "sha256": self.sha256, "bytes": self.size}


Files = Mapping[str, StoredFile]
"""The files of long values of parameters, by the name that ``{asset: name}`` has."""


@dataclass(frozen=True)
class StoredLayer:
    """A NetLayer: its declaration as in a spec, its digest, and the files of its long values."""

    declaration: Mapping[str, Any]
    digest: str
    files: Files = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {"layer": self.declaration, "digest": self.digest, **_files_dict(self.files)}


@dataclass(frozen=True)
class StoredDecoder:
    """The decoder of an output port; its fields are those of `StoredLayer`."""

    declaration: Mapping[str, Any]
    digest: str
    files: Files = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {"decoder": self.declaration, "digest": self.digest, **_files_dict(self.files)}


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
    """The encoder of an input port: as a StoredLayer, with the spec that it was made from."""

    declaration: Mapping[str, Any]
    digest: str
    stated: Stated = NOT_STATED
    files: Files = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        stated = self.stated.to_dict()
        content = {"encoder": self.declaration, "digest": self.digest, **_files_dict(self.files)}
        return content | ({"stated": stated} if stated else {})


@dataclass(frozen=True)
class StoredGraph:
    """A net without the nets in it; None is an input port without an attachment."""

    kind: str
    inputs: Mapping[str, StoredEncoder | ArraySpec | None]
    layers: Mapping[str, StoredLayer | StoredModel | StoredNet]
    edges: tuple[tuple[str, ...], ...]
    outputs: tuple[str, ...]
    decoders: Mapping[str, StoredDecoder] = field(default_factory=dict)

    def files(self) -> Iterator[StoredFile]:
        """Yield the files of models and of parameters."""
        parts = (*self.inputs.values(), *self.layers.values(), *self.decoders.values())
        for part in parts:
            if isinstance(part, StoredEncoder | StoredLayer | StoredModel | StoredDecoder):
                yield from part.files.values()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        decoders = {port: decoder.to_dict() for port, decoder in self.decoders.items()}
        return {
            "kind": self.kind,
            "inputs": {port: _port_dict(attached) for port, attached in self.inputs.items()},
            "layers": {name: layer.to_dict() for name, layer in self.layers.items()},
            "edges": [list(edge) for edge in self.edges],
            "outputs": list(self.outputs),
            **({"decoders": decoders} if decoders else {}),
        }


def _files_dict(files: Files) -> dict[str, Any]:
    return {"files": {name: file.to_dict() for name, file in files.items()}} if files else {}


def _port_dict(attached: StoredEncoder | ArraySpec | None) -> dict[str, Any]:
    if isinstance(attached, ArraySpec):
        return {"form": form_dict(attached)}
    return {} if attached is None else attached.to_dict()

"""Loads a net from its file. No code of the file runs, and no plugin is imported for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, TypeVar

from netencoders import yaml_specs
from netencoders.arrays import ArraySpec
from netencoders.declared_value import DeclaredValue
from netencoders.decoder import NetDecoder
from netencoders.encoder import NetEncoder
from netencoders.errors import (
    DigestError,
    NetEncodersError,
    NetFileError,
    SpecError,
    printable,
)
from netencoders.layer import NetLayer
from netencoders.net_files.archive import Archive, opened
from netencoders.net_files.describing import digest_of
from netencoders.net_files.document import Document
from netencoders.net_files.member_names import DOCUMENT
from netencoders.net_files.members import beside
from netencoders.net_files.stored import (
    StoredDecoder,
    StoredEncoder,
    StoredFile,
    StoredGraph,
    StoredLayer,
    StoredModel,
    inner_name,
)
from netencoders.net_readers import restored_model

if TYPE_CHECKING:
    from netencoders.graph import NetGraph

__all__ = ["load", "load_with_document"]

MAX_BYTES: Final = 2**32
"""The largest size of the content of a file, unless the caller sets another one."""

Contents = Mapping[str, bytes]
Made = TypeVar("Made")


def load(path: str | PathLike[str], cls: type[NetGraph], max_bytes: int) -> NetGraph:
    """Return the net of a file; see `NetGraph.load`."""
    return load_with_document(path, cls, max_bytes)[0]


def load_with_document(
    path: str | PathLike[str], cls: type[NetGraph], max_bytes: int = MAX_BYTES
) -> tuple[NetGraph, Document]:
    """Return the net of a file, and its document."""
    try:
        document, contents = _read(path, max_bytes)
        return _Built(document, contents).net(cls), document
    except (NetFileError, DigestError) as problem:
        problem.source = printable(str(path))
        raise


def _read(path: str | PathLike[str], max_bytes: int) -> tuple[Document, Contents]:
    try:
        with opened(path) as file:
            archive = Archive(file, max_bytes)
            document = _document(archive)
            return document, _contents(archive, document)
    except OSError as problem:
        raise NetFileError(f"it cannot be read: {problem.strerror or problem}") from problem


def _document(archive: Archive) -> Document:
    # Late: PyYAML would add to the time of an import.
    from netencoders.yaml_specs.strict_yaml import MAX_BYTES as LIMIT
    from netencoders.yaml_specs.strict_yaml import load as load_yaml

    if DOCUMENT not in archive.sizes:
        raise NetFileError(f"the zip has no {DOCUMENT}", remedy="save the net by net.save")
    if archive.sizes[DOCUMENT] > LIMIT:
        raise NetFileError(
            f"{DOCUMENT} has {archive.sizes[DOCUMENT]} bytes, more than the limit of {LIMIT}",
            remedy="save the net by net.save",
        )
    try:
        content, _ = load_yaml(archive.read(DOCUMENT))
    except SpecError as problem:
        raise NetFileError(
            f"{DOCUMENT}, line {problem.line or 1}: {problem.message}",
            remedy="save the net again by net.save",
        ) from None
    return Document.from_dict(content)


def _contents(archive: Archive, document: Document) -> dict[str, bytes]:
    """Return the content of each declared file, which must have its sha256."""
    declared: dict[str, StoredFile] = {}
    for file in document.files():
        if declared.setdefault(file.path, file) != file:
            raise NetFileError(
                f"{DOCUMENT} states two contents of {printable(file.path)}",
                remedy="save the net again by net.save",
            )
    for name in (*declared, *archive.sizes):
        if name not in archive.sizes:
            raise NetFileError(
                f"the member {printable(name)} is missing", remedy="copy or download it again"
            )
        if name not in declared and name != DOCUMENT:
            raise NetFileError(
                f"the member {printable(name)} is not declared in {DOCUMENT}",
                remedy="save the net again by net.save",
            )
    contents = {}
    for name, file in declared.items():
        size = archive.sizes[name]
        content = archive.read(name) if size == file.size else b""
        if size != file.size or hashlib.sha256(content).hexdigest() != file.sha256:
            raise NetFileError(
                f"the member {printable(name)} has not the size and the sha256 that {DOCUMENT} "
                "states",
                remedy="copy or download it again",
            )
        contents[name] = content
    return contents


class _Built:
    """Builds the nets of a document."""

    def __init__(self, document: Document, contents: Contents) -> None:
        self._document = document
        self._contents = contents

    def net(self, cls: type[NetGraph]) -> NetGraph:
        """Return the net, of the class of the document, which must be `cls` or derived from it."""
        document = self._document
        kind = document.graph.kind
        made = _classes()[kind]
        if not issubclass(made, cls):
            raise NetFileError(f"the net is a {kind}", remedy=f"load it by {kind}.load")
        net = self._graph("", document.graph)
        if digest_of(net, document.graph, document.nets) != document.digest:
            raise NetFileError(
                "the parts of the net do not have the digest that net.yaml states",
                remedy="copy or download it again, or save the net again by net.save",
            )
        object.__setattr__(net, "_probe", document.probe)
        return net

    def _graph(self, name: str, stored: StoredGraph) -> NetGraph:
        layers = {
            layer: self._layer(inner_name(name, layer), value)
            for layer, value in stored.layers.items()
        }
        ports: dict[str, NetEncoder | NetDecoder | ArraySpec] = {}
        for port, attached in stored.inputs.items():
            if isinstance(attached, StoredEncoder):
                ports[port] = self._encoder(f"the encoder of the input port {port!r}", attached)
            elif attached is not None:
                ports[port] = attached
        for port, decoder in stored.decoders.items():
            ports[port] = self._decoder(f"the decoder of the output port {port!r}", decoder)
        net: NetGraph = object.__new__(_classes()[stored.kind])
        where = f"the net {name!r}" if name else "the net"
        _made(where, lambda: net._build(layers, stored.edges, ports))
        if [*net.inputs] != [*stored.inputs] or [*net.outputs] != [*stored.outputs]:
            raise NetFileError(
                f"{where} has the ports {', '.join((*net.inputs, *net.outputs))}, and net.yaml "
                f"states {', '.join((*stored.inputs, *stored.outputs))}",
                remedy="install the versions that it was saved with, or save it again",
            )
        return net

    def _layer(self, place: str, stored: Any) -> Any:
        if isinstance(stored, StoredLayer):
            layer = _made(f"layer {place!r}", lambda: self._net_layer(stored))
            self._check(f"layer {place!r}", layer, stored.digest)
            return layer
        if isinstance(stored, StoredModel):
            files = {name: self._contents[file.path] for name, file in stored.files.items()}
            return _made(
                f"layer {place!r}", lambda: restored_model(stored.kind, stored.parameters, files)
            )
        return self._graph(place, self._document.nets[stored.name])

    def _encoder(self, place: str, stored: StoredEncoder) -> NetEncoder:
        def make() -> NetEncoder:
            spec = yaml_specs.declaration(stored.declaration, self._beside(stored.files))
            return NetEncoder._from_declarations([spec], None)

        encoder = _made(place, make)
        self._check(place, encoder, stored.digest)
        encoder._set(_stated=stored.stated)
        return encoder

    def _decoder(self, place: str, stored: StoredDecoder) -> NetDecoder:
        def make() -> NetDecoder:
            spec = yaml_specs.decoder(stored.declaration, self._beside(stored.files))
            return NetDecoder._declared(spec)

        decoder = _made(place, make)
        self._check(place, decoder, stored.digest)
        return decoder

    def _net_layer(self, stored: StoredLayer) -> NetLayer:
        name, parameters = yaml_specs.layer(stored.declaration, self._beside(stored.files))
        return NetLayer(name, **parameters)

    def _beside(self, files: Mapping[str, StoredFile]) -> Any:
        """Return a document in memory, whose folder has these files: no other file is read."""
        return beside({name: self._contents[file.path] for name, file in files.items()})

    def _check(self, place: str, value: DeclaredValue, digest: str) -> None:
        if value.digest == digest:
            return
        versions = ", ".join(f"{k} {v}" for k, v in self._document.made_with.items())
        raise DigestError(
            f"{place} ({value.name}) has the digest {digest} in the file, and here "
            f"{value.digest} (revision {value.revision}, from {value.version}). Install the "
            f"versions that the net was saved with ({printable(versions)}), or save it again."
        )


def _made(place: str, make: Callable[[], Made]) -> Made:
    """Return the result of a function; an error names the part of the net."""
    try:
        return make()
    except NetEncodersError as problem:
        text = str(problem) if str(problem).startswith("layer ") else f"{place}: {problem}"
        raise NetFileError(text.rstrip(".")) from problem


def _classes() -> dict[str, type[NetGraph]]:
    # Late: the package imports this module.
    from netencoders.graph import NetChain, NetGraph

    return {"NetGraph": NetGraph, "NetChain": NetChain}

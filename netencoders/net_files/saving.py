"""Saves a net: the files of its parts, then net.yaml, in a zip that is complete or absent."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from netencoders import registry, yaml_specs
from netencoders.errors import NetFileError, PortError, SpecError, printable
from netencoders.layer import NetLayer
from netencoders.net_files.describing import described, digest_of, nets_within, saved_models
from netencoders.net_files.document import Document
from netencoders.net_files.end_record import MAX_MEMBERS
from netencoders.net_files.member_names import DOCUMENT, member_name
from netencoders.net_files.stored import StoredFile
from netencoders.net_model import NetModel
from netencoders.probes.net_probe import NetProbe, measured_net, probe_problem
from netencoders.replacing import replacing

if TYPE_CHECKING:
    from netencoders.graph import NetGraph

__all__ = ["net_digest", "save"]

_BLOCK: Final = 2**20
_WIDE: Final = 2**31  # bytes: zipfile's limit is one less
_FILE: Final = (stat.S_IFREG | 0o644) << 16


def save(
    net: NetGraph, path: str | PathLike[str], force: bool, probe: bool | Mapping[str, Any]
) -> None:
    """Save a net in a file; see `NetGraph.save`."""
    target = Path(path)
    if not force and os.path.lexists(target):
        raise FileExistsError(f"{printable(str(target))} exists already: force=True overwrites it")
    models = saved_models(net)
    stated = _probe(net, probe)
    with replacing(target, force=force) as file, zipfile.ZipFile(file, "w") as zipped:
        graph, nets = described(net, models, _Writer(zipped).keep)
        digest = digest_of(net, graph, nets)
        document = Document(graph, nets, digest, _made_with(net), stated)
        text = _text(document)
        if len(zipped.namelist()) >= MAX_MEMBERS:
            raise PortError(f"the net is not saved: its parts have {MAX_MEMBERS} files or more.")
        zipped.writestr(_info(DOCUMENT, len(text)), text)


def net_digest(net: NetGraph) -> str:
    """Return the digest of a net; see `NetGraph.digest`."""

    def keep(layer: str, name: str, content: bytes | PathLike[str]) -> StoredFile:
        with _opened(layer, name, content) as (source, size):
            return StoredFile("", _copied(layer, name, source, size, None), size)

    return digest_of(net, *described(net, saved_models(net), keep))


class _Writer:
    """Writes the files of models and parameters, each content once."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zipped = zipped
        self._kept: dict[object, tuple[StoredFile, Any]] = {}

    def keep(self, layer: str, name: str, content: bytes | PathLike[str]) -> StoredFile:
        """Write a file of a layer, unless the same object or path was written before.

        The files of parameters have no layer, and their names differ if their contents do.
        """
        key: object = (name, content)
        if layer:
            key = id(content) if isinstance(content, bytes) else os.path.realpath(content)
        if key not in self._kept:
            path = member_name(layer, name, self._zipped.namelist())
            with _opened(layer, name, content) as (source, size):
                info = _info(path, size)
                with self._zipped.open(info, "w", force_zip64=size >= _WIDE) as member:
                    sha256 = _copied(layer, name, source, size, member)
            # The content is kept with its id, so that no other object gets the id.
            self._kept[key] = StoredFile(path, sha256, size), content
        return self._kept[key][0]


class _opened(AbstractContextManager[tuple[BinaryIO, int]]):  # noqa: N801 - a function in use
    """Open the content of a file of a model; give a file object, and its size."""

    def __init__(self, layer: str, name: str, content: bytes | PathLike[str]) -> None:
        if isinstance(content, bytes):
            self._file: BinaryIO = io.BytesIO(content)
            self._size = len(content)
            return
        if not stat.S_ISREG(os.stat(content).st_mode):  # opening a pipe may wait for ever
            raise PortError(f"layer {layer!r}: {name!r} is not a regular file.")
        self._file = open(content, "rb")  # noqa: SIM115 - closed at the end of the block
        self._size = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> tuple[BinaryIO, int]:
        return self._file, self._size

    def __exit__(self, *error: object) -> None:
        self._file.close()


def _copied(layer: str, name: str, source: BinaryIO, size: int, target: Any) -> str:
    """Copy a file in blocks to `target`, if it is not None, and return its sha256."""
    found, rest = hashlib.sha256(), size
    while part := source.read(min(_BLOCK, rest)):
        found.update(part)
        rest -= len(part)
        if target is not None:
            target.write(part)
    if rest or source.read(1):
        raise PortError(f"layer {layer!r}: {name!r} has changed while it was copied: save again.")
    return found.hexdigest()


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # of 1980: equal nets give equal bytes
    # Stored: compressed bytes would depend on the version of zlib, and weights hardly shrink.
    info.compress_type = zipfile.ZIP_STORED
    info.create_system, info.external_attr, info.file_size = 3, _FILE, size
    return info


def _probe(net: NetGraph, probe: bool | Mapping[str, Any]) -> NetProbe | None:
    if not isinstance(probe, bool):
        return NetProbe.from_dict(probe)
    if not probe or net._probe is not None or probe_problem(net):
        return net._probe if probe else None
    return measured_net(net, None, None, None)


def _text(document: Document) -> bytes:
    """Return the YAML of a document, if reading it gives the same document.

    Raises
    ------
    PortError
        The YAML would break a limit, or cannot hold a value.
    """
    # Late: PyYAML would add to the time of an import.
    from netencoders.yaml_specs.strict_yaml import load

    try:
        text = yaml_specs.dump(document.to_dict()).encode()
        content, _ = load(text)
        if Document.from_dict(content) == document:
            return text
        problem: object = "a value of it does not survive YAML"
    except (SpecError, NetFileError) as refused:
        problem = refused
    raise PortError(
        f"the net is not saved, because net.yaml could not be read again: {problem}"
    ) from None


def _made_with(net: NetGraph) -> dict[str, str]:
    """Return the versions of the packages that the parts of a net come from."""
    readers = registry.net_readers()
    providers = []
    for _, inner in nets_within(net):
        for encoder in inner.encoders.values():
            providers.append(registry.find(encoder.name).provider)
            providers += [registry.find_layer(layer.name).provider for layer in encoder.layers]
        for decoder in inner.decoders.values():
            providers.append(registry.find_decoder(decoder.name).provider)
        for given in inner.layers.values():
            if isinstance(given, NetModel):
                providers.append(readers[given.kind][0])
            elif isinstance(given, NetLayer):
                providers.append(registry.find_layer(given.name).provider)
    found = {each.distribution: each.version for each in providers if each.version}
    return {"netencoders": version("netencoders"), "numpy": np.__version__} | found

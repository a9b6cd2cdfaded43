"""The content of net.yaml: the parts of a net, which are checked when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from netencoders.arrays import ArraySpec
from netencoders.errors import NetFileError, SpecError
from netencoders.net_files.forms import read_form
from netencoders.net_files.member_names import DOCUMENT, name_problem
from netencoders.net_files.parts import Part, refused
from netencoders.net_files.stored import (
    KINDS,
    MAX_NESTED,
    StoredDecoder,
    StoredEncoder,
    StoredFile,
    StoredGraph,
    StoredLayer,
    StoredModel,
    StoredNet,
    inner_name,
)
from netencoders.parameters import short
from netencoders.probes.net_probe import NetProbe
from netencoders.stated import Stated

__all__ = ["SCHEMA", "Document"]

SCHEMA: Final = 1
"""The version of the format that this version of netencoders reads and writes."""


@dataclass(frozen=True)
class Document:
    """The content of net.yaml.

    Attributes
    ----------
    graph : StoredGraph
        The net.
    nets : mapping of str to StoredGraph
        The nets that are layers, by `inner_name`.
    digest : str
        The digest of the net.
    made_with : mapping of str to str
        The versions of the packages that the net was saved with.
    probe : NetProbe or None
    """

    graph: StoredGraph
    nets: Mapping[str, StoredGraph]
    digest: str
    made_with: Mapping[str, str] = field(default_factory=dict)
    probe: NetProbe | None = None

    def files(self) -> Iterator[StoredFile]:
        """Yield the files of all models, and of all long values of parameters."""
        for graph in (self.graph, *self.nets.values()):
            yield from graph.files()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {
            "schema": SCHEMA,
            "digest": self.digest,
            "made_with": dict(self.made_with),
            **self.graph.to_dict(),
            **({"nets": {k: net.to_dict() for k, net in self.nets.items()}} if self.nets else {}),
            **({"probe": self.probe.to_dict()} if self.probe else {}),
        }

    @classmethod
    def from_dict(cls, content: Any) -> Document:
        """Return the document of JSON values.

        Raises
        ------
        NetFileError
            They are not those of `to_dict`.
        """
        part = Part(content, "the document")
        _check_schema(part)
        digest = part.sha256("digest")
        made_with: dict[str, str] = part.take("made_with", dict)
        if not all(isinstance(text, str) for text in made_with.values()):
            raise refused("made_with", "the versions must be texts")
        nets = part.each("nets", _graph) if "nets" in part else {}
        probe = part.take("probe", dict) if "probe" in part else None
        graph = _graph(part, "nets", "probe")
        _check_nets(graph, nets)
        return cls(graph, nets, digest, made_with, None if probe is None else _probe(probe))


def _check_schema(part: Part) -> None:
    schema = part.take("schema", int)
    if schema > SCHEMA:
        raise NetFileError(
            f"net.yaml has the schema {schema}, and this version reads the schema {SCHEMA}",
            remedy="install a newer version of netencoders",
        )
    if schema != SCHEMA:
        raise refused("schema", f"it must be {SCHEMA}. Got {schema}")


def _graph(part: Part, *optional: str) -> StoredGraph:
    kind = part.take("kind", str)
    if kind not in KINDS:
        raise refused(f"{part.place}.kind", f"it must be one of {', '.join(KINDS)}. Got {kind!r}")
    inputs = part.each("inputs", _port)
    layers = part.each("layers", _layer)
    edges = tuple(part.texts(edge, "edges") for edge in part.take("edges", list))
    outputs = part.texts(part.take("outputs", list), "outputs")
    decoders = part.each("decoders", _decoder) if "decoders" in part else {}
    part.end("decoders", *optional)
    for port in decoders:
        if port not in outputs:
            raise refused(f"{part.place}.decoders", f"{port!r} is not an output port")
    return StoredGraph(kind, inputs, layers, edges, outputs, decoders)


def _port(part: Part) -> StoredEncoder | ArraySpec | None:
    attached: StoredEncoder | ArraySpec | None = None
    if "encoder" in part:
        values = _Values(part)
        declaration, digest = _encoder(part.part("encoder"), values), part.sha256("digest")
        stated = _stated(part.take("stated", dict, {}), part.place)
        attached = StoredEncoder(declaration, digest, stated, values.files())
    elif "form" in part:
        attached = read_form(part.part("form"))
    part.end("encoder", "form", "files")
    return attached


def _decoder(part: Part) -> StoredDecoder:
    values = _Values(part)
    given, digest = part.part("decoder"), part.sha256("digest")
    declaration: dict[str, Any] = {"schema": given.take("schema", int)}
    declaration |= {"decoder": given.take("decoder", str)}
    declaration |= {"parameters": values.checked(given.take("parameters", dict), given.place)}
    given.end()
    part.end("files")
    return StoredDecoder(declaration, digest, values.files())


def _encoder(part: Part, values: _Values) -> dict[str, Any]:
    """Return the declaration of an encoder."""
    declaration: dict[str, Any] = {"schema": part.take("schema", int)}
    declaration |= {"encoder": part.take("encoder", str)}
    declaration |= {"parameters": values.checked(part.take("parameters", dict), part.place)}
    if "layers" in part:
        layers = part.take("layers", list)
        declaration |= {"layers": [_declared_layer(layer, part.place, values) for layer in layers]}
    part.end("layers")
    return declaration


def _declared_layer(content: Any, place: str, values: _Values) -> dict[str, Any]:
    """Return the declaration of a NetLayer."""
    if not isinstance(content, dict) or len(content) != 1:
        raise refused(place, f"a layer must be one name with parameters. Got {short(content)}")
    return {name: values.checked(each, f"{place}.{name}") for name, each in content.items()}


class _Values:
    """The values of parameters, whose assets are files that the same part states.

    Parameters
    ----------
    part : Part
        Its key ``files``, if there is one, is taken.
    """

    def __init__(self, part: Part) -> None:
        self._place = f"{part.place}.files"
        self._files = part.each("files", _file) if "files" in part else {}
        self._unused = set(self._files)

    def checked(self, content: Any, place: str) -> dict[str, Any]:
        """Return a mapping of parameters; an asset must be the name of a stated file."""
        if not isinstance(content, dict):
            raise refused(place, "the parameters must be a mapping")
        for value in content.values():
            self._check(value, place)
        return content

    def files(self) -> dict[str, StoredFile]:
        """Return the files, of which each must be the value of a parameter."""
        if self._unused:
            name = next(name for name in self._files if name in self._unused)
            raise refused(self._place, f"no parameter has the file {name!r:.80}")
        return self._files

    def _check(self, value: Any, place: str) -> None:
        if isinstance(value, dict) and "asset" in value:
            name = value["asset"]
            if len(value) > 1 or not isinstance(name, str) or name not in self._files:
                text = "an asset must be the name of a file of the net file, under 'files'"
                raise refused(place, f"{text}. Got {short(value)}")
            self._unused.discard(name)
        elif isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                self._check(item, place)


def _stated(content: dict[str, Any], place: str) -> Stated:
    part = Part(content, f"{place}.stated")
    known: dict[str, Any] = {k: part.take(k, str) for k in ("spec", "changed") if k in part}
    known |= {"probe": part.take("probe", dict)} if "probe" in part else {}
    part.end("spec", "changed", "probe")
    try:
        return Stated.from_dict(known)
    except SpecError as problem:
        raise refused(part.place, str(problem)) from None


def _layer(part: Part) -> StoredLayer | StoredModel | StoredNet:
    layer: StoredLayer | StoredModel | StoredNet
    if "net" in part:
        layer = StoredNet(part.take("net", str))
    elif "model" in part:
        kind, parameters = part.take("model", str), part.take("parameters", dict)
        layer = StoredModel(kind, parameters, part.each("files", _file))
    else:
        values = _Values(part)
        declaration = _declared_layer(part.take("layer", dict), part.place, values)
        layer = StoredLayer(declaration, part.sha256("digest"), values.files())
    part.end("net", "model", "layer", "files")
    return layer


def _file(part: Part) -> StoredFile:
    path, sha256, size = part.take("path", str), part.sha256("sha256"), part.take("bytes", int)
    problem = name_problem(path) or ("is that of the document" if path == DOCUMENT else "")
    if problem:
        raise refused(f"{part.place}.path", f"the name {problem}. Got {path!r:.80}")
    part.end()
    return StoredFile(path, sha256, size)


def _check_nets(graph: StoredGraph, nets: Mapping[str, StoredGraph]) -> None:
    """Check that each net is a layer of one net, so that none contains itself."""
    used = set()
    for name, net in [("", graph), *nets.items()]:
        for layer, stored in net.layers.items():
            if isinstance(stored, StoredNet):
                expected = inner_name(name, layer)
                if stored.name != expected or expected not in nets:
                    raise refused(f"layers.{layer}", f"the net must be {expected!r}, under nets")
                used.add(expected)
    for name in nets:
        if name not in used:
            raise refused("nets", f"the net {name!r} is not a layer of another net")
        if name.count(".") >= MAX_NESTED:
            raise refused("nets", f"more than {MAX_NESTED} nets are within each other")


def _probe(content: Any) -> NetProbe:
    try:
        return NetProbe.from_dict(content)
    except SpecError as problem:
        raise refused("probe", str(problem)) from None

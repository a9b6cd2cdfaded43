"""Describes a net as the document of a net file, and computes its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from netencoders import registry
from netencoders.arrays import ArraySpec
from netencoders.beside import values_beside
from netencoders.decoder import NetDecoder
from netencoders.digests import canonical_json
from netencoders.errors import PortError
from netencoders.layer import NetLayer
from netencoders.net_files.forms import form_dict
from netencoders.net_files.member_names import name_problem
from netencoders.net_files.stored import (
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
from netencoders.net_model import NetModel, SavedModel
from netencoders.parameters import short

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder
    from netencoders.graph import NetGraph

__all__ = ["Keep", "described", "digest_of", "nets_within", "saved_models"]

Models = Mapping[str, SavedModel]
"""The saved parts of each model, by the name of its layer as of `inner_name`."""

Keep = Callable[[str, str, "bytes | PathLike[str]"], StoredFile]
"""Keeps the content of a file of a layer, and returns its description.

For a file of a parameter, the name of the layer is empty.
"""


def nets_within(net: NetGraph, name: str = "") -> Iterator[tuple[str, NetGraph]]:
    """Yield a net, and each net in it, with its name as of `inner_name`.

    Raises
    ------
    PortError
        Too many nets are within each other.
    """
    # Late: the package imports this module.
    from netencoders.graph import NetGraph

    if name.count(".") >= MAX_NESTED:
        raise PortError(f"layer {name!r}: more than {MAX_NESTED} nets are within each other.")
    yield name, net
    for layer, given in net.layers.items():
        if isinstance(given, NetGraph):
            yield from nets_within(given, inner_name(name, layer))


def saved_models(net: NetGraph) -> dict[str, SavedModel]:
    """Return the saved parts of all models of a net.

    Raises
    ------
    PortError
        A layer cannot be saved, or its parts cannot be loaded again. The message names the layer.
    """
    # Late: as above.
    from netencoders.graph import NetGraph

    found = {}
    for name, inner in nets_within(net):
        for layer, given in inner.layers.items():
            place = inner_name(name, layer)
            if isinstance(given, NetModel):
                found[place] = _saved_model(place, given)
            elif not isinstance(given, NetLayer | NetGraph):
                raise PortError(
                    f"layer {place!r} is {short(given)}, a callable of Python: its code is not "
                    "data, and is not saved. Use a layer of `netencoders list`, or a model of a "
                    "net reader such as a .onnx file."
                )
    return found


def _saved_model(place: str, model: NetModel) -> SavedModel:
    readers = registry.net_readers()
    reader = readers.get(model.kind)
    if reader is None or reader[1].restore is None:
        raise PortError(
            f"layer {place!r}: no net reader loads models of the kind {short(model.kind)} from a "
            "file, so it is not saved."
        )
    try:
        saved = model.saved()
    except PortError as problem:
        raise PortError(f"layer {place!r}: {problem}") from problem
    try:
        canonical_json(_lists(place, saved.parameters))
    except (TypeError, ValueError) as problem:
        raise PortError(
            f"layer {place!r}: its parameters are not JSON values: {problem}"
        ) from problem
    for name in saved.files:
        if problem_of_name := name_problem(name):
            raise PortError(f"layer {place!r}: the name of the file {name!r} {problem_of_name}.")
    return saved


def described(
    net: NetGraph, models: Models, keep: Keep
) -> tuple[StoredGraph, dict[str, StoredGraph]]:
    """Return the description of a net, and of each net in it by name.

    Parameters
    ----------
    net : NetGraph
    models : mapping of str to SavedModel
        As of `saved_models`.
    keep : callable
        Called for each file of each model, and of each long value of a parameter.
    """
    found = {name: _graph(inner, name, models, keep) for name, inner in nets_within(net)}
    return found.pop(""), found


def _graph(net: NetGraph, name: str, models: Models, keep: Keep) -> StoredGraph:
    # Late: as above.
    from netencoders.graph import NetChain

    layers: dict[str, StoredLayer | StoredModel | StoredNet] = {}
    for layer, given in net.layers.items():
        place = inner_name(name, layer)
        if isinstance(given, NetLayer):
            files, values = _with_files(given, keep)
            layers[layer] = StoredLayer({given.name: values["parameters"]}, given.digest, files)
        elif place in models:
            saved = models[place]
            kept = {file: keep(place, file, content) for file, content in saved.files.items()}
            layers[layer] = StoredModel(given.kind, _lists(place, saved.parameters), kept)
        else:
            layers[layer] = StoredNet(place)
    inputs: dict[str, StoredEncoder | ArraySpec | None] = dict.fromkeys(net.inputs)
    decoders: dict[str, StoredDecoder] = {}
    for port, attached in net._attached.items():
        if isinstance(attached, ArraySpec):
            inputs[port] = attached
            continue
        files, values = _with_files(attached, keep)
        declaration = {**attached.to_dict(), **values}
        if isinstance(attached, NetDecoder):
            decoders[port] = StoredDecoder(declaration, attached.digest, files)
        else:
            inputs[port] = StoredEncoder(declaration, attached.digest, attached._stated, files)
    kind = "NetChain" if isinstance(net, NetChain) else "NetGraph"
    return StoredGraph(kind, inputs, layers, net.edges, tuple(net.outputs), decoders)


def _with_files(
    value: NetEncoder | NetLayer | NetDecoder, keep: Keep
) -> tuple[dict[str, StoredFile], dict[str, Any]]:
    """Return the files of long values by name, and the parameters and layers that name them.

    Raises
    ------
    PortError
        The type of a parameter gives a file a name that a net file must not have.
    """
    files: dict[str, StoredFile] = {}

    def write(name: str, content: bytes) -> None:
        if problem := name_problem(name):
            raise PortError(f"{value.name}: the name of the file {name!r} {problem}.")
        files[name] = keep("", name, content)

    values = values_beside(value, write)
    return files, values


def digest_of(net: NetGraph, graph: StoredGraph, nets: Mapping[str, StoredGraph]) -> str:
    """Return the digest of a net.

    Parameters
    ----------
    net : NetGraph
    graph : StoredGraph
        Its description.
    nets : mapping of str to StoredGraph
        Those of the nets in it.

    Returns
    -------
    str
        The sha256, in hexadecimal, of the canonical JSON of the digests of encoders, layers and
        decoders, the parameters and the sha256 of the files of models, and the wiring. The order of
        layers and edges has no effect.
    """
    layers: dict[str, Any] = {}
    for name, layer in graph.layers.items():
        if isinstance(layer, StoredNet):
            layers[name] = {"net": digest_of(net.layers[name], nets[layer.name], nets)}
        elif isinstance(layer, StoredLayer):
            layers[name] = {"layer": layer.digest}
        else:
            files = {file: content.sha256 for file, content in layer.files.items()}
            parameters = layer.parameters
            layers[name] = {"model": layer.kind, "parameters": parameters, "files": files}
    inputs = {port: _attached(attached) for port, attached in graph.inputs.items()}
    wiring = {name: dict(feeds) for name, feeds in net._wiring.sources.items()}
    outputs = dict(net._wiring.outputs)
    content = {"inputs": inputs, "layers": layers, "sources": wiring, "outputs": outputs}
    if graph.decoders:  # else the digest is that of before there were decoders
        content["decoders"] = {port: each.digest for port, each in graph.decoders.items()}
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _attached(attached: StoredEncoder | ArraySpec | None) -> Any:
    if isinstance(attached, StoredEncoder):
        return {"encoder": attached.digest}
    return None if attached is None else {"form": form_dict(attached)}


def _lists(place: str, value: Any) -> Any:
    """Return JSON values with lists for tuples, as YAML gives them back."""
    if isinstance(value, Mapping):
        wrong = [key for key in value if not isinstance(key, str)]
        if wrong:
            raise PortError(f"layer {place!r}: a key of its parameters is no text: {wrong[0]!r}.")
        return {key: _lists(place, item) for key, item in value.items()}
    return [_lists(place, item) for item in value] if isinstance(value, list | tuple) else value

"""A saved net as the subject of a command: its file, and the facts that `show` prints."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from netencoders.cli import console, facts
from netencoders.cli.console import UsageError
from netencoders.errors import printable

if TYPE_CHECKING:
    from netencoders.arrays import ArraySpec
    from netencoders.graph import NetGraph
    from netencoders.net_files.document import Document
    from netencoders.net_files.stored import StoredFile

# The modules of net_files are imported late: other commands load no nets.

__all__ = ["is_net", "show_net"]

SUFFIX = ".netz"
_SHOWN = 12  # digits of a digest in a table


def is_net(name: str) -> bool:
    """Return whether a name is that of the file of a net."""
    return name.lower().endswith(SUFFIX)


def show_net(name: str, arguments: argparse.Namespace) -> int:
    """Print a saved net: its layers, ports and digests, and the versions that it was saved with."""
    from netencoders.graph import NetGraph
    from netencoders.net_files.loading import load_with_document

    if arguments.yaml or arguments.parameters:
        option = "--yaml" if arguments.yaml else "-p"
        raise UsageError(f"{option}: {printable(name)} is a saved net, and not an encoder")
    net, document = load_with_document(name, NetGraph)
    if arguments.json:
        content = {"file": name, **document.to_dict(), "forms": _forms(net)}
        console.out(json.dumps(content, indent=2, allow_nan=False))
    else:
        console.out(_text(net, document))
    return 0


def _forms(net: NetGraph) -> dict[str, Any]:
    from netencoders.net_files.forms import form_dict

    def shown(forms: Any) -> dict[str, Any]:
        items: list[tuple[str, ArraySpec | None]] = list(forms.items())
        return {port: None if form is None else form_dict(form) for port, form in items}

    return {"inputs": shown(net.inputs), "outputs": shown(net.outputs)}


def _text(net: NetGraph, document: Document) -> str:
    from netencoders.graph.picture import HEADINGS

    picture = [
        (row.name, row.kind, ", ".join(row.inputs), ", ".join(row.forms), row.parameters)
        for row in net._rows()
    ]
    rows = [("digest", document.digest)]
    versions = ", ".join(f"{name} {number}" for name, number in document.made_with.items())
    rows.insert(0, ("saved with", versions))
    if document.probe:
        signals = ", ".join(probe.signal for probe in document.probe.probes.values())
        count = len(document.probe.expected.values)
        values = "1 value" if count == 1 else f"{count} values"
        rows.insert(1, ("probe", f"{values} for {signals}, for verify"))
    width = max(len(name) for name, _ in rows)
    headings = ("layer", "kind", "content", "sha256")
    return "\n".join(
        [
            printable(repr(net)),
            "",
            facts.table(HEADINGS, picture, facts.WIDTH),
            "",
            facts.table(headings, list(_layers(net, document)), facts.WIDTH),
            "",
            *[printable(f"{name:{width}}  {text}") for name, text in rows],
        ]
    )


def _layers(net: NetGraph, document: Document) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each layer, also of nets in the net, and for each file of a part."""
    from netencoders.net_files.describing import nets_within
    from netencoders.net_files.stored import StoredEncoder, StoredLayer, StoredModel, inner_name

    for name, inner in nets_within(net):
        graph = document.nets[name] if name else document.graph
        for layer, stored in graph.layers.items():
            place, made = inner_name(name, layer), inner.layers[layer]
            if isinstance(stored, StoredLayer):
                yield place, made.name, repr(made), stored.digest[:_SHOWN]
                yield from _files(stored.files)
            elif isinstance(stored, StoredModel):
                yield place, stored.kind, "", ""
                yield from _files(stored.files)
            else:
                yield place, document.nets[stored.name].kind, "", ""
    for port, attached in document.graph.inputs.items():
        if isinstance(attached, StoredEncoder) and attached.files:
            yield port, "encoder", net.encoders[port].name, attached.digest[:_SHOWN]
            yield from _files(attached.files)
    for port, decoder in document.graph.decoders.items():
        yield port, "decoder", net.decoders[port].name, decoder.digest[:_SHOWN]
        yield from _files(decoder.files)


def _files(files: Mapping[str, StoredFile]) -> Iterator[tuple[str, str, str, str]]:
    for file, content in files.items():
        yield "", "", f"{file}, {content.size} bytes", content.sha256[:_SHOWN]

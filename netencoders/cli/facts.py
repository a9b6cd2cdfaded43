"""The facts about encoders and layers that `netencoders show` prints."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from netencoders import display
from netencoders.arrays import ArraySpec
from netencoders.cli import console
from netencoders.encoder import NetEncoder
from netencoders.errors import NetEncodersError, printable
from netencoders.layer import NetLayer
from netencoders.registry import decoders, encoders, find, find_layer
from netencoders.values import to_plain

__all__ = [
    "encoder_facts",
    "encoder_text",
    "layer_facts",
    "layer_text",
    "table",
    "version_text",
]


WIDTH = 120
"""The columns of `show` in a file or a pipe: the text does not depend on the terminal."""


def encoder_facts(encoder: NetEncoder) -> dict[str, Any]:
    """Return the facts about an encoder as JSON values."""
    outputs = {name: _form_facts(spec) for name, spec in encoder.outputs.items()}
    return {
        "encoder": encoder.name,
        "summary": encoder.summary,
        "provider": str(find(encoder.name).provider),
        "parameters": encoder.to_dict()["parameters"],
        "resolved": {name: to_plain(value) for name, value in encoder.resolved.items()},
        **({"outputs": outputs} if encoder.has_names else {"output": outputs["Output"]}),
        "layers": encoder.to_dict().get("layers", []),
        **({"spec": encoder.spec} if encoder.spec else {}),
        **({"probe": probe.to_dict()} if (probe := encoder._stated.probe) else {}),
        "engine": encoder.engine,
        "digest": encoder.digest,
    }


def _form_facts(spec: ArraySpec) -> dict[str, Any]:
    return {
        "dtype": spec.dtype,
        "dims": [to_plain(size) for size in spec.dims],
        "minimum": spec.minimum,
        "stream_axis": spec.stream_axis,
        "quantity": spec.quantity,
        "axes": [
            {"name": axis.name, "unit": axis.unit, "step": axis.step, "start": axis.start}
            for axis in spec.axes
        ],
    }


def _origin(encoder: NetEncoder, name: str | None) -> list[tuple[str, str]]:
    """Return rows for the provider of the encoder and, if a spec is named, for the spec."""
    facts = [("from", str(find(encoder.name).provider))]
    probe = encoder._stated.probe
    if probe:
        facts.append(("probe", f"{len(probe.values)} values of {probe.signal}, for verify"))
    if name is None and encoder.spec:
        return [("declared", f"as {encoder.spec}"), *facts]
    if name is None or name == encoder.name:
        return facts
    record = find(name)
    return [
        ("declared", f"as {name}: {record.summary.rstrip('.')}, from {record.provider}"),
        *facts,
    ]


def layer_facts(layer: NetLayer) -> dict[str, Any]:
    """Return the facts about a layer as JSON values."""
    return {
        "layer": layer.name,
        "summary": layer.summary,
        "provider": str(find_layer(layer.name).provider),
        "reach": layer.reach,
        "parameters": layer.to_dict()[layer.name],
        "resolved": {name: to_plain(value) for name, value in layer.resolved.items()},
        "digest": layer.digest,
    }


def layer_text(layer: NetLayer) -> str:
    """Return the facts about a layer as text."""
    rows = display.parameter_rows(layer)
    lines = [printable(repr(layer)), printable(layer.summary), ""]
    lines += [table(display.HEADINGS, rows, WIDTH), ""] if rows else []
    provider = str(find_layer(layer.name).provider)
    facts = [("reach", layer.reach), ("from", provider), ("digest", layer.digest)]
    return "\n".join([*lines, *(printable(f"{name:6}  {text}") for name, text in facts)])


def encoder_text(encoder: NetEncoder, name: str | None) -> str:
    """Return the facts of `show` as text; `name` is the name that the user gave."""
    facts = []
    for output, spec in encoder.outputs.items():
        title = f"output {output}" if encoder.has_names else "output"
        facts.append((title, f"{display.shape_text(spec)} {spec.quantity}".strip()))
        facts += [(f"  {axis}", text) for axis, text in display.axis_rows(spec)]
    engine = [("engine", encoder.engine)] if encoder.engine else []
    facts += [*_origin(encoder, name), *engine, ("digest", encoder.digest)]
    if name is not None and name in decoders():
        facts.append(("decoder", f"the same name has a decoder: netencoders show --decoder {name}"))
    width = max(len(name) for name, _ in facts)
    layer_lines: list[str] = []
    if encoder.layers:
        layer_lines = [table(display.LAYER_HEADINGS, display.layer_rows(encoder), WIDTH), ""]
    return "\n".join(
        [
            printable(repr(encoder)),
            printable(encoder.summary),
            "",
            table(display.HEADINGS, display.parameter_rows(encoder), WIDTH),
            "",
            *layer_lines,
            *[printable(f"{name:{width}}  {text}") for name, text in facts],
        ]
    )


def version_text(version: str) -> str:
    """Return the version, and the engines of the encoders with their distributions.

    A plugin that cannot be loaded is left out here: `netencoders plugins` reports it.
    """
    found: dict[str, None] = {}
    with warnings.catch_warnings(), suppress(NetEncodersError):
        warnings.simplefilter("ignore")
        for name, record in encoders().items():
            with suppress(NetEncodersError):
                if record.derived_from is None and (engine := NetEncoder(name).engine):
                    found[f"{record.provider}: {engine}"] = None
    return "\n".join([f"netencoders {version}", *map(printable, found)])


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], fixed: int | None = None) -> str:
    """Return rows of text in aligned columns that are safe to print.

    They fit the terminal; without a terminal, the number of columns `fixed`.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    return display.table(headings, cells, console.width(fixed))

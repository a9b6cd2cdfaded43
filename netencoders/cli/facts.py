"""The facts about encoders and layers that `netencoders show` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netencoders import display
from netencoders.encoder import NetEncoder
from netencoders.errors import printable
from netencoders.layer import NetLayer
from netencoders.registry import find, find_layer
from netencoders.values import to_plain

__all__ = ["encoder_facts", "encoder_text", "layer_facts", "layer_text", "table"]


def encoder_facts(encoder: NetEncoder) -> dict[str, Any]:
    """Return the facts about an encoder as JSON values."""
    output = encoder.output
    return {
        "encoder": encoder.name,
        "summary": encoder.summary,
        "provider": str(find(encoder.name).provider),
        "parameters": encoder.to_dict()["parameters"],
        "resolved": {name: to_plain(value) for name, value in encoder.resolved.items()},
        "output": {
            "dtype": output.dtype,
            "dims": [to_plain(size) for size in output.dims],
            "minimum": output.minimum,
            "stream_axis": output.stream_axis,
            "quantity": output.quantity,
            "axes": [
                {"name": axis.name, "unit": axis.unit, "step": axis.step, "start": axis.start}
                for axis in output.axes
            ],
        },
        "layers": encoder.to_dict().get("layers", []),
        "digest": encoder.digest,
    }


def _origin(encoder: NetEncoder, name: str | None) -> list[tuple[str, str]]:
    """Return rows for the provider of the encoder and, if a spec is named, for the spec."""
    facts = [("from", str(find(encoder.name).provider))]
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
    lines += [table(display.HEADINGS, rows), ""] if rows else []
    provider = str(find_layer(layer.name).provider)
    facts = [("reach", layer.reach), ("from", provider), ("digest", layer.digest)]
    return "\n".join([*lines, *(printable(f"{name:6}  {text}") for name, text in facts)])


def encoder_text(encoder: NetEncoder, name: str | None) -> str:
    """Return the facts of `show` as text; `name` is the name that the user gave."""
    form = display.shape_text(encoder.output)
    facts = [
        ("output", f"{form} {encoder.output.quantity}".strip()),
        *[(f"  {name}", text) for name, text in display.axis_rows(encoder.output)],
        *_origin(encoder, name),
        ("digest", encoder.digest),
    ]
    width = max(len(name) for name, _ in facts)
    layer_lines: list[str] = []
    if encoder.layers:
        layer_lines = [table(display.LAYER_HEADINGS, display.layer_rows(encoder)), ""]
    return "\n".join(
        [
            printable(repr(encoder)),
            printable(encoder.summary),
            "",
            table(display.HEADINGS, display.parameter_rows(encoder)),
            "",
            *layer_lines,
            *[printable(f"{name:{width}}  {text}") for name, text in facts],
        ]
    )


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text in aligned columns that are safe to print."""
    return display.table(headings, [[printable(cell) for cell in row] for row in rows])

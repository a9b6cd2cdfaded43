"""The facts about encoders and layers that `netencoders show` prints."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from netencoders import display
from netencoders.arrays import ArraySpec
from netencoders.cli import console
from netencoders.decoder import NetDecoder
from netencoders.encoder import NetEncoder
from netencoders.errors import NetEncodersError, printable
from netencoders.inputs import kinds_text
from netencoders.layer import NetLayer
from netencoders.parameters import Parameter
from netencoders.registry import decoders, encoders, find, find_decoder, find_layer
from netencoders.values import to_plain

__all__ = [
    "declared_facts",
    "declared_text",
    "encoder_facts",
    "encoder_text",
    "other_facts",
    "other_text",
    "required",
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
        "inputs": [*encoder.inputs],
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
        **{name: limit for name in ("low", "high") if (limit := getattr(spec, name)) is not None},
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


def other_facts(value: NetLayer | NetDecoder) -> dict[str, Any]:
    """Return the facts about a layer or a decoder as JSON values."""
    own: dict[str, Any]
    if isinstance(value, NetLayer):
        word, provider = "layer", find_layer(value.name).provider
        own = {"reach": value.reach, "parameters": value.to_dict()[value.name]}
    else:
        word, provider = "decoder", find_decoder(value.name).provider
        own = {
            "input": _form_facts(value.input),
            "properties": [*value.properties],
            "options": {
                each.name: {option.name: _option_facts(option) for option in each.parameters}
                for each in value._decoder.properties
                if each.parameters
            },
            "parameters": value.to_dict()["parameters"],
        }
    return {
        word: value.name,
        "summary": value.summary,
        "provider": str(provider),
        **own,
        "resolved": {name: to_plain(given) for name, given in value.resolved.items()},
        "digest": value.digest,
    }


def other_text(value: NetLayer | NetDecoder) -> str:
    """Return the facts about a layer or a decoder as text."""
    rows = display.parameter_rows(value)
    lines = [printable(repr(value)), printable(value.summary), ""]
    lines += [table(display.HEADINGS, rows, WIDTH), ""] if rows else []
    if isinstance(value, NetLayer):
        facts = [("reach", value.reach), ("from", str(find_layer(value.name).provider))]
    else:
        listed = [
            (each.name, ", ".join(map(_option, each.parameters)), each.doc)
            for each in value._decoder.properties
        ]
        lines += [table(("property", "options", "meaning"), listed, WIDTH), ""]
        facts = [("input", display.form_text(value.input))]
        facts += [("gives", ", ".join(value.properties))]
        facts += [("from", str(find_decoder(value.name).provider))]
    facts.append(("digest", value.digest))
    return "\n".join([*lines, *(printable(f"{name:6}  {text}") for name, text in facts)])


def _option(option: Parameter) -> str:
    return option.name if option.is_required else f"{option.name}={option.default!r}"


def _option_facts(option: Parameter) -> dict[str, Any]:
    default = {} if option.is_required else {"default": to_plain(option.check(option.default))}
    return {"doc": option.doc, "values": option.describe(), **default}


def required(record: Any) -> list[str]:
    """Return the names of the parameters that a record requires."""
    preset = getattr(record, "preset", {})
    return [each.name for each in record.parameters if each.is_required and each.name not in preset]


def declared_facts(record: Any, word: str) -> dict[str, Any]:
    """Return the declaration of an encoder, a layer or a decoder as JSON values."""
    return {
        word: record.name,
        "summary": record.summary,
        "provider": str(record.provider),
        **({"inputs": [*record.encoder.inputs]} if word == "encoder" else {}),
        "required": required(record),
        "declared": {each.name: each.describe() for each in record.parameters},
    }


def declared_text(record: Any, word: str) -> str:
    """Return the declaration of an encoder, a layer or a decoder as text."""
    names = required(record)
    rows = [
        (
            each.name,
            "required" if each.name in names else display.value_text(each.default),
            each.describe(),
            each.unit,
            each.doc,
        )
        for each in record.parameters
    ]
    headings = ("parameter", "default", "value", "unit", "meaning")
    kinds = getattr(getattr(record, "encoder", None), "inputs", ())
    facts = [("input", kinds_text(kinds))] if kinds else []
    given = " ".join(f"-p {name}=..." for name in names)
    option = " --decoder" if word == "decoder" else ""
    facts += [
        ("from", str(record.provider)),
        ("show", f"netencoders show {record.name}{option} {given}"),
    ]
    title = [f"{record.name}: a{'n' * (word == 'encoder')} {word}", record.summary, ""]
    return "\n".join(
        [
            *map(printable, title),
            table(headings, rows, WIDTH),
            "",
            *(printable(f"{name:5}  {text}") for name, text in facts),
        ]
    )


def encoder_text(encoder: NetEncoder, name: str | None) -> str:
    """Return the facts of `show` as text; `name` is the name that the user gave."""
    facts = [("input", kinds_text(encoder.inputs))] if encoder.inputs else []
    for output, spec in encoder.outputs.items():
        title = f"output {output}" if encoder.has_names else "output"
        facts.append((title, display.form_text(spec)))
        facts += [(f"  {axis}", text) for axis, text in display.axis_rows(spec)]
    engine = [("engine", encoder.engine)] if encoder.engine else []
    facts += [*_origin(encoder, name), *engine, ("digest", encoder.digest)]
    if name is not None and name in decoders():
        facts.append(("decoder", f"the same name has a decoder: netencoders show --decoder {name}"))
    width = max(len(name) for name, _ in facts)
    rows = display.parameter_rows(encoder)
    layer_lines: list[str] = []
    if encoder.layers:
        layer_lines = [table(display.LAYER_HEADINGS, display.layer_rows(encoder), WIDTH), ""]
    return "\n".join(
        [
            printable(repr(encoder)),
            printable(encoder.summary),
            "",
            *([table(display.HEADINGS, rows, WIDTH), ""] if rows else []),
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

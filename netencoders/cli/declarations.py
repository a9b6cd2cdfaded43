"""The texts of `show` for a decoder, and for an encoder whose required parameters are missing."""

from __future__ import annotations

from typing import Any

from netencoders import display
from netencoders.cli.facts import WIDTH, table
from netencoders.declared import Declared
from netencoders.decoder import NetDecoder
from netencoders.errors import printable
from netencoders.parameters import Parameter
from netencoders.registry import find_decoder
from netencoders.values import to_plain

__all__ = ["declared_text", "decoder_facts", "decoder_text"]

HEADINGS = ("parameter", "default", "values", "meaning")


def declared_text(declared: type[Declared], summary: str, provider: object) -> str:
    """Return the declaration of an encoder or a decoder, for which no values are given."""
    rows = [
        (
            parameter.name,
            "required" if parameter.is_required else display.value_text(parameter.default),
            parameter.describe(),
            parameter.doc,
        )
        for parameter in declared.parameters
    ]
    required = [each.name for each in declared.parameters if each.is_required]
    options = " ".join(f"-p {name}=..." for name in required)
    head = printable(f"{declared.name}: {summary}")
    more = f"for its form and its digest: netencoders show {declared.name} {options}"
    return "\n".join(
        [head, "", table(HEADINGS, rows, WIDTH), "", printable(f"from  {provider}"), more]
    )


def decoder_text(decoder: NetDecoder) -> str:
    """Return the facts about a decoder as text."""
    rows = display.parameter_rows(decoder)
    lines = [printable(repr(decoder)), printable(decoder.summary), ""]
    lines += [table(display.HEADINGS, rows, WIDTH), ""] if rows else []
    listed = [
        (each.name, ", ".join(map(_option, each.parameters)), each.doc)
        for each in decoder._decoder.properties
    ]
    lines += [table(("property", "options", "meaning"), listed, WIDTH), ""]
    facts = [
        ("input", display.shape_text(decoder.input)),
        ("from", str(find_decoder(decoder.name).provider)),
        ("digest", decoder.digest),
    ]
    return "\n".join([*lines, *(printable(f"{name:6}  {text}") for name, text in facts)])


def decoder_facts(decoder: NetDecoder) -> dict[str, Any]:
    """Return the facts about a decoder as JSON values."""
    form = decoder.input
    return {
        "decoder": decoder.name,
        "summary": decoder.summary,
        "provider": str(find_decoder(decoder.name).provider),
        "parameters": decoder.to_dict()["parameters"],
        "resolved": {name: to_plain(value) for name, value in decoder.resolved.items()},
        "properties": list(decoder.properties),
        "options": {
            each.name: {option.name: _option_facts(option) for option in each.parameters}
            for each in decoder._decoder.properties
            if each.parameters
        },
        "input": {"dtype": form.dtype, "dims": [to_plain(size) for size in form.dims]},
        "digest": decoder.digest,
    }


def _option(option: Parameter) -> str:
    return option.name if option.is_required else f"{option.name}={option.default!r}"


def _option_facts(option: Parameter) -> dict[str, Any]:
    default = {} if option.is_required else {"default": to_plain(option.check(option.default))}
    return {"doc": option.doc, "values": option.describe(), **default}

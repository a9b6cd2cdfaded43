"""A Sphinx extension that writes reference pages from the declarations.

The comment ``<!-- declared: NAME -->`` in a page is replaced by a part that `PARTS` makes from
`netencoders.encoders`, `netencoders.layers` and `netencoders.decoders`. So the page has the
parameters, units, defaults and descriptions of the installed version. The rules come from the table
in docs/decisions.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from netencoders import NetEncoder, Parameter, decoders, encoders, layers

__all__ = ["PARTS", "declared", "decoder_part", "encoder_part", "layer_part", "setup", "spec_part"]

DOCS: Final = Path(__file__).parents[1]
PART: Final = re.compile(r"^<!-- declared: ([\w-]+) -->$", re.MULTILINE)
RULE: Final = re.compile(r"^\| (A\d+) \|", re.MULTILINE)
# The pages that define each encoder: formulas, shapes, edges.
PAGES: Final = {
    "Audio": "audio.md",
    "AudioPartitions": "partitions.md",
    "AudioSTFT": "stft.md",
    "AudioSpectrogram": "spectrogram.md",
    "AudioMelSpectrogram": "mel-spectrogram.md",
    "AudioMFCC": "mfcc.md",
    "AudioChroma": "chroma.md",
    "Image": "image.md",
    **dict.fromkeys(("Boolean", "Scalar"), "text-and-classes.md#boolean-and-scalar"),
    "Class": "text-and-classes.md#class",
    "Characters": "text-and-classes.md#characters",
    "UTF8": "text-and-classes.md#utf8",
    "Tokens": "text-and-classes.md#tokens",
    "SubwordTokens": "subword-tokens.md",
}


def declared(text: str) -> str:
    """Return the text of a page with each part that it names."""
    return PART.sub(lambda match: PARTS[match[1]](), text)


def encoder_part() -> str:
    """Return a section for each shipped encoder: its output and its parameters."""
    rules = _rules()
    sections = []
    for name, record in encoders().items():
        if not record.provider.is_built_in or record.derived_from is not None:
            continue
        page = PAGES[name].partition("#")[0]
        facts = f"Definition, formulas and examples: [{page}](../{PAGES[name]})."
        if not any(parameter.is_required for parameter in record.parameters):
            encoder = NetEncoder(name)
            output = f"{encoder.output.dtype}, dimensions `{encoder.output.dims}`"
            facts += (
                f" The output with the defaults: {output}. Digest of the defaults: "
                f"`{encoder.digest}`."
            )
        sections += [f"## {name}", record.summary, facts]
        if record.parameters:
            sections.append(_parameters(record.parameters, rules))
    return "\n\n".join(sections)


def layer_part() -> str:
    """Return a section for each shipped layer: its parameters."""
    sections = []
    for name, record in layers().items():
        if not record.provider.is_built_in:
            continue
        anchor = name.lower()
        where = f"Definition, formula and examples: [layers.md](../layers.md#{anchor})."
        sections += [f"## {name}", f"{record.summary} {where}"]
        rules = sorted(set(re.findall(r"\bA\d+\b", record.layer.__doc__ or "")), key=_number)
        if rules:
            sections.append(f"Rules: {_linked(rules)}.")
        if record.parameters:
            sections.append(_parameters(record.parameters, {}))
    return "\n\n".join(sections)


def decoder_part() -> str:
    """Return a section for each shipped decoder: its parameters and its properties."""
    sections = []
    for name, record in decoders().items():
        if not record.provider.is_built_in:
            continue
        anchor = {"Boolean": "boolean-and-scalar", "Scalar": "boolean-and-scalar"}.get(name, name)
        where = f"[text-and-classes.md](../text-and-classes.md#{anchor.lower()})"
        if name == "SubwordTokens":
            where = "[subword-tokens.md](../subword-tokens.md#back-to-text)"
        sections += [f"## {name}", f"{record.summary} Definition and examples: {where}."]
        if record.decoder.parameters:
            sections.append(_parameters(record.decoder.parameters, {}))
        rows = [["property", "value", "options"], ["---"] * 3]
        for each in record.decoder.properties:
            options = ", ".join(f"`{option.name}`: {option.doc}" for option in each.parameters)
            rows.append([f"`{each.name}`", each.doc, options])
        sections.append("\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows))
    return "\n\n".join(sections)


def spec_part() -> str:
    """Return a section for each shipped spec: its declaration as YAML, and its digest."""
    sections = []
    for name, record in encoders().items():
        if record.provider.is_built_in and record.derived_from is not None:
            encoder = NetEncoder(name)
            text = encoder.to_yaml(pin=True)
            dims = f"{encoder.output.dtype}, dimensions `{encoder.output.dims}`"
            sections += [
                f"## {name}",
                f"{record.summary} It derives from `{record.derived_from}`; the output is {dims}.",
                f"```yaml\n{text.strip()}\n```",
            ]
    return "\n\n".join(sections)


PARTS: Final[dict[str, Callable[[], str]]] = {
    "decoders": decoder_part,
    "encoders": encoder_part,
    "layers": layer_part,
    "specs": spec_part,
}


def _parameters(parameters: Iterable[Parameter], rules: dict[str, list[str]]) -> str:
    """Return the table of parameters; the column of rules is left out if there are none."""
    head = ["parameter", "values", "default", "unit", "meaning", "also known as"]
    rows = [head + ["rules"] * bool(rules)]
    for parameter in parameters:
        row = [
            f"`{parameter.name}`",
            parameter.describe(),
            "required" if parameter.is_required else f"`{parameter.default!r}`",
            parameter.unit,
            parameter.doc,
            ", ".join(f"`{other}`" for other in parameter.known_as),
        ]
        rows.append(row + [_linked(rules.get(parameter.name, []))] * bool(rules))
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)


def _cell(text: str) -> str:
    """Return a text in the form for a cell of a table."""
    return text.replace("|", r"\|").replace("\n", " ")


def _linked(rules: Iterable[str]) -> str:
    return ", ".join(f"[{rule}](../decisions.md#{rule.lower()})" for rule in rules)


def _rules() -> dict[str, list[str]]:
    """Return the rules of each parameter, from the table in docs/decisions.md."""
    text = (DOCS / "decisions.md").read_text("utf-8")
    section = text.partition("\n## The rules of each parameter\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE)
    return {name: re.findall(r"A\d+", rest) for name, rest in rows}


def _number(rule: str) -> int:
    return int(rule[1:])


def _anchored(row: re.Match[str]) -> str:
    return f"| [{row[1]}]{{#{row[1].lower()}}} |"


def setup(app: Any) -> dict[str, Any]:
    """Connect the extension."""

    def read(app: Any, name: str, content: list[str]) -> None:
        if name == "decisions":  # an anchor for each rule
            content[0] = RULE.sub(_anchored, content[0])
        if PART.search(content[0]):
            content[0] = declared(content[0])
            app.env.note_reread()  # the declarations may have changed

    app.connect("source-read", read, priority=400)
    return {"parallel_read_safe": True}

"""docs/importers.md has the fields of every class, and runs.

``python tests/audio/importers/test_page.py`` writes the tables into the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from netencoders import ConfigField
from netencoders.values import alternatives
from netencoders_audio.importers.front_ends import FrontEnd
from netencoders_audio.importers.hugging_face import REFUSED
from netencoders_audio.importers.kaldi_front_ends import FBANK, MFCC
from netencoders_audio.importers.kaldi_options import SHARED
from netencoders_audio.importers.nemo_front_end import NEMO_FRONT_END
from netencoders_audio.importers.transformers_classes import FRONT_ENDS
from netencoders_audio.importers.transformers_fields import shared

PAGE = Path(__file__).parents[3] / "docs" / "importers.md"
BEGIN, END = "<!-- tables -->\n", "<!-- end of the tables -->\n"


def rows(fields: Sequence[ConfigField]) -> Iterator[str]:
    """Yield the table of fields with values, and a line of those without an effect."""
    yield "| field | values | default | sets |\n|---|---|---|---|\n"
    for field in fields:
        if field.type is not None:
            values = alternatives(field.type.describe())
            default = "needed" if repr(field.default) == "Absent" else f"`{field.default!r}`"
            yield f"| `{field.name}` | {values} | {default} | {field.doc} |\n"
    ignored: dict[str, list[str]] = {}
    for field in fields:
        if field.type is None:
            ignored.setdefault(field.doc, []).append(f"`{field.name}`")
    if ignored:
        texts = [f"{', '.join(names)} ({reason})" for reason, names in ignored.items()]
        yield f"\nWithout an effect: {'; '.join(texts)}.\n"
    yield "\n"


def rule(field: ConfigField) -> tuple[str, str, str]:
    """Return the parts of a rule that the table shows."""
    return field.name, repr(field.type), repr(field.default)


def section(front_end: FrontEnd, common: Sequence[ConfigField]) -> Iterator[str]:
    """Yield the section of one class, without the fields that are common."""
    yield f"### {front_end.name}\n\n"
    if front_end.note:
        yield f"The array: {front_end.note}.\n\n"
    if front_end.parts:
        yield f"Parts: {', '.join(f'`{part}`' for part in front_end.parts)}.\n\n"
    known = {rule(field) for field in common}
    yield from rows([field for field in front_end.fields if rule(field) not in known])


def tables() -> str:
    """Return the generated part of the page."""
    parts = ["## Hugging Face transformers\n\nEvery class has these fields:\n\n"]
    common = shared(16000)
    parts += rows(common)
    for name in sorted(FRONT_ENDS):
        parts += section(FRONT_ENDS[name], common)
    parts.append("These classes are refused:\n\n| class | reason |\n|---|---|\n")
    parts += [f"| `{name}` | {reason} |\n" for name, reason in REFUSED.items()]
    parts.append("\n## NeMo\n\n")
    parts += section(NEMO_FRONT_END, ())
    parts.append("## Kaldi\n\nBoth programs have these options:\n\n")
    parts += rows(SHARED)
    for front_end in (FBANK, MFCC):
        parts += section(front_end, SHARED)
    return "".join(parts)


def test_page_has_the_fields_of_every_class() -> None:
    """The tables of the page are those of the rules."""
    text = PAGE.read_text("utf-8")
    assert tables() == text.partition(BEGIN)[2].partition(END)[0]


def test_tables_name_every_class() -> None:
    """Each class that is imported or refused has a section or a row."""
    found = set(re.findall(r"^### (\w+)", tables(), re.MULTILINE))
    assert {*FRONT_ENDS, NEMO_FRONT_END.name, FBANK.name, MFCC.name} == found


if __name__ == "__main__":
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + tables() + END + rest.partition(END)[2], "utf-8")

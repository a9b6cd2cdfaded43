"""The tables of docs/models.md, from the rows and the golden arrays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from models.descriptions import DESCRIPTIONS
from models.golden import load
from models.signals import KINDS
from models.table import MODELS, Model

from netencoders import NetEncoder, Varying

__all__ = ["PAGE", "largest", "update"]

PAGE = Path(__file__).parents[3] / "docs" / "models.md"


def update(text: str) -> str:
    """Return the page with new tables."""
    parts = {
        "presets": _table(
            ("preset", "model", "kHz", "array", "largest error"), map(_preset, _names())
        ),
        "comparisons": _table(
            ("preset", "code that it equals", "versions", *KINDS), map(_comparison, MODELS)
        ),
        "signals": "\n".join(f"- {kind}: {text}" for kind, text in KINDS.items()),
        "date": f"Measured on {load()['made on']}.",
    }
    for part, content in parts.items():
        begin, end = f"<!-- {part}: make_models.py writes this -->", f"<!-- end of {part} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    return text


def largest(row: Model) -> float:
    """Return the largest error of a row, over the signals that are compared."""
    return max(float(load()[f"{row.name} {kind} error"]) for kind in KINDS if kind not in row.edges)


def _names() -> Iterable[str]:
    return dict.fromkeys(row.preset for row in MODELS)


def _preset(preset: str) -> tuple[str, ...]:
    encoder = NetEncoder(preset)
    dims = ", ".join("n" if size is Varying else str(size) for size in encoder.output.dims)
    error = max(largest(row) for row in MODELS if row.preset == preset)
    rate = f"{encoder.resolved['SampleRate'] / 1000:g}"
    return (f"`{preset}`", DESCRIPTIONS[preset], rate, f"({dims})", _number(error))


def _comparison(row: Model) -> tuple[str, ...]:
    kept = load()
    return (
        f"`{row.preset}`",
        f"`{row.shown}`",
        str(kept[f"{row.name} made with"]),
        *(_cell(row, kind) for kind in KINDS),
    )


def _cell(row: Model, kind: str) -> str:
    """Return the error, or the result of the preset and that of the library."""
    kept = load()
    if kind not in row.edges:
        return _number(float(kept[f"{row.name} {kind} error"]))
    edge = row.edges[kind]
    theirs = edge.theirs
    if theirs == "error":
        theirs = f"`{kept[f'{row.name} {kind} raised']}`"
    elif theirs == "noise":
        theirs = f"{float(kept[f'{row.name} {kind} range'][0]):.1g}"
    return f"{edge.ours}; {theirs}"


def _number(error: float) -> str:
    return f"{error:.1e}" if error else "0"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

"""Page: writes the measured parts of docs/benchmarks.md and of README.md from JSON.

    python -m benchmarks --json docs/benchmarks/rows.json
    python -m benchmarks --grid --json docs/benchmarks/grid.json
    python -m benchmarks.page

The parts are between two comments, and are replaced as a whole. A test compares them with the JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.grid_report import HEAD as GRID_HEAD
from benchmarks.grid_report import grid_cells
from benchmarks.report import COLUMNS, shown

__all__ = ["main", "replaced", "written"]

ROOT: Final = Path(__file__).parents[1]
ROWS, GRID = (ROOT / "docs" / "benchmarks" / name for name in ("rows.json", "grid.json"))
BEGIN, END = "<!-- {}: written by python -m benchmarks.page -->", "<!-- end of {} -->"
# The rows of README.md: the work, the row, and the systems of the two columns of peers.
SPEED: Final = (
    ("spectrogram of 10 minutes in memory, one thread", "S1", "torchaudio", "librosa.stft"),
    (
        "mel spectrogram of 10 minutes in memory, one thread",
        "S8-mel",
        "torchaudio MelSpectrogram",
        "librosa melspectrogram",
    ),
    ("300 WAV files of 3 to 15 s, one worker", "S5-WAV", "soundfile + torchaudio", ""),
)
Document = Mapping[str, Any]


def main() -> int:
    """Write both files."""
    measured = json.loads(ROWS.read_text("utf-8"))
    grid = json.loads(GRID.read_text("utf-8"))
    for path, text in written(measured, grid).items():
        path.write_text(text, "utf-8")
    return 0


def written(measured: Document, grid: Document) -> dict[Path, str]:
    """Return the text of each file with its measured parts."""
    page, readme = ROOT / "docs" / "benchmarks.md", ROOT / "README.md"
    text = replaced(page.read_text("utf-8"), "rows", rows_part(measured))
    return {
        page: replaced(text, "grid", grid_part(grid)),
        readme: replaced(readme.read_text("utf-8"), "speed", speed_part(measured)),
    }


def replaced(text: str, part: str, content: str) -> str:
    """Return a text with another content between the two comments of a part.

    Raises
    ------
    ValueError
        The text does not have each comment once.
    """
    begin, end = BEGIN.format(part), END.format(part)
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"the text must have {begin} and {end} once each.")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{content.strip()}\n{end}{after}"


def rows_part(measured: Document) -> str:
    """Return the machine, the table of all rows, and the table of missed targets."""
    cells = [cell for row in measured["rows"] for cell in _row(row)]
    met = [line["met"] for row in measured["rows"] for line in row["lines"] if line["target"]]
    lines = [
        *_machine(measured),
        "",
        *_table(("row", "system", "time", "netencoders is", "target", *COLUMNS), cells),
        "",
        f"{met.count(True)} of the {len(met)} targets are met.",
    ]
    missed = [cell for row in measured["rows"] for cell in _missed(row)]
    if missed:
        head = ("row", "compared with", "time allowed", "netencoders takes", "the floors take")
        text = "This table has the missed targets, the times that they allow, and the row's floors:"
        lines += ["", text, "", *_table(head, missed)]
    problems = [
        f"- {row['id']}, {line['system']}: {line['problem']}"
        for row in measured["rows"]
        for line in row["lines"]
        if line["problem"]
    ]
    return "\n".join([*lines, *([""] if problems else []), *problems])


def grid_part(measured: Document) -> str:
    """Return the machine and the table of the grid."""
    cells = [grid_cells(row) for row in measured["rows"]]
    verdicts = [cell[-1] for cell in cells]
    summary = f"{verdicts.count('met')} of the {len(cells)} settings meet the target."
    problems = [
        f"- {row['id']}, {line['system']}: {line['problem']}"
        for row in measured["rows"]
        for line in row["lines"]
        if line["problem"]
    ]
    return "\n".join([*_machine(measured), "", *_table(GRID_HEAD, cells), "", summary, *problems])


def speed_part(measured: Document) -> str:
    """Return the sentence and the table of README.md."""
    rows = {row["id"]: row["lines"] for row in measured["rows"]}
    cells = []
    for work, name, *peers in SPEED:
        ours, *_ = lines = rows[name]
        others = (_peer(lines, peer) for peer in peers)
        cells.append((f"{work} ({name})", shown(ours["median"]), *others))
    machine = f"{measured['processors']} cores of {measured['processor']}"
    sentences = [
        f"The table has medians of {measured['repeats']} values, measured on {machine}",
        f"on {measured['date']}. All systems compute the same arrays, which are compared first.",
    ]
    head = ("work", "netencoders", "torchaudio", "librosa")
    return "\n".join([*sentences, "", *_table(head, cells)])


def _machine(measured: Document) -> list[str]:
    names = [name for name, number in measured["versions"].items() if number]
    versions = ", ".join(f"{name} {measured['versions'][name]}" for name in names)
    machine = f"{measured['processors']} cores of {measured['processor']}"
    copy = f"{measured['copy'] / 1e9:.3g} GB/s"
    return [
        f"Measured on {measured['date']}, on {machine}, with the {measured['kernel']}.",
        f"A copy in memory reads and writes {copy} on one thread.",
        f"The times are medians of {measured['repeats']} values, with the spread if it is wide.",
        f"Python {measured['python']}, {versions}.",
    ]


def _row(row: Document) -> Iterator[tuple[str, ...]]:
    for line in row["lines"]:
        first = f"{row['id']}: {row['work']}" if line is row["lines"][0] else ""
        reference = next(other for other in row["lines"] if _same(other, line))
        system = f"**{line['system']}**" if line is reference else line["system"]
        is_told = line["threads"] == 1 or str(line["threads"]) in system
        threads = "" if is_told else f", {line['threads']} threads"
        target = ""
        if line["target"] and line["met"] is not None:
            target = f"{line['target']}: {'met' if line['met'] else '**missed**'}"
        yield (
            first,
            system + threads,
            _time(line, row["unit"]),
            _compared(line["ratio"], row["unit"]),
            target,
            *(_column(line[name], name) for name in COLUMNS),
        )


def _missed(row: Document) -> Iterator[tuple[str, ...]]:
    for line in row["lines"]:
        if line["met"] is not False or not line["allowed"]:
            continue
        same = [other for other in row["lines"] if _same(other, line)]
        allowed = line["allowed"]
        floors = [
            f"{other['system']} {_value(other['median'], row['unit'])}, "
            f"{other['median'] / allowed:.0%} of the allowed time"
            for other in same
            if other["floor"] and other["median"] is not None and other is not line
        ]
        yield (
            row["id"],
            line["system"],
            _value(allowed, row["unit"]),
            _value(same[0]["median"], row["unit"]),
            "; ".join(floors),
        )


def _table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    rows = [head, ["---"] * len(head), *cells]
    return [f"| {' | '.join(row)} |" for row in rows]


def _peer(lines: Sequence[Document], system: str) -> str:
    found = [line for line in lines if line["system"] == system and line["median"] is not None]
    if not found:
        return ""
    text = f"{shown(found[0]['median'])}, {found[0]['ratio']:.1f}x"
    return f"with soundfile {text}" if system.startswith("soundfile") else text


def _same(line: Document, other: Document) -> bool:
    """Return whether two lines have the same convention."""
    names = ("encoder", "parameters")
    return [line[name] for name in names] == [other[name] for name in names]


def _time(line: Document, unit: str) -> str:
    if line["median"] is None:
        return str(line["problem"]).partition(":")[0]
    values = line["values"]
    low, high = min(values), max(values)
    text = _value(median(values), unit)
    wide = high > 1.2 * low
    return f"{text} ({_value(low, unit)} to {_value(high, unit)})" if wide else text


def _value(value: float, unit: str) -> str:
    return shown(value) if unit == "s" else f"{value / 1e6:.1f} MB"


def _compared(ratio: float | None, unit: str) -> str:
    less, more = ("faster", "slower") if unit == "s" else ("less", "more")
    if not ratio:
        return ""
    return f"{ratio:.1f}x {less}" if ratio >= 1 else f"{1 / ratio:.2f}x {more}"


def _column(value: float | None, name: str) -> str:
    return "" if value is None else format(value, ".0%" if name == COLUMNS[0] else ".2f")


if __name__ == "__main__":
    sys.exit(main())

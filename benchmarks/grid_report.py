"""Grid report: one line for each setting of the grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.grid import LIMIT
from benchmarks.report import shown
from benchmarks.runner import Outcome

__all__ = ["GRID_HEAD", "aligned_line", "fastest", "grid_cells", "grid_summary"]

PEERS = ("librosa", "torch", "scipy")
HEAD = ("setting", "netencoders", *PEERS, "beside the fastest", "")
WIDTHS = (36, 11, 16, 16, 16, 18, 6)
GRID_HEAD = (HEAD, tuple("-" * width for width in WIDTHS))


def aligned_line(cells: Sequence[str]) -> str:
    """Return a line of the Markdown table."""
    padded = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return f"| {' | '.join(padded)} |"


def grid_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a setting, from its JSON values.

    The cell of a peer has its time, and its ratio to netencoders with the same parameters. At two
    rates, netencoders has three times, one with the resampler of each peer: the first is shown.
    """
    lines = row["lines"]
    by_name = {line["system"]: line for line in lines}
    peers = [_peer_cell(by_name.get(name)) for name in PEERS]
    ours = lines[0]["median"]
    smallest = fastest(row)
    compared = "" if smallest is None else _ratio(smallest)
    verdict = "" if smallest is None else "met" if smallest >= 1 / LIMIT else "MISSED"
    first = _problem(lines[0]) if ours is None else shown(ours)
    return (row["id"], first, *peers, compared, verdict)


def fastest(row: Mapping[str, Any]) -> float | None:
    """Return the time of the fastest peer, divided by that of netencoders; None without peers."""
    ratios = [line["ratio"] for line in row["lines"] if line["ratio"] is not None]
    return min(ratios, default=None)


def grid_summary(outcomes: Iterable[Outcome]) -> str:
    """Return the problems of all systems, one a line."""
    return "\n".join(
        f"- {outcome.row.id}: {line.entry.name}: {line.problem}"
        for outcome in outcomes
        for line in outcome.lines
        if line.problem
    )


def _peer_cell(line: Mapping[str, Any] | None) -> str:
    if line is None:
        return ""
    if line["ratio"] is None:
        return _problem(line)
    return f"{shown(line['median'])}, {line['ratio']:.2f}x"


def _problem(line: Mapping[str, Any]) -> str:
    return str(line["problem"] or "").partition(":")[0]


def _ratio(times: float) -> str:
    return f"{times:.2f}x faster" if times >= 1 else f"{1 / times:.2f}x slower"

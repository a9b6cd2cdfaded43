"""Report: what was measured, as a table, as JSON and as a picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.processes import processors
from benchmarks.runner import Line, Outcome

__all__ = ["machine", "picture", "record", "table"]

DISTRIBUTIONS = (
    "netencoders",
    "numpy",
    "scipy",
    "soundfile",
    "soxr",
    "torch",
    "torchaudio",
    "librosa",
    "kaldi-native-fbank",
)
COLOURS = ("tab:blue", "tab:orange")
HEAD = ("system", "threads", "median", "spread", "netencoders is", "aimed at", "results differ by")


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, system, versions."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in DISTRIBUTIONS},
    }


def record(outcome: Outcome) -> dict[str, Any]:
    """Return a row in JSON's terms."""
    first = outcome.lines[0]
    return {
        "id": outcome.row.id,
        "work": outcome.row.work,
        "unit": _unit(outcome),
        "shape": list(outcome.shape),
        "lines": [
            {
                "system": line.entry.name,
                "threads": line.entry.threads,
                "processors": processors(line.entry.threads),
                "values": line.values,
                "median": line.median,
                "ratio": ratio(first, line),
                "target": line.entry.target.text if line.entry.target else None,
                "met": met(first, line),
                "difference": line.difference,
                "tolerance": line.entry.tolerance if line.difference is not None else None,
                "problem": line.problem or None,
            }
            for line in outcome.lines
        ],
    }


def ratio(first: Line, line: Line) -> float | None:
    """Return how many times the first line's median another one's is."""
    if not first.median or line.median is None or line is first:
        return None
    return line.median / first.median


def met(first: Line, line: Line) -> bool | None:
    """Return whether a line's target is met; None where there is none, or nothing to judge by."""
    if line.entry.target is None or first.median is None or line.median is None:
        return None
    return line.entry.target.met(first.median, line.median)


def table(outcome: Outcome) -> str:
    """Return a row as a heading, a Markdown table that can be read as it is, and its problems."""
    row = outcome.row
    shape = f" -> {outcome.shape}" if outcome.shape else ""
    cells = [_cells(outcome, line) for line in outcome.lines]
    problems = [f"- {line.entry.name}: {line.problem}" for line in outcome.lines if line.problem]
    heading = f"**{row.id}** {row.work}{shape}"
    return "\n".join([heading, "", _aligned([HEAD, *cells]), "", *problems, *[""] * bool(problems)])


def picture(outcomes: Iterable[Outcome], path: Path) -> None:
    """Draw the time of each system as a multiple of netencoders'; memory is left to the table."""
    from matplotlib.figure import Figure  # late: tables need no matplotlib

    bars = [
        (f"{outcome.row.id}  {line.entry.name}", times, COLOURS[line.entry.threads > 1])
        for outcome in outcomes
        for line in outcome.lines
        if outcome.row.measure == "time" and (times := ratio(outcome.lines[0], line)) is not None
    ]
    figure = Figure(figsize=(8, 1.2 + 0.22 * len(bars)), layout="constrained")
    axes = figure.subplots()
    for place, (_, times, colour) in enumerate(bars):
        # From 1 outwards: to the right what netencoders is faster than, to the left what is faster.
        drawn = axes.barh(place, times - 1, left=1, color=colour)
        axes.bar_label(drawn, [f"{times:.3g}"], padding=2, fontsize=7)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(bars)), [name for name, _, _ in bars], fontsize=7)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.15, y=0.01)
    axes.set_xlabel("time as a multiple of netencoders' (blue: one thread, orange: more)")
    figure.savefig(path, dpi=150)


def _cells(outcome: Outcome, line: Line) -> tuple[str, ...]:
    entry, first = line.entry, outcome.lines[0]
    threads = str(entry.threads)
    if line.median is None:
        return (entry.name, threads, line.problem.partition(":")[0], "", "", "", "")
    spread = f"{_shown(min(line.values), outcome)} to {_shown(max(line.values), outcome)}"
    target = (
        f"{entry.target.text}: {'met' if met(first, line) else 'MISSED'}" if entry.target else ""
    )
    apart = "" if line.difference is None else f"{line.difference:.0e}"
    return (
        entry.name,
        threads,
        _shown(line.median, outcome),
        spread,
        _compared(ratio(first, line), outcome),
        target,
        apart,
    )


def _compared(times: float | None, outcome: Outcome) -> str:
    less, more = ("faster", "slower") if outcome.row.measure == "time" else ("less", "more")
    if not times:
        return ""
    return f"{times:.2f}x {less}" if times >= 1 else f"{1 / times:.2f}x {more}"


def _unit(outcome: Outcome) -> str:
    return "s" if outcome.row.measure == "time" else "B"


def _shown(value: float, outcome: Outcome) -> str:
    """Return a value with three digits and a unit that suits it."""
    if outcome.row.measure == "memory":
        return f"{value / 1e6:.1f} MB"
    scale, unit = next(
        ((scale, unit) for scale, unit in ((1, "s"), (1e3, "ms")) if value * scale >= 1),
        (1e6, "us"),
    )
    return f"{value * scale:.3g} {unit}" if value * scale < 1000 else f"{value * scale:.0f} {unit}"


def _aligned(cells: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = [
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in cells
    ]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None

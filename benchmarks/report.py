"""Report: writes the results as a table, as JSON and as a picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.floors import DECODING_ALONE, KERNEL_ALONE
from benchmarks.processes import processors
from benchmarks.runner import Line, Outcome
from benchmarks.tasks import System
from netencoders_audio.kernel import kernel_text

__all__ = ["COLUMNS", "aligned", "machine", "picture", "record", "shown", "table"]

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
    "transformers",
    "faster-whisper",
    "openai-whisper",
    "onnxruntime",
    "speechmos",
)
COLOURS = ("tab:blue", "tab:orange")
HEAD = ("system", "threads", "median", "spread", "netencoders is", "target", "results differ by")
# These columns are in a table only if they have a value.
COLUMNS = ("of copy speed", "to decoding alone", "to kernel alone")


def machine() -> dict[str, Any]:
    """Return the processor, the system and the versions of the libraries."""
    now = datetime.now(UTC)
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "kernel": kernel_text(),
        "date": f"{now.day} {now:%B %Y}",
        "versions": {name: _version(name) for name in DISTRIBUTIONS},
    }


def record(outcome: Outcome, copy: float) -> dict[str, Any]:
    """Return a row as JSON values; `copy` is the speed of a copy in bytes per second."""
    return {
        "id": outcome.row.id,
        "work": outcome.row.work,
        "unit": _unit(outcome),
        "lines": [
            {
                "system": line.entry.name,
                "encoder": line.entry.convention.encoder,
                "parameters": line.entry.convention.parameters,
                "shape": list(outcome.reference(line).shape),
                "threads": line.entry.threads,
                "processors": processors(line.entry.threads),
                "values": line.values,
                "median": line.median,
                "ratio": ratio(outcome, line),
                "target": line.entry.target.text if line.entry.target else None,
                "met": met(outcome, line),
                "allowed": allowed(outcome, line),
                "floor": line.entry.system.floor,
                **dict(zip(COLUMNS, _columns(outcome, line, copy), strict=True)),
                "difference": line.difference,
                "tolerance": line.entry.tolerance if line.difference is not None else None,
                "problem": line.problem or None,
            }
            for line in outcome.lines
        ],
    }


def ratio(outcome: Outcome, line: Line) -> float | None:
    """Return the median of a line divided by the median of its reference."""
    reference = outcome.reference(line)
    if not reference.median or line.median is None or line is reference:
        return None
    return line.median / reference.median


def met(outcome: Outcome, line: Line) -> bool | None:
    """Return whether a line's target is met; None without a target or without values."""
    reference = outcome.reference(line)
    if line.entry.target is None or reference.median is None or line.median is None:
        return None
    return line.entry.target.met(reference.median, line.median)


def allowed(outcome: Outcome, line: Line) -> float | None:
    """Return the largest median of the reference that a line's target allows, if it has one."""
    target = line.entry.target
    if target is None or target.allows is None or line.median is None:
        return None
    return target.allows(line.median)


def bandwidth(outcome: Outcome, line: Line, copy: float) -> float | None:
    """Return the bytes of input and result per second, relative to a copy in memory."""
    moved = outcome.moved(line)
    return None if moved is None or line.median is None else moved / line.median / copy


def to_floor(outcome: Outcome, line: Line, system: System) -> float | None:
    """Return the median of a line divided by that of a floor of its row."""
    floor = outcome.floor(line, system)
    return None if floor is None or line.median is None else line.median / floor


def table(outcome: Outcome, copy: float) -> str:
    """Return a row as a heading, an aligned Markdown table, and its problems.

    Parameters
    ----------
    outcome : Outcome
    copy : float
        The speed of a copy, in bytes read and written per second.
    """
    row = outcome.row
    shapes = [str(line.shape) for line in outcome.lines if line.shape]
    cells = [(*HEAD, *COLUMNS), *(_cells(outcome, line, copy) for line in outcome.lines)]
    columns = list(zip(*cells, strict=True))
    used = [column for column in columns if column[0] in HEAD or any(column[1:])]
    cells = list(zip(*used, strict=True))
    problems = [f"- {line.entry.name}: {line.problem}" for line in outcome.lines if line.problem]
    heading = f"**{row.id}** {row.work}{' -> ' * bool(shapes)}{', '.join(shapes)}"
    return "\n".join([heading, "", aligned(cells), "", *problems, *[""] * bool(problems)])


def picture(outcomes: Iterable[Outcome], path: Path) -> None:
    """Draw the time of each system, divided by that of netencoders; rows of memory are left out."""
    from matplotlib.figure import Figure  # late: tables need no matplotlib

    bars = [
        (f"{outcome.row.id}  {line.entry.name}", times, COLOURS[line.entry.threads > 1])
        for outcome in outcomes
        for line in outcome.lines
        if outcome.row.measure == "time" and (times := ratio(outcome, line)) is not None
    ]
    figure = Figure(figsize=(8, 1.2 + 0.22 * len(bars)), layout="constrained")
    axes = figure.subplots()
    for place, (_, times, colour) in enumerate(bars):
        # Bars start at 1 and extend to the right for slower systems, to the left for faster ones.
        drawn = axes.barh(place, times - 1, left=1, color=colour)
        axes.bar_label(drawn, [f"{times:.3g}"], padding=2, fontsize=7)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(bars)), [name for name, _, _ in bars], fontsize=7)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.15, y=0.01)
    axes.set_xlabel("time / time of netencoders (blue: one thread, orange: more)")
    figure.savefig(path, dpi=150)


def shown(seconds: float) -> str:
    """Return a time with three digits and a suitable unit."""
    scale, unit = next(
        ((scale, unit) for scale, unit in ((1, "s"), (1e3, "ms")) if seconds * scale >= 1),
        (1e6, "us"),
    )
    value = seconds * scale
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def aligned(cells: Sequence[Sequence[str]]) -> str:
    """Return an aligned Markdown table; the first row is its heading."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = [
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in cells
    ]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def _cells(outcome: Outcome, line: Line, copy: float) -> tuple[str, ...]:
    entry = line.entry
    threads = str(entry.threads)
    if line.median is None:
        return (entry.name, threads, line.problem.partition(":")[0], *[""] * 7)
    spread = f"{_shown(min(line.values), outcome)} to {_shown(max(line.values), outcome)}"
    target = (
        f"{entry.target.text}: {'met' if met(outcome, line) else 'MISSED'}" if entry.target else ""
    )
    apart = "" if line.difference is None else f"{line.difference:.0e}"
    return (
        entry.name,
        threads,
        _shown(line.median, outcome),
        spread,
        _compared(ratio(outcome, line), outcome),
        target,
        apart,
        *map(_number, _columns(outcome, line, copy), (".0%", ".2f", ".2f")),
    )


def _columns(outcome: Outcome, line: Line, copy: float) -> tuple[float | None, ...]:
    return (
        bandwidth(outcome, line, copy),
        to_floor(outcome, line, DECODING_ALONE),
        to_floor(outcome, line, KERNEL_ALONE),
    )


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _compared(times: float | None, outcome: Outcome) -> str:
    less, more = ("faster", "slower") if outcome.row.measure == "time" else ("less", "more")
    if not times:
        return ""
    return f"{times:.2f}x {less}" if times >= 1 else f"{1 / times:.2f}x {more}"


def _unit(outcome: Outcome) -> str:
    return "s" if outcome.row.measure == "time" else "B"


def _shown(value: float, outcome: Outcome) -> str:
    return shown(value) if outcome.row.measure == "time" else f"{value / 1e6:.1f} MB"


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

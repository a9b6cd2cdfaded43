"""The command: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.processes import processors
from benchmarks.report import machine, picture, record, table
from benchmarks.rows import Row, rows
from benchmarks.runner import Outcome, measure


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return 1 if a system was refused or failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure netencoders beside its peers."
    )
    parser.add_argument("--rows", metavar="S1,S3", help="these rows only; S4 is S4-FLAC and S4-MP3")
    parser.add_argument("--repeats", type=int, metavar="N", help="values a system, at least 5")
    parser.add_argument("--quick", action="store_true", help="short inputs and 2 values: a trial")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios")
    parser.add_argument("--folder", type=Path, help="keep the inputs there, for the next run")
    options = parser.parse_args(arguments)
    repeats = options.repeats or (2 if options.quick else 5)
    if repeats < 5 and not options.quick:
        parser.error(f"--repeats must be at least 5 without --quick. Got {repeats}.")
    try:
        chosen = _chosen(rows(quick=options.quick), options.rows)
    except ValueError as problem:
        parser.error(str(problem))

    facts = {**machine(), "quick": options.quick, "repeats": repeats}
    print(_told(facts))
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        for row in chosen:
            outcomes.append(measure(row, folder.resolve(), repeats))
            print(table(outcomes[-1]), flush=True)
    if options.json:
        document = {**facts, "rows": [record(outcome) for outcome in outcomes]}
        options.json.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    if options.plot:
        picture(outcomes, options.plot)
    problems = [line.problem for outcome in outcomes for line in outcome.lines]
    return int(any(problem.startswith(("refused", "failed")) for problem in problems))


def _chosen(known: tuple[Row, ...], asked: str | None) -> list[Row]:
    """Return the rows whose id, or the first part of it, is asked for."""
    if asked is None:
        return list(known)
    wanted = asked.split(",")
    chosen = [row for row in known if {row.id, row.id.partition("-")[0]} & set(wanted)]
    unknown = set(wanted) - {name for row in chosen for name in (row.id, row.id.partition("-")[0])}
    if unknown:
        there = ", ".join(row.id for row in known)
        raise ValueError(f"no row {', '.join(sorted(unknown))}. There are: {there}.")
    return chosen


def _told(facts: Mapping[str, Any]) -> str:
    versions = [f"{name} {number or 'missing'}" for name, number in facts["versions"].items()]
    bound = "bound to as many processors" if processors(1) else "NOT bound to processors"
    lines = [
        f"{facts['processors']} x {facts['processor']}, {facts['system']}",
        f"Python {facts['python']}, {', '.join(versions)}",
        f"Medians of {facts['repeats']} values, systems in turn; threads are {bound}.",
    ]
    if facts["quick"]:
        lines.append("QUICK: short inputs and few values, the figures mean little.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

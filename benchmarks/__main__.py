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

from benchmarks.entries import chosen
from benchmarks.grid import grid
from benchmarks.grid_report import GRID_HEAD, aligned_line, grid_cells, grid_summary
from benchmarks.processes import Pool, processors
from benchmarks.report import machine, picture, record, table
from benchmarks.rows import rows
from benchmarks.runner import Outcome, copy_speed, measure

# Seconds that each value of the grid takes at least: it has 180 systems.
GRID_SECONDS = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return 1 if a system was refused or failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Compare netencoders with its peers."
    )
    parser.add_argument("--rows", metavar="S1,S3", help="only these rows; S4 is S4-FLAC and S4-MP3")
    parser.add_argument("--grid", action="store_true", help="40 settings instead of the rows")
    parser.add_argument("--repeats", type=int, metavar="N", help="values per system, at least 5")
    parser.add_argument(
        "--quick", action="store_true", help="a trial with short inputs and 2 values"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios")
    parser.add_argument("--folder", type=Path, help="where to keep the inputs for the next run")
    options = parser.parse_args(arguments)
    repeats = options.repeats or (2 if options.quick else 5)
    if repeats < 5 and not options.quick:
        parser.error(f"--repeats must be at least 5 without --quick. Got {repeats}.")
    if options.grid and (options.rows or options.plot):
        parser.error("--grid has no --rows and no --plot.")
    try:
        known = (grid if options.grid else rows)(quick=options.quick)
        asked = known if options.rows is None else chosen(known, options.rows)
    except ValueError as problem:
        parser.error(str(problem))

    copy = copy_speed()
    facts = {**machine(), "quick": options.quick, "repeats": repeats, "copy": copy}
    print(_heading(facts))
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        pool = stack.enter_context(Pool())
        if options.grid:
            print("\n".join(aligned_line(cells) for cells in GRID_HEAD))
        for row in asked:
            if options.grid:
                outcomes.append(measure(row, folder.resolve(), repeats, pool.worker, GRID_SECONDS))
                print(aligned_line(grid_cells(record(outcomes[-1], copy))), flush=True)
            else:
                outcomes.append(measure(row, folder.resolve(), repeats))
                print(table(outcomes[-1], copy), flush=True)
            if options.json:  # after each row: an interrupted run loses nothing
                document = {**facts, "rows": [record(outcome, copy) for outcome in outcomes]}
                options.json.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    if options.plot:
        picture(outcomes, options.plot)
    if options.grid:
        print(grid_summary(outcomes))
    problems = [line.problem for outcome in outcomes for line in outcome.lines]
    return int(any(problem.startswith(("refused", "failed")) for problem in problems))


def _heading(facts: Mapping[str, Any]) -> str:
    versions = [f"{name} {number or 'missing'}" for name, number in facts["versions"].items()]
    bound = "bound to as many processors" if processors(1) else "NOT bound to processors"
    lines = [
        f"{facts['processors']} x {facts['processor']}, {facts['system']}",
        f"Python {facts['python']}, {', '.join(versions)}",
        f"Medians of {facts['repeats']} values, systems in turn. Threads are {bound}.",
        f"A copy in memory reads and writes {facts['copy'] / 1e9:.3g} GB/s on one thread.",
    ]
    if facts["quick"]:
        lines.append("QUICK: the inputs are short and the values few, so the figures mean little.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

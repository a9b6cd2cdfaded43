"""Profile: measures the time of each stage in the work of a row.

``python -m benchmarks.profile`` prints, in Markdown, the time of each stage on one thread, the time
of the row's floors in the same process, and their share in the time that the row's targets allow.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks import systems
from benchmarks.conventions import Convention
from benchmarks.entries import Entry, Row, chosen
from benchmarks.floors import DECODING_ALONE, RFFT_ALONE
from benchmarks.processes import FailedError, dotted, worker
from benchmarks.report import aligned, shown
from benchmarks.rows import rows
from benchmarks.runner import MIN_SECONDS, Line, Outcome, absent, measure
from benchmarks.stages import REST, STAGES
from benchmarks.tasks import System, Task

__all__ = ["Profile", "main", "profile", "table", "targets"]


@dataclass(frozen=True)
class Profile:
    """The times of one task, in seconds.

    Attributes
    ----------
    stages : mapping of str to float
        The time of each stage in the run with the median total, without the time of the stopwatch.
    stopwatch : float
        The time of the stopwatch.
    plain : float
        The median of runs without a stopwatch.
    floors : mapping of str to float
        Medians of systems that do only a part of the work, by name.
    """

    stages: Mapping[str, float]
    stopwatch: float
    plain: float
    floors: Mapping[str, float]

    @property
    def total(self) -> float:
        """The sum of all stages."""
        return sum(self.stages.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return 1 if something failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("file", nargs="?", help="a recording, encoded by AudioSpectrogram")
    parser.add_argument(
        "--row", metavar="S7", help="rows whose work is profiled, instead of a file"
    )
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="values of each time")
    parser.add_argument("--quick", action="store_true", help="a trial with short inputs")
    parser.add_argument("--folder", type=Path, help="where to keep the inputs for the next run")
    options = parser.parse_args(arguments)
    if options.file and options.row:
        parser.error("give a file or --row, not both")
    if options.repeats < 1:
        parser.error(f"--repeats must be at least 1. Got {options.repeats}.")
    try:
        asked = _profiled(rows(quick=options.quick), options.row or "S3")
    except ValueError as problem:
        parser.error(str(problem))
    try:
        if options.file:
            print(_file(options.file, options.repeats))
            return 0
        with ExitStack() as stack:
            folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder.mkdir(parents=True, exist_ok=True)
            for row, entry in asked:
                print(_row(row, entry, folder.resolve(), options.repeats), flush=True)
    except FailedError as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return 1
    return 0


def profile(task: Task, floors: Sequence[System], repeats: int, per: int = 1) -> Profile:
    """Measure the stages of netencoders on one thread, in a separate process.

    Each of `repeats` rounds measures the work without the stopwatch, with it, and the floors.

    Parameters
    ----------
    task : Task
    floors : sequence of System
    repeats : int
    per : int
        The divisor of all times.

    Raises
    ------
    FailedError
        The encoder or a floor raised an error.
    """
    prepare = systems.OURS.prepare
    plain, runs = list[float](), []
    found: dict[str, list[float]] = {floor.name: [] for floor in floors}
    with worker(prepare, replace(task, threads=1)) as request:
        request("time", calls=1)  # for the late imports
        calls = math.ceil(MIN_SECONDS / request("time", calls=1))
        for _ in range(repeats):
            plain.append(request("time", calls=calls) / per)
            runs.append(request("profile", calls=calls))
            for floor in floors:
                assert floor.prepare is not None  # no floor is a command
                seconds = request("floor", system=dotted(floor.prepare), calls=calls)
                found[floor.name].append(seconds / per)
    runs.sort(key=lambda run: sum(run["corrected"].values()))
    run = runs[len(runs) // 2]
    stages = {stage: seconds / per for stage, seconds in run["corrected"].items()}
    stopwatch = sum(run["measured"].values()) / per - sum(stages.values())
    medians = {name: median(values) for name, values in found.items()}
    return Profile(stages, stopwatch, median(plain), medians)


def table(found: Profile, unit: str) -> str:
    """Return the stages and the floors as a Markdown table with the heading `unit`."""
    stages = [stage for stage in (*STAGES, REST) if stage in found.stages]
    times = {stage: found.stages[stage] for stage in stages}
    times |= {"**total**": found.total, "without the stopwatch": found.plain}
    times |= {f"floor: {name}": seconds for name, seconds in found.floors.items()}
    cells = [
        (name, shown(seconds), f"{seconds / found.total:.1%}") for name, seconds in times.items()
    ]
    cost = f"The stopwatch takes another {shown(found.stopwatch)}, which is not in the table."
    return "\n".join([aligned([("stage", unit, "share"), *cells]), "", cost, ""])


def targets(found: Profile, outcome: Outcome) -> str:
    """Return the time that a row's targets allow, and the share of the floors, as a table.

    Parameters
    ----------
    found : Profile
    outcome : Outcome
        The entries of one convention, in the same unit.
    """
    ours, *others = outcome.lines
    cells, problems = [], []
    for line in others:
        target, theirs = line.entry.target, found.floors.get(line.entry.system.name, line.median)
        if target is None or target.allows is None:
            continue
        if theirs is None or ours.median is None:
            problems.append(f"- {line.entry.name}: {line.problem or ours.problem}")
            continue
        allowed = target.allows(theirs)
        parts = [ours.median, *found.floors.values()]
        shares = [f"{part / allowed:.0%} of that" for part in parts]
        cells.append((line.entry.name, shown(theirs), target.text, shown(allowed), *shares))
    head = ("compared with", "takes", "target", "time allowed", "netencoders is")
    floors = tuple(f"{name} is" for name in found.floors)
    lines = [aligned([(*head, *floors), *cells]), ""] if cells else []
    return "\n".join([*lines, *problems, *[""] * bool(problems)])


def _profiled(known: tuple[Row, ...], asked: str) -> list[tuple[Row, Entry]]:
    """Return the entries to profile: netencoders with each convention of each row."""
    able = [row for row in known if row.measure == "time" and row.entries[0].system is systems.OURS]
    found = chosen(known, asked)
    unable = [row.id for row in found if row not in able]
    if unable:
        there = ", ".join(row.id for row in able)
        raise ValueError(f"{', '.join(unable)} cannot be profiled. Choose from: {there}.")
    return [(row, line.entry) for row in found for line in _references(row)]


def _references(row: Row) -> list[Line]:
    outcome = Outcome(row, [Line(entry) for entry in row.entries])
    return [line for line in outcome.lines if outcome.reference(line) is line]


def _row(row: Row, entry: Entry, folder: Path, repeats: int) -> str:
    per = entry.inputs.count if entry.inputs else 1
    same = [
        replace(other, per=per) for other in row.entries if other.convention == entry.convention
    ]
    floors = {RFFT_ALONE.name: RFFT_ALONE}
    floors |= {
        other.system.name: other.system
        for other in same
        if other.system.floor and not absent(other.system)
    }
    found = profile(entry.task(folder), list(floors.values()), repeats, per)
    targeted = [other for other in same[1:] if other.target and not other.system.floor]
    outcome = measure(replace(row, entries=(same[0], *targeted)), folder, repeats)
    # The floors are already measured.
    outcome.lines += [Line(other) for other in same[1:] if other.target and other.system.floor]
    unit = "a file" if per > 1 else "a call"
    heading = f"**{row.id}** {row.work}: {entry.name}; one thread, medians of {repeats} values"
    more = f"The targets are for {entry.threads} threads; the floors use one.\n\n"
    more *= entry.threads > 1
    return "\n".join([heading, "", table(found, unit), more + targets(found, outcome)])


def _file(path: str, repeats: int) -> str:
    defaults = Convention()
    task = Task([str(Path(path).resolve())], 1, defaults.encoder, defaults.parameters)
    found = profile(task, [RFFT_ALONE, DECODING_ALONE], repeats)
    heading = f"{path}: {defaults.encoder}; one thread, medians of {repeats} values"
    return "\n".join([heading, "", table(found, "a call")])


if __name__ == "__main__":
    sys.exit(main())

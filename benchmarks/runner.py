"""Runner: compares the results of the systems of a row, then measures the systems in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks import floors
from benchmarks.entries import Entry, Row
from benchmarks.inputs import Signal, make
from benchmarks.processes import FailedError, Request, command_seconds, processors, worker
from benchmarks.tasks import KERNEL, Prepared, System, Task
from netencoders_audio.kernel import kernel_path

__all__ = ["Line", "Outcome", "absent", "copy_speed", "difference", "measure"]

# In seconds. Short calls are repeated until they take this time.
MIN_SECONDS = 0.2
RESULTS = "results.npy"

Start = Callable[[Callable[[Task], Prepared] | None, Task], AbstractContextManager[Request]]


@dataclass
class Line:
    """The result of one entry.

    Attributes
    ----------
    entry : Entry
    values : list of float
        One value for each round; empty if there is a `problem`.
    problem : str
        The reason why it is not measured. It starts with ``missing``, ``refused`` or ``failed``.
    difference : float or None
        The largest difference from the reference, relative to the largest value.
    shape : tuple of int
        The shape of the results, if the line is a reference.
    read : int
        The bytes of the inputs.
    """

    entry: Entry
    values: list[float] = field(default_factory=list)
    problem: str = ""
    difference: float | None = None
    shape: tuple[int, ...] = ()
    read: int = 0

    @property
    def median(self) -> float | None:
        """The median of the values."""
        return median(self.values) if self.values else None


@dataclass
class Outcome:
    """The result of one row: a line for each entry."""

    row: Row
    lines: list[Line]

    def reference(self, line: Line) -> Line:
        """Return the reference of a line: the first line of its convention."""
        convention = line.entry.convention
        return next(other for other in self.lines if other.entry.convention == convention)

    def moved(self, line: Line) -> int | None:
        """Return the bytes of the input and the result of a line; None without a result."""
        shape = self.reference(line).shape
        if not shape or not line.entry.system.comparable or self.row.measure != "time":
            return None
        return line.read + math.prod(shape) * np.dtype(np.float32).itemsize

    def floor(self, line: Line, system: System) -> float | None:
        """Return the median of a system that bounds a line's time, or None if it has none."""
        if line.entry.system.floor:
            return None
        same = (
            other.median
            for other in self.lines
            if other.entry.system.name == system.name
            and other.entry.convention == line.entry.convention
        )
        return next(same, None)


class RefusedError(Exception):
    """Results that differ from the reference."""


class MissingError(Exception):
    """Distributions that are not installed."""


def measure(
    row: Row, folder: Path, repeats: int, start: Start = worker, seconds: float | None = None
) -> Outcome:
    """Measure one row.

    The results are compared first. A system that differs from the first entry of its convention is
    refused. Then each system in turn gives one value, `repeats` times, so that a slow minute of the
    machine affects all systems.

    Parameters
    ----------
    row : Row
    folder : path
        The folder for the inputs and for temporary results.
    repeats : int
    start : callable
        Starts the process of a system, or finds one that can be used again.
    seconds : float, optional
        Shorter calls are repeated until they take this time; by default `MIN_SECONDS`.
    """
    enough = MIN_SECONDS if seconds is None else seconds
    outcome = Outcome(row, [Line(entry) for entry in row.entries])
    with ExitStack() as processes:
        processes.callback(_remove_results, outcome, folder)
        measured = []
        for line in outcome.lines:
            with _recording_problems(line):
                request = partial(_started, processes, start)
                measured.append((line, _prepared(outcome, line, folder, request, enough)))
        for _ in range(repeats):
            for line, value in measured:
                if not line.problem:
                    with _recording_problems(line):
                        line.values.append(value() / line.entry.per)
    return outcome


def absent(system: System) -> list[str]:
    """Return the requirements of a system that are not installed."""
    return [name for name in system.requires if not _is_installed(name)]


def copy_speed() -> float:
    """Return the speed of a copy in memory on one thread, in bytes read and written per second."""
    with worker(floors.copying, Task(())) as request:
        request("time", calls=1)
        seconds: float = median(request("time", calls=1) for _ in range(5))
    return 2 * floors.COPIED / seconds


def difference(expected: Path, results: Path) -> float:
    """Return the largest difference of two stored arrays, relative to the largest value.

    Raises
    ------
    RefusedError
        Their shapes differ.
    """
    ours, theirs = np.load(expected, mmap_mode="r"), np.load(results, mmap_mode="r")
    if ours.shape != theirs.shape:
        raise RefusedError(f"its results are {theirs.shape}, not {ours.shape}")
    blocks = [slice(start, start + 4096) for start in range(0, len(ours), 4096)]
    largest = max(float(np.abs(ours[block]).max()) for block in blocks)
    # The max of numpy returns NaN if there is one. The max of Python may not.
    apart = np.max([np.abs(ours[block] - theirs[block]).max() for block in blocks])
    return float(apart) / (largest or 1.0)


@contextmanager
def _recording_problems(line: Line) -> Iterator[None]:
    try:
        yield
    except RefusedError as refusal:
        line.problem = f"refused: {refusal}"
    except FailedError as failure:
        line.problem = f"failed: {failure}"
    except MissingError as missing:
        line.problem = f"missing: {missing}"
    if line.problem:
        line.values.clear()


def _prepared(
    outcome: Outcome,
    line: Line,
    folder: Path,
    started: Callable[[System, Task], Request],
    seconds: float,
) -> Callable[[], float]:
    """Compare and warm up a system, and return the function that measures it."""
    entry = line.entry
    _require(entry)
    if entry.inputs is None:
        arguments = entry.system.command, entry.threads, folder
        command_seconds(*arguments)
        return lambda: command_seconds(*arguments)
    task = entry.task(folder)
    line.read = sum(Path(path).stat().st_size for path in task.inputs)
    if outcome.row.measure == "memory":
        with worker(entry.system.prepare, task) as request:
            _compare(outcome, line, folder, request)
        return lambda: _memory(entry.system, task, folder)
    request = started(entry.system, task)
    if entry.system.comparable:
        _compare(outcome, line, folder, request)
    # The first call takes longer because of late imports.
    request("time", calls=1)
    calls = math.ceil(seconds / request("time", calls=1))

    def value() -> float:
        if calls > 1:  # other processes have used the caches, and perhaps its memory
            request("time", calls=calls)
        return float(request("time", calls=calls))

    return value


def _started(processes: ExitStack, start: Start, system: System, task: Task) -> Request:
    return processes.enter_context(start(system.prepare, task))


def _require(entry: Entry) -> None:
    if missing := absent(entry.system):
        raise MissingError(f"not installed: {', '.join(missing)}")
    there = processors(entry.threads)
    if there and len(there) < entry.threads:
        raise FailedError(f"needs {entry.threads} processors, but may use only {len(there)}")


def _is_installed(distribution: str) -> bool:
    if distribution == KERNEL:
        return kernel_path() != "off"
    try:
        return bool(version(distribution))
    except PackageNotFoundError:
        return False


def _compare(outcome: Outcome, line: Line, folder: Path, request: Request) -> None:
    reference = outcome.reference(line)
    expected, results = _expected(outcome, reference, folder), folder / RESULTS
    if line is reference:
        line.shape = tuple(request("save", path=str(expected)))
        return
    if not reference.shape:
        raise FailedError(f"{reference.entry.name} has no results to compare with")
    request("save", path=str(results))
    line.difference = difference(expected, results)
    if not line.difference <= line.entry.tolerance:
        raise RefusedError(
            f"its results differ by {line.difference:.1e} of the largest, "
            f"more than {line.entry.tolerance:.0e}"
        )


def _expected(outcome: Outcome, reference: Line, folder: Path) -> Path:
    return folder / f"expected-{outcome.lines.index(reference)}.npy"


def _remove_results(outcome: Outcome, folder: Path) -> None:
    for path in [folder / RESULTS, *(_expected(outcome, line, folder) for line in outcome.lines)]:
        path.unlink(missing_ok=True)


def _memory(system: System, task: Task, folder: Path) -> float:
    """Measure in a new process each time, so that no freed memory is reused."""
    with worker(system.prepare, task) as request:
        return float(request("memory", warm_up=make(Signal(1), folder)))

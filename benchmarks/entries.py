"""Entries: the declaration of a row, of its systems and of their targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.conventions import WHOLE, Convention
from benchmarks.inputs import Signal, make
from benchmarks.tasks import System, Task

__all__ = [
    "FLOAT32",
    "LOGARITHM",
    "RESAMPLERS",
    "Entry",
    "Row",
    "Target",
    "at_most",
    "chosen",
    "faster",
]

# Tolerances relative to the largest value of a spectrogram: for rounding in float32, for the
# logarithm of such values, and for two resamplers of different design.
FLOAT32, LOGARITHM, RESAMPLERS = 1e-5, 1e-4, 5e-3


@dataclass(frozen=True)
class Target:
    """A target for the ratio of two medians.

    Attributes
    ----------
    text : str
    met : callable
        Takes the medians of netencoders and of the system.
    allows : callable, optional
        Takes the median of the system, and returns the largest allowed median of netencoders.
    """

    text: str
    met: Callable[[float, float], bool]
    allows: Callable[[float], float] | None = None


@dataclass(frozen=True)
class Entry:
    """One system of a row.

    Attributes
    ----------
    system : System
    inputs : Signal, optional
        None for a whole process.
    threads : int
        The number of threads; the process is bound to as many processors.
    target : Target, optional
    convention : Convention
        The arrays to compute. They are compared with the row's first entry of this convention.
    tolerance : float
        The largest allowed difference, relative to the largest expected value.
    label : str
        A text after the system's name.
    per : float
        The divisor of the measured value.
    """

    system: System
    inputs: Signal | None = None
    threads: int = 1
    target: Target | None = None
    convention: Convention = WHOLE
    tolerance: float = FLOAT32
    label: str = ""
    per: float = 1.0

    @property
    def name(self) -> str:
        """The system's name with its label."""
        return f"{self.system.name}, {self.label}" if self.label else self.system.name

    def task(self, folder: Path) -> Task:
        """Return the task of its process; inputs are made in a folder."""
        inputs = make(self.inputs, folder) if self.inputs else ()
        used = self.convention
        rate = self.inputs.rate if self.inputs else 16000
        return Task(inputs, self.threads, used.encoder, used.parameters, rate)


@dataclass(frozen=True)
class Row:
    """One piece of work.

    Attributes
    ----------
    id : str
    work : str
    entries : tuple of Entry
        The first entry of each convention, netencoders, is the reference for the others.
    measure : {"time", "memory"}
        The time in seconds, or the bytes of resident memory in addition to input and output.
    """

    id: str
    work: str
    entries: tuple[Entry, ...]
    measure: Literal["time", "memory"] = "time"


def chosen(known: Sequence[Row], asked: str) -> list[Row]:
    """Return the rows whose id, or the first part of it, is in `asked`.

    Raises
    ------
    ValueError
        An id has no row.
    """
    names = {row.id: {row.id, row.id.partition("-")[0]} for row in known}
    wanted = set(asked.split(","))
    unknown = wanted - set().union(*names.values())
    if unknown:
        raise ValueError(f"no row {', '.join(sorted(unknown))}. The rows are: {', '.join(names)}.")
    return [row for row in known if names[row.id] & wanted]


def faster(times: float) -> Target:
    """Return the target of a time that is shorter by a factor."""
    return Target(
        f"at least {times:g}x faster",
        lambda ours, theirs: theirs >= times * ours,
        lambda theirs: theirs / times,
    )


def at_most(times: float) -> Target:
    """Return the target of at most a multiple of a system's time."""
    return Target(
        f"at most {times:g}x its time",
        lambda ours, theirs: ours <= times * theirs,
        lambda theirs: times * theirs,
    )

"""CorpusReport: the numbers of a run of `encode`."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

__all__ = ["CorpusReport"]


@dataclass
class CorpusReport:
    """The numbers of a run of `encode`.

    Attributes
    ----------
    done : int
        Rows that were encoded in this run, without those that failed.
    kept : int
        Rows of an earlier run that are still right.
    removed : int
        Rows whose items are no longer in the source.
    failed : dict of str to int
        The number of rows that failed, by code, in this run and in earlier ones.
    hours : float
        The hours of audio of the rows that were encoded in this run, if their lengths are known.
    bytes : int
        The bytes of their arrays.
    seconds : float
        The time of the run in s.
    total : int
        The number of items of the source, or of the part.
    notes : tuple of str
        Sentences about files of the source that are no inputs.
    interrupted : bool
        Whether an interrupt ended the run; the rows of finished shards are kept.
    """

    done: int = 0
    kept: int = 0
    removed: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    hours: float = 0.0
    bytes: int = 0
    seconds: float = 0.0
    total: int = 0
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    begun: float = field(default_factory=time.monotonic, repr=False)
    new_failures: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def finished(self) -> int:
        """The number of items that have a row: encoded, kept or failed."""
        return self.done + self.kept + sum(self.new_failures.values())

    @property
    def rate(self) -> float:
        """The number of rows for a second, of those that were encoded in this run."""
        worked = self.done + sum(self.new_failures.values())
        return worked / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        failed = sum(self.failed.values())
        codes = ", ".join(f"{code}: {count}" for code, count in self.failed.items())
        parts = [f"{self.done} encoded", f"{self.kept} kept"]
        parts += [f"{self.removed} removed"] if self.removed else []
        parts += [f"{failed} failed ({codes})" if failed else "none failed"]
        parts += [f"{self.hours:.2f} hours of audio"] if self.hours else []
        return f"{', '.join(parts)}; {self.seconds:.1f} s, {self.rate:.1f} rows/s"

"""The numbers of the page of a corpus, read from its shards in one pass and in constant memory."""

from __future__ import annotations

import hashlib
import heapq
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from netencoders.errors import printable
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.snapshot import snapshot

__all__ = ["EXAMPLES", "Numbers", "duration_bin", "read_numbers"]

EXAMPLES: Final = 5
"""The number of failed rows of each code that the page shows."""

COLUMNS: Final = ("id", "frames", "code", "message", "duration", "rate")
BINS: Final = 10  # of durations, for each power of ten
AT_ONCE: Final = 10_000  # rows


@dataclass
class Numbers:
    """The numbers of a corpus.

    Attributes
    ----------
    description : mapping
        The content of corpus.json.
    rows, frames : int
    seconds : float
        The sum of the durations that the encoder states.
    bytes : int
        The size of the shards.
    shards : int
    codes : Counter of str
        The rows that failed, by code.
    examples : dict of str to list of (str, str)
        The id and the message of the first rows of each code.
    rates : Counter of int
        The rows by sample rate in Hz.
    durations : Counter of int
        The rows by `duration_bin`.
    chosen : list of str
        The ids of the sample, in a random order that the seed determines.
    """

    description: Mapping[str, Any]
    rows: int = 0
    frames: int = 0
    seconds: float = 0.0
    bytes: int = 0
    shards: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    rates: Counter[int] = field(default_factory=Counter)
    durations: Counter[int] = field(default_factory=Counter)
    chosen: list[str] = field(default_factory=list)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a row."""
        self.rows += 1
        if (code := row["code"]) is not None:
            self.codes[code] += 1
            shown = self.examples.setdefault(code, [])
            if len(shown) < EXAMPLES:
                shown.append((row["id"], row["message"] or ""))
        self.frames += row["frames"] or 0
        if (seconds := row["duration"]) is not None:
            self.seconds += seconds
            self.durations[duration_bin(seconds)] += 1
        if (rate := row["rate"]) is not None:
            self.rates[rate] += 1


def duration_bin(seconds: float) -> int:
    """Return the bin of a duration; bin n begins at 10 ** (n / 10) s.

    Durations below 1 ms, also 0, are in one bin.
    """
    return math.floor(BINS * math.log10(max(seconds, 0.001)) + 1e-9)


def read_numbers(folder: Path, sample: int, seed: int) -> Numbers:
    """Return the numbers of a corpus, and the ids of a random sample of its rows with arrays.

    Raises
    ------
    CorpusError
        The folder is no corpus, or a shard cannot be read.
    """
    path = folder / "corpus.json"
    try:
        description = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CorpusError(
            f"{printable(str(folder))}: it is no corpus: it has no corpus.json. Name the folder "
            "that `netencoders corpus encode` wrote."
        ) from None
    except (OSError, ValueError) as problem:
        raise CorpusError(
            f"{printable(str(path))}: {problem}. Restore the file, or encode the corpus again."
        ) from problem
    numbers = Numbers(description)
    # The smallest of random numbers that the ids determine: one pass, and the order of the shards
    # has no effect.
    heap: list[tuple[int, str]] = []
    for row in _rows(folder, numbers):
        numbers.add(row)
        if row["code"] is not None or not sample:
            continue
        entry = (-_random(seed, row["id"]), row["id"])
        if len(heap) < sample:
            heapq.heappush(heap, entry)
        elif entry > heap[0]:
            heapq.heapreplace(heap, entry)
    numbers.chosen = [identity for _, identity in sorted(heap, reverse=True)]
    return numbers


def _random(seed: int, identity: str) -> int:
    text = f"{seed}:{identity}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def _rows(folder: Path, numbers: Numbers) -> Iterator[dict[str, Any]]:
    pa = pyarrow()
    from pyarrow import parquet

    for path in (paths.table for paths in snapshot(folder).values()):
        try:
            numbers.bytes += path.stat().st_size
            numbers.shards += 1
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(AT_ONCE, columns=[*COLUMNS]):
                    yield from batch.to_pylist()
        except FileNotFoundError as problem:
            raise CorpusError(
                f"{printable(str(folder))}: another process has changed rows since the page was "
                "begun. Run the command again."
            ) from problem
        except (OSError, pa.ArrowException) as problem:
            raise CorpusError(
                f"{printable(str(path))}: the shard cannot be read: "
                f"{printable(str(problem))}. Check the disk, remove the shard, and run "
                "`netencoders corpus encode` again."
            ) from problem

"""Scale: encodes a corpus of many tiny inputs, and prints its time and its memory.

``python -m benchmarks.corpus_scale --rows 10000 100000 1000000`` encodes that many rows, each
number in a process of its own, then once more with nothing to do. The inputs are members of one
file, and the encoder does almost nothing, so that all that is measured is the work of the corpus:
the source, the index, the rows and the shards. It returns 1 if the memory or the processor time for
a row grows from the second to last number of rows to the last one. Up to 65536 rows, which are one
shard, the memory grows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from netencoders import ArraySpec, Encoder, NetEncoder, Varying, registered
from netencoders_corpus import Item, Source, encode

WIDTH: Final = 8  # bytes of an input
MOST_MEMORY: Final = 1.5  # the largest ratio of the peaks: an allocator keeps some free memory
MOST_TIME: Final = 1.5  # the largest ratio of the times for a row


class Sums(Encoder):
    """The running sums of some bytes."""

    name = "RunningSums"
    inputs = ("bytes",)

    def output(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((Varying,))

    def encode(self, value: Any) -> Any:
        """Return the running sums."""
        return np.cumsum(np.frombuffer(value, np.uint8), dtype=np.float32)


class Members(Source):
    """A source of members of one file."""

    columns = {}  # noqa: RUF012 - it never changes

    def __init__(self, path: Path, count: int) -> None:
        self.name, self._path, self._count = str(path), str(path), count

    def items(self) -> Iterator[Item]:
        """Yield the members."""
        for number in range(self._count):
            name = f"{number % 997:03d}/{number:09d}.bin"
            yield Item(name, "members.bin", self._path, member=(number * WIDTH, WIDTH))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return 1 if memory or time for a row grows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus_scale", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", type=Path, help="where to write the corpora")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        print(json.dumps(_encode(options.folder, options.child)))
        return 0
    print("           first run: us a row          again: us a row")
    print("rows       time     processor  MB       time     processor  MB", flush=True)
    found = [_measure(rows, options.folder) for rows in options.rows]
    return int(len(found) > 1 and _grows(found[-2], found[-1]))


def _grows(before: dict[str, float], after: dict[str, float]) -> bool:
    """Return whether memory, or processor time for a row, grows with the number of rows."""
    memory = any(after[key] > MOST_MEMORY * before[key] for key in ("memory", "memory again"))
    return memory or any(after[key] > MOST_TIME * before[key] for key in ("cpu", "cpu again"))


def _measure(rows: int, parent: Path | None) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        with open(folder / "members.bin", "wb") as file:
            for first in range(0, rows, 1 << 16):
                numbers = np.arange(first, min(rows, first + (1 << 16)), dtype="<u8")
                file.write(numbers.tobytes())
        command = [sys.executable, "-m", "benchmarks.corpus_scale", "--folder", name]
        runs = []
        for _ in range(2):
            done = subprocess.run(
                [*command, "--child", str(rows)], stdout=subprocess.PIPE, text=True, check=True
            )
            runs.append(json.loads(done.stdout.splitlines()[-1]))
        first_run, again = runs
        if (first_run["done"], again["kept"]) != (rows, rows):
            raise SystemExit(f"rows are missing: {runs}")
    for run in runs:
        run["time"] *= 1e6 / rows
        run["cpu"] *= 1e6 / rows
    print(f"{rows:<10} {_text(first_run)}  {_text(again)}", flush=True)
    return {**first_run, **{f"{key} again": value for key, value in again.items()}}


def _text(run: dict[str, float]) -> str:
    return f"{run['time']:<8.0f} {run['cpu']:<10.0f} {run['memory']:<7.0f}"


def _encode(folder: Path, rows: int) -> dict[str, float]:
    with registered(Sums):
        encoder = NetEncoder("RunningSums")
        source = Members(folder / "members.bin", rows)
        before, begun = os.times(), time.perf_counter()
        report = encode(encoder, source, folder / "out", workers=1)
        spent, after = time.perf_counter() - begun, os.times()
    return {
        "done": report.done,
        "kept": report.kept,
        "time": spent,
        "cpu": after.user + after.system - before.user - before.system,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    sys.exit(main())

"""Scale: encodes a corpus of many tiny inputs, and prints its time and its memory.

``python -m benchmarks.corpus_scale --rows 10000 100000 1000000`` encodes that many rows, each
number in a process of its own, then once more with nothing to do. The inputs are members of one
file, and the encoder does almost nothing, so that all that is measured is the work of the corpus:
the source, the index, the rows and the shards. It returns 1 if the memory grows with the rows, or
the time for a row does.
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
    print("rows       s        us/row   CPU us/row  MB     again: us/row  MB", flush=True)
    found = [_measure(rows, options.folder) for rows in options.rows]
    peaks = [each[key] for each in found for key in ("memory", "memory_again")]
    times = [each["time"] / rows for each, rows in zip(found, options.rows, strict=True)]
    grows = peaks[-2] > MOST_MEMORY * peaks[0] or times[-1] > MOST_TIME * times[0]
    return int(grows)


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
    per_row = 1e6 / rows
    print(
        f"{rows:<10} {first_run['time']:<8.1f} {first_run['time'] * per_row:<8.0f} "
        f"{first_run['cpu'] * per_row:<11.0f} {first_run['memory']:<6.0f} "
        f"{again['time'] * per_row:<14.0f} {again['memory']:.0f}",
        flush=True,
    )
    return {**first_run, "memory_again": again["memory"]}


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

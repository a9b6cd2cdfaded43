"""Processes: each system works in one of its own, its threads and processors bound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.tasks import Prepared, Task

__all__ = ["FailedError", "Request", "command_seconds", "dotted", "processors", "worker"]

ROOT = Path(__file__).parents[1]
# What libraries read when they are loaded. torch is told by a call as well, in `systems`.
THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NETENCODERS_WORKERS",
)

Request = Callable[..., Any]


class FailedError(Exception):
    """A system that cannot be measured; its text says why."""


@contextmanager
def worker(prepare: Callable[[Task], Prepared] | None, task: Task) -> Iterator[Request]:
    """Start a process of `benchmarks.worker`, and give a function that sends requests to it.

    Raises
    ------
    FailedError
        By the function: the system raised an error, or its process died.
    """
    system = dotted(prepare) if prepare else ""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker", json.dumps([system, asdict(task)])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,  # nothing is left to be sent to a process that died
        **_bound(task.threads),
    )
    with process:
        yield partial(_ask, process)
        # Its input is closed on the way out, and with that it ends.


def dotted(prepare: Callable[[Task], Prepared]) -> str:
    """Return the name under which another process finds a system's `prepare`."""
    return f"{prepare.__module__}:{prepare.__name__}"


def command_seconds(arguments: tuple[str, ...], threads: int, folder: Path) -> float:
    """Return how long a whole process of Python takes."""
    command, bound = [sys.executable, *arguments], _bound(threads)
    # Where the variable is set, a checkout would be compiled anew by each process, and numpy, whose
    # installation compiled it, would not.
    bound["env"].pop("PYTHONDONTWRITEBYTECODE", None)
    start = perf_counter()
    code = subprocess.run(
        command, cwd=folder, stdout=subprocess.DEVNULL, check=False, **bound
    ).returncode
    seconds = perf_counter() - start
    if code:
        raise FailedError(f"it ended with exit code {code}")
    return seconds


def processors(threads: int) -> list[int]:
    """Return the processors that so many threads are bound to; none where that cannot be done."""
    if not hasattr(os, "sched_setaffinity"):
        return []
    return sorted(os.sched_getaffinity(0))[-threads:]


def _bound(threads: int) -> dict[str, Any]:
    bound: dict[str, Any] = {"env": {**os.environ, **dict.fromkeys(THREADS, str(threads))}}
    if processors(threads):
        bound["preexec_fn"] = partial(os.sched_setaffinity, 0, processors(threads))
    return bound


def _ask(process: subprocess.Popen[bytes], do: str, **arguments: Any) -> Any:
    assert process.stdin is not None  # both are pipes
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps([do, arguments]).encode() + b"\n")
        line = process.stdout.readline()
    except BrokenPipeError:
        line = b""
    if not line:
        raise FailedError(f"its process ended with exit code {process.wait()}")
    answer = json.loads(line)
    if "error" in answer:
        raise FailedError(answer["error"])
    return answer["reply"]

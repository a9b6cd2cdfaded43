"""Processes: start one for each system, with a fixed number of threads and processors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.tasks import Prepared, Task

__all__ = ["FailedError", "Pool", "Request", "command_seconds", "dotted", "processors", "worker"]

ROOT = Path(__file__).parents[1]
# Libraries read these variables at import. `systems` also calls torch.set_num_threads.
THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NETENCODERS_WORKERS",
)

Request = Callable[..., Any]


class FailedError(Exception):
    """A system cannot be measured; the message states the reason."""


@contextmanager
def worker(prepare: Callable[[Task], Prepared] | None, task: Task) -> Iterator[Request]:
    """Start a process of `benchmarks.worker`, and yield a function that sends requests to it.

    Raises
    ------
    FailedError
        The function raises it if the system raises an error, or its process dies.
    """
    system = dotted(prepare) if prepare else ""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker", json.dumps([system, asdict(task)])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,  # no unsent bytes remain if the process dies
        **_bound(task.threads),
    )
    with process:
        yield partial(_ask, process)
        # The end of the block closes the input, which ends the process.


class Pool:
    """Processes that are used again for other tasks of the same system: imports take seconds."""

    def __init__(self) -> None:
        self._processes = ExitStack()
        self._free: dict[tuple[str, int], list[Request]] = {}

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exception: object) -> None:
        self._processes.close()

    @contextmanager
    def worker(self, prepare: Callable[[Task], Prepared] | None, task: Task) -> Iterator[Request]:
        """Yield a function as `worker` does; its process is used again after the block."""
        free = self._free.setdefault((dotted(prepare) if prepare else "", task.threads), [])
        request = free.pop() if free else None
        if request is not None:
            try:
                request("prepare", task=asdict(task))
            except FailedError:  # perhaps of an earlier task; a new process tells
                request = None
        if request is None:
            request = self._processes.enter_context(worker(prepare, task))
        yield request
        free.append(request)


def dotted(prepare: Callable[[Task], Prepared]) -> str:
    """Return the name under which another process finds a system's `prepare`."""
    return f"{prepare.__module__}:{prepare.__name__}"


def command_seconds(arguments: tuple[str, ...], threads: int, folder: Path) -> float:
    """Return the duration of a whole Python process."""
    command, bound = [sys.executable, *arguments], _bound(threads)
    # With this variable, each process would compile the modules of a checkout again, but not numpy,
    # which is compiled at its installation.
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
    """Return the processors for `threads` threads; none if binding is not supported."""
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

"""Worker: runs one system in a process, and measures its time.

The process reads requests from standard input and writes replies to standard output. Each is one
line of JSON.
"""

from __future__ import annotations

import json
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.tasks import Prepared, Task

__all__ = ["Work", "serve"]


class Work:
    """The requests to a system. Each public method is a request.

    Parameters
    ----------
    system : str
        The function `prepare`, as ``module:name``.
    task : mapping
        The fields of a `Task`.
    """

    def __init__(self, system: str, task: Mapping[str, Any]) -> None:
        self._prepare: Callable[[Task], Prepared] = pkgutil.resolve_name(system)
        self.prepare(task)

    def prepare(self, task: Mapping[str, Any]) -> None:
        """Prepare another task of the same system."""
        self._task = Task(**task)
        self._prepared = self._prepare(self._task)

    def save(self, path: str) -> list[int]:
        """Store the joined results of all recordings, and return their shape."""
        prepared = self._prepared
        results = (prepared.compared or prepared.call)()
        array = np.concatenate([prepared.rows(result) for result in results])
        np.save(path, array)
        return list(array.shape)

    def time(self, calls: int) -> float:
        """Return the seconds of a call. Each result is deleted before the next one."""
        return _seconds(self._prepared, calls)

    def profile(self, calls: int) -> dict[str, dict[str, float]]:
        """Return the seconds of each stage of a call, with and without those of the stopwatch."""
        # Late: measured processes load only the modules they need.
        from benchmarks.stages import timed_stages
        from benchmarks.stopwatch import Stopwatch

        watch = Stopwatch()
        with timed_stages(watch):
            self.time(calls)
        times = {"measured": watch.seconds, "corrected": watch.corrected()}
        return {
            name: {stage: seconds / calls for stage, seconds in stages.items()}
            for name, stages in times.items()
        }

    def floor(self, system: str, calls: int) -> float:
        """Return the seconds of another system's call in this process.

        The inputs are prepared one by one, because all inputs of a row may not fit into memory.
        """
        prepare: Callable[[Task], Prepared] = pkgutil.resolve_name(system)
        seconds = 0.0
        for path in self._task.inputs:
            prepared = prepare(replace(self._task, inputs=[path]))
            _seconds(prepared, 1)  # warms up
            seconds += _seconds(prepared, calls)
        return seconds

    def memory(self, warm_up: Sequence[str]) -> float:
        """Return the bytes by which a call raises resident memory, without its results.

        A first call with other inputs loads the modules that are imported late.
        """
        list(self._prepare(replace(self._task, inputs=warm_up)).call())
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak
        before = _status("VmRSS")
        results = list(self._prepared.call())
        peak = _status("VmHWM")
        kept: int = sum(self._prepared.rows(result).nbytes for result in results)
        return max(0, peak - before - kept)


def serve() -> None:
    """Reply to requests until the input ends."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # separates the output of libraries from the replies
    work = None
    for line in sys.stdin:
        request, arguments = json.loads(line)
        try:
            work = work or Work(*json.loads(sys.argv[1]))
            answer = {"reply": getattr(work, request)(**arguments)}
        except Exception as problem:  # of a system; the table shows it
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), file=replies, flush=True)


def _seconds(prepared: Prepared, calls: int) -> float:
    call, clock = prepared.call, prepared.clock or perf_counter
    start = clock()
    for _ in range(calls):
        for _result in call():
            pass
    return (clock() - start) / calls


def _status(name: str) -> int:
    text = Path("/proc/self/status").read_text("utf-8")
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    if found is None:
        raise OSError(f"/proc/self/status has no {name}")
    return 1024 * int(found[1])


if __name__ == "__main__":
    serve()

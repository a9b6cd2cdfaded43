"""Stopwatch: measures the time of functions and generators that call each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter
from typing import Any

__all__ = ["Stopwatch"]

CALIBRATED = 2000  # the number of blocks and of calls, which take some milliseconds


class Stopwatch:
    """Measures the time of each stage, without the stages that it calls.

    Attributes
    ----------
    seconds : dict of str to float
        The time of each stage, including that of the stopwatch.
    within, around : Counter of str
        How often a stage began, and how often another stage began while it ran. The stopwatch adds
        time to both stages.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.within, self.around = Counter[str](), Counter[str]()
        self._running: list[str] = []
        self._since = 0.0

    def begin(self, stage: str) -> None:
        """Count the time from now on for a stage."""
        now = perf_counter()
        if self._running:
            outer = self._running[-1]
            self.seconds[outer] += now - self._since
            self.around[outer] += 1
            self.within[stage] += 1
        self._running.append(stage)
        self._since = now

    def end(self) -> None:
        """Count the time from now on for the previous stage."""
        now = perf_counter()
        self.seconds[self._running.pop()] += now - self._since
        self._since = now

    def corrected(self) -> dict[str, float]:
        """Return the seconds by stage, without the calibrated time of the stopwatch."""
        within, around = _costs()
        return {
            stage: max(0.0, seconds - within * self.within[stage] - around * self.around[stage])
            for stage, seconds in self.seconds.items()
        }

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same, and counts its time for the stage.

        If it returns an iterator, the time of each block is counted; if it returns a context
        manager, that of its beginning and its end.
        """

        def wrapper(*arguments: Any, **named: Any) -> Any:
            result = self.call(stage, function, *arguments, **named)
            kind = type(result)
            if hasattr(kind, "__next__"):
                return self._blocks(stage, result)
            return _Context(self, stage, result) if hasattr(kind, "__enter__") else result

        return wrapper

    def call(self, stage: str, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call a function, and count its time for a stage."""
        self.begin(stage)
        try:
            return function(*arguments, **named)
        finally:
            self.end()

    def _blocks(self, stage: str, blocks: Iterator[Any]) -> Iterator[Any]:
        ended = object()
        while True:
            block = self.call(stage, next, blocks, ended)
            if block is ended:
                return
            yield block


class _Context:
    """A context manager whose beginning and end are counted for a stage."""

    def __init__(self, watch: Stopwatch, stage: str, context: Any) -> None:
        self._enter = partial(watch.call, stage, context.__enter__)
        self._exit = partial(watch.call, stage, context.__exit__)

    def __enter__(self) -> Any:
        return self._enter()

    def __exit__(self, *exception: object) -> Any:
        return self._exit(*exception)


def _costs() -> tuple[float, float]:
    """Return the time that the stopwatch adds to a stage, and to the stage that calls it."""
    costs = [_calibrated() for _ in range(5)]
    return min(within for within, _ in costs), min(around for _, around in costs)


def _calibrated() -> tuple[float, float]:
    start = perf_counter()
    _run(_nothing, _blocks)
    bare = perf_counter() - start
    watch = Stopwatch()
    call, blocks = watch.timed("within", _nothing), watch.timed("within", _blocks)
    watch.begin("around")
    _run(call, blocks)
    watch.end()
    spans = watch.within["within"]
    return watch.seconds["within"] / spans, max(0.0, watch.seconds["around"] - bare) / spans


def _run(call: Callable[[], object], blocks: Callable[[], Iterator[None]]) -> None:
    """Run as many empty calls as empty blocks, because a pipeline has both."""
    for _ in blocks():
        call()


def _nothing() -> None:
    pass


def _blocks() -> Iterator[None]:
    for _ in range(CALIBRATED):
        yield

"""Worker threads for one long recording, with results in a fixed order.

One worker thread decodes the next blocks while the calling thread uses the decoded ones. Idle
worker threads transform groups of partitions; if all are busy, the calling thread transforms the
group itself. So at most `workers` threads run, and none is idle while there is work. The results
have the same bits for any number of workers, because the groups are the same.

The threads are those of `netencoders.WorkerPool`. Like there, no lock of Python code is shared with
the calling thread, because an interrupt could leave it locked (A32).
"""

from __future__ import annotations

from _queue import Empty, SimpleQueue  # as in `netencoders.workers`
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Protocol, TypeVar

import numpy.typing as npt

from netencoders import WorkerPool, check_stop
from netencoders.workers import Task

__all__ = ["Shareable", "WorkerThreads"]

Result = TypeVar("Result")

# Blocks that are decoded ahead. With only one, the decoder would wait until it is taken.
AHEAD: Final = 4
# In seconds: see `netencoders.workers.POLL`.
POLL: Final = 0.1


class Shareable(Protocol):
    """An open input that a worker thread may read.

    Attributes
    ----------
    shared : bool
        Whether a worker thread may read it. Then it must not be closed.
    """

    shared: bool


class WorkerThreads:
    """Run jobs in `workers` threads, including the calling thread, inside a ``with`` block.

    The end of the block waits for all jobs and re-raises the first error. After an error in the
    block, jobs that have not started are dropped, and running jobs get half a second to end. If the
    decoding thread needs longer, because a file object waits for its data for instance, the input
    stays `shared`.

    Parameters
    ----------
    workers : int
        With 1, the calling thread runs all jobs.
    source : Shareable, optional
        The input of `ahead`. It is `shared` until the threads have ended.

    Attributes
    ----------
    several : bool
        Whether there is a thread besides the calling thread.
    """

    def __init__(self, workers: int, source: Shareable | None = None) -> None:
        self._threads = workers - 1
        self._pool = WorkerPool(self._threads) if self._threads else None
        self.several = self._pool is not None
        self._source = source
        self._decoder: _Ahead | None = None
        self._pending: list[Task[object]] = []
        self._ordered: deque[Task[Any]] = deque()  # of `in_order`

    def __enter__(self) -> WorkerThreads:
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        if self._pool is None:
            return
        try:
            if kind is None:
                self.wait()
        finally:
            ended = self._pool.close()
            if self._source is not None and ended:
                self._source.shared = False

    def ahead(
        self, blocks: Iterator[npt.NDArray[Any]], kept: bool = False
    ) -> Iterator[npt.NDArray[Any]]:
        """Return the same blocks; a worker thread computes them ahead.

        Parameters
        ----------
        blocks : iterator of ndarray
        kept : bool
            Whether each block has memory of its own. Otherwise the blocks are copied: the next one
            may overwrite a block.
        """
        if self._pool is None:
            return blocks
        if self._source is not None:
            self._source.shared = True
        self._decoder = _Ahead(blocks, self._pool, kept)
        return iter(self._decoder)

    def in_order(self, jobs: Iterable[Callable[[], Result]]) -> Iterator[Result]:
        """Yield the results of jobs, in the order of the jobs.

        All threads run them, up to `AHEAD` jobs ahead; the calling thread while it waits.
        """
        pool = self._pool
        if pool is None:
            for job in jobs:
                yield job()
            return
        begun = self._ordered
        for job in jobs:
            begun.append(pool.submit(job))
            if len(begun) > AHEAD:
                yield pool.wait(begun.popleft())
        while begun:
            yield pool.wait(begun.popleft())

    def run(self, job: Callable[..., object], *arguments: Any) -> None:
        """Run a job in a worker thread, or in the calling thread if all workers are busy."""
        if self._pool is None:
            job(*arguments)
            return
        waiting = []
        for task in self._pending:
            if task.done:
                self._pool.wait(task)  # raises its error
            else:
                waiting.append(task)
        self._pending = waiting
        decoding = self._decoder is not None and self._decoder.working
        decoding = decoding or any(not task.done for task in self._ordered)
        # One more job than threads: an idle thread starts the next job at once.
        if len(self._pending) + decoding <= self._threads:
            self._pending.append(self._pool.submit(job, *arguments))
        else:
            job(*arguments)

    def wait(self) -> None:
        """Wait for all jobs, and run those that no thread has begun; re-raise the first error."""
        pending, self._pending = self._pending, []
        for task in pending:
            assert self._pool is not None  # noqa: S101 - it has the task; for mypy
            self._pool.wait(task)


class _Ahead:
    """Blocks that a worker thread computes ahead, up to `AHEAD` of them.

    Two queues of tokens replace a lock. `_room` holds a token for each block that may be computed.
    `_turn` holds one token, for the thread that computes. That thread looks at `_room` again after
    it has returned the token, so no room is overlooked. After the last block, no thread gets the
    token again.
    """

    def __init__(
        self, blocks: Iterator[npt.NDArray[Any]], pool: WorkerPool, kept: bool = False
    ) -> None:
        self._blocks = blocks
        self._kept = kept
        self._pool = pool
        self._ready: SimpleQueue[npt.NDArray[Any] | BaseException | None] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        self._turn: SimpleQueue[None] = SimpleQueue()
        self._ended = False
        self._turn.put(None)
        for _ in range(AHEAD):
            self._room.put(None)

    @property
    def working(self) -> bool:
        """Whether a thread computes blocks, or is about to."""
        return self._turn.empty() and not self._ended

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        self._start()
        while (block := self._next()) is not None:
            if isinstance(block, BaseException):
                raise block
            self._room.put(None)
            self._start()
            yield block

    def _next(self) -> npt.NDArray[Any] | BaseException | None:
        while True:
            try:
                return self._ready.get(timeout=POLL)
            except Empty:
                pass

    def _start(self) -> None:
        """Let a worker thread compute, unless there is no room, or one does so already."""
        if not self._room.empty() and _taken(self._turn):
            self._pool.submit(self._compute)

    def _compute(self) -> None:
        """Compute blocks while there is room."""
        while True:
            while _taken(self._room):
                try:
                    block = next(self._blocks, None)
                    check_stop()
                    if block is not None and not self._kept:
                        block = block.copy()  # the source overwrites its block
                except BaseException as problem:
                    self._ended = True
                    self._ready.put(problem)  # re-raised in `__iter__`
                    del self  # its traceback holds this frame, and so the open file
                    if isinstance(problem, Exception):
                        return
                    raise  # an interrupt, if the calling thread computes
                if block is None:
                    self._ended = True
                    self._ready.put(None)
                    return
                self._ready.put(block)
            self._turn.put(None)
            if self._room.empty() or not _taken(self._turn):
                return


def _taken(tokens: SimpleQueue[None]) -> bool:
    """Take a token, if there is one."""
    try:
        tokens.get_nowait()
    except Empty:
        return False
    return True

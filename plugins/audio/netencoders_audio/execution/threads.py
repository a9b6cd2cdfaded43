"""Worker threads for one long recording, with results in a fixed order.

One worker thread decodes the next blocks while the calling thread uses the decoded ones. Idle
worker threads transform groups of partitions; if all are busy, the calling thread transforms the
group itself. So at most `workers` threads run, and none is idle while there is work. The results
have the same bits for any number of workers, because the groups are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import copy_context
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy.typing as npt

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from queue import SimpleQueue

__all__ = ["WorkerThreads"]

# Blocks that are decoded ahead. With only one, the decoder would wait until it is taken.
AHEAD: Final = 4
# Low enough that `_room` stays below 1 after all remaining blocks are taken.
NO_MORE: Final = -AHEAD


class WorkerThreads:
    """Run jobs in `workers` threads, including the calling thread, inside a ``with`` block.

    The end of the block waits for all jobs and re-raises the first error. After an error in the
    block, jobs that have not started are cancelled. Close the input of the jobs only afterwards.

    Parameters
    ----------
    workers : int
        With 1, the calling thread runs all jobs.
    """

    def __init__(self, workers: int) -> None:
        self._threads = workers - 1
        self._pool: ThreadPoolExecutor | None = None
        self._decoder: _Ahead | None = None
        self._pending: list[tuple[Future[Any], Callable[..., object], tuple[Any, ...]]] = []

    def __enter__(self) -> WorkerThreads:
        if self._threads:
            # Late: short recordings need no threads.
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="netencoders")
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        if self._pool is None:
            return
        try:
            if kind is None:
                self.wait()
        finally:
            self._end(self._pool)

    def _end(self, pool: ThreadPoolExecutor) -> None:
        if self._decoder is not None:
            self._decoder.stop()
        try:
            pool.shutdown(wait=True, cancel_futures=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=True)  # closing a decoder while it reads may crash
            raise

    def ahead(self, blocks: Iterator[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
        """Return the same blocks; a worker thread computes them ahead."""
        if self._pool is None:
            return blocks
        self._decoder = _Ahead(blocks, self._pool)
        return iter(self._decoder)

    def run(self, job: Callable[..., object], *arguments: Any) -> None:
        """Run a job in a worker thread, or in the calling thread if all workers are busy."""
        if self._pool is None:
            job(*arguments)
            return
        waiting = []
        for entry in self._pending:
            if entry[0].done():
                entry[0].result()
            else:
                waiting.append(entry)
        self._pending = waiting
        decoding = self._decoder is not None and self._decoder.working
        # One more job than threads: an idle thread starts the next job at once.
        if len(self._pending) + decoding <= self._threads:
            self._pending.append((self._pool.submit(job, *arguments), job, arguments))
        else:
            job(*arguments)

    def wait(self) -> None:
        """Wait for all jobs; re-raise the first error."""
        pending, self._pending = self._pending, []
        for future, job, arguments in reversed(pending):
            if future.cancel():  # no worker thread has started it
                job(*arguments)
        for future, *_ in pending:
            if not future.cancelled():
                future.result()


class _Ahead:
    """Blocks that a worker thread computes ahead, up to `AHEAD` of them.

    Attributes
    ----------
    working : bool
        Whether a worker thread computes blocks, or is about to.
    """

    def __init__(self, blocks: Iterator[npt.NDArray[Any]], pool: ThreadPoolExecutor) -> None:
        from queue import SimpleQueue  # late, like the pool

        self._blocks = blocks
        self._pool = pool
        self._context = copy_context()  # the worker thread uses the limits in force
        self._ready: SimpleQueue[npt.NDArray[Any] | BaseException | None] = SimpleQueue()
        self._lock = Lock()
        self._room = AHEAD
        self.working = False

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        self._start()
        while (block := self._ready.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            with self._lock:
                self._room += 1
            self._start()
            yield block

    def stop(self) -> None:
        """Stop after the current block."""
        with self._lock:
            self._room = NO_MORE

    def _start(self) -> None:
        with self._lock:
            if self.working or self._room <= 0:
                return
            self.working = True
        # A copy: the previous thread may still use its context, and two threads cannot share one.
        self._pool.submit(self._context.copy().run, self._compute)

    def _compute(self) -> None:
        while True:
            with self._lock:
                if self._room <= 0:
                    self.working = False
                    return
                self._room -= 1
            try:
                block = next(self._blocks, None)
                if block is not None:
                    block = block.copy()  # the source overwrites its block
            except BaseException as problem:  # re-raised in `__iter__`
                self._end(problem)
                return
            if block is None:
                self._end(None)
                return
            self._ready.put(block)

    def _end(self, last: BaseException | None) -> None:
        with self._lock:
            self._room = NO_MORE
            self.working = False
        self._ready.put(last)

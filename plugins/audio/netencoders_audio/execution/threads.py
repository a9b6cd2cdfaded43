"""Threads for one long recording: what they work on, and in which order it comes out, is fixed.

A helper decodes the next blocks while the caller works on those that are decoded. Groups of
partitions are given to helpers that have nothing to do; where all are busy, the caller transforms
them itself. So no more threads work than there are workers, and none waits while there is work.
None of it changes a bit, since the groups are the same.
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

# Blocks that are decoded ahead: with one alone the decoder would rest until the next is asked for.
AHEAD: Final = 4
# Less room than all blocks that are still to be taken can make.
NO_MORE: Final = -AHEAD


class WorkerThreads:
    """Does jobs in `workers` threads, the caller's among them; to be used in a ``with`` block.

    At the end of the block all jobs are done, and what one of them raised is raised; after an error
    in the block, those that have not begun are left. What the threads read must be closed after it.

    Parameters
    ----------
    workers : int
        With 1, the caller does all.
    """

    def __init__(self, workers: int) -> None:
        self._helpers = workers - 1
        self._pool: ThreadPoolExecutor | None = None
        self._decoder: _Ahead | None = None
        self._pending: list[tuple[Future[Any], Callable[..., object], tuple[Any, ...]]] = []

    def __enter__(self) -> WorkerThreads:
        if self._helpers:
            # Late: short recordings need no threads.
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self._helpers, thread_name_prefix="netencoders")
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        if self._pool is None:
            return
        try:
            if kind is None:
                self.settle()
        finally:
            self._end(self._pool)

    def _end(self, pool: ThreadPoolExecutor) -> None:
        if self._decoder is not None:
            self._decoder.stop()
        try:
            pool.shutdown(wait=True, cancel_futures=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=True)  # a decoder that is closed while it reads may crash
            raise

    def ahead(self, blocks: Iterator[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
        """Give the same blocks, made by a helper while those before are used."""
        if self._pool is None:
            return blocks
        self._decoder = _Ahead(blocks, self._pool)
        return iter(self._decoder)

    def do(self, job: Callable[..., object], *arguments: Any) -> None:
        """Do a job: by a helper soon, or here where all helpers have something to do."""
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
        # One more than there are helpers: who is done finds the next one waiting.
        if len(self._pending) + decoding <= self._helpers:
            self._pending.append((self._pool.submit(job, *arguments), job, arguments))
        else:
            job(*arguments)

    def settle(self) -> None:
        """See to it that all jobs are done; raise what one of them raised."""
        pending, self._pending = self._pending, []
        for future, job, arguments in reversed(pending):
            if future.cancel():  # no helper has begun it
                job(*arguments)
        for future, *_ in pending:
            if not future.cancelled():
                future.result()


class _Ahead:
    """Blocks that a helper makes before they are asked for, a few at most.

    Attributes
    ----------
    working : bool
        Whether a helper makes blocks, or is about to.
    """

    def __init__(self, blocks: Iterator[npt.NDArray[Any]], pool: ThreadPoolExecutor) -> None:
        from queue import SimpleQueue  # late, as the pool

        self._blocks = blocks
        self._pool = pool
        self._context = copy_context()  # limits hold there, too
        self._made: SimpleQueue[npt.NDArray[Any] | BaseException | None] = SimpleQueue()
        self._lock = Lock()
        self._room = AHEAD
        self.working = False

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        self._work()
        while (block := self._made.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            with self._lock:
                self._room += 1
            self._work()
            yield block

    def stop(self) -> None:
        """Make no more blocks than the one that is being made."""
        with self._lock:
            self._room = NO_MORE

    def _work(self) -> None:
        with self._lock:
            if self.working or self._room <= 0:
                return
            self.working = True
        # A copy: the helper before may still be about to leave its own, and no two can be in one.
        self._pool.submit(self._context.copy().run, self._make)

    def _make(self) -> None:
        while True:
            with self._lock:
                if self._room <= 0:
                    self.working = False
                    return
                self._room -= 1
            try:
                block = next(self._blocks, None)
                if block is not None:
                    block = block.copy()  # its maker overwrites it
            except BaseException as problem:  # raised where the block is asked for
                self._end(problem)
                return
            if block is None:
                self._end(None)
                return
            self._made.put(block)

    def _end(self, last: BaseException | None) -> None:
        with self._lock:
            self._room = NO_MORE
            self.working = False
        self._made.put(last)

"""Threads for one long recording: what they work on, and in which order it comes out, is fixed.

Decoding goes on in one thread while another works on what is decoded, and groups of partitions are
transformed in several. None of it changes a bit, since the groups are the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final

import numpy.typing as npt

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Crew"]

# Blocks that are decoded ahead: with one alone the decoder would rest until the next is asked for.
AHEAD: Final = 3


class Crew:
    """Does jobs in `workers` threads, or at once where that is 1; to be used in a ``with`` block.

    What the threads read must be closed after the block: its end waits for them.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._decoder: ThreadPoolExecutor | None = None
        self._pending: deque[Future[Any]] = deque()

    def __enter__(self) -> Crew:
        if self._workers > 1:
            # Late: short recordings need no threads.
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="netencoders")
            self._decoder = ThreadPoolExecutor(1, thread_name_prefix="netencoders-decode")
        return self

    def __exit__(self, *exception: object) -> None:
        for pool in (self._decoder, self._pool):
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)

    def ahead(self, blocks: Iterator[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
        """Give the same blocks, each made in another thread while the one before is used."""
        return blocks if self._decoder is None else _ahead(blocks, self._decoder)

    def do(self, job: Callable[..., object], *arguments: Any) -> None:
        """Do a job, now or soon; wait where too many are waiting already."""
        if self._pool is None:
            job(*arguments)
            return
        self._pending.append(self._pool.submit(job, *arguments))
        while len(self._pending) > 2 * self._workers:
            self._pending.popleft().result()

    def settle(self) -> None:
        """Wait until all jobs are done; raise what one of them raised."""
        while self._pending:
            self._pending.popleft().result()


def _ahead(
    blocks: Iterator[npt.NDArray[Any]], pool: ThreadPoolExecutor
) -> Iterator[npt.NDArray[Any]]:
    def following() -> npt.NDArray[Any] | None:
        block = next(blocks, None)
        return None if block is None else block.copy()  # its maker overwrites it

    context = copy_context()  # limits hold there, too
    coming = deque(pool.submit(context.run, following) for _ in range(AHEAD))
    while (block := coming.popleft().result()) is not None:
        coming.append(pool.submit(context.run, following))
        yield block

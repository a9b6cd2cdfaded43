"""Runs one function over many inputs: lazily, in order, on a few threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

import numpy.typing as npt

from netencoders.errors import EncodeError

__all__ = ["ordered_map", "worker_count"]

Encode = Callable[[Any], npt.NDArray[Any]]


def ordered_map(
    encode: Encode,
    values: Iterable[Any],
    *,
    workers: int | None,
    on_error: Literal["raise", "return"],
) -> Iterator[npt.NDArray[Any] | EncodeError]:
    """Give `encode(value)` for each value, in order; see `NetEncoder.map`."""
    if on_error not in ("raise", "return"):
        raise ValueError(f"on_error must be 'raise' or 'return'. Got {on_error!r}.")
    count = worker_count(workers)
    outcomes = _serial(encode, values) if count == 1 else _threaded(encode, values, count)
    return _delivered(outcomes, on_error)


def worker_count(workers: int | None) -> int:
    """Return how many threads to use: as asked, or ``NETENCODERS_WORKERS``, or one a processor.

    Raises
    ------
    ValueError
        The argument or the environment variable is not an integer >= 1.
    """
    source, asked = "workers", workers
    if workers is None:
        source = "the environment variable NETENCODERS_WORKERS"
        text = os.environ.get("NETENCODERS_WORKERS", "").strip()
        if not text:
            return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        asked = int(text) if text.isdecimal() and len(text) < 6 else None
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 1:
        raise ValueError(f"{source} must be an integer >= 1.")
    return asked


def _attempt(encode: Encode, value: Any) -> npt.NDArray[Any] | EncodeError:
    try:
        return encode(value)
    except EncodeError as error:
        return error


def _serial(encode: Encode, values: Iterable[Any]) -> Iterator[npt.NDArray[Any] | EncodeError]:
    for value in values:
        yield _attempt(encode, value)


def _threaded(
    encode: Encode, values: Iterable[Any], workers: int
) -> Iterator[npt.NDArray[Any] | EncodeError]:
    pending: deque[Future[npt.NDArray[Any] | EncodeError]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="netencoders")
    try:
        for value in values:
            pending.append(pool.submit(_attempt, encode, value))
            if len(pending) > 2 * workers:  # ahead enough to keep every thread busy
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _delivered(
    outcomes: Iterator[npt.NDArray[Any] | EncodeError], on_error: str
) -> Iterator[npt.NDArray[Any] | EncodeError]:
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, EncodeError):
            outcome.index = index
            if on_error == "raise":
                raise outcome
        yield outcome

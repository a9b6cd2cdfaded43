"""Applies one function to many inputs, lazily and in order, on worker threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, Literal, TypeVar

from netencoders import policies
from netencoders.errors import EncodeError
from netencoders.parameters import short
from netencoders.workers import Task, WorkerPool

__all__ = ["check_map", "ordered_map", "worker_count"]

Result = TypeVar("Result")


def ordered_map(
    encode: Callable[[Any], Result],
    values: Iterable[Any],
    *,
    workers: int | None,
    on_error: Literal["raise", "return"],
    helping: bool = True,
    prepare: Callable[[], object] = lambda: None,
    cancel: Callable[[], object] = lambda: None,
) -> Generator[Result | EncodeError, None, None]:
    """Yield `encode(value)` for each value, in order; see `NetEncoder.map`.

    Parameters
    ----------
    encode : callable
    values : iterable
    workers : int or None
    on_error : {"raise", "return"}
    helping : bool
        Whether the calling thread is one of the workers: it encodes inputs while it waits for a
        result. A finished result may then wait until one input is encoded. Pass False if `encode`
        only waits for another process.
    prepare : callable, optional
        Called before threads start, such as `NetEncoder.prepare`.
    cancel : callable, optional
        Called if the iteration ends early, before the threads end. It ends calls of `encode` that
        wait for another process.
    """
    check_map(values, on_error)
    count = worker_count(workers)
    inputs = iter(values)
    active = policies.in_force() | ({"workers": 1} if count > 1 else {})

    def work(value: Any) -> Result:
        # Workers run under the policies in force when `map` was called.
        with policies.policies(active):
            return encode(value)

    if count == 1:
        return _delivered(_serial(work, inputs), on_error)
    return _delivered(_threaded(work, inputs, count, helping, prepare, cancel), on_error)


def check_map(
    values: object, on_error: str, *, isolate: bool = True, timeout: float | None = None
) -> None:
    """Check the arguments of the methods `map` of encoders and nets.

    Raises
    ------
    TypeError
        `values` is one input.
    ValueError
        Another argument is invalid.
    """
    if on_error not in ("raise", "return"):
        raise ValueError(f"on_error must be 'raise' or 'return'. Got {on_error!r}.")
    if timeout is not None and not isolate:
        raise ValueError("timeout needs isolate=True: a thread cannot be stopped.")
    if isinstance(values, str | bytes | Mapping):
        raise TypeError(f"map takes several inputs, as a list. Got one {type(values).__name__}.")


def worker_count(workers: int | None = None) -> int:
    """Return the number of threads that an encoder may use for one input.

    An encoder that starts threads calls this function for each input. In a worker thread of
    `NetEncoder.map`, other threads already encode other inputs, and the result is 1.

    Parameters
    ----------
    workers : int, optional
        A number that takes precedence.

    Returns
    -------
    int
        `workers` if it is given; else 1 in a worker thread of `NetEncoder.map`; else the value of
        the environment variable ``NETENCODERS_WORKERS``; else the number of processors that this
        process may use.

    Raises
    ------
    ValueError
        The argument or the environment variable is not an integer >= 1.

    Examples
    --------
    >>> from netencoders import worker_count
    >>> worker_count(3)
    3
    """
    source = "workers"
    requested: object = workers
    if workers is None and (current := policies.current("workers", None)):
        return int(current)
    if workers is None:
        source = "the environment variable NETENCODERS_WORKERS"
        text = os.environ.get("NETENCODERS_WORKERS", "").strip()
        if not text:
            if hasattr(os, "sched_getaffinity"):
                return len(os.sched_getaffinity(0))
            return os.cpu_count() or 1
        requested = int(text) if text.isdecimal() and len(text) < 6 else text
    if isinstance(requested, bool) or not isinstance(requested, int) or requested < 1:
        raise ValueError(f"{source} must be an integer >= 1. Got {short(requested)}.")
    return requested


def _attempt(encode: Callable[[Any], Result], value: Any) -> Result | EncodeError:
    try:
        return encode(value)
    except EncodeError as error:
        return error


def _serial(
    encode: Callable[[Any], Result], values: Iterator[Any]
) -> Generator[Result | EncodeError, None, None]:
    for value in values:
        yield _attempt(encode, value)


def _threaded(
    encode: Callable[[Any], Result],
    values: Iterator[Any],
    workers: int,
    helping: bool,
    prepare: Callable[[], object],
    cancel: Callable[[], object],
) -> Generator[Result | EncodeError, None, None]:
    prepare()
    pending: deque[Task[Result | EncodeError]] = deque()
    failure: Exception | None = None
    # The calling thread is one of the workers. If it only waited, it would compete with them for
    # the interpreter lock: 300 FLAC files on two processors took 1.5 times as long (measured).
    with WorkerPool(workers - helping) as pool:
        try:
            while True:
                try:
                    value = next(values)
                except StopIteration:
                    break
                except Exception as problem:  # of the iterable: raised after the earlier results
                    failure = problem
                    break
                pending.append(pool.submit(_attempt, encode, value))
                if len(pending) > 2 * workers:  # enough tasks to keep every thread busy
                    yield pool.wait(pending.popleft(), helping=helping)
            while pending:
                yield pool.wait(pending.popleft(), helping=helping)
        except BaseException:
            cancel()
            raise
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # its traceback holds this frame


def _delivered(
    outcomes: Generator[Result | EncodeError, None, None], on_error: str
) -> Generator[Result | EncodeError, None, None]:
    with closing(outcomes):  # stops the threads even if the caller keeps the error raised here
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, EncodeError):
                outcome.index = index
                if on_error == "raise":
                    raise outcome
            yield outcome

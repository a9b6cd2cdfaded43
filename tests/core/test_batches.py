"""Batches: lazy, ordered and bounded; no thread remains after an error or an early end."""

from __future__ import annotations

import gc
import itertools
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from netencoders import EncodeError, check_stop, workers
from netencoders.batches import ordered_map, worker_count

WORKERS = (1, 2, 3, 4)
# Seconds: longer than any machine takes, shorter than pytest's limit, so that a hang fails.
HANG = 60


def threads() -> list[int]:
    """Return the identifiers of the living worker threads."""
    return [thread for shared in tuple(workers._running) for thread in shared.alive]


def encode(value: Any) -> Any:
    """Return the square; refuse negative numbers; take longer for smaller numbers."""
    time.sleep(0.002 / (1 + abs(value)))
    if value < 0:
        raise EncodeError(f"{value} is negative")
    return value**2


def mapped(values: Any, workers: int | None, on_error: Any = "raise") -> Iterator[Any]:
    """Return the squares."""
    return ordered_map(encode, values, workers=workers, on_error=on_error)


@pytest.mark.parametrize("workers", WORKERS)
def test_results_keep_the_order_of_inputs(workers: int) -> None:
    """Results come in the order of the inputs, even if later ones are ready earlier."""
    assert [n**2 for n in range(40)] == list(mapped(iter(range(40)), workers))
    assert list(mapped([], workers)) == []


@pytest.mark.parametrize("workers", WORKERS)
def test_infinite_input_is_read_ahead_to_a_bound(workers: int) -> None:
    """A bounded number of inputs is read ahead, and none before the first result is requested."""
    read = itertools.count()
    squares = mapped(read, workers)
    assert next(read) == 0
    assert [1, 4, 9] == list(itertools.islice(squares, 3))
    assert next(read) <= 1 + 3 + 2 * workers + 1


@pytest.mark.parametrize("workers", WORKERS)
def test_errors_are_raised_with_their_index(workers: int) -> None:
    """The results before a bad input are returned, then its error is raised."""
    squares = mapped([3, 2, -1, 5, -2], workers)
    assert [9, 4] == [next(squares), next(squares)]
    with pytest.raises(EncodeError, match=r"^element 2: -1 is negative$") as caught:
        next(squares)
    assert caught.value.index == 2
    # `caught` keeps the error and its frames alive; the threads must end nevertheless.
    assert threads() == []
    assert next(squares, None) is None


@pytest.mark.parametrize("workers", WORKERS)
def test_errors_are_returned_in_their_place(workers: int) -> None:
    """With on_error="return" every input has its result or its error."""
    results = list(mapped([3, -1, 2, -2], workers, "return"))
    assert [9, "element 1: -1 is negative", 4, "element 3: -2 is negative"] == [
        str(result) if isinstance(result, EncodeError) else result for result in results
    ]


@pytest.mark.parametrize("workers", WORKERS)
def test_error_of_the_iterable_follows_earlier_results(workers: int) -> None:
    """An exception of the iterable is raised after the results of the inputs before it."""

    def values() -> Iterator[int]:
        yield from (1, 2, 3)
        raise OSError("disk gone")

    results = []
    with pytest.raises(OSError, match="disk gone"):
        results.extend(mapped(values(), workers, "return"))
    assert [1, 4, 9] == results
    assert threads() == []


@pytest.mark.parametrize("workers", [2, 4])
def test_abandoned_generator_stops_its_threads(workers: int) -> None:
    """No thread remains after the iterator is closed early."""
    squares = mapped(itertools.count(), workers)
    next(squares)
    while not threads():  # the calling thread may compute the first value before others start
        next(squares)
    del squares
    gc.collect()
    assert threads() == []


def test_waiting_inputs_are_not_encoded_after_an_error() -> None:
    """After an error, inputs that have not begun are not encoded, even if they were read ahead.

    While the calling thread encodes one input, the other thread may begin some that are read ahead.
    """
    seen: list[int] = []
    begun = threading.Event()

    def work(value: int) -> int:
        seen.append(value)
        if value == 0:
            begun.wait(HANG)
            raise EncodeError("bad")
        begun.set()
        time.sleep(0.3)
        return value

    with pytest.raises(EncodeError, match="element 0: bad"):
        list(ordered_map(work, range(100), workers=2, on_error="raise"))
    assert set(seen) <= {0, 1, 2, 3, 4}


def test_calling_thread_is_a_worker_with_helping() -> None:
    """With `helping`, two workers are the calling thread and one more; without, two more."""
    for helping in (True, False):
        seen: set[int] = set()
        both = threading.Barrier(2, timeout=HANG)

        def work(value: int, seen: set[int] = seen, both: threading.Barrier = both) -> int:
            seen.add(threading.get_ident())
            both.wait()  # until both inputs are being encoded
            return value

        results = ordered_map(work, range(6), workers=2, on_error="raise", helping=helping)
        assert list(range(6)) == list(results)
        assert (2, helping) == (len(seen), threading.get_ident() in seen)


def test_modules_are_prepared_before_threads_start() -> None:
    """`prepare` is called once before the first input is encoded, and not for one worker."""
    seen: list[object] = []
    for count in (1, 2):
        results = ordered_map(
            seen.append,
            [1, 2],
            workers=count,
            on_error="raise",
            prepare=lambda: seen.append(threads() or "prepared"),
        )
        list(results)
    assert [1, 2, "prepared", 1, 2] == [*seen[:3], *sorted(seen[3:])]  # type: ignore[type-var]


@pytest.mark.parametrize("early", [False, True])
def test_cancel_ends_calls_that_wait(early: bool) -> None:
    """After an early end `cancel` is called before the threads end, so a call may wait for it."""
    cancelled = threading.Event()

    def work(value: int) -> bool:
        return value == 0 or (cancelled.wait(HANG) if early else True)

    results = ordered_map(
        work, range(3), workers=2, on_error="raise", helping=False, cancel=cancelled.set
    )
    assert next(results)
    if early:
        results.close()
    assert [True] * (0 if early else 2) == list(results)
    assert (early, []) == (cancelled.is_set(), threads())


def test_interrupt_ends_inputs_that_were_begun() -> None:
    """After an interrupt in the calling thread, the worker threads stop at their next look."""
    begun, seen = threading.Event(), []

    def work(value: int) -> None:
        if threading.current_thread() is threading.main_thread():
            assert begun.wait(HANG)
            raise KeyboardInterrupt
        begun.set()
        try:
            while True:
                check_stop()
        except EncodeError as error:
            seen.append(error.code)
            raise

    with pytest.raises(KeyboardInterrupt):
        list(ordered_map(work, range(9), workers=3, on_error="raise"))
    assert ({"cancelled"}, []) == (set(seen), threads())


@pytest.mark.parametrize("bad", [0, 1, 3])
def test_exception_in_the_calling_thread_keeps_its_position(bad: int) -> None:
    """An exception of the function is raised at the position of its input."""
    begun = threading.Event()

    def work(value: int) -> int:
        if threading.current_thread() is threading.main_thread():
            begun.set()
        else:
            begun.wait(0.2)
        return 1 // (value - bad) * 0 + value

    results = ordered_map(work, range(6), workers=2, on_error="return")
    for expected in range(bad):
        assert expected == next(results)
    with pytest.raises(ZeroDivisionError):
        next(results)


@pytest.mark.parametrize("workers", WORKERS)
def test_exception_other_than_encode_error_is_raised(workers: int) -> None:
    """Only an EncodeError is returned as a result; any other exception is raised."""
    with pytest.raises(TypeError, match="bad operand type for abs"):
        list(mapped([1, "x"], workers, "return"))


def test_wrong_argument_raises_at_the_call() -> None:
    """A wrong argument raises at the call, not at the first result."""
    with pytest.raises(ValueError, match=r"on_error must be 'raise' or 'return'\. Got 'skip'\."):
        mapped([], 1, "skip")
    with pytest.raises(TypeError, match="'int' object is not iterable"):
        mapped(5, 1)


@pytest.mark.parametrize("values", ["a.wav", b"RIFF", {"array": [1]}])
def test_single_input_is_not_a_batch(values: Any) -> None:
    """A single text, bytes or dict raises TypeError: it is not a batch."""
    with pytest.raises(
        TypeError, match=f"map takes several inputs, as a list. Got one {type(values).__name__}"
    ):
        mapped(values, 1)


@pytest.mark.parametrize("workers", [0, -1, True, 2.0, "2"])
def test_bad_number_of_workers_is_refused(workers: Any) -> None:
    """The number of workers is an integer >= 1."""
    with pytest.raises(ValueError, match=r"^workers must be an integer >= 1\. Got "):
        worker_count(workers)


@pytest.mark.parametrize(("text", "count"), [("3", 3), (" 4 ", 4), ("00002", 2)])
def test_environment_variable_sets_the_workers(
    monkeypatch: pytest.MonkeyPatch, text: str, count: int
) -> None:
    """The environment variable sets the default, and the argument overrides it."""
    monkeypatch.setenv("NETENCODERS_WORKERS", text)
    assert count == worker_count(None)
    assert worker_count(7) == 7


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "1e3", "²", "0x2", "9" * 5000])
def test_bad_environment_variable_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """An invalid environment variable raises an error that names it."""
    monkeypatch.setenv("NETENCODERS_WORKERS", text)
    with pytest.raises(
        ValueError, match=r"variable NETENCODERS_WORKERS must .* Got ['0]"
    ) as caught:
        worker_count(None)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("text", [None, "", "  "])
def test_default_workers_are_the_processors(
    monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    """The default is the number of processors of this process, or of the machine."""
    if text is not None:
        monkeypatch.setenv("NETENCODERS_WORKERS", text)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5}, raising=False)
    assert worker_count(None) == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert worker_count(None) == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert worker_count(None) == 1

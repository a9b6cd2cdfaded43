"""Worker threads: all jobs are done, errors arrive, and each thread ends with its pool."""

from __future__ import annotations

import gc
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from netencoders import EncodeError, WorkerPool, check_stop, workers
from netencoders.policies import current, policies

# Seconds: longer than any machine takes, shorter than pytest's limit, so that a hang fails.
HANG = 60


def threads() -> list[int]:
    """Return the identifiers of the living worker threads."""
    return [thread for shared in tuple(workers._running) for thread in shared.alive]


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; return whether it became true."""
    deadline = time.monotonic() + HANG
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.001)
    return condition()


def until_stopped(begun: threading.Event) -> None:
    """Run until the pool ends."""
    begun.set()
    while True:
        check_stop()
        time.sleep(0.001)


@pytest.mark.parametrize("helping", [True, False])
@pytest.mark.parametrize("count", [1, 3])
def test_jobs_give_their_results(count: int, helping: bool) -> None:
    """`wait` returns the result of each job, in any order, and no thread is left."""
    with WorkerPool(count) as pool:
        tasks = [pool.submit(pow, number, 2) for number in range(50)]
        waited = [pool.wait(task, helping=helping) for task in reversed(tasks)]
    assert [number**2 for number in reversed(range(50))] == waited
    assert [] == threads()


@pytest.mark.parametrize("helping", [True, False])
@pytest.mark.parametrize("error", [ZeroDivisionError("of a job"), SystemExit("of a job")])
def test_error_of_a_job_is_raised(error: BaseException, helping: bool) -> None:
    """`wait` raises the exception of a job; the other jobs are done."""

    def fail() -> None:
        raise error

    with WorkerPool(1) as pool:
        bad, good = pool.submit(fail), pool.submit(int)
        with pytest.raises(type(error), match="of a job"):
            pool.wait(bad, helping=helping and isinstance(error, Exception))
        assert 0 == pool.wait(good)


def test_interrupt_of_a_job_in_the_calling_thread_stops_the_pool() -> None:
    """An interrupt in a job that the calling thread runs is raised, and the pool is closed."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with WorkerPool(0) as pool:
        task = pool.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            pool.help()
        with pytest.raises(EncodeError, match="it is not finished: an interrupt or an error"):
            pool.wait(task)


def test_end_without_an_error_does_all_jobs() -> None:
    """The end of the block waits for all jobs, and the calling thread runs some of them."""
    done: list[int] = []
    begun, release = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        assert release.wait(HANG)
        done.append(0)

    with WorkerPool(1) as pool:
        pool.submit(slow)
        assert begun.wait(HANG)
        pool.submit(done.append, 1)
        pool.submit(release.set)
    assert [1, 0] == done


def test_end_by_an_error_drops_waiting_jobs_and_stops_running_ones() -> None:
    """After an error, jobs that have not begun are dropped, and `check_stop` ends the others."""
    done: list[int] = []
    begun = threading.Event()

    def work() -> None:
        with WorkerPool(1) as pool:
            pool.submit(until_stopped, begun)
            assert begun.wait(HANG)
            pool.submit(done.append, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert [] == threads()
    assert [] == done


def test_closed_pool_takes_no_job_and_waits_for_none() -> None:
    """A closed pool refuses jobs, and raises the code `cancelled` for jobs that are not done."""
    begun = threading.Event()
    pool = WorkerPool(1)
    running = pool.submit(until_stopped, begun)
    assert begun.wait(HANG)
    dropped = pool.submit(int)
    assert pool.close()
    for action in (
        lambda: pool.wait(running),
        lambda: pool.wait(dropped),
        lambda: pool.submit(int),
    ):
        with pytest.raises(EncodeError, match="stopped the worker threads") as caught:
            action()
        assert "cancelled" == caught.value.code
    assert not pool.help()
    assert pool.close()


def test_job_that_does_not_look_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """`close` does not wait for a job that does not end; it says so, and the thread ends later."""
    monkeypatch.setattr(workers, "JOIN", 0.05)
    begun, release = threading.Event(), threading.Event()

    def deaf() -> None:
        begun.set()
        assert release.wait(HANG)

    pool = WorkerPool(2)
    pool.submit(deaf)
    assert begun.wait(HANG)
    assert not pool.close()
    release.set()
    assert eventually(lambda: threads() == [])
    assert pool.close()


def test_pool_without_an_end_stops_its_threads() -> None:
    """If a pool is dropped without `close`, its jobs stop, and its threads end."""
    begun = threading.Event()
    pool = WorkerPool(3)
    for _ in range(2):
        pool.submit(until_stopped, begun)
    pool.submit(int)
    assert begun.wait(HANG)
    del pool
    gc.collect()
    assert eventually(lambda: threads() == [])


def test_job_is_done_before_the_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task is marked as done before the news, else the caller could miss it."""
    seen: list[bool] = []
    pool = WorkerPool(1)

    class News:
        """A queue that looks at the task."""

        def empty(self) -> bool:
            return not any(seen)

        def put(self, item: None) -> None:
            seen.append(task.done)

    monkeypatch.setattr(pool._shared, "news", News())
    hold = threading.Event()
    task = pool.submit(hold.wait, HANG)
    hold.set()
    assert eventually(lambda: len(seen) == 1)
    assert [True] == seen
    pool.close()


def test_news_do_not_pile_up() -> None:
    """The news of many jobs that nobody waits for take no memory."""
    with WorkerPool(2) as pool:
        tasks = [pool.submit(int) for _ in range(1000)]
        assert eventually(lambda: all(task.done for task in tasks))
        assert pool._shared.news.qsize() <= 2


def test_stop_is_seen_in_pools_of_jobs() -> None:
    """A job that uses a pool of its own stops with the outer pool, and so do its jobs."""
    begun = threading.Event()

    def outer() -> None:
        with WorkerPool(1) as inner:
            inner.wait(inner.submit(until_stopped, begun), helping=False)

    pool = WorkerPool(1)
    pool.submit(outer)
    assert begun.wait(HANG)
    pool.close()
    assert eventually(lambda: threads() == [])


@pytest.mark.parametrize("count", [0, 1])
def test_jobs_have_the_policies_of_their_submission(count: int) -> None:
    """A job runs under the policies of the call of `submit`, in any thread."""
    with WorkerPool(count) as pool:
        with policies({"a": 1}):
            task = pool.submit(current, "a", None)
        assert 1 == pool.wait(task, helping=not count)


def test_debuggers_and_profilers_see_the_threads() -> None:
    """The functions of `threading.settrace` and `threading.setprofile` are used."""
    trace, profile = threading.gettrace(), threading.getprofile()
    made: list[Any] = []

    def watch(*event: object) -> None:
        made.append(event)

    threading.settrace(watch)
    threading.setprofile(watch)
    try:
        with WorkerPool(1) as pool:
            seen = pool.wait(pool.submit(lambda: (sys.gettrace(), sys.getprofile())), helping=False)
    finally:
        threading.settrace(trace)  # type: ignore[arg-type] # None restores the default
        threading.setprofile(profile)
    assert (watch, watch) == seen
    assert made


AT_EXIT = """
    import threading, time
    from netencoders import EncodeError, WorkerPool, check_stop

    begun = threading.Event()

    def looks():
        begun.set()
        try:
            while True:
                check_stop()
        except EncodeError as error:
            print(error.code, flush=True)
            raise

    def deaf():
        begun.set()
        time.sleep(1000)

    pool = WorkerPool(1)
    pool.submit({job})
    begun.wait()
"""


@pytest.mark.parametrize(("job", "printed"), [("looks", "cancelled\n"), ("deaf", "")])
def test_open_pool_does_not_keep_the_process_alive(job: str, printed: str) -> None:
    """At the end of the process, jobs of a pool that was not closed stop, or are left alone."""
    line = [sys.executable, "-c", textwrap.dedent(AT_EXIT.format(job=job))]
    done = subprocess.run(line, capture_output=True, text=True, timeout=HANG)
    assert (0, printed, "") == (done.returncode, done.stdout, done.stderr)


def test_function_runs_undisturbed_in_another_thread() -> None:
    """`undisturbed` runs a function in a thread without signal handlers, and gives its outcome."""

    def fail() -> None:
        raise ZeroDivisionError("inside")

    assert threading.get_ident() != workers.undisturbed(threading.get_ident)
    with pytest.raises(ZeroDivisionError, match="inside"):
        workers.undisturbed(fail)
    assert [] == threads()

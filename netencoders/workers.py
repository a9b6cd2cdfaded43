"""Worker threads that an interrupt cannot block.

`WorkerPool` runs jobs on threads for `NetEncoder.map` and for one long recording. Python runs the
handler of a signal, which may raise, between any two steps of the main thread. A lock of Python
code (`threading.Lock`, and all that is built on it: `Condition`, `Event`, `Thread.start`, `Future`)
may stay locked then, and each thread that needs it waits for ever. Therefore (A32):

- Jobs, and the news that a job is done, travel in queues that are implemented in C. A job is
  claimed by taking it from its queue. No lock of Python code is shared.
- A worker marks a task as done before it sends the news, and the caller looks at the mark again
  after each news. So news that is lost in an interrupt is not needed.
- `close` waits half a second at most. A job that still runs ends at its next `check_stop`.

The module is long because the pool, its tasks and its threads follow one protocol; half of the
lines are docstrings.
"""

from __future__ import annotations

import _thread
import atexit
import sys
import threading
import time
import weakref

# Not from `queue`, which falls back to a queue in Python where there is none in C.
from _queue import Empty, SimpleQueue
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from netencoders.errors import EncodeError

__all__ = ["Task", "WorkerPool", "check_stop", "undisturbed"]

Result = TypeVar("Result")

# In seconds. The end of a pool waits so long for its workers.
JOIN: Final = 0.5
# In seconds. Windows runs no signal handler while a thread waits for a queue.
POLL: Final = 0.1


def check_stop() -> None:
    """Raise an error if this thread is a worker thread whose pool has ended.

    An encoder calls this function between the blocks of a long input. After an interrupt, or after
    the error of another input, the worker threads then end within a moment. In other threads the
    function does nothing.

    Raises
    ------
    EncodeError
        With code ``cancelled``: the pool of this worker thread was closed.

    Examples
    --------
    >>> from netencoders import check_stop
    >>> check_stop()
    """
    shared = _shared.get()
    if shared is not None and shared.is_stopped():
        raise _cancelled()


def _cancelled() -> EncodeError:
    return EncodeError(
        "it is not finished: an interrupt or an error stopped the worker threads",
        code="cancelled",
        remedy="encode it again",
    )


class Task(Generic[Result]):
    """A job of a `WorkerPool`; `WorkerPool.wait` returns its result.

    Attributes
    ----------
    done : bool
        Whether the job has ended.
    """

    __slots__ = ("_arguments", "_context", "_error", "_function", "_result", "done")

    def __init__(self, function: Callable[..., Result], arguments: tuple[Any, ...]) -> None:
        self.done = False
        self._function: Callable[..., Result] | None = function
        self._arguments = arguments
        self._context = copy_context()
        self._result: Result
        self._error: BaseException | None = None

    def _run(self, caught: type[BaseException]) -> None:
        """Run the job. An exception that is not `caught` is raised, and the task is not done."""
        function, self._function = self._function, None
        arguments, self._arguments = self._arguments, ()  # a result may be far smaller than these
        assert function is not None  # noqa: S101 - a task is claimed once; for mypy
        try:
            self._result = function(*arguments)
        except caught as error:
            self._error = error
        self.done = True
        del self, function, arguments  # the traceback of an error holds this frame

    def _run_in_worker(self, shared: _Shared) -> None:
        _shared.set(shared)
        self._run(BaseException)

    def _outcome(self) -> Result:
        error, self._error = self._error, None
        if error is None:
            return self._result
        try:
            raise error
        finally:
            del error  # its traceback holds this frame


class WorkerPool:
    """Threads that run jobs, together with the calling thread, inside a ``with`` block.

    An interrupt (Ctrl-C) at any point ends the block within a moment. If the block ends without an
    error, the remaining jobs are done first. If it ends by an error, jobs that have not begun are
    dropped, and running jobs end at their next `check_stop`. A job that does not call it is left
    alone after half a second; its thread does not keep the process alive.

    One thread uses a pool. Jobs run under the policies and the other context variables of the call
    of `submit`.

    Parameters
    ----------
    threads : int
        The number of threads in addition to the calling thread. Each starts when it is needed.

    Examples
    --------
    >>> from netencoders import WorkerPool
    >>> with WorkerPool(2) as pool:
    ...     tasks = [pool.submit(pow, number, 2) for number in range(4)]
    ...     [pool.wait(task) for task in tasks]
    [0, 1, 4, 9]
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._started = 0
        self._shared = _Shared(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and not self._shared.stopped:
                self._finish()
        finally:
            self.close()

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Task[Result]:
        """Give a job to the next worker thread that is free.

        Parameters
        ----------
        function : callable
        *arguments
            Its arguments.

        Returns
        -------
        Task

        Raises
        ------
        EncodeError
            With code ``cancelled``: the pool is closed.
        """
        if self._shared.stopped:
            raise _cancelled()
        if self._started < self._threads:
            # Not `threading.Thread`: an interrupt of its `start` leaks a lock.
            _thread.start_new_thread(_work, (self._shared,))
            self._started += 1  # not earlier: an interrupt before the start would lose a thread
        task = Task(function, arguments)
        self._shared.jobs.put(task)
        return task

    def help(self) -> bool:
        """Run one job that no thread has begun, in the calling thread.

        Returns
        -------
        bool
            Whether there was one.
        """
        shared = self._shared
        try:
            try:
                task = shared.jobs.get_nowait()
            except Empty:
                return False
            if not isinstance(task, Task):  # the pool is closed
                shared.jobs.put(task)
                return False
            task._context.run(task._run, Exception)
        except BaseException:
            shared.stopped = True  # the job that was taken may be lost: do not wait for it
            raise
        return True

    def wait(self, task: Task[Result], *, helping: bool = True) -> Result:
        """Wait for a task, and return its result.

        Parameters
        ----------
        task : Task
            Each task is waited for once.
        helping : bool
            Whether the calling thread runs jobs, the oldest first, while it waits.

        Returns
        -------
        object
            The result of the job. If the job raises an exception, it is raised.

        Raises
        ------
        EncodeError
            With code ``cancelled``: the pool was closed before the job was done.
        """
        shared = self._shared
        while not task.done:
            if shared.stopped:
                raise _cancelled()
            if not (helping and self.help()):
                _take(shared.news, POLL)
        return task._outcome()

    def close(self) -> bool:
        """End the worker threads; wait half a second at most.

        Returns
        -------
        bool
            Whether all have ended. Otherwise a job still uses its arguments.
        """
        shared = self._shared
        shared.stop()
        shared.join(time.monotonic() + JOIN)
        return not shared.alive

    def _finish(self) -> None:
        """Do all remaining jobs, and end the worker threads."""
        while self.help():
            pass
        self._shared.jobs.put(None)
        while self._shared.alive:
            _take(self._shared.ended, POLL)


def undisturbed(function: Callable[[], Result]) -> Result:
    """Run a function in a worker thread, where Python runs no signal handler, and wait for it.

    An interrupt is raised in the calling thread at once. The function still gets half a second to
    end. Imports need this: an exception inside of an import leaks the lock of the module, is
    swallowed by some C extensions, and crashes others (soxr).
    """
    with WorkerPool(1) as pool:
        return pool.wait(pool.submit(function), helping=False)


class _Shared:
    """The part of a pool that its workers hold. They do not hold the pool, so that it can die.

    Attributes
    ----------
    jobs : SimpleQueue
        The tasks that no thread has begun; then an object that is no task, which ends the workers.
    news : SimpleQueue
        An item says that a task is done.
    alive : list of int
        The workers that have begun, by identifier.
    ended : SimpleQueue
        An item for each worker that has ended.
    stopped : bool
        Whether the pool is closed.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self.jobs: SimpleQueue[Any] = SimpleQueue()
        self.news: SimpleQueue[None] = SimpleQueue()
        self.ended: SimpleQueue[None] = SimpleQueue()
        self.alive: list[int] = []
        self.stopped = False
        self._parent = _shared.get()  # of the worker thread that makes the pool
        # The workers of a pool that dies get the reference as their end. A method `__del__` would
        # swallow an interrupt that arrives in it.
        self._pool = weakref.ref(pool, self.jobs.put)

    def is_stopped(self) -> bool:
        if self.stopped or self._pool() is None:
            return True
        return self._parent is not None and self._parent.is_stopped()

    def stop(self) -> None:
        self.stopped = True
        self.jobs.put(None)

    def join(self, deadline: float) -> None:
        while self.alive and (left := deadline - time.monotonic()) > 0:
            _take(self.ended, min(left, POLL))


_shared: ContextVar[_Shared | None] = ContextVar("netencoders_workers", default=None)
"""In a worker thread, and in the contexts that its jobs make: the pool."""

_running: Final[set[_Shared]] = set()
"""The pools that have workers."""


def _work(shared: _Shared) -> None:  # pragma: no cover - it begins before a tracer can see it
    """Run jobs until the pool ends."""
    _watch()
    me = _thread.get_ident()
    shared.alive.append(me)
    _running.add(shared)
    try:
        while isinstance(task := shared.jobs.get(), Task):
            if not shared.is_stopped():
                task._context.run(task._run_in_worker, shared)
            del task  # it holds the result
            if shared.news.empty():  # one item is enough: the caller looks at all tasks
                shared.news.put(None)
    finally:
        shared.jobs.put(None)  # ends the next worker
        shared.alive.remove(me)
        if not shared.alive:
            _running.discard(shared)
        shared.ended.put(None)


def _watch() -> None:  # pragma: no cover - it starts the tracer
    """Let debuggers, profilers and coverage see this thread, as `threading.Thread` does."""
    if trace := threading.gettrace():
        sys.settrace(trace)
    if profile := threading.getprofile():
        sys.setprofile(profile)


def _take(queue: SimpleQueue[None], seconds: float) -> None:
    """Wait for an item, up to a time."""
    try:  # noqa: SIM105 - `suppress` is Python code, and takes longer
        queue.get(timeout=seconds)
    except Empty:
        pass


@atexit.register
def _end_all() -> None:  # pragma: no cover - it runs when the process ends
    """End the pools that were not closed: Python must not end under a thread that runs C code."""
    left = [shared for shared in tuple(_running) if not shared.stopped]
    for shared in left:
        shared.stop()
    deadline = time.monotonic() + JOIN
    for shared in left:
        shared.join(deadline)

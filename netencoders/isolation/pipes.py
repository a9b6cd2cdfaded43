"""Pipes to a worker process, with a time limit for each read and write.

No lock and no second thread is involved, so an interrupt at any point leaves nothing locked. On
Windows, where pipes cannot be polled, a thread ends the process when the limit is reached.
"""

from __future__ import annotations

import _thread
import os
import select
import subprocess
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from io import FileIO
from typing import Final, cast

from netencoders.isolation.frames import ReplyError

__all__ = ["CAN_POLL", "ClosedError", "LimitError", "Pipes"]

CAN_POLL: Final = hasattr(select, "poll")

_LONGEST_WAIT: Final = 3600.0  # seconds: `poll` takes no more than 24 days
_PIECE: Final = 1 << 16  # bytes of a read
_PIPE_BYTES: Final = 1 << 20  # of a pipe of replies: an array needs fewer changes of the process
_MAX_AHEAD: Final = 4 << 20  # bytes that a process may send before it has read its request


class LimitError(Exception):
    """The time limit is reached."""  # not TimeoutError: a signal handler of the user may raise it


class ClosedError(Exception):
    """The process has closed a pipe, or has ended."""


class Pipes:
    """The two pipes of a worker process, used by one thread at a time.

    Parameters
    ----------
    process : subprocess.Popen
        Its standard input and output are unbuffered pipes.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._requests = cast(FileIO, process.stdin)
        self._replies = cast(FileIO, process.stdout)
        self._ahead = bytearray()  # replies that came while a request was written
        self._deadline = float("inf")
        self._running: deque[float] = deque()  # the deadline, for the thread that ends the process
        if CAN_POLL:
            os.set_blocking(self._requests.fileno(), False)
            os.set_blocking(self._replies.fileno(), False)
            _enlarge(self._replies.fileno())
            self._readable, self._either = select.poll(), select.poll()
            self._readable.register(self._replies, select.POLLIN)
            self._either.register(self._replies, select.POLLIN)
            self._either.register(self._requests, select.POLLOUT)
        else:
            _thread.start_new_thread(self._end_late, ())

    @property
    def is_quiet(self) -> bool:
        """Whether no byte waits in the pipe, and the process has not closed it."""
        if not CAN_POLL:
            return self._process.poll() is None
        return not self._ahead and not self._readable.poll(0)

    def begin(self, seconds: float) -> None:
        """Start the time limit of the next reads and writes.

        They raise LimitError if it is reached, and ClosedError if the process has ended.
        """
        self._deadline = time.monotonic() + seconds
        self._running.append(self._deadline)

    def end(self) -> float:
        """Stop the time limit; return the seconds that are left."""
        try:
            self._running.remove(self._deadline)
        except ValueError:  # the thread has removed it, and ends the process
            raise LimitError from None
        return self._deadline - time.monotonic()

    def write(self, parts: Iterable[bytes | memoryview]) -> None:
        """Write a request. Replies that come meanwhile are kept.

        Raises
        ------
        ReplyError
            The process sends more than a few warnings before it has read the request.
        """
        for part in parts:
            rest = memoryview(part)
            while rest:
                count = self._written(rest)
                if count is None:
                    self._wait(self._either)
                    self._read_ahead()
                else:
                    rest = rest[count:]
                self._check_time()

    def read(self, count: int) -> bytes:
        """Read some bytes. Their number must be bounded: the memory is allocated first."""
        content = bytearray(count)
        self.fill(memoryview(content))
        return bytes(content)

    def fill(self, rest: memoryview) -> None:
        """Read bytes until a buffer is full."""
        rest = self._taken(rest)
        while rest:
            if len(rest) < _PIECE:  # several short reads are one call of the system
                content = self._replies.read(_PIECE)
                count = None if content is None else len(content)
            else:
                content, count = None, self._replies.readinto(rest)
            if count is None:
                self._wait(self._readable)
            elif count == 0:
                raise ClosedError if self._deadline in self._running else LimitError
            elif content is None:
                rest = rest[count:]
            else:
                self._ahead += content
                rest = self._taken(rest)
            self._check_time()

    def _taken(self, rest: memoryview) -> memoryview:
        """Fill a buffer with bytes that were read ahead; return the part that is left."""
        if not self._ahead:
            return rest
        ready = self._ahead[: len(rest)]
        del self._ahead[: len(rest)]
        rest[: len(ready)] = ready
        return rest[len(ready) :]

    def _written(self, content: memoryview) -> int | None:
        try:
            return self._requests.write(content)
        except BrokenPipeError:
            raise ClosedError from None

    def _read_ahead(self) -> None:
        content = self._replies.read(_PIECE)
        if content is None:
            return
        if not content:
            raise ClosedError
        self._ahead += content
        if len(self._ahead) > _MAX_AHEAD:
            raise ReplyError("replies before it has read the request")

    def _wait(self, pipes: select.poll) -> None:
        self._check_time()
        left = max(0.0, self._deadline - time.monotonic())  # a negative number has no limit
        pipes.poll(min(left, _LONGEST_WAIT) * 1000)

    def _check_time(self) -> None:
        if time.monotonic() >= self._deadline:
            raise LimitError

    def _end_late(self) -> None:
        """End the process when the time limit is reached: the body of a thread."""
        while self._process.poll() is None:
            for deadline in tuple(self._running):
                if time.monotonic() >= deadline:
                    with suppress(ValueError):  # the reply has come meanwhile
                        self._running.remove(deadline)
                        self._process.kill()
            time.sleep(0.02)


def _enlarge(descriptor: int) -> None:
    """Let a pipe hold more bytes, where the system can."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
        with suppress(OSError):  # a limit of the user or of the system
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

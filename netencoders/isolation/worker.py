"""The worker process: answers requests until its parent closes the pipe."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import warnings
from collections import deque
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Final

from netencoders import policies
from netencoders.errors import EncodeError
from netencoders.facts import collected
from netencoders.isolation import frames
from netencoders.isolation.exceptions import describe_error, describe_warning
from netencoders.outputs import arrays_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_WARNINGS", "serve"]

MAX_WARNINGS: Final = 1000
"""The largest number of warnings for one input; equal warnings count once."""


def serve() -> None:
    """Run the loop of a worker process.

    Standard input and output are the pipes of the parent. For the code of plugins, standard input
    is empty, and output goes to standard error.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles interrupts
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal sends it to all
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # for programs of plugins
    null = os.open(os.devnull, os.O_RDWR)  # becomes standard error if the parent has none
    requests, replies = os.fdopen(os.dup(0), "rb"), Replies(os.dup(1))
    os.dup2(null, 0)
    os.dup2(2, 1)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a process that is killed loses its buffer
    if hasattr(select, "poll"):  # not on Windows
        threading.Thread(target=_end_with_parent, args=[requests.fileno()], daemon=True).start()
    # Warnings of the start are those that the parent has given when it created the encoder.
    warnings.simplefilter("ignore")
    try:
        load_encoder = frames.read_request(requests)
        encoder, problem = _attempted(load_encoder)
        warnings.resetwarnings()
        warnings.simplefilter("always")  # the filters of the parent decide
        # Destructors give them, in which a filter cannot raise an error: in the parent, it would.
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.showwarning = replies.warning
        while True:
            _answer(encoder, problem, frames.read_request(requests), replies)
    except EOFError:
        return


class Replies:
    """The replies to the parent. Any thread may give a warning."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._writing = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._given: set[tuple[object, ...]] = set()
        self._answering = False

    def begin(self) -> None:
        """Begin the reply to a request."""
        self._given.clear()
        self._answering = True
        self._send_warnings()

    def send(self, *parts: bytes | memoryview) -> None:
        """Send a reply."""
        with self._writing:
            self._send_waiting()
            self._write(*parts)
        self._send_warnings()

    def end(self, *parts: bytes | memoryview) -> None:
        """Send the last replies to a request. Later warnings are sent with the next request."""
        with self._writing:
            self._send_waiting()
            self._answering = False
            self._write(*parts)

    def warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: object = None,
        line: object = None,
    ) -> None:
        """Send a warning, in place of `warnings.showwarning`. Equal ones are sent once."""
        given = message if isinstance(message, Warning) else category(message)
        key = (category, str(given), filename, lineno)
        if key in self._given or len(self._given) > MAX_WARNINGS:
            return
        self._given.add(key)
        if len(self._given) > MAX_WARNINGS:
            given = RuntimeWarning(f"more than {MAX_WARNINGS} warnings: the others are left out")
        self._waiting.append(frames.reply("warning", describe_warning(given, filename, lineno)))
        self._send_warnings()

    def _send_warnings(self) -> None:
        # It does not wait: this thread may be sending, if the warning comes from a destructor.
        while self._answering and self._waiting and self._writing.acquire(blocking=False):
            try:
                self._send_waiting()
            finally:
                self._writing.release()

    def _send_waiting(self) -> None:
        while self._answering and self._waiting:
            self._write(self._waiting.popleft())

    def _write(self, *parts: bytes | memoryview) -> None:
        try:
            rest = deque(memoryview(part) for part in parts)
            while rest:
                written = _write_some(self._descriptor, rest)
                while rest and written >= len(rest[0]):
                    written -= len(rest.popleft())
                if written:
                    rest[0] = rest[0][written:]
        except OSError:  # the parent has ended
            os._exit(1)


def _write_some(descriptor: int, parts: deque[memoryview]) -> int:
    """Write the beginning of some parts by one call of the system; return the bytes written."""
    if hasattr(os, "writev"):  # not on Windows
        return os.writev(descriptor, parts)
    return os.write(descriptor, parts[0])


def _answer(
    encoder: Any, problem: Exception | None, load: Callable[[], Any], replies: Replies
) -> None:
    """Answer one request with blocks, then with the end or an error."""
    replies.begin()
    # The last array is sent together with the end, so that the parent wakes up once.
    held: tuple[bytes | memoryview, ...] = ()
    with collected() as facts:
        try:
            in_force, value = _loaded(load, problem)
            with policies.policies(in_force):
                for block in encoder.stream(value):
                    for name, array in arrays_of(block).items():
                        if held:
                            replies.send(*held)
                        held = frames.array_reply(array, name)
        except Exception as error:  # the parent raises it
            last = frames.reply("error", {**describe_error(error), **frames.described(facts)})
        else:
            last = frames.reply("done", frames.described(facts))
    replies.end(*held, last)


def _attempted(load: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return load(), None
    except Exception as problem:  # the encoder has another version here, for instance
        return None, problem


def _loaded(load: Callable[[], Any], problem: Exception | None) -> Any:
    """Return the content of a request; raise the problem of the encoder if there is one."""
    if problem is not None:
        raise problem.with_traceback(None)
    try:
        return load()
    except Exception as failure:  # unpickling runs code of the input's class
        raise EncodeError(
            f"cannot be received by another process: {type(failure).__name__}: {failure}",
            code="unsupported-input",
            remedy="pass a path or bytes, or encode without isolation",
        ) from None


def _end_with_parent(descriptor: int) -> None:
    """End this process when the parent has ended, also while a decoder runs."""
    ends = select.poll()
    ends.register(descriptor, 0)  # only the end of the pipe
    ends.poll()
    os._exit(0)

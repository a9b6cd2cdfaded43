"""Encoding in worker processes, where a crash or a hang becomes the error of one input.

A worker process runs `serve`. It reads pickled requests from its standard input and answers each
with pickled replies on its original standard output: the blocks of the array, then None, or an
error. The length of each message precedes it, in eight bytes.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from netencoders import batches, policies, registry
from netencoders.errors import BUG_REMEDY, EncodeError, NetEncodersError, PluginError, input_name

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["IsolatedEncoder", "isolated_map"]

_LENGTH: Final = struct.Struct("<Q")
_SERVE: Final = "from netencoders.isolation import serve; serve()"


class IsolatedEncoder:
    """An encoder that runs in worker processes; any number of threads may use it.

    Parameters
    ----------
    encoder : NetEncoder
    workers : int
        The number of processes. Each starts at its first input, and again after it has died.
    timeout : float
        The time limit for one input, in seconds.

    Raises
    ------
    ValueError
        `timeout` is not a number > 0.
    PluginError
        The encoder is registered in this process only.
    """

    def __init__(self, encoder: NetEncoder, workers: int, timeout: float) -> None:
        provider = registry.find(encoder.name).provider
        if provider.distribution == registry.THIS_PROCESS:
            raise PluginError(
                "it is registered in this process only, so another process cannot use it: publish "
                "it as a plugin, or encode without isolation",
                plugin=f"encoder {encoder.name}",
            )
        if not timeout > 0:
            raise ValueError(f"timeout must be a number > 0, in seconds. Got {timeout!r}.")
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._workers = [_Worker(encoder, timeout) for _ in range(workers)]
        for worker in self._workers:
            self._idle.put(worker)

    def encode(self, value: Any) -> npt.NDArray[Any]:
        """Encode one input; see `stream`."""
        blocks = list(self.stream(value))
        if not blocks:
            raise EncodeError(
                "its stream has no blocks, not even one without rows",
                code="bug",
                source=input_name(value),
                remedy=BUG_REMEDY,
            )
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def stream(self, value: Any) -> Iterator[npt.NDArray[Any]]:
        """Encode one input in blocks.

        Raises
        ------
        EncodeError
            The encoder raises it; or its code is ``crashed`` (the process died), ``timeout`` (the
            process took too long and was killed) or ``unsupported-input`` (the input cannot be sent
            to another process).
        """
        worker = self._idle.get()
        try:
            yield from worker.stream(value)
        except EncodeError as error:
            error.source = error.source or input_name(value)
            raise
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End all processes, even those that are encoding. No further input is accepted."""
        for worker in self._workers:
            worker.close()


class _Worker:
    """One process, used by one thread at a time."""

    def __init__(self, encoder: NetEncoder, timeout: float) -> None:
        self._encoder = encoder
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._starting = threading.Lock()  # so that `close` also ends a process that is starting

    def stream(self, value: Any) -> Iterator[npt.NDArray[Any]]:
        request = self._request(value)
        process = self._running()
        expired = threading.Event()
        seconds = min(self._timeout, threading.TIMEOUT_MAX)
        timer = threading.Timer(seconds, _expire, (process, expired))
        timer.start()
        try:
            yield from _replies(process, request)
        except (OSError, EOFError):
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)  # for its exit code, which a kill would hide
            self.stop()
            raise self._death_error(process.returncode, expired.is_set()) from None
        except EncodeError:
            raise  # the process still works, and waits for the next request
        except BaseException:
            self.stop()  # else the next request would read the remaining replies
            raise
        finally:
            timer.cancel()
            timer.join()
            if expired.is_set():  # perhaps after the last reply: the next input needs a new process
                self.stop()

    def close(self) -> None:
        """End the process for good."""
        with self._starting:
            self._closed = True
        self.stop()

    def stop(self) -> None:
        """Kill the process, and wait for its end."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _request(self, value: Any) -> bytes:
        try:
            return pickle.dumps((self._encoder, policies.in_force(), value))
        except Exception as problem:  # pickling runs code of the input's class
            raise EncodeError(
                f"cannot be sent to another process: {problem}",
                code="unsupported-input",
                remedy="pass a path or bytes, or encode without isolation",
            ) from None

    def _running(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._closed:
                raise EncodeError("the encoder is closed", code="cancelled")
            if self._process is None:
                path = os.pathsep.join(os.path.abspath(place) for place in sys.path)
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                    [sys.executable, "-c", _SERVE],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": path},
                )
            return self._process

    def _death_error(self, code: int, expired: bool) -> EncodeError:
        if expired:
            return EncodeError(
                f"took longer than {self._timeout:g} s",
                code="timeout",
                remedy="leave it out, or raise the timeout",
            )
        return EncodeError(
            f"the process that encoded it died: {_cause(code)}",
            code="crashed",
            remedy="leave it out, and report it to the authors of the decoder",
        )


def isolated_map(
    encoder: NetEncoder,
    values: Iterable[Any],
    *,
    workers: int | None,
    on_error: Literal["raise", "return"],
    timeout: float,
) -> Iterator[npt.NDArray[Any] | EncodeError]:
    """Encode many inputs in worker processes, in order; see `NetEncoder.map`."""
    count = batches.worker_count(workers)
    processes = IsolatedEncoder(encoder, count, timeout)
    outcomes = batches.ordered_map(
        processes.encode, values, workers=count, on_error=on_error, helping=False
    )
    return _closing(outcomes, processes)


def _closing(
    outcomes: Iterator[npt.NDArray[Any] | EncodeError], processes: IsolatedEncoder
) -> Iterator[npt.NDArray[Any] | EncodeError]:
    # The processes end first, so that no thread waits for one of them.
    with closing(processes):
        for outcome in outcomes:  # noqa: UP028 - `yield from` would wait for the threads first
            yield outcome


def _expire(process: subprocess.Popen[bytes], expired: threading.Event) -> None:
    expired.set()
    process.kill()


def serve() -> None:
    """Run the loop of a worker process: answer requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles interrupts
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the output of a plugin's print must not mix with the replies
    while True:
        try:
            request = _receive(sys.stdin.buffer)
        except EOFError:
            return
        for reply in _answers(request):
            _send(replies, pickle.dumps(reply, protocol=5))


def _answers(request: bytes) -> Iterator[npt.NDArray[Any] | NetEncodersError | None]:
    try:
        encoder, in_force, value = pickle.loads(request)  # noqa: S301 - from our own parent
    except NetEncodersError as problem:  # the encoder has another version here, for instance
        yield problem
        return
    except Exception as problem:  # unpickling runs code of the input's class
        yield EncodeError(
            f"cannot be received by another process: {type(problem).__name__}: {problem}",
            code="unsupported-input",
            remedy="pass a path or bytes, or encode without isolation",
        )
        return
    try:
        with policies.policies(in_force):
            yield from encoder.stream(value)
    except NetEncodersError as error:
        yield error
    else:
        yield None


def _replies(process: subprocess.Popen[bytes], request: bytes) -> Iterator[npt.NDArray[Any]]:
    assert process.stdin is not None  # noqa: S101 - both are pipes; for mypy
    assert process.stdout is not None  # noqa: S101
    _send(process.stdin, request)
    while True:
        reply = pickle.loads(_receive(process.stdout))  # noqa: S301 - from our own process
        if isinstance(reply, NetEncodersError):
            raise reply
        if reply is None:
            return
        yield reply


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    message = pipe.read(count)
    if len(message) < count:
        raise EOFError
    return message


def _cause(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"

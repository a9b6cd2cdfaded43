"""Encoding in processes that can be killed: a crash or a hang becomes one input's error.

Each worker process runs this module. It takes pickled requests on its standard input and gives pickled
replies, each preceded by its length in eight bytes, on what was its standard output.
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
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import numpy.typing as npt

from netencoders import policies
from netencoders.errors import EncodeError, NetEncodersError

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["isolated"]

_LENGTH = struct.Struct("<Q")


@contextmanager
def isolated(encoder: NetEncoder, workers: int, timeout: float) -> Iterator[Any]:
    """Give a function like `encoder` that runs in one of `workers` processes.

    Parameters
    ----------
    encoder : NetEncoder
    workers : int
        How many processes; each is started when it is first needed, and anew after a crash.
    timeout : float
        How long one input may take, in seconds.

    Raises
    ------
    EncodeError
        From the function: whatever the encoder raises, and also with code ``crashed``, the process
        died; ``timeout``, it took too long and was killed; ``unsupported-input``, the input cannot
        be sent to another process.
    """
    idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
    everyone = [_Worker(encoder, timeout) for _ in range(workers)]
    for worker in everyone:
        idle.put(worker)

    def encode(value: Any) -> npt.NDArray[Any]:
        worker = idle.get()
        try:
            return worker.encode(value)
        finally:
            idle.put(worker)

    try:
        yield encode
    finally:
        for worker in everyone:
            worker.stop()


class _Worker:
    """One process, used by one thread at a time."""

    def __init__(self, encoder: NetEncoder, timeout: float) -> None:
        self._encoder = encoder
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None

    def encode(self, value: Any) -> npt.NDArray[Any]:
        try:
            request = pickle.dumps((self._encoder, policies.in_force(), value))
        except Exception as problem:
            raise EncodeError(
                f"cannot be sent to another process: {problem}",
                code="unsupported-input",
                remedy="give a path or bytes, or do without isolation",
            ) from None
        process = self._running()
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(self._timeout, expire)
        timer.start()
        try:
            assert process.stdin is not None  # noqa: S101 - both are pipes; for mypy
            assert process.stdout is not None  # noqa: S101
            _send(process.stdin, request)
            reply = _receive(process.stdout)
        except (OSError, EOFError):
            raise self._death(process, expired) from None
        except BaseException:
            self.stop()  # a reply that nobody waits for must not answer the next request
            raise
        finally:
            timer.cancel()
        outcome = pickle.loads(reply)  # noqa: S301 - from our own process
        if isinstance(outcome, NetEncodersError):
            raise outcome
        array: npt.NDArray[Any] = outcome
        return array

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from netencoders.isolation import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self._process

    def _death(self, process: subprocess.Popen[bytes], expired: threading.Event) -> EncodeError:
        self.stop()
        if expired.is_set():
            return EncodeError(
                f"took longer than {self._timeout:g} s",
                code="timeout",
                remedy="leave it out, or allow more by timeout=",
            )
        return EncodeError(
            f"the process that encoded it died ({_cause(process.returncode)})",
            code="crashed",
            remedy="leave it out, and report it to the authors of the decoder",
        )


def serve() -> None:
    """Answer requests until there are no more: what a worker process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the parent's to handle
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a plugin prints must not stand between the replies
    requests = sys.stdin.buffer
    while True:
        try:
            request = _receive(requests)
        except EOFError:
            return
        _send(replies, pickle.dumps(_answer(request), protocol=5))


def _answer(request: bytes) -> npt.NDArray[Any] | NetEncodersError:
    try:
        encoder, in_force, value = pickle.loads(request)  # noqa: S301 - from our own parent
        with policies.policies(in_force):
            array: npt.NDArray[Any] = encoder._encode(value)
    except NetEncodersError as error:
        return error
    return array


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    message = pipe.read(length)
    if len(message) < length:
        raise EOFError
    return message


def _cause(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"

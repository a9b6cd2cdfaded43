"""A worker process, as its parent sees it: started when needed, and again after its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy.typing as npt

from netencoders import policies
from netencoders.errors import EncodeError
from netencoders.facts import state
from netencoders.isolation import frames
from netencoders.isolation.exceptions import give_warning, rebuild_error
from netencoders.isolation.frames import ReplyError
from netencoders.isolation.pipes import CAN_POLL, ClosedError, LimitError, Pipes

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["WorkerProcess"]

_SERVE: Final = "from netencoders.isolation.worker import serve; serve()"
_MAX_WARNINGS: Final = 3000  # for one input: a worker process sends fewer
_PATIENCE: Final = 1.0  # seconds that a process may need to end


class WorkerProcess:
    """A process that encodes one input after the other, used by one thread at a time.

    Parameters
    ----------
    encoder : NetEncoder
        Each process gets it once, when it starts.
    timeout : float
        The time limit for one input, in seconds.
    """

    def __init__(self, encoder: NetEncoder, timeout: float) -> None:
        self._encoder = encoder
        self._timeout = timeout
        self._named = encoder.has_names  # several named arrays are one block
        self._specs = {
            name: spec if self._named else spec.block() for name, spec in encoder.outputs.items()
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: Pipes | None = None
        self._used = False  # by a thread, which then closes the pipes
        self._unfinished = True  # not all replies have been read, or the encoder was not sent
        self._closed = False

    def stream(self, value: Any) -> Iterator[npt.NDArray[Any]]:
        """Encode one input in blocks; see `IsolatedEncoder.stream`."""
        request = self._request(value)
        self._used = True
        try:
            yield from self._answers(request)
        finally:
            if self._unfinished or self._closed:
                self._stop()
            self._used = False

    def kill(self) -> None:
        """Kill the process for good, also while another thread uses it, without waiting."""
        self._closed = True  # a thread that starts a process looks at it afterwards
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process for good, also while another thread uses it."""
        self.kill()
        if self._used:
            _end(self._process)
        else:
            self._stop()

    def __del__(self) -> None:
        # An interrupt can lose a process that is not closed.
        with suppress(Exception):  # modules may be gone when the interpreter ends
            self._stop()

    def _request(self, value: Any) -> list[bytes | memoryview]:
        try:
            return frames.request((policies.in_force(), value))
        except Exception as problem:  # pickling runs code of the input's class
            raise EncodeError(
                f"cannot be sent to another process: {problem}",
                code="unsupported-input",
                remedy="pass a path or bytes, or encode without isolation",
            ) from None

    def _answers(self, request: list[bytes | memoryview]) -> Iterator[Any]:
        pipes, start = self._running()
        left, warned = self._timeout, 0
        try:
            pipes.begin(left)
            pipes.write([*start, *request])
            arrays: dict[str, npt.NDArray[Any]] = {}
            while True:
                reply, name, array = self._reply(pipes, arrays)
                if array is not None:
                    arrays[name] = array
                    if len(arrays) < len(self._specs):
                        continue
                    left = pipes.end()  # the limit is not for the caller's time
                    yield arrays if self._named else array
                    arrays = {}
                    pipes.begin(left)
                elif reply.get("kind") == "warning" and warned < _MAX_WARNINGS:
                    warned += 1
                    give_warning(reply)
                else:
                    break
            pipes.end()
            error, facts = _last(reply), frames.facts_of(reply)
            if arrays and error is None:
                raise ReplyError("some of the arrays of a block")  # noqa: TRY301 - reported below
            self._unfinished = False
        except LimitError:
            raise self._late() from None
        except ClosedError:
            raise self._dead() from None
        except ReplyError as problem:
            raise _crashed(f"the process that encoded it sent {problem}") from None
        for name, value in facts.items():
            state(name, value)
        if error is not None:
            raise error

    def _reply(
        self, pipes: Pipes, arrays: Mapping[str, npt.NDArray[Any]]
    ) -> tuple[dict[str, Any], str, npt.NDArray[Any] | None]:
        """Read one reply; return its fields, and an array of a block with its name.

        `arrays` are the arrays of the block that have arrived.
        """
        length, size = frames.parsed_header(pipes.read(frames.REPLY.size))
        fields = frames.parsed_text(pipes.read(length))
        if fields.get("kind") == "block":
            name = fields.get("name", "Output")
            if not isinstance(name, str) or name not in self._specs or name in arrays:
                raise ReplyError("an array of another name than the encoder declares")
            spec = self._specs[name]
            shape = frames.shape_of(fields, size, spec)
            return fields, name, frames.read_array(pipes.fill, size, shape, spec.dtype)
        if size:
            raise ReplyError("bytes behind a reply without an array")
        return fields, "", None

    def _running(self) -> tuple[Pipes, list[bytes | memoryview]]:
        """Return the pipes of a process that waits, and the parts that must be sent first."""
        ready = self._pipes is not None and not self._unfinished and self._pipes.is_quiet
        self._unfinished = True
        if ready and self._pipes is not None:
            return self._pipes, []
        self._stop()
        if not self._closed:
            start = frames.request(self._encoder)
            self._start()
        if self._closed or self._process is None:
            raise _cancelled()
        self._pipes = Pipes(self._process)
        return self._pipes, start

    def _start(self) -> None:
        path = os.pathsep.join(os.path.abspath(place) for place in sys.path)
        before = None
        try:
            if CAN_POLL:  # not on Windows
                # The process inherits the mask: a Ctrl-C of the terminal cannot end it.
                before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            # If an interrupt comes before the assignment, the pipes are closed with the object,
            # and the process ends by itself.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-c", _SERVE],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
            )
        finally:
            if before is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _stop(self) -> None:
        """Kill the process, wait for its end, and close the pipes."""
        process = self._process
        _end(process)
        for pipe in (process.stdin, process.stdout) if process is not None else ():
            if pipe is not None:
                pipe.close()
        self._process = self._pipes = None

    def _late(self) -> EncodeError:
        return EncodeError(
            f"took longer than {self._timeout:g} s",
            code="timeout",
            remedy="leave it out, or raise the timeout",
        )

    def _dead(self) -> EncodeError:
        if self._closed:
            return _cancelled()
        code = None
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                code = self._process.wait(_PATIENCE)  # a kill would hide it
        if code is None:
            return _crashed("the process that encoded it closed its pipe")
        return _crashed(f"the process that encoded it died: {_cause(code)}")


def _last(reply: dict[str, Any]) -> Exception | None:
    """Return the error of the last reply, or None if the input was encoded."""
    kind = reply.get("kind")
    if kind == "error":
        return rebuild_error(reply)
    if kind != "done":
        raise ReplyError("a reply of an unknown kind, or too many warnings")
    return None


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)  # with a limit, it waits for no lock


def _cancelled() -> EncodeError:
    return EncodeError("the encoder is closed", code="cancelled", remedy="encode it again")


def _crashed(problem: str) -> EncodeError:
    return EncodeError(
        problem, code="crashed", remedy="leave it out, and report it to the authors of the decoder"
    )


def _cause(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"

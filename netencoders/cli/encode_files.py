"""The command `netencoders encode`: writes one complete .npy file for each input."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from netencoders import batches
from netencoders.arrays import ArraySpec
from netencoders.cli import console, npy
from netencoders.cli.replacing import replacing
from netencoders.cli.standard_input import DASH, NAME, StandardInput, spooled
from netencoders.cli.targets import Job, make_folder
from netencoders.encoder import NetEncoder
from netencoders.errors import BUG_REMEDY, EncodeError, printable
from netencoders.isolation import IsolatedEncoder

__all__ = ["encode_files"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _StoppedError(Exception):
    """The command was stopped while a file was encoded."""


def encode_files(
    encoder: NetEncoder,
    jobs: Sequence[Job],
    *,
    workers: int = 1,
    isolate: bool = False,
    timeout: float = 600.0,
    keep_going: bool = False,
    force: bool = False,
    quiet: bool = False,
    debug: bool = False,
) -> int:
    """Encode all jobs on `workers` threads, and report them in order.

    All targets are in one folder.

    With `isolate`, worker processes encode; a process that takes longer than `timeout` seconds for
    one input is killed. Without `keep_going`, the first failure stops the command, and files that
    are already written stay.

    Returns
    -------
    int
        The exit code: 0 for success, 3 if an input failed, 1 if it failed because of a bug.
    """
    make_folder(jobs[0].target)
    stop = threading.Event()

    isolated = IsolatedEncoder(encoder, workers, timeout) if isolate else None
    stream = isolated.stream if isolated else encoder.stream

    def work(job: Job) -> str | None:
        if stop.is_set():
            return None
        value = standard_input if job.source == DASH else job.source
        blocks = _until_stopped(stop, stream(value))
        return _encode_file(encoder, job, blocks, force)

    written = 0
    errors: list[EncodeError] = []
    ending: AbstractContextManager[object] = closing(isolated) if isolated else nullcontext()
    with (
        ending,
        _signals(stop),
        _standard_input(jobs, isolate) as standard_input,
        console.progress(len(jobs), wanted=not quiet) as advance,
    ):
        outcomes = batches.ordered_map(
            work, jobs, workers=workers, on_error="return", helping=not isolate
        )
        for job, outcome in zip(jobs, outcomes, strict=True):
            advance()
            if isinstance(outcome, EncodeError):
                if errors and not keep_going:
                    continue  # it began before the first failure
                outcome.index = None  # the name identifies the input
                outcome.source = NAME if job.source == DASH else outcome.source
                errors.append(outcome)
                console.error(outcome, debug=debug)
                if not keep_going:
                    stop.set()  # the rest of the loop reports the inputs that have begun
            elif outcome is not None:
                written += 1
                if not quiet:
                    console.out(f"{printable(str(job.target))}  {outcome}")
    if errors and len(jobs) > 1:
        stopped = f"stopped: {written} of {len(jobs)} inputs were written"
        failed = f"{len(errors)} of {len(jobs)} inputs failed"
        console.say(failed if keep_going else stopped)
    return 1 if any(error.code == "bug" for error in errors) else 3 if errors else 0


def _standard_input(jobs: Sequence[Job], isolate: bool) -> AbstractContextManager[Any]:
    """Return a context with the value for the input `-`, or None.

    A thread or another process gets a copy: the main thread alone can be interrupted while it waits
    for input.
    """
    if all(job.source != DASH for job in jobs):
        return nullcontext()
    return spooled() if isolate or len(jobs) > 1 else nullcontext(StandardInput())


def _encode_file(
    encoder: NetEncoder, job: Job, blocks: Iterator[npt.NDArray[Any]], force: bool
) -> str | None:
    """Write one file; return the form of its array, or None if the command was stopped."""
    try:
        with replacing(job.target, force=force) as file:
            dtype, shape = npy.write_blocks(file, blocks)
            _check(encoder.output, dtype, shape)
    except _StoppedError:
        return None
    except OSError as error:
        reason = f"{printable(str(job.target))} cannot be written: {error.strerror or error}"
        raise EncodeError(reason, code="not-written", source=job.source) from error
    except ValueError as error:
        raise EncodeError(
            f"{encoder.name} breaks its declaration: {error}",
            code="bug",
            source=job.source,
            remedy=BUG_REMEDY,
        ) from error
    return f"{dtype} {shape}"


def _check(spec: ArraySpec, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    empty = np.broadcast_to(np.empty((), dtype), shape)  # takes the memory of one element
    problem = spec.problem(empty)
    if problem:
        raise ValueError(problem)


def _until_stopped(
    stop: threading.Event, blocks: Iterator[npt.NDArray[Any]]
) -> Iterator[npt.NDArray[Any]]:
    """Yield the blocks; raise _StoppedError if `stop` is set."""
    for block in blocks:
        if stop.is_set():
            raise _StoppedError
        yield block


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM stop the encoding between two blocks, with cleanup."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python handles signals in the main thread only
        return

    def interrupt(number: int, frame: object) -> NoReturn:
        stop.set()
        raise KeyboardInterrupt(number)

    before = {number: signal.signal(number, interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

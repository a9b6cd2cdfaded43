"""The command `netencoders encode`: writes one complete .npy file for each input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import batches
from netencoders.arrays import ArraySpec
from netencoders.calls import returnable
from netencoders.chain import join
from netencoders.cli import console, npy
from netencoders.cli.file_inputs import file_input, names_content
from netencoders.cli.standard_input import DASH, NAME, opened
from netencoders.cli.targets import Job, prepare_folders
from netencoders.encoder import NetEncoder
from netencoders.errors import BUG_REMEDY, EncodeError, printable
from netencoders.isolation import IsolatedEncoder
from netencoders.replacing import replacing
from netencoders.workers import check_stop

__all__ = ["encode_files"]


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

    Unfinished files of killed runs are removed from the folders of the targets.

    With `isolate`, worker processes encode; a process that takes longer than `timeout` seconds for
    one input is killed. Without `keep_going`, the first failure stops the command, and files that
    are already written stay.

    Returns
    -------
    int
        The exit code: 0 for success, 3 if an input failed, 1 if it failed because of a bug.
    """
    prepare_folders([job.target for job in jobs], quiet=quiet)
    written = 0
    errors: list[EncodeError] = []
    unfinished: set[Path] = set()

    def stopped() -> bool:
        return bool(errors) and not keep_going

    isolated = IsolatedEncoder(encoder, timeout) if isolate else None
    stream = isolated.stream if isolated else encoder.stream
    if not isolated:
        encoder.prepare()

    def work(job: Job) -> str | None:
        if stopped():
            return None
        value = file_input(encoder, job.source, standard_input)
        blocks = _until_stopped(stopped, stream(value))
        return _encode_file(encoder, job, blocks, force, unfinished)

    ending: AbstractContextManager[object] = closing(isolated) if isolated else nullcontext()
    outcomes = batches.ordered_map(
        returnable(work),
        jobs,
        workers=workers,
        on_error="return",
        helping=not isolate,
        cancel=isolated.kill if isolated else lambda: None,
    )
    try:
        with (
            ending,
            opened([job.source for job in jobs], copied=isolate) as standard_input,
            closing(outcomes),
            console.progress(len(jobs), wanted=not quiet) as advance,
        ):
            for job, outcome in zip(jobs, outcomes, strict=True):
                advance()
                if isinstance(outcome, EncodeError):
                    if stopped():
                        continue  # it began before the first failure
                    outcome.index = None  # the name identifies the input
                    if names_content(encoder):
                        outcome.source = printable(job.source)
                    outcome.source = NAME if job.source == DASH else outcome.source
                    errors.append(outcome)  # the rest of the loop reports the inputs that began
                    console.error(outcome, debug=debug)
                elif outcome is not None:
                    written += 1
                    if not quiet:
                        console.out(f"{printable(str(job.target))}  {outcome}")
    except BaseException:
        for temporary in tuple(unfinished):  # of threads that were left alone
            with suppress(OSError):  # Windows removes no open file
                temporary.unlink(missing_ok=True)
        raise
    if errors and len(jobs) > 1:
        stop = f"stopped: {written} of {len(jobs)} inputs were written"
        failed = f"{len(errors)} of {len(jobs)} inputs failed"
        console.say(failed if keep_going else stop)
    return 1 if any(error.code == "bug" for error in errors) else 3 if errors else 0


def _encode_file(
    encoder: NetEncoder,
    job: Job,
    blocks: Iterator[Any],
    force: bool,
    unfinished: set[Path],
) -> str | None:
    """Write one file; return the form of its array, or None if the command was stopped."""
    try:
        with replacing(job.target, force=force, unfinished=unfinished) as file:
            if encoder.has_names:
                [arrays] = blocks
                np.savez(file, **arrays)
                return ", ".join(f"{k} {array.dtype} {array.shape}" for k, array in arrays.items())
            dtype, shape = npy.write_blocks(file, _time_first(encoder.output, blocks))
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


def _time_first(spec: ArraySpec, blocks: Iterator[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
    """Return the blocks, or one array if they do not join along the first axis."""
    return iter([join(list(blocks), spec)]) if spec.stream_axis else blocks


def _check(spec: ArraySpec, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    empty = np.broadcast_to(np.empty((), dtype), shape)  # takes the memory of one element
    problem = spec.problem(empty)
    if problem:
        raise ValueError(problem)


def _until_stopped(stopped: Callable[[], bool], blocks: Iterator[Any]) -> Iterator[Any]:
    """Yield the blocks until the command is stopped, by an error of another file or a signal."""
    for block in blocks:
        if stopped():
            raise _StoppedError
        check_stop()
        yield block

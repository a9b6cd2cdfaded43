"""Determines the output files of a command before it encodes, and protects existing files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from netencoders.cli.console import UsageError
from netencoders.errors import printable

__all__ = ["Job", "check_targets", "make_folder", "plan"]


@dataclass(frozen=True)
class Job:
    """One input and its output file."""

    source: str
    target: Path


def plan(sources: Sequence[str], out: str, *, force: bool) -> list[Job]:
    """Return the input and the output file of each job.

    One input is written to the file `out`, whose name ends in ``.npy``. Several inputs are written
    to files named after them in the folder `out`; so is one, if `out` is a folder or ends in a
    separator.

    Raises
    ------
    UsageError
        `out` does not fit, two inputs have the same output file, or a file exists and `force` is
        False.
    """
    if not out:
        raise UsageError("-o is empty (name a file or a folder)")
    folder, shown = Path(out), printable(out)
    ends_as_folder = out.endswith(tuple(filter(None, (os.sep, os.altsep))))
    if len(sources) == 1 and not ends_as_folder and not folder.is_dir():
        if folder.suffix != ".npy":
            raise UsageError(
                f"{shown}: one input becomes a file, whose name must end in .npy "
                f"(for a folder, write {os.path.join(shown, '')})"
            )
        jobs = [Job(sources[0], folder)]
    elif folder.is_file():
        raise UsageError(f"{shown}: is a file; several inputs become a folder (name another -o)")
    elif folder.suffix == ".npy" and not folder.is_dir():
        raise UsageError(f"{shown}: several inputs become a folder of .npy files (name a folder)")
    else:
        jobs = [Job(source, folder / _npy_name(source)) for source in sources]
    _check_unique(jobs)
    check_targets([job.target for job in jobs], sources, force=force)
    return jobs


def check_targets(targets: Sequence[Path], sources: Sequence[str], *, force: bool) -> None:
    """Check that the files `targets` may be written.

    Raises
    ------
    UsageError
        One of them exists and `force` is False, or is not a file, or is one of the inputs.
    """
    inputs = {_identity(source) for source in sources} - {None} if force else set()
    for target in filter(os.path.lexists, targets):
        shown = printable(str(target))
        if target.exists() and not target.is_file():
            raise UsageError(f"{shown}: exists and is not a file (choose another -o)")
        if not force:
            raise UsageError(f"{shown}: exists already (--force writes over it)")
        if _identity(target) in inputs:
            raise UsageError(f"{shown}: is one of the inputs (choose another -o)")


def make_folder(target: Path) -> None:
    """Make the folder that contains `target`.

    Raises
    ------
    UsageError
        The folder cannot be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        shown = printable(str(target))
        raise UsageError(f"{shown}: the folder cannot be made: {failure.strerror}") from failure


def _npy_name(source: str) -> str:
    return os.path.splitext(os.path.basename(source))[0] + ".npy"


def _check_unique(jobs: Sequence[Job]) -> None:
    ((target, count),) = Counter(job.target for job in jobs).most_common(1)
    if count > 1:
        clash = [printable(job.source) for job in jobs if job.target == target]
        raise UsageError(
            f"{clash[0]} and {clash[1]}: both would become {printable(str(target))} "
            "(encode them into different folders)"
        )


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Return the device and inode of a file, equal for all names of one file; None for no file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino

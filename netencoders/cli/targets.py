"""Determines the output files of a command before it encodes, and protects existing files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from netencoders.cli import console
from netencoders.cli.console import UsageError
from netencoders.cli.standard_input import DASH, check_dash
from netencoders.errors import printable
from netencoders.replacing import remove_leftovers

__all__ = ["Job", "check_targets", "make_folder", "plan", "prepare_folders"]


@dataclass(frozen=True)
class Job:
    """One input and its output file."""

    source: str
    target: Path


def plan(
    sources: Sequence[str],
    out: str,
    *,
    force: bool,
    suffix: str = ".npy",
    trees: Sequence[str] | None = None,
    in_folder: bool = False,
    skip_existing: bool = False,
) -> list[Job]:
    """Return the input and the output file of each job.

    One input is written to the file `out`, whose name ends in `suffix`. Several inputs are written
    to the folder `out`, under their own names; standard input is named stdin. The same holds for
    one input if `out` is a folder or ends in a separator.

    Parameters
    ----------
    sources : sequence of str
    out : str
    force : bool
        Overwrite files.
    suffix : str
    trees : sequence of str, optional
        The path of each output in the folder `out`, with the suffix of the input.
    in_folder : bool
        Write to a folder, also for one input.
    skip_existing : bool
        Leave out the inputs whose output files exist.

    Raises
    ------
    UsageError
        `out` does not fit the number of inputs, two inputs have the same output file, a file exists
        and `force` is False, or standard input cannot be read.
    """
    check_dash(sources)
    if not out:
        raise UsageError("-o is empty (name a file or a folder)")
    folder, shown = Path(out), printable(out)
    ends_as_folder = out.endswith(tuple(filter(None, (os.sep, os.altsep))))
    one = len(sources) == 1 and trees is None and not in_folder
    if one and not ends_as_folder and not folder.is_dir():
        if folder.suffix != suffix:
            raise UsageError(
                f"{shown}: the output file of one input must end in {suffix} "
                f"(for a folder, write {os.path.join(shown, '')})"
            )
        jobs = [Job(sources[0], folder)]
    elif folder.is_file():
        raise UsageError(f"{shown}: is a file; several inputs need a folder (choose another -o)")
    elif folder.suffix == suffix and not folder.is_dir():
        raise UsageError(
            f"{shown}: several inputs need a folder, not a {suffix} file (name a folder)"
        )
    else:
        paths = [_name(source, suffix) for source in sources]
        if trees is not None:
            paths = [_tree_name(tree, suffix) for tree in trees]
        jobs = [Job(source, folder / path) for source, path in zip(sources, paths, strict=True)]
    _check_unique(jobs)
    if skip_existing:
        jobs = [job for job in jobs if not job.target.is_file()]
    check_targets([job.target for job in jobs], sources, force=force)
    return jobs


def check_targets(targets: Sequence[Path], sources: Sequence[str], *, force: bool) -> None:
    """Check that the files `targets` may be written.

    Raises
    ------
    UsageError
        One of them exists and `force` is False, or is not a file, or is one of the inputs.
    """
    files = [source for source in sources if source != DASH]
    inputs = {_identity(source) for source in files} - {None} if force else set()
    for target in filter(os.path.lexists, targets):
        shown = printable(str(target))
        if target.exists() and not target.is_file():
            raise UsageError(f"{shown}: exists and is not a file (choose another -o)")
        if not force:
            raise UsageError(f"{shown}: exists already (--force overwrites it)")
        if _identity(target) in inputs:
            raise UsageError(f"{shown}: is one of the inputs (choose another -o)")


def make_folder(target: Path) -> None:
    """Create the folder that contains `target`.

    Raises
    ------
    UsageError
        The folder cannot be created.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        shown = printable(str(target))
        raise UsageError(f"{shown}: the folder cannot be created: {failure.strerror}") from failure


def prepare_folders(targets: Iterable[Path], *, quiet: bool) -> None:
    """Create the folders of targets, and remove the unfinished files of killed runs from them.

    Raises
    ------
    UsageError
        A folder cannot be created.
    """
    for folder, target in {target.parent: target for target in targets}.items():
        make_folder(target)
        if (count := remove_leftovers(folder)) and not quiet:
            files = "1 unfinished file" if count == 1 else f"{count} unfinished files"
            console.say(f"{printable(str(folder))}: {files} of a run that was killed removed")


def _name(source: str, suffix: str) -> str:
    if source == DASH:
        return f"stdin{suffix}"
    return os.path.splitext(os.path.basename(source))[0] + suffix


def _tree_name(tree: str, suffix: str) -> str:
    """Return the path of an output that keeps the path of its input."""
    if tree == DASH:
        return f"stdin{suffix}"
    path = os.path.normpath(tree)
    if os.path.isabs(path) or path.split(os.sep)[0] == os.pardir:
        raise UsageError(
            f"{printable(tree)}: is not below the current folder, so its tree cannot be kept (name "
            "the folder or a pattern)"
        )
    return os.path.splitext(path)[0] + suffix


def _check_unique(jobs: Sequence[Job]) -> None:
    ((target, count),) = Counter(job.target for job in jobs).most_common(1)
    if count > 1:
        clash = [printable(job.source) for job in jobs if job.target == target]
        raise UsageError(
            f"{clash[0]} and {clash[1]}: both would be written to {printable(str(target))} "
            "(encode them into different folders, or with --keep-tree)"
        )


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Return device and inode, which are equal for all names of a file; None without a file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino

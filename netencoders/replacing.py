"""Writes a file completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["remove_leftovers", "replacing"]

_PREFIX: Final = ".netencoders-"
_SUFFIX: Final = ".part"


@contextmanager
def replacing(
    target: Path, *, force: bool, unfinished: set[Path] | None = None
) -> Iterator[BinaryIO]:
    """Open a temporary file in the folder of `target`, and rename it to `target` on success.

    Any exception in the block removes the temporary file.

    Parameters
    ----------
    target : Path
    force : bool
        Whether to replace an existing file.
    unfinished : set of Path, optional
        Contains the temporary file during the block. If it is removed, the block still ends, by an
        error, and changes nothing.

    Raises
    ------
    FileExistsError
        The file `target` exists, and `force` is False.
    OSError
        The file cannot be written.
    """
    unfinished = set() if unfinished is None else unfinished
    temporary, file = _created(target, unfinished)
    try:
        with file:
            yield file
        if not force and os.path.lexists(target):
            raise FileExistsError("a file of this name was created in the meantime")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
        unfinished.discard(temporary)


def remove_leftovers(folder: Path) -> int:
    """Remove the temporary files of killed runs from a folder, and return their number.

    A file that a living process writes is locked, and stays. All stay where files have no locks.
    """
    removed = 0
    for path in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}")):
        with suppress(OSError):
            if os.name == "nt":  # Windows removes no open file
                path.unlink()
                removed += 1
                continue
            with open(path, "rb+") as file:
                if _lock(file, wait=False):
                    path.unlink()
                    removed += 1
    return removed


def _created(target: Path, unfinished: set[Path]) -> tuple[Path, BinaryIO]:
    """Create a temporary file in the folder of `target`, and lock it."""
    while True:
        # Not tempfile: its files are readable by their owner only.
        temporary = target.with_name(f"{_PREFIX}{os.urandom(8).hex()}{_SUFFIX}")
        unfinished.add(temporary)
        try:
            file = open(temporary, "xb+")  # noqa: SIM115 - the caller closes it
            try:
                _lock(file, wait=True)
                if temporary.exists():
                    return temporary, file
            except BaseException:
                file.close()
                temporary.unlink(missing_ok=True)
                raise
        except BaseException:
            unfinished.discard(temporary)
            raise
        # Another run has removed it as a leftover, between the two calls.
        file.close()
        unfinished.discard(temporary)


def _lock(file: BinaryIO, *, wait: bool) -> bool:
    """Lock a file until it is closed, or its process ends; return whether it is locked."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # another process has the lock, or the file system has none
        return False
    return True

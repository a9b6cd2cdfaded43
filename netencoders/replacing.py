"""Writes a file completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing"]


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
    # Not tempfile: its files are readable by their owner only.
    temporary = target.with_name(f".netencoders-{os.urandom(8).hex()}.part")
    unfinished = set() if unfinished is None else unfinished
    unfinished.add(temporary)
    try:
        with open(temporary, "xb+") as file:
            yield file
        if not force and os.path.lexists(target):
            raise FileExistsError("a file of this name was created in the meantime")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
        unfinished.discard(temporary)

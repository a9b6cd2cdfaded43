"""Files that appear at once and whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing"]


@contextmanager
def replacing(target: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Open a temporary file beside `target`, which takes that name when the block ends well.

    Parameters
    ----------
    target : Path
    force : bool
        Replace a file that has appeared under the name meanwhile.

    Raises
    ------
    FileExistsError
        There is one, and no `force`.
    OSError
        The file cannot be written. It is removed, as it is after any other exception.
    """
    # Late: it imports OpenSSL, and most commands write no file.
    import secrets

    # Not tempfile: that makes files which only their owner may read.
    temporary = target.with_name(f".netencoders-{secrets.token_hex(8)}.part")
    try:
        with open(temporary, "xb+") as file:
            yield file
        if not force and os.path.lexists(target):
            raise FileExistsError("a file of that name has appeared meanwhile")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)

"""Snapshot: the live shards of a corpus at one moment, also while a process writes it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from netencoders.errors import printable
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.files import SUFFIX, pending, reported, value_names
from netencoders_corpus.reading import ShardPaths

__all__ = ["snapshot"]

TRIALS: Final = 200


def snapshot(folder: Path) -> dict[str, ShardPaths]:
    """Return the paths of the live shards, by name, in the order of names.

    The folder is listed before and after the record of a change is read. A name is never used
    twice, so that nothing has changed in between if both lists are equal. A change that is recorded
    and not completed counts as made: `encode` completes it when it runs the next time.

    Raises
    ------
    CorpusError
        The folder cannot be read, or has other files.
    """
    for _ in range(TRIALS):
        before = _names(folder)
        written, removed = pending(folder)
        if before == _names(folder):
            names = {*before, *(name for name in written if name.endswith(SUFFIX))} - removed
            return {name: _paths(folder, name, written) for name in sorted(names)}
        time.sleep(0.01)
    raise CorpusError(
        f"{printable(str(folder))}: its shards change without a pause. Wait until the other "
        "processes have ended, and open it again."
    )


def _names(folder: Path) -> set[str]:
    shards = folder / "shards"
    with reported(shards, "read"):
        found = {name for name in os.listdir(shards) if not name.startswith((".", "_"))}
    for name in sorted(found):
        if not name.endswith(SUFFIX):
            raise CorpusError(
                f"{printable(str(shards / name))}: it is no shard, and other tools read all files "
                "of this folder. Move it to another folder."
            )
    return found


def _paths(folder: Path, name: str, written: dict[str, Path]) -> ShardPaths:
    live = ShardPaths.live(folder, name)
    names = (name, *value_names(name))
    return ShardPaths(*(written.get(each, path) for each, path in zip(names, live, strict=True)))

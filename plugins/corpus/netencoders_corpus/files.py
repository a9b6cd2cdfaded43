"""The files of a corpus: names, and how they are written so that no crash leaves half of one."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from netencoders.errors import printable
from netencoders_corpus.errors import CorpusError

__all__ = [
    "COMMIT",
    "Files",
    "reported",
    "write_json",
]

COMMIT: Final = "commit.json"


class Files:
    """The folder of a corpus.

    ``shards`` holds live shards and nothing else. ``partial`` holds files that are being written,
    and the record of a change that is being made. All of them belong to one part (see `locks`).

    Parameters
    ----------
    folder : Path
    part : str
        The name of the part, such as ``"00003-of-00016"``.
    suffix : str
        The suffix of the shards.
    """

    def __init__(self, folder: Path, part: str, suffix: str = ".parquet") -> None:
        self.folder, self.part, self.suffix = folder, part, suffix
        self.shards = folder / "shards"
        self.partial = folder / "partial" / part

    def make(self) -> None:
        """Create the folders."""
        for folder in (self.shards, self.partial):
            with reported(folder):
                folder.mkdir(parents=True, exist_ok=True)

    def live(self) -> list[str]:
        """Return the names of all live shards, sorted."""
        if not self.shards.is_dir():
            return []
        return sorted(entry.name for entry in os.scandir(self.shards) if self._is_shard(entry.name))

    def new_name(self) -> str:
        """Return a name for the next shard of this part."""
        numbers = [name[len(self.part) + 1 :].partition(".")[0] for name in self._own()]
        return f"{self.part}-{max((int(n) for n in numbers), default=-1) + 1:06d}{self.suffix}"

    def temporary(self, name: str) -> Path:
        """Return the path at which a shard is written; it does not end in the suffix."""
        return self.partial / f"{name}.tmp"

    def commit(self, written: Iterable[str], removed: Iterable[str] = ()) -> None:
        """Make temporary shards live, and remove others, as one change.

        A record of the change is written first. If the process ends in between, `recover` completes
        the change.
        """
        record = {"written": sorted(written), "removed": sorted(removed)}
        for name in record["written"]:
            with reported(self.temporary(name)):
                _sync(self.temporary(name))
        _sync_folder(self.partial)
        write_json(self.partial / COMMIT, record)
        self._complete(record)

    def recover(self) -> None:
        """Complete a change that was begun, and remove files that are not complete."""
        if not self.partial.is_dir():
            return
        path = self.partial / COMMIT
        if path.exists():
            with reported(path):
                self._complete(json.loads(path.read_text("utf-8")))
        for entry in [*os.scandir(self.partial)]:
            if entry.name.endswith(".tmp"):
                with reported(Path(entry.path)):
                    os.unlink(entry.path)

    def _complete(self, record: dict[str, list[str]]) -> None:
        with reported(self.shards):
            for name in record["written"]:
                temporary = self.temporary(name)
                if temporary.exists():  # else an earlier process has moved it
                    os.replace(temporary, self.shards / name)
            for name in record["removed"]:
                (self.shards / name).unlink(missing_ok=True)
            _sync_folder(self.shards)
            (self.partial / COMMIT).unlink()
            _sync_folder(self.partial)

    def _own(self) -> list[str]:
        return [name for name in self.live() if name.startswith(f"{self.part}-")]

    def _is_shard(self, name: str) -> bool:
        return name.endswith(self.suffix) and not name.startswith(".")


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file at once: readers see the old file or the new one."""
    temporary = path.with_name(f"{path.name}.tmp")
    with reported(path):
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)


@contextmanager
def reported(path: Path, remove: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Raise a problem of the file system as a CorpusError that names the path and the remedy."""
    try:
        yield
    except OSError as problem:
        remove()
        remedies = {
            errno.ENOSPC: "free space on the disk, and run the command again",
            errno.EDQUOT: "free space of your quota, and run the command again",
            errno.EROFS: "choose a folder on a file system that can be written",
            errno.EACCES: "choose a folder that you may write",
            errno.ENOENT: "the folder was removed: run the command again",
        }
        remedy = remedies.get(problem.errno or 0, "check the folder, and run the command again")
        raise CorpusError(
            f"{printable(str(path))}: it cannot be written: {problem.strerror or problem}. "
            f"No half-written shard is left; {remedy}."
        ) from problem


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _sync_folder(path: Path) -> None:
    if os.name == "posix":
        _sync(path)

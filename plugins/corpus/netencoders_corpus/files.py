"""The files of a corpus: names, and how they are written so that no crash leaves half of one."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from netencoders.errors import printable
from netencoders_corpus.errors import CorpusError

__all__ = [
    "COMMIT",
    "FORMATS",
    "SUFFIX",
    "TEMPORARY",
    "Files",
    "names_in",
    "pending",
    "reported",
    "value_names",
    "write_json",
]

COMMIT: Final = "commit.json"
SUFFIX: Final = ".parquet"
TEMPORARY: Final = ".tmp"
FORMATS: Final = ("parquet", "npy")


class Files:
    """The folder of a corpus, for the writer of one part (see `locks`).

    ``shards`` holds live shards and nothing else; ``values`` the numbers of the shards of the
    format npy. ``partial`` holds files that are being written, and the record of a change that is
    being made. A shard that is live never changes: a change writes a shard of another name.

    Parameters
    ----------
    folder : Path
    part : str
        The name of the part, such as ``"00003-of-00016"``.
    """

    def __init__(self, folder: Path, part: str) -> None:
        self.folder, self.part = folder, part
        self.shards = folder / "shards"
        self.values = folder / "values"
        self.partial = folder / "partial" / part
        self._next = 0

    def make(self, format: str) -> None:  # noqa: A002 - the name of the argument of `encode`
        """Create the folders."""
        for folder in (self.shards, self.partial, *([self.values] if format == "npy" else [])):
            with reported(folder):
                folder.mkdir(parents=True, exist_ok=True)

    def live(self) -> list[str]:
        """Return the names of all live shards, sorted.

        Raises
        ------
        CorpusError
            The folder of shards has other files.
        """
        found = [name for name in names_in(self.shards) if not name.startswith((".", "_"))]
        for name in found:
            if not name.endswith(SUFFIX):
                raise CorpusError(
                    f"{printable(str(self.shards / name))}: it is no shard, and other tools read "
                    "all files of this folder. Move it to another folder."
                )
        return found

    def new_name(self) -> str:
        """Return a name for the next shard of this part; it is not given again."""
        own = [name[len(self.part) + 1 :] for name in self.live() if name.startswith(self.part)]
        numbers = [int(text) for name in own if (text := name.partition(".")[0]).isdecimal()]
        number = max([self._next - 1, *numbers]) + 1
        self._next = number + 1
        return f"{self.part}-{number:06d}{SUFFIX}"

    def temporary(self, name: str) -> Path:
        """Return the path at which a file is written before it gets its name."""
        return self.partial / f"{name}{TEMPORARY}"

    def target(self, name: str) -> Path:
        """Return the path of a live file of a shard."""
        return (self.shards if name.endswith(SUFFIX) else self.values) / name

    def commit(self, written: Iterable[str], removed: Iterable[str] = ()) -> None:
        """Make temporary shards live, and remove others, as one change.

        A record of the change is written first. If the process ends in between, `recover` completes
        the change.
        """
        record = {"written": sorted(written), "removed": sorted(removed)}
        for name in record["written"]:
            for each in _names(name):
                temporary = self.temporary(each)
                if temporary.exists():
                    with reported(temporary):
                        _sync(temporary)
        with reported(self.partial):
            _sync_folder(self.partial)
        write_json(self.partial / COMMIT, record, self.temporary(COMMIT))
        self._complete(record)

    def recover(self) -> None:
        """Complete a change that was begun, and remove files that are not complete."""
        record = _record(self.partial / COMMIT)
        if record is not None:
            self._complete(record)
        for name in names_in(self.partial, TEMPORARY):
            with reported(self.partial):
                (self.partial / name).unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove files that are not complete, after an error; a change that was begun is kept."""
        with suppress(CorpusError, OSError):
            names = names_in(self.partial)
            for name in names if COMMIT not in names else ():
                if name.endswith(TEMPORARY):
                    (self.partial / name).unlink(missing_ok=True)

    def _complete(self, record: dict[str, list[str]]) -> None:
        with reported(self.shards):
            for name in record["written"]:
                for each in _names(name):
                    temporary = self.temporary(each)
                    if temporary.exists():  # else an earlier process has moved it
                        os.replace(temporary, self.target(each))
            for name in record["removed"]:
                for each in reversed(_names(name)):
                    self.target(each).unlink(missing_ok=True)
            _sync_folder(self.shards)
            if self.values.is_dir():
                _sync_folder(self.values)
            (self.partial / COMMIT).unlink()
            _sync_folder(self.partial)


def value_names(name: str) -> tuple[str, str]:
    """Return the names of the files of values and of offsets of a shard of the format npy."""
    stem = name.removesuffix(SUFFIX)
    return f"{stem}.values.npy", f"{stem}.offsets.npy"


def _names(name: str) -> list[str]:
    """Return the files of a shard, in the order in which they become live."""
    return [*value_names(name), name]


def pending(folder: Path) -> tuple[dict[str, Path], set[str]]:
    """Return the changes that a process has recorded and not completed.

    Returns
    -------
    written : dict of str to Path
        The files that become live, by name, with their present paths.
    removed : set of str
        The shards that are removed.
    """
    written: dict[str, Path] = {}
    removed: set[str] = set()
    for part in names_in(folder / "partial"):
        path = folder / "partial" / part / COMMIT
        record = _record(path)
        if record is None:
            continue
        removed.update(record["removed"])
        for name in record["written"]:
            for each in _names(name):
                temporary = path.with_name(f"{each}{TEMPORARY}")
                if temporary.exists():
                    written[each] = temporary
    return written, removed


def _record(path: Path) -> dict[str, list[str]] | None:
    """Return the record of a change, or None if its writer has removed it."""
    try:
        with reported(path, "read"):
            record: Any = json.loads(path.read_text("utf-8"))
            return {key: [*record[key]] for key in ("written", "removed")}
    except CorpusError as problem:
        if isinstance(problem.__cause__, FileNotFoundError):
            return None
        raise
    except (ValueError, KeyError, TypeError):
        raise CorpusError(
            f"{printable(str(path))}: the record of a change cannot be read. Remove this file, and "
            "run the command again."
        ) from None


def names_in(folder: Path, end: str = "") -> list[str]:
    """Return the names with an end in a folder, sorted; none if there is no such folder.

    Unlike `Path.glob`, it reports a folder that may not be read.

    Raises
    ------
    CorpusError
        The folder cannot be read.
    """
    with reported(folder, "read"):
        try:
            return sorted(name for name in os.listdir(folder) if name.endswith(end))
        except FileNotFoundError:
            return []


def write_json(path: Path, value: Any, temporary: Path) -> None:
    """Write a JSON file at once: readers see the old file or the new one."""
    with reported(path):
        try:
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump(value, file, indent=1, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


class reported:  # noqa: N801 - used as a function; it runs once for each row
    """Raise a problem of the file system as a CorpusError that names the path and the remedy.

    Parameters
    ----------
    path : Path
    verb : str
        The past participle of the action.
    goes_on : bool
        Whether the next run of the command goes on from the rows of this one.
    """

    def __init__(self, path: Path, verb: str = "written", *, goes_on: bool = True) -> None:
        self._path, self._verb, self._goes_on = path, verb, goes_on

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: object, place: object) -> None:
        if not isinstance(problem, OSError):
            return
        remedies = {
            errno.ENOSPC: "Free space on the disk",
            errno.EDQUOT: "Free space of your quota",
            errno.EFBIG: "Raise the limit of the size of files (ulimit -f)",
            errno.EROFS: "Choose a folder on a file system that can be written",
            errno.EACCES: "Choose a folder that you may read and write",
            errno.EPERM: "Choose a folder that you may read and write",
            errno.ENOTDIR: "Choose a folder",
            errno.EEXIST: "Choose a folder",
            errno.ENOENT: "The folder was removed or renamed: restore it, or choose another one",
        }
        remedy = remedies.get(problem.errno or 0, "Check the folder")
        goes_on = ": it goes on from the rows that are complete" if self._goes_on else ""
        raise CorpusError(
            f"{printable(str(self._path))}: it cannot be {self._verb}: "
            f"{problem.strerror or problem}. {remedy}, and run the command again{goes_on}."
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

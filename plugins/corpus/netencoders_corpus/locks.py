"""Locks: one writer for each part of a corpus. The system frees a lock when its process ends."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from netencoders.errors import printable
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.files import names_in, reported

__all__ = ["Part", "describing", "part_of", "read_part", "writer", "writers"]


MOST_PARTS: Final = 99_999


class Part:
    """A part of a source: the items whose ids fall into it.

    Parameters
    ----------
    number, count : int
        The part, counted from 1, and the number of parts.

    Examples
    --------
    >>> Part(3, 16).name
    '00003-of-00016'
    """

    def __init__(self, number: int = 1, count: int = 1) -> None:
        for value in (number, count):
            if type(value) is not int:
                raise CorpusError(f"a part is two integers, such as (3, 16). Got {value!r}.")
        if not 1 <= number <= count:
            raise CorpusError(
                f"a part is a number from 1 to the number of parts. Got {number} of {count}."
            )
        if count > MOST_PARTS:  # of the digits in a name
            raise CorpusError(f"a source has at most {MOST_PARTS} parts. Got {count}.")
        self.number, self.count = number, count

    @property
    def name(self) -> str:
        """The name in file names."""
        return f"{self.number:05d}-of-{self.count:05d}"

    def has(self, identity: str) -> bool:
        """Return whether an item with this id belongs to the part, on any machine."""
        if self.count == 1:
            return True
        # Late: most corpora have one part.
        import zlib

        return zlib.crc32(identity.encode("utf-8", "surrogatepass")) % self.count == self.number - 1


def part_of(value: object) -> Part:
    """Return a part, the whole source for None, or an error for another value."""
    if value is None:
        return Part()
    if not isinstance(value, Part):
        raise TypeError(f"part must be a Part, such as Part(3, 16). Got {value!r}.")
    return value


def read_part(text: str) -> Part:
    """Return the part of a text such as ``"3/16"``.

    Raises
    ------
    CorpusError
        It is no such text.
    """
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal()):
        raise CorpusError(f"a part is written as 3/16: the third of 16. Got {text!r}.")
    return Part(int(number), int(count))


@contextmanager
def writer(folder: Path, part: Part) -> Iterator[None]:
    """Hold the lock of a part of a corpus.

    Raises
    ------
    CorpusError
        Another process writes this part, or divides the corpus into another number of parts.
    """
    locks = folder / "locks"
    with reported(locks):
        locks.mkdir(parents=True, exist_ok=True)
        guard = open(locks / "guard", "a+b")  # noqa: SIM115 - closed below, before the lock
    with guard:
        _lock(guard, wait=True)
        _refuse_others(folder, locks, part)
        with reported(locks):
            # Without a buffer: a full disk fails in this block only.
            path = locks / f"{part.name}.lock"
            held = open(path, "a+b", buffering=0)  # noqa: SIM115 - closed below
        with held:
            if not _lock(held):
                raise _taken(folder, part.name, held)
            with suppress(OSError):  # the lock needs no text
                held.truncate(0)
                who = {"process": os.getpid(), "host": socket.gethostname(), "since": time.time()}
                held.write(json.dumps(who).encode())
            _unlock(guard)
            try:
                yield
            finally:
                _unlock(held)  # a process that was forked meanwhile has the file open


@contextmanager
def describing(folder: Path) -> Iterator[None]:
    """Hold the lock of corpus.json, which the writers of all parts write; wait for it."""
    path = folder / "locks" / "description"
    with reported(path):
        file = open(path, "a+b")  # noqa: SIM115 - closed below
    with file:
        _lock(file, wait=True)
        try:
            yield
        finally:
            _unlock(file)


def writers(folder: Path) -> list[str]:
    """Return the parts that processes write at present."""
    found: list[str] = []
    names = names_in(folder / "locks", ".lock")
    if not names:
        return found
    guard = folder / "locks" / "guard"
    with reported(guard, "read"), open(guard, "rb") as held:
        _lock(held, wait=True)  # a writer that starts now must not find its lock taken
        for name in names:
            path = folder / "locks" / name
            with reported(path, "read"), open(path, "rb") as file:
                if not _lock(file):
                    found.append(name.removesuffix(".lock"))
    return found


def _refuse_others(folder: Path, locks: Path, part: Part) -> None:
    """Refuse if another process writes a part of another division."""
    own = f"-of-{part.count:05d}.lock"
    for name in names_in(locks, ".lock"):
        if name.endswith(own):
            continue
        path = locks / name
        with reported(path), open(path, "a+b") as other:
            if not _lock(other):
                raise _taken(folder, path.name.removesuffix(".lock"), other)


def _taken(folder: Path, name: str, file: IO[bytes]) -> CorpusError:
    file.seek(0)
    try:
        who: Any = json.loads(file.read(1000))
        text = f"process {who['process']} on {who['host']}"
    except (ValueError, KeyError, TypeError):
        text = "another process"
    return CorpusError(
        f"{printable(str(folder))}: {text} writes the part {name} of this corpus. Wait until it "
        "ends, or choose another folder."
    )


def _lock(file: IO[bytes], *, wait: bool = False) -> bool:
    """Lock an open file, and return whether it is locked."""
    try:
        import fcntl
    except ImportError:  # Windows
        return _lock_windows(file, wait)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _unlock(file: IO[bytes]) -> None:
    try:
        import fcntl
    except ImportError:
        return  # freed when the file is closed
    fcntl.flock(file, fcntl.LOCK_UN)


def _lock_windows(file: IO[bytes], wait: bool) -> bool:
    import msvcrt

    windows: Any = msvcrt
    file.seek(1 << 30)  # behind the text, which others may read
    try:
        windows.locking(file.fileno(), windows.LK_LOCK if wait else windows.LK_NBLCK, 1)
    except OSError:
        return False
    return True

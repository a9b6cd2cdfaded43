"""Work: the rows of items, in order, on worker threads or in worker processes.

Small files are given to a thread in chunks, because one takes less time than the exchange between
two threads. A long recording is written to a file block by block, so that a thread never holds more
than 32 MiB of its array.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import EncodeError, NetEncoder, check_stop
from netencoders.batches import ordered_map, worker_count
from netencoders.calls import returnable
from netencoders.errors import BUG_REMEDY
from netencoders.facts import collected
from netencoders.isolation import IsolatedEncoder
from netencoders_corpus.embedded import EmbeddedReader
from netencoders_corpus.files import reported
from netencoders_corpus.items import (
    MISSING,
    Item,
    RowKeys,
    content_of,
    input_of,
    of_item,
    source_of,
)
from netencoders_corpus.layout import Layout
from netencoders_corpus.rows import Row, stated
from netencoders_corpus.values import write_numbers

__all__ = ["Encoding", "Job", "Kept", "Options", "Work", "job_of"]

CHUNK_ROWS: Final = 16
CHUNK_BYTES: Final = 1 << 20
"""A chunk of items ends at 16 items, or at 1 MiB of files."""

LONG_FILE: Final = 1 << 20
"""Larger files are encoded block by block. A small one is encoded at once, which reads it once."""

HELD: Final = 1 << 25
"""The bytes of an array that a thread holds; more are written to a file."""


NOT_OPENED: Final = frozenset({"not-found", "permission", "unreadable"})
"""Codes of files that have their time, and could not be opened: each run tries again."""


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments of `encode` that say how items are encoded."""

    content: str = "stat"
    workers: int | None = None
    isolate: bool = False
    timeout: float = 600.0


@dataclass(slots=True)  # not frozen: that would double the time to create it
class Job:
    """An item to encode.

    Attributes
    ----------
    item : Item
    key : str or None
        The key of its row, which is kept if the key is still the same; None to encode in any case.
    content : str or None
        See `items.content_of`; None if it takes long to find out.
    size : int
        The bytes of its file, if they are known.
    stored : bytes, EncodeError or None
        The bytes of an embedded item, or the reason why they cannot be read. They are read in the
        order of the items, before worker threads encode them.
    """

    item: Item
    key: str | None
    content: str | None
    size: int
    stored: bytes | EncodeError | None = None

    def stored_bytes(self) -> bytes | None:
        """Return the bytes of an embedded item, or None for another one.

        Raises
        ------
        EncodeError
            They cannot be read.
        """
        if isinstance(self.stored, EncodeError):
            raise self.stored
        return self.stored


@dataclass(frozen=True, slots=True)
class Kept:
    """An item whose row is kept."""

    item: Item


class Work(ABC):
    """Makes the rows of items.

    Parameters
    ----------
    encoder : NetEncoder
    options : Options
    """

    def __init__(self, encoder: NetEncoder, options: Options) -> None:
        self.encoder, self.options = encoder, options
        self.stream: Callable[[Any], Iterator[npt.NDArray[Any]]] = encoder.stream
        self.call: Callable[[Any], npt.NDArray[Any]] = encoder._encode

    @abstractmethod
    def row(self, job: Job) -> Row | Kept:
        """Return the row of an item."""

    def rows(self, jobs: Iterable[Job]) -> Generator[list[Row | Kept], None, None]:
        """Yield lists with a row for each job, in order, or `Kept`.

        Without a job no thread is started, and the encoder imports nothing.
        """
        isolated, workers = None, worker_count(self.options.workers)
        if self.options.isolate:
            isolated = IsolatedEncoder(self.encoder, self.options.timeout)
            self.stream, self.call = isolated.stream, isolated.encode

        def work(chunk: Sequence[Job]) -> list[Row | Kept]:
            done = []
            for job in chunk:
                check_stop()
                done.append(self.row(job))
            return done

        chunks = _chunks(jobs, 1 if isolated else CHUNK_ROWS)
        first = next(chunks, None)
        if first is None:
            return
        results = ordered_map(
            work,
            chain([first], chunks),
            workers=workers,
            on_error="raise",
            helping=isolated is None,
            prepare=(lambda: None) if isolated else self.encoder.prepare,
            cancel=isolated.kill if isolated else lambda: None,
        )
        # The processes end first, so that no thread waits for one of them.
        ending: AbstractContextManager[object] = closing(isolated) if isolated else nullcontext()
        with closing(results), ending:
            yield from results  # type: ignore[misc] # errors are rows


class Encoding(Work):
    """Encodes items.

    Parameters
    ----------
    encoder : NetEncoder
    options : Options
    layout : Layout
    spill : callable
        Returns the path of a new temporary file.
    limited : bool
        Whether an array must fit into a list column.
    """

    def __init__(
        self,
        encoder: NetEncoder,
        options: Options,
        layout: Layout,
        spill: Callable[[], Path],
        *,
        limited: bool,
    ) -> None:
        super().__init__(encoder, options)
        self._layout, self._spill, self._limited = layout, spill, limited
        self._keys = RowKeys(encoder.digest, layout.dtype, has_ids=encoder.is_random)
        self._attempt = returnable(self._encoded)

    def key(self, item: Item, content: str) -> str:
        """Return the key of the row of an item."""
        return self._keys.of(item, content)

    def row(self, job: Job) -> Row | Kept:
        """Return the row of an item, or `Kept` if its key is still the same."""
        item, content = job.item, job.content
        if content is None:
            content = self._content(job)
        key = self.key(item, content)
        if key == job.key:
            return Kept(item)
        with collected() as facts:
            try:
                with of_item(item, self.encoder):
                    frames, numbers, spill = self._attempt(job)
                return Row(item, content, key, frames, numbers, None, None, *stated(facts), spill)
            except EncodeError as problem:
                if problem.code == "cancelled":
                    raise
                if problem.code in NOT_OPENED:
                    content, key = MISSING, self.key(item, MISSING)
                    if key == job.key:
                        return Kept(item)
                problem.source = source_of(item, problem)
                return Row.failed(item, content, key, problem, facts)

    def _content(self, job: Job) -> str:
        try:
            return content_of(job.item, self.options.content, job.stored_bytes())
        except EncodeError:  # `_encoded` reports it
            return MISSING

    def _encoded(self, job: Job) -> tuple[int, npt.NDArray[Any], Path | None]:
        """Return the number of frames, the numbers and the file that they are mapped from."""
        value = input_of(job.item, self.encoder, job.stored_bytes())
        if job.size <= LONG_FILE or not self._layout.is_rowwise:
            array = self.call(value)
            if self._limited:
                self._layout.check_size(array.size)
            return self._layout.frames(array), self._layout.flat(array), None
        blocks = _Blocks(self._layout, self._spill, limited=self._limited)
        try:
            with closing(self.stream(value)) as stream:  # type: ignore[type-var] # a generator
                for block in stream:
                    check_stop()
                    blocks.add(block)
            found = blocks.finish()
            self._check(found[0])
        except BaseException:
            blocks.abandon()
            raise
        return found

    def _check(self, frames: int) -> None:
        """Check the declared form, as a call does."""
        wrong = self.encoder.output.shape_problem((frames, *self._layout.frame_shape))
        if wrong:
            raise EncodeError(
                f"{self.encoder.name} breaks its declaration: {wrong}",
                code="bug",
                remedy=BUG_REMEDY,
            )


class _Blocks:
    """Collects the blocks of an array in memory, and in a file if they are too many."""

    def __init__(self, layout: Layout, spill: Callable[[], Path], *, limited: bool) -> None:
        self._layout, self._spill, self._limited = layout, spill, limited
        self._parts: list[npt.NDArray[Any]] = []
        self._held = 0
        self._size = 0
        self._frames = 0
        self._path: Path | None = None
        self._file: Any = None

    def add(self, block: npt.NDArray[Any]) -> None:
        """Add a block."""
        self._frames += len(block)
        self._size += block.size
        if self._limited:
            self._layout.check_size(self._size)
        numbers = self._layout.flat(block)
        self._parts.append(numbers)
        self._held += numbers.nbytes
        if self._held > HELD:
            self._write()

    def finish(self) -> tuple[int, npt.NDArray[Any], Path | None]:
        """Return the number of frames, the numbers, and the file that they are mapped from."""
        if self._file is None:
            parts = self._parts
            numbers = parts[0] if len(parts) == 1 else np.concatenate(parts)
            return self._frames, numbers, None
        self._write()
        assert self._path is not None  # noqa: S101 - for mypy: there is a file
        with reported(self._path):
            self._file.close()
            mapped = np.memmap(self._path, self._layout.dtype, "r")
        return self._frames, np.asarray(mapped), self._path

    def abandon(self) -> None:
        """Remove the file."""
        if self._path is not None:
            with suppress(OSError):  # the disk is full: its buffer cannot be written
                self._file.close()
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._file is None:
            path = self._spill()
            with reported(path):
                self._file = open(path, "xb")  # noqa: SIM115 - closed by `finish` or `abandon`
            self._path = path
        assert self._path is not None  # noqa: S101 - for mypy: there is a file
        with reported(self._path):
            for part in self._parts:
                write_numbers(self._file, part)
        self._parts, self._held = [], 0


def _chunks(jobs: Iterable[Job], most: int) -> Iterator[list[Job]]:
    """Yield the jobs in lists; a list of small files may have several."""
    chunk: list[Job] = []
    size = 0
    for job in jobs:
        if chunk and (size + job.size > CHUNK_BYTES or len(chunk) == most):
            yield chunk
            chunk, size = [], 0
        chunk.append(job)
        size += job.size
    if chunk:
        yield chunk


def job_of(item: Item, key: str | None, content: str | None, reader: EmbeddedReader) -> Job:
    """Return the job of an item; the bytes of an embedded item are read.

    Raises
    ------
    SourceError
        The Parquet file of an embedded item has changed.
    """
    if item.embedded is not None:
        try:
            stored = reader.read(item.path, item.embedded, item.source)
        except EncodeError as problem:
            return Job(item, key, content, 0, problem)
        return Job(item, key, content, len(stored), stored)
    return Job(item, key, content, _file_size(item) if content is None else _size_in(content, item))


def _file_size(item: Item) -> int:
    """Return the bytes that an item reads at most; 0 if its file is missing."""
    if item.member is not None:
        return item.member[1]
    try:
        return os.stat(item.path).st_size
    except (OSError, ValueError):
        return 0


def _size_in(content: str, item: Item) -> int:
    """Return `_file_size` from the content of the mode ``stat``, which begins with the size."""
    if item.member is not None:
        return item.member[1]
    size = content.partition(":")[0]
    return int(size) if size.isdecimal() else 0

"""Embedded: recordings whose bytes are in the rows of a Parquet file (A127)."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final, NamedTuple, Self

from netencoders import EncodeError
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.errors import SourceError

__all__ = ["Embedded", "EmbeddedReader", "file_stamp"]

AT_ONCE: Final = 8  # rows
BUFFER: Final = 1 << 20  # bytes of a column that are read at once


class Embedded(NamedTuple):
    """The place of the bytes of a recording in a Parquet file.

    Attributes
    ----------
    column : str
        The path of the column of bytes, such as ``"audio.bytes"``.
    row : int
        The row in the file, counted from 0.
    stamp : str
        The size and the time of the file when its rows were listed; see `file_stamp`.
    """

    column: str
    row: int
    stamp: str


class EmbeddedReader:
    """Reads the bytes of rows; those of later rows of a file are found without a new start.

    It holds the rows of one batch. pyarrow reads a page at a time, and never more than a row group.
    One thread uses it.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._key: tuple[str, str, str] | None = None
        self._file: Any = None
        self._ends: list[int] = []
        self._batches: Iterator[Any] = iter(())
        self._group = -1
        self._start = 0  # the first row of `_values`
        self._values: Any = ()
        self._damage: tuple[int, str] | None = None  # of a row group

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._key, self._values, self._batches = None, (), iter(())
        self._stack.close()

    def read(self, path: str, place: Embedded, source: str) -> bytes:
        """Return the bytes of a row.

        Parameters
        ----------
        path : str
        place : Embedded
        source : str
            The name of the row in messages.

        Raises
        ------
        EncodeError
            The row group cannot be read.
        SourceError
            The file has changed or is gone since its rows were listed: a row may be that of another
            recording.
        """
        pa = pyarrow()
        if (path, place.column, place.stamp) != self._key:
            self.close()
            try:
                self._open(path, place)
            except (pa.ArrowException, OSError, ValueError):
                self.close()
                text = "it was changed while its rows were read: run the command again."
                raise SourceError(path, [("", text)]) from None
        group = bisect_right(self._ends, place.row)
        if self._damage is not None and self._damage[0] == group:
            raise _damaged(self._damage[1], source)
        try:
            return self._bytes(group, place.row)
        except (pa.ArrowException, OSError, StopIteration) as problem:
            self._damage = (group, " ".join(str(problem).split())[:300] or "it has fewer rows")
            self._group = -1
            raise _damaged(self._damage[1], source) from None

    def _open(self, path: str, place: Embedded) -> None:
        from pyarrow import parquet  # late: an extra

        # The file may be replaced while it is opened: the stamp is compared before and afterwards.
        _require_same(path, place)
        opened = parquet.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER)
        self._file = self._stack.enter_context(opened)
        _require_same(path, place)
        metadata, total = opened.metadata, 0
        self._ends = []
        for group in range(metadata.num_row_groups):
            total += metadata.row_group(group).num_rows
            self._ends.append(total)
        self._key = (path, place.column, place.stamp)
        self._group, self._damage = -1, None

    def _bytes(self, group: int, row: int) -> bytes:
        assert self._key is not None  # noqa: S101 - for mypy: `_open` sets it
        if group != self._group or row < self._start:
            self._batches = self._file.iter_batches(
                AT_ONCE, row_groups=[group], columns=[self._key[1]], use_threads=False
            )
            self._group, self._values = group, ()
            self._start = self._ends[group - 1] if group else 0
        while row >= self._start + len(self._values):
            self._start += len(self._values)
            self._values = _inner(next(self._batches).column(0))
        value: bytes = self._values[row - self._start].as_py()
        return value


def _inner(column: Any) -> Any:
    """Return the bytes of a column of bytes, or of a struct that has nothing else."""
    return column.field(0) if pyarrow().types.is_struct(column.type) else column


def file_stamp(path: str) -> str:
    """Return the size and the time of a file, as the content of the mode ``stat`` has them."""
    status = os.stat(path)
    return f"{status.st_size}:{status.st_mtime_ns}"


def _require_same(path: str, place: Embedded) -> None:
    if file_stamp(path) != place.stamp:
        raise ValueError(path)


def _damaged(reason: str, source: str) -> EncodeError:
    return EncodeError(
        f"the row group of these bytes cannot be read: {reason}",
        code="unreadable",
        source=source,
        remedy="write the Parquet file again",
    )

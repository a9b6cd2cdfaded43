"""Shards: Parquet files of rows, which any tool that reads Parquet can read.

A shard of the format npy has its numbers in two .npy files beside it; see `values`.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.files import Files, reported, value_names
from netencoders_corpus.layout import Layout
from netencoders_corpus.rows import COLUMNS, Row, column_of, labels_of, passed_columns
from netencoders_corpus.values import ValueWriter

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GROUP_ROWS", "SHARD_BYTES", "ShardWriter", "parquet_writer"]

GROUP_ROWS: Final = 256
GROUP_BYTES: Final = 1 << 25
"""Rows are written in groups of at most 256 rows; a group of 32 MiB is written at once."""

CHUNK: Final = 1 << 16
PAGE: Final = 1 << 17
"""The writer is fastest for chunks of so many elements and pages of so many bytes."""

SHARD_BYTES: Final = 1 << 27
"""A shard ends before its arrays exceed 128 MiB; a larger array is a shard of its own."""


SHARD_ROWS: Final = 1 << 16
"""A shard has at most 65536 rows: their ids and keys are in memory until it is complete."""

_OF_ITEM: Final = frozenset({"id", "source", "start", "stop", "channel"})


class ShardWriter:
    """Writes the rows of one shard to temporary files.

    Parameters
    ----------
    files : Files
    layout : Layout
    schema : pyarrow.Schema
    """

    def __init__(self, files: Files, layout: Layout, schema: pa.Schema) -> None:
        self.name = files.new_name()
        self.rows: list[tuple[str, str, str | None, str]] = []
        self.bytes = 0
        self._layout, self._schema = layout, schema
        self._passed = passed_columns(schema)
        self._path = files.temporary(self.name)
        self._group: list[Row] = []
        self._numbers: _Numbers | None = None
        self._temporary = [self._path]
        self._values: ValueWriter | None = None
        if "features" in schema.names:
            self._numbers = _Numbers(layout)
        else:
            values, offsets = (files.temporary(name) for name in value_names(self.name))
            self._temporary += [values, offsets]
            self._values = ValueWriter(values, offsets, layout)
        try:
            self._writer = parquet_writer(self._path, schema)
        except BaseException:
            if self._values is not None:
                self._values.abandon()
            raise

    @property
    def is_empty(self) -> bool:
        """Whether no row was added."""
        return not (self.rows or self._group)

    def has_room(self, row: Row) -> bool:
        """Return whether a row belongs to this shard."""
        if len(self.rows) + len(self._group) >= SHARD_ROWS:
            return False
        return not self.bytes or self.bytes + row.size <= SHARD_BYTES

    def add(self, row: Row) -> None:
        """Add a row, and take its array from it, which may be large."""
        size, numbers, held = row.size, row.numbers, 0
        row.numbers = None
        if self._values is not None:
            self._values.add(numbers)
        elif self._numbers is not None:
            if self._group and self._numbers.bytes + size > GROUP_BYTES:
                self._write()
            self._numbers.add(numbers)
            held = self._numbers.bytes
        del numbers
        self._group.append(row)
        self.bytes += size
        if len(self._group) == GROUP_ROWS or held >= GROUP_BYTES:
            self._write()
        if row.spill is not None:
            with reported(row.spill):
                row.spill.unlink()

    def close(self) -> None:
        """Complete the temporary files."""
        if self._group:
            self._write()
        with reported(self._path):
            self._writer.close()
        if self._values is not None:
            self._values.close()

    def abandon(self) -> None:
        """Close and remove the temporary files."""
        with suppress(OSError):  # the disk is full, for example: the file is removed
            self._writer.close()
        if self._values is not None:
            self._values.abandon()
        for path in self._temporary:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _write(self) -> None:
        pa = pyarrow()
        rows, items = self._group, [row.item for row in self._group]
        arrays = []
        for field in self._schema:
            if field.name == "features" and self._numbers is not None:
                arrays.append(self._numbers.column())
            elif field.name not in COLUMNS:
                arrays.append(column_of(items, field))
            else:
                owners: Any = items if field.name in _OF_ITEM else rows
                values = [getattr(owner, field.name) for owner in owners]
                arrays.append(pa.array(values, field.type))
        table = pa.Table.from_arrays(arrays, schema=self._schema)
        passed = arrays[len(arrays) - len(self._passed) :]
        labels = labels_of([item.source for item in items], self._passed, passed)
        self.rows += [(r.item.id, r.key, r.code, x) for r, x in zip(rows, labels, strict=True)]
        self._group = []
        with reported(self._path):
            self._writer.write_table(table, row_group_size=GROUP_ROWS)
        if self._numbers is not None:
            self._numbers.clear()


class _Numbers:
    """The numbers of the rows of a group, in one buffer that all groups share.

    They are copied while the cache of the processor holds them, so that each array is released at
    once. An array that is larger than a group is not copied; it is alone in its group.
    """

    def __init__(self, layout: Layout) -> None:
        self.bytes = 0
        self._layout = layout
        self._buffer = np.empty(0, layout.dtype)
        self._large: npt.NDArray[Any] | None = None
        self._ends = [0]
        self._is_null: list[bool] = []

    def add(self, numbers: npt.NDArray[Any] | None) -> None:
        """Add the numbers of a row; None for a row that failed."""
        start = stop = self._ends[-1]
        if numbers is not None:
            stop += numbers.size
            self.bytes += numbers.nbytes
            if numbers.nbytes > GROUP_BYTES:
                self._large = numbers
            else:
                if stop > self._buffer.size:
                    self._grow(stop)
                self._buffer[start:stop] = numbers
        self._ends.append(stop)
        self._is_null.append(numbers is None)

    def column(self) -> pa.ChunkedArray:
        """Return the column of the group; its chunks are parts of the buffer."""
        pa = pyarrow()
        ends = self._ends
        numbers = self._buffer[: ends[-1]] if self._large is None else self._large
        whole = pa.ListArray.from_arrays(
            pa.array(np.array(ends, np.int32)),
            pa.array(numbers),
            mask=pa.array(np.array(self._is_null, np.bool_)) if any(self._is_null) else None,
        )
        chunks, first = [], 0
        for place in range(1, len(ends)):
            if place == len(ends) - 1 or ends[place + 1] - ends[first] > CHUNK:
                chunks.append(whole.slice(first, place - first))
                first = place
        return pa.chunked_array(chunks, whole.type)

    def clear(self) -> None:
        """Remove all rows, and keep the buffer."""
        self.bytes, self._large, self._ends, self._is_null = 0, None, [0], []

    def _grow(self, size: int) -> None:
        most = GROUP_BYTES // self._buffer.itemsize
        larger = np.empty(min(max(size, 2 * self._buffer.size), most), self._buffer.dtype)
        larger[: self._ends[-1]] = self._buffer[: self._ends[-1]]
        self._buffer = larger


def parquet_writer(path: Path, schema: pa.Schema) -> Any:
    """Return a writer of a temporary Parquet file."""
    from pyarrow import parquet  # late: an extra

    with reported(path):
        return parquet.ParquetWriter(
            str(path),
            schema,
            compression="none",
            use_dictionary=False,
            write_page_checksum=True,
            data_page_size=PAGE,
            # Not of features: the search for their limits takes a fifth of the time.
            write_statistics=[name for name in schema.names if name != "features"],
        )

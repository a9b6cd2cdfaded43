"""Shards: Parquet files of rows, which any tool that reads Parquet can read.

A shard of the format npy has its numbers in two .npy files beside it; see `values`.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy.typing as npt

from netencoders_corpus.arrow import features_array, pyarrow
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
"""Small arrays are joined to chunks of so many elements: the writer is fastest for these."""

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
        self._numbers: list[npt.NDArray[Any] | None] = []
        self._group_bytes = 0
        self._temporary = [self._path]
        self._values: ValueWriter | None = None
        if "features" not in schema.names:
            values, offsets = (files.temporary(name) for name in value_names(self.name))
            self._temporary += [values, offsets]
            self._values = ValueWriter(values, offsets, layout)
        self._writer = parquet_writer(self._path, schema)

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
        """Add a row."""
        if self._values is not None:
            self._values.add(row.numbers)
        else:
            if self._group and self._group_bytes + row.size > GROUP_BYTES:
                self._write()
            self._numbers.append(row.numbers)
            self._group_bytes += row.size
        self._group.append(row.without_numbers())
        self.bytes += row.size
        if len(self._group) == GROUP_ROWS or self._group_bytes >= GROUP_BYTES:
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
        with suppress(OSError):
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
            if field.name == "features":
                arrays.append(features_array(self._numbers, self._layout, CHUNK))
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
        self._group, self._numbers, self._group_bytes = [], [], 0
        with reported(self._path):
            self._writer.write_table(table, row_group_size=GROUP_ROWS)


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
            # Not of features: the search for their limits takes a fifth of the time.
            write_statistics=[name for name in schema.names if name != "features"],
        )

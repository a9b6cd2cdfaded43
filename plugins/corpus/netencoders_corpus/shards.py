"""Shards: Parquet files of rows, which any tool that reads Parquet can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.files import Files, reported
from netencoders_corpus.layout import Layout
from netencoders_corpus.rows import Row, table_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GROUP_ROWS", "SHARD_BYTES", "ShardWriter", "counts_of", "keys_of", "rewrite"]

GROUP_ROWS: Final = 256
GROUP_BYTES: Final = 1 << 25
"""Rows are written in groups of at most 256 rows; a group of 32 MiB is written at once."""

SHARD_BYTES: Final = 1 << 27
"""A shard ends when its arrays reach 128 MiB."""

SHARD_ROWS: Final = 1 << 16
"""A shard has at most 65536 rows: their ids and keys are in memory until it is complete."""

OPTIONS: Final[dict[str, Any]] = {"compression": "none", "use_dictionary": False}


class ShardWriter:
    """Writes the rows of one shard to a temporary file.

    Parameters
    ----------
    files : Files
    layout : Layout
    schema : pyarrow.Schema
    """

    def __init__(self, files: Files, layout: Layout, schema: pa.Schema) -> None:
        from pyarrow import parquet  # late: an extra

        self.name = files.new_name()
        self.rows: list[tuple[str, str, str | None]] = []
        self.bytes = 0
        self._path = files.temporary(self.name)
        self._layout, self._schema = layout, schema
        self._group: list[Row] = []
        self._group_bytes = 0
        with reported(self._path):
            self._writer = parquet.ParquetWriter(str(self._path), schema, **OPTIONS)

    @property
    def is_full(self) -> bool:
        """Whether the next row belongs to another shard."""
        return self.bytes >= SHARD_BYTES or len(self.rows) >= SHARD_ROWS

    def add(self, row: Row) -> None:
        """Add a row."""
        if self._group and self._group_bytes + row.size > GROUP_BYTES:
            self._write()
        self._group.append(row)
        self._group_bytes += row.size
        self.bytes += row.size
        self.rows.append((row.item.id, row.key, row.code))
        if len(self._group) == GROUP_ROWS:
            self._write()

    def close(self) -> None:
        """Complete the temporary file."""
        if self._group:
            self._write()
        with reported(self._path):
            self._writer.close()

    def abandon(self) -> None:
        """Close and remove the temporary file."""
        with suppress(OSError):  # the disk is full, for example: the file is removed
            self._writer.close()
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        table = table_of(self._group, self._layout, self._schema)
        self._group, self._group_bytes = [], 0
        with reported(self._path):
            self._writer.write_table(table, row_group_size=GROUP_ROWS)


def keys_of(path: Path) -> Iterator[tuple[str, str, str | None]]:
    """Yield id, key and code of each row of a shard, by a projection of these columns."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["id", "key", "code"]):
            columns = [batch.column(name).to_pylist() for name in ("id", "key", "code")]
            yield from zip(*columns, strict=True)


def counts_of(path: Path) -> tuple[int, Counter[str]]:
    """Return the number of rows of a shard, and the number of each code of failure."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        codes: Counter[str] = Counter()
        for batch in file.iter_batches(columns=["code"]):
            codes.update(code for code in batch.column("code").to_pylist() if code is not None)
        return file.metadata.num_rows, codes


def rewrite(files: Files, name: str, without: Collection[str]) -> bool:
    """Write a shard without some ids to a temporary file, and return whether rows are left."""
    pa = pyarrow()
    from pyarrow import compute, parquet

    left = False
    temporary = files.temporary(name)
    ids = pa.array(sorted(without), pa.string())
    with (
        reported(temporary),
        parquet.ParquetFile(files.shards / name) as file,
        parquet.ParquetWriter(str(temporary), file.schema_arrow, **OPTIONS) as writer,
    ):
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            keep = compute.invert(compute.is_in(table["id"], value_set=ids))
            table = table.filter(keep)
            if table.num_rows:
                left = True
                writer.write_table(table, row_group_size=GROUP_ROWS)
    if not left:
        temporary.unlink()
    return left

"""Parquet as a manifest: read in batches of rows; other columns keep their types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.embedded import Embedded, file_stamp
from netencoders_corpus.errors import SourceError
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.tables import MAX_COLUMNS, Inside, Table, TableRow, audio_column

__all__ = ["ParquetTable"]

BATCH: Final = 1000  # rows
FEW: Final = 8  # rows with bytes
BUFFER: Final = 1 << 20  # bytes of a column that are read at once


class ParquetTable(Table):
    """A Parquet file.

    Parameters
    ----------
    path : str
    name : str, optional
        The name in messages.
    column : str, optional
        The column of files; it may hold their bytes.

    Raises
    ------
    SourceError
        It is no Parquet file, or is damaged, or its bytes have no ids.
    """

    def __init__(self, path: str, name: str | None = None, column: str | None = None) -> None:
        self.name = path if name is None else name
        self._path = path
        with self._opened() as (file, _):
            schema = file.schema_arrow
        if len(schema.names) > MAX_COLUMNS:
            text = f"there are {len(schema.names)} columns, more than {MAX_COLUMNS}: remove some."
            raise SourceError(self.name, [("", text)])
        twice = [name for name in schema.names if schema.names.count(name) > 1]
        if twice:
            text = f"the column {twice[0]!r} is given twice: rename one."
            raise SourceError(self.name, [("", text)])
        self.columns = {field.name: _stored(field.type) for field in schema}
        audio = audio_column(self.columns, column)
        self._bytes = None if audio is None else _bytes_of(audio, self.columns[audio])
        if self._bytes == (audio, audio) and ("id" not in self.columns or audio == "id"):
            text = f"the column {audio!r} holds bytes without paths: add the column 'id'."
            raise SourceError(self.name, [("", text)])

    def rows(self) -> Iterator[TableRow | Problem]:
        """Yield the rows in their order; bytes of the column of files are not read (A127)."""
        if self._bytes is not None:
            yield from self._with_bytes(*self._bytes)
            return
        number = 0
        with self._opened() as (file, _):
            for batch in file.iter_batches(batch_size=BATCH):
                for values in _rows(batch):
                    number += 1
                    yield TableRow(f"row {number}", values)

    def _with_bytes(self, audio: str, leaf: str) -> Iterator[TableRow | Problem]:
        """Yield the rows of a file whose column of files holds their bytes.

        Parameters
        ----------
        audio : str
            The name of the column.
        leaf : str
            The path of the column of bytes.
        """
        number = 0
        with self._opened() as (file, stamp):
            kept = [name for name in _leaves(file.schema) if name != leaf]
            for group in range(file.num_row_groups):
                valid = _valid(file, group, leaf)
                for batch in file.iter_batches(BATCH, row_groups=[group], columns=kept):
                    for values in _rows(batch):
                        path = values.get(audio)
                        path = path.get("path") if isinstance(path, dict) else None
                        place = Embedded(leaf, number, stamp)
                        number += 1
                        values[audio] = Inside(self._path, path, place) if next(valid) else path
                        yield TableRow(f"row {number}", values)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, str]]:
        """Open the file; return it, and its stamp of the time before."""
        pa = pyarrow()
        from pyarrow import parquet  # late: an extra

        try:
            stamp = file_stamp(self._path)
            with parquet.ParquetFile(self._path, pre_buffer=False, buffer_size=BUFFER) as file:
                yield file, stamp
        except FileNotFoundError:
            text = "there is no such file: check the path."
            raise SourceError(self.name, [("", text)]) from None
        except (pa.ArrowException, OSError, ValueError, OverflowError) as problem:
            if isinstance(problem, SourceError):
                raise
            reason = " ".join(str(problem).split())[:300]
            text = f"it cannot be read as Parquet: {reason}: write it again."
            raise SourceError(self.name, [("", text)]) from None


def _stored(kind: Any) -> Any:
    """Return the type of the values of a column: that of the entries of a dictionary."""
    types = pyarrow().types
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return _stored(kind.value_type)
    return kind


def _rows(batch: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of a batch."""
    pa = pyarrow()
    names = batch.schema.names
    columns = []
    for column in batch.columns:
        kind = _stored(column.type)
        values = column if column.type == kind else column.cast(kind)
        if pa.types.is_temporal(kind):
            # As integers: Python has no nanoseconds.
            bits = pa.int32() if kind.bit_width == 32 else pa.int64()
            values = values.cast(bits)
        columns.append(values.to_pylist())
    if not columns:
        yield from ({} for _ in range(batch.num_rows))
        return
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))


def _bytes_of(name: str, kind: Any) -> tuple[str, str] | None:
    """Return the column of files, and the path of its column of bytes; None if it has none."""
    if _is_bytes(kind):
        return name, name
    if pyarrow().types.is_struct(kind):
        fields = {
            kind.field(place).name: kind.field(place).type for place in range(kind.num_fields)
        }
        if {"bytes"} <= fields.keys() <= {"bytes", "path"} and _is_bytes(_stored(fields["bytes"])):
            return name, f"{name}.bytes"
    return None


def _is_bytes(kind: Any) -> bool:
    types = pyarrow().types
    return bool(types.is_binary(kind) or types.is_large_binary(kind))


def _leaves(schema: Any) -> list[str]:
    """Return the paths of the columns of a Parquet file."""
    return [schema.column(place).path for place in range(len(schema))]


def _valid(file: Any, group: int, leaf: str) -> Iterator[bool]:
    """Yield for each row of a row group whether its bytes are there.

    The number of nulls answers it, most often. If some rows have no bytes, all are read.
    """
    metadata = file.metadata.row_group(group)
    column = metadata.column(_leaves(file.schema).index(leaf))
    known = column.statistics if column.is_stats_set else None
    nulls = known.null_count if known is not None and known.has_null_count else None
    if nulls is not None and nulls in (0, metadata.num_rows):
        yield from (not nulls for _ in range(metadata.num_rows))
        return
    for batch in file.iter_batches(FEW, row_groups=[group], columns=[leaf], use_threads=False):
        found = batch.column(0)
        if pyarrow().types.is_struct(found.type):
            found = found.field(0)
        yield from found.is_valid().to_pylist()

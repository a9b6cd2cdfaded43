"""Parquet as a manifest: read in batches of rows; other columns keep their types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.errors import SourceError
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.tables import MAX_COLUMNS, Table, TableRow

__all__ = ["ParquetTable"]

BATCH: Final = 1000  # rows


class ParquetTable(Table):
    """A Parquet file.

    Parameters
    ----------
    path : str
    name : str, optional
        The name in messages.

    Raises
    ------
    SourceError
        It is no Parquet file, or is damaged.
    """

    def __init__(self, path: str, name: str | None = None) -> None:
        self.name = path if name is None else name
        self._path = path
        with self._opened() as file:
            schema = file.schema_arrow
        if len(schema.names) > MAX_COLUMNS:
            text = f"there are {len(schema.names)} columns, more than {MAX_COLUMNS}: remove some."
            raise SourceError(self.name, [("", text)])
        twice = [name for name in schema.names if schema.names.count(name) > 1]
        if twice:
            text = f"the column {twice[0]!r} is given twice: rename one."
            raise SourceError(self.name, [("", text)])
        self.columns = {field.name: _stored(field.type) for field in schema}

    def rows(self) -> Iterator[TableRow | Problem]:
        """Yield the rows in their order."""
        pa = pyarrow()
        number = 0
        with self._opened() as file:
            for batch in file.iter_batches(batch_size=BATCH):
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
                for row in zip(*columns, strict=True):
                    number += 1
                    yield TableRow(f"row {number}", dict(zip(names, row, strict=True)))

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        pa = pyarrow()
        from pyarrow import parquet  # late: an extra

        try:
            with parquet.ParquetFile(self._path, pre_buffer=False) as file:
                yield file
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

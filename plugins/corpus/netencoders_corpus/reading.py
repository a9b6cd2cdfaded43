"""Reading: the rows of shards, with an error for a shard that is damaged or is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders.errors import printable
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.errors import CorpusError, DamagedShardError
from netencoders_corpus.files import reported, value_names
from netencoders_corpus.layout import Layout
from netencoders_corpus.rows import labels_of, passed_columns

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Shard", "ShardPaths", "counts_of", "keys_of", "opened"]

ROWS_AT_ONCE = 10_000


class ShardPaths(NamedTuple):
    """The files of a shard.

    Attributes
    ----------
    table : Path
    values, offsets : Path
        They exist for the format npy only.
    """

    table: Path
    values: Path
    offsets: Path

    @classmethod
    def live(cls, folder: Path, name: str) -> ShardPaths:
        """Return the paths of a live shard of a corpus."""
        values, offsets = value_names(name)
        return cls(
            folder / "shards" / name, folder / "values" / values, folder / "values" / offsets
        )


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open the table of a shard as a `pyarrow.parquet.ParquetFile`.

    Raises
    ------
    DamagedShardError
        It is no Parquet file, or a block of it does not have its checksum.
    CorpusError
        It is no shard of a corpus, or cannot be read.
    """
    pyarrow()
    from pyarrow import parquet

    with _readable(path):
        with open(path, "rb"):  # an error of the system has its number here
            file = parquet.ParquetFile(path, page_checksum_verification=True)
        with file:
            _check(path, file.schema_arrow)
            yield file


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise the errors of a reader as those of the shard."""
    pa = pyarrow()
    try:
        with reported(path, "read"):
            try:
                yield
            except OSError as problem:
                if problem.errno is not None:
                    raise
                # pyarrow reports a wrong checksum as an OSError without a number.
                raise DamagedShardError(path, str(problem).splitlines()[0]) from problem
    except GeneratorExit:  # the interpreter ends: the names of pyarrow may be gone
        raise
    except pa.ArrowException as problem:
        raise DamagedShardError(path, str(problem).splitlines()[0]) from problem


def _check(path: Path, schema: pa.Schema) -> None:
    if b"netencoders.digest" not in (schema.metadata or {}) or "key" not in schema.names:
        raise CorpusError(
            f"{printable(str(path))}: it is a Parquet file, but no shard of a corpus. Move it to "
            "another folder."
        )


def keys_of(paths: ShardPaths) -> Iterator[tuple[str, str, str | None, str]]:
    """Yield id, key, code and label of each row of a shard, by a projection of the columns."""
    with opened(paths.table) as file:
        Shard(paths, file)  # it checks the files of values
        passed = passed_columns(file.schema_arrow)
        names = ["id", "key", "code", "source"]
        for batch in file.iter_batches(
            ROWS_AT_ONCE, columns=[*names, *(field.name for field in passed)]
        ):
            ids, keys, codes, sources = (batch.column(name).to_pylist() for name in names)
            columns = [batch.column(field.name) for field in passed]
            yield from zip(ids, keys, codes, labels_of(sources, passed, columns), strict=True)


def counts_of(path: Path) -> tuple[int, Counter[str]]:
    """Return the number of rows of a shard, and the number of each code of failure."""
    with opened(path) as file:
        codes: Counter[str] = Counter()
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=["code"]):
            column = batch.column("code")
            if column.null_count < len(column):
                codes.update(code for code in column.to_pylist() if code is not None)
        return file.metadata.num_rows, codes


class Shard:
    """An open shard.

    Parameters
    ----------
    paths : ShardPaths
    file : pyarrow.parquet.ParquetFile
        The open table.
    """

    def __init__(self, paths: ShardPaths, file: Any) -> None:
        self._path, self.file = paths.table, file
        self.schema: pa.Schema = file.schema_arrow
        self.metadata = {key.decode(): text.decode() for key, text in self.schema.metadata.items()}
        self.layout = Layout.of_metadata(self.metadata)
        self.groups: int = file.num_row_groups
        self._starts = np.cumsum(
            [0, *(file.metadata.row_group(n).num_rows for n in range(self.groups))]
        )
        self._values: npt.NDArray[Any] | None = None
        if "features" not in self.schema.names:
            self._values, self._offsets = _mapped(paths, file.metadata.num_rows)

    @property
    def names(self) -> list[str]:
        """The columns without ``features``."""
        return [name for name in self.schema.names if name != "features"]

    def table(self, group: int, names: Sequence[str] | None = None) -> pa.Table:
        """Return columns of a row group; by default all except the features."""
        with _readable(self._path):
            return self.file.read_row_group(
                group, columns=[*(self.names if names is None else names)]
            )

    def column(self, name: str) -> Any:
        """Return a column of all rows, as a chunked array of Arrow."""
        with _readable(self._path):
            return self.file.read(columns=[name])[name]

    def numbers(self, group: int) -> list[npt.NDArray[Any] | None]:
        """Return the numbers of each row of a row group, in row-major order."""
        if self._values is None:
            [column] = self.table(group, ["features"]).columns
            return [numbers for chunk in column.chunks for numbers in _lists(chunk)]
        start, stop = self._starts[group], self._starts[group + 1]
        offsets = self._offsets[start : stop + 1].tolist()
        codes = self.table(group, ["code"])["code"].to_pylist()
        return [
            self._values[first:last].reshape(-1) if code is None else None
            for first, last, code in zip(offsets, offsets[1:], codes, strict=False)
        ]

    def arrays(self, group: int) -> list[npt.NDArray[Any] | None]:
        """Return the array of each row of a row group; None where it failed. They are read-only."""
        restored = self.layout.restored
        return [None if row is None else restored(row) for row in self.numbers(group)]


def _mapped(paths: ShardPaths, rows: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    found = []
    for path in (paths.values, paths.offsets):
        with reported(path, "read"):
            try:
                found.append(np.load(path, mmap_mode="r"))
            except ValueError as problem:
                raise DamagedShardError(paths.table, f"{path.name}: {problem}") from problem
    values, offsets = found
    if len(offsets) != rows + 1 or offsets[-1] != len(values):
        raise DamagedShardError(paths.table, f"it has {rows} rows, and {path.name} has others")
    return values, offsets


def _lists(chunk: Any) -> list[npt.NDArray[Any] | None]:
    numbers = chunk.values.to_numpy(zero_copy_only=True)
    offsets = chunk.offsets.to_pylist()
    valid = chunk.is_valid().to_pylist()
    return [
        numbers[first:last] if is_there else None
        for first, last, is_there in zip(offsets, offsets[1:], valid, strict=False)
    ]

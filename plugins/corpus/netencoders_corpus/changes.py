"""Changes: rows are added to shards, taken out of them, and get other columns of the source.

A row that is added replaces the row of its id in another shard: both happen in one commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.files import Files, reported, value_names
from netencoders_corpus.index import Index, Keys
from netencoders_corpus.interrupts import whole
from netencoders_corpus.items import Item
from netencoders_corpus.layout import Layout
from netencoders_corpus.reading import Shard, ShardPaths, keys_of, opened
from netencoders_corpus.rows import COLUMNS, Row, column_of, passed_columns
from netencoders_corpus.shards import GROUP_ROWS, ShardWriter, parquet_writer
from netencoders_corpus.values import ValueWriter

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Changes"]

RELABELLED: Final = 100_000
"""Items whose columns have changed wait for a change of their shards, up to so many."""


class Changes:
    """The changes of one run to the shards of one part.

    Parameters
    ----------
    files : Files
    index : Index
    layout : Layout
    schema : pyarrow.Schema
        The schema of the shards of this run.
    """

    def __init__(self, files: Files, index: Index, layout: Layout, schema: pa.Schema) -> None:
        self._files, self._index = files, index
        self._layout, self._schema = layout, schema
        self._current: ShardWriter | None = None
        self._relabelled: dict[str, Item] = {}

    @contextmanager
    def run(self) -> Iterator[None]:
        """Complete the last shard at the end; after an interrupt or another error, too."""
        try:
            yield
        except CorpusError:  # the disk is full, for example
            with whole():
                if self._current is not None:
                    self._current.abandon()
            raise
        except BaseException:
            self.flush()
            raise
        self.flush()

    def add(self, row: Row) -> None:
        """Add a row, and commit a shard that is full before."""
        current = self._current
        if current is not None and not current.has_room(row):
            self._commit()
        if self._current is None:
            self._current = ShardWriter(self._files, self._layout, self._schema)
        self._current.add(row)

    def relabel(self, item: Item) -> None:
        """Give the row of an item its present columns of the source."""
        self._relabelled[item.id] = item
        if len(self._relabelled) >= RELABELLED:
            self.flush()

    def remove(self, shard: str, identities: list[str]) -> None:
        """Remove rows of a shard."""
        with whole():
            self._change({}, {shard: identities})

    def flush(self) -> None:
        """Commit the rows that were added, and the columns that have changed."""
        with whole():
            if self._current is not None:
                self._commit()
            # The rows may have moved to another shard since they were found.
            items, self._relabelled = self._relabelled, {}
            if items:
                for shard, identities in self._index.shards_of([*items]).items():
                    self._change({}, {}, {shard: {name: items[name] for name in identities}})

    def _commit(self) -> None:
        """Make the current shard live, and take the rows that it replaces out of other shards."""
        shard, self._current = self._current, None
        assert shard is not None  # noqa: S101 - for mypy: the callers check it
        try:
            shard.close()
        except BaseException:
            shard.abandon()
            raise
        if shard.is_empty:
            shard.abandon()
            return
        replaced = self._index.shards_of([row[0] for row in shard.rows])
        self._change({shard.name: shard.rows}, replaced)

    def _change(
        self,
        written: Mapping[str, Keys],
        without: Mapping[str, list[str]],
        relabelled: Mapping[str, dict[str, Item]] | None = None,
    ) -> None:
        """Make shards live, and write others again, as one change."""
        relabelled = relabelled or {}
        names = [*written]
        removed = [*dict.fromkeys([*without, *relabelled])]
        for name in removed:
            gone, items = set(without.get(name, ())), relabelled.get(name, {})
            again = _rewrite(self._files, name, gone, items, self._schema)
            names += [] if again is None else [again]
        self._files.commit(names, removed)
        with reported(self._files.shards, "read"):
            paths = {name: ShardPaths.live(self._files.folder, name) for name in names}
            self._index.change(
                {name: (path, written.get(name) or keys_of(path)) for name, path in paths.items()},
                removed,
            )


def _rewrite(
    files: Files, name: str, without: set[str], relabelled: Mapping[str, Item], schema: pa.Schema
) -> str | None:
    """Write a shard again under a new name; return the name, or None if no row is left.

    Parameters
    ----------
    files : Files
    name : str
    without : set of str
        The ids of rows that are left out.
    relabelled : mapping of str to Item
        The items whose columns of the source are written, by id.
    schema : pyarrow.Schema
        With `relabelled`: its columns of the source are those of the new shard.
    """
    paths = ShardPaths.live(files.folder, name)
    with opened(paths.table) as file:
        shard = Shard(paths, file)
        new = files.new_name()
        target = files.temporary(new)
        fields = _schema(shard.schema, schema) if relabelled else shard.schema
        values = None
        if "features" not in fields.names:
            of_values, of_offsets = (files.temporary(each) for each in value_names(new))
            values = ValueWriter(of_values, of_offsets, shard.layout)
        try:
            left = _copied(shard, target, fields, values, without, relabelled)
            if values is not None:
                values.close()
        finally:
            if values is not None:
                values.abandon()
    if left:
        return new
    with reported(target):
        for each in (new, *value_names(new)):
            files.temporary(each).unlink(missing_ok=True)
    return None


def _copied(
    shard: Shard,
    target: Path,
    fields: pa.Schema,
    values: ValueWriter | None,
    without: set[str],
    relabelled: Mapping[str, Item],
) -> bool:
    """Write rows of a shard to another file, and return whether there are any."""
    left = False
    writer = parquet_writer(target, fields)
    try:
        for group in range(shard.groups):
            table = shard.table(group, shard.schema.names)
            ids = table["id"].to_pylist()
            kept = [place for place, each in enumerate(ids) if each not in without]
            if not kept:
                continue
            left = True
            if len(kept) < len(ids):
                table = table.take(pyarrow().array(kept))
            if values is not None:
                numbers = shard.numbers(group)
                for place in kept:
                    values.add(numbers[place])
            if relabelled:
                table = _relabelled(table, relabelled, fields)
            with reported(target):
                writer.write_table(table, row_group_size=GROUP_ROWS)
    except BaseException:
        with suppress(OSError):  # the disk is full: the first error is raised
            writer.close()
        raise
    with reported(target):
        writer.close()
    return left


def _schema(own: pa.Schema, given: pa.Schema) -> pa.Schema:
    """Return the schema of a shard with the columns of the source of another one."""
    fields = [field for field in own if field.name in COLUMNS]
    return pyarrow().schema([*fields, *passed_columns(given)], metadata=own.metadata)


def _relabelled(table: pa.Table, items: Mapping[str, Item], fields: pa.Schema) -> pa.Table:
    """Return a table with the present columns of the source of some items."""
    ids = table["id"].to_pylist()
    columns: list[Any] = []
    for field in fields:
        if field.name == "source":
            before = table["source"].to_pylist()
            columns.append(
                [items[x].source if x in items else old for x, old in zip(ids, before, strict=True)]
            )
        elif field.name in COLUMNS:
            columns.append(table[field.name])
        else:
            columns.append(_passed(table, ids, items, field))
    pa = pyarrow()
    made = [
        pa.array(column, field.type) if isinstance(column, list) else column
        for column, field in zip(columns, fields, strict=True)
    ]
    return pa.Table.from_arrays(made, schema=fields)


def _passed(
    table: pa.Table, ids: list[str], items: Mapping[str, Item], field: pa.Field
) -> list[Any]:
    given = [identity for identity in ids if identity in items]
    new = dict(zip(given, column_of([items[x] for x in given], field).to_pylist(), strict=True))
    is_there = (
        field.name in table.column_names and table.schema.field(field.name).type == field.type
    )
    before = table[field.name].to_pylist() if is_there else [None] * len(ids)
    return [new.get(x, old) for x, old in zip(ids, before, strict=True)]

"""Row: an encoded item, and the columns in which the rows of a corpus are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy.typing as npt

from netencoders import EncodeError, NetEncoder
from netencoders_corpus.arrow import features_array, pyarrow
from netencoders_corpus.items import Item
from netencoders_corpus.layout import Layout

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "Row", "schema_of", "table_of"]

COLUMNS: Final = (
    "id",
    "source",
    "start",
    "stop",
    "channel",
    "content",
    "key",
    "frames",
    "features",
    "code",
    "message",
    "duration",
    "rate",
)
"""The columns of a corpus; those of a manifest follow."""


@dataclass(frozen=True, slots=True)
class Row:
    """An encoded item.

    Attributes
    ----------
    item : Item
    content, key : str
        See `items`.
    frames : int or None
    numbers : ndarray or None
        The array in row-major order; None if the item cannot be encoded.
    code, message : str or None
        The error of an item that cannot be encoded.
    duration, rate : float or None
        The length of the input in s, and its sample rate in Hz, if the encoder states them.
    """

    item: Item
    content: str
    key: str
    frames: int | None = None
    numbers: npt.NDArray[Any] | None = None
    code: str | None = None
    message: str | None = None
    duration: float | None = None
    rate: int | None = None

    @property
    def size(self) -> int:
        """The number of bytes of its array."""
        return 0 if self.numbers is None else self.numbers.nbytes

    @classmethod
    def failed(cls, item: Item, content: str, key: str, problem: EncodeError) -> Row:
        """Return the row of an item that cannot be encoded."""
        return cls(item, content, key, code=problem.code, message=str(problem))


def schema_of(
    layout: Layout, encoder: NetEncoder, columns: Mapping[str, Any], extra: Mapping[str, str]
) -> pa.Schema:
    """Return the schema of the shards of a corpus.

    Parameters
    ----------
    layout : Layout
    encoder : NetEncoder
    columns : mapping of str to pyarrow type
        The other columns of the source.
    extra : mapping of str to str
        More metadata.
    """
    pa = pyarrow()
    types: dict[str, Any] = {
        "id": pa.string(),
        "source": pa.string(),
        "start": pa.float64(),
        "stop": pa.float64(),
        "channel": pa.int32(),
        "content": pa.string(),
        "key": pa.string(),
        "frames": pa.int32(),
        "features": pa.list_(pa.from_numpy_dtype(layout.dtype)),
        "code": pa.string(),
        "message": pa.string(),
        "duration": pa.float64(),
        "rate": pa.int32(),
    }
    fields = [pa.field(name, types[name]) for name in COLUMNS]
    fields += [pa.field(name, kind) for name, kind in columns.items()]
    return pa.schema(fields, metadata={**layout.metadata(encoder), **extra})


def table_of(rows: Sequence[Row], layout: Layout, schema: pa.Schema) -> pa.Table:
    """Return rows as a table."""
    pa = pyarrow()
    items = [row.item for row in rows]
    values: dict[str, Any] = {
        "id": [item.id for item in items],
        "source": [item.source for item in items],
        "start": [item.start for item in items],
        "stop": [item.stop for item in items],
        "channel": [item.channel for item in items],
        **{
            name: [getattr(row, name) for row in rows]
            for name in ("content", "key", "frames", "code", "message", "duration", "rate")
        },
    }
    arrays = []
    for field in schema:
        if field.name == "features":
            arrays.append(features_array([row.numbers for row in rows], layout))
        elif field.name in values:
            arrays.append(pa.array(values[field.name], field.type))
        else:
            column = [_value(item.columns.get(field.name), field.type) for item in items]
            arrays.append(pa.array(column, field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _value(value: Any, kind: Any) -> Any:
    """Return a value of another column; a value that is no text is JSON in a column of texts."""
    if value is None or isinstance(value, str) or kind != pyarrow().string():
        return value
    return json.dumps(value, ensure_ascii=False)

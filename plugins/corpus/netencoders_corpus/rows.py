"""Row: an encoded item, and the columns in which the rows of a corpus are stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy.typing as npt

from netencoders import EncodeError, NetEncoder
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.items import Item
from netencoders_corpus.layout import Layout

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "Row", "column_of", "labels_of", "passed_columns", "schema_of"]

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
"""The columns of a corpus; those of a manifest follow. The format npy has no ``features``."""


@dataclass(slots=True)  # not frozen: that would double the time to create it
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
    spill : Path or None
        The file that `numbers` is mapped from, which is removed when the row is written.
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
    spill: Path | None = None

    @property
    def size(self) -> int:
        """The number of bytes of its array."""
        return 0 if self.numbers is None else self.numbers.nbytes

    @classmethod
    def failed(
        cls, item: Item, content: str, key: str, problem: EncodeError, facts: Mapping[str, float]
    ) -> Row:
        """Return the row of an item that cannot be encoded."""
        return cls(item, content, key, None, None, problem.code, str(problem), *stated(facts))


def stated(facts: Mapping[str, float]) -> tuple[float | None, int | None]:
    """Return the duration and the rate that an encoder states."""
    rate = facts.get("rate")
    if rate is not None and not 0 <= rate < 1 << 31:  # the column cannot hold it
        rate = None
    return facts.get("duration"), None if rate is None else int(rate)


def schema_of(
    layout: Layout,
    encoder: NetEncoder,
    columns: Mapping[str, Any],
    format: str = "parquet",  # noqa: A002 - the name of the argument of `encode`
) -> pa.Schema:
    """Return the schema of the shards of a corpus.

    Parameters
    ----------
    layout : Layout
    encoder : NetEncoder
    columns : mapping of str to pyarrow type
        The other columns of the source.
    format : {"parquet", "npy"}
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
    if format == "npy":
        del types["features"]
    fields = [pa.field(name, kind) for name, kind in types.items()]
    fields += [pa.field(name, kind) for name, kind in columns.items()]
    metadata = {**layout.metadata(encoder), "netencoders.format": format}
    return pa.schema(fields, metadata=metadata)


def passed_columns(schema: pa.Schema) -> list[pa.Field]:
    """Return the fields of a schema that come from the source."""
    return [field for field in schema if field.name not in COLUMNS]


def column_of(items: Iterable[Item], field: pa.Field) -> pa.Array:
    """Return a column of the source of some items."""
    values = [_value(item.columns.get(field.name), field.type) for item in items]
    return pyarrow().array(values, field.type)


def _value(value: Any, kind: Any) -> Any:
    """Return a value of another column; a value that is no text is JSON in a column of texts."""
    if value is None or isinstance(value, str) or kind != pyarrow().string():
        return value
    return json.dumps(value, ensure_ascii=False)


def labels_of(
    sources: Sequence[str], fields: Sequence[pa.Field], columns: Sequence[pa.Array]
) -> list[str]:
    """Return for each row a text that changes with the columns of the source.

    Parameters
    ----------
    sources : sequence of str
        The column ``source``.
    fields : sequence of pyarrow.Field
        The other columns.
    columns : sequence of pyarrow.Array
        Their values.
    """
    start = hashlib.sha256(repr([(field.name, str(field.type)) for field in fields]).encode())
    labels = []
    for row in zip(sources, *(column.to_pylist() for column in columns), strict=True):
        digest = start.copy()
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
        labels.append(digest.hexdigest()[:16])
    return labels

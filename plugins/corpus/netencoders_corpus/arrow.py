"""arrow: an encoder as a function from table to table, for any engine that has Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import EncodeError, NetEncoder
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.layout import MAX_ELEMENTS, Layout, layout_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ADDED", "ArrowEncoder", "arrow", "features_array", "pyarrow"]

ADDED: Final = ("frames", "features", "code", "message")
"""The columns that a call adds."""

PARTS: Final = ("start", "stop", "channel")


def arrow(encoder: NetEncoder, input: str = "path", *, dtype: str = "float32") -> ArrowEncoder:  # noqa: A002 - the name of the column of inputs
    """Return an encoder as a function from table to table, for any engine that has Arrow.

    The function adds the columns ``frames`` (int32), ``features`` (a list of numbers, row-major),
    ``code`` and ``message``. An input that cannot be encoded is a row with nulls, its code and its
    message: the function raises nothing for an input, and keeps all rows in their order.

    Parameters
    ----------
    encoder : NetEncoder
    input : str
        The column of inputs: paths, bytes, or structs of a dict that the encoder takes, such as
        those of Hugging Face datasets. The columns ``start``, ``stop`` (s) and ``channel``, if the
        table has them, choose a part of a path.
    dtype : {"float32", "float16"}
        The type of the numbers; float16 needs a logarithm.

    Returns
    -------
    callable
        ``pyarrow.Table -> pyarrow.Table``; it is picklable. The metadata of the schema of the
        result have the shape of a frame, the type, the digest and the declaration.

    Raises
    ------
    CorpusError
        The arrays of the encoder cannot be stored, or pyarrow is not installed.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from netencoders import NetEncoder
    >>> from netencoders_corpus import arrow
    >>> encode = arrow(NetEncoder("AudioMFCC"))
    >>> table = encode(pa.table({"path": ["tests/data/speech_16k_mono.wav", "missing.wav"]}))
    >>> table["frames"].to_pylist(), table["code"].to_pylist()
    ([419, None], [None, 'not-found'])
    """
    return ArrowEncoder(encoder, input, dtype)


class ArrowEncoder:
    """The function that `arrow` returns.

    Attributes
    ----------
    encoder : NetEncoder
    input : str
        The column of inputs.
    layout : Layout
        How the arrays are stored.
    """

    def __init__(self, encoder: NetEncoder, input: str, dtype: str) -> None:  # noqa: A002 - see `arrow`
        pyarrow()
        self.encoder, self.input, self.layout = encoder, input, layout_of(encoder, dtype)

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the table with the added columns."""
        pa = pyarrow()
        if self.input not in table.column_names:
            raise CorpusError(
                f"the table has no column {self.input!r} of inputs. It has: "
                f"{', '.join(table.column_names)}. Name one: arrow(encoder, input=...)."
            )
        taken = [name for name in ADDED if name in table.column_names]
        if taken:
            raise CorpusError(
                f"the table has the column {taken[0]!r} already, which arrow adds: rename it."
            )
        results = [self._result(value) for value in self._inputs(table)]
        arrays = [None if isinstance(each, EncodeError) else each for each in results]
        errors = [each if isinstance(each, EncodeError) else None for each in results]
        frames = [None if each is None else each[0] for each in arrays]
        numbers = [None if each is None else each[1] for each in arrays]
        added = {
            "frames": pa.array(frames, pa.int32()),
            "features": features_array(numbers, self.layout),
            "code": pa.array([None if e is None else e.code for e in errors], pa.string()),
            "message": pa.array([None if e is None else str(e) for e in errors], pa.string()),
        }
        for name, column in added.items():
            table = table.append_column(name, column)
        metadata = {**(table.schema.metadata or {}), **self.layout.metadata(self.encoder)}
        return table.replace_schema_metadata(metadata)

    def _inputs(self, table: pa.Table) -> Iterator[Any]:
        parts = [name for name in PARTS if name in table.column_names and name != self.input]
        if not parts:
            yield from (value.as_py() for value in table[self.input])
            return
        for row in table.select([self.input, *parts]).to_pylist():
            value = row.pop(self.input)
            given = {name: part for name, part in row.items() if part is not None}
            yield {"path": value, **given} if given and isinstance(value, str) else value

    def _result(self, value: Any) -> tuple[int, npt.NDArray[Any]] | EncodeError:
        try:
            array = self.encoder._encode(_bytes_or_path(value))
            self.layout.check_size(array.size)
            return self.layout.frames(array), self.layout.flat(array)
        except EncodeError as problem:
            return problem
        except Exception as problem:
            return EncodeError(f"{type(problem).__name__}: {problem}", code="unreadable")


def _bytes_or_path(value: Any) -> Any:
    """Return the input for a struct of Hugging Face datasets, of which one field may be null."""
    if isinstance(value, Mapping) and {*value} == {"bytes", "path"}:
        return value["path"] if value["bytes"] is None else {"bytes": value["bytes"]}
    return value


def features_array(
    rows: Sequence[npt.NDArray[Any] | None], layout: Layout, at_once: int = MAX_ELEMENTS
) -> pa.Array | pa.ChunkedArray:
    """Return the column of features; chunked if there are too many numbers for one array.

    Parameters
    ----------
    rows : sequence of ndarray or None
    layout : Layout
    at_once : int
        The largest number of elements of a chunk of several rows. The array of a chunk of one row
        is not copied.
    """
    pa = pyarrow()
    chunks: list[list[npt.NDArray[Any] | None]] = [[]]
    size = 0
    for row in rows:
        count = 0 if row is None else row.size
        if chunks[-1] and size + count > at_once:
            chunks.append([])
            size = 0
        chunks[-1].append(row)
        size += count
    arrays = [_list_array(chunk, layout) for chunk in chunks]
    return arrays[0] if len(arrays) == 1 else pa.chunked_array(arrays)


def _list_array(rows: Sequence[npt.NDArray[Any] | None], layout: Layout) -> pa.Array:
    pa = pyarrow()
    sizes = [0 if row is None else row.size for row in rows]
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    given = [row for row in rows if row is not None]
    numbers = given[0] if len(given) == 1 else np.concatenate([np.empty(0, layout.dtype), *given])
    null = np.array([row is None for row in rows], np.bool_)
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(numbers), mask=pa.array(null)
    )


def pyarrow() -> Any:
    """Return the module pyarrow.

    Raises
    ------
    CorpusError
        It is not installed.
    """
    try:
        import pyarrow as pa  # late: an extra
    except ImportError as problem:
        raise CorpusError("a corpus needs pyarrow: pip install 'netencoders[corpus]'") from problem
    return pa

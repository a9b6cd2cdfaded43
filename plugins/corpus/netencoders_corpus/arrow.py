"""arrow: an encoder as a function from table to table, for any engine that has Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders import EncodeError, NetEncoder, worker_count
from netencoders.batches import ordered_map
from netencoders.origins import is_of_signal_handler
from netencoders.policies import policies
from netencoders.randomness import INPUT_ID
from netencoders_corpus.cells import PARTS, Cells
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.layout import MAX_ELEMENTS, Layout, layout_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ADDED", "ArrowEncoder", "arrow", "features_array", "pyarrow"]

ADDED: Final = ("frames", "features", "code", "message")
"""The columns that a call adds."""


def arrow(
    encoder: NetEncoder,
    input: str = "path",  # noqa: A002 - the name of the column of inputs
    *,
    dtype: str = "float32",
    workers: int = 1,
) -> ArrowEncoder:
    """Return an encoder as a function from table to table, for any engine that has Arrow.

    The function adds the columns ``frames`` (int32), ``features`` (a list of numbers, row-major),
    ``code`` and ``message``. An input that cannot be encoded is a row with nulls, its code and its
    message: the function raises nothing for an input, and keeps all rows in their order.

    Parameters
    ----------
    encoder : NetEncoder
    input : str
        The column of inputs: paths, bytes, lists of numbers, or structs of a dict that the encoder
        takes, such as those of Hugging Face datasets. The columns ``start``, ``stop`` (s) and
        ``channel``, if the table has them and the encoder takes dicts, choose a part of an input.
        A null means no choice. If the encoder draws random numbers, they are those of the column
        ``id``, if the table has one, as in a corpus; otherwise those of the content.
    dtype : {"float32", "float16"}
        The type of the numbers; float16 needs a logarithm.
    workers : int
        The number of threads that encode the rows of a table. An engine starts a task for each
        processor, so that the default is 1, also for a long recording. The bits are the same.

    Returns
    -------
    callable
        ``pyarrow.Table -> pyarrow.Table``; it is picklable, and several threads may call it. It
        takes a RecordBatch, too. The metadata of the schema of the result have the shape of a
        frame, the type, the digest and the declaration. All arrays of the table are in memory at
        the same time: give it some hundred rows.

    Raises
    ------
    CorpusError
        The arrays of the encoder cannot be stored, or pyarrow is not installed. The call raises it
        if the table has no column of inputs, or has a column that is to be added.
    ValueError
        `workers` is not an integer >= 1.

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
    return ArrowEncoder(encoder, input, dtype, workers)


class ArrowEncoder:
    """The function that `arrow` returns.

    Attributes
    ----------
    encoder : NetEncoder
    input : str
        The column of inputs.
    layout : Layout
        How the arrays are stored.
    workers : int
        The number of threads.
    """

    def __init__(
        self,
        encoder: NetEncoder,
        input: str,  # noqa: A002 - see `arrow`
        dtype: str = "float32",
        workers: int = 1,
    ) -> None:
        pyarrow()
        self.encoder, self.input, self.layout = encoder, input, layout_of(encoder, dtype)
        self.workers = worker_count(workers)

    def __call__(self, table: pa.Table | pa.RecordBatch) -> pa.Table:
        """Return the table with the added columns."""
        pa = pyarrow()
        if isinstance(table, pa.RecordBatch):
            table = pa.Table.from_batches([table])
        self._check(table.column_names)
        results = self._results(table)
        added = {
            "frames": pa.array([result.frames for result in results], pa.int32()),
            "features": features_array(
                [result.numbers for result in results], self.layout, MAX_ELEMENTS
            ),
            "code": pa.array([result.code for result in results], pa.string()),
            "message": pa.array([result.message for result in results], pa.string()),
        }
        for name, column in added.items():
            table = table.append_column(name, column)
        own = {name.encode(): text for name, text in self.layout.metadata(self.encoder).items()}
        return table.replace_schema_metadata({**(table.schema.metadata or {}), **own})

    def _check(self, names: Sequence[str]) -> None:
        if self.input not in names:
            raise CorpusError(
                f"the table has no column {self.input!r} of inputs. It has: "
                f"{', '.join(map(repr, names)) or 'no columns'}. Name one: arrow(encoder, "
                "input=...)."
            )
        for name in ADDED:
            if name in names:
                raise CorpusError(
                    f"the table has the column {name!r} already, which arrow adds: rename it."
                )
        ids = ("id",) if self.encoder.is_random else ()
        for name in (self.input, *PARTS, *ids):
            if names.count(name) > 1:
                raise CorpusError(f"the table has several columns {name!r}: rename all but one.")

    def _results(self, table: pa.Table) -> list[_Result]:
        cells = Cells(table, self.input, self.encoder)
        # A call with one worker uses one thread, also for a long recording.
        with policies({"workers": 1}):
            results = ordered_map(
                lambda place: self._result(cells, place),
                range(table.num_rows),
                workers=self.workers,
                on_error="raise",
                prepare=self.encoder.prepare,
            )
            with closing(results):
                return [*results]  # type: ignore[list-item] # errors are results

    def _result(self, cells: Cells, place: int) -> _Result:
        try:
            identity = cells.id(place)
            with policies({} if identity is None else {INPUT_ID: identity}):
                array = self.encoder._encode(cells[place])
            self.layout.check_size(array.size)
            return _Result(self.layout.frames(array), self.layout.flat(array))
        except EncodeError as problem:
            if problem.code == "cancelled":  # the threads end: it is not about the input
                raise
            return _failed(problem, cells.name(place, problem.source))
        except Exception as problem:
            if is_of_signal_handler(problem):
                raise
            # Such as a text that is not UTF-8, or a warning that a filter makes an error.
            error = EncodeError(
                f"reading fails with {type(problem).__name__}: {problem}",
                code="unreadable",
                remedy="check the source of the input",
            )
            return _failed(error, cells.name(place, None))


class _Result(NamedTuple):
    """The added columns of a row."""

    frames: int | None = None
    numbers: npt.NDArray[Any] | None = None
    code: str | None = None
    message: str | None = None


def _failed(problem: EncodeError, source: str | None) -> _Result:
    problem.source = source
    return _Result(code=problem.code, message=str(problem))


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

"""Corpus: the rows of a corpus, read one group at a time."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import NetEncoder
from netencoders.errors import nearest, printable
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.description import Description, read_description
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.files import TEMPORARY
from netencoders_corpus.layout import Layout
from netencoders_corpus.reading import Shard, ShardPaths, opened
from netencoders_corpus.snapshot import snapshot

if TYPE_CHECKING:
    import pyarrow as pa

    from netencoders_corpus.torch_dataset import CorpusDataset

__all__ = ["Corpus", "CorpusRow"]

OPEN: Final = 32  # shards
TRIALS: Final = 4  # a shard has three files, each of which is moved once
NEIGHBOURS: Final = 100  # ids that an unknown one is compared with


@dataclass(frozen=True, slots=True)
class CorpusRow:
    """A row of a corpus.

    Attributes
    ----------
    id : str
    array : ndarray or None
        The array, which is read-only; None if the input could not be encoded.
    columns : mapping of str to object
        The other columns: source, start, stop, channel, content, key, frames, code, message,
        duration, rate, and those of the manifest.
    """

    id: str
    array: npt.NDArray[Any] | None
    columns: Mapping[str, Any]

    @property
    def code(self) -> str | None:
        """The code of the failure; None for a row with an array."""
        code: str | None = self.columns["code"]
        return code


class Corpus:
    """The rows of a corpus, in the order of its shards. It is read-only.

    A process may write the corpus at the same time: the rows are those of the moment in which it is
    opened. If the writer replaces a row of these, reading it is an error that says so.

    Parameters
    ----------
    folder : str or path-like
        The folder that `encode` wrote.

    Attributes
    ----------
    folder : Path
    description : Description
        The content of corpus.json.

    Raises
    ------
    CorpusError
        The folder is no corpus, or a shard is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from netencoders import NetEncoder
    >>> from netencoders_corpus import Corpus, encode
    >>> out = tempfile.mkdtemp()
    >>> report = encode(NetEncoder("AudioMFCC"), "tests/data", out)
    >>> corpus = Corpus(out)
    >>> corpus["speech_16k_mono.wav"].array.shape
    (419, 13)
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        pyarrow()
        self.folder = Path(folder)
        self._root = Path(os.path.abspath(folder))  # the current folder may change
        found = read_description(self.folder)
        if found is None:
            raise CorpusError(
                f"{printable(str(self.folder))}: it is no corpus: it has no corpus.json. Name the "
                "folder that `netencoders corpus encode` wrote."
            )
        self.description: Description = found
        self._open()

    def _open(self) -> None:
        self._shards: list[ShardPaths] = [*snapshot(self._root).values()]
        self._opened: OrderedDict[int, tuple[Shard, ExitStack]] = OrderedDict()
        self._group: tuple[tuple[int, int], list[Any]] | None = None
        self._names: _Names | None = None
        self._length: int | None = None
        self._layout: Layout | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self._root,))

    def __repr__(self) -> str:
        return f"Corpus({str(self.folder)!r})"

    def __len__(self) -> int:
        if self._length is None:
            self._length = sum(shard.file.metadata.num_rows for _, shard in self.shards())
        return self._length

    def __iter__(self) -> Iterator[CorpusRow]:
        for place, group in self.groups():
            yield from self.rows(place, group)

    def __contains__(self, identity: object) -> bool:
        return isinstance(identity, str) and self._index().find(identity) is not None

    def __getitem__(self, identity: str) -> CorpusRow:
        if not isinstance(identity, str):
            raise TypeError(f"a row is found by its id, a text. Got {identity!r}.")
        index = self._index().find(identity)
        if index is None:
            raise KeyError(f"there is no row {identity!r}.{self._index().nearest(identity)}")
        place, row = self._index().place(index)
        group = 0
        shard = self._shard(place)
        while row >= (count := shard.file.metadata.row_group(group).num_rows):
            row -= count
            group += 1
        if self._group is None or self._group[0] != (place, group):
            self._group = ((place, group), [*self.rows(place, group)])
        found: CorpusRow = self._group[1][row]
        return found

    def groups(self) -> list[tuple[int, int]]:
        """Return the groups of at most 256 rows, as pairs of a shard and a group, for `rows`."""
        return [(place, group) for place, shard in self.shards() for group in range(shard.groups)]

    def rows(self, place: int, group: int) -> Iterator[CorpusRow]:
        """Yield the rows of a group.

        Parameters
        ----------
        place, group : int
            A pair of `groups`.

        Yields
        ------
        CorpusRow
        """
        shard = self._shard(place)
        columns = shard.table(group).to_pylist()
        for row, array in zip(columns, shard.arrays(group), strict=True):
            yield CorpusRow(row.pop("id"), array, row)

    def arrays(self) -> Iterator[npt.NDArray[Any]]:
        """Yield the array of each row that has one, in the order of the rows."""
        for place, group in self.groups():
            for array in self._shard(place).arrays(group):
                if array is not None:
                    yield array

    @property
    def ids(self) -> list[str]:
        """The ids of all rows, in order."""
        return [*self._index().all.to_pylist()]

    @property
    def failures(self) -> list[CorpusRow]:
        """The rows of inputs that could not be encoded."""
        found = []
        for _, shard in self.shards():
            for group in range(shard.groups):
                codes = shard.table(group, ["code"])["code"]
                if codes.null_count == len(codes):
                    continue
                rows = shard.table(group).to_pylist()
                failed = (row for row in rows if row["code"] is not None)
                found += [CorpusRow(row.pop("id"), None, row) for row in failed]
        return found

    @property
    def encoder(self) -> NetEncoder:
        """The encoder of the rows.

        Raises
        ------
        CorpusError
            The installed encoder has another digest, so it would give other arrays.
        """
        encoder = NetEncoder.from_dict(self.description.encoder)
        if encoder.digest != self.description.digest:
            raise CorpusError(
                f"{printable(str(self.folder))}: the rows were made by the revision of "
                f"{encoder.name} with the digest {self.description.digest}, and the installed one "
                f"has {encoder.digest}. Install netencoders {self.description.versions}, or encode "
                "all rows again with --update (update=True)."
            )
        return encoder

    @property
    def layout(self) -> Layout:
        """The form of the arrays, and their type."""
        for _, shard in self.shards():
            return shard.layout
        raise CorpusError(
            f"{printable(str(self.folder))}: it has no rows yet. Run `netencoders corpus encode`."
        )

    def table(self, *names: str) -> pa.Table:
        """Return columns of all rows as a table of Arrow.

        Parameters
        ----------
        *names : str
            The columns; by default all except the features.
        """
        pa = pyarrow()
        tables = [
            shard.table(group, names or None)
            for _, shard in self.shards()
            for group in range(shard.groups)
        ]
        plain = [table.replace_schema_metadata(None) for table in tables]
        return pa.concat_tables(plain, promote_options="default") if plain else pa.table({})

    def to_torch(self, columns: Sequence[str] = ()) -> CorpusDataset:
        """Return the rows that have arrays as an IterableDataset of torch.

        Each item is a dict of ``id``, ``features`` (a tensor), ``length`` (its frames) and the
        given columns. The groups of rows are divided among the workers of a DataLoader.
        `netencoders_corpus.torch_dataset.padded` joins items to a batch.

        Parameters
        ----------
        columns : sequence of str
            More columns of the items.

        Raises
        ------
        CorpusError
            torch is not installed.
        """
        try:
            from netencoders_corpus.torch_dataset import CorpusDataset  # late: it imports torch
        except ImportError as problem:
            raise CorpusError(f"to_torch needs torch: {problem}. Install it.") from problem
        return CorpusDataset(self, columns)

    def shards(self) -> Iterator[tuple[int, Shard]]:
        """Yield each shard with its number. A shard may be closed when 32 others were opened."""
        for place in range(len(self._shards)):
            yield place, self._shard(place)

    def _shard(self, place: int) -> Shard:
        """Return an open shard; the one that was used least recently is closed."""
        if place in self._opened:
            self._opened.move_to_end(place)
            return self._opened[place][0]
        stack = ExitStack()
        for trial in range(TRIALS):
            paths = self._present(self._shards[place])
            try:
                shard = Shard(paths, stack.enter_context(opened(paths.table)))
                break
            except CorpusError as problem:
                stack.close()
                moved = isinstance(problem.__cause__, FileNotFoundError)
                if moved and trial < TRIALS - 1:  # each trial finds a file that was moved
                    continue
                if not paths.table.exists():
                    raise self._changed() from problem
                raise
        same = self._layout in (None, shard.layout)
        if not same or shard.metadata["netencoders.digest"] != self.description.digest:
            stack.close()
            raise CorpusError(
                f"{printable(str(paths.table))}: its rows were made by another encoder, or have "
                "another type, than corpus.json has: an update is not complete. Run `netencoders "
                "corpus encode` again: it encodes the rest."
            )
        self._layout = shard.layout
        self._opened[place] = (shard, stack)
        if len(self._opened) > OPEN:
            _, (_, oldest) = self._opened.popitem(last=False)
            oldest.close()
        return shard

    def _present(self, paths: ShardPaths) -> ShardPaths:
        """Return where the files of a shard are now: a writer may have completed a change."""
        name = paths.table.name.removesuffix(TEMPORARY)
        live = ShardPaths.live(self._root, name)
        return ShardPaths(
            *(at if at.exists() else then for at, then in zip(paths, live, strict=True))
        )

    def _changed(self) -> CorpusError:
        return CorpusError(
            f"{printable(str(self.folder))}: another process has changed rows since the corpus was "
            "opened. Open it again."
        )

    def _index(self) -> _Names:
        if self._names is None:
            self._names = _Names((shard for _, shard in self.shards()), self.folder)
        return self._names


class _Names:
    """The ids of all rows, in order and sorted."""

    def __init__(self, shards: Iterator[Shard], folder: Path) -> None:
        pa = pyarrow()
        from pyarrow import compute

        chunks, counts = [], []
        for shard in shards:
            column = shard.column("id").cast(pa.large_string())
            chunks += column.chunks
            counts.append(len(column))
        self.all: Any = pa.chunked_array(chunks, pa.large_string()).combine_chunks()
        self._starts = np.cumsum([0, *counts])
        self._order: Any = compute.sort_indices(self.all)
        self._sorted: Any = self.all.take(self._order)
        same = compute.equal(self._sorted[1:], self._sorted[:-1])
        if (first := same.index(True).as_py()) >= 0:
            raise CorpusError(
                f"{printable(str(folder))}: the id {printable(self._sorted[first].as_py())} is in "
                "two shards: a shard was copied into the folder. Run `netencoders corpus encode`: "
                "it names both."
            )

    def find(self, identity: str) -> int | None:
        """Return the index of an id."""
        place = self._search(identity)
        if place < len(self._sorted) and self._sorted[place].as_py() == identity:
            return int(self._order[place].as_py())
        return None

    def place(self, index: int) -> tuple[int, int]:
        """Return the shard of a row, and its index in it."""
        shard = int(np.searchsorted(self._starts, index, side="right")) - 1
        return shard, index - int(self._starts[shard])

    def nearest(self, identity: str) -> str:
        """Return a sentence with a similar id, or an empty text."""
        place = self._search(identity)
        around = self._sorted[max(0, place - NEIGHBOURS) : place + NEIGHBOURS]
        return nearest(identity, around.to_pylist())

    def _search(self, identity: str) -> int:
        low, high = 0, len(self._sorted)
        while low < high:
            middle = (low + high) // 2
            if self._sorted[middle].as_py() < identity:
                low = middle + 1
            else:
                high = middle
        return low

"""encode: encodes the items of a source into the shards of a corpus, and resumes an earlier run."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy.typing as npt

from netencoders import EncodeError, NetEncoder
from netencoders.batches import ordered_map
from netencoders.calls import returnable
from netencoders.facts import collected
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.description import Description, read_description
from netencoders_corpus.errors import CorpusError, SourceError
from netencoders_corpus.files import Files
from netencoders_corpus.index import Index, Known
from netencoders_corpus.items import Item, content_of, input_of, key_of
from netencoders_corpus.layout import Layout, layout_of
from netencoders_corpus.locks import Part, writer
from netencoders_corpus.report import CorpusReport
from netencoders_corpus.rows import COLUMNS, Row, schema_of
from netencoders_corpus.shards import ShardWriter, counts_of, keys_of, rewrite
from netencoders_corpus.sources import Problem, Source, open_source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["encode"]

LISTED: Final = 20  # problems of a source
SEEN_AT_ONCE: Final = 10_000  # ids in one transaction

Progress = Callable[[CorpusReport], object]


def encode(
    encoder: NetEncoder,
    source: str | os.PathLike[str] | Source,
    out: str | os.PathLike[str],
    *,
    workers: int | None = None,
    dtype: Literal["float32", "float16"] = "float32",
    content: Literal["stat", "hash"] = "stat",
    isolate: bool = False,
    timeout: float | None = None,
    retry: Collection[str] = (),
    update: bool = False,
    part: Part | None = None,
    column: str | None = None,
    progress: Progress | None = None,
) -> CorpusReport:
    """Encode the items of a source into the shards of a corpus; resume an earlier run.

    A row that exists is kept if its key is the same: the sha256 of the digest of the encoder, the
    type, the content of the file, and the segment. Rows of items that changed are replaced, and
    rows of items that are no longer in the source are removed. An item that cannot be encoded is a
    row with its code and message.

    Parameters
    ----------
    encoder : NetEncoder
    source : str, path-like or Source
        A folder or a manifest; see `open_source`.
    out : str or path-like
        The folder of the corpus.
    workers : int, optional
        As for `NetEncoder.map`.
    dtype : {"float32", "float16"}
        The type of the stored numbers; float16 needs a logarithm.
    content : {"stat", "hash"}
        A file has changed if its size or its time has changed, or if its bytes have.
    isolate : bool
        Encode in worker processes, as `NetEncoder.map` does.
    timeout : float, optional
        With `isolate`: the time limit for one input in s, by default 600.
    retry : collection of str
        Codes of failed rows that are encoded again; ``"all"`` for all codes.
    update : bool
        Encode all rows again if the encoder has changed, which is refused otherwise.
    part : Part, optional
        Only the items of this part; other processes may encode other parts at the same time.
    column : str, optional
        The column of a manifest that holds the paths.
    progress : callable, optional
        ``progress(report)`` is called after each row and at the end.

    Returns
    -------
    CorpusReport

    Raises
    ------
    SourceError
        The source is not valid; the message lists every problem. Nothing has been encoded.
    CorpusError
        The folder cannot be written, another process writes it, or it was made by another encoder.
    KeyboardInterrupt
        An interrupt; the rows that were encoded before are kept.
    """
    pyarrow()
    if content not in ("stat", "hash"):
        raise CorpusError(f"content must be 'stat' or 'hash'. Got {content!r}.")
    opened = source if isinstance(source, Source) else open_source(source, column=column)
    run = _Run(encoder, opened, Path(out), layout_of(encoder, dtype), part or Part())
    run.content, run.update = content, update
    run.retry = frozenset([retry] if isinstance(retry, str) else retry)
    run.options = {"workers": workers, "isolate": isolate, "timeout": timeout}
    run.progress = progress or (lambda report: None)
    return run.start(dtype)


class _Run:
    """One run of `encode`."""

    content: str
    update: bool
    retry: frozenset[str]
    options: Mapping[str, Any]
    progress: Progress

    def __init__(
        self, encoder: NetEncoder, source: Source, folder: Path, layout: Layout, part: Part
    ) -> None:
        self.encoder, self.source, self.folder, self.layout = encoder, source, folder, layout
        self.part = part
        self.files = Files(folder, part.name)
        self.report = CorpusReport()
        self.schema: pa.Schema = None

    def start(self, dtype: str) -> CorpusReport:
        """Encode; see `encode`."""
        described = Description.of(self.encoder, dtype, self.content, "parquet")
        before = read_description(self.folder)
        if before is not None and not self.update:
            described.check_same(before, self.encoder, self.folder)
        self._refuse_other_files(before)
        with writer(self.folder, self.part):
            self.files.make()
            self.files.recover()
            self._refuse_other_division()
            if before is None or before.digest != described.digest:
                described.write(self.folder)
            with Index(self.folder / f"index-{self.part.name}.sqlite") as index:
                index.update(self._own_shards(), keys_of)
                self.schema = self._schema(self._checked(index))
                try:
                    self._encode(index)
                    self._remove_gone(index)
                finally:
                    self.report.failed = index.failures()
                    self.report.seconds = time.monotonic() - self.report.begun
                    self._describe(described)
        self.progress(self.report)
        return self.report

    def _refuse_other_files(self, before: Description | None) -> None:
        """Refuse a folder that holds something else."""
        known = {"corpus.json", "shards", "partial", "locks"}
        if before is None and self.folder.is_dir():
            names = [name for name in os.listdir(self.folder) if name not in known]
            names = [name for name in names if not name.startswith("index-")]
            if names:
                raise CorpusError(
                    f"{self.folder}: the folder holds other files, such as {sorted(names)[0]}. "
                    "Choose an empty or a new folder."
                )

    def _refuse_other_division(self) -> None:
        """Refuse a part of a corpus that was divided into another number of parts."""
        if self.part.count == 1:
            return
        end = f"-of-{self.part.count:05d}"
        others = [name for name in self.files.live() if end not in name]
        if others:
            raise CorpusError(
                f"{self.folder}: the shard {others[0]} belongs to another division into parts than "
                f"{self.part.number}/{self.part.count}. Use the same number of parts, or none."
            )

    def _own_shards(self) -> dict[str, Path]:
        """Return the live shards that may hold rows of this part."""
        names = self.files.live()
        if self.part.count > 1:
            names = [name for name in names if name.startswith(self.part.name)]
        return {name: self.files.shards / name for name in names}

    def _checked(self, index: Index) -> Mapping[str, Any]:
        """Read the whole source once, and return its other columns with their types.

        Raises
        ------
        SourceError
            It lists every problem.
        """
        problems: list[tuple[str, str]] = []
        count = 0
        names: dict[str, None] = {}
        batch: dict[str, str] = {}

        def found(place: str, text: str) -> None:
            nonlocal count
            count += 1
            if len(problems) < LISTED:
                problems.append((place, text))

        def mark() -> None:
            for identity in index.see_all(batch):
                found(batch[identity], f"the id {identity!r} is given twice: make ids unique.")
            batch.clear()

        for item in self.source.items():
            if isinstance(item, Problem):
                found(*item)
                continue
            if self.source.columns is None:
                names.update(dict.fromkeys(item.columns))
            if not self.part.has(item.id):
                continue
            self.report.total += 1
            if item.id in batch:
                found(item.place, f"the id {item.id!r} is given twice: make ids unique.")
            batch[item.id] = item.place
            if len(batch) == SEEN_AT_ONCE:
                mark()
        mark()
        columns = self.source.columns
        if columns is None:
            columns = dict.fromkeys(names, pyarrow().string())
        for name in columns:
            if name in COLUMNS:
                found("", f"the column {name!r} has the name of a column of corpora: rename it.")
        self.report.notes = self.source.notes
        if not count and not self.report.total and self.part.count == 1:
            left_out = "".join(f" ({note})" for note in self.source.notes)
            text = f"it has no inputs{left_out}: check the path, and the suffixes of the files."
            found("", text)
        if problems:
            raise SourceError(self.source.name, problems, count - len(problems))
        return columns

    def _schema(self, columns: Mapping[str, Any]) -> pa.Schema:
        return schema_of(self.layout, self.encoder, columns, {})

    def _encode(self, index: Index) -> None:
        """Encode the items that have no row yet, shard by shard."""
        with closing(self._rows(index)) as rows, self._shards(index) as add:
            for row in rows:
                if isinstance(row, Item):
                    self.report.kept += 1
                else:
                    self._count(row)
                    add(row)
                self.progress(self.report)

    def _count(self, row: Row) -> None:
        if row.code is None:
            self.report.done += 1
            self.report.hours += (row.duration or 0.0) / 3600
            self.report.bytes += row.size
        else:
            self.report.new_failures[row.code] += 1

    @contextmanager
    def _shards(self, index: Index) -> Iterator[Callable[[Row], None]]:
        """Give a function that adds a row; complete the last shard at the end.

        After an interrupt or an error of the source, too, the rows that were added are kept.
        """
        current: ShardWriter | None = None

        def add(row: Row) -> None:
            nonlocal current
            if current is not None and current.is_full:
                full, current = current, None
                self._commit(index, full)
            if current is None:
                current = ShardWriter(self.files, self.layout, self.schema)
            current.add(row)

        try:
            yield add
        except CorpusError:  # the disk is full, for example
            if current is not None:
                current.abandon()
            raise
        except BaseException:
            if current is not None and current.rows:
                self._commit(index, current)
            raise
        if current is not None and current.rows:
            self._commit(index, current)

    def _commit(self, index: Index, shard: ShardWriter) -> None:
        """Make a shard live, and take the rows that it replaces out of other shards."""
        try:
            shard.close()
        except CorpusError:
            shard.abandon()
            raise
        replaced: dict[str, list[str]] = {}
        for identity, _, _ in shard.rows:
            known = index.find(identity)
            if known is not None:
                replaced.setdefault(known.shard, []).append(identity)
        self._change(index, {shard.name: shard.rows}, replaced)

    def _change(
        self,
        index: Index,
        written: dict[str, list[tuple[str, str, str | None]]],
        without: Mapping[str, Collection[str]],
    ) -> None:
        """Make shards live, and take some ids out of others, as one change."""
        rewritten = [name for name, ids in without.items() if rewrite(self.files, name, ids)]
        removed = [name for name in without if name not in rewritten]
        self.files.commit([*written, *rewritten], removed)
        paths = {name: self.files.shards / name for name in (*written, *rewritten)}
        index.change(
            {name: (path, written.get(name) or keys_of(path)) for name, path in paths.items()},
            removed,
        )

    def _remove_gone(self, index: Index) -> None:
        """Remove the rows whose items are no longer in the source."""
        for shard, ids in index.gone():
            self._change(index, {}, {shard: ids})
            self.report.removed += len(ids)

    def _rows(self, index: Index) -> Generator[Item | Row, None, None]:
        """Yield a row for each item that is encoded, and the item itself if its row is kept."""
        wanted = ((item, index.find(item.id)) for item in self._items())
        if self.content == "hash":
            yield from self._encoded(((item, known, None) for item, known in wanted))
            return
        # Items whose rows are kept need no worker. Rows come in the order of the items.
        for item, known in wanted:
            text = content_of(item, "stat")
            if self._is_kept(item, known, text):
                yield item
                continue
            rest = self._chained((item, known, text), wanted)
            yield from self._encoded(rest)

    def _items(self) -> Iterator[Item]:
        """Yield the items of this part, which `_checked` has read before.

        Raises
        ------
        SourceError
            The source has changed since then.
        """
        for item in self.source.items():
            if isinstance(item, Problem):
                raise SourceError(self.source.name, [item])
            if self.part.has(item.id):
                yield item

    def _chained(
        self, first: tuple[Item, Known | None, str], wanted: Iterator[tuple[Item, Known | None]]
    ) -> Iterator[tuple[Item, Known | None, str | None]]:
        yield first
        for item, known in wanted:
            yield item, known, content_of(item, "stat")

    def _encoded(
        self, jobs: Iterator[tuple[Item, Known | None, str | None]]
    ) -> Iterator[Item | Row]:
        if self.options["isolate"]:
            yield from self._isolated(jobs)
            return
        encode = returnable(self._row)
        results = ordered_map(
            encode,
            jobs,
            workers=self.options["workers"],
            on_error="raise",
            prepare=self.encoder.prepare,
        )
        with closing(results):
            yield from results  # type: ignore[misc] # errors are rows

    def _is_kept(self, item: Item, known: Known | None, content: str) -> bool:
        if known is None or known.key != self._key(item, content):
            return False
        return known.code is None or not {known.code, "all"} & self.retry

    def _key(self, item: Item, content: str) -> str:
        return key_of(item, self.encoder.digest, self.layout.dtype, content)

    def _row(self, job: tuple[Item, Known | None, str | None]) -> Item | Row:
        """Return the row of an item, or the item if its row is kept."""
        item, known, content = job
        if content is None:
            content = content_of(item, self.content)
        if self._is_kept(item, known, content):
            return item
        with collected() as facts:
            try:
                result = self.encoder._encode(input_of(item, self.encoder))
            except EncodeError as problem:
                result = problem
        row = self._row_of(item, content, result)
        rate = facts.get("rate")
        return replace(
            row, duration=facts.get("duration"), rate=None if rate is None else int(rate)
        )

    def _isolated(
        self, jobs: Iterator[tuple[Item, Known | None, str | None]]
    ) -> Iterator[Item | Row]:
        """Encode in worker processes; the facts of an input stay in them."""
        waiting: deque[tuple[Item, str, Item | Row | None]] = deque()  # None: a process encodes it

        def inputs() -> Iterator[Any]:
            for item, known, content in jobs:
                text = content_of(item, self.content) if content is None else content
                done: Item | Row | None = item if self._is_kept(item, known, text) else None
                if done is None:
                    try:
                        value = input_of(item, self.encoder)
                    except EncodeError as problem:
                        done = Row.failed(item, text, self._key(item, text), problem)
                waiting.append((item, text, done))
                if done is None:
                    yield value

        options = {name: self.options[name] for name in ("workers", "timeout")}
        results = self.encoder.map(inputs(), on_error="return", isolate=True, **options)
        with closing(results):  # type: ignore[type-var] # a generator
            for result in results:
                yield from _ready(waiting)
                item, text, _ = waiting.popleft()
                yield self._row_of(item, text, result)
        yield from _ready(waiting)

    def _row_of(self, item: Item, content: str, result: npt.NDArray[Any] | EncodeError) -> Row:
        """Return the row of an array or of an error."""
        key = self._key(item, content)
        if not isinstance(result, EncodeError):
            try:
                return Row(item, content, key, self.layout.frames(result), self.layout.flat(result))
            except EncodeError as problem:
                result = problem
        result.source = result.source or item.source
        return Row.failed(item, content, key, result)

    def _describe(self, described: Description) -> None:
        """Write corpus.json, with the counts of all live shards."""
        rows, codes = 0, Counter[str]()
        for name in self.files.live():
            count, failed = counts_of(self.files.shards / name)
            rows += count
            codes += failed
        replace(
            described,
            rows=rows,
            failed=codes.total(),
            codes=dict(sorted(codes.items())),
        ).write(self.folder)


def _ready(waiting: deque[tuple[Item, str, Item | Row | None]]) -> Iterator[Item | Row]:
    """Take and yield the items and rows that are done, up to the first that is not."""
    while waiting and (done := waiting[0][2]) is not None:
        waiting.popleft()
        yield done

"""encode: encodes the items of a source into the shards of a corpus, and resumes an earlier run."""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from netencoders import NetEncoder
from netencoders.batches import worker_count
from netencoders.errors import nearest, printable
from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.changes import Changes
from netencoders_corpus.description import Description, read_description
from netencoders_corpus.embedded import EmbeddedReader
from netencoders_corpus.errors import CorpusError, DamagedShardError
from netencoders_corpus.files import FORMATS, Files, reported
from netencoders_corpus.index import AT_ONCE, Index, Known
from netencoders_corpus.interrupts import whole
from netencoders_corpus.items import Item, content_of
from netencoders_corpus.layout import layout_of
from netencoders_corpus.locks import Part, describing, part_of, writer
from netencoders_corpus.reading import ShardPaths, counts_of, keys_of
from netencoders_corpus.report import CorpusReport
from netencoders_corpus.rows import Row, column_of, labels_of, passed_columns, schema_of
from netencoders_corpus.sources import Source, open_source
from netencoders_corpus.sourcing import Content, items_of, read_source
from netencoders_corpus.work import Encoding, Job, Kept, Options, job_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["encode"]

Progress = Callable[[CorpusReport], object]


def encode(
    encoder: NetEncoder,
    source: str | os.PathLike[str] | Source,
    out: str | os.PathLike[str],
    *,
    workers: int | None = None,
    dtype: Literal["float32", "float16"] = "float32",
    content: Literal["stat", "hash"] = "stat",
    format: Literal["parquet", "npy"] = "parquet",  # noqa: A002 - the word of the command
    isolate: bool = False,
    timeout: float | None = None,
    retry: Collection[str] = (),
    update: bool = False,
    repair: bool = False,
    part: Part | None = None,
    column: str | None = None,
    progress: Progress | None = None,
) -> CorpusReport:
    """Encode the items of a source into the shards of a corpus; resume an earlier run.

    A row that exists is kept if its key is the same: the sha256 of the digest of the encoder, the
    type, the content of the file, and the segment. Rows of items that changed are replaced, and
    rows of items that are no longer in the source are removed. If only other columns of an item
    have changed, such as a transcript, its row gets them, and is not encoded again. An item that
    cannot be encoded is a row with its code and message.

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
    format : {"parquet", "npy"}
        Store the arrays in the column ``features`` of the Parquet files, or in .npy files of their
        own, which can be mapped into memory.
    isolate : bool
        Encode in worker processes, as `NetEncoder.map` does.
    timeout : float, optional
        With `isolate`: the time limit for one input in s, by default 600.
    retry : collection of str
        Codes of failed rows that are encoded again; ``"all"`` for all codes.
    update : bool
        Encode all rows again if the encoder has changed, which is refused otherwise.
    repair : bool
        Remove shards that are damaged, which are refused otherwise, and encode their rows again.
    part : Part, optional
        Only the items of this part; other processes may encode other parts at the same time.
    column : str, optional
        The column of a manifest that holds the paths.
    progress : callable, optional
        ``progress(report)`` is called again and again, and at the end.

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
    if format not in FORMATS:
        raise CorpusError(f"format must be 'parquet' or 'npy'. Got {format!r}.")
    if not isinstance(encoder, NetEncoder):
        raise TypeError(
            f'encoder must be a NetEncoder, such as NetEncoder("AudioMFCC"). Got {encoder!r}.'
        )
    part = part_of(part)
    worker_count(workers)
    opened = source if isinstance(source, Source) else open_source(source, column=column)
    described = Description.of(encoder, dtype, content, format, opened.name)
    folder = Path(os.path.abspath(out))  # the current folder may change
    run = _Run(encoder, opened, folder, part, described)
    return run.start(
        Options(content, workers, isolate, 600.0 if timeout is None else timeout),
        frozenset([retry] if isinstance(retry, str) else retry),
        progress or (lambda report: None),
        update=update,
        repair=repair,
    )


class _Run:
    """One run of `encode`."""

    def __init__(
        self, encoder: NetEncoder, source: Source, folder: Path, part: Part, described: Description
    ) -> None:
        self.encoder, self.source, self.folder, self.part = encoder, source, folder, part
        self.described = described
        self.layout = layout_of(encoder, described.dtype)
        self.files = Files(folder, part.name)
        self.report = CorpusReport()
        self._spills = itertools.count()

    def start(
        self,
        options: Options,
        retry: frozenset[str],
        progress: Progress,
        *,
        update: bool,
        repair: bool,
    ) -> CorpusReport:
        """Encode; see `encode`."""
        described, report = self.described, self.report
        _refuse_other_files(self.folder)
        _refuse_other_corpus(described, self.encoder, self.folder, update=update)
        with writer(self.folder, self.part):
            self.files.make(described.format)
            self.files.recover()
            self._refuse_other_division()
            with Index(self.folder / f"index-{self.part.name}.sqlite") as index:
                self._read_shards(index, repair=repair)
                content = read_source(self.source, self.part, index)
                report.total = content.total
                report.notes = (*self.source.notes, *_unused(retry, index.failures()))
                # A source that is not valid begins no corpus.
                with describing(self.folder):  # another part may have begun it
                    if _refuse_other_corpus(described, self.encoder, self.folder, update=update):
                        described.write(self.folder, self._temporary())
                schema = schema_of(self.layout, self.encoder, content.columns, described.format)
                changes = Changes(self.files, index, self.layout, schema)
                try:
                    with changes.run():
                        self._encode(index, changes, schema, content, options, retry, progress)
                    for shard, ids in index.gone():
                        changes.remove(shard, ids)
                        report.removed += len(ids)
                except CorpusError:
                    self.files.clean()
                    with suppress(CorpusError):  # the disk is full: the first error is raised
                        self._finish(index)
                    raise
                except BaseException as problem:
                    report.interrupted = isinstance(problem, KeyboardInterrupt)
                    self._finish(index)
                    raise
                self._finish(index)
        progress(report)
        return report

    def _finish(self, index: Index) -> None:
        """Complete the report and corpus.json."""
        with whole():
            self.report.failed = index.failures()
            self.report.seconds = time.monotonic() - self.report.begun
            self._describe()

    def _temporary(self) -> Path:
        return self.files.temporary("corpus.json")

    def _refuse_other_division(self) -> None:
        """Refuse a part of a corpus that was divided into another number of parts."""
        if self.part.count == 1:
            return
        end = f"-of-{self.part.count:05d}"
        others = [name for name in self.files.live() if end not in name]
        if others:
            raise CorpusError(
                f"{printable(str(self.folder))}: the shard {others[0]} belongs to another division "
                f"into parts than {self.part.number}/{self.part.count}. Use the same number of "
                "parts, or none."
            )

    def _read_shards(self, index: Index, *, repair: bool) -> None:
        """Bring the index up to date, and remove damaged shards if it is asked for.

        Raises
        ------
        CorpusError
            A shard is damaged, or is none.
        """
        names = self.files.live()
        if self.part.count > 1:
            names = [name for name in names if name.startswith(self.part.name)]
        with reported(self.files.shards, "read"):
            problems = index.update(
                {name: ShardPaths.live(self.folder, name) for name in names}, keys_of
            )
        damaged = [problem for problem in problems if isinstance(problem, DamagedShardError)]
        if repair and len(damaged) == len(problems):
            with whole():
                self.files.commit([], [os.path.basename(problem.path) for problem in damaged])
        elif len(problems) == 1:
            raise problems[0]
        elif problems:
            lines = "".join(f"\n  {problem}" for problem in problems)
            raise CorpusError(f"{len(problems)} shards cannot be read:{lines}")

    def _encode(
        self,
        index: Index,
        changes: Changes,
        schema: pa.Schema,
        content: Content,
        options: Options,
        retry: frozenset[str],
        progress: Progress,
    ) -> None:
        """Encode the items that have no row yet, or another one."""
        report, passed = self.report, passed_columns(schema)
        limited = self.described.format == "parquet"
        work = Encoding(self.encoder, options, self.layout, self._spill, limited=limited)
        relabelled: set[str] = set()  # of rows that a worker may keep

        def jobs() -> Iterator[Job]:
            wanted = items_of(self.source, self.part, content)
            while batch := list(itertools.islice(wanted, AT_ONCE)):
                known = index.find([item.id for item in batch])
                labels = _labels(batch, passed) if known else [""] * len(batch)
                for item, label in zip(batch, labels, strict=True):
                    needed = job(item, label, known.get(item.id))
                    if needed is not None:
                        yield needed
                progress(report)

        def job(item: Item, label: str, row: Known | None) -> Job | None:
            text = content_of(item, "stat") if options.content == "stat" else None
            key = None
            if row is not None and not (row.code is not None and {row.code, "all"} & retry):
                key = row.key
                if text is not None and key == work.key(item, text):
                    kept(item, label != row.label)
                    return None
                if label != row.label:
                    relabelled.add(item.id)
            return job_of(item, key, text, reader)

        def kept(item: Item, is_relabelled: bool) -> None:
            report.kept += 1
            if is_relabelled:
                report.relabelled += 1
                changes.relabel(item)

        def take(row: Row | Kept) -> None:
            is_relabelled = row.item.id in relabelled
            relabelled.discard(row.item.id)
            if isinstance(row, Row):
                report.count(row.code, row.duration, row.size)
                changes.add(row)
            else:
                kept(row.item, is_relabelled)

        with EmbeddedReader() as reader, closing(work.rows(jobs())) as chunks:
            for rows in chunks:
                with whole():
                    for row in rows:
                        take(row)
                progress(report)

    def _spill(self) -> Path:
        """Return the path of a new temporary file for a long recording."""
        return self.files.temporary(f"long-{next(self._spills)}")

    def _describe(self) -> None:
        """Write corpus.json, with the counts of all live shards."""
        with describing(self.folder):
            rows, codes = 0, Counter[str]()
            for name in self.files.live():
                count, failed = counts_of(self.files.shards / name)
                rows += count
                codes += failed
            described = replace(
                self.described,
                rows=rows,
                failed=codes.total(),
                codes=dict(sorted(codes.items())),
            )
            described.write(self.folder, self._temporary())


def _unused(retry: Collection[str], failures: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each code to retry that no failed row has."""
    for code in sorted({*retry} - {"all", *failures}):
        yield f"no failed row has the code {code!r}, which is retried.{nearest(code, failures)}"


def _labels(items: list[Item], passed: Sequence[pa.Field]) -> list[str]:
    """Return the labels that the rows of some items would have."""
    columns = [column_of(items, field) for field in passed]
    return labels_of([item.source for item in items], passed, columns)


def _refuse_other_corpus(
    described: Description, encoder: NetEncoder, folder: Path, *, update: bool
) -> bool:
    """Refuse a corpus of another encoder, and return whether its description must be written."""
    before = read_description(folder)
    if before is None:
        return True
    described.check_same(before, encoder, folder, update=update)
    return before.digest != described.digest


def _refuse_other_files(folder: Path) -> None:
    """Refuse a folder that holds something else."""
    known = {"corpus.json", "shards", "values", "partial", "locks"}
    if folder.is_dir() and not (folder / "corpus.json").exists():
        with reported(folder, "read"):
            names = sorted(name for name in os.listdir(folder) if name not in known)
        names = [name for name in names if not name.startswith("index-")]
        if names:
            raise CorpusError(
                f"{printable(str(folder))}: the folder holds other files, such as "
                f"{printable(names[0])}. Choose an empty or a new folder."
            )

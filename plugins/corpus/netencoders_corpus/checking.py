"""Checking: reads every input of a source to its end, and stores nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from netencoders import EncodeError, NetEncoder, check_stop
from netencoders.calls import returnable
from netencoders.facts import collected
from netencoders_corpus.embedded import EmbeddedReader
from netencoders_corpus.index import Index
from netencoders_corpus.items import input_of, of_item, source_of
from netencoders_corpus.locks import Part, part_of
from netencoders_corpus.report import CorpusReport
from netencoders_corpus.rows import Row, stated
from netencoders_corpus.sources import Source, open_source
from netencoders_corpus.sourcing import items_of, read_source
from netencoders_corpus.work import Job, Options, Work, job_of

__all__ = ["check"]


class _Reading(Work):
    """Reads items to their ends, and drops their arrays."""

    def row(self, job: Job) -> Row:
        """Return a row without an array."""
        item = job.item
        with collected() as facts:
            try:
                returnable(self._read)(job)
            except EncodeError as problem:
                if problem.code == "cancelled":
                    raise
                problem.source = source_of(item, problem)
                return Row.failed(item, "", "", problem, facts)
        return Row(item, "", "", None, None, None, None, *stated(facts))

    def _read(self, job: Job) -> None:
        value = input_of(job.item, self.encoder, job.stored_bytes())
        with of_item(job.item, self.encoder), closing(self.stream(value)) as blocks:  # type: ignore[type-var] # a generator
            for _ in blocks:
                check_stop()


def check(
    encoder: NetEncoder,
    source: str | os.PathLike[str] | Source,
    *,
    workers: int | None = None,
    isolate: bool = False,
    timeout: float | None = None,
    part: Part | None = None,
    column: str | None = None,
    failed: Callable[[Row], object] = lambda row: None,
    progress: Callable[[CorpusReport], object] = lambda report: None,
) -> CorpusReport:
    """Read every input of a source to its end, and store nothing.

    Parameters
    ----------
    encoder : NetEncoder
        ``NetEncoder("Audio")`` decodes recordings, and computes nothing else.
    source, workers, isolate, timeout, part, column, progress
        As for `encode`.
    failed : callable, optional
        ``failed(row)`` is called for each input that cannot be encoded.

    Returns
    -------
    CorpusReport

    Raises
    ------
    SourceError
        The source is not valid; the message lists every problem.
    """
    opened = source if isinstance(source, Source) else open_source(source, column=column)
    part = part_of(part)
    report = CorpusReport()
    options = Options("stat", workers, isolate, 600.0 if timeout is None else timeout)

    with tempfile.TemporaryDirectory() as folder, Index(Path(folder) / "index.sqlite") as index:
        content = read_source(opened, part, index)
    report.total, report.notes = content.total, opened.notes

    def jobs() -> Iterator[Job]:
        with EmbeddedReader() as reader:
            for item in items_of(opened, part, content):
                yield job_of(item, None, None, reader)

    with closing(_Reading(encoder, options).rows(jobs())) as chunks:
        for rows in chunks:
            for row in rows:
                if isinstance(row, Row):  # not Kept: no row is
                    report.count(row.code, row.duration, 0)
                    if row.code is not None:
                        failed(row)
            progress(report)
    report.failed = dict(sorted(report.new_failures.items()))
    return report

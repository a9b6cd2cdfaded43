"""Progress: a bar on a terminal, else a line a minute."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from netencoders.cli import console
from netencoders_corpus.report import CorpusReport

__all__ = ["progress"]

INTERVAL: Final = 60.0  # seconds between two lines


@contextmanager
def progress(*, wanted: bool) -> Iterator[Any]:
    """Yield the function that shows a `CorpusReport`."""
    if not wanted:
        yield lambda report: None
    elif sys.stderr is not None and sys.stderr.isatty():
        # Late: a script has no terminal.
        from tqdm import tqdm

        with tqdm(unit="row", file=sys.stderr, leave=False, dynamic_ncols=True) as bar:
            yield _Bar(bar)
    else:
        yield _Lines()


class _Bar:
    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __call__(self, report: CorpusReport) -> None:
        bar = self._bar
        bar.total = report.total
        moved = report.finished - bar.n
        if moved and bar.update(moved):  # it draws ten times a second at most
            bar.set_postfix_str(_numbers(report), refresh=False)


class _Lines:
    def __init__(self) -> None:
        self._next = time.monotonic() + INTERVAL

    def __call__(self, report: CorpusReport) -> None:
        now = time.monotonic()
        if now < self._next or report.finished == report.total:
            return
        self._next = now + INTERVAL
        console.say(
            f"{report.finished} of {report.total} rows, {_numbers(report)}, {_left(report)}"
        )


def _numbers(report: CorpusReport) -> str:
    failed = sum(report.new_failures.values())
    minutes = max(report.seconds, 1e-9) / 60
    parts = [f"{report.rate:.1f} rows/s"]
    parts += [f"{report.hours / minutes:.2f} audio hours/min"] if report.hours else []
    return ", ".join([*parts, f"{failed} failed"])


def _left(report: CorpusReport) -> str:
    if not report.rate:
        return "time left unknown"
    seconds = round((report.total - report.finished) / report.rate)
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02d}:{seconds % 60:02d} left"

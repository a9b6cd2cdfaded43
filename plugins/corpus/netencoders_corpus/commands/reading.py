"""The actions that read a corpus: ``status``, ``failures``, ``statistics`` and ``verify``."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from netencoders.cli import console, facts
from netencoders.cli.options import add_output
from netencoders.cli.targets import check_targets
from netencoders.errors import printable
from netencoders_corpus.commands.encoding import failure_table
from netencoders_corpus.locks import writers

__all__ = [
    "add_failures",
    "add_report",
    "add_statistics",
    "add_status",
    "add_verify",
    "failures",
    "report",
    "status",
    "verify_rows",
    "write_statistics",
]


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", metavar="DIR", help="the corpus")


def add_status(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `status`."""
    _add_folder(parser)


def status(options: argparse.Namespace) -> int:
    """Print the numbers of a corpus."""
    from netencoders_corpus.corpus import Corpus  # late: an extra

    corpus = Corpus(options.corpus)
    described = corpus.description
    codes: Counter[str] = Counter()
    seconds = 0.0
    frames = rows = 0
    for _, shard in corpus.shards():
        for group in range(shard.groups):
            table = shard.table(group, ["frames", "code", "duration"])
            rows += table.num_rows
            codes.update(code for code in table["code"].to_pylist() if code is not None)
            frames += sum(count or 0 for count in table["frames"].to_pylist())
            seconds += sum(length or 0 for length in table["duration"].to_pylist())
    failed = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    now = writers(corpus.folder)
    lines = [
        ("rows", f"{rows}"),
        ("failed", f"{codes.total()}{f' ({failed})' if failed else ''}"),
        ("frames", f"{frames}"),
        ("hours of audio", f"{seconds / 3600:.2f}" if seconds else "unknown"),
        ("shards", f"{sum(1 for _ in corpus.shards())} ({described.format}, {described.dtype})"),
        ("content", described.content),
        ("source", described.source),
        ("encoder", described.encoder["encoder"]),
        ("digest", described.digest),
        ("written now", ", ".join(now) if now else "no"),
    ]
    console.out(facts.table(("", printable(str(corpus.folder))), lines))
    return 0


def add_failures(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `failures`."""
    _add_folder(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def failures(options: argparse.Namespace) -> int:
    """Print the rows that failed."""
    from netencoders_corpus.corpus import Corpus  # late: an extra

    rows = Corpus(options.corpus).failures
    if options.json:
        names = ("source", "start", "stop", "channel", "code", "message")
        for row in rows:
            chosen = {"id": row.id} | {name: row.columns[name] for name in names}
            console.out(json.dumps(chosen, ensure_ascii=False))
    elif rows:
        table = [(row.id, row.columns["code"], row.columns["message"]) for row in rows]
        console.out(failure_table(table))
    else:
        console.say("no row has failed")
    return 0


def add_statistics(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `statistics`."""
    _add_folder(parser)
    add_output(parser, "a spec with the layer Affine, .yaml; or the arrays, .npz")


def write_statistics(options: argparse.Namespace) -> int:
    """Write the mean and the deviation of each feature."""
    from netencoders_corpus.feature_statistics import statistics  # late: an extra

    check_targets([Path(options.output)], [], force=options.force)
    found = statistics(options.corpus)
    found.write(Path(options.output), force=options.force)
    console.out(f"{printable(options.output)}  {found.count} frames, {found.mean.size} features")
    return 0


def _add_source(parser: argparse.ArgumentParser) -> None:
    _add_folder(parser)
    parser.add_argument(
        "source",
        nargs="?",
        metavar="SOURCE",
        help="the folder or the manifest (default: that of corpus.json)",
    )
    parser.add_argument("--column", metavar="NAME", help="the column of a manifest with the paths")


def add_report(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `report`."""
    _add_source(parser)
    add_output(parser, "the page, a .html file")


def report(options: argparse.Namespace) -> int:
    """Write a page that shows a corpus."""
    from netencoders_corpus.page import write_page  # late: an extra

    check_targets([Path(options.output)], [], force=options.force)
    write_page(options.corpus, options.output, source=options.source, column=options.column)
    console.out(printable(options.output))
    return 0


def add_verify(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `verify`."""
    _add_source(parser)
    parser.add_argument(
        "--rows", type=int, default=20, metavar="N", help="the number of rows (default: 20)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="chooses other rows (default: 0)"
    )


def verify_rows(options: argparse.Namespace) -> int:
    """Encode some rows again; the exit code is 1 if bits differ."""
    from netencoders_corpus.verification import verify  # late: an extra

    found = verify(
        options.corpus,
        options.rows,
        seed=options.seed,
        source=options.source,
        column=options.column,
    )
    if not found:
        console.say("there is no row to compare")
        return 0
    lines = [(each.id, each.state, each.text) for each in found]
    console.out(facts.table(("id", "state", "difference"), lines))
    counts = Counter(each.state for each in found)
    console.say(", ".join(f"{count} {state}" for state, count in sorted(counts.items())))
    return 1 if counts["different"] else 0

"""The actions ``encode`` and ``check``."""

from __future__ import annotations

import argparse
import signal
from typing import Any

from netencoders import registry
from netencoders.cli import console, facts
from netencoders.cli.commands import chosen_encoder
from netencoders.cli.options import (
    add_encoder,
    add_isolation,
    add_policies,
    given_policies,
    read_isolation,
)
from netencoders.policies import policies
from netencoders_corpus.commands.progress import progress
from netencoders_corpus.locks import read_part

__all__ = ["add_check", "add_encode", "check", "encode", "failure_table"]

INTERRUPTED = "interrupted: the rows that were encoded are kept, and the same command goes on"


def _add_source(parser: argparse.ArgumentParser, default: str) -> None:
    # Late: other commands read no sources.
    from netencoders_corpus.sources.arguments import add_source_arguments

    add_source_arguments(parser)
    add_encoder(parser, default)
    add_policies(parser, [policy for _, policy in registry.declared_policies().values()])
    parser.add_argument("--part", metavar="N/COUNT", help="one of several parts, such as 3/16")
    add_isolation(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")


def add_encode(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `encode`."""
    _add_source(parser, DEFAULT)
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="the corpus, which a later run resumes"
    )
    parser.add_argument(
        "--retry",
        action="append",
        default=[],
        metavar="CODE",
        help="encode failed rows of this code again; all for all codes; may be repeated",
    )
    parser.add_argument(
        "--update", action="store_true", help="encode all rows again if the encoder has changed"
    )
    parser.add_argument(
        "--repair", action="store_true", help="remove damaged shards, and encode their rows again"
    )
    parser.add_argument(
        "--dtype",
        choices=("float32", "float16"),
        default="float32",
        help="the type of the stored numbers; float16 needs a logarithm (default: float32)",
    )
    parser.add_argument(
        "--content",
        choices=("stat", "hash"),
        default="stat",
        help="a file has changed if its size or its time has, or if its bytes have (default: stat)",
    )
    parser.add_argument(
        "--format",
        choices=("parquet", "npy"),
        default="parquet",
        help="where the arrays are stored (default: parquet)",
    )


DEFAULT = "AudioSpectrogram"


def encode(options: argparse.Namespace) -> int:
    """Encode a source into a corpus."""
    from netencoders_corpus.encoding import encode as run  # late: an extra
    from netencoders_corpus.sources.arguments import given_source

    encoder, arguments = chosen_encoder(options), _arguments(options)
    try:
        with (
            policies(given_policies(options)),
            progress(wanted=not options.quiet) as shown,
        ):
            report = run(
                encoder,
                given_source(options),
                options.output,
                dtype=options.dtype,
                content=options.content,
                format=options.format,
                retry=options.retry,
                update=options.update,
                repair=options.repair,
                progress=shown,
                **arguments,
            )
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt, INTERRUPTED)
    for line in (*report.notes, str(report)):
        console.say(line)
    if report.failed:
        console.say(f"netencoders corpus failures {options.output}  lists them")
    return 3 if report.failed else 0


def add_check(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `check`."""
    _add_source(parser, "Audio")


def check(options: argparse.Namespace) -> int:
    """Read every input of a source to its end."""
    from netencoders_corpus.checking import check as run  # late: an extra
    from netencoders_corpus.sources.arguments import given_source

    encoder, arguments = chosen_encoder(options, "Audio"), _arguments(options)
    rows: list[tuple[str, str, str]] = []
    try:
        with policies(given_policies(options)), progress(wanted=not options.quiet) as shown:
            report = run(
                encoder,
                given_source(options),
                failed=lambda row: rows.append((row.item.id, row.code or "", row.message or "")),
                progress=shown,
                **arguments,
            )
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt, "interrupted")
    if rows:
        console.out(failure_table(rows))
    for line in (*report.notes, str(report).replace("encoded, 0 kept", "read")):
        console.say(line)
    return 3 if rows else 0


def failure_table(rows: list[tuple[str, str, str]]) -> str:
    """Return a table of ids, codes and messages."""
    return facts.table(("id", "code", "message"), rows)


def _arguments(options: argparse.Namespace) -> dict[str, Any]:
    workers, timeout = read_isolation(options)
    return {
        "workers": workers,
        "isolate": options.isolate,
        "timeout": timeout,
        "part": None if options.part is None else read_part(options.part),
    }


def _interrupted(interrupt: KeyboardInterrupt, text: str) -> int:
    console.say(text)
    number = interrupt.args[0] if interrupt.args else None
    return 128 + (number if isinstance(number, int) else signal.SIGINT)

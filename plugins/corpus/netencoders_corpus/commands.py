"""The command ``netencoders corpus``: its subcommands and their arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from netencoders import Command, NetEncoder
from netencoders.cli.commands import DEFAULT_ENCODER, read_parameters
from netencoders_corpus.sources.arguments import add_source_arguments, given_source

__all__ = ["COMMAND"]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    subparsers = parser.add_subparsers(metavar="ACTION", required=True)
    _add_encode(subparsers.add_parser("encode", help="encode a folder or a manifest"))


def _add_encode(parser: argparse.ArgumentParser) -> None:
    add_source_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="the corpus")
    parser.add_argument("-e", "--encoder", metavar="NAME", default=DEFAULT_ENCODER)
    parser.add_argument("-p", dest="parameters", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--workers", type=int, metavar="N")
    parser.set_defaults(corpus_run=_encode)


def _encode(options: argparse.Namespace) -> int:
    from netencoders_corpus.encoding import encode  # late: an extra

    encoder = NetEncoder(options.encoder, **read_parameters(options.parameters))
    source = given_source(options)
    report = encode(encoder, source, options.output, workers=options.workers)
    sys.stderr.write("".join(f"{line}\n" for line in (*report.notes, report)))
    return 3 if report.failed else 0


def _run(options: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace], int] = options.corpus_run
    return run(options)


COMMAND = Command("corpus", "encode folders and manifests into a corpus", _run, _add_arguments)

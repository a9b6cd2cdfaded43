"""The arguments of a command that reads a source."""

from __future__ import annotations

import argparse

from netencoders.cli.console import UsageError
from netencoders_corpus.sources.base import Source
from netencoders_corpus.sources.kinds import KINDS, open_source

__all__ = ["add_source_arguments", "given_source"]


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add SOURCE, ``--files-from``, ``--column`` and ``--kind``."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        nargs="?",
        help="a folder, a pattern, a manifest, or - for a list of paths on standard input",
    )
    parser.add_argument(
        "--files-from", metavar="FILE", help="a list: one path a line, or ended by NUL bytes"
    )
    parser.add_argument("--column", metavar="NAME", help="the column of a manifest with the paths")
    parser.add_argument("--kind", choices=[*KINDS], help="the kind, instead of that of the content")


def given_source(options: argparse.Namespace) -> Source:
    """Return the source of parsed arguments.

    Raises
    ------
    UsageError
        There is no source, or there are two.
    SourceError
        See `open_source`.
    """
    listed: str | None = options.files_from
    if (options.source is None) == (listed is None):
        raise UsageError("name one source: SOURCE, or --files-from FILE")
    if listed is None:
        return open_source(options.source, column=options.column, kind=options.kind)
    if options.kind not in (None, "list"):
        raise UsageError(f"--files-from is a list, not {options.kind} (leave --kind out)")
    return open_source(listed, column=options.column, kind="list")

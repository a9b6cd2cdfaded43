"""The command ``netencoders corpus``: its actions and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from netencoders_corpus.commands import encoding, reading

__all__ = ["add_arguments"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions of the command ``corpus``."""
    subparsers = parser.add_subparsers(metavar="ACTION", required=True)

    def action(
        name: str,
        text: str,
        add: Callable[[argparse.ArgumentParser], None],
        run: Callable[[argparse.Namespace], int],
    ) -> None:
        added = subparsers.add_parser(name, help=text, description=f"{text.capitalize()}.")
        add(added)
        added.set_defaults(corpus_run=run)

    action("encode", "encode a source into a corpus", encoding.add_encode, encoding.encode)
    action("check", "read every input to its end", encoding.add_check, encoding.check)
    action("status", "show the numbers of a corpus", reading.add_status, reading.status)
    action("failures", "list the rows that failed", reading.add_failures, reading.failures)
    text = "write the mean and the deviation of each feature"
    action("statistics", text, reading.add_statistics, reading.write_statistics)
    text = "encode some rows again, and compare the bits"
    action("verify", text, reading.add_verify, reading.verify_rows)
    action("report", "write a page that shows a corpus", reading.add_report, reading.report)

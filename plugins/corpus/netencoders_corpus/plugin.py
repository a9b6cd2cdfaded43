"""The plugin of corpora: its command, which comes by the hook register_commands.

Every process that uses an encoder imports this module, so the actions are imported when they run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netencoders import Command, hookimpl

if TYPE_CHECKING:
    import argparse

__all__ = ["register_commands"]


@hookimpl
def register_commands(register: Callable[[Command], None]) -> None:
    """Register the command ``corpus``."""
    register(Command("corpus", "encode folders and manifests into a corpus", _run, _add_arguments))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    from netencoders_corpus.commands import add_arguments

    add_arguments(parser)


def _run(options: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace], int] = options.corpus_run
    return run(options)

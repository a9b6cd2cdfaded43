"""The plugin of corpora: its command, which comes by the hook register_commands."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import Command, hookimpl
from netencoders_corpus.commands import COMMAND

__all__ = ["register_commands"]


@hookimpl
def register_commands(register: Callable[[Command], None]) -> None:
    """Register the command ``corpus``."""
    register(COMMAND)

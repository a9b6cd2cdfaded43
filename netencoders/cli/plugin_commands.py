"""Runs the commands of plugins, and reports their bugs with the name of the plugin."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from netencoders.command import Command
from netencoders.errors import NetEncodersError
from netencoders.parameters import short
from netencoders.records import Provider

__all__ = ["PluginBugError", "add_arguments", "parse", "run"]


class PluginBugError(NetEncodersError):
    """The command of a plugin has a bug: it raised an unexpected exception."""

    def __init__(self, provider: Provider, command: Command, text: str) -> None:
        super().__init__(
            f"plugin {provider}: the command {command.name!r} {text} (this is a bug of the plugin, "
            "please report it there with the output of --debug)"
        )


def add_arguments(provider: Provider, command: Command, parser: argparse.ArgumentParser) -> None:
    """Let a plugin's command declare its arguments.

    Raises
    ------
    PluginBugError
        `add_arguments` of the command raises an exception.
    """
    _guarded(provider, command, lambda: command.add_arguments(parser))


def parse(
    provider: Provider, command: Command, parser: argparse.ArgumentParser, argv: Sequence[str]
) -> argparse.Namespace:
    """Return the arguments of a plugin's command, whose types and actions are its own code.

    Raises
    ------
    SystemExit
        After ``--help``.
    PluginBugError
        The plugin's code raises, or exits with another code than 0.
    """

    def action() -> argparse.Namespace | None:
        try:
            return parser.parse_args(argv)
        except SystemExit as end:
            if end.code:
                raise
            return None

    arguments: argparse.Namespace | None = _guarded(provider, command, action)
    if arguments is None:
        raise SystemExit
    # Here, and not as defaults, which the plugin could change.
    arguments.netencoders_run = partial(run, provider, command)
    arguments.netencoders_interrupted = "interrupted"
    arguments.netencoders_policies = {}
    return arguments


def run(provider: Provider, command: Command, options: argparse.Namespace) -> int:
    """Run a plugin's command, and return its exit code.

    Raises
    ------
    NetEncodersError, OSError
        As raised by the command.
    PluginBugError
        The command raises any other exception, or does not return an exit code.
    """
    code = _guarded(provider, command, lambda: command.run(options))
    if isinstance(code, bool) or not isinstance(code, int) or not 0 <= code <= 255:
        raise PluginBugError(provider, command, f"returned {short(code)}, not an exit code")
    return code


def _guarded(provider: Provider, command: Command, action: Callable[[], Any]) -> Any:
    try:
        return action()
    except (NetEncodersError, OSError):
        raise
    except (Exception, SystemExit) as bug:  # code of a plugin may raise anything
        raise PluginBugError(provider, command, f"raised {type(bug).__name__}: {bug}") from bug

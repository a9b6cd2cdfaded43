"""Run the commands of plugins, and tell their bugs from those of netencoders."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from netencoders.command import Command
from netencoders.errors import NetEncodersError
from netencoders.parameters import short
from netencoders.records import Provider

__all__ = ["PluginBugError", "add_arguments", "run"]


class PluginBugError(NetEncodersError):
    """The code of a plugin's command raised an exception that no user's mistake explains."""

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
        It raises.
    """
    _guarded(provider, command, lambda: command.add_arguments(parser))


def run(provider: Provider, command: Command, options: argparse.Namespace) -> int:
    """Run a plugin's command, and return its exit code.

    Raises
    ------
    NetEncodersError, OSError
        As raised by the command.
    PluginBugError
        It raises any other exception, or returns no exit code.
    """
    code = _guarded(provider, command, lambda: command.run(options))
    if isinstance(code, bool) or not isinstance(code, int) or not 0 <= code <= 255:
        raise PluginBugError(provider, command, f"returned {short(code)}, which is no exit code")
    return code


def _guarded(provider: Provider, command: Command, action: Callable[[], Any]) -> Any:
    try:
        return action()
    except (NetEncodersError, OSError):
        raise
    except (Exception, SystemExit) as bug:  # foreign code may raise anything
        raise PluginBugError(provider, command, f"raised {type(bug).__name__}: {bug}") from bug

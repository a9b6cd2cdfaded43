"""Command: a subcommand that a plugin adds to the command `netencoders`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netencoders.errors import PluginError
from netencoders.parameters import is_line, short

if TYPE_CHECKING:
    import argparse

__all__ = ["BUILT_IN_COMMANDS", "Command"]

BUILT_IN_COMMANDS = frozenset(
    {"diff", "encode", "explain", "import", "list", "plot", "plugins", "probe", "run", "show"}
    | {"verify"}
)

_NAME = re.compile("[a-z][a-z0-9-]{0,63}")


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


@dataclass(frozen=True)
class Command:
    """A subcommand of the command `netencoders`, for the hook `register_commands`.

    Parameters
    ----------
    name : str
        The word after ``netencoders``: lower-case letters, digits and hyphens.
    help : str
        One line, a phrase without a period: ``"count the frames of a file"``.
    run : callable
        ``run(options) -> int`` does the work. `options` is the `argparse.Namespace` of the parsed
        arguments, and the result is the exit code, 0 for success.
    add_arguments : callable, optional
        ``add_arguments(parser)`` declares the arguments on an `argparse.ArgumentParser`. It is
        called only if the user chooses this command.

    Raises
    ------
    PluginError
        A field is invalid.

    Notes
    -----
    If `run` raises a `NetEncodersError` or an `OSError`, the command prints it on one line. The
    exit code is 3 for an `EncodeError` (1 if its code is ``bug``) and 2 for other errors, as in the
    built-in commands. Any
    other exception is a bug of the plugin: the line names the plugin, and the exit code is 1.

    Examples
    --------
    >>> Command("hello", "print a greeting", run=lambda options: 0).name
    'hello'
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] = no_arguments

    def __post_init__(self) -> None:
        if not (is_line(self.name) and _NAME.fullmatch(self.name)):
            raise PluginError(
                "a command's name must be lower-case letters, digits and hyphens. "
                f"Got {short(self.name)}."
            )
        owner = f"command {self.name}"
        if not is_line(self.help):
            raise PluginError(f"'help' must be one line. Got {short(self.help)}.", plugin=owner)
        for field in ("run", "add_arguments"):
            given = getattr(self, field)
            if not callable(given):
                raise PluginError(
                    f"{field!r} must be a function. Got {short(given)}.", plugin=owner
                )

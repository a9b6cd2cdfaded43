"""What a plugin may implement. Hooks only grow: arguments are added, never removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

from netencoders.base import Encoder
from netencoders.command import Command
from netencoders.policies import Policy

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = [
    "hookimpl",
    "hookspec",
    "register_commands",
    "register_encoders",
    "register_hookspecs",
    "register_policies",
    "register_specs",
    "register_windows",
]

PROJECT = "netencoders"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Call `register` with each `Encoder` subclass that the plugin provides."""


@hookspec
def register_specs(register: Callable[[Traversable], None]) -> None:
    """Call `register` with the path of each YAML file of encoders that the plugin declares."""


@hookspec
def register_windows(register: Callable[..., None]) -> None:
    """Call `register` with name, function and revision (default 1) of each window of the plugin."""


@hookspec
def register_commands(register: Callable[[Command], None]) -> None:
    """Call `register` with each `Command` that the plugin adds to the command line."""


@hookspec
def register_policies(register: Callable[[Policy], None]) -> None:
    """Call `register` with each `Policy` that the command line is to offer for the plugin."""


@hookspec
def register_hookspecs(register: Callable[[object], None]) -> None:
    """Call `register` with each module or class that holds hook specifications of the plugin."""

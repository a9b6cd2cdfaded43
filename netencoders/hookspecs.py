"""The hooks that a plugin may implement.

A later version may add an argument to a hook, and never removes one.
"""

from __future__ import annotations

from collections.abc import Callable

import pluggy

from netencoders.base import Encoder
from netencoders.command import Command
from netencoders.decoder_base import Decoder
from netencoders.importer import Importer
from netencoders.layer_base import Layer
from netencoders.net_model import NetReader
from netencoders.policies import Policy

__all__ = [
    "hookimpl",
    "hookspec",
    "register_commands",
    "register_decoders",
    "register_encoders",
    "register_hookspecs",
    "register_importers",
    "register_layers",
    "register_net_readers",
    "register_policies",
    "register_specs",
    "register_windows",
]

PROJECT = "netencoders"

hookspec = pluggy.HookspecMarker(PROJECT)
"""Marks a function as the specification of a hook that other plugins implement."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook of the same name."""


@hookspec
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Call `register` with each `Encoder` subclass that the plugin provides."""


@hookspec
def register_layers(register: Callable[[type[Layer]], None]) -> None:
    """Call `register` with each `Layer` subclass that the plugin provides."""


@hookspec
def register_decoders(register: Callable[[type[Decoder]], None]) -> None:
    """Call `register` with each `Decoder` subclass that the plugin provides."""


@hookspec
def register_specs(register: Callable[..., None]) -> None:
    """Call `register` with the path of each YAML file of encoders, and a name to read it later."""


@hookspec
def register_windows(register: Callable[..., None]) -> None:
    """Call `register` with name, function and revision (default 1) of each window of the plugin."""


@hookspec
def register_commands(register: Callable[[Command], None]) -> None:
    """Call `register` with each `Command` that the plugin adds to the command line."""


@hookspec
def register_policies(register: Callable[[Policy], None]) -> None:
    """Call `register` with each `Policy` that the plugin adds to the command line."""


@hookspec
def register_importers(register: Callable[[Importer], None]) -> None:
    """Call `register` with each `Importer` of the plugin, for configs of another tool."""


@hookspec
def register_net_readers(register: Callable[[NetReader], None]) -> None:
    """Call `register` with each `NetReader`, which makes layers of nets from files or objects."""


@hookspec
def register_hookspecs(register: Callable[[object], None]) -> None:
    """Call `register` with each module or class that holds hook specifications of the plugin."""

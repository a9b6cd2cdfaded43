"""What a plugin may implement. Hooks only grow: arguments are added, never removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

from netencoders.base import Encoder

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["hookimpl", "register_encoders", "register_specs"]

PROJECT = "netencoders"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Call `register` with each `Encoder` subclass that the plugin provides."""


@hookspec
def register_specs(register: Callable[[Traversable], None]) -> None:
    """Call `register` with the path of each YAML file of encoders that the plugin declares."""

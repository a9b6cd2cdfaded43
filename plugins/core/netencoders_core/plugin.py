"""The entry point: registers the layers with netencoders."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import Layer, hookimpl
from netencoders_core.logarithm import Log
from netencoders_core.one_hot import OneHotMaximum
from netencoders_core.shape import Transpose
from netencoders_core.standardize import Standardize

__all__ = ["register_layers"]


@hookimpl
def register_layers(register: Callable[[type[Layer]], None]) -> None:
    """Register the layers."""
    register(Log)
    register(OneHotMaximum)
    register(Standardize)
    register(Transpose)

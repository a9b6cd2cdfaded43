"""The encoders that netencoders declares in YAML."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from importlib.resources.abc import Traversable

from netencoders import hookimpl


@hookimpl
def register_specs(register: Callable[[Traversable], None]) -> None:
    """Register the YAML file in the folder of this module."""
    register(files(__name__) / "audio.yaml")

"""The encoders that netencoders declares in YAML.

``audio.yaml`` has examples of each encoder; the folder ``models`` has the front end of a model in
each file.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

from netencoders import hookimpl


@hookimpl
def register_specs(register: Callable[..., None]) -> None:
    """Register the YAML files in the folder of this module."""
    folder = files(__name__)
    register(folder / "audio.yaml")
    for file in sorted((folder / "models").iterdir(), key=lambda file: file.name):
        register(file, file.name.removesuffix(".yaml"))

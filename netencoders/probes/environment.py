"""The parts of the environment that the values of an encoder depend on."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from netencoders.errors import PluginError

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["environment"]


def environment(encoder: NetEncoder) -> dict[str, str]:
    """Return the versions of the packages, the libraries, Python and the machine, by name.

    Raises
    ------
    PluginError
        The method `libraries` of the encoder does not return versions.
    """
    packages = {"netencoders": version("netencoders")}
    for part in (encoder, *encoder.layers):
        name, _, number = part.version.rpartition(" ")
        packages |= {name: number} if name else {part.version: "of no version"}
    given: object = encoder._encoder.libraries()
    if not (
        isinstance(given, Mapping)
        and all(isinstance(text, str) for pair in given.items() for text in pair)
    ):
        raise PluginError(
            "libraries() must return a mapping of names to versions",
            plugin=f"encoder {encoder.name}",
        )
    return {
        **packages,
        "numpy": np.__version__,
        **given,
        platform.python_implementation(): platform.python_version(),
        platform.system(): platform.machine(),
    }

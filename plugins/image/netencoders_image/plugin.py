"""The entry point: registers the encoder of images."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import Encoder, hookimpl
from netencoders_image.encoder import ImageEncoder

__all__ = ["register_encoders"]


@hookimpl
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Register the encoder Image."""
    register(ImageEncoder)

"""The entry point: registers the encoder and the decoder SubwordTokens."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import Decoder, Encoder, hookimpl
from netencoders_text.decoder import SubwordDecoder
from netencoders_text.encoder import SubwordEncoder

__all__ = ["register_decoders", "register_encoders"]


@hookimpl
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Register the encoder."""
    register(SubwordEncoder)


@hookimpl
def register_decoders(register: Callable[[type[Decoder]], None]) -> None:
    """Register the decoder."""
    register(SubwordDecoder)

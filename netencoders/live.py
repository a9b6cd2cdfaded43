"""Live: begins a session of an encoder and its layers, or refuses it with the reason."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from netencoders import calls, policies
from netencoders.base import Encoder
from netencoders.chain import Chain
from netencoders.errors import EncodeError
from netencoders.outputs import Outputs
from netencoders.pieces import NAME
from netencoders.sessions import Session

__all__ = ["begun"]


def begun(
    encoder: Encoder, chain: Chain, arguments: tuple[Any, ...], options: Mapping[str, Any]
) -> Session:
    """Return a session, for the arguments of `Encoder.feeder`.

    Raises
    ------
    EncodeError
        The encoder has no sessions, or needs the whole input, or the arguments are invalid.
    TypeError
        An argument is missing or unknown.
    """
    form = chain.forms[-1]
    if isinstance(form, Outputs):
        raise EncodeError(
            f"{encoder.name} gives several arrays, and a session gives the rows of one",
            code="no-session",
            source=NAME,
            remedy="collect the input, and encode it by a call",
        )
    try:
        inspect.signature(encoder.feeder).bind(*arguments, **options)
    except TypeError as problem:
        raise TypeError(f"session of {encoder.name}: {problem}") from None
    if chain.first_whole:
        raise EncodeError(
            f"the layer {chain.first_whole} needs the whole input before its first row",
            code="one-pass",
            source=NAME,
            remedy="leave the layer out, or collect the input, and encode it by a call",
        )
    active = policies.in_force()
    try:
        block = calls.feeder(encoder, NAME, arguments, options)
    except EncodeError as problem:
        problem.source = NAME  # the encoder may have named a part of it
        raise

    def begin(pieces: Iterator[Any]) -> Iterator[Any]:
        return calls.stream(encoder, chain, pieces, active)

    return Session(begin, block, form)

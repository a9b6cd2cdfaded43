"""Randomness: random numbers that depend on the encoder, its seed and the input alone (A145).

The encoder counts by its digest, the input by its id or its content. There is no hidden state, so
the numbers are the same for any order of the inputs, any number of workers, any size of blocks, and
after a resume. `netencoders.draws` makes the numbers.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netencoders.draws import Draws
from netencoders.errors import EncodeError, input_name
from netencoders.policies import current

if TYPE_CHECKING:
    from netencoders.base import Encoder

__all__ = [
    "INPUT_ID",
    "content_id",
    "draws_of",
    "no_input_id",
]

INPUT_ID: Final = "netencoders.input_id"
"""The policy that holds the id of the input, such as the id of a row of a corpus."""

BLOCK: Final = 1 << 20  # bytes of a file at a time


def draws_of(encoder: Encoder, value: Any) -> Draws:
    """Return the random numbers of an encoder for one input; see `Encoder.draws`.

    Raises
    ------
    EncodeError
        With code ``no-seed``: the encoder has no seed; ``no-input-id``: the input has no id, and
        its content cannot be read twice.
    """
    seed = encoder.resolved["Seed"]
    if seed is None:
        raise EncodeError(
            f"{encoder.name} draws random numbers, and its Seed is None",
            code="no-seed",
            source=input_name(value),
            remedy="set a seed: encoder.training(seed=1)",
        )
    identity = current(INPUT_ID, None)
    name = f"content:{encoder.content_id(value)}" if identity is None else f"id:{identity}"
    parts = (encoder._unseeded_digest, seed, encoder.resolved.get("Epoch", 0))
    return Draws(hashlib.sha256("\n".join([*map(str, parts), name]).encode()).digest())


def content_id(value: Any, kinds: tuple[str, ...] = ()) -> str:
    """Return the sha256, in hexadecimal, of the content of an input.

    Parameters
    ----------
    value : object
        A path, bytes, a text, a number, an array, or a list or mapping of these. A file and its
        bytes have the same content, so the name of a file has no effect.
    kinds : tuple of str
        The kinds of inputs of the encoder: with ``"text"``, a str is no path.

    Returns
    -------
    str

    Raises
    ------
    EncodeError
        With code ``no-input-id``: a value of another kind.
    OSError
        A file cannot be read.

    Examples
    --------
    >>> content_id(b"abc")[:12], content_id([1, 2.5]) == content_id((1, 2.5))
    ('ba7816bf8f01', True)
    """
    if isinstance(value, str) and "text" in kinds:
        return _hashed(b"text", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, str | PathLike):
        return _file_id(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        head = f"{value.dtype.str}{value.shape}".encode()
        return _hashed(b"array", head, np.ascontiguousarray(value).tobytes())
    if isinstance(value, np.generic):
        return content_id(value.item())
    if value is None or isinstance(value, bool | int | float | complex):
        return _hashed(b"number", repr(value).encode())
    if isinstance(value, list | tuple):
        return _hashed(b"list", *(content_id(item, kinds).encode() for item in value))
    if isinstance(value, Mapping):
        items = sorted((str(key), content_id(item, kinds)) for key, item in value.items())
        return _hashed(b"mapping", *(f"{key}\n{item}".encode() for key, item in items))
    raise no_input_id(value)


def no_input_id(value: Any, problem: str = "") -> EncodeError:
    """Return the error for an input that has no id, and whose content cannot be hashed.

    Parameters
    ----------
    value : object
    problem : str
        The reason; by default the type of the value.
    """
    return EncodeError(
        "the random numbers of an input depend on its id or its content, and it has no id; "
        + (problem or f"the content of a value of type {type(value).__name__} is not known"),
        code="no-input-id",
        source=input_name(value),
        remedy="give it an id: with netencoders.policies.policies("
        f"{{{INPUT_ID!r}: 'a name'}}): ...; or encode a path, bytes or an array",
    )


def _file_id(path: str | PathLike[str]) -> str:
    if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe may wait for ever
        raise no_input_id(path, "it is not a regular file")
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _hashed(*parts: bytes) -> str:
    """Return the sha256 of parts; the length of each part is hashed too."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()

"""Frames: the messages between a process and its worker processes.

The parent sends requests, which are pickles: a worker process trusts its parent. The worker replies
with a header, a JSON text and raw bytes (A39). The parent does not trust it: a decoder that a file
has taken over could send anything.

A request is ``REQUEST``, then one ``BUFFER`` for each buffer, the pickle, and the buffers. A reply
is ``REPLY``, the JSON text, and the bytes of an array. The key ``kind`` of the text is ``block``
(the array, with ``dtype`` and ``shape``), ``warning``, ``error`` or ``done``. The last two have the
facts that the encoder has stated.
"""

from __future__ import annotations

import json
import math
import pickle
import struct
from collections.abc import Callable, Mapping
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec

__all__ = [
    "MAX_TEXT",
    "REPLY",
    "ReplyError",
    "array_reply",
    "described",
    "facts_of",
    "parsed_header",
    "parsed_text",
    "read_array",
    "read_request",
    "reply",
    "request",
    "shape_of",
]

REQUEST: Final = struct.Struct("<QI")  # the bytes of the pickle, the number of buffers
BUFFER: Final = struct.Struct("<Q?")  # the bytes of a buffer, and whether it is read-only
REPLY: Final = struct.Struct("<4sIQ")  # the mark, the bytes of the text, the bytes of the array
MARK: Final = b"\xffNE1"  # no text begins with this byte

MAX_TEXT: Final = 1 << 20
"""The largest number of bytes of the text of a reply."""

MAX_NAME: Final = 100  # characters of the name of a fact
MAX_FACT: Final = 1 << 53
MAX_FACTS: Final = 100
"""The largest number of facts of one input that are sent."""

_PIECE: Final = 1 << 20  # memory is allocated as bytes arrive, not as a header claims


class ReplyError(Exception):
    """The bytes of a worker process are not a reply."""


def request(value: Any) -> list[bytes | memoryview]:
    """Return the parts of a request. Large arrays and bytes are not copied."""
    if type(value) is tuple:
        value = tuple(pickle.PickleBuffer(v) if type(v) is bytes else v for v in value)
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    table = [BUFFER.pack(view.nbytes, view.readonly) for view in views]
    return [b"".join([REQUEST.pack(len(body), len(views)), *table, body]), *views]


def read_request(pipe: IO[bytes]) -> Callable[[], Any]:
    """Read a request; return the function that unpickles it, which may raise anything.

    Raises
    ------
    EOFError
        The parent has closed the pipe.
    """
    length, count = REQUEST.unpack(_exactly(pipe, REQUEST.size))
    table = [BUFFER.unpack(_exactly(pipe, BUFFER.size)) for _ in range(count)]
    body = _exactly(pipe, length)
    buffers = [_exactly(pipe, size) if fixed else _writable(pipe, size) for size, fixed in table]
    return lambda: pickle.loads(body, buffers=buffers)  # noqa: S301 - from our own parent


def reply(kind: str, fields: Mapping[str, Any], size: int = 0) -> bytes:
    """Return a reply without its array, which has `size` bytes."""
    text = json.dumps({"kind": kind, **fields}).encode("ascii")
    return REPLY.pack(MARK, len(text), size) + text


def array_reply(array: npt.NDArray[Any], name: str = "Output") -> tuple[bytes, memoryview]:
    """Return the reply with an array of a block, and its bytes, which are often not a copy."""
    content = np.asarray(array, order="C").reshape(-1).view(np.uint8)
    form = {"name": name, "dtype": array.dtype.name, "shape": array.shape}
    return reply("block", form, content.nbytes), content.data


def parsed_header(header: bytes) -> tuple[int, int]:
    """Return the number of bytes of the text and of the array of a reply.

    Raises
    ------
    ReplyError
        The header is not that of a reply, or its text is too long.
    """
    mark, length, size = REPLY.unpack(header)
    if mark != MARK:
        raise ReplyError("other bytes than a reply")
    if length > MAX_TEXT:
        raise ReplyError(f"a text of {length} bytes")
    return int(length), int(size)


def parsed_text(text: bytes) -> dict[str, Any]:
    """Return the fields of a reply. The values may have any JSON type.

    Raises
    ------
    ReplyError
        The text is not a JSON object.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):  # ValueError: also text that is not UTF-8, a huge integer
        raise ReplyError("a text that is not JSON") from None
    if not isinstance(fields, dict):
        raise ReplyError("a JSON text that is not an object")
    return fields


def described(facts: Mapping[str, float]) -> dict[str, Any]:
    """Return the field of a reply with the facts of an input."""
    plain = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in facts.items()
    }
    sent = [(name, value) for name, value in plain.items() if _is_fact(name, value)]
    return {"facts": dict(sent[:MAX_FACTS])} if sent else {}


def facts_of(fields: Mapping[str, Any]) -> dict[str, float]:
    """Return the facts of a reply.

    Raises
    ------
    ReplyError
        They are not those of `described`.
    """
    facts = fields.get("facts", {})
    if not isinstance(facts, dict) or len(facts) > MAX_FACTS:
        raise ReplyError("facts that are none")
    if not all(_is_fact(name, value) for name, value in facts.items()):
        raise ReplyError("a fact that is not a number")
    return facts


def _is_fact(name: Any, value: Any) -> bool:
    if not isinstance(name, str) or len(name) > MAX_NAME:
        return False
    if type(value) is int:
        return abs(value) <= MAX_FACT
    return type(value) is float and math.isfinite(value)


def shape_of(fields: Mapping[str, Any], size: int, form: ArraySpec) -> tuple[int, ...]:
    """Return the shape of the array of a reply.

    Parameters
    ----------
    fields : mapping
        The fields of the reply.
    size : int
        The number of bytes of the array.
    form : ArraySpec
        The form of a block that the encoder declares.

    Raises
    ------
    ReplyError
        The type or the shape is not that of a block, or does not fit `size`.
    """
    dtype, shape = fields.get("dtype"), fields.get("shape")
    if dtype != form.dtype:
        raise ReplyError("an array of another type than the encoder declares")
    if not isinstance(shape, list) or not all(type(count) is int for count in shape):
        raise ReplyError("an array without a shape")
    if form.shape_problem(tuple(shape)) is not None:
        raise ReplyError("an array of another shape than the encoder declares")
    if math.prod(shape) * np.dtype(form.dtype).itemsize != size:
        raise ReplyError("an array whose shape does not fit its number of bytes")
    return tuple(shape)


def read_array(
    fill: Callable[[memoryview], None], size: int, shape: tuple[int, ...], dtype: str
) -> npt.NDArray[Any]:
    """Read an array with `fill`, which fills a buffer.

    Memory grows with the bytes that have arrived: a header may claim any size.
    """
    content = np.empty(min(size, _PIECE), np.uint8)
    fill(content.data)
    while len(content) < size:
        grown = np.empty(min(size, 2 * len(content)), np.uint8)
        grown[: len(content)] = content
        fill(grown.data[len(content) :])
        content = grown
    return content.view(dtype).reshape(shape)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError
    return content


def _writable(pipe: IO[bytes], count: int) -> bytearray:
    content = bytearray(count)
    if pipe.readinto(content) < count:  # type: ignore[attr-defined] # a BufferedReader has it
        raise EOFError
    return content

"""EBML: the elements of which Matroska files consist (RFC 8794)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from netencoders_audio.files.findings import malformed

__all__ = ["Element", "element", "elements", "number", "vint"]

_LONGEST: Final = 12
"""The bytes of the longest header: an identifier of 4 bytes, and a size of 8 bytes."""


class Element(NamedTuple):
    """The header of an element.

    Attributes
    ----------
    kind : int
        Its identifier.
    start : int
        The position of its content.
    size : int or None
        The number of bytes of its content; None if it is unknown.
    """

    kind: int
    start: int
    size: int | None


def vint(data: bytes, place: int) -> tuple[int | None, int]:
    """Return a number of variable length, and the position behind it; None for an unknown size.

    Raises
    ------
    AudioError
        With code ``malformed``: the number is longer than 8 bytes, or incomplete.
    """
    first = data[place] if place < len(data) else 0
    length = 9 - first.bit_length()
    if length > 8 or place + length > len(data):
        raise malformed("a number of its elements is incomplete")
    value = int.from_bytes(data[place : place + length]) & ((1 << 7 * length) - 1)
    return (None if value == (1 << 7 * length) - 1 else value), place + length


def element(data: bytes, place: int) -> Element | None:
    """Return the element whose header begins with `data`, at this position of the file.

    The result is None if the bytes are no header.
    """
    first = data[0] if data else 0
    length = 9 - first.bit_length()
    if length > 4 or len(data) <= length:
        return None
    kind = int.from_bytes(data[:length])
    if 9 - data[length].bit_length() > min(8, len(data) - length):
        return None
    size, behind = vint(data, length)
    return Element(kind, place + behind, size)


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the identifier and the content of each element in the content of another one."""
    place = 0
    while place < len(data):
        found = element(data[place : place + _LONGEST], place)
        if found is None or found.size is None or found.start + found.size > len(data):
            raise malformed("an element of its header is incomplete")
        yield found.kind, data[found.start : found.start + found.size]
        place = found.start + found.size


def number(data: bytes) -> float:
    """Return the floating-point number of an element, of 0, 4 or 8 bytes."""
    forms = {4: ">f", 8: ">d"}
    value = struct.unpack(forms[len(data)], data)[0] if len(data) in forms else 0.0
    return value if 0 <= value < 1e18 else 0.0  # not NaN

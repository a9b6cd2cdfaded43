"""The wire format of Protocol Buffers: the fields of a message, by number, without their meaning.

A field begins with a tag, ``number << 3 | type``. The types are a number of variable length, 8
bytes, bytes with their length before them, and 4 bytes. Groups, an old type, are refused: ONNX has
none. Nothing is allocated for a length before the bytes are there, and the number of fields is
limited, so that hostile bytes cost neither memory nor hours.

References
----------
https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["BYTES", "NUMBER", "Budget", "Field", "WireError", "fields"]

NUMBER: Final = 0
BYTES: Final = 2
FIXED: Final = {1: 8, 5: 4}

MOST_FIELDS: Final = 10_000_000  # the largest models of today have less than a tenth of it


class WireError(ValueError):
    """The bytes are not a message."""


class Budget:
    """The number of fields that may still be read, of all messages of a file."""

    def __init__(self, left: int = MOST_FIELDS) -> None:
        self.left = left

    def spend(self) -> None:
        """Count one field."""
        self.left -= 1
        if self.left < 0:
            raise WireError("it has more fields than a model can have")


class Field(NamedTuple):
    """A field of a message.

    Attributes
    ----------
    number : int
    type : int
    start, end : int
        The place of its bytes. For a number, `start` is the number itself.
    """

    number: int
    type: int
    start: int
    end: int


def fields(data: bytes, start: int, end: int, budget: Budget) -> Iterator[Field]:
    """Yield the fields of the message between two places.

    Raises
    ------
    WireError
        A field is invalid, or longer than the message.
    """
    place = start
    while place < end:
        budget.spend()
        begin = place
        tag, place = _number(data, place, end, 5)
        number, kind = tag >> 3, tag & 7
        if not number or tag >> 32:
            raise WireError(f"at byte {begin} no field of a message begins")
        if kind == NUMBER:
            value, place = _number(data, place, end, 10)
            yield Field(number, kind, value, place)
            continue
        if kind == BYTES:
            size, place = _number(data, place, end, 10)
        elif kind in FIXED:
            size = FIXED[kind]
        else:
            raise WireError(f"at byte {begin} no field of a message begins")
        if size > end - place:
            raise WireError(
                f"a part of it begins at byte {begin} and has {size} bytes, of which "
                f"{end - place} are there"
            )
        yield Field(number, kind, place, place + size)
        place += size


def _number(data: bytes, place: int, end: int, longest: int) -> tuple[int, int]:
    """Return a number of variable length, and the place after it."""
    value = shift = 0
    last = min(end, place + longest)
    while place < last:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place
        shift += 7
    problem = "it ends in a number" if place == end else "no number ends"
    raise WireError(f"{problem} at byte {place}")

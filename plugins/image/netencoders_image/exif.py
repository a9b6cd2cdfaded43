"""The tags of TIFF files and of EXIF data, which have the same structure."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from netencoders_image.errors import ImageError

__all__ = ["ORIENTATION", "Tag", "Tags", "orientation_of", "read_tags"]

ORIENTATION: Final = 274

# The size of an element of each type. An unknown type has no size.
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_INTEGERS: Final = {1: "B", 3: "H", 4: "I"}


class Tag(NamedTuple):
    """A tag: the position of its entry, its type, and its integers, if it has some."""

    place: int
    kind: int
    length: int
    values: tuple[int, ...]


class Tags(NamedTuple):
    """The first directory of tags, its byte order, and the position of the next directory."""

    order: str
    tags: dict[int, Tag]
    following: int

    def integers(self, number: int) -> tuple[int, ...]:
        """Return the integers of a tag; none if it is not there, or has others."""
        tag = self.tags.get(number)
        return () if tag is None else tag.values

    def integer(self, number: int, default: int) -> int:
        """Return the first integer of a tag."""
        return (*self.integers(number), default)[0]


def read_tags(content: bytes, *, strict: bool = True) -> Tags:
    """Return the tags of the first directory.

    Parameters
    ----------
    content : bytes
    strict : bool
        Whether a tag beyond the end of the content, or one that is there twice, is an error; it is
        left out otherwise.

    Raises
    ------
    ImageError
        With code ``truncated`` or ``malformed``.
    """
    order = {b"II": "<", b"MM": ">"}.get(content[:2], "")
    if not order or len(content) < 8 or struct.unpack_from(f"{order}H", content, 2) != (42,):
        raise _malformed("it does not begin with a header of TIFF")
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    if start + 2 > len(content):
        raise _cut("its directory of tags", start)
    (count,) = struct.unpack_from(f"{order}H", content, start)
    end = start + 2 + 12 * count
    if end + 4 * strict > len(content):
        raise _cut("its directory of tags", start)
    tags: dict[int, Tag] = {}
    for place in range(start + 2, end, 12):
        number, kind, length = struct.unpack_from(f"{order}HHI", content, place)
        size = _SIZES.get(kind, 0) * length
        at = place + 8
        if size > 4:
            (at,) = struct.unpack_from(f"{order}I", content, at)
            if at + size > len(content):
                if not strict:
                    continue
                raise _cut(f"the tag {number}", at)
        letter = _INTEGERS.get(kind)
        values = struct.unpack_from(f"{order}{length}{letter}", content, at) if letter else ()
        if number in tags:
            if not strict:
                continue
            raise _malformed(f"it has the tag {number} twice")
        tags[number] = Tag(place, kind, length, values)
    following = int.from_bytes(content[end : end + 4], "little" if order == "<" else "big")
    return Tags(order, tags, following)


def orientation_of(exif: bytes) -> int:
    """Return the orientation of EXIF data, from 1 to 8; 1 if it states none of these.

    Only this tag is read: many files have EXIF data with damage elsewhere.

    Raises
    ------
    ImageError
        With code ``malformed``: the directory of tags is damaged.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    if not exif:
        return 1
    try:
        value = read_tags(exif, strict=False).integer(ORIENTATION, 1)
    except ImageError as problem:
        raise ImageError(
            f"its EXIF data, which may state an orientation, are damaged: {problem.message}",
            code="malformed",
            remedy="to encode it as it is stored, set Orientation=False",
        ) from None
    return value if 1 <= value <= 8 else 1


def _malformed(problem: str) -> ImageError:
    return ImageError(
        problem, code="malformed", remedy="fetch it again, or write it again with an image editor"
    )


def _cut(part: str, place: int) -> ImageError:
    return ImageError(
        f"{part}, at byte {place}, reaches beyond the end of the file",
        code="truncated",
        remedy="fetch it again",
    )

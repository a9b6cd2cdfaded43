"""TIFF: the walk through the tags of the first page."""

from __future__ import annotations

import struct
from typing import Final

from netencoders_image.exif import ORIENTATION, read_tags
from netencoders_image.found import Found, cut, deep, malformed, several

__all__ = ["walk_tiff"]

WIDTH: Final = 256
HEIGHT: Final = 257
BITS: Final = 258
SAMPLES: Final = 277
FORMAT: Final = 339
PHOTOMETRIC: Final = 262
# The tags of the places and the sizes of strips, and of tiles.
PARTS: Final = ((273, 279), (324, 325))
# Pillow warns of a second value of tags like these.
SINGLE: Final = (WIDTH, HEIGHT, 259, PHOTOMETRIC, ORIENTATION, SAMPLES, 278, 284, 317, 322, 323)


def walk_tiff(content: bytes) -> Found:
    """Return the file with the orientation 1, and the stated orientation.

    Pillow would turn the image itself.

    Raises
    ------
    ImageError
        The file is truncated or malformed, has several pages, or more bits than Pillow decodes.
    """
    tags = read_tags(content)
    if tags.following:
        raise several("the TIFF file has several pages")
    for number in SINGLE:
        if number in tags.tags and tags.tags[number].length != 1:
            raise malformed(f"the tag {number} of the TIFF file has not one value")
    bits, samples = tags.integers(BITS, (1,)), tags.integer(SAMPLES, 1)
    formats = tags.integers(FORMAT, (1,))
    is_gray = samples == 1 and tags.integer(PHOTOMETRIC, 1) == 1
    if max(bits) > (16 if is_gray else 8) or {*formats} != {1}:
        raise deep(
            f"the TIFF file has {samples} channels of {max(bits)} bits"
            + ("" if {*formats} == {1} else " that are no unsigned integers")
        )
    stored = False
    for places, sizes in PARTS:
        for place, size in zip(tags.integers(places), tags.integers(sizes), strict=False):
            stored = True
            if place + size > len(content):
                raise cut(f"the TIFF file has {len(content)} of {place + size} bytes")
    if not stored:
        raise malformed("the TIFF file states no places of its image")
    orientation = tags.tags.get(ORIENTATION)
    if orientation is None:
        return Found("TIFF", content)
    changed = bytearray(content)
    struct.pack_into(f"{tags.order}HI", changed, orientation.place + 2, 3, 1)
    struct.pack_into(f"{tags.order}HH", changed, orientation.place + 8, 1, 0)
    (value,) = orientation.values or (1,)
    return Found("TIFF", bytes(changed), orientation=value if 1 <= value <= 8 else 1)

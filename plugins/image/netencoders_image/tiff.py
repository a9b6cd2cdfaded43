"""TIFF: the walk through the tags of the first page."""

from __future__ import annotations

import struct
from typing import Final

from netencoders_image.exif import ORIENTATION, Tags, read_tags
from netencoders_image.found import Found, cut, deep, malformed, several
from netencoders_image.limits import check_pixels

__all__ = ["walk_tiff"]

WIDTH: Final = 256
HEIGHT: Final = 257
BITS: Final = 258
COMPRESSION: Final = 259
SAMPLES: Final = 277
ROWS: Final = 278  # of a strip
PLANES: Final = 284
TILE_WIDTH: Final = 322
TILE_HEIGHT: Final = 323
FORMAT: Final = 339
PHOTOMETRIC: Final = 262
# The tags of the places and the sizes of strips, and of tiles.
PARTS: Final = ((273, 279), (324, 325))
# Pillow warns of a second value of tags like these.
SINGLE: Final = (
    *(WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC, ORIENTATION, SAMPLES),
    *(ROWS, PLANES, 317, TILE_WIDTH, TILE_HEIGHT),
)


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
    bits, samples = tags.integers(BITS) or (1,), tags.integer(SAMPLES, 1)
    formats = tags.integers(FORMAT) or (1,)
    is_gray = samples == 1 and tags.integer(PHOTOMETRIC, 1) == 1
    if max(bits) > (16 if is_gray else 8) or {*formats} != {1}:
        raise deep(
            f"the TIFF file has {samples} channels of {max(bits)} bits"
            + ("" if {*formats} == {1} else " that are no unsigned integers")
        )
    check_pixels((tags.integer(WIDTH, 0), tags.integer(HEIGHT, 0)))
    _check_parts(tags, len(content), sum(bits) if len(bits) == samples else bits[0] * samples)
    orientation = tags.tags.get(ORIENTATION)
    if orientation is None:
        return Found("TIFF", content)
    changed = bytearray(content)
    struct.pack_into(f"{tags.order}HI", changed, orientation.place + 2, 3, 1)
    struct.pack_into(f"{tags.order}HH", changed, orientation.place + 8, 1, 0)
    (value,) = orientation.values or (1,)
    return Found("TIFF", bytes(changed), orientation=value if 1 <= value <= 8 else 1)


def _check_parts(tags: Tags, length: int, bits: int) -> None:
    """Refuse a file whose strips or tiles are not all there: Pillow would leave them black.

    Parameters
    ----------
    tags : Tags
    length : int
        The number of bytes of the file.
    bits : int
        The number of bits of a pixel.
    """
    width, height = tags.integer(WIDTH, 0), tags.integer(HEIGHT, 0)
    is_tiled = TILE_WIDTH in tags.tags
    across = tags.integer(TILE_WIDTH, 0) if is_tiled else width
    down = tags.integer(TILE_HEIGHT, 0) if is_tiled else min(tags.integer(ROWS, height), height)
    places, sizes = (tags.integers(number) for number in PARTS[is_tiled])
    if not (places and across and down):
        raise malformed("the TIFF file states no places of its image")
    planes = tags.integer(SAMPLES, 1) if tags.integer(PLANES, 1) == 2 else 1
    needed = -(-width // across) * -(-height // down) * planes
    if len(places) < needed or len(sizes) < len(places):
        raise cut(f"the TIFF file has {min(len(places), len(sizes))} of {needed} parts")
    end = max(place + size for place, size in zip(places, sizes, strict=False))
    if end > length:
        raise cut(f"the TIFF file has {length} of {end} bytes")
    if tags.integer(COMPRESSION, 1) == 1:
        rows = height if not is_tiled else down * needed // planes
        expected = rows * planes * -(-across * bits // planes // 8)
        if sum(sizes) < expected:
            raise cut(f"the image of the TIFF file has {sum(sizes)} of {expected} bytes")

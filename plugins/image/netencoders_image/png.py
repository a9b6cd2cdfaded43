"""PNG: the walk through the chunks, whose checksums are compared."""

from __future__ import annotations

import zlib
from typing import Final

from netencoders_image.found import Found, cut, deep, malformed, several

__all__ = ["SIGNATURE", "walk_png"]

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_GRAY: Final = 0


def walk_png(content: bytes) -> Found:
    """Return the chunks that are decoded, and the EXIF data.

    Raises
    ------
    ImageError
        The file is truncated or malformed, has several images, or 16 bits in several channels.
    """
    kept, exif, place, name = [SIGNATURE], b"", len(SIGNATURE), b""
    while name != b"IEND":
        head = content[place : place + 8]
        size, name = int.from_bytes(head[:4], "big"), head[4:]
        end = place + 12 + size
        if len(head) < 8 or end > len(content):
            where = f"in the chunk {_shown(name)}" if len(name) == 4 else "before its last chunk"
            raise cut(f"the PNG file ends {where}, at byte {len(content)}")
        data = content[place + 8 : end - 4]
        if place == len(SIGNATURE):
            _check_header(name, data)
        if name in _KEPT or not name[0] & 32:  # another critical chunk is for Pillow to refuse
            if zlib.crc32(data, zlib.crc32(name)) != int.from_bytes(content[end - 4 : end], "big"):
                raise malformed(
                    f"the checksum of its chunk {_shown(name)}, at byte {place}, is wrong"
                )
            kept.append(content[place:end])
        elif name == b"eXIf":
            exif = data
        elif name == b"acTL" and int.from_bytes(data[:4], "big") > 1:
            count = int.from_bytes(data[:4], "big")
            raise several(f"it is an animation of {count} images")
        place = end
    if not any(chunk[4:8] == b"IDAT" for chunk in kept[1:]):
        raise malformed("the PNG file has no chunk 'IDAT' with an image")
    return Found("PNG", b"".join(kept), exif)


def _check_header(name: bytes, data: bytes) -> None:
    if name != b"IHDR" or len(data) != 13:
        raise malformed("the first chunk of the PNG file is not a header")
    depth, color = data[8], data[9]
    if depth == 16 and color != _GRAY:
        raise deep("its channels have 16 bits, of which Pillow would drop 8")


def _shown(name: bytes) -> str:
    return repr(name.decode("ascii", "replace"))

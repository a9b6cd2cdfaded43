"""PNG: the walk through the chunks, whose checksums are compared."""

from __future__ import annotations

import zlib
from typing import Final

from netencoders_image.found import Found, cut, deep, malformed, several

__all__ = ["SIGNATURE", "check_data", "walk_png"]

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_GRAY: Final = 0
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the type of colours
_PIECE: Final = 1 << 20
# The first column and row of each pass of an interlaced image, and their steps.
_ADAM7: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


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


def check_data(content: bytes) -> None:
    """Refuse a file whose compressed data have fewer bytes than its header claims.

    Parameters
    ----------
    content : bytes
        The chunks that `walk_png` returns.

    Raises
    ------
    ImageError
        With code ``truncated``.
    """
    place, data = len(SIGNATURE), b""
    header = content[place + 8 : place + 21]
    while place < len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : place + 8] == b"IDAT":
            data += content[place + 8 : place + 8 + size]
        place += size + 12
    claimed, count = _length(header), 0
    stream = zlib.decompressobj()
    while count < claimed and (part := stream.decompress(data, _PIECE)):
        count += len(part)
        data = stream.unconsumed_tail
    if count < claimed:
        raise cut(f"the data of the PNG file have {count} of the {claimed} bytes of its rows")


def _length(header: bytes) -> int:
    """Return the number of bytes of all rows, each with the byte of its filter."""
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits = header[8] * _CHANNELS[header[9]]
    passes = _ADAM7 if header[12] else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        total += rows * (1 + -(-columns * bits // 8)) if columns > 0 and rows > 0 else 0
    return total


def _check_header(name: bytes, data: bytes) -> None:
    if name != b"IHDR" or len(data) != 13:
        raise malformed("the first chunk of the PNG file is not a header")
    depth, color = data[8], data[9]
    if depth == 16 and color != _GRAY:
        raise deep("its channels have 16 bits, of which Pillow would drop 8")


def _shown(name: bytes) -> str:
    return repr(name.decode("ascii", "replace"))

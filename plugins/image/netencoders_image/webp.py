"""WebP: the walk through the chunks, and the size of the image."""

from __future__ import annotations

from netencoders_image.found import Found, cut, malformed, several

__all__ = ["walk_webp"]


def walk_webp(content: bytes) -> Found:
    """Return the file with its size, and the EXIF data.

    Raises
    ------
    ImageError
        The file is truncated or malformed, or has several images.
    """
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        raise cut(f"the WebP file has {len(content)} of the {end} bytes that its header claims")
    place, exif, frames = 12, b"", 0
    sizes: list[tuple[int, int]] = []
    while place + 8 <= end:
        name, length = (
            content[place : place + 4],
            int.from_bytes(content[place + 4 : place + 8], "little"),
        )
        body = content[place + 8 : place + 8 + length]
        place += 8 + length + length % 2
        if len(body) < length or place > end + 1:
            raise malformed("a chunk of the WebP file reaches beyond its end")
        if name == b"EXIF":
            exif = body
        elif name == b"ANMF":
            frames += 1
        elif name in (b"VP8X", b"VP8 ", b"VP8L"):
            if len(body) < 10:
                raise malformed("the header of the WebP file is too short")
            sizes.append(_size(name, body))
    if frames > 1:
        raise several(f"it is an animation of {frames} images")
    if not sizes:
        raise malformed("the WebP file has no image")
    return Found(
        "WEBP", content[:end], exif, size=(max(w for w, _ in sizes), max(h for _, h in sizes))
    )


def _size(name: bytes, body: bytes) -> tuple[int, int]:
    """Return the width and the height that a chunk states."""
    if name == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(
        body[8:10], "little"
    ) & 0x3FFF

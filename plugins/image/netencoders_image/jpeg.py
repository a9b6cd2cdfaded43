"""JPEG: the walk through the segments before the image data."""

from __future__ import annotations

from typing import Final

from netencoders_image.found import Found, cut, deep, malformed

__all__ = ["walk_jpeg"]

_SCAN: Final = 0xDA
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_LOSSLESS: Final = {0xC3, 0xC7, 0xCB, 0xCF}
# Comments, and metadata but JFIF and Adobe, which state the colour transform.
_LEFT_OUT: Final = {0xFE, *range(0xE1, 0xF0)} - {0xEE}
_ALONE: Final = {0x01, *range(0xD0, 0xD8)}


def walk_jpeg(content: bytes) -> Found:
    """Return the segments that are decoded, and the EXIF data.

    Raises
    ------
    ImageError
        The file is truncated or malformed, or has more than 8 bits.
    """
    kept, exif, place, depth = [content[:2]], b"", 2, 0
    while True:
        while content[place : place + 2] == b"\xff\xff":  # fill bytes
            place += 1
        head = content[place : place + 4]
        if len(head) < 4:
            raise cut(f"the JPEG file ends before its image, at byte {len(content)}")
        if head[0] != 0xFF:
            raise malformed(f"the JPEG file has no marker at byte {place}")
        marker = head[1]
        if marker == 0xD9:
            raise malformed(f"the JPEG file ends before its image, by a marker at byte {place}")
        if marker in _ALONE:
            place += 2
            continue
        end = place + 2 + int.from_bytes(head[2:], "big")
        if end > len(content):
            raise cut(f"the JPEG file ends before its image, at byte {len(content)}")
        if marker == _SCAN:
            break
        body = content[place + 4 : end]
        if marker in _FRAMES:
            depth = _depth(marker, body)
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            exif = exif or body
        if marker not in _LEFT_OUT:
            kept.append(content[place:end])
        place = end
    if not depth:
        raise malformed("the JPEG file has no header of its image")
    kept.append(content[place:])
    return Found("JPEG", b"".join(kept), exif)


def _depth(marker: int, body: bytes) -> int:
    if len(body) < 6:
        raise malformed("the header of its image is too short")
    if body[0] != 8:
        raise deep(f"the JPEG file has {body[0]} bits in a channel")
    if marker in _LOSSLESS:
        raise malformed("it is coded as lossless JPEG, which Pillow does not decode")
    if body[1:3] == b"\0\0":
        raise malformed("the header of its image states no height")
    return body[0]

"""Inspection: recognizes the format of a file by its first bytes, and walks through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netencoders_image.errors import ImageError
from netencoders_image.found import Found
from netencoders_image.gif import walk_gif
from netencoders_image.jpeg import walk_jpeg
from netencoders_image.png import SIGNATURE, walk_png
from netencoders_image.tiff import walk_tiff
from netencoders_image.webp import walk_webp

__all__ = ["FORMATS", "inspect"]

FORMATS: Final = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WebP")

_WALKS: Final[tuple[tuple[bytes, Callable[[bytes], Found]], ...]] = (
    (SIGNATURE, walk_png),
    (b"\xff\xd8\xff", walk_jpeg),
    (b"GIF87a", walk_gif),
    (b"GIF89a", walk_gif),
    (b"II*\0", walk_tiff),
    (b"MM\0*", walk_tiff),
    (b"BM", lambda content: Found("BMP", content)),
)

# The first bytes of other formats, with their place.
_OTHERS: Final = (
    (4, b"ftypavif", "an AVIF image"),
    (4, b"ftypheic", "a HEIC image"),
    (4, b"ftypmif1", "a HEIF image"),
    (4, b"ftyp", "a file of the family of MPEG-4, such as a video"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (0, b"\xff\x0a", "a JPEG XL image"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (0, b"II+\0", "a BigTIFF file"),
    (0, b"MM\0+", "a BigTIFF file"),
    (0, b"\0\0\1\0", "an icon"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x93NUMPY", "a .npy file"),
    (0, b"PK\3\4", "a zip archive"),
    (0, b"RIFF", "a RIFF file, such as audio"),
    (0, b"version https://git-lfs", "a pointer of Git LFS, without its file"),
)


def inspect(content: bytes) -> Found:
    """Return the result of the walk through a file.

    Raises
    ------
    ImageError
        It is empty, of no known format, truncated or malformed, or not one image.
    """
    if not content:
        raise ImageError("the file has 0 bytes", code="empty-file", remedy="fetch it again")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return walk_webp(content)
    for start, walk in _WALKS:
        if content.startswith(start):
            return walk(content)
    if len(content) < 8 and SIGNATURE.startswith(content):
        return walk_png(content)
    remedy = "convert it to PNG"
    if content.startswith(b"\x93NUMPY"):
        remedy = "read it with numpy.load, and pass the array"
    raise ImageError(
        f"it is {_kind(content)}, and no image of the formats {', '.join(FORMATS)}",
        code="unrecognized",
        remedy=remedy,
    )


def _kind(content: bytes) -> str:
    """Return a phrase about a file of another kind."""
    for place, start, kind in _OTHERS:
        if content.startswith(start, place):
            return kind
    head = content[:64].lstrip()
    if head.startswith((b"<svg", b"<?xml")):
        return "an XML text, such as SVG"
    if head.startswith((b"<!DOCTYPE", b"<html")):
        return "an HTML page"
    text = content[:512]
    if all(byte in b"\t\n\r" or byte >= 32 for byte in text) and b"\0" not in text:
        try:
            text[:-3].decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "a text"
    return f"of an unknown kind, with the first bytes {content[:4].hex(' ')}"

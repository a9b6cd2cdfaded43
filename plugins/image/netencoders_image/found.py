"""Found: the result of the walk through an image file, before Pillow decodes it.

A walk checks the structure of the file to its end, and leaves out metadata: Pillow gets only the
parts that it decodes. So it gives no warning about metadata, and unpacks none.
"""

from __future__ import annotations

from typing import NamedTuple

from netencoders_image.errors import ImageError

__all__ = ["Found", "cut", "deep", "malformed", "several"]


class Found(NamedTuple):
    """A file of one image: its format, the bytes to decode, and its EXIF data."""

    format: str
    content: bytes
    exif: bytes = b""
    orientation: int | None = None
    size: tuple[int, int] | None = None


def cut(problem: str) -> ImageError:
    """Return the error for a file that ends before its image is complete."""
    return ImageError(problem, code="truncated", remedy="the file is truncated: fetch it again")


def malformed(problem: str) -> ImageError:
    """Return the error for a file whose content contradicts itself."""
    return ImageError(
        problem, code="malformed", remedy="fetch it again, or write it again with an image editor"
    )


def several(problem: str) -> ImageError:
    """Return the error for a file of several images."""
    return ImageError(
        problem,
        code="several-images",
        remedy="choose one: image = PIL.Image.open(path); image.seek(0); encoder(image.copy())",
    )


def deep(problem: str) -> ImageError:
    """Return the error for channels of more bits than Pillow decodes."""
    return ImageError(
        problem,
        code="unsupported-depth",
        remedy="read it with another library, such as OpenCV or tifffile, and pass the array of "
        "uint16; or convert it to 8 bits",
    )

"""Decoding: Pillow decodes a file whose structure is known.

The classes of the formats are called directly. ``PIL.Image.open`` would warn of many pixels by a
global setting, and try the formats of other packages.
"""

from __future__ import annotations

import importlib
import io
import struct
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netencoders.origins import is_of_signal_handler
from netencoders_image.errors import ImageError
from netencoders_image.exif import orientation_of
from netencoders_image.found import Found, cut, deep, malformed, several
from netencoders_image.inspection import inspect
from netencoders_image.limits import check_pixels
from netencoders_image.pixels import Pixels, of_planes
from netencoders_image.png import check_data

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["decoded", "import_decoders", "oriented", "pillow", "pixels_of_image"]

_CLASSES: Final = {
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
}

# What turns a stored image upright, by its orientation; the names of PIL.Image.Transpose.
_TURNS: Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


def pillow() -> Any:
    """Return the module ``PIL.Image``.

    Raises
    ------
    ImageError
        With code ``missing-library``: Pillow is not installed.
    """
    try:
        return importlib.import_module("PIL.Image")
    except ImportError as missing:
        raise ImageError(
            "images need Pillow, which cannot be imported",
            code="missing-library",
            remedy='pip install "netencoders[image]"',
        ) from missing


def import_decoders() -> None:
    """Import the modules that decode, so that no thread imports them."""
    pillow()
    for module, _ in _CLASSES.values():
        importlib.import_module(module)


def decoded(content: bytes, *, orient: bool) -> Pixels:
    """Return the pixels of a file.

    Parameters
    ----------
    content : bytes
        The whole file.
    orient : bool
        Whether the image is turned as its EXIF orientation states.

    Raises
    ------
    ImageError
        The file is not one image that can be decoded without a loss.
    """
    found = inspect(content)
    if found.size is not None:
        check_pixels(found.size)
    image = _loaded(found)
    pixels = pixels_of_image(image)
    if not orient:
        return pixels
    turn = orientation_of(found.exif) if found.orientation is None else found.orientation
    return oriented(pixels, turn)


def oriented(pixels: Pixels, orientation: int) -> Pixels:
    """Return the pixels of an upright image."""
    name = _TURNS.get(orientation)
    if name is None:
        return pixels
    turn = pillow().Transpose[name]
    alpha = None if pixels.alpha is None else pixels.alpha.transpose(turn)
    bands = tuple(band.transpose(turn) for band in pixels.bands)
    return pixels._replace(bands=bands, alpha=alpha)


def pixels_of_image(image: Image) -> Pixels:
    """Return the pixels of an image of Pillow, which are not changed by a conversion of colours.

    Raises
    ------
    ImageError
        With code ``unsupported-depth`` or ``unsupported-color``.
    """
    mode = image.mode
    if mode in ("1", "L", "RGB", "P") and "transparency" in image.info:
        image = image.convert("LA" if mode in ("1", "L") else "RGBA")
    elif mode == "1":
        image = image.convert("L")
    elif mode == "P":
        image = image.convert("RGBA" if _has_alpha_palette(image) else "RGB")
    elif mode == "RGBX":
        image = image.convert("RGB")
    if image.mode in ("LA", "RGBA"):
        *colors, alpha = image.split()
        color = colors[0] if len(colors) == 1 else pillow().merge("RGB", colors)
        return Pixels((color,), "Grayscale" if len(colors) == 1 else "RGB", 255.0, alpha)
    space = {"L": "Grayscale", "RGB": "RGB", "CMYK": "CMYK"}.get(image.mode)
    if space is not None:
        return Pixels((image,), space, 255.0)
    if image.mode in ("I;16", "I;16L", "I;16B"):
        values = np.asarray(image).astype(np.float32)[:, :, np.newaxis]
        pixels = of_planes(values, "Grayscale", 65535.0)
        clear = image.info.get("transparency")
        if clear is None:
            return pixels
        shares = np.where(values == clear, 0, 65535)
        return pixels._replace(alpha=of_planes(shares, "Grayscale", 65535.0).bands[0])
    if image.mode[:1] in ("I", "F"):
        raise deep(f"its values have the mode {image.mode} of Pillow, whose range is not known")
    raise ImageError(
        f"its colours have the mode {image.mode} of Pillow",
        code="unsupported-color",
        remedy='convert it: image.convert("RGB")',
    )


def _has_alpha_palette(image: Image) -> bool:
    return image.palette is not None and image.palette.mode == "RGBA"


def _loaded(found: Found) -> Image:
    """Return the decoded image of a file."""
    module, name = _CLASSES[found.format]
    kind: Any = getattr(importlib.import_module(module), name)
    image_module = pillow()
    try:
        image = kind(io.BytesIO(found.content))
        check_pixels(image.size)
        _check_alone(image)
        _load(image)
        _check_rows(image, found)
    except ImageError:
        raise
    except (image_module.DecompressionBombError, image_module.DecompressionBombWarning) as bomb:
        raise ImageError(
            f"Pillow refuses it: {bomb}",
            code="limit-exceeded",
            remedy="raise the limit PIL.Image.MAX_IMAGE_PIXELS",
        ) from None
    except MemoryError:
        raise
    except Exception as problem:  # the decoders raise errors of many classes for damaged files
        other = isinstance(problem, Warning) and not isinstance(problem, UserWarning)
        if other or is_of_signal_handler(problem):
            raise
        text = str(problem) or type(problem).__name__
        if "truncated" in text or isinstance(problem, EOFError):
            raise cut(f"the {found.format} file ends before its image is complete") from problem
        raise malformed(f"the {found.format} file cannot be decoded: {text}") from problem
    return image  # type: ignore[no-any-return]


def _check_alone(image: Any) -> None:
    if getattr(image, "is_animated", False):
        raise several("it is an animation of several images")


def _check_rows(image: Image, found: Found) -> None:
    """Refuse a PNG file whose compressed data lack rows, which stay 0 in Pillow."""
    if found.format == "PNG":
        # Of images whose last row is not 0, no row is missing. Not by a crop: Pillow compares its
        # size with a global limit.
        box = image.getbbox()
        if "interlace" in image.info or box is None or box[3] < image.height:
            check_data(found.content)


def _load(image: Any) -> None:
    """Decode an image, and refuse one that is not complete.

    With the global setting ``LOAD_TRUNCATED_IMAGES``, which another library may set, Pillow fills
    the rest of a damaged image with gray. Its method `load` runs here as without the setting.
    """
    # Late: Pillow is an extra.
    from PIL import ImageFile

    if image.format != "WEBP":  # its decoder has the whole file
        # Of JPEG, `load_read` appends an end where there is none.
        read = (
            image.fp.read if image.format == "JPEG" else getattr(image, "load_read", image.fp.read)
        )
        image.load_read = _complete(read)
    load = ImageFile.ImageFile.load
    if type(image).load is not load:
        image.load()
        return
    strict = {**vars(ImageFile), "LOAD_TRUNCATED_IMAGES": False}
    FunctionType(load.__code__, strict, load.__name__, load.__defaults__, load.__closure__)(image)


def _complete(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Return a function that reads a part of an image, which is never empty."""

    def part(count: int) -> bytes:
        try:
            data = read(count)
        except (IndexError, struct.error):
            data = b""
        if not data:
            raise cut("the file ends before its image is complete")
        return data

    return part

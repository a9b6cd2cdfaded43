"""Opening: turns an input of any kind into pixels."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.origins import is_of_signal_handler, mark_of_input
from netencoders_image.decoding import decoded, oriented, pillow, pixels_of_image
from netencoders_image.errors import ImageError
from netencoders_image.exif import orientation_of
from netencoders_image.found import several
from netencoders_image.limits import check_pixels, current_limits, too_many_bytes
from netencoders_image.pixels import Pixels, of_array, of_planes

__all__ = ["is_image_array", "open_pixels"]

_PIECE: Final = 1 << 20


def open_pixels(value: Any, *, orient: bool) -> Pixels:
    """Return the pixels of an input.

    Parameters
    ----------
    value : object
        A path, bytes, a binary file object, an image of Pillow, an array, or a mapping with
        ``bytes`` or ``path``, as the rows of Hugging Face datasets.
    orient : bool
        Whether the image is turned as its EXIF orientation states.

    Raises
    ------
    ImageError
        The input is not one image that can be decoded without a loss.
    """
    images = pillow()
    if isinstance(value, str | os.PathLike):
        return decoded(_file_content(os.fspath(value)), orient=orient)
    if isinstance(value, bytes | bytearray | memoryview):
        content = bytes(value)
        if len(content) > (most := current_limits().max_bytes):
            raise too_many_bytes(most, len(content))
        return decoded(content, orient=orient)
    if isinstance(value, np.ndarray | list):
        return _of_array(np.asarray(value) if isinstance(value, list) else value)
    if isinstance(value, Mapping):
        return open_pixels(_unwrapped(value), orient=orient)
    if callable(getattr(value, "read", None)):
        return decoded(_rest_of_file(value), orient=orient)
    if isinstance(value, images.Image):
        return _of_image(value, orient=orient)
    raise _unsupported(value)


def is_image_array(array: npt.NDArray[Any]) -> bool:
    """Return whether the shape of an array is (height, width) or (height, width, channels)."""
    return array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))


def _unsupported(value: object) -> ImageError:
    return ImageError(
        f"Image takes a path, bytes, an image of Pillow or an array, not a value of type "
        f"{type(value).__name__}",
        code="unsupported-input",
        remedy="convert it to an array of uint8 with the shape (height, width, channels)",
    )


def _unwrapped(value: Mapping[Any, Any]) -> Any:
    """Return the image in a mapping; the bytes are taken before the path."""
    for key, kinds in (("bytes", (bytes, bytearray)), ("path", (str, os.PathLike))):
        if isinstance(value.get(key), kinds):
            return value[key]
    raise ImageError(
        "the mapping has neither 'bytes' nor a 'path'",
        code="unsupported-input",
        remedy="give the image itself",
    )


def _of_image(image: Any, *, orient: bool) -> Pixels:
    """Return the pixels of an image of Pillow, which may not be decoded yet."""
    check_pixels(image.size)
    if getattr(image, "is_animated", False):
        raise several(f"it has {getattr(image, 'n_frames', 'several')} images")
    try:
        image.load()
    except OSError as problem:
        if is_of_signal_handler(problem):
            raise
        code = "truncated" if "truncated" in str(problem) else "malformed"
        raise ImageError(
            f"Pillow cannot load it: {problem}", code=code, remedy="fetch its file again"
        ) from problem
    pixels = pixels_of_image(image)
    exif = image.info.get("exif", b"")
    return oriented(pixels, orientation_of(exif)) if orient and isinstance(exif, bytes) else pixels


def _of_array(array: npt.NDArray[Any]) -> Pixels:
    if not is_image_array(array):
        hint = ""
        if array.ndim == 3 and array.shape[0] in (1, 3, 4):
            hint = "with channels first: array.transpose(1, 2, 0)"
        elif array.ndim == 4:
            hint = "of several images: encoder(list(array))"
        raise _invalid(
            f"the array has the shape {array.shape}, not (height, width) or (height, width, n), "
            "with n = 1, 3 or 4",
            hint or "change its shape",
        )
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    elif array.shape[0] in (1, 3, 4):
        raise ImageError(
            f"the channels of an array of the shape {array.shape} may be first or last",
            code="ambiguous-image",
            remedy="pass an image of Pillow: PIL.Image.fromarray(array)",
        )
    height, width, count = array.shape
    check_pixels((width, height))
    if isinstance(array, np.ma.MaskedArray):
        raise _invalid("a masked array may lack pixels", "fill them, and pass the array")
    if array.dtype == np.uint8:
        values, make, full = array, of_array, 255.0
    else:
        values, full = _floats(array)

        def make(values: npt.NDArray[Any], space: str) -> Pixels:
            return of_planes(values, space, full)

    pixels = make(values[:, :, : 3 if count > 1 else 1], "RGB" if count > 1 else "Grayscale")
    if count == 4:
        pixels = pixels._replace(alpha=make(values[:, :, 3:], "Grayscale").bands[0])
    return pixels


def _floats(array: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], float]:
    """Return the values of an array as float32, and the value that stands for 1."""
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return array.astype(np.float32), 65535.0
    if array.dtype.kind != "f":
        raise _invalid(
            f"an array of {array.dtype} has no known range: uint8, uint16 and floats are taken",
            "for values from 0 to 255: array.astype(numpy.uint8)",
        )
    with np.errstate(over="ignore"):
        low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError(
            "the array contains NaN or infinity", code="non-finite", remedy="replace these values"
        )
    if low < 0 or high > 1:
        raise _invalid(
            f"an array of floats has values from 0 to 1, and this one from {low:.6g} to {high:.6g}",
            "for values from 0 to 255: array / 255",
        )
    return array.astype(np.float32), 1.0


def _invalid(problem: str, remedy: str) -> ImageError:
    return ImageError(problem, code="invalid-image", remedy=remedy)


def _file_content(path: str | bytes) -> bytes:
    """Return the content of a regular file, which does not change while it is read.

    Other kinds of files are refused before they are opened: opening a FIFO may wait for ever.
    """
    try:
        _check_regular(os.stat(path).st_mode)
        with open(path, "rb", opener=_open_at_once) as file:
            before = os.fstat(file.fileno())
            _check_regular(before.st_mode)  # it may have been replaced
            most = current_limits().max_bytes
            if before.st_size > most:
                raise too_many_bytes(most, before.st_size)
            content = file.read(most + 1)
            after = os.fstat(file.fileno())
    except (OSError, ValueError) as problem:
        if is_of_signal_handler(problem):  # such as a TimeoutError
            raise
        raise _unreadable(problem) from None
    if len(content) > most:
        raise too_many_bytes(most)
    if len(content) != before.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise ImageError(
            "the file changes while it is read",
            code="file-changed",
            remedy="encode it when its writer is ready",
        )
    return content


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; do not wait for a writer if a pipe has replaced it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise ImageError(f"it is {kind}", code="not-a-file", remedy="name a file")


def _unreadable(problem: OSError | ValueError) -> ImageError:
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return ImageError("no such file", code="not-found", remedy="check the path")
    if isinstance(problem, PermissionError):
        return ImageError(
            "no permission to read it", code="permission", remedy="check its permissions"
        )
    reason = getattr(problem, "strerror", None) or problem
    return ImageError(f"cannot be read: {reason}", code="unreadable", remedy="check the path")


def _rest_of_file(file: Any) -> bytes:
    """Return the content of a file object from its position on."""
    most = current_limits().max_bytes
    content = bytearray()
    while len(content) <= most:
        try:
            part = file.read(_PIECE)
        except Exception as problem:
            mark_of_input(problem)
            raise
        if not isinstance(part, bytes | bytearray):
            raise ImageError(
                f"the file object gives {type(part).__name__}, not bytes",
                code="unsupported-input",
                remedy='open it with the mode "rb"',
            )
        if not part:
            return bytes(content)
        content += part
    raise too_many_bytes(most)

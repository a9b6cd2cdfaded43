"""Images that the tests make, and the naive computation of their arrays."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

__all__ = ["chunk", "content", "naive", "png", "scene", "with_orientation"]


def scene(width=61, height=47, channels=3, seed=0):
    """Return an array of uint8 with ramps and noise."""
    row, column, channel = np.ogrid[:height, :width, :channels]
    noise = np.random.default_rng(seed).integers(0, 64, (height, width, channels))
    return ((3 * column + 2 * row + 40 * channel) % 192 + noise).astype(np.uint8)


def content(image, form="PNG", **options):
    """Return an array or an image of Pillow as the bytes of a file."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def with_orientation(number):
    """Return EXIF data that state an orientation."""
    exif = Image.Exif()
    exif[274] = number
    return exif.tobytes()


def chunk(name, data):
    """Return a chunk of a PNG file."""
    check = zlib.crc32(data, zlib.crc32(name))
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def png(width, height, depth, color, data):
    """Return a PNG file with any header; `data` are its rows, each with the byte of its filter."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def naive(image, size, resampling=Image.Resampling.BILINEAR, mode="RGB"):
    """Return the stretched image from 0 to 1, with the channels first."""
    small = np.asarray(image.convert(mode).resize(size, resampling), np.float32) / np.float32(255)
    return small[np.newaxis] if small.ndim == 2 else small.transpose(2, 0, 1)

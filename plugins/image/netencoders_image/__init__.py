"""The encoder "Image": images of files and of memory as arrays of one size.

Pillow decodes and resizes. It is the extra ``image``, and is imported when the first image is
encoded.
"""

from netencoders_image.encoder import ImageEncoder
from netencoders_image.errors import ImageError
from netencoders_image.limits import Limits, limits

__all__ = ["ImageEncoder", "ImageError", "Limits", "limits"]

"""The errors of the encoder Image, and the codes of `ImageError`."""

from __future__ import annotations

from netencoders import EncodeError

__all__ = ["ImageError"]


class ImageError(EncodeError):
    """An image cannot be encoded; `code` names the kind of problem.

    ==================== =====================================================================
    code                 meaning
    ==================== =====================================================================
    not-found            no such file
    permission           there is no permission to read the file
    unreadable           reading the file or the file object fails
    not-a-file           a folder, a FIFO, a socket or a device
    file-changed         the file changes while it is read
    empty-file           a file of 0 bytes, or a file object at its end
    unrecognized         no image of a format that is read
    malformed            an image file whose content contradicts itself
    truncated            the file ends before its image is complete
    empty-image          an image without pixels
    limit-exceeded       more pixels or bytes than a limit; see `limits`
    several-images       an animation, or a file of several pages
    unsupported-depth    more bits in a channel than can be decoded without a loss
    unsupported-color    a colour space that has no exact conversion to ColorSpace
    transparent          an image with transparent pixels, and Transparency is "Refuse"
    ambiguous-image      an array whose channels may be the first or the last dimension
    invalid-image        an array of a wrong shape, type or range
    non-finite           an array with NaN or infinity
    unsupported-input    a value of an unsupported type
    missing-library      Pillow is not installed
    ==================== =====================================================================

    `EncodeError` has the parameters and the attributes.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> from netencoders_image import ImageError
    >>> try:
    ...     NetEncoder("Image")("missing.png")
    ... except ImageError as error:
    ...     print(error.code, error.source, error.remedy, sep="; ")
    not-found; missing.png; check the path
    """

"""Limits: the largest images that are decoded.

The defaults are above ordinary photographs, and below the memory of a machine. `limits` changes
them inside a ``with`` block, and the environment variable ``NETENCODERS_IMAGE_LIMITS`` for a whole
process, for example ``max_pixels=200000000``. Pillow's own ``MAX_IMAGE_PIXELS`` has an effect on
TIFF and WebP only, whose errors name it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Final

from netencoders import ParameterError
from netencoders.policies import current, policies
from netencoders_image.errors import ImageError

__all__ = ["Limits", "check_pixels", "current_limits", "limits", "too_many_bytes"]

POLICY: Final = "image.limits"
VARIABLE: Final = "NETENCODERS_IMAGE_LIMITS"


@dataclass(frozen=True)
class Limits:
    """The limits of an image.

    Parameters
    ----------
    max_pixels : int
        The number of pixels, of the file and after a change of its size.
    max_bytes : int
        The size of a file in bytes.

    Examples
    --------
    >>> from netencoders_image import Limits
    >>> Limits().max_pixels
    89478485
    """

    max_pixels: int = 89_478_485  # as in Pillow, which warns above it
    max_bytes: int = 1 << 30


_NAMES: Final = tuple(field.name for field in fields(Limits))


@contextmanager
def limits(**changes: int) -> Iterator[Limits]:
    """Change limits inside a ``with`` block, and in the threads and processes that start in it.

    Parameters
    ----------
    **changes
        Attributes of `Limits` and their new values.

    Yields
    ------
    Limits
        The limits inside the block.

    Raises
    ------
    ParameterError
        A limit is unknown, or its value is not an integer above 0.

    Examples
    --------
    >>> from netencoders_image import limits
    >>> with limits(max_pixels=10**9) as raised:
    ...     raised.max_pixels
    1000000000
    """
    changed = _changed(current_limits(), changes, "limits")
    # Numbers, not the object: a worker process may have another class of this name.
    with policies({POLICY: {name: getattr(changed, name) for name in _NAMES}}):
        yield changed


def current_limits() -> Limits:
    """Return the limits in force.

    Raises
    ------
    ParameterError
        The environment variable has a wrong value.
    """
    changes: dict[str, Any] | None = current(POLICY, None)
    return _of_environment(os.environ.get(VARIABLE, "")) if changes is None else Limits(**changes)


@cache
def _of_environment(text: str) -> Limits:
    changes: dict[str, Any] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = entry.partition("=")
        changes[name] = int(value) if value.isdecimal() else value
    return _changed(Limits(), changes, VARIABLE)


def _changed(before: Limits, changes: dict[str, Any], owner: str) -> Limits:
    problems = [
        f"unknown limit {name!r}. Known: {', '.join(_NAMES)}."
        if name not in _NAMES
        else f"{name!r} must be an integer > 0. Got {value!r:.80}."
        for name, value in changes.items()
        if name not in _NAMES or type(value) is not int or value < 1
    ]
    if problems:
        raise ParameterError(owner, problems)
    return replace(before, **changes)


def check_pixels(size: tuple[int, int], note: str = "") -> None:
    """Refuse an image without pixels, or of more pixels than the limit.

    Raises
    ------
    ImageError
        With code ``empty-image`` or ``limit-exceeded``.
    """
    width, height = size
    if width < 1 or height < 1:
        raise ImageError(
            f"the image has {width} x {height} pixels{note}",
            code="empty-image",
            remedy="leave it out",
        )
    limit = current_limits().max_pixels
    if width * height > limit:
        raise ImageError(
            f"the image has {width} x {height} pixels{note}, and the limit max_pixels is {limit}",
            code="limit-exceeded",
            remedy=_remedy("max_pixels", width * height),
        )


def too_many_bytes(limit: int, size: int = 0) -> ImageError:
    """Return the error for a file beyond the limit; the size is 0 if it is not known."""
    return ImageError(
        f"the file has more than {limit} bytes, the limit max_bytes",
        code="limit-exceeded",
        remedy=_remedy("max_bytes", max(2 * limit, size)),
    )


def _remedy(name: str, needed: int) -> str:
    return (
        f"to allow it, use netencoders_image.limits({name}={needed}), or set the environment "
        f"variable {VARIABLE}={name}={needed}"
    )

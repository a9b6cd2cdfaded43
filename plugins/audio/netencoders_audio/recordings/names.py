"""Names: the name of a file object in messages."""

from __future__ import annotations

import os
import re
from typing import Any, Final

from netencoders.errors import MAX_NAME
from netencoders.origins import is_of_signal_handler

__all__ = ["attribute", "file_name"]

# A URL is more exact than a name: urllib names all of its responses '<urllib response>'.
_NAMES: Final = ("url", "geturl", "full_name", "name", "key", "path")


def file_name(file: Any) -> str:
    """Return the URL, the name, or the key of a file object; "file object" if it has none.

    A user name and a password in a URL are left out.
    """
    for attribute_name in _NAMES:
        name = attribute(file, attribute_name)
        if attribute_name == "geturl" and callable(name):
            name = _called(name)
        # The name of a file that was opened by its descriptor is a number.
        if isinstance(name, str | bytes | os.PathLike) and name:
            text = re.sub(r"(?<=://)[^/@]*@", "", os.fsdecode(name))
            return text if len(text) <= MAX_NAME else f"{text[:MAX_NAME]}..."
    return "file object"


def attribute(value: Any, name: str) -> Any:
    """Return an attribute, or None if there is none, or if reading it fails."""
    try:
        return getattr(value, name, None)
    except Exception as problem:  # a property of foreign code may raise anything
        if is_of_signal_handler(problem):
            raise
        return None


def _called(function: Any) -> Any:
    try:
        return function()
    except Exception as problem:  # foreign code may raise anything
        if is_of_signal_handler(problem):
            raise
        return None

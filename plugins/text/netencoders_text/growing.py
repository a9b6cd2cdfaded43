"""Growing: bounds of the text and of the tokens that the parts of a tokenizer.json make."""

from __future__ import annotations

import base64
from typing import Any, Final

from netencoders_text.charsmap import growth_of_rules

__all__ = ["MAX_GROWTH", "growth_of", "repeats_of"]

MAX_GROWTH: Final = 1000


def growth_of(part: Any) -> int:
    """Return a bound of the bytes that a normalizer or a decoder makes of one byte.

    Parameters
    ----------
    part : object
        The part of a tokenizer.json: a mapping with ``type``, or None.

    Examples
    --------
    >>> growth_of({"type": "Replace", "pattern": {"String": " "}, "content": "123"})
    3
    """
    if isinstance(part, list):
        product = 1
        for each in part:
            product *= growth_of(each)
        return product
    if not isinstance(part, dict):
        return 1
    if part.get("type") == "Replace":
        size = len(str(part.get("content", "")).encode())
        pattern = part.get("pattern")
        found = pattern.get("String") if isinstance(pattern, dict) else None
        # A regular expression may match between any two characters.
        return max(1, -(-size // len(found.encode()))) if found else 1 + size
    if part.get("type") == "Prepend":
        return 1 + len(str(part.get("prepend", "")).encode())
    if part.get("type") == "Precompiled":
        return max(1, growth_of_rules(_unpacked(part.get("precompiled_charsmap"))))
    return growth_of([each for each in part.values() if isinstance(each, list | dict)])


def repeats_of(part: Any) -> int:
    """Return how often a post-processor gives the tokens of a text.

    Examples
    --------
    >>> text = {"Sequence": {"id": "A", "type_id": 0}}
    >>> repeats_of({"type": "TemplateProcessing", "single": [text, text]})
    2
    """
    if not isinstance(part, dict):
        return 1
    if part.get("type") == "TemplateProcessing":
        return sum("Sequence" in piece for piece in part.get("single", ()))
    product = 1
    for each in part.get("processors", ()):
        product *= repeats_of(each)
    return product


def _unpacked(rules: object) -> bytes:
    return base64.b64decode(rules) if isinstance(rules, str) else bytes(rules or [])  # type: ignore[call-overload]

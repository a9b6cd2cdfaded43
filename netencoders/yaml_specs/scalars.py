"""Conversion between YAML scalars and Python values.

Scalars follow the core schema of YAML 1.2. (PyYAML itself follows YAML 1.1, where ``no`` is False,
``010`` is 8 and ``12:30`` is 750.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from netencoders.errors import SpecError
from netencoders.parameters import short
from netencoders.sentinels import Sentinel

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "SURROGATE",
    "UNWRITABLE",
    "resolved",
    "written",
    "written_text",
]

MAX_BYTES = 2**20
"""The largest size of a spec."""

MAX_VALUES = 20_000
"""The largest number of values of a spec, including lists and mappings."""

MAX_DEPTH = 16
"""The maximum depth of nested lists and mappings, including the document itself."""

SURROGATE = re.compile("[\ud800-\udfff]")

UNWRITABLE = re.compile(
    # Not the complement of the allowed characters: that takes ten times as long to compile, 5 ms.
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""The characters that a spec must escape. U+0085, U+2028 and U+2029 are among them because they
break lines in YAML 1.1 and not in YAML 1.2."""

_NAMED: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGERS = {
    10: re.compile(r"[-+]?[0-9]+"),
    8: re.compile(r"0o[0-7]+"),
    16: re.compile(r"0x[0-9a-fA-F]+"),
}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_INTEGER = 40  # characters; Python raises at some thousands of digits
_SAFE_TEXT = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_ .+/()-]*[A-Za-z0-9_.+/()-])?")


def resolved(text: str) -> Any:
    """Return the value of a scalar without quotes.

    Raises
    ------
    SpecError
        The scalar is a number that a spec must not contain.

    Examples
    --------
    >>> [resolved(text) for text in ("010", "1e3", "0o10", "12:30", "no", "~")]
    [10, 1000.0, 8, '12:30', 'no', None]
    """
    if text in _NAMED:
        return _NAMED[text]
    for base, pattern in _INTEGERS.items():
        if pattern.fullmatch(text):
            integer = int(text, base) if len(text) <= _LONGEST_INTEGER else 2**64
            if not _of_64_bits(integer):
                raise SpecError("the integer needs more than 64 bits: quote a text.")
            return integer
    if _NOT_FINITE.fullmatch(text):
        raise SpecError("the number is not finite: quote a text.")
    if _FLOAT.fullmatch(text):
        real = float(text)
        if math.isinf(real):
            raise SpecError("the number is too large for a float64: quote a text.")
        return real
    return text


def written(value: Any, level: int = 1) -> str:
    """Return a value as YAML on one line. Reading the line gives the same value.

    Parameters
    ----------
    value : object
    level : int
        The depth of `value` in the document, if it is a list or mapping.

    Raises
    ------
    SpecError
        A spec cannot hold the value.
    """
    if isinstance(value, list | tuple | Mapping) and level > MAX_DEPTH:
        raise SpecError(f"a spec cannot hold values nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(item, level + 1) for item in value)}]"
    if isinstance(value, Mapping):
        items = (f"{written_text(key)}: {written(part, level + 1)}" for key, part in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, str):
        return written_text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sentinel):
        return repr(value)
    if isinstance(value, int) and _of_64_bits(value):
        return int.__repr__(value)
    if isinstance(value, float) and math.isfinite(value):
        text = float.__repr__(value)
        # Most readers of YAML take 1e-10 for a text.
        return text if "." in text else text.replace("e", ".0e")
    raise SpecError(f"a spec cannot hold {short(value)}.")


def written_text(text: str) -> str:
    """Return a text as YAML, without quotes if YAML reads the same text without them.

    >>> print(written_text("25 ms"), written_text("1e3"))
    25 ms "1e3"
    """
    if SURROGATE.search(text):
        raise SpecError(f"a spec cannot hold a lone surrogate: {short(text)}.")
    if _SAFE_TEXT.fullmatch(text) and not _reads_as_other(text):
        return text
    # Imported late: few texts need quotes.
    import json

    quoted = json.dumps(text, ensure_ascii=False)
    return UNWRITABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _of_64_bits(value: int) -> bool:
    return -(2**63) <= value < 2**63


def _reads_as_other(text: str) -> bool:
    try:
        return not isinstance(resolved(text), str)
    except SpecError:
        return True

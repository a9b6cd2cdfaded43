"""Corrections: values that a user may mean by a value that a parameter refuses.

They appear in the message only. No value is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from netencoders.sentinels import All, Automatic, Sentinel

__all__ = ["corrections", "number_of", "says_nothing", "written"]

_WORDS: Final[dict[str, tuple[Any, ...]]] = {
    "auto": (Automatic,),
    "automatic": (Automatic,),
    "default": (Automatic,),
    "all": (All,),
    "none": (None, All),
    "null": (None, All),
    "no": (False, None),
    "off": (False, None),
    "false": (False, None),
    "yes": (True,),
    "on": (True,),
    "true": (True,),
}
_NOTHING: Final = {"auto", "automatic", "default", "none", "null", ""}
_NUMBER: Final = re.compile(r"([-+]?[0-9]{1,12}(?:\.[0-9]{1,12})?)")
_GROUPED: Final = re.compile(
    r"[-+]?[0-9]{1,3}([_, '][0-9]{3}){1,4}|[-+]?[0-9]{1,12}(_[0-9]{1,12})+"
)
_RATE: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?(hz|khz|k|mhz)", re.IGNORECASE)
_TIMES: Final = {"hz": 1, "k": 1000, "khz": 1000, "mhz": 1_000_000}
_COUNT: Final = re.compile(r"([0-9]{1,12}) ?(samples?|frames?)", re.IGNORECASE)
_TIME: Final = re.compile(
    r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ?"
    r"(?:(?P<us>microseconds?|usecs?|µs|μs|us)|(?P<ms>milliseconds?|millis|msecs?|ms)"
    r"|(?P<s>seconds?|secs?|s)|(?P<m>minutes?|mins?))",
    re.IGNORECASE,
)


def corrections(value: Any, unit: str = "") -> Iterator[Any]:
    """Yield values that a user may mean by `value`, the most likely first.

    Parameters
    ----------
    value : object
        A value that a parameter refuses.
    unit : str
        The unit of the parameter.

    Examples
    --------
    >>> [list(corrections(value)) for value in ("auto", "16 kHz", "16_000", 400.0)]
    [[Automatic], [16000], [16000], [400, '400 s', '400 ms']]
    """
    if isinstance(value, str) and len(value) < 100:
        yield from _of_text(value.strip())
    elif value is None:
        yield from (Automatic, All)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from (bool(value),) if value in (0, 1) else ()
    elif isinstance(value, float) and abs(value) < 2**53:
        yield from _of_real(value, unit)


def number_of(text: str) -> int | float | None:
    """Return the number in a text, in Hz if it is a frequency; None if there is none.

    >>> number_of("44.1 kHz"), number_of("16,000"), number_of("0.97"), number_of("many")
    (44100, 16000, 0.97, None)
    """
    if match := _RATE.fullmatch(text):
        from fractions import Fraction  # late, as only a mistake needs it

        return _plain(float(Fraction(match[1]) * _TIMES[match[2].casefold()]))
    if _GROUPED.fullmatch(text):
        return int(re.sub("[_, ']", "", text))
    if _NUMBER.fullmatch(text):
        return _plain(float(text)) if "." in text else int(text)
    return int(match[1]) if (match := _COUNT.fullmatch(text)) else None


def says_nothing(value: Any) -> bool:
    """Return whether a value stands for no choice, such as None or ``"auto"``.

    >>> says_nothing("auto"), says_nothing(None), says_nothing("all")
    (True, True, False)
    """
    if isinstance(value, str):
        return len(value) < 100 and value.strip().casefold() in _NOTHING
    return value is None or value is Automatic


def written(name: str, value: Any) -> str:
    """Return ``name=value`` as Python, with a note if the value is written in another way in YAML.

    >>> written("Offset", "10 ms"), written("Normalization", None)
    ("Offset='10 ms'", 'Normalization=None (null in YAML)')
    """
    note = ""
    if isinstance(value, Sentinel):
        note = f" (a word in YAML; in Python, from netencoders import {value!r})"
    elif value is None:
        note = " (null in YAML)"
    return f"{name}={value!r}{note}"


def _of_text(text: str) -> Iterator[Any]:
    yield from _WORDS.get(text.casefold(), ())
    number = number_of(text)
    if isinstance(number, float):
        yield from (number, *_of_real(number, ""))
    elif number is not None:
        yield number
    elif match := _TIME.fullmatch(text):
        unit = match.lastgroup or "s"
        yield (
            f"{60 * int(match[1])} s"
            if unit == "m" and match[1].isdigit()
            else (f"{match[1]} {unit}")
        )


def _of_real(value: float, unit: str) -> Iterator[Any]:
    plain = _plain(value)
    if isinstance(plain, int):
        yield plain
    elif unit == "Hz" and value < 1000 and isinstance(rate := _plain(round(value * 1000, 6)), int):
        yield rate  # in kHz
    if 0 < value < 1:  # most libraries take seconds
        yield f"{_digits(value * 1000)} ms"
    elif value >= 1:
        yield from (f"{_digits(value)} s", f"{_digits(value)} ms")


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _digits(number: float) -> str:
    """Return a number in the form of a duration: without an exponent."""
    return f"{number:.9f}".rstrip("0").rstrip(".")

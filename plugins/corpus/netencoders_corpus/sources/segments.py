"""Segments: the times and the channel of a row, exactly, and their text in an id."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from netencoders.parameters import short

__all__ = [
    "NAMES",
    "WHOLE",
    "Segment",
    "decimal_seconds",
    "read_segment",
    "samples_at",
    "segment_columns",
    "segment_problem",
]

BEGINS: Final = ("start", "offset")
ENDS: Final = ("stop", "end")
NAMES: Final = (*BEGINS, *ENDS, "duration", "channel")
"""The columns of a manifest that choose a part of a file."""

LONGEST: Final = Decimal(10**9)  # s, as in Audio.open
MAX_TEXT: Final = 40  # characters of a number


class Segment(NamedTuple):
    """A part of a file: its times in s and its channel, which count from 0; None for all."""

    start: float | None = None
    stop: float | None = None
    channel: int | None = None

    @property
    def text(self) -> str:
        """The end of an id: ``#1.5-3.0``, with the channel ``#1.5-3.0@1``, or an empty text."""
        start, stop, channel = self
        if start is stop is channel is None:
            return ""
        times = "" if start is stop is None else f"#{_number(start)}-{_number(stop)}"
        return times if channel is None else f"{times}@{channel}"


WHOLE: Final = Segment()


def segment_columns(names: Mapping[str, Any]) -> list[str]:
    """Return the columns of parts that a row has."""
    return [name for name in NAMES if name in names]


def read_segment(row: Mapping[str, Any], problems: list[str]) -> tuple[Segment, Any]:
    """Return the segment of a row, and the stated length of the file.

    A segment begins at ``start`` or ``offset``, and stops at ``stop``, ``end``, or ``duration``
    after its beginning. A ``duration`` without a beginning is the length of the file.

    Parameters
    ----------
    row : mapping
    problems : list of str
        The reasons why there is no such segment are added.
    """
    begin, stated = _only(row, BEGINS, problems), row.get("duration")
    end = _only(row, ENDS, problems)
    count = len(problems)
    start = _time(begin, row, problems)
    stop = _time(end, row, problems)
    if start is not None and end is None and stated not in (None, ""):
        length = _time("duration", row, problems)
        stop = None if length is None else start + length
        stated = None
    channel = _channel(row.get("channel"), problems)
    if len(problems) == count and (problem := segment_problem(start, stop)):
        problems.append(problem)
    if len(problems) > count:
        return WHOLE, None
    return Segment(_float(start), _float(stop), channel), None if stated == "" else stated


def segment_problem(start: Decimal | None, stop: Decimal | None) -> str | None:
    """Return the reason why a part of a file is not valid, or None."""
    begin = start or Decimal(0)
    if begin < 0:
        return f"the segment starts at {_short(begin)} s, before the file: correct it."
    if stop is not None and stop <= begin:
        order = "is empty" if stop == begin else "stops before it starts"
        return f"the segment from {_short(begin)} s to {_short(stop)} s {order}: correct it."
    if max(begin, stop or begin) > LONGEST:
        return f"the segment reaches beyond {LONGEST} s: times are in seconds."
    return None


def decimal_seconds(value: Any) -> Decimal:
    """Return a number of a manifest as the decimal number that is written there.

    Raises
    ------
    ValueError
        It is no finite number.
    """
    if isinstance(value, float):
        value = repr(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > 10**MAX_TEXT:
            raise ValueError("too large")
        return Decimal(value)
    if isinstance(value, str) and len(value) <= MAX_TEXT and "_" not in value:
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise ValueError("no number") from None
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError("no finite number")
    return value


def samples_at(seconds: Decimal, rate: int) -> int:
    """Return the number of samples that is nearest to a time; half a sample is rounded up."""
    return int((seconds * rate).quantize(Decimal(1), ROUND_HALF_UP))


def _only(row: Mapping[str, Any], names: tuple[str, ...], problems: list[str]) -> str | None:
    given = [name for name in names if row.get(name) not in (None, "")]
    if len(given) > 1:
        problems.append(f"{given[0]!r} and {given[1]!r} are both given: give one of the two.")
        return None
    return given[0] if given else None


def _time(name: str | None, row: Mapping[str, Any], problems: list[str]) -> Decimal | None:
    if name is None:
        return None
    try:
        return decimal_seconds(row[name])
    except ValueError:
        problems.append(
            f"{name!r} is {short(row[name])}, not a number of seconds: write it as 1.5."
        )
        return None


def _channel(value: Any, problems: list[str]) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = decimal_seconds(value)
        if number == number.to_integral_value() and 0 <= number < 1 << 31:
            return int(number)
    except ValueError:
        pass
    problems.append(
        f"'channel' is {short(value)}, not an index: the first channel is 0; rename a column of "
        "another meaning."
    )
    return None


def _float(seconds: Decimal | None) -> float | None:
    return None if seconds is None else float(seconds) + 0.0  # 0.0 instead of -0.0


def _number(seconds: float | None) -> str:
    if seconds is None:
        return ""
    text = repr(seconds)
    return format(Decimal(text), "f") if "e" in text else text


def _short(seconds: Decimal) -> str:
    return f"{seconds:.12g}"

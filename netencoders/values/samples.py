"""Samples: a number of samples, or a duration."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from netencoders.values.base import RefusedError, ValueType
from netencoders.values.scalars import Integer

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Samples", "duration_seconds"]

_DURATION: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ?(us|ms|s)")
_PER_SECOND: Final = {"us": 1_000_000, "ms": 1_000, "s": 1}


def duration_seconds(text: str) -> Fraction:
    """Return the exact number of seconds of a duration.

    Raises
    ------
    ValueError
        The text is not a duration.

    Examples
    --------
    >>> duration_seconds("25 ms")
    Fraction(1, 40)
    """
    # Imported late: fractions imports decimal, and most lengths are given in samples.
    from fractions import Fraction

    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"a duration is a number with a unit, such as '25 ms'. Got {text!r}.")
    return Fraction(match[1]) / _PER_SECOND[match[2]]


class Samples(ValueType):
    """A number of samples, or a duration that a sample rate converts to samples (A11).

    A duration is a number with a unit, such as ``"25 ms"``, ``"1.5 s"`` or ``"40 us"``. It resolves
    to the smallest number of samples that are at least as long, with exact arithmetic: at 11025 Hz
    ``"25 ms"`` is 276 samples, as the Automatic window size (A1).

    Parameters
    ----------
    min, max : int, optional
        Inclusive bounds of the number of samples.
    rate : str
        The name of the parameter for the sample rate, which is in Hz.

    Examples
    --------
    >>> Samples(min=1).resolve("25 ms", {"SampleRate": 16000})
    400
    """

    def __init__(
        self,
        min: int | None = None,  # noqa: A002 - the field's words
        max: int | None = None,  # noqa: A002
        *,
        rate: str = "SampleRate",
    ) -> None:
        self.count = Integer(min, max)
        self.depends = (rate,)

    def check(self, value: Any) -> int | str:
        if not isinstance(value, str):
            return self.count.check(value)
        match = _DURATION.fullmatch(value)
        if match is None:
            raise RefusedError("A duration is a number with a unit: '25 ms', '1.5 s', '40 us'.")
        return f"{match[1]} {match[2]}"

    def describe(self) -> tuple[str, ...]:
        return (*self.count.describe(), "a duration")

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> int:
        if not isinstance(value, str):
            return int(value)
        from fractions import Fraction  # late, as in `duration_seconds`

        (rate,) = self.depends
        exact = duration_seconds(value) * Fraction(depends[rate])
        try:
            return self.count.check(math.ceil(exact))
        except RefusedError:
            raise RefusedError(f"At {depends[rate]} Hz it is {math.ceil(exact)} samples.") from None

    def schema(self) -> dict[str, Any]:
        pattern = f"^{_DURATION.pattern}$"
        return {"anyOf": [self.count.schema(), {"type": "string", "pattern": pattern}]}

    def examples(self) -> list[Any]:
        return [*self.count.examples(), "25 ms", "0.5s"]

    def counterexamples(self) -> list[Any]:
        return [*self.count.counterexamples(), "25", "25 minutes", "-1 s", "1e3 s", "ms"]

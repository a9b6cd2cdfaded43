"""Samples: a number of samples, or a duration."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from netencoders.values.base import RefusedError, ValueType
from netencoders.values.scalars import Integer

__all__ = ["Samples"]


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

    _DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ?(us|ms|s)")
    _PER_SECOND: ClassVar[dict[str, int]] = {"us": 1_000_000, "ms": 1_000, "s": 1}

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
        match = self._DURATION.fullmatch(value)
        if match is None:
            raise RefusedError("A duration is a number with a unit: '25 ms', '1.5 s', '40 us'.")
        return f"{match[1]} {match[2]}"

    def describe(self) -> tuple[str, ...]:
        return (*self.count.describe(), "a duration")

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> int:
        if not isinstance(value, str):
            return int(value)
        # Imported late: fractions imports decimal, and most lengths are given in samples.
        from fractions import Fraction

        number, unit = value.split()
        (rate,) = self.depends
        exact = Fraction(number) * Fraction(depends[rate]) / self._PER_SECOND[unit]
        try:
            return self.count.check(math.ceil(exact))
        except RefusedError:
            raise RefusedError(f"At {depends[rate]} Hz it is {math.ceil(exact)} samples.") from None

    def schema(self) -> dict[str, Any]:
        pattern = f"^{self._DURATION.pattern}$"
        return {"anyOf": [self.count.schema(), {"type": "string", "pattern": pattern}]}

    def examples(self) -> list[Any]:
        return [*self.count.examples(), "25 ms", "0.5s"]

    def counterexamples(self) -> list[Any]:
        return [*self.count.counterexamples(), "25", "25 minutes", "-1 s", "1e3 s", "ms"]

"""The types of numbers that are drawn: a number, a range, or a distribution with a name (A147)."""

from __future__ import annotations

from typing import Any

from netencoders import Choice, Real, RefusedError, TupleOf, Union
from netencoders.values import alternatives
from netencoders.values.samples import duration_seconds

__all__ = ["Distribution", "Seconds"]


class Seconds(Real):
    """A time in seconds, or a duration with a sign, such as ``"-20 ms"``."""

    def check(self, value: Any) -> float:
        """Return the number of seconds."""
        if isinstance(value, str):
            sign = -1.0 if value.startswith("-") else 1.0
            try:
                value = sign * float(duration_seconds(value.removeprefix("-")))
            except ValueError:
                raise RefusedError(
                    "A duration is a number with a unit: '20 ms', '-1.5 s'."
                ) from None
        return super().check(value)

    def describe(self) -> tuple[str, ...]:
        """Return the numbers, and durations."""
        return (*super().describe(), "a duration")

    def schema(self) -> dict[str, Any]:
        """Return the schema."""
        return {"anyOf": [super().schema(), {"type": "string"}]}


class Range(TupleOf):
    """A range ``[low, high]`` in which each number has the same probability."""

    def check(self, value: Any) -> tuple[float, float]:
        low, high = super().check(value)
        if low > high:
            raise RefusedError("The first number of a range must not be above the second.")
        return low, high

    def describe(self) -> tuple[str, ...]:
        return ("a range [low, high]",)

    def examples(self) -> list[Any]:
        return [sorted(self.items[0].examples()[:2])]

    def counterexamples(self) -> list[Any]:
        low, high = self.examples()[0]
        return [*super().counterexamples(), [high, low], [low]]


class Named(TupleOf):
    """A distribution by its name: ``["Uniform", low, high]`` and so on."""

    def __init__(self, item: Real, low: float) -> None:
        deviation = type(item)(0, 1000)
        self._uniform = Range(item, item)
        positive = type(item)(max(item.min or 0.0, 1e-9), item.max)
        self._logarithmic = Range(positive, positive)
        self._normal = TupleOf(item, deviation)
        self._pair = sorted(item.examples()[:2])
        names = ("Uniform", "Normal") if low < 0 else ("Uniform", "LogUniform", "Normal")
        super().__init__(Choice(*names), item, Real())
        self._names = names

    def check(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise RefusedError
        name, *numbers = value
        name = self.items[0].check(name)
        if name == "Uniform":
            return self._uniform.check(numbers)
        kind = self._normal if name == "Normal" else self._logarithmic
        return (name, *kind.check(numbers))

    def describe(self) -> tuple[str, ...]:
        return (f"a list of {alternatives(tuple(map(repr, self._names)))} and two numbers",)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 3, "maxItems": 3}

    def examples(self) -> list[Any]:
        low, high = self._pair
        return [[name, low, high] for name in self._names]

    def counterexamples(self) -> list[Any]:
        low, high = self._pair
        return [["Gauss", low, high], ["Normal", low, -1], ["Uniform", high, low], ["Normal", low]]


class Distribution(Union):
    """A number, a range of numbers, or a distribution with a name.

    Parameters
    ----------
    low, high : float
        The bounds.
    item : type
        `Real` or `Seconds`.
    """

    def __init__(self, low: float, high: float, item: type[Real] = Real) -> None:
        self._number = item(low, high)
        super().__init__(self._number, Range(self._number, self._number), Named(self._number, low))

    def describe(self) -> tuple[str, ...]:
        """Return the alternatives, without their bounds twice."""
        return (
            *self._number.describe(),
            "a range [low, high]",
            "a distribution such as ['Normal', mean, deviation]",
        )

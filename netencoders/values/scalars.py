"""Types of single values: numbers, texts, and choices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from netencoders.errors import nearest
from netencoders.sentinels import Sentinel
from netencoders.values.base import RefusedError, ValueType, takes
from netencoders.values.plain import NAMED, to_plain

__all__ = ["Boolean", "Choice", "Integer", "Real", "Text"]


class _Number(ValueType):
    """Integers and reals: numbers within bounds. A bool is not a number."""

    noun: ClassVar[str]
    json_type: ClassVar[str]

    def __init__(self, min: float | None = None, max: float | None = None) -> None:  # noqa: A002 - the field's words
        self.min = min
        self.max = max

    def _bounded(self, value: Any) -> Any:
        if (self.min is not None and value < self.min) or (
            self.max is not None and value > self.max
        ):
            raise RefusedError
        return value

    def describe(self) -> tuple[str, ...]:
        if self.min is None and self.max is None:
            return (self.noun,)
        if self.max is None:
            return (f"{self.noun} >= {self.min}",)
        if self.min is None:
            return (f"{self.noun} <= {self.max}",)
        return (f"{self.noun} from {self.min} to {self.max}",)

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.min, "maximum": self.max}
        return {"type": self.json_type} | {
            key: bound for key, bound in bounds.items() if bound is not None
        }

    def counterexamples(self) -> list[Any]:
        # Adding 1 to a large float can leave it unchanged, so the step grows with the bound.
        beyond = [] if self.min is None else [self.min - max(1, abs(self.min))]
        beyond += [] if self.max is None else [self.max + max(1, abs(self.max))]
        return [*beyond, True, "three", float("nan"), [], object()]


class Integer(_Number):
    """A 64-bit integer within bounds. ``True`` and ``3.0`` are not integers.

    Parameters
    ----------
    min, max : int, optional
        Bounds, both inclusive.

    Examples
    --------
    >>> Integer(1, 9)
    Integer(an integer from 1 to 9)
    """

    noun = "an integer"
    json_type = "integer"

    def check(self, value: Any) -> int:
        if not _is_number(value, int | np.integer):
            raise RefusedError
        if not -(2**63) <= value < 2**63:
            raise RefusedError("It needs more than 64 bits.")
        return int(self._bounded(int(value)))

    def examples(self) -> list[Any]:
        low = math.ceil(self.min) if self.min is not None else min(0, math.floor(self.max or 0))
        high = low + 3 if self.max is None else min(low + 3, math.floor(self.max))
        return [*dict.fromkeys([low, high]), np.int64(high)]

    def counterexamples(self) -> list[Any]:
        return [*super().counterexamples(), 1.5, 2**63]


class Real(_Number):
    """A finite number within bounds. Its canonical form is a float.

    Parameters
    ----------
    min, max : float, optional
        Bounds, both inclusive.
    above : float, optional
        An exclusive lower bound.

    Examples
    --------
    >>> Real(above=0, max=1)
    Real(a number > 0 and <= 1)
    """

    noun = "a number"
    json_type = "number"

    def __init__(
        self,
        min: float | None = None,  # noqa: A002 - the field's words
        max: float | None = None,  # noqa: A002
        *,
        above: float | None = None,
    ) -> None:
        super().__init__(min, max)
        self.above = above

    def check(self, value: Any) -> float:
        if not _is_number(value, int | float | np.integer | np.floating):
            raise RefusedError
        try:
            number = float(value) + 0.0  # turns -0.0 into 0.0, so that zero has one form
        except OverflowError:
            raise RefusedError from None
        if not math.isfinite(number) or (self.above is not None and number <= self.above):
            raise RefusedError
        return float(self._bounded(number))

    def describe(self) -> tuple[str, ...]:
        if self.above is None:
            return super().describe()
        upper = "" if self.max is None else f" and <= {self.max}"
        return (f"{self.noun} > {self.above}{upper}",)

    def schema(self) -> dict[str, Any]:
        exclusive = {} if self.above is None else {"exclusiveMinimum": self.above}
        return super().schema() | exclusive

    def examples(self) -> list[Any]:
        low = self.min if self.min is not None else self.above
        high = self.max
        if low is None and high is None:
            return [0, -1.5, np.float32(0.25)]
        if low is None:
            return [high, high - 1.5] if high is not None else []
        if high is None:
            return [low + 0.5, low + 2]
        return [high, (low + high) / 2]

    def counterexamples(self) -> list[Any]:
        edge = [] if self.above is None else [self.above]
        return [*super().counterexamples(), *edge, float("inf"), 10**400]


class Boolean(ValueType):
    """True or False.

    Examples
    --------
    >>> Boolean().check(True)
    True
    """

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool | np.bool_):
            raise RefusedError
        return bool(value)

    def describe(self) -> tuple[str, ...]:
        return ("True", "False")

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def examples(self) -> list[Any]:
        return [True, False]

    def counterexamples(self) -> list[Any]:
        return [0, 1, "True", None]


class Text(ValueType):
    """Any text except ``"Automatic"`` and ``"All"``, which specs read as names.

    Parameters
    ----------
    examples : iterable of str
        At least one text for the contract tests. Give examples if `Encoder.constraints` accepts
        only some texts.

    Raises
    ------
    ValueError
        There is no example, or an example is not a text.

    Examples
    --------
    >>> Text(examples=["en", "pt"]).examples()
    ['en', 'pt']
    """

    def __init__(self, *, examples: Iterable[str] = ("text", "")) -> None:
        self._examples = [] if isinstance(examples, str) else list(examples)
        if not self._examples or not all(takes(self, example) for example in self._examples):
            raise ValueError(
                "examples must be a list of at least one text that the type takes. "
                f"Got {examples!r}."
            )

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value in NAMED:
            raise RefusedError
        return str.__str__(value)  # not str(): members of an enum define their own __str__

    def describe(self) -> tuple[str, ...]:
        return ("a text",)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "not": {"enum": sorted(NAMED)}}

    def examples(self) -> list[Any]:
        return list(self._examples)

    def counterexamples(self) -> list[Any]:
        return [1, True, None, b"text", []]


class Choice(ValueType):
    """One of the listed values. ``1``, ``1.0`` and ``True`` are different values.

    Parameters
    ----------
    *options : str, int, float, bool, None, Automatic or All

    Examples
    --------
    >>> Choice(None, "Max")
    Choice(None, 'Max')
    """

    def __init__(self, *options: str | int | float | bool | Sentinel | None) -> None:
        self.options = options

    def check(self, value: Any) -> Any:
        plain = value.item() if isinstance(value, np.generic) else value
        for option in self.options:
            if type(plain) is type(option) and plain == option:
                return option
        hint = ""
        if isinstance(value, str):
            hint = nearest(value, [text for text in self.options if isinstance(text, str)])
        raise RefusedError(hint.strip())

    def describe(self) -> tuple[str, ...]:
        return tuple(repr(option) for option in self.options)

    def schema(self) -> dict[str, Any]:
        return {"enum": [to_plain(option) for option in self.options]}

    def examples(self) -> list[Any]:
        return list(self.options)

    def counterexamples(self) -> list[Any]:
        candidates: list[Any] = ["no such choice", -12345, True, False, None, [], object()]
        return [bad for bad in candidates if not self._takes(bad)]

    def _takes(self, value: Any) -> bool:
        return any(type(value) is type(option) and value == option for option in self.options)


def _is_number(value: object, kinds: Any) -> bool:
    """Return whether `value` is of `kinds`, but not a bool or timedelta64, which are integers."""
    return isinstance(value, kinds) and not isinstance(value, bool | np.timedelta64)

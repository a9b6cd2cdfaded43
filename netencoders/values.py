"""The types that a parameter's value may have.

A type does five things, each in one method: it checks a value, describes itself in the one error
message, resolves what the value leaves open, draws itself in JSON Schema, and gives good and bad
examples of itself for the contract tests. Types are immutable and hold no state.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from netencoders.errors import nearest
from netencoders.sentinels import All, Automatic, Sentinel

__all__ = [
    "Boolean",
    "Choice",
    "Integer",
    "ListOf",
    "Real",
    "RefusedError",
    "Samples",
    "Text",
    "TupleOf",
    "Union",
    "ValueType",
    "from_plain",
    "to_plain",
]

_NAMED = {"All": All, "Automatic": Automatic}


class RefusedError(Exception):
    """A value that a type does not take. Its text, if any, is a further hint for the user."""


class ValueType(ABC):
    """What a parameter's value may be; subclass it for a type of your own."""

    depends: tuple[str, ...] = ()
    """Names of the parameters that `resolve` needs."""

    @abstractmethod
    def check(self, value: Any) -> Any:
        """Return `value` in its canonical, hashable form.

        Raises
        ------
        RefusedError
            The value is not of this type.
        """

    @abstractmethod
    def describe(self) -> tuple[str, ...]:
        """Return what may stand after 'must be', one text an alternative."""

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> Any:
        """Return the checked `value` with nothing left open, given the parameters it depends on.

        Raises
        ------
        RefusedError
            The value does not fit the parameters it depends on.
        """
        return value

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return this type as JSON Schema."""

    @abstractmethod
    def examples(self) -> list[Any]:
        """Return some values that `check` takes."""

    @abstractmethod
    def counterexamples(self) -> list[Any]:
        """Return some values that `check` refuses."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.describe())})"


class _Number(ValueType):
    """What integers and reals share: bounds, and that bool is no number."""

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
        # A step of 1 alone would be lost on bounds that are large floats.
        beyond = [] if self.min is None else [self.min - max(1, abs(self.min))]
        beyond += [] if self.max is None else [self.max + max(1, abs(self.max))]
        return [*beyond, True, "three", float("nan"), [], object()]


class Integer(_Number):
    """An integer of 64 bits within bounds, both inclusive. A bool is no integer, nor is 3.0."""

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
    """A finite number within bounds, both inclusive; `above` is an exclusive lower bound."""

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
            number = float(value) + 0.0  # there is one zero: -0.0 + 0.0 is 0.0
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
    """True or False."""

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
    """Any text except the names that stand for Automatic and All."""

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value in _NAMED:
            raise RefusedError
        return str.__str__(value)  # not str(): an enum's members have their own

    def describe(self) -> tuple[str, ...]:
        return ("a text",)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "not": {"enum": sorted(_NAMED)}}

    def examples(self) -> list[Any]:
        return ["text", ""]

    def counterexamples(self) -> list[Any]:
        return [1, True, None, b"text", []]


class Choice(ValueType):
    """One of the listed values: texts, numbers, None or a sentinel. `1` is not `True`."""

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


class Samples(ValueType):
    """A count of samples, or a duration that is resolved against a sample rate (A11).

    A duration is a number with a unit, ``"25 ms"``, ``"1.5 s"`` or ``"40 us"``. It stands for the
    smallest number of samples that lasts at least as long, computed exactly: ``"25 ms"`` is 276
    samples at 11025 Hz, as the Automatic window is (A1).

    Parameters
    ----------
    min, max : int, optional
        Bounds of the count in samples, both inclusive.
    rate : str
        The parameter that holds the sample rate, in Hz.
    """

    _DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ?(us|ms|s)")
    _SECONDS: ClassVar[dict[str, Fraction]] = {
        "us": Fraction(1, 1_000_000),
        "ms": Fraction(1, 1_000),
        "s": Fraction(1),
    }

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
        number, unit = value.split()
        (rate,) = self.depends
        exact = Fraction(number) * self._SECONDS[unit] * Fraction(depends[rate])
        try:
            return self.count.check(math.ceil(exact))
        except RefusedError:
            raise RefusedError(
                f"At {depends[rate]} Hz that is {math.ceil(exact)} samples."
            ) from None

    def schema(self) -> dict[str, Any]:
        pattern = f"^{self._DURATION.pattern}$"
        return {"anyOf": [self.count.schema(), {"type": "string", "pattern": pattern}]}

    def examples(self) -> list[Any]:
        return [*self.count.examples(), "25 ms", "0.5s"]

    def counterexamples(self) -> list[Any]:
        return [*self.count.counterexamples(), "25", "25 minutes", "-1 s", "1e3 s", "ms"]


class Union(ValueType):
    """Any of several types; the first one that takes a value decides its canonical form."""

    def __init__(self, *types: ValueType) -> None:
        self.types = types
        self.depends = tuple(dict.fromkeys(name for kind in types for name in kind.depends))

    def check(self, value: Any) -> Any:
        return self._match(value)[1]

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> Any:
        kind, checked = self._match(value)
        return kind.resolve(checked, depends)

    def _match(self, value: Any) -> tuple[ValueType, Any]:
        hints = []
        for kind in self.types:
            try:
                return kind, kind.check(value)
            except RefusedError as refusal:
                hints.append(str(refusal))
        raise RefusedError(" ".join(filter(None, hints)))

    def describe(self) -> tuple[str, ...]:
        return tuple(text for kind in self.types for text in kind.describe())

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [kind.schema() for kind in self.types]}

    def examples(self) -> list[Any]:
        return [value for kind in self.types for value in kind.examples()]

    def counterexamples(self) -> list[Any]:
        bad = [value for kind in self.types for value in kind.counterexamples()]
        return [value for value in bad if not _takes(self, value)]


class TupleOf(ValueType):
    """A sequence of fixed length with one type a place, such as ``["Max", 0.5]``."""

    def __init__(self, *items: ValueType) -> None:
        self.items = items
        self.depends = tuple(dict.fromkeys(name for kind in items for name in kind.depends))

    def check(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) != len(self.items):
            raise RefusedError
        return tuple(kind.check(item) for kind, item in zip(self.items, value, strict=True))

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(
            kind.resolve(item, depends) for kind, item in zip(self.items, value, strict=True)
        )

    def describe(self) -> tuple[str, ...]:
        return (f"[{', '.join(alternatives(kind.describe()) for kind in self.items)}]",)

    def schema(self) -> dict[str, Any]:
        size = len(self.items)
        return {
            "type": "array",
            "prefixItems": [kind.schema() for kind in self.items],
            "minItems": size,
            "maxItems": size,
        }

    def examples(self) -> list[Any]:
        first = [kind.examples()[0] for kind in self.items]
        last = [kind.examples()[-1] for kind in self.items]
        return [first, tuple(last)]

    def counterexamples(self) -> list[Any]:
        good = [kind.examples()[0] for kind in self.items]
        wrong = [
            [*good[:place], kind.counterexamples()[0], *good[place + 1 :]]
            for place, kind in enumerate(self.items)
        ]
        return [good[1:], [*good, good[0]], *wrong, "text", None]


class ListOf(ValueType):
    """A sequence of any length within bounds, all of one type."""

    def __init__(self, item: ValueType, min_length: int = 0, max_length: int | None = None) -> None:
        self.item = item
        self.min_length = min_length
        self.max_length = max_length
        self.depends = item.depends

    def check(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) < self.min_length:
            raise RefusedError
        if self.max_length is not None and len(value) > self.max_length:
            raise RefusedError
        return tuple(self.item.check(item) for item in value)

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(self.item.resolve(item, depends) for item in value)

    def describe(self) -> tuple[str, ...]:
        upper = "or more" if self.max_length is None else f"to {self.max_length}"
        item = alternatives(self.item.describe())
        return (f"a list of {self.min_length} {upper} values, each {item}",)

    def schema(self) -> dict[str, Any]:
        upper = {} if self.max_length is None else {"maxItems": self.max_length}
        return {"type": "array", "items": self.item.schema(), "minItems": self.min_length} | upper

    def examples(self) -> list[Any]:
        good = self.item.examples()[0]
        longest = self.min_length + 2
        if self.max_length is not None:
            longest = min(longest, self.max_length)
        return [[good] * self.min_length, (good,) * longest]

    def counterexamples(self) -> list[Any]:
        bad: list[Any] = [
            [self.item.counterexamples()[0]] * max(1, self.min_length),
            "text",
            None,
            0,
        ]
        if self.min_length:
            bad.append([])
        if self.max_length is not None:
            bad.append([self.item.examples()[0]] * (self.max_length + 1))
        return bad


def alternatives(texts: tuple[str, ...]) -> str:
    """Join descriptions as prose does: 'a, b or c'."""
    *rest, last = dict.fromkeys(texts)
    return f"{', '.join(rest)} or {last}" if rest else last


def to_plain(value: Any) -> Any:
    """Return a canonical value in JSON's and YAML's terms: sentinels by name, tuples as lists."""
    if isinstance(value, Sentinel):
        return repr(value)
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(value: Any) -> Any:
    """Return a value read from JSON or YAML in Python's terms; the inverse of `to_plain`."""
    if isinstance(value, list):
        return tuple(from_plain(item) for item in value)
    return _NAMED.get(value, value) if isinstance(value, str) else value


def _is_number(value: object, kinds: Any) -> bool:
    """Tell whether `value` is of the kinds; numpy derives durations from integers, Python bools."""
    return isinstance(value, kinds) and not isinstance(value, bool | np.timedelta64)


def _takes(kind: ValueType, value: Any) -> bool:
    try:
        kind.check(value)
    except RefusedError:
        return False
    return True

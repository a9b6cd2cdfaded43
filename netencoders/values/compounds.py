"""Types that consist of other types: unions and sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders.values.base import Keep, RefusedError, ValueType, alternatives, takes

__all__ = ["ListOf", "TupleOf", "Union"]


class Union(ValueType):
    """A value of one of several types. The first type that takes a value gives its canonical form.

    Parameters
    ----------
    *types : ValueType
        The types, in the order in which they are tried.

    Examples
    --------
    >>> from netencoders import Choice, Integer
    >>> Union(Choice(None), Integer(min=1))
    Union(None, an integer >= 1)
    """

    def __init__(self, *types: ValueType) -> None:
        self.types = types
        self.depends = tuple(dict.fromkeys(name for kind in types for name in kind.depends))

    def check(self, value: Any) -> Any:
        return self._match(value)[1]

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> Any:
        kind, checked = self._match(value)
        return kind.resolve(checked, depends)

    def content(self, value: Any) -> Any:
        for kind in self.types:
            if takes(kind, value):
                return kind.content(value)
        return super().content(value)

    def beside(self, value: Any, keep: Keep) -> Any:
        for kind in self.types:
            if takes(kind, value):
                return kind.beside(value, keep)
        return super().beside(value, keep)

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
        return [value for value in bad if not takes(self, value)]


class TupleOf(ValueType):
    """A list or tuple of fixed length with one type for each place, such as ``["Max", 0.5]``.

    Parameters
    ----------
    *items : ValueType
        The type of each value.

    Examples
    --------
    >>> from netencoders import Choice, Real
    >>> TupleOf(Choice("Max", "RMS"), Real(above=0)).check(["Max", 1])
    ('Max', 1.0)
    """

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

    def content(self, value: Any) -> list[Any]:
        return [kind.content(item) for kind, item in zip(self.items, value, strict=True)]

    def beside(self, value: Any, keep: Keep) -> list[Any]:
        return [kind.beside(item, keep) for kind, item in zip(self.items, value, strict=True)]

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
    """A list or tuple of values of the same type.

    Parameters
    ----------
    item : ValueType
        The type of each value.
    min_length : int
    max_length : int, optional
        The bounds of the length, both inclusive.

    Examples
    --------
    >>> from netencoders import Integer
    >>> ListOf(Integer(), 1).check([3, 4])
    (3, 4)
    """

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

    def content(self, value: Any) -> list[Any]:
        return [self.item.content(item) for item in value]

    def beside(self, value: Any, keep: Keep) -> list[Any]:
        return [self.item.beside(item, keep) for item in value]

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

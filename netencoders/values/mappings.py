"""MappingOf: values by name, such as the kinds of an augmentation with their strengths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from netencoders.values.base import Keep, RefusedError, ValueType, alternatives
from netencoders.values.plain import FrozenMapping

__all__ = ["MappingOf"]

_RESERVED: Final = "asset"
"""In a spec, a mapping of this key alone names a file."""


class MappingOf(ValueType):
    """A mapping of names to values, with one type for each name, or one for all.

    The canonical form is an immutable mapping, sorted by name: the order of a mapping has no
    meaning. In YAML, and in the command, it is ``{Noise: 0.1, Volume: 0.5}``.

    Parameters
    ----------
    kinds : ValueType, or mapping of str to ValueType
        The type of all values, whose names are then free; or the names that may be given, with the
        type of the value of each.
    min_length : int
        The smallest number of values.

    Raises
    ------
    ValueError
        The name ``asset`` is declared, which names a file in specs.

    Examples
    --------
    >>> from netencoders import MappingOf, Real
    >>> kind = MappingOf({"Noise": Real(min=0), "Volume": Real(above=0)})
    >>> kind.check({"Volume": 2, "Noise": 0.1})
    {'Noise': 0.1, 'Volume': 2.0}
    >>> kind
    MappingOf(a mapping of some of Noise: a number >= 0; Volume: a number > 0)
    """

    def __init__(self, kinds: ValueType | Mapping[str, ValueType], min_length: int = 0) -> None:
        self.item = kinds if isinstance(kinds, ValueType) else None
        self.kinds: dict[str, ValueType] = {} if isinstance(kinds, ValueType) else dict(kinds)
        self.min_length = min_length
        if _RESERVED in self.kinds:
            raise ValueError("a mapping cannot have the name 'asset': specs use it for files.")
        each = [*self.kinds.values()] if self.item is None else [self.item]
        self.depends = tuple(dict.fromkeys(name for kind in each for name in kind.depends))

    def check(self, value: Any) -> FrozenMapping:
        if not isinstance(value, Mapping):
            raise RefusedError
        if len(value) < self.min_length:
            raise RefusedError(f"It has {len(value)} values.")
        return FrozenMapping({name: self._checked(name, item) for name, item in value.items()})

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> FrozenMapping:
        return FrozenMapping(
            {name: self._kind(name).resolve(item, depends) for name, item in value.items()}
        )

    def content(self, value: Any) -> dict[str, Any]:
        return {name: self._kind(name).content(item) for name, item in value.items()}

    def beside(self, value: Any, keep: Keep) -> dict[str, Any]:
        return {name: self._kind(name).beside(item, keep) for name, item in value.items()}

    def _kind(self, name: str) -> ValueType:
        return self.kinds[name] if self.item is None else self.item

    def _checked(self, name: Any, item: Any) -> Any:
        # Imported late: netencoders.parameters imports the types of values.
        from netencoders.errors import nearest
        from netencoders.parameters import short

        if not isinstance(name, str) or not name.isprintable() or name in ("", _RESERVED):
            raise RefusedError(f"{short(name)} cannot be a name in it.")
        if self.item is None and name not in self.kinds:
            hint = nearest(name, self.kinds) or f" Known: {', '.join(self.kinds)}."
            raise RefusedError(f"{short(name)} is not a name in it.{hint}")
        kind = self._kind(name)
        try:
            return kind.check(item)
        except RefusedError as refusal:
            known = alternatives(kind.describe())
            text = f"The value of {name!r} must be {known}. Got {short(item)}. {refusal}"
            raise RefusedError(text.rstrip()) from None

    def describe(self) -> tuple[str, ...]:
        if self.item is not None:
            return (f"a mapping of names, each to {alternatives(self.item.describe())}",)
        each = (f"{name}: {alternatives(kind.describe())}" for name, kind in self.kinds.items())
        return (f"a mapping of some of {'; '.join(each)}",)

    def schema(self) -> dict[str, Any]:
        names: dict[str, Any] = {"propertyNames": {"not": {"const": _RESERVED}}}
        if self.item is not None:
            names["additionalProperties"] = self.item.schema()
        else:
            each = {name: kind.schema() for name, kind in self.kinds.items()}
            names = {"properties": each, "additionalProperties": False}
        return {"type": "object", "minProperties": self.min_length} | names

    def examples(self) -> list[Any]:
        if self.item is not None:
            size = max(self.min_length, 1)
            return [{f"Name{place}": value for place in range(size)} for value in self._items()]
        whole = {name: kind.examples()[0] for name, kind in self.kinds.items()}
        if self.min_length > 1:
            return [whole]
        single = [{name: value} for name, kind in self.kinds.items() for value in kind.examples()]
        return [whole, *single]

    def _items(self) -> Iterator[Any]:
        assert self.item is not None  # noqa: S101 - for mypy: the caller checks it
        yield from self.item.examples()

    def counterexamples(self) -> list[Any]:
        good = self.examples()[0]
        bad = [{**good, name: self._kind(name).counterexamples()[0]} for name in good]
        few: list[Any] = [{}] if self.min_length else []
        unknown: list[Any] = [] if self.item is not None else [{**good, "NoSuchName": 1}]
        return [*bad, *few, *unknown, {**good, "asset": "a.txt"}, {**good, 1: 1}, [], "text", None]

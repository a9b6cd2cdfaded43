"""Plain values: canonical values as JSON and YAML contain them, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from netencoders.sentinels import All, Automatic, Sentinel

__all__ = ["NAMED", "FrozenMapping", "from_plain", "is_shortened", "to_plain", "typed"]

NAMED: Final = {"All": All, "Automatic": Automatic}


class FrozenMapping(Mapping[str, Any]):
    """An immutable mapping of names to values, sorted by name: the value of a `MappingOf`.

    Parameters
    ----------
    items : mapping

    Examples
    --------
    >>> FrozenMapping({"b": 1, "a": (2, 3)})
    {'a': (2, 3), 'b': 1}
    """

    __slots__ = ("_items",)
    _items: dict[str, Any]

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = {name: items[name] for name in sorted(items, key=str)}

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(tuple(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


def to_plain(value: Any) -> Any:
    """Return a canonical value as JSON and YAML contain it: sentinels by name, tuples as lists."""
    if isinstance(value, Sentinel):
        return repr(value)
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, FrozenMapping):
        return {name: to_plain(item) for name, item in value.items()}
    return value


def typed(value: Any) -> object:
    """Return the pair of type and value: 1, 1.0 and True are different values."""
    if isinstance(value, tuple):
        return tuple(typed(item) for item in value)
    if isinstance(value, FrozenMapping):
        return FrozenMapping, tuple((name, typed(item)) for name, item in value.items())
    return type(value), value


def from_plain(value: Any) -> Any:
    """Return the canonical value of a value from JSON or YAML; the inverse of `to_plain`."""
    if isinstance(value, list):
        return tuple(from_plain(item) for item in value)
    if isinstance(value, Mapping):
        return FrozenMapping({name: from_plain(item) for name, item in value.items()})
    return NAMED.get(value, value) if isinstance(value, str) else value


def is_shortened(value: Any) -> bool:
    """Return whether the repr of a canonical value leaves out a part of it, such as numbers."""
    if getattr(value, "is_shortened", False):
        return True
    if isinstance(value, FrozenMapping):
        return any(map(is_shortened, value.values()))
    return isinstance(value, tuple) and any(map(is_shortened, value))

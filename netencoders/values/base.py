"""ValueType, the base of the types of parameter values, and conversion to and from plain values.

A type has one method for each of five tasks: it checks a value, describes itself for the error
message, resolves a value that depends on other parameters, returns its JSON Schema, and gives good
and bad examples for the contract tests. Types are immutable and hold no state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from netencoders.sentinels import All, Automatic, Sentinel

__all__ = [
    "NAMED",
    "RefusedError",
    "ValueType",
    "alternatives",
    "from_plain",
    "takes",
    "to_plain",
    "typed",
]

NAMED: Final = {"All": All, "Automatic": Automatic}


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


def alternatives(texts: tuple[str, ...]) -> str:
    """Join descriptions as a sentence does: 'a, b or c'."""
    *rest, last = dict.fromkeys(texts)
    return f"{', '.join(rest)} or {last}" if rest else last


def to_plain(value: Any) -> Any:
    """Return a canonical value as JSON and YAML hold it: sentinels by name, tuples as lists."""
    if isinstance(value, Sentinel):
        return repr(value)
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def typed(value: Any) -> object:
    """Return `value` with its type beside it: 1, 1.0 and True are different parameters."""
    if isinstance(value, tuple):
        return tuple(typed(item) for item in value)
    return type(value), value


def from_plain(value: Any) -> Any:
    """Return the canonical value for one read from JSON or YAML; the inverse of `to_plain`."""
    if isinstance(value, list):
        return tuple(from_plain(item) for item in value)
    return NAMED.get(value, value) if isinstance(value, str) else value


def takes(kind: ValueType, value: Any) -> bool:
    """Return whether the type `kind` accepts `value`."""
    try:
        kind.check(value)
    except RefusedError:
        return False
    return True

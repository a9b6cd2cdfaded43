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
    """Raised by `ValueType.check` and `ValueType.resolve` for a value that they refuse.

    The standard message names the parameter, its type and the value. The text of a RefusedError is
    added to that message, so it holds only a further hint, or nothing.

    Examples
    --------
    >>> from netencoders import Integer
    >>> Integer().check(2**63)
    Traceback (most recent call last):
        ...
    netencoders.values.base.RefusedError: It needs more than 64 bits.
    """


class ValueType(ABC):
    """The type of a parameter's value; subclass it for a type of your own.

    A subclass implements `check`, `describe`, `schema`, `examples` and `counterexamples`, and
    `resolve` where a value leaves something open. A type is immutable and holds no state of a call.

    Attributes
    ----------
    depends : tuple of str
        The names of the parameters that `resolve` needs; none by default. Such a parameter is
        resolved first, and must be declared by the same encoder.

    See Also
    --------
    netencoders.testing.EncoderContract : tests the types of an encoder's parameters.

    Examples
    --------
    A type may extend a similar one:

    >>> from netencoders import Integer, RefusedError
    >>> class PowerOfTwo(Integer):
    ...     def check(self, value):
    ...         number = super().check(value)
    ...         if number < 1 or number & (number - 1):
    ...             raise RefusedError
    ...         return number
    ...     def describe(self):
    ...         return ("a power of two",)
    ...     def examples(self):
    ...         return [1, 512]
    >>> PowerOfTwo().check(512), PowerOfTwo()
    (512, PowerOfTwo(a power of two))
    """

    depends: tuple[str, ...] = ()

    @abstractmethod
    def check(self, value: Any) -> Any:
        """Return `value` in its canonical form.

        Parameters
        ----------
        value : object
            Any value: as a user wrote it in Python, as YAML or the command line gave it, or in
            its canonical form already.

        Returns
        -------
        str, int, float, bool, None, Automatic, All, or a tuple of these
            Equal values have one canonical form, and the form of a canonical value is itself.
            YAML, JSON and the digest hold this value; a tuple is written as a list, Automatic
            and All by their names.

        Raises
        ------
        RefusedError
            The value is not of this type. No other error may be raised.
        """

    @abstractmethod
    def describe(self) -> tuple[str, ...]:
        """Return the alternatives of this type, one phrase each.

        Returns
        -------
        tuple of str
            Noun phrases such as ``("an integer", "a duration")``. Messages and documentation join
            them: ``'Offset' must be an integer or a duration. Got -1.``
        """

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> Any:
        """Return a checked value with nothing left open.

        Parameters
        ----------
        value : object
            A value that `check` returned.
        depends : mapping
            The resolved values of the parameters that `depends` names.

        Returns
        -------
        object
            The value that the encoder finds in `Encoder.resolved`, of the same plain types as a
            canonical one. By default it is `value`.

        Raises
        ------
        RefusedError
            The value does not fit the parameters that it depends on.
        """
        return value

    def content(self, value: Any) -> Any:
        """Return the content of a resolved value for the digest.

        The default is the value itself. A type whose value names something else, such as a window
        of a plugin, returns a content that changes when that does.

        Parameters
        ----------
        value : object
            A resolved value.

        Returns
        -------
        object
            In JSON's terms: str, int, float, bool, None, lists and dicts of these.
        """
        return to_plain(value)

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return this type as JSON Schema (draft 2020-12), for editors of specs.

        Returns
        -------
        dict
            It accepts the plain form of every value that `check` takes. It may accept more: the
            schema helps while a spec is written, and `check` decides.
        """

    @abstractmethod
    def examples(self) -> list[Any]:
        """Return at least one value that `check` takes, for the contract tests.

        Good examples are both bounds and each alternative. An example may be refused together
        with other parameters; the contract skips it then.
        """

    @abstractmethod
    def counterexamples(self) -> list[Any]:
        """Return values that `check` refuses, for the contract tests.

        Good counterexamples lie just beyond a bound, or are of a similar type: ``True`` for a
        number, ``"16000"`` for an integer.
        """

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

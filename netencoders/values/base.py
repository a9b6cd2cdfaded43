"""ValueType, the base of the types of parameter values.

A type has one method for each of seven tasks: it checks a value, describes itself for the error
message, resolves a value that depends on other parameters, returns the content of a value for the
digest, moves long values to files beside a spec, returns its JSON Schema, and gives good and bad
examples for the contract tests. Types are immutable and hold no state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from netencoders.values.plain import to_plain

__all__ = [
    "Keep",
    "RefusedError",
    "ValueType",
    "alternatives",
    "takes",
]

Keep = Callable[[str, bytes], dict[str, str]]
"""Keeps the content of a file, and returns the mapping that names the file in a spec."""


class RefusedError(Exception):
    """Raised by `ValueType.check` and `ValueType.resolve` for a value that they refuse.

    The standard message names the parameter, its type and the value. The text of a RefusedError is
    added to that message: it is a further hint, or empty.

    Examples
    --------
    >>> from netencoders import Integer
    >>> Integer().check(2**63)
    Traceback (most recent call last):
        ...
    netencoders.values.base.RefusedError: It needs more than 64 bits.
    """


class ValueType(ABC):
    """Base class of the types of parameter values.

    A subclass implements `check`, `describe`, `schema`, `examples` and `counterexamples`, and
    `resolve` if a value depends on other parameters. A type is immutable.

    Attributes
    ----------
    depends : tuple of str
        The names of the parameters that `resolve` needs; empty by default. The same encoder must
        declare them, and they are resolved first.

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
            Any value: from Python, from YAML or from the command line. It may be canonical.

        Returns
        -------
        str, int, float, bool, None, Automatic, All, or a tuple or FrozenMapping of these
            Equal values have the same canonical form, and a canonical value is its own canonical
            form. YAML, JSON and the digest contain this value: a tuple as a list, Automatic and
            All by name.

        Raises
        ------
        RefusedError
            The value is not of this type. `check` must not raise any other error.
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
        """Return the value that the encoder uses, which may depend on other parameters.

        Parameters
        ----------
        value : object
            A value that `check` returned.
        depends : mapping
            The resolved values of the parameters that `depends` names.

        Returns
        -------
        object
            The value in `Encoder.resolved`, of the same plain types as a canonical value. By
            default it is `value`.

        Raises
        ------
        RefusedError
            The value does not fit the parameters that it depends on.
        """
        return value

    def content(self, value: Any) -> Any:
        """Return the content of a resolved value for the digest.

        Inside a `Union`, the first type whose `check` takes the resolved value is asked.

        The default is the value itself. A type whose value names something else, such as a window
        of a plugin, returns a content that changes when the named thing changes.

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

    def beside(self, value: Any, keep: Keep) -> Any:
        """Return a canonical value as a spec holds it that has files beside it.

        `NetEncoder.to_yaml` with ``assets=`` writes these files, and net files hold them. A type
        whose values are long, such as the model of a tokenizer, gives the content of a file to
        `keep`. `check` must read an equal value from this file.

        Parameters
        ----------
        value : object
            A canonical value.
        keep : callable
            ``keep(suffix, content)`` keeps the bytes as a file whose name ends with a suffix such
            as ``".json"``, and returns the mapping ``{"asset": name}``.

        Returns
        -------
        object
            In JSON's terms. By default the value itself.
        """
        return to_plain(value)

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return this type as JSON Schema (draft 2020-12), for editors of specs.

        Returns
        -------
        dict
            It accepts the plain form of every value that `check` takes. It may accept further
            values: `check` decides.
        """

    @abstractmethod
    def examples(self) -> list[Any]:
        """Return values that `check` takes, for the contract tests.

        Returns
        -------
        list
            At least one value; good examples are both bounds and each alternative. The contract
            skips an example that does not fit the other parameters.
        """

    @abstractmethod
    def counterexamples(self) -> list[Any]:
        """Return values that `check` refuses, for the contract tests.

        Returns
        -------
        list
            Good counterexamples are just beyond a bound, or of a similar type: ``True`` for a
            number, ``"16000"`` for an integer.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.describe())})"


def alternatives(texts: tuple[str, ...]) -> str:
    """Join descriptions in the form 'a, b or c'."""
    *rest, last = dict.fromkeys(texts)
    return f"{', '.join(rest)} or {last}" if rest else last


def takes(kind: ValueType, value: Any) -> bool:
    """Return whether the type `kind` accepts `value`."""
    try:
        kind.check(value)
    except RefusedError:
        return False
    return True

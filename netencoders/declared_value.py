"""DeclaredValue: the base of NetEncoder and NetLayer, immutable values with checked parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NoReturn, Self

from netencoders.binding import bind
from netencoders.declared import Declared
from netencoders.errors import NetEncodersError, ParameterError, PluginError
from netencoders.parameters import Parameter
from netencoders.values import typed

__all__ = ["DeclaredValue"]


class DeclaredValue:
    """A declared class with checked parameters; immutable, hashable and equal by its content.

    Attributes
    ----------
    name, parameters, resolved, digest
        See `NetEncoder` and `NetLayer`.
    """

    __slots__ = (
        "__weakref__",
        "_item",
        "_key",
        "_version",
        "digest",
        "name",
        "parameters",
        "resolved",
    )

    name: str
    parameters: Mapping[str, Any]
    resolved: Mapping[str, Any]
    digest: str
    _item: Declared
    _key: tuple[object, ...]
    _version: str

    def _declare(
        self, cls: type[Declared], owner: str, given: Mapping[str, Any], version: str
    ) -> None:
        """Check the parameters, and create the object of the class."""
        checked, resolved = bind(
            owner,
            cls.ordered,
            given,
            cls.constraints,
            declared=cls.parameters,
            hint=cls.hint,
        )
        declared = [parameter.name for parameter in cls.parameters]
        checked = {key: checked[key] for key in declared}
        resolved = {key: resolved[key] for key in declared}
        self._set(
            name=cls.name,
            parameters=MappingProxyType(checked),
            resolved=MappingProxyType(resolved),
            _item=cls(MappingProxyType(resolved)),
            _version=version,
        )

    @staticmethod
    def _named(
        cls: type[Declared], values: tuple[Any, ...], parameters: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the parameters, with those that arguments without a name set.

        Raises
        ------
        ParameterError
            There are too many such arguments, or one is given by name, too.
        """
        if not values:
            return parameters
        names = cls.positional
        if len(values) > len(names):
            listed = f": {', '.join(names)}" if names else ""
            known = ", ".join(parameter.name for parameter in cls.parameters)
            text = (
                f"it takes {len(names) or 'no'} parameter{'s' * (len(names) != 1)} without a name"
                f"{listed}. Got {len(values)}: give the others by name. Known: {known}."
            )
            raise ParameterError(cls.name, [text])
        given = dict(zip(names, values, strict=False))
        twice = [name for name in given if name in parameters]
        if twice:
            raise ParameterError(cls.name, [f"{twice[0]!r} is given twice, with and without name."])
        return {**given, **parameters}

    def _identify(self, digest: str, *more: object) -> None:
        """Set the digest, and the key by which values are compared."""
        given = tuple(typed(value) for value in self.parameters.values())
        key = (self.name, digest, given, *more)
        hash(key)
        self._set(digest=digest, _key=key)

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DeclaredValue) or self._item.word != other._item.word:
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(
            f"a {type(self).__name__} is immutable. replace({name}=...) returns a changed one."
        )

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} is immutable.")

    @property
    def summary(self) -> str:
        """One sentence about it."""
        return self._item.summary()

    @property
    def revision(self) -> int:
        """The version of the computation, which is part of the digest."""
        return self._item.revision

    @property
    def version(self) -> str:
        """The distribution that holds the class, with its version."""
        return self._version

    @property
    def declarations(self) -> tuple[Parameter, ...]:
        """The declarations of the parameters, in the order in which they are shown."""
        return self._item.parameters


@contextmanager
def creating(cls: type[Declared], provider: object) -> Iterator[None]:
    """Raise the failures of a plugin's class as a PluginError that names the plugin."""
    plugin = f"{cls.word} {cls.name}, {provider}"
    try:
        yield
    except PluginError as problem:
        problem.plugin = problem.plugin or plugin
        raise
    except NetEncodersError:
        raise
    except Exception as bug:  # code of a plugin may raise anything
        raise PluginError(f"cannot be created: {type(bug).__name__}: {bug}", plugin=plugin) from bug

"""Declared: the base of Encoder and Layer, the classes that plugins declare with parameters."""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from netencoders.binding import dependency_order
from netencoders.errors import PluginError
from netencoders.parameters import Parameter, is_name, short

__all__ = ["Declared", "declaration_problem"]


class Declared(ABC):
    """A class with a name, a revision and declared parameters.

    Parameters
    ----------
    resolved : mapping of str to object
        The resolved value of every parameter. No value is `Automatic` or a duration.

    Attributes
    ----------
    word : str
        The kind of the class in messages: ``"encoder"`` or ``"layer"``.
    name, revision, parameters, resolved
        See `Encoder` and `Layer`.
    positional : tuple of str
        The parameters that arguments without a name set, in their order, such as the labels in
        ``NetEncoder("Class", ["cat", "dog"])``; empty by default.
    ordered : tuple of Parameter
        The parameters, each after those it depends on.

    Raises
    ------
    PluginError
        When a subclass is created: one of its declarations is invalid.
    """

    word: ClassVar[str]
    name: ClassVar[str]
    revision: ClassVar[int] = 1
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    positional: ClassVar[tuple[str, ...]] = ()
    ordered: ClassVar[tuple[Parameter, ...]] = ()

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        self.resolved = resolved

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "word"):  # Encoder and Layer themselves
            return
        owner = f"{cls.word} {getattr(cls, 'name', cls.__name__)}"
        if not isinstance(cls.parameters, list | tuple):
            raise PluginError("'parameters' must be a tuple. Is a comma missing?", plugin=owner)
        cls.parameters = tuple(cls.parameters)
        cls.ordered = dependency_order(owner, cls.parameters)
        names = [parameter.name for parameter in cls.parameters]
        given: object = cls.positional  # a plugin may set any type
        if not isinstance(given, tuple) or any(name not in names for name in given):
            raise PluginError(
                f"'positional' must be a tuple of names of parameters. Got {short(given)}.",
                plugin=owner,
            )

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each conflict between parameters.

        Parameters
        ----------
        resolved : mapping of str to object
            The resolved value of every parameter. Each value is valid by itself.

        Returns
        -------
        sequence of str
            Empty by default. Otherwise a ParameterError lists the sentences.
        """
        return ()

    @classmethod
    def hint(cls, name: str, given: Mapping[str, Any]) -> str:
        """Return a sentence about a name that is no parameter, for the message.

        A name of another library that means the same as a parameter needs no sentence: it belongs
        into `Parameter.known_as`.

        Parameters
        ----------
        name : str
            A name that was given as a parameter.
        given : mapping of str to object
            All given values by name, which are not checked.

        Returns
        -------
        str
            Empty by default: the message then suggests the nearest name, if one is near.
        """
        return ""

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the class's docstring.

        Returns
        -------
        str
        """
        return (inspect.getdoc(cls) or "").partition("\n")[0] if cls.__doc__ else ""


def declaration_problem(candidate: object, base: type[Declared]) -> str | None:
    """Return why `candidate` is not a complete subclass of `base`, or None if it is."""
    if not (isinstance(candidate, type) and issubclass(candidate, base)):
        article = "an" if base.word[0] in "aeiou" else "a"
        return (
            f"{article} {base.word} must be a subclass of {base.__name__}. Got {short(candidate)}."
        )
    if inspect.isabstract(candidate):
        if "_connect" in candidate.__abstractmethods__:
            return f"{candidate.__name__} must extend RowLayer, NeighbourLayer or WholeLayer."
        missing = ", ".join(sorted(candidate.__abstractmethods__))
        return f"{candidate.__name__} does not implement {missing}."
    name = getattr(candidate, "name", None)
    if not is_name(name):
        return (
            f"{candidate.__name__}.name must be a letter, then letters, digits and underscores. "
            f"Got {short(name)}."
        )
    if isinstance(candidate.revision, bool) or not isinstance(candidate.revision, int):
        return f"{candidate.__name__}.revision must be an integer. Got {short(candidate.revision)}."
    if getattr(candidate, "properties", None) == ():
        return f"{candidate.__name__}.properties must have at least one Property, the default."
    others = getattr(candidate, "known_as", ())
    if not (isinstance(others, list | tuple) and all(isinstance(other, str) for other in others)):
        return f"{candidate.__name__}.known_as must be a tuple of texts. Got {short(others)}."
    return None

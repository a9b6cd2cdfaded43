"""Decoder: the base class of decoders, which turn the array of a net into a value."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.binding import dependency_order
from netencoders.declared import Declared
from netencoders.errors import PluginError
from netencoders.parameters import Parameter, is_line, is_name, short

__all__ = ["Decoder", "Property"]


@dataclass(frozen=True)
class Property:
    """One of the values that a decoder gives for an array.

    Parameters
    ----------
    name : str
        The name, such as ``"Probabilities"``: a letter, then letters, digits and underscores.
    doc : str
        The value, in one line.
    parameters : tuple of Parameter
        The options of a call, such as the number of classes of ``"TopProbabilities"``.

    Examples
    --------
    >>> Property("Entropy", "the entropy of the probabilities, in nats").name
    'Entropy'
    """

    name: str
    doc: str
    parameters: tuple[Parameter, ...] = field(default=())


class Decoder(Declared):
    """Base class of decoders: a declared function from array to value.

    A subclass sets `name`, `parameters` and `properties`, and implements `input` and `decode`. Its
    constructor computes the constants. Afterwards a decoder does not change, so any number of
    threads may use it.

    Parameters
    ----------
    resolved : mapping of str to object
        The resolved value of every parameter. No value is `Automatic` or a duration.

    Attributes
    ----------
    name : str
        The decoder's name, unique among the decoders of all plugins: a letter, then letters, digits
        and underscores.
    revision : int
        The version of the computation, which is part of the digest. Raise it if equal parameters
        give other values than before.
    parameters : tuple of Parameter
        The declarations, in the order in which they are shown.
    properties : tuple of Property
        The values that a call may ask for. The first one is the default.
    options : mapping of str to tuple of Parameter
        The options of each property, each after those it depends on; computed from `properties`.
    resolved : mapping
        The argument of the constructor.

    Raises
    ------
    PluginError
        When a subclass is created: one of its declarations is invalid.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import ArraySpec, Decoder, Labels, NetDecoder, Parameter, Property
    >>> from netencoders import registered
    >>> class Largest(Decoder):
    ...     "The label of the largest number."
    ...     name = "Largest"
    ...     parameters = (Parameter("Labels", Labels(), doc="the label of each number"),)
    ...     positional = ("Labels",)
    ...     properties = (Property("Label", "the label"), Property("Number", "the number"))
    ...
    ...     def input(self):
    ...         return ArraySpec((len(self.resolved["Labels"]),))
    ...
    ...     def decode(self, array, name, options):
    ...         place = int(array.argmax())
    ...         return self.resolved["Labels"][place] if name == "Label" else float(array[place])
    >>> with registered(Largest):
    ...     decoder = NetDecoder("Largest", ["cat", "dog"])
    >>> decoder(np.array([0.25, 0.75], np.float32)), decoder([[1.0, 0.5]], "Number")
    ('dog', [1.0])
    """

    word: ClassVar[str] = "decoder"
    properties: ClassVar[tuple[Property, ...]] = ()
    options: ClassVar[Mapping[str, tuple[Parameter, ...]]] = MappingProxyType({})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        owner = f"decoder {getattr(cls, 'name', cls.__name__)}"
        given: object = cls.properties  # a plugin may set any type
        if not isinstance(given, tuple) or not all(isinstance(each, Property) for each in given):
            raise PluginError(
                f"'properties' must be a tuple of Property. Got {short(given)}.", plugin=owner
            )
        names = [each.name for each in cls.properties]
        for each in cls.properties:
            if not is_name(each.name) or names.count(each.name) > 1:
                raise PluginError(
                    "a property's name must be a letter, then letters, digits and underscores, and "
                    f"unique. Got {short(each.name)}.",
                    plugin=owner,
                )
            if not is_line(each.doc):
                raise PluginError(
                    f"the property {each.name} needs one line of doc. Got {short(each.doc)}.",
                    plugin=owner,
                )
            options: object = each.parameters  # as above
            if not isinstance(options, tuple):
                raise PluginError(
                    f"'parameters' of the property {each.name} must be a tuple. Is a comma "
                    "missing?",
                    plugin=owner,
                )
        cls.options = MappingProxyType(
            {
                each.name: dependency_order(f"{owner}, property {each.name}", each.parameters)
                for each in cls.properties
            }
        )

    @abstractmethod
    def input(self) -> ArraySpec:
        """Return the form of the arrays that `decode` takes.

        Returns
        -------
        ArraySpec
        """

    @abstractmethod
    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return one property of an array.

        Parameters
        ----------
        array : ndarray
            An array of the form `input()`, C-contiguous and read-only; floating-point numbers are
            finite.
        name : str
            One of the names of `properties`.
        options : mapping of str to object
            The resolved value of each parameter of the property.

        Returns
        -------
        object
            A value of Python that does not share memory with the array.

        Raises
        ------
        DecodeError
            The array has no such value, for example because its numbers are no probabilities.
        """

    def encoder(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return the name and the parameters of the encoder that turns a value into such an array.

        `NetEncoder.from_decoder` calls it. By default there is none.

        Returns
        -------
        tuple of (str, mapping), or None
        """
        return None

    def libraries(self) -> Mapping[str, str]:
        """Return the versions of the libraries that the values depend on, by name.

        Returns
        -------
        mapping of str to str
            By default empty.
        """
        return {}

    @classmethod
    def property_names(cls) -> Sequence[str]:
        """Return the names of the properties, the default first.

        Returns
        -------
        sequence of str
        """
        return [each.name for each in cls.properties]

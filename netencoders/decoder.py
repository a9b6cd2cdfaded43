"""NetDecoder: a decoder with its parameters, as an immutable value.

The module is long because most of its lines are docstrings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from netencoders import digests, display, registry, yaml_specs
from netencoders.arrays import ArraySpec
from netencoders.binding import bind
from netencoders.declared_value import DeclaredValue, creating
from netencoders.decoder_base import Decoder
from netencoders.decoder_inputs import checked, is_one, items
from netencoders.errors import (
    BUG_REMEDY,
    DecodeError,
    DigestError,
    NetEncodersError,
    ParameterError,
    PluginError,
    SpecError,
    nearest,
    printable,
)
from netencoders.parameters import short
from netencoders.values import to_plain

__all__ = ["NetDecoder"]

_NO_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType({})


class NetDecoder(DeclaredValue):
    """A decoder with its parameters, which turns the array of a net into a value.

    A NetDecoder is immutable, hashable and picklable. Two of the same name and parameters are
    equal. On an output port of a net, it turns the results of the net into values.

    Parameters
    ----------
    name : str
        The name of a registered decoder; `decoders()` lists them.
    *values
        The parameters that the decoder takes without a name, such as the labels of ``"Class"``.
    **parameters
        Values by name, exact and case-sensitive.

    Attributes
    ----------
    name : str
    parameters : mapping of str to object
        The given value of every parameter, or its default.
    resolved : mapping of str to object
        The value of every parameter, with `Automatic` replaced.
    input : ArraySpec
        The form of the arrays that the decoder takes.
    digest : str
        The sha256, in hexadecimal, of name, revision and the resolved parameters that are not
        neutral. Equal digests give equal values.

    Raises
    ------
    DecoderNotFoundError, PluginConflictError
        No decoder, or more than one, has the name.
    ParameterError
        Parameters are invalid; the message lists every problem.
    PluginError
        The code of the decoder fails.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> decoder = NetDecoder("Class", ["cat", "dog"])
    >>> decoder([0.25, 0.75])
    'dog'
    >>> decoder([0.25, 0.75], "Probabilities")
    {'cat': 0.25, 'dog': 0.75}
    """

    __slots__ = ("input",)
    input: ArraySpec

    def __init__(self, name: str, /, *values: Any, **parameters: Any) -> None:
        record = registry.find_decoder(name)
        given = self._named(record.decoder, values, parameters)
        with creating(record.decoder, record.provider):
            self._declare(record.decoder, record.name, given, record.version)
            self._identify(digests.digest_of(record.decoder, self.resolved))
            self._set(input=_form(self._decoder.input()))

    @property
    def _decoder(self) -> Decoder:
        item = self._item
        assert isinstance(item, Decoder)  # noqa: S101 - for mypy: the registry holds only decoders
        return item

    @property
    def properties(self) -> tuple[str, ...]:
        """The names of the values that a call may ask for, the default first."""
        return tuple(self._decoder.property_names())

    def __call__(
        self, value: Any, wanted: str | tuple[str, Any] | None = None, /, **options: Any
    ) -> Any:
        """Return a value for an array, or for each array of a batch.

        Parameters
        ----------
        value : array_like, or list of array_like
            An array of the form `input`. A list of arrays, or an array with one more dimension in
            front, is a batch; an empty list is an empty one. Numbers of another type are
            converted: real numbers to floating-point numbers, and integers to integers that hold
            them exactly.
        wanted : str, or tuple of str and objects
            The property: one of `properties`; by default the first. After the name, a tuple has
            values of its options, in their order: ``("TopProbabilities", 2)``.
        **options
            The options of the property by name.

        Returns
        -------
        object, or list of object for a batch

        Raises
        ------
        DecodeError
            The array does not have the form `input`, contains NaN or infinity, or has no such
            value; in a batch, `index` is its position.
        ParameterError
            The property or an option is unknown or invalid.

        Examples
        --------
        >>> decoder = NetDecoder("Class", ["cat", "dog"])
        >>> decoder([[0.25, 0.75], [1.0, 0.0]])
        ['dog', 'cat']
        >>> decoder([0.25, 0.75], "TopProbabilities", Count=1)
        [('dog', 0.75)]
        """
        decode = self._decoding(wanted, options)
        if is_one(value, self.input, self.name):
            return decode(value)
        values = []
        for place, item in enumerate(items(value)):
            try:
                values.append(decode(item))
            except DecodeError as problem:
                problem.index = place
                raise
        return values

    def _decoding(
        self, wanted: Any, options: Mapping[str, Any] = _NO_OPTIONS
    ) -> Callable[[Any], Any]:
        """Return a function that decodes one array, which is no batch.

        Raises
        ------
        ParameterError
            The property or an option is unknown or invalid.
        """
        name, resolved = self._asked(wanted, options)

        def decode(value: Any) -> Any:
            return self._decode(checked(value, self.input, self.name), name, resolved)

        return decode

    def _asked(self, wanted: Any, options: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return the name of the property that a call asks for, and its resolved options.

        Raises
        ------
        ParameterError
            It is unknown, or an option is invalid.
        """
        known = {each.name: each for each in self._decoder.properties}
        name, *values = wanted if isinstance(wanted, tuple | list) and wanted else [wanted]
        if wanted is None:
            name = next(iter(known))
        if not isinstance(name, str) or name not in known:
            hint = nearest(name, known) if isinstance(name, str) else ""
            hint = hint or f" It has: {', '.join(known)}."
            raise ParameterError(self.name, [f"{short(name)} is no property.{hint}"])
        declared = known[name].parameters
        owner = f"{self.name}, {name}"
        if not declared and (values or options):
            raise ParameterError(owner, [f"the property {name!r} has no options."])
        if len(values) > len(declared):
            options_of = ", ".join(each.name for each in declared)
            raise ParameterError(
                owner, [f"the property {name!r} has the options {options_of}. Got {len(values)}."]
            )
        given = {each.name: value for each, value in zip(declared, values, strict=False)}
        twice = [each for each in given if each in options]
        if twice:
            raise ParameterError(owner, [f"{twice[0]!r} is given twice, with and without name."])
        ordered = self._decoder.options[name]
        _, resolved = bind(owner, ordered, {**given, **options}, declared=declared)
        return name, MappingProxyType(resolved)

    def _decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        source = f"an array of shape {array.shape}"
        try:
            value = self._decoder.decode(array, name, options)
        except DecodeError as problem:
            problem.source = problem.source or source
            raise
        except NetEncodersError:
            raise
        except Exception as bug:  # code of a plugin may raise anything
            raise DecodeError(
                f"{self.name} raised {type(bug).__name__}: {bug}",
                code="bug",
                source=source,
                remedy=BUG_REMEDY.replace("encoder", "decoder"),
            ) from bug
        if isinstance(value, np.ndarray) and np.may_share_memory(value, array):
            return value.copy()
        return value

    def replace(self, /, **parameters: Any) -> Self:
        """Return a decoder of the same name with some parameters changed.

        Parameters
        ----------
        **parameters
            The new values by name. Other parameters keep their given values.

        Returns
        -------
        NetDecoder

        Raises
        ------
        ParameterError
            Parameters are invalid; the message lists every problem.
        """
        return type(self)(self.name, **{**self.parameters, **parameters})

    @classmethod
    def from_encoder(cls, encoder: Any) -> Self:
        """Return the decoder of the values that an encoder takes, such as of its labels.

        Parameters
        ----------
        encoder : NetEncoder

        Returns
        -------
        NetDecoder

        Raises
        ------
        TypeError
            `encoder` is no NetEncoder.
        ParameterError
            The encoder has no such decoder.

        Examples
        --------
        >>> from netencoders import NetEncoder
        >>> NetDecoder.from_encoder(NetEncoder("Class", ["cat", "dog"]))
        NetDecoder("Class", Labels=('cat', 'dog'))
        """
        # Late: this module is imported without encoders.
        from netencoders.encoder import NetEncoder

        if not isinstance(encoder, NetEncoder):
            raise TypeError(f"from_encoder takes a NetEncoder. Got {short(encoder)}.")
        if encoder.layers:
            raise ParameterError(encoder.name, ["no decoder belongs to it: it has layers."])
        found = called_back(encoder, encoder._encoder.decoder)
        if found is None:
            raise ParameterError(
                encoder.name, ["no decoder belongs to it: its arrays cannot be turned back."]
            )
        name, parameters = found
        return cls(name, **parameters)

    def to_dict(self, *, pin: bool = False) -> dict[str, Any]:
        """Return the declaration as JSON values, with the given value of every parameter.

        Parameters
        ----------
        pin : bool
            Include the digest. `from_dict` then raises a DigestError if the installed version
            gives other values.

        Returns
        -------
        dict
            The keys ``"schema"``, ``"decoder"``, ``"parameters"`` and, with `pin`, ``"digest"``.
        """
        declared: dict[str, Any] = {"schema": yaml_specs.SCHEMA, "decoder": self.name}
        if pin:
            declared["digest"] = self.digest
        declared["parameters"] = {name: to_plain(each) for name, each in self.parameters.items()}
        return declared

    @classmethod
    def from_dict(cls, declaration: Mapping[str, Any]) -> Self:
        """Return the decoder of a declaration in the format of `to_dict`.

        Parameters
        ----------
        declaration : mapping

        Returns
        -------
        NetDecoder

        Raises
        ------
        SpecError
            The mapping does not declare a decoder.
        DigestError
            The declaration states a digest, and the installed decoder has another digest.
        ParameterError, DecoderNotFoundError, PluginConflictError
            As for a call of `NetDecoder`.

        Examples
        --------
        >>> declaration = {"schema": 1, "decoder": "Class", "parameters": {"Labels": ["a", "b"]}}
        >>> NetDecoder.from_dict(declaration)
        NetDecoder("Class", Labels=('a', 'b'))
        """
        if not isinstance(declaration, Mapping):
            raise SpecError(f"a declaration must be a mapping. Got {short(declaration)}.")
        return cls._declared(yaml_specs.decoder(declaration))

    def to_yaml(self, *, pin: bool = False, assets: str | PathLike[str] | None = None) -> str:
        """Return the declaration as a YAML spec, with the given value of every parameter.

        Parameters
        ----------
        pin : bool
            Include the digest. Loading the spec then raises a DigestError if the installed
            version gives other values.
        assets : str or path, optional
            The folder of the spec, in which long values are written to files, as for
            `NetEncoder.to_yaml`.

        Returns
        -------
        str

        Raises
        ------
        SpecError
            The values are too many for a spec without files beside it.
        OSError
            A file cannot be written.

        Examples
        --------
        >>> print(NetDecoder("Class", ["cat", "dog"]).to_yaml().partition("parameters")[0])
        schema: 1
        decoder: Class
        <BLANKLINE>
        """
        declared = self.to_dict(pin=pin)
        if assets is not None:
            # Late: few programs write files beside specs.
            from netencoders.beside import with_files

            declared = with_files(self, declared, assets)
        return yaml_specs.dump(declared)

    @classmethod
    def from_yaml(cls, source: str | PathLike[str]) -> Self:
        r"""Return the decoder that a YAML spec declares.

        Parameters
        ----------
        source : str or path
            A path, or the YAML text itself: a str with a line break.

        Returns
        -------
        NetDecoder

        Raises
        ------
        SpecError
            The spec cannot be read, or declares no decoder.
        DigestError
            The spec states a digest, and the installed decoder has another digest.
        ParameterError, DecoderNotFoundError, PluginConflictError
            As for a call of `NetDecoder`.

        Examples
        --------
        >>> NetDecoder.from_yaml("schema: 1\ndecoder: Class\nparameters: {Labels: [cat, dog]}")
        NetDecoder("Class", Labels=('cat', 'dog'))
        """
        text, place = yaml_specs.read(source)
        return cls._declared(yaml_specs.decoder_declaration(text, source=place))

    @classmethod
    def _declared(cls, spec: yaml_specs.DecoderDeclaration) -> Self:
        try:
            decoder = cls(spec.decoder, **spec.parameters)
        except ParameterError as problem:
            if not spec.source:
                raise
            owner = f"{printable(spec.source)}: {problem.owner}"
            raise ParameterError(owner, problem.problems) from None
        if spec.digest and decoder.digest != spec.digest:
            raise DigestError(
                f"the spec of the decoder {decoder.name} states the digest {spec.digest}, but the "
                f"installed version has the digest {decoder.digest} (revision {decoder.revision}, "
                f"from {decoder.version}). Install the version that the spec was written with or, "
                "if the change is intended, state the new digest in the spec.",
                source=spec.source,
            )
        return decoder

    def __reduce__(self) -> tuple[Any, ...]:
        # Late: few programs pickle decoders.
        from netencoders import pickling

        return (pickling.restore_decoder, (type(self), pickling.layer_state(self)))

    def __repr__(self) -> str:
        return f"NetDecoder({display.call(self)})"

    def _repr_html_(self) -> str:
        return display.layer_html(self)


def _form(declared: object) -> ArraySpec:
    """Return the form that the method `input` of a decoder returns.

    Raises
    ------
    TypeError
        It is no ArraySpec.
    """
    if not isinstance(declared, ArraySpec):
        raise TypeError(f"input() gives {short(declared)}, which is not an ArraySpec")
    return declared


def called_back(
    value: DeclaredValue, method: Callable[[], object]
) -> tuple[str, Mapping[str, Any]] | None:
    """Return the result of the method `decoder` of an encoder, or `encoder` of a decoder.

    Raises
    ------
    PluginError
        It fails, or returns no pair of a name and parameters.
    """
    cls = type(value._item)
    with creating(cls, value.version):
        found = method()
        if found is None:
            return None
        if isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], Mapping):
            name, parameters = found
            return name, parameters
        raise PluginError(
            f"{method.__name__}() must return a name and a mapping of parameters, or None. Got "
            f"{short(found)}."
        )

"""NetDecoder: a decoder with its parameters, as an immutable value.

The module is long because most of its lines are docstrings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from netencoders import digests, display, registry, yaml_specs
from netencoders.arrays import ArraySpec
from netencoders.binding import bind
from netencoders.declared_value import DeclaredValue, creating
from netencoders.decoder_base import Decoder, Property
from netencoders.errors import (
    BUG_REMEDY,
    DecodeError,
    NetEncodersError,
    ParameterError,
    input_name,
    nearest,
)
from netencoders.parameters import short
from netencoders.values import to_plain

__all__ = ["NetDecoder"]

_KEYS = ("schema", "decoder", "parameters", "digest")


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
            self._set(input=self._decoder.input())

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
            front, is a batch.
        wanted : str, or tuple of (str, object)
            The property: one of `properties`; by default the first. ``("TopProbabilities", 2)``
            gives its first option, too.
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
        asked, resolved = self._asked(wanted, options)
        array = _array(value, self.input)
        rank = len(self.input.dims)
        if isinstance(array, np.ndarray) and array.ndim == rank:
            return self._decode(array, asked.name, resolved)
        values = []
        for place, item in enumerate(array):
            try:
                values.append(self._decode(_element(item, self.input), asked.name, resolved))
            except DecodeError as problem:
                problem.index = place
                raise
        return values

    def _asked(self, wanted: Any, options: Mapping[str, Any]) -> tuple[Property, Mapping[str, Any]]:
        """Return the property that a call asks for, and its resolved options.

        Raises
        ------
        ParameterError
            It is unknown, or an option is invalid.
        """
        known = {each.name: each for each in self._decoder.properties}
        given = dict(options)
        name = next(iter(known)) if wanted is None else wanted
        if isinstance(name, tuple | list) and len(name) == 2 and name[0] in known:
            first = known[name[0]].parameters[:1]
            if not first:
                raise ParameterError(self.name, [f"the property {name[0]!r} has no options."])
            given = {first[0].name: name[1], **given}
            name = name[0]
        if not isinstance(name, str) or name not in known:
            hint = nearest(name, known) if isinstance(name, str) else ""
            hint = hint or f" It has: {', '.join(known)}."
            raise ParameterError(self.name, [f"{short(name)} is no property.{hint}"])
        found = known[name]
        _, resolved = bind(f"{self.name}, {name}", found.parameters, given)
        return found, resolved

    def _decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        problem = self.input.problem(array)
        if problem:
            raise DecodeError(
                f"{self.name} takes another array: {problem}",
                code="unsupported-input",
                source=f"an array of shape {array.shape}",
                remedy=f"give an array of the form {display.shape_text(self.input)}",
            )
        if array.dtype.kind in "fc" and not np.isfinite(array).all():
            raise DecodeError(
                "the array contains NaN or infinity",
                code="non-finite",
                source=f"an array of shape {array.shape}",
                remedy="check the net that made it",
            )
        if outside := self.input.range_problem(array):
            raise DecodeError(outside, code="out-of-range", source=input_name(array))
        try:
            return self._decoder.decode(array, name, options)
        except NetEncodersError:
            raise
        except Exception as bug:  # code of a plugin may raise anything
            raise DecodeError(
                f"{self.name} raised {type(bug).__name__}: {bug}",
                code="bug",
                source=f"an array of shape {array.shape}",
                remedy=BUG_REMEDY.replace("encoder", "decoder"),
            ) from bug

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
        found = None if encoder.layers else encoder._encoder.decoder()
        if found is None:
            why = "it has layers" if encoder.layers else "its arrays cannot be turned back"
            raise ParameterError(encoder.name, [f"no decoder belongs to it: {why}."])
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

    def __reduce__(self) -> tuple[Any, ...]:
        # Late: few programs pickle decoders.
        from netencoders import pickling

        return (pickling.restore_decoder, (type(self), pickling.layer_state(self)))

    def __repr__(self) -> str:
        return f"NetDecoder({display.call(self)})"

    def _repr_html_(self) -> str:
        return display.layer_html(self)


def _array(value: Any, form: ArraySpec) -> Any:
    """Return an array of the type of a form, or a list of values of a batch."""
    rank = len(form.dims)
    if isinstance(value, np.ndarray):
        array = _cast(value, form)
        if array.ndim in (rank, rank + 1):
            return array
        raise DecodeError(
            f"the decoder takes an array of {rank} dimensions, or a batch of {rank + 1}. "
            f"Got the shape {array.shape}",
            code="unsupported-input",
            source=f"an array of shape {array.shape}",
        )
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, np.ndarray) for item in value) and rank:
            return list(value) if value[0].ndim == rank else _array(np.asarray(value), form)
        try:
            return _array(np.asarray(value), form)
        except ValueError:  # of unequal sizes: a batch
            return list(value)
    if rank == 0 and isinstance(value, int | float | np.generic):
        return _array(np.asarray(value), form)
    raise DecodeError(
        f"a decoder takes an array. Got a value of type {type(value).__name__}",
        code="unsupported-input",
        source=input_name(value),
        remedy="give an array of numbers",
    )


def _element(item: Any, form: ArraySpec) -> npt.NDArray[Any]:
    return _cast(np.asarray(item), form)


def _cast(array: npt.NDArray[Any], form: ArraySpec) -> npt.NDArray[Any]:
    """Return an array in the type of a form: a wider or narrower type of the same kind of numbers.

    A float64 of Python becomes a float32, as an encoder would give it. Integers stay exact.
    """
    wanted = np.dtype(form.dtype)
    if array.dtype == wanted or array.dtype.kind not in "biuf":
        return array
    if wanted.kind == "f" and array.dtype.kind in "iuf":
        with np.errstate(over="ignore"):
            return array.astype(wanted)
    if wanted.kind in "iu" and array.dtype.kind in "iu":
        cast = array.astype(wanted)
        return cast if np.array_equal(cast, array) else array
    return array

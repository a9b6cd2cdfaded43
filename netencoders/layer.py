"""NetLayer: a layer with its parameters, as an immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from netencoders import digests, display, registry, yaml_specs
from netencoders.arrays import ArraySpec
from netencoders.chain import Chain, inferred
from netencoders.declared_value import DeclaredValue, creating
from netencoders.errors import EncodeError, LayerError
from netencoders.layer_base import Layer
from netencoders.links import is_finite
from netencoders.parameters import short
from netencoders.sentinels import Varying
from netencoders.values import to_plain

__all__ = ["NetLayer", "net_layer"]


class NetLayer(DeclaredValue):
    """A layer with its parameters: a declared function from array to array.

    A NetLayer is immutable, hashable and picklable. Two of the same name and parameters are equal.
    `NetEncoder.then` puts it after an encoder.

    Parameters
    ----------
    name : str
        The name of a registered layer; `layers()` lists them.
    *values
        The parameters that the layer takes without a name, if there are any.
    **parameters
        Values by name, exact and case-sensitive.

    Attributes
    ----------
    name : str
    parameters : mapping of str to object
        The given value of every parameter, or its default.
    resolved : mapping of str to object
        The value of every parameter, with `Automatic` replaced by numbers.
    digest : str
        The sha256, in hexadecimal, of name, revision and the resolved parameters that are not
        neutral. Equal digests give equal arrays.

    Raises
    ------
    LayerNotFoundError, PluginConflictError
        No layer, or more than one, has the name.
    ParameterError
        Parameters are invalid; the message lists every problem.
    PluginError
        The code of the layer fails.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> layer = NetLayer("Log", Base=2, Floor=0.25)
    >>> layer
    NetLayer("Log", Base=2, Floor=0.25)
    >>> layer(np.array([[8.0, 0.0]], np.float32))
    array([[ 3., -2.]], dtype=float32)
    """

    __slots__ = ()

    def __init__(self, name: str, /, *values: Any, **parameters: Any) -> None:
        record = registry.find_layer(name)
        given = self._named(record.layer, values, parameters)
        with creating(record.layer, record.provider):
            self._declare(record.layer, record.name, given, record.version)
            self._identify(digests.digest_of(record.layer, self.resolved))

    @property
    def _layer(self) -> Layer:
        item = self._item
        assert isinstance(item, Layer)  # noqa: S101 - for mypy: the registry holds only layers
        return item

    def __call__(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the result for one array.

        Parameters
        ----------
        array : ndarray
            Time first, with at least one dimension. Floating-point numbers are finite.

        Returns
        -------
        ndarray
            C-contiguous, in memory of its own. Its form is `infer` of the form of the array.

        Raises
        ------
        LayerError
            The layer does not take arrays of this shape or type.
        EncodeError
            The code is ``too-short`` if the array has too few rows, ``non-finite`` if the array or
            the result contains NaN or infinity, and ``bug`` if the layer fails.
        """
        if not isinstance(array, np.ndarray):
            raise LayerError(f"{self.name} takes an array of numpy. Got {short(array)}.")
        if isinstance(array, np.ma.MaskedArray):
            raise LayerError(
                f"{self.name} does not take a masked array, whose elements may be missing: fill "
                "them, such as by array.filled(0)"
            )
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        try:
            dims = (Varying, *array.shape[1:]) if array.ndim else ()
            form = ArraySpec(dims, array.dtype.name, minimum=0)
        except ValueError as problem:
            raise LayerError(f"{self.name} does not take this array: {problem}") from None
        chain, source = Chain([self], form), f"an array of shape {array.shape}"
        if not is_finite(array):
            raise EncodeError(
                f"the layer {self.name} gets NaN or infinity",
                code="non-finite",
                source=source,
                remedy="replace these elements, such as by numpy.nan_to_num",
            )
        try:
            result = chain.array(array)
        except EncodeError as problem:
            problem.source = problem.source or source
            raise
        # A layer such as AddAxis gives a view, and the input belongs to the caller.
        return result.copy() if np.may_share_memory(result, array) else result

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form of the result for arrays of a form.

        Parameters
        ----------
        form : ArraySpec

        Returns
        -------
        ArraySpec

        Raises
        ------
        LayerError
            The layer does not take such arrays; the message is the reason.
        PluginError
            The code of the layer fails.

        Examples
        --------
        >>> from netencoders import ArraySpec, Varying
        >>> NetLayer("Transpose").infer(ArraySpec((Varying, 80))).dims
        (80, Varying)
        """
        return inferred(self._layer, form)

    @property
    def reach(self) -> str:
        """The rows that one row of the result depends on: ``"row"``, ``"neighbours"``, ``"whole"``.

        A stream reads its input once more for each layer that needs the whole array.
        """
        return self._layer.reach

    def replace(self, /, **parameters: Any) -> Self:
        """Return a layer of the same name with some parameters changed.

        Parameters
        ----------
        **parameters
            The new values by name. Other parameters keep their given values.

        Returns
        -------
        NetLayer

        Raises
        ------
        ParameterError
            Parameters are invalid; the message lists every problem.

        Examples
        --------
        >>> NetLayer("Log", Base=10).replace(Floor=1e-5)
        NetLayer("Log", Base=10, Floor=1e-05)
        """
        return type(self)(self.name, **{**self.parameters, **parameters})

    def to_dict(self) -> dict[str, Any]:
        """Return the layer as JSON values, as an item of the list ``layers`` of a spec.

        Returns
        -------
        dict
            One key, the name. Its value has the given value of every parameter.

        Examples
        --------
        >>> NetLayer("DynamicRange", Below=8).to_dict()
        {'DynamicRange': {'Below': 8.0}}
        """
        return {self.name: {name: to_plain(value) for name, value in self.parameters.items()}}

    @classmethod
    def from_dict(cls, declaration: Mapping[str, Any] | str) -> Self:
        """Return the layer of a declaration, in the format of `to_dict`, or its name alone.

        Parameters
        ----------
        declaration : mapping or str

        Returns
        -------
        NetLayer

        Raises
        ------
        SpecError
            The mapping does not declare one layer.
        LayerNotFoundError, PluginConflictError, ParameterError
            As for a call of `NetLayer`.

        Examples
        --------
        >>> NetLayer.from_dict({"Log": {"Base": 10}})
        NetLayer("Log", Base=10)
        """
        name, parameters = yaml_specs.layer(declaration)
        return cls(name, **parameters)

    def __reduce__(self) -> tuple[Any, ...]:
        # Late: few programs pickle layers.
        from netencoders import pickling

        return (pickling.restore_layer, (type(self), pickling.layer_state(self)))

    def __repr__(self) -> str:
        return f"NetLayer({display.call(self)})"

    def _repr_html_(self) -> str:
        return display.layer_html(self)


def net_layer(layer: NetLayer | str, parameters: Mapping[str, Any]) -> NetLayer:
    """Return a layer from the arguments of `NetEncoder.then`.

    Raises
    ------
    TypeError
        `layer` is neither a NetLayer nor a name, or a NetLayer with parameters.
    """
    if isinstance(layer, NetLayer):
        if parameters:
            raise TypeError(
                f"then takes parameters with a name. Use layer.replace({next(iter(parameters))}="
                "...) to change a NetLayer."
            )
        return layer
    if not isinstance(layer, str):
        raise TypeError(f"then takes a NetLayer, or the name of one. Got {short(layer)}.")
    return NetLayer(layer, **parameters)

"""Layer: the base classes of layers, which turn the array of an encoder into another array.

The module is long because most of its lines are docstrings.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.declared import Declared
from netencoders.rows import grouped

__all__ = [
    "Blocks",
    "Layer",
    "NeighbourLayer",
    "RowLayer",
    "WholeLayer",
    "has_out",
    "takes_out",
]

Blocks = Iterator[npt.NDArray[Any]]
AnyApply = TypeVar("AnyApply", bound=Callable[..., npt.NDArray[Any]])


def takes_out(apply: AnyApply) -> AnyApply:
    """Mark an `apply` that can write its result to given memory, such as that of its input.

    Such an `apply` has the argument ``out=None``. If it is an array, it has the shape and the type
    of `rows`, and may be `rows` itself: `apply` writes the result to it, and returns it. Without
    `out`, the result is new memory, and not `rows`, a part of it, or an array that the layer keeps.
    A chain of such layers computes in the memory of the first result, which takes less time.

    A subclass that overrides `apply` needs a mark of its own.

    Parameters
    ----------
    apply : callable
        The method `apply` of a `RowLayer` or a `WholeLayer`.

    Returns
    -------
    callable
        The same object.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer, RowLayer, registered, takes_out
    >>> class Square(RowLayer):
    ...     "Squares each element."
    ...     name = "Square"
    ...
    ...     def infer(self, form):
    ...         return form
    ...
    ...     @takes_out
    ...     def apply(self, rows, out=None):
    ...         return np.square(rows, out=out)
    >>> with registered(Square):
    ...     NetLayer("Square")(np.array([[4.0, 9.0]], np.float32))
    array([[16., 81.]], dtype=float32)
    """
    apply.__dict__["takes_out"] = True
    return apply


def has_out(layer: Layer) -> bool:
    """Return whether the method `apply` of a layer has the mark `takes_out`."""
    return bool(getattr(getattr(layer, "apply", None), "takes_out", False))


class Layer(Declared):
    """Base class of layers: a declared function from array to array.

    A subclass extends `RowLayer`, `NeighbourLayer` or `WholeLayer`, which state the rows of the
    input that one row of the result depends on. It sets `name` and `parameters`, and implements
    `infer` and one or two more methods. Its constructor computes the constants. Afterwards a layer
    does not change, so any number of threads may use it.

    All arrays have time first, and are C-contiguous. They may have any number of rows, and are
    not overwritten: they may belong to the caller. Their elements are finite, and a result that
    contains NaN or infinity is an EncodeError with the code ``non-finite`` (A55).

    Parameters
    ----------
    resolved : mapping of str to object
        The resolved value of every parameter. No value is `Automatic` or a duration.

    Attributes
    ----------
    name : str
        The layer's name, unique among the layers of all plugins: a letter, then letters, digits
        and underscores.
    revision : int
        The version of the computation, which is part of the digest. Raise it if equal parameters
        give other numbers than before.
    parameters : tuple of Parameter
        The declarations, in the order in which they are shown.
    known_as : tuple of str
        Names of the same operation in other libraries, such as ``"Permute"``. The error for such a
        name suggests this layer.
    keeps_finite : bool
        Whether finite elements always give finite ones, as in another layout. A chain then does not
        look for NaN and infinity in the result, unless the layer is the first one.
    resolved : mapping
        The argument of the constructor.
    reach : {"row", "neighbours", "whole"}
        The rows of the input that one row of the result depends on. The constructor of a
        `WholeLayer` may set it to ``"row"``.

    Raises
    ------
    PluginError
        When a subclass is created: one of its declarations is invalid.
    """

    word: ClassVar[str] = "layer"
    known_as: ClassVar[tuple[str, ...]] = ()
    keeps_finite: ClassVar[bool] = False
    reach: Literal["row", "neighbours", "whole"]

    @abstractmethod
    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form of the result for arrays of a form.

        Parameters
        ----------
        form : ArraySpec
            The form of the arrays that the layer would get.

        Returns
        -------
        ArraySpec

        Raises
        ------
        LayerError
            The layer does not take such arrays; the message is the reason.
        """

    @classmethod
    def mends(cls, have: ArraySpec, want: ArraySpec) -> Mapping[str, Any] | None:
        """Return the parameters with which the layer turns arrays of one form into another one.

        A net whose forms do not fit asks all layers, and its error names one that would mend it.
        The net has the layer infer the result before it does so.

        Parameters
        ----------
        have, want : ArraySpec
            The form of the arrays, and the form that the next layer takes. They do not fit.

        Returns
        -------
        mapping of str to object, or None
            Values of parameters; others have their defaults. None, the default, if the layer is no
            remedy.
        """
        return None

    @abstractmethod
    def _connect(self, source: Callable[[], Blocks], owned: bool = False) -> Callable[[], Blocks]:
        """Return a function that begins to yield the blocks of the result.

        `RowLayer`, `NeighbourLayer` and `WholeLayer` implement it.

        Parameters
        ----------
        source : callable
            Begins to yield the blocks of the input. Only a `WholeLayer` calls it more than once
            for a result.
        owned : bool
            Whether the blocks may be overwritten. Only an `apply` that `takes_out` does so.
        """


class RowLayer(Layer):
    """A layer that computes each row of the result from one row of the input.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer, Parameter, Real, RowLayer, registered
    >>> class Power(RowLayer):
    ...     "Raises each element to a power."
    ...     name = "Power"
    ...     parameters = (Parameter("Exponent", Real(above=0), default=0.5, doc="the exponent"),)
    ...
    ...     def infer(self, form):
    ...         return form
    ...
    ...     def apply(self, rows):
    ...         return rows ** np.float32(self.resolved["Exponent"])
    >>> with registered(Power):
    ...     NetLayer("Power")(np.array([[4.0, 9.0]], np.float32))
    array([[2., 3.]], dtype=float32)
    """

    reach: Literal["row", "neighbours", "whole"] = "row"

    @abstractmethod
    def apply(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the result for some rows.

        The result for a row must not depend on the other rows: with numpy, functions of elements,
        and sums and means within a row, fulfil this, and products of matrices do not.

        Parameters
        ----------
        rows : ndarray
            Any number of rows, at least one.

        Returns
        -------
        ndarray
            One row for each row. If `infer` declares another `stream_axis`, the rows are along
            that axis.
        """

    def _connect(self, source: Callable[[], Blocks], owned: bool = False) -> Callable[[], Blocks]:
        """Return a function that begins to yield the results of `apply`."""
        apply = _quiet(self.apply)
        if owned and has_out(self):
            return lambda: (apply(block, out=block) for block in source())
        return lambda: map(apply, source())


class NeighbourLayer(Layer):
    """A layer that computes each row of the result from some neighbouring rows of the input."""

    reach: Literal["row", "neighbours", "whole"] = "neighbours"

    @abstractmethod
    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the result in blocks.

        The concatenated blocks of the result must not depend on the sizes of the given blocks.

        Parameters
        ----------
        blocks : iterator of ndarray
            Blocks of rows, at least one, each with at least one row. A later block may use the
            memory of an earlier one: copy the rows that are kept.

        Yields
        ------
        ndarray
        """

    def _connect(self, source: Callable[[], Blocks], owned: bool = False) -> Callable[[], Blocks]:
        """Return a function that begins to yield the blocks of `stream`."""
        return lambda: iter(self.stream(source()))


class WholeLayer(Layer):
    """A layer that needs all rows before it can compute the first one, such as a mean over time.

    A stream reads its input twice, so that memory stays constant. If the parameters are such that
    each row is independent, the constructor sets ``self.reach = "row"``. Then a stream reads its
    input once, `measure` is not called, and `apply` gets None.

    Attributes
    ----------
    ignores_repeats : bool
        Whether `measure` gives the same for an array whose last row is repeated, as for a maximum.
        Of equal rows at the end, such as those of silence, a call then computes one.
    """

    reach: Literal["row", "neighbours", "whole"] = "whole"
    ignores_repeats: ClassVar[bool] = False

    @abstractmethod
    def measure(self, groups: Blocks) -> Any:
        """Return a statistic of all rows, which `apply` gets.

        Parameters
        ----------
        groups : iterator of ndarray
            All rows, in groups of 256 rows; the last one may be smaller. The groups are the same in
            a call and in a stream, so sums over groups have the same bits. A later group uses the
            memory of an earlier one.

        Returns
        -------
        object
        """

    @abstractmethod
    def apply(self, rows: npt.NDArray[Any], measured: Any) -> npt.NDArray[Any]:
        """Return the result for some rows; see `RowLayer.apply`.

        Parameters
        ----------
        rows : ndarray
            Any number of rows, at least one.
        measured : object
            The result of `measure`; None if `reach` is ``"row"``.

        Returns
        -------
        ndarray
        """

    def _connect(self, source: Callable[[], Blocks], owned: bool = False) -> Callable[[], Blocks]:
        """Return a function that measures at its first call, and begins to yield the results."""
        measured: list[Any] = [None] if self.reach == "row" else []

        def begin() -> Blocks:
            if not measured:
                measured.append(self.measure(grouped(source())))
            apply, statistic = _quiet(self.apply), measured[0]
            if owned and has_out(self):
                return (apply(block, statistic, out=block) for block in source())
            return (apply(block, statistic) for block in source())

        return begin


def _quiet(apply: Callable[..., npt.NDArray[Any]]) -> Callable[..., npt.NDArray[Any]]:
    """Return a function without warnings of overflows: the chain refuses their results (A55)."""

    def applied(*arguments: Any, **options: Any) -> npt.NDArray[Any]:
        with np.errstate(all="ignore"):
            return apply(*arguments, **options)

    return applied

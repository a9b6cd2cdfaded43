"""Batch: the arrays of several inputs as one array, padded to one length, with a mask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.errors import EncodeError, input_name
from netencoders.outputs import Form, Outputs
from netencoders.parameters import short
from netencoders.sentinels import Varying

__all__ = ["Batch", "Padding", "batch_of", "inputs_of"]

SIDES = ("end", "start")


@dataclass(frozen=True, eq=False)
class Batch:
    """The arrays of several inputs as one array, padded to one length.

    `NetEncoder.batch` makes it.

    Parameters
    ----------
    array : ndarray, shape (b, ...)
        The arrays of the inputs, in order. The axis that is padded has the size n.
    lengths : ndarray of int64, shape (b,)
        The size of each array along that axis before it was padded.
    mask : ndarray of bool, shape (b, n)
        True for the elements of an input, and False for padding.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("AudioSpectrogram")
    >>> batch = encoder.batch([Audio(np.ones(n), 16000) for n in (400, 300)])
    >>> batch.array.shape, batch.lengths
    ((2, 3, 201), array([3, 3]))
    """

    array: npt.NDArray[Any]
    lengths: npt.NDArray[np.int64]
    mask: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.array)

    @classmethod
    def of(
        cls,
        arrays: Iterable[npt.NDArray[Any]],
        output: ArraySpec,
        *,
        pad: complex = 0.0,
        length: int | None = None,
        multiple: int = 1,
        side: Literal["end", "start"] = "end",
    ) -> Self:
        """Return a batch of arrays that are encoded already, such as the results of `map`.

        Parameters
        ----------
        arrays : iterable of ndarray
            At least one array of the form `output`.
        output : ArraySpec
            The form of the arrays: the `output` of their encoder.
        pad, length, multiple, side
            As for `NetEncoder.batch`.

        Returns
        -------
        Batch

        Raises
        ------
        EncodeError
            An array has another form (code ``unsupported-input``), or is longer than `length`
            (code ``too-long``). `index` is its position.
        ValueError
            There are no arrays, an argument is invalid, or more than one dimension varies.

        Examples
        --------
        >>> from netencoders import ArraySpec, Batch, Varying
        >>> Batch.of([np.ones(2), np.ones(3)], ArraySpec((Varying,), "float64")).array
        array([[1., 1., 0.],
               [1., 1., 1.]])
        """
        padding = Padding(pad, length, multiple, side)

        def checked(given: Iterator[Any]) -> Iterator[Any]:
            for index, array in enumerate(given):
                is_array = isinstance(array, np.ndarray)
                problem = output.problem(array) if is_array else "it is not an array"
                if problem:
                    raise EncodeError(
                        f"it does not have the form of the batch: {problem}",
                        code="unsupported-input",
                        source=input_name(array),
                        index=index,
                        remedy="give arrays of the encoder with this output",
                    )
                yield array

        batch = batch_of(iter(arrays), checked, output, padding, "the batch")
        return cls(batch.array, batch.lengths, batch.mask)  # type: ignore[union-attr] # one form


@dataclass(frozen=True)
class Padding:
    """The rules of one call of `NetEncoder.batch`, which describes them.

    Raises
    ------
    ValueError
        A value is invalid.
    """

    pad: Any = 0.0
    length: int | None = None
    multiple: int = 1
    side: str = "end"

    def __post_init__(self) -> None:
        if not isinstance(self.pad, int | float | complex | np.number | np.bool_):
            raise ValueError(f"pad must be a number. Got {short(self.pad)}.")  # noqa: TRY004 - as the other values
        for name, value, least in (("length", self.length, 0), ("multiple", self.multiple, 1)):
            if value is None and name == "length":
                continue
            if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} must be an integer >= {least}. Got {short(value)}.")
        if self.side not in SIDES:
            raise ValueError(f"side must be 'end' or 'start'. Got {short(self.side)}.")

    def element(self, dtype: np.dtype[Any]) -> Any:
        """Return `pad` as an element of a type.

        Raises
        ------
        ValueError
            The type cannot hold it.
        """
        given = np.asarray(self.pad)
        fits = dtype.kind == "c" or given.dtype.kind != "c"
        with np.errstate(all="ignore"):
            element = (given if fits else given.real).astype(dtype)
            if dtype.kind in "fc":  # rounding is no loss, but a finite number must stay finite
                fits &= bool(np.isfinite(given) == np.isfinite(element))
            else:
                fits &= bool(element.astype(given.dtype) == given)
        if not fits:
            raise ValueError(f"pad={self.pad!r} is not a number of the type {dtype.name}.")
        return element[()]


def inputs_of(values: Iterable[Any], accepts: Callable[[Any], bool]) -> Iterator[Any]:
    """Return the inputs of a batch one by one.

    Raises
    ------
    TypeError
        `values` is one input.
    """
    given: Any = values
    single = isinstance(given, (str, bytes, bytearray, Mapping, np.ndarray, PathLike))
    single |= not isinstance(given, Iterable)
    if single or (isinstance(given, list) and bool(given) and accepts(given)):
        raise TypeError(
            f"batch takes several inputs, as a list. Got one {type(values).__name__}: for a batch "
            "of one, give [value]."
        )
    return iter(values)


def batch_of(
    values: Iterator[Any],
    encode: Callable[[Iterator[Any]], Iterator[Any]],
    form: Form,
    padding: Padding,
    owner: str,
) -> Batch | dict[str, Batch]:
    """Encode some inputs, and return their arrays as one batch; see `NetEncoder.batch`.

    Parameters
    ----------
    values : iterator of object
    encode : callable
        Returns an iterator of the results, in order.
    form : ArraySpec or Outputs
        The form of each result.
    padding : Padding
    owner : str
        The name of the encoder.

    Raises
    ------
    EncodeError
        With code ``too-long`` and the index: an array is longer than `padding.length`. The errors
        of `encode` are raised unchanged.
    ValueError
        There are no inputs, or arrays of this form cannot be padded as declared.
    """
    specs = form if isinstance(form, Outputs) else {"": form}
    axes = {name: _axis(spec, f"{owner}.{name}" if name else owner) for name, spec in specs.items()}
    for spec in specs.values():
        padding.element(np.dtype(spec.dtype))
    names: list[str] = []

    def named() -> Iterator[Any]:
        for value in values:
            names.append(input_name(value))
            yield value

    results = list(encode(named()))
    if not results:
        raise ValueError("batch needs at least one input. Got none: leave empty batches out.")
    if isinstance(form, ArraySpec):
        return _padded(results, form, axes[""], padding, names)
    return {
        name: _padded([result[name] for result in results], spec, axes[name], padding, names)
        for name, spec in form.items()
    }


def _axis(form: ArraySpec, owner: str) -> int | None:
    """Return the axis that is padded; None for an array without dimensions."""
    varying = [place for place, size in enumerate(form.dims) if size is Varying]
    if len(varying) > 1:
        raise ValueError(
            f"batch pads one dimension, and {len(varying)} of the dimensions {form.dims} of "
            f"{owner} vary. Declare a fixed size for the others, or pad the arrays of map()."
        )
    if not form.dims:
        return None
    return varying[0] if varying else form.stream_axis


def _padded(
    arrays: Sequence[npt.NDArray[Any]],
    form: ArraySpec,
    axis: int | None,
    padding: Padding,
    names: Sequence[str],
) -> Batch:
    if axis is None:
        return Batch(
            np.stack(arrays), np.ones(len(arrays), np.int64), np.ones((len(arrays), 1), np.bool_)
        )
    lengths = np.array([array.shape[axis] for array in arrays], np.int64)
    longest = int(lengths.max())
    size = longest if padding.length is None else int(padding.length)
    for index, count in enumerate(lengths.tolist()):
        if count > size:
            raise _too_long(form, axis, index, names[index], count, size, longest)
    size = -(-size // padding.multiple) * padding.multiple
    shape = list(arrays[0].shape)
    shape[axis] = size
    dtype = np.dtype(form.dtype)
    array = np.full((len(arrays), *shape), padding.element(dtype), dtype)
    # A view with the padded axis second, for any layout.
    rows = np.moveaxis(array, axis + 1, 1)
    places = np.arange(size)
    if padding.side == "end":
        mask = places < lengths[:, np.newaxis]
    else:
        mask = places >= size - lengths[:, np.newaxis]
    for target, source, count in zip(rows, arrays, lengths.tolist(), strict=True):
        part = slice(0, count) if padding.side == "end" else slice(size - count, size)
        target[part] = np.moveaxis(source, axis, 0)
    return Batch(array, lengths, mask)


def _too_long(
    form: ArraySpec, axis: int, index: int, name: str, count: int, length: int, longest: int
) -> EncodeError:
    unit = form.axes[axis].name if form.axes else ""
    place = f"dimension {axis}" + (f" ({unit})" if unit else "")
    return EncodeError(
        f"its array has {count} elements along {place}, {count - length} more than length={length}",
        code="too-long",
        source=name,
        index=index,
        remedy=f"set length to at least {longest}, or declare the part to keep: with the layer "
        "FitRows, or a parameter of the encoder, such as TargetLength",
    )

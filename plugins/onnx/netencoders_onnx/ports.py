"""The ports of a model, from the inputs and outputs that onnxruntime tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from netencoders import ArraySpec, Port, PortError, Varying
from netencoders.errors import nearest, printable
from netencoders.parameters import short

__all__ = ["Tensor", "batch_axes", "batch_limit", "check_names", "made_port", "names_of", "tensors"]

TYPES: Final = {
    "float": "float32",
    "double": "float64",
    "bool": "bool",
    "complex64": "complex64",
    "complex128": "complex128",
    **{name: name for name in ("float16", "int8", "int16", "int32", "int64")},
    **{name: name for name in ("uint8", "uint16", "uint32", "uint64")},
}


@dataclass(frozen=True)
class Tensor:
    """An input or output of a model.

    Attributes
    ----------
    name : str
    dtype : str
        The numpy name of the type.
    dims : tuple of int, str or None, or None
        The size of each dimension, or its name if it is symbolic; None for a dimension without a
        name. None if not even the number of dimensions is known.
    """

    name: str
    dtype: str
    dims: tuple[int | str | None, ...] | None

    @property
    def shape_text(self) -> str:
        """The dimensions for messages."""
        if self.dims is None:
            return "an unknown shape"
        return f"[{', '.join('?' if size is None else str(size) for size in self.dims)}]"


def tensors(infos: Iterable[Any], unshaped: frozenset[str] | None, remedy: str) -> list[Tensor]:
    """Return the inputs or outputs of a session.

    `unshaped` has the names whose shape the file does not declare, and is None if it was not read.

    Raises
    ------
    PortError
        One is no array of numbers.
    """
    found = []
    for name, type_text, shape in _texts(infos):
        kind = type_text.removeprefix("tensor(").removesuffix(")")
        if not type_text.startswith("tensor(") or kind not in TYPES:
            raise PortError(
                f"the port {printable(name)!r} of the model has the type {type_text}, but a net "
                f"passes arrays of numpy's numbers. {remedy}"
            )
        dims: tuple[int | str | None, ...] | None = tuple(
            None if isinstance(size, int) and size < 0 else size for size in shape
        )
        # onnxruntime shows an unknown number of dimensions as a scalar.
        if not dims and (unshaped is None or name in unshaped):
            dims = None
        found.append(Tensor(name, TYPES[kind], dims))
    return found


def names_of(infos: Iterable[Any]) -> list[str]:
    """Return the names of inputs or outputs of a session.

    Raises
    ------
    PortError
        A name is not UTF-8.
    """
    return [name for name, _, _ in _texts(infos)]


def _texts(infos: Iterable[Any]) -> list[tuple[str, str, list[int | str | None]]]:
    try:
        return [(info.name, info.type, info.shape) for info in infos]
    except UnicodeDecodeError:  # of onnxruntime, which does not check it
        raise PortError("a name of a port of the model is not UTF-8.") from None


def check_names(option: str, names: Iterable[object], known: Sequence[str]) -> None:
    """Refuse a name that is not a port.

    Raises
    ------
    PortError
        A name is not among the known ones.
    """
    for name in names:
        if not isinstance(name, str) or name not in known:
            hint = nearest(str(name), known) or f" It has: {', '.join(map(printable, known))}."
            raise PortError(f"{option}: the model has no port {short(name)}.{hint}")


def batch_axes(
    inputs: Sequence[Tensor], outputs: Sequence[Tensor], fixed: Sequence[Tensor], batch: Any
) -> dict[str, int | None]:
    """Return the batch axis of each port, and of each constant (`fixed`).

    Raises
    ------
    PortError
        The option `batch` does not fit the model.
    """
    every = [*inputs, *fixed, *outputs]
    if batch is False:
        return {tensor.name: None for tensor in every}
    axes = {tensor.name: _first(tensor, 1 if batch is True else None) for tensor in every}
    # A size that has the name of the batch is that of the batch, at any place.
    named = {
        tensor.dims[0]
        for tensor in inputs
        if tensor.dims and axes[tensor.name] == 0 and isinstance(tensor.dims[0], str)
    }
    for tensor in every:
        places = [at for at, size in enumerate(tensor.dims or ()) if size in named]
        if axes[tensor.name] is None and places:
            axes[tensor.name] = places[0]
    if isinstance(batch, Mapping):
        by_name = {tensor.name: tensor for tensor in every}
        check_names("batch", batch, list(by_name))
        for name, axis in batch.items():
            axes[name] = _given(by_name[name], axis)
    elif batch is not None and batch is not True:
        raise PortError(
            f"batch must be True, False, or a mapping of port to axis or None. Got {short(batch)}."
        )
    if all(axes[tensor.name] is None for tensor in inputs):
        if batch is True:
            listed = ", ".join(f"{tensor.name} {tensor.shape_text}" for tensor in inputs)
            raise PortError(
                "batch=True needs an input whose first dimension is symbolic or 1. The inputs are: "
                f"{listed}."
            )
        # The first dimension of an output then counts something else.
        return {tensor.name: None for tensor in every}
    return axes


def _first(tensor: Tensor, other: int | None) -> int | None:
    """Return 0 if the first dimension is symbolic, or of the size `other`."""
    if not tensor.dims:
        return None
    size = tensor.dims[0]
    return 0 if not isinstance(size, int) or size == other else None


def _given(tensor: Tensor, axis: Any) -> int | None:
    if axis is None:
        return None
    if type(axis) is not int or axis < 0:
        raise PortError(f"batch: the axis of {tensor.name!r} must be an index or None.")
    if tensor.dims is not None:
        size = tensor.dims[axis] if axis < len(tensor.dims) else 0
        if isinstance(size, int) and size != 1:
            raise PortError(
                f"batch: the port {tensor.name!r} has the shape {tensor.shape_text}, of which the "
                f"dimension {axis} is not symbolic or 1."
            )
    return axis


def batch_limit(tensors: Iterable[Tensor], axes: Mapping[str, int | None]) -> int | None:
    """Return 1 if the size of the batch is fixed at 1 in the model, else None."""
    sizes = [
        tensor.dims[axis]
        for tensor in tensors
        if (axis := axes[tensor.name]) is not None and tensor.dims is not None
    ]
    return 1 if 1 in sizes else None


def made_port(
    tensor: Tensor, axis: int | None, minimum: int, lengths_of: str = "", mask_of: str = ""
) -> Port:
    """Return a port; `minimum` is the smallest size of its first dimension that varies.

    Raises
    ------
    PortError
        A port of lengths or of a mask has another shape than one of these.
    """
    if tensor.dims is None:
        form = None
    else:
        sizes = [size for place, size in enumerate(tensor.dims) if place != axis]
        dims = tuple(size if isinstance(size, int) and size else Varying for size in sizes)
        stream_axis = dims.index(Varying) if Varying in dims else 0
        form = ArraySpec(dims, tensor.dtype, minimum=minimum, stream_axis=stream_axis)
        if (lengths_of and any(size != 1 for size in dims)) or (mask_of and len(dims) != 1):
            kind = "lengths: one number" if lengths_of else "a mask: one row of numbers"
            raise PortError(
                f"the port {tensor.name!r} has the shape {tensor.shape_text}, and cannot hold "
                f"{kind} for each input."
            )
    return Port(form, axis, lengths_of, mask_of)


def lossless(array: Any, dtype: str) -> np.ndarray[Any, Any] | None:
    """Return a copy of an array in another type if no value changes, else None."""
    given = np.asarray(array)
    if given.dtype.kind not in "biufc":
        return None
    if np.can_cast(given.dtype, dtype, "safe"):
        return given.astype(dtype, "C")
    with np.errstate(all="ignore"):
        cast = given.astype(dtype, "C")
    # The way back tells 2**53 + 1 from 2**53, which are equal as float64.
    is_same = np.array_equal(cast.astype(given.dtype), given, equal_nan=given.dtype.kind in "fc")
    return cast if is_same else None

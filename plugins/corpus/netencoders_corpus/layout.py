"""Layout: how the arrays of an encoder are stored as lists of numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import EncodeError, NetEncoder, Varying
from netencoders_corpus.errors import CorpusError

__all__ = ["MAX_ELEMENTS", "Layout", "layout_of"]

MAX_ELEMENTS: Final = 2**31 - 1
"""The largest number of elements of a list column of Arrow, whose offsets have 32 bits."""

DTYPES: Final = ("float32", "float16")
LOGARITHMS: Final = frozenset({"log", "decibel"})


@dataclass(frozen=True)
class Layout:
    """The form of the arrays of an encoder, and the type in which they are stored.

    Attributes
    ----------
    dims : tuple of int or None
        The size of each dimension; None for the one that varies.
    dtype : str
        The type of the stored numbers.
    axis : int
        The dimension whose size is the number of frames.
    """

    dims: tuple[int | None, ...]
    dtype: str
    axis: int

    def frames(self, array: npt.NDArray[Any]) -> int:
        """Return the number of frames of an array."""
        return int(array.shape[self.axis]) if array.ndim else 1

    @property
    def is_rowwise(self) -> bool:
        """Whether the numbers of an array are those of its blocks, one after the other."""
        return bool(self.dims) and self.axis == 0 and None not in self.dims[1:]

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """The shape of one frame; () if the frames are not the first dimension."""
        if not self.is_rowwise:
            return ()
        return tuple(size for size in self.dims[1:] if size is not None)

    def check_size(self, size: int) -> None:
        """Refuse an array that is too large for a list column.

        Raises
        ------
        EncodeError
            It has too many elements.
        """
        if size > MAX_ELEMENTS:
            raise EncodeError(
                f"its array has {size} elements, more than {MAX_ELEMENTS}",
                code="too-large",
                remedy="divide the recording into segments, or use the format npy",
            )

    def flat(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the numbers of an array in row-major order, in the stored type.

        Raises
        ------
        EncodeError
            A finite number becomes infinite in the stored type.
        """
        numbers = array.reshape(-1)
        if numbers.dtype == self.dtype:
            return numbers
        with np.errstate(over="ignore"):
            stored = numbers.astype(self.dtype)
        if not np.isfinite(stored).all():
            raise EncodeError(
                f"its largest number, {float(np.abs(numbers).max()):.6g}, is infinite as "
                f"{self.dtype}",
                code="non-finite",
                remedy="store float32",
            )
        return stored

    def restored(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the array of some numbers in row-major order."""
        if not numbers.size and None in self.dims:
            return numbers.reshape([0 if size is None else size for size in self.dims])
        return numbers.reshape([-1 if size is None else size for size in self.dims])

    def metadata(self, encoder: NetEncoder) -> dict[str, str]:
        """Return the metadata of a schema with such arrays."""
        trailing = [size for place, size in enumerate(self.dims) if place != self.axis]
        return {
            "netencoders.dims": json.dumps(self.dims),
            "netencoders.shape": json.dumps(trailing),
            "netencoders.axis": str(self.axis),
            "netencoders.dtype": self.dtype,
            "netencoders.digest": encoder.digest,
            "netencoders.encoder": json.dumps(encoder.to_dict()),
        }

    @classmethod
    def of_metadata(cls, metadata: Mapping[str, str]) -> Layout:
        """Return the layout that `metadata` describes."""
        dims = tuple(json.loads(metadata["netencoders.dims"]))
        return cls(dims, metadata["netencoders.dtype"], int(metadata["netencoders.axis"]))

    @property
    def elements(self) -> int:
        """The number of elements of one frame."""
        return math.prod(size for size in self.dims if size is not None)


def layout_of(encoder: NetEncoder, dtype: str = "float32") -> Layout:
    """Return the layout of the arrays of an encoder.

    Parameters
    ----------
    encoder : NetEncoder
    dtype : {"float32", "float16"}
        The type of the stored numbers, if the encoder gives float32. Other types are kept.

    Raises
    ------
    CorpusError
        The arrays cannot be stored as lists of numbers, or would lose information as float16.
    """
    if dtype not in DTYPES:
        raise CorpusError(f"dtype must be one of {', '.join(DTYPES)}. Got {dtype!r}.")
    if encoder.has_names:
        raise CorpusError(
            f"{encoder.name} gives several arrays, {', '.join(encoder.outputs)}: a corpus holds "
            "one array a row. Choose an encoder of one array."
        )
    form = encoder.output
    varying = [place for place, size in enumerate(form.dims) if size is Varying]
    if len(varying) > 1:
        raise CorpusError(
            f"{len(varying)} dimensions of {encoder.name} vary, {form.dims}: a corpus holds arrays "
            "of which one dimension varies. Fix the others with a layer, such as FitRows."
        )
    if np.dtype(form.dtype).kind == "c":
        raise CorpusError(
            f"{encoder.name} gives complex numbers, which Arrow has no type for. Choose an encoder "
            "of real numbers."
        )
    stored = form.dtype
    if dtype == "float16" and form.dtype in ("float32", "float64"):
        if form.quantity not in LOGARITHMS:
            raise CorpusError(
                f"float16 would lose {form.quantity or 'numbers'} of {encoder.name}: small powers "
                "become 0, and large ones infinite. Add the layer Log, or store float32."
            )
        stored = "float16"
    dims = tuple(size if isinstance(size, int) else None for size in form.dims)
    return Layout(dims, stored, varying[0] if varying else form.stream_axis)

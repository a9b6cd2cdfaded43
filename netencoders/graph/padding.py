"""The arrays of a batch of a model: padded to one size, stacked, with their lengths and masks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.net_model import Port
from netencoders.sentinels import Varying

__all__ = ["Array", "padded", "stacked", "told", "varying_axis"]

Array = npt.NDArray[Any]


def varying_axis(form: ArraySpec) -> int | None:
    """Return the only axis whose size varies; None if there is none, or several."""
    axes = [axis for axis, size in enumerate(form.dims) if size is Varying]
    return axes[0] if len(axes) == 1 else None


def padded(arrays: Sequence[Array], axis: int) -> list[Array]:
    """Return arrays of one size along an axis, with zeros at the end."""
    longest = max(array.shape[axis] for array in arrays)
    results = []
    for array in arrays:
        missing = longest - array.shape[axis]
        if missing:
            widths = [(0, missing if place == axis else 0) for place in range(array.ndim)]
            array = np.pad(array, widths)
        results.append(array)
    return results


def stacked(arrays: Sequence[Array], port: Port) -> Array:
    """Return the array of a model: the arrays along its batch axis, or the only one."""
    if port.batch_axis is None:
        (array,) = arrays
        return np.array(array, order="C")  # a copy: the model may write to it
    return np.ascontiguousarray(np.stack(arrays, port.batch_axis))


def told(port: Port, sizes: Mapping[str, list[int]]) -> Iterable[Array]:
    """Yield the array of each input for a port of lengths or of a mask."""
    counts = sizes[port.lengths_of or port.mask_of]
    dtype = np.dtype(port.form.dtype if port.form is not None else np.int64)
    dims = () if port.form is None else port.form.dims
    for count in counts:
        if port.lengths_of:
            yield np.full([1] * len(dims), count, dtype)
        else:
            mask = (np.arange(max(counts)) < count).astype(dtype)
            axis = None if port.form is None else varying_axis(port.form)
            yield (
                mask
                if axis is None
                else mask.reshape([-1 if place == axis else 1 for place in range(len(dims))])
            )

"""Stage, Media and first_rows: the steps of an encoder that `NetEncoder.explain` shows."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec

__all__ = ["Media", "Stage", "first_rows"]

MOST: Final = 1 << 25
"""The maximum number of elements of a stage: 128 MB in float32."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One step from an input to the array of an encoder, for the page of `NetEncoder.explain`.

    Parameters
    ----------
    name : str
        The name of the step. The same step of two encoders has the same name.
    summary : str
        The meaning of the array, in one sentence.
    array : ndarray
        The array after the step, or its first rows.
    form : ArraySpec
        The form of the whole array, with its axes.
    parameters : tuple of str
        The names of the parameters of the encoder that belong to this step. Parameters that belong
        to no step are shown at the last one.
    is_cut : bool
        Whether `array` holds only the first rows.
    lines : bool
        Whether each column is drawn as a line, such as the channels of a recording, and not as a
        row of an image.

    Examples
    --------
    >>> from netencoders import ArraySpec, Stage
    >>> Stage("Ramp", "Three numbers.", np.arange(3.0), ArraySpec((3,), "float64")).is_cut
    False
    """

    name: str
    summary: str
    array: npt.NDArray[Any]
    form: ArraySpec
    parameters: tuple[str, ...] = ()
    is_cut: bool = False
    lines: bool = False


@dataclass(frozen=True)
class Media:
    """A file that a browser plays, for the page of `NetEncoder.explain`.

    Its time is that of the axes in seconds of the stages, so that a cursor can show the position.

    Parameters
    ----------
    type : str
        The media type, such as ``"audio/wav"`` or ``"video/mp4"``.
    data : bytes
        The content of the file; not more than some MB.
    note : str
        A sentence about the file, or empty.
    """

    type: str
    data: bytes
    note: str = ""


def first_rows(
    blocks: Iterable[npt.NDArray[Any]], form: ArraySpec, seconds: float
) -> tuple[npt.NDArray[Any], bool]:
    """Return the first rows of a stream as one array, and whether there are more.

    Parameters
    ----------
    blocks : iterable of ndarray
        Blocks along `form.stream_axis`; the iterable is closed after the last block that is needed.
    form : ArraySpec
        The form of the whole array.
    seconds : float
        Rows from this time on are left out, if the axis of the rows is in seconds. There are at
        most 2**25 elements in any case.

    Returns
    -------
    array : ndarray
    is_cut : bool

    Examples
    --------
    >>> from netencoders import ArraySpec, Axis, Varying
    >>> form = ArraySpec((Varying,), axes=(Axis("time", "s", 0.5),))
    >>> first_rows(iter([np.zeros(3), np.ones(3)]), form, 2.0)
    (array([0., 0., 0., 1.]), True)
    """
    kept: list[npt.NDArray[Any]] = []
    room, is_cut = -1, False
    source = iter(blocks)
    try:
        for block in source:
            if not block.ndim:
                return block, False
            room = _rows(block.shape, form, seconds) if room < 0 else room
            taken = block[_along(form, room)]
            kept.append(taken.copy())  # a part must not keep the whole block
            room -= taken.shape[form.stream_axis]
            is_cut = taken.shape != block.shape
            if is_cut:
                break
    finally:
        if isinstance(source, Generator):
            source.close()
    return np.concatenate(kept, axis=form.stream_axis), is_cut


def _rows(shape: tuple[int, ...], form: ArraySpec, seconds: float) -> int:
    """Return the number of rows that are kept, of rows as in a block of this shape."""
    row = math.prod(size for place, size in enumerate(shape) if place != form.stream_axis)
    most = max(1, MOST // max(1, row))
    axis = form.axes[form.stream_axis] if form.axes else None
    if axis is None or axis.unit != "s" or axis.step <= 0:
        return most
    return max(1, min(most, math.ceil((seconds - axis.start) / axis.step)))


def _along(form: ArraySpec, room: int) -> tuple[slice, ...]:
    """Return the index of the first rows along the stream axis."""
    return (*(slice(None) for _ in range(form.stream_axis)), slice(room))

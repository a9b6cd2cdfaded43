"""Stack: several rows become one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import ArraySpec, Automatic, Axis, Choice, Integer, NeighbourLayer, Parameter
from netencoders.layer_base import Blocks
from netencoders_core.layers.forms import Array, keeps_parts, rows_form
from netencoders_core.layers.sliding import extended, sliding

__all__ = ["Stack"]


class Stack(NeighbourLayer):
    """Joins Size rows, every Stride rows, into one row: a lower frame rate (LFR).

    ::

        y[i] = [x[i * Stride - b], x[i * Stride - b + 1], ..., x[i * Stride - b + Size - 1]]

    Rows of shape (80,) become rows of shape (Size * 80,); rows of more dimensions are joined along
    the first one.

    If Padding is None, b is 0, and only whole stacks count: n rows give floor((n - Size) / Stride)
    + 1 stacks, and fewer than Size rows are an error. With ``"Repeat"``, b is (Size - 1) // 2, and
    the first and the last row are repeated where rows are missing: n rows give ceil(n / Stride).

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    FunASR's ``apply_lfr`` is Padding ``"Repeat"``, with Size 7 and Stride 6 for Paraformer, and 5
    and 1 for fsmn-vad. SeamlessM4T has Size 2, Stride 2 and whole stacks. The time of a stack is
    that of its centre.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> rows = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]], np.float32)
    >>> NetLayer("Stack", Size=2)(rows)
    array([[0., 1.],
           [2., 3.]], dtype=float32)
    >>> NetLayer("Stack", Size=3, Stride=2, Padding="Repeat")(rows)
    array([[0., 0., 1.],
           [1., 2., 3.],
           [3., 4., 4.]], dtype=float32)
    """

    name = "Stack"
    keeps_finite = True
    known_as = ("LFR", "Splice", "StackFrames", "ConcatFrames")
    parameters = (
        Parameter(
            "Size",
            Integer(1, 2**16),
            default=2,
            unit="rows",
            known_as=("lfr_m",),
            doc="the number of rows in a stack",
        ),
        Parameter(
            "Stride",
            Integer(1, 2**16),
            default=Automatic,
            unit="rows",
            automatic=lambda Size: Size,  # noqa: N803 - it is the name of the parameter
            known_as=("lfr_n", "stride"),
            doc="the number of rows from one stack to the next; Automatic is Size",
        ),
        Parameter(
            "Padding",
            Choice(None, "Repeat"),
            default=None,
            neutral=None,
            doc="None: whole stacks only; Repeat: repeat the first and the last row at the edges",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._size: int = resolved["Size"]
        self._stride: int = resolved["Stride"]
        self._pads = resolved["Padding"] is not None
        self._before = (self._size - 1) // 2 if self._pads else 0

    def _count(self, rows: int) -> int:
        if self._pads:
            return -(-rows // self._stride)
        return max(0, (rows - self._size) // self._stride + 1)

    def _missing(self, rows: int) -> int:
        """Return the number of rows behind the last one that the stacks of `rows` rows need."""
        return (self._count(rows) - 1) * self._stride + self._size - self._before - rows

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return a form with fewer rows, and larger ones."""
        size = self._size
        keeps_parts(form, 1)
        first: Any = form.dims[1] if len(form.dims) > 1 else 1
        row = (first * size if isinstance(first, int) else first, *form.dims[2:])
        axes = (Axis("feature"), *form.axes[2:])
        shift = (size - 1) / 2 - self._before
        return rows_form(form, self._count, row, axes, step=self._stride, shift=shift)

    def stream(self, blocks: Blocks) -> Blocks:
        """Yield the stacks."""
        if self._pads:
            blocks = extended(blocks, self._before, self._missing)
        for windows in sliding(blocks, self._size, self._stride):
            yield _joined(windows)


def _joined(windows: Array) -> Array:
    count, size, *row = windows.shape
    joined = (size * row[0], *row[1:]) if row else (size,)
    # A copy: one window is contiguous, and a view that cannot be written to.
    return windows.copy(order="C").reshape(count, *joined)

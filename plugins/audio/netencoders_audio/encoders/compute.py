"""Compute: the number of rows that are computed at a time, so that their bits are always equal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.transform import FrameTransform

__all__ = [
    "Compute",
    "Direct",
    "compute_rows",
    "direct",
    "direct_form",
    "is_row_stable",
    "row_stable",
]

Rows = npt.NDArray[np.float32]
Compute = Callable[[npt.NDArray[np.complex64], Rows, Rows], object]
"""The type of `PartitionedEncoder.compute`."""

Direct = Callable[[FrameTransform, Rows, Rows], object]
"""The type of a function that `direct` adds, without `self`: transform, partitions and out."""

AnyCompute = TypeVar("AnyCompute", bound=Callable[..., object])


def row_stable(compute: AnyCompute) -> AnyCompute:
    """Mark a `compute` as one whose rows have the same bits in groups of any size.

    `PartitionedEncoder` gives hundreds of partitions (frames) at once to a `compute` that has this
    mark, which is faster, and 24 to a `compute` without it. Use the mark if `compute` uses only
    elementwise functions of numpy and `Projection`. The bits of a matrix product (``@``,
    ``np.matmul``, ``np.dot``, ``np.einsum``) depend on the number of rows: a stream would differ
    from the call.

    A subclass that overrides `compute` needs a mark of its own.

    Parameters
    ----------
    compute : callable
        The method `compute` of a `PartitionedEncoder`.

    Returns
    -------
    callable
        The same object.

    References
    ----------
    Rule A26 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import AudioMelSpectrogram, row_stable
    >>> class AudioMelRoot(AudioMelSpectrogram):
    ...     name = "AudioMelRoot"
    ...
    ...     @row_stable
    ...     def compute(self, spectrum, spare, out):
    ...         super().compute(spectrum, spare, out)
    ...         np.sqrt(out, out=out)
    """
    compute.__dict__["row_stable"] = True
    return compute


def is_row_stable(compute: Compute) -> bool:
    """Return whether a `compute` has the mark `row_stable`."""
    return bool(getattr(compute, "row_stable", False))


def direct(function: Callable[..., object]) -> Callable[[AnyCompute], AnyCompute]:
    """Add a second form to a `compute`, which gets the partitions instead of their spectrum.

    With the compiled kernel, the steps from the partition to its power or its bands are one call,
    and the spectrum is never stored. A subclass that overrides `compute` has no second form.

    Parameters
    ----------
    function : callable
        A method of the same class: ``function(self, transform, partitions, out)`` writes the rows
        that `compute` writes, with the same bits. `transform` is a `FrameTransform`.

    Returns
    -------
    callable
        A decorator for `compute`.
    """

    def mark(compute: AnyCompute) -> AnyCompute:
        compute.__dict__["direct"] = function
        return compute

    return mark


def direct_form(compute: Compute) -> Direct | None:
    """Return the second form of a `compute` that has one; of a method, bound to its object."""
    function: Direct | None = getattr(compute, "direct", None)
    owner = getattr(compute, "__self__", None)
    return function if function is None or owner is None else partial(function, owner)


def compute_rows(
    compute: Compute, spectrum: npt.NDArray[np.complex64], spare: Rows, out: Rows, step: int
) -> None:
    """Call `compute` for all rows at once if it is `row_stable`, otherwise for `step` at a time.

    Parameters
    ----------
    compute : callable
    spectrum, spare, out : ndarray
        The arguments of `PartitionedEncoder.compute`.
    step : int

    Raises
    ------
    TypeError
        `compute` returns a value, so it may not have written `out`.
    """
    if is_row_stable(compute):
        step = max(len(out), 1)
    for start in range(0, len(out), step):
        rows = slice(start, start + step)
        returned = compute(spectrum[rows], spare[rows], out[rows])
        if returned is not None:
            raise TypeError(
                f"compute() returns a value of type {type(returned).__name__}; it must write the "
                "rows to out, and return None"
            )

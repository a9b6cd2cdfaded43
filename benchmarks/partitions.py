"""Partitions: the frames of a convention before the transform, computed by the definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from benchmarks.tasks import Array

__all__ = ["overlapping", "padded", "windowed"]


def windowed(samples: Array, resolved: Mapping[str, Any]) -> Array:
    """Return the windowed partitions of a signal, zero-padded to the length of the transform.

    Parameters
    ----------
    samples : ndarray of float32, shape (k,)
    resolved : mapping
        The parameters from WindowSize to FFTLength; WindowScaling is ignored, and so is the mode
        Symmetric.

    Returns
    -------
    ndarray of float32, shape (partitions, FFTLength)
    """
    from netencoders.windows import window_samples

    size = resolved["WindowSize"]
    partitions = overlapping(padded(samples, resolved), size, resolved["Offset"])
    rows = np.zeros((len(partitions), resolved["FFTLength"]), np.float32)
    content = rows[:, :size]
    content[:] = partitions
    if resolved["RemoveMean"]:
        content -= content.mean(axis=1, keepdims=True)
    if resolved["PreEmphasis"]:
        before = content[:, [0, *range(size - 1)]]
        content -= np.float32(resolved["PreEmphasis"]) * before
    content *= window_samples(resolved["WindowFunction"], size).astype(np.float32)
    return rows


def padded(samples: Array, resolved: Mapping[str, Any]) -> Array:
    """Return a signal with the edges that PartitionPadding adds, after TargetLength and Append."""
    target = resolved["TargetLength"]
    fill = max(0, target - len(samples)) if isinstance(target, int) else 0
    if fill or resolved["Append"]:
        samples = np.pad(samples, (0, fill + resolved["Append"]))
    padding = resolved["PartitionPadding"]
    if padding is None:
        return samples
    if padding == "Right":
        return np.pad(samples, (0, resolved["WindowSize"] - 1))
    left, right, kind = padding
    mode: Literal["reflect", "constant"] = "reflect" if kind == "Reflect" else "constant"
    return np.pad(samples, (left, right), mode)


def overlapping(samples: Array, size: int, offset: int) -> Array:
    """Return whole partitions of a signal, as a read-only view."""
    step = samples.itemsize
    shape = (1 + (len(samples) - size) // offset, size)
    return np.lib.stride_tricks.as_strided(samples, shape, (offset * step, step), writeable=False)

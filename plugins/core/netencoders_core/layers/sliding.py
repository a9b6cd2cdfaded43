"""Sliding windows over rows that arrive in blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from netencoders.layer_base import Blocks
from netencoders_core.layers.forms import Array

__all__ = ["extended", "filled", "rows_of", "sliding"]

_ROWS: Final = 1 << 12  # in a block of rows that are added, for streams in little memory


def sliding(blocks: Blocks, size: int, step: int) -> Blocks:
    """Yield all whole windows of `size` rows that begin at every `step`-th row.

    Parameters
    ----------
    blocks : iterator of ndarray
    size, step : int

    Yields
    ------
    ndarray, shape (windows, size, ...)
        Views, which are valid until the next block is read.

    Examples
    --------
    >>> [windows.tolist() for windows in sliding(iter([np.arange(3), np.arange(3, 7)]), 2, 3)]
    [[[0, 1]], [[3, 4]]]
    """
    held: list[Array] = []  # joined only when a window is whole: few blocks may be long windows
    count = 0  # rows in `held`
    skip = 0  # rows between two windows, if they are farther apart than their size
    for block in blocks:
        drop = min(skip, len(block))
        skip -= drop
        rows = block[drop:]
        if count + len(rows) < size:
            held.append(rows.copy())
            count += len(rows)
            continue
        if count:
            rows = np.concatenate([*held, rows])
        windows = (len(rows) - size) // step + 1
        yield np.moveaxis(sliding_window_view(rows, size, axis=0)[::step][:windows], -1, 1)
        used = windows * step
        skip = max(0, used - len(rows))
        held = [rows[used:].copy()]
        count = len(held[0])


def extended(blocks: Blocks, before: int, after: Callable[[int], int]) -> Blocks:
    """Yield copies of the first row, then the rows, then copies of the last row.

    `after` is the number of copies at the end, for the number of rows. Without rows, nothing is
    added.
    """
    count = 0
    last: Array | None = None
    for block in blocks:
        if before and not count:
            yield np.repeat(block[:1], before, axis=0)
        count += len(block)
        last = block[-1:].copy()  # a block that is read later may overwrite it
        yield block
    if last is not None and (extra := after(count)) > 0:
        yield np.repeat(last, extra, axis=0)


def filled(blocks: Blocks, value: float, after: Callable[[int], int]) -> Blocks:
    """Yield the rows, then `after` of their number of rows that have the value `value`.

    Without rows, nothing is added.
    """
    count = 0
    last: Array | None = None
    for block in blocks:
        count += len(block)
        last = block[-1:]
        yield block
    if last is not None:
        yield from rows_of(value, after(count), last)


def rows_of(value: float, count: int, like: Array) -> Blocks:
    """Yield `count` rows that have the value `value`, of the shape of the rows of an array.

    >>> [block.tolist() for block in rows_of(3, 2, np.zeros((5, 1)))]
    [[[3.0], [3.0]]]
    """
    while count > 0:
        size = min(count, _ROWS)
        yield np.full((size, *like.shape[1:]), value, like.dtype)
        count -= size

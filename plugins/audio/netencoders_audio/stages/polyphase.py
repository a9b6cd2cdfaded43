"""Polyphase: resamples by a filter of finite length, block by block (A45)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from netencoders_audio.stages.resampling_filters import ResamplingFilter, resampling_filter

__all__ = ["FilterBank", "filtered", "lookahead"]

Samples = npt.NDArray[np.float32]

# The shape of each matrix product is fixed, and it has less than 2**18 multiplications: more may
# use several threads of OpenBLAS, and the rounding would depend on their number (see projection).
ROWS: Final = 8
COLUMNS: Final = 32
DEPTH: Final = 1000
# The number of samples that a row and a group give, at least: so that few columns are unused, and
# that the delay of a stream is short (about 0.1 s at 16 kHz).
ROW: Final = 128
GROUP: Final = 4096
# The number of gathered input samples in one call of numpy.matmul: 1 MB.
GATHERED: Final = 1 << 18


class FilterBank:
    """A filter for one ratio of two rates, as matrices of a fixed shape.

    The weights recur every `up` samples of the result. A row is a multiple of this number, and a
    group has up to 8 rows. One product of two matrices gives 32 samples of each row of a group. For
    any blocks of the input, a sample of the result has the same place in a product of the same
    shape, and therefore the same bits.

    Parameters
    ----------
    lowpass : ResamplingFilter
        The filter of the ratio.

    Attributes
    ----------
    inputs, outputs : int
        The number of samples that a group advances in the input, and those that it gives.
    before : int
        The number of samples that the first group needs before the first sample of the input.
    extent : int
        The number of samples that a group needs. It begins `before` samples before its first one.
    """

    def __init__(self, lowpass: ResamplingFilter) -> None:
        up, down, half = lowpass.up, lowpass.down, lowpass.half
        repeats = -(-ROW // up)
        self._row = up * repeats
        self._step = down * repeats
        self._rows = max(1, min(ROWS, GROUP // self._row))
        self.inputs: int = self._rows * self._step
        self.outputs: int = self._rows * self._row
        firsts = np.arange(0, self._row, COLUMNS)  # the first sample of each matrix
        reached = -((half - firsts * down) // up)  # the first input sample with a weight in it
        span = ((COLUMNS - 1) * down + 2 * half) // up + 1
        self.before = int(-reached[0])
        self._starts: list[int] = (reached - reached[0]).tolist()
        self.extent: int = (self._rows - 1) * self._step + self._starts[-1] + span
        self._bank = np.empty((len(firsts), span, COLUMNS), np.float32)
        for matrix, first, start in zip(self._bank, firsts, reached, strict=True):
            periods, phases = np.divmod(first + np.arange(COLUMNS), up)
            inputs = start + np.arange(span)[:, np.newaxis] - periods * down
            distances = phases * down - inputs * up
            matrix[:] = lowpass.weights(phases, inputs) * (np.abs(distances) <= half)

    def apply(self, samples: Samples, groups: int) -> Samples:
        """Return the result of whole groups.

        Parameters
        ----------
        samples : ndarray of float32, shape (k,)
            Contiguous in memory; at least ``(groups - 1) * inputs + extent`` samples.
        groups : int

        Returns
        -------
        ndarray of float32, shape (groups * outputs,)
        """
        tiles, span, _ = self._bank.shape
        windows = sliding_window_view(samples, span)
        # numpy multiplies a single row by another function of BLAS, which uses threads earlier.
        height = max(2, self._rows)
        many = min(groups, max(1, GATHERED // (tiles * height * span)))
        gathered = np.zeros((many, tiles, height, span), np.float32)
        out = np.empty((groups, self._rows, self._row), np.float32)
        for first in range(0, groups, many):
            count = min(many, groups - first)
            for tile, start in enumerate(self._starts):
                start += first * self.inputs
                rows = windows[start :: self._step][: count * self._rows]
                gathered[:count, tile, : self._rows] = rows.reshape(count, self._rows, span)
            product = self._product(gathered[:count])[:, :, : self._rows]
            joined = product.transpose(0, 2, 1, 3).reshape(count, self._rows, tiles * COLUMNS)
            out[first : first + count] = joined[:, :, : self._row]
        return out.reshape(-1)

    def _product(self, gathered: Samples) -> Samples:
        result: Samples = np.matmul(gathered[..., :DEPTH], self._bank[:, :DEPTH])
        for start in range(DEPTH, self._bank.shape[1], DEPTH):
            part = slice(start, start + DEPTH)
            result += np.matmul(gathered[..., part], self._bank[:, part])
        return result


def filtered(
    blocks: Iterable[Samples],
    rate: int,
    new_rate: int,
    name: str,
    length: Callable[[int], int],
) -> Iterator[Samples]:
    """Resample a signal by a filter; zeros are assumed before and after the signal.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    rate, new_rate : int
        Sample rates in Hz, which differ.
    name : str
        A key of `resampling_filters.FILTERS`.
    length : callable
        It returns the number of samples of the result from that of the input.

    Yields
    ------
    ndarray of float32, shape (j,)

    Raises
    ------
    AudioError
        With code ``limit-exceeded``: the filter is too long.
    """
    bank = _filter_bank(name, rate, new_rate)
    # Pieces are joined when they complete a group: many short blocks are copied twice at most.
    pieces, held = [np.zeros(bank.before, np.float32)], bank.before
    total = given = 0
    for block in blocks:
        pieces.append(block.copy())  # the source may overwrite the block
        held += len(block)
        total += len(block)
        if held < bank.extent:
            continue
        groups = (held - bank.extent) // bank.inputs + 1
        samples = np.concatenate(pieces)
        yield bank.apply(samples, groups)
        given += groups * bank.outputs
        rest = samples[groups * bank.inputs :].copy()
        pieces, held = [rest], len(rest)
    missing = length(total) - given
    if missing > 0:
        groups = -(-missing // bank.outputs)
        zeros = max(0, (groups - 1) * bank.inputs + bank.extent - held)
        yield bank.apply(np.concatenate([*pieces, np.zeros(zeros, np.float32)]), groups)[:missing]


def lookahead(rate: int, new_rate: int, name: str) -> int:
    """Return how many samples after the last needed one complete its group.

    Parameters
    ----------
    rate, new_rate : int
        Sample rates in Hz, which differ.
    name : str
        A key of `resampling_filters.FILTERS`.

    Returns
    -------
    int
    """
    return _filter_bank(name, rate, new_rate).extent


# A bank takes 50 MB at most, and less than 1 MB for common rates.
@lru_cache(maxsize=8)
def _filter_bank(name: str, rate: int, new_rate: int) -> FilterBank:
    return FilterBank(resampling_filter(name, rate, new_rate))

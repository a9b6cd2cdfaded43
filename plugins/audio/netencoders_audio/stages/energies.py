"""Energies: whether the channels of a recording cancel each other in their mean (A37)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy.typing as npt

__all__ = ["Energies"]

CANCELLED: Final = 1e-3
SILENCE: Final = 1e-8
AUDIBLE: Final = 1e-5
FEWEST: Final = 100
FIRST: Final = 1 << 9


class Energies:
    """The energy of the sum of the channels, and the sum of their energies, over a recording.

    For N independent channels the two are equal; for equal channels, the first is N times as large.
    The channels cancel if the first is below a thousandth of the second. A recording with a mean
    square below 1e-8 (80 dB below full scale) is silent, and one of less than 100 frames is too
    short to tell; they do not cancel.

    The frames are measured in groups: the first 512, and then as many as before. The measure ends
    at the first group whose mean is audible (a mean square of 1e-5, 50 dB below full scale) and
    does not cancel. So it takes microseconds for most recordings, and 3 % of the time of a mel
    spectrogram for one that is silent to its end (measured).

    Parameters
    ----------
    limit : int or None
        The number of frames that are measured, so that the result does not depend on the blocks.
        None is all frames.
    report : callable
        Called once if the channels cancel, when the last of these frames is measured.
    """

    def __init__(self, limit: int | None, report: Callable[[], None]) -> None:
        self._limit = limit
        self._report = report
        self._measured = 0
        self._of_sum = self._of_channels = 0.0  # of all frames
        self._group_sum = self._group_channels = 0.0  # of the frames of the current group
        self._group_start, self._group_stop = 0, FIRST
        self._channels = 1
        self.ended = False

    def add(
        self, samples: npt.NDArray[Any], total: npt.NDArray[Any], full: float, middle: float
    ) -> None:
        """Measure a block.

        Parameters
        ----------
        samples : ndarray of float, shape (k, channels)
        total : ndarray of float, shape (k,)
            The sums of the channels.
        full : float
            Full scale.
        middle : float
            The value of silence in `samples`.
        """
        self._channels = samples.shape[1]
        place = 0
        while place < len(total) and not self.ended:
            stop = self._group_stop if self._limit is None else min(self._group_stop, self._limit)
            part = slice(place, place + stop - self._measured)
            frames = samples[part] - middle if middle else samples[part]
            self._group_sum += _energy(total[part]) / (full * full)
            self._group_channels += _energy(frames) / (full * full)
            self._measured += len(frames)
            place = part.stop
            if self._measured == self._limit:
                self.end()
            elif self._measured == self._group_stop:
                self._end_group()

    def end(self) -> None:
        """Report channels that cancel; no further block is measured."""
        if self.ended:
            return
        kept = self._end_group()
        samples = self._measured * self._channels
        if (
            not kept
            and self._measured >= FEWEST
            and self._of_channels > SILENCE * samples
            and self._of_sum < CANCELLED * self._of_channels
        ):
            self._report()
        self.ended = True

    def _end_group(self) -> bool:
        """Add the group to the totals; return whether it is audible in the mean."""
        count = self._measured - self._group_start
        audible = self._group_sum > AUDIBLE * count * self._channels**2
        kept = audible and self._group_sum >= CANCELLED * self._group_channels
        self.ended = self.ended or kept
        self._of_sum += self._group_sum
        self._of_channels += self._group_channels
        self._group_sum = self._group_channels = 0.0
        self._group_start, self._group_stop = self._measured, 2 * self._group_stop
        return kept


def _energy(samples: npt.NDArray[Any]) -> float:
    """Return the sum of squares; `dot` takes half the time of `vdot` for few samples."""
    if samples.flags.c_contiguous:
        flat = samples.reshape(-1)
        return float(flat.dot(flat))
    columns = samples.T if samples.ndim > 1 else [samples]
    return float(sum(float(column.dot(column)) for column in columns))

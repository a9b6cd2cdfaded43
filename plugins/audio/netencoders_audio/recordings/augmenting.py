"""Augmenting: the changes of a recording, as the recording knows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Augmenting"]


class Augmenting(Protocol):
    """The augmentation that is drawn for one recording.

    Attributes
    ----------
    warp : float or None
        The factor of the frequencies of mel filters.
    """

    warp: float | None

    def apply(self, blocks: Iterator[npt.NDArray[np.float32]]) -> Iterator[npt.NDArray[np.float32]]:
        """Yield the samples after all changes, as many as there are."""
        ...

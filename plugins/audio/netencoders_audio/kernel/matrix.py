"""Matrix: a matrix whose columns are zero outside of one run of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Matrix"]

# The work memory of the kernel grows with the columns and with the rows.
MAX_COLUMNS: Final = 8192
MAX_ROWS: Final = 65536


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix whose columns are zero outside of one run of rows.

    Parameters
    ----------
    rows : int
        The number of rows.
    runs : ndarray of int64, shape (columns, 2)
        For each column the first row of its run, and the number of rows in it.
    weights : ndarray of float32
        The runs of the columns, one after the other.

    Raises
    ------
    ValueError
        A run is not inside the rows, or the runs and the weights do not fit.
    """

    rows: int
    runs: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        for name, kind in (("runs", np.int64), ("weights", np.float32)):
            array = getattr(self, name)
            if array.dtype == kind:  # of its own: the library has its address
                object.__setattr__(self, name, array.copy())
        right = self.runs.dtype == np.int64 and self.weights.dtype == np.float32
        firsts, counts = self.runs[:, 0], self.runs[:, 1]
        inside = np.all((firsts >= 0) & (counts >= 0) & (firsts <= self.rows - counts))
        if not (right and inside) or int(counts.sum()) != len(self.weights):
            raise ValueError("the runs of a matrix must be inside its rows, with all weights.")

    @property
    def columns(self) -> int:
        """The number of columns."""
        return len(self.runs)

    @property
    def is_supported(self) -> bool:
        """Whether the kernel takes a matrix of this size."""
        return 0 < self.columns <= MAX_COLUMNS and 0 < self.rows <= MAX_ROWS

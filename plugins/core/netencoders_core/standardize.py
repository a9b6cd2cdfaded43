"""Standardize: mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Parameter, Real, WholeLayer
from netencoders_core.forms import floats

__all__ = ["Standardize"]

Array = npt.NDArray[Any]


class Standardize(WholeLayer):
    """Subtracts the mean of each feature over time, and divides by its standard deviation."""

    name = "Standardize"
    parameters = (Parameter("Epsilon", Real(min=0), default=1e-5, doc="is added to the deviation"),)

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form."""
        return floats(form)

    def measure(self, groups: Any) -> Any:
        """Return the mean and the deviation."""
        count, total, squares = 0, np.float64(0), np.float64(0)
        for group in groups:
            exact = group.astype(np.float64)
            count += len(group)
            total = total + exact.sum(0)
            squares = squares + (exact * exact).sum(0)
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean * mean, 0))
        return mean, deviation

    def apply(self, rows: Array, measured: Any) -> Array:
        """Return the standardized rows."""
        mean, deviation = measured
        result: Array = (rows - mean) / (deviation + self.resolved["Epsilon"])
        return result.astype(rows.dtype)

"""Standardize: mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from netencoders import ArraySpec, Boolean, Choice, Parameter, Real, WholeLayer
from netencoders_core.layers.forms import Array, features_last, floats, time_first
from netencoders_core.layers.moments import Moments, moments, row_moments

__all__ = ["Standardize"]


class Standardize(WholeLayer):
    """Subtracts the mean, and divides by the standard deviation.

    ::

        d = max(sqrt(variance), MinimumDeviation) + Epsilon
        d = max(sqrt(variance + Epsilon), MinimumDeviation)         with EpsilonInside
        y = (x - mean) / d

    The variance is the sum of the squared differences to the mean, divided by n - Ddof, where n
    is the number of elements. All steps are computed in float64, and the result has the type of the
    elements.

    Axis ``"Time"`` has a mean for each feature, over all rows. ``"Features"`` has a mean for each
    row, over all elements of the row. None has one mean, over all elements of the recording. With
    ``"Features"`` each row is independent, and a stream reads its input once; else it needs the
    whole recording, and a stream reads its input twice.

    If d is 0, the elements are equal, and the result is 0, the limit for small values of Epsilon:
    silence gives neither NaN nor an error (A52). Likewise, the variance of a single element is 0,
    for any Ddof. With Statistics ``"Variance"``, d must be positive.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    ================================  ====================================================
    model                             parameters
    ================================  ====================================================
    NeMo, Parakeet                    Ddof 1, Epsilon 1e-5
    SeamlessM4T, w2v-BERT             Ddof 1, Epsilon 1e-7, EpsilonInside
    Speech2Text                       Epsilon 0
    wav2vec 2.0, of the waveform      Epsilon 1e-7, EpsilonInside
    CREPE, of each frame              Axis "Features", Ddof 1, Epsilon 0,
                                      MinimumDeviation 1e-10
    Kaldi's CMN                       Statistics "Mean"
    ================================  ====================================================

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Standardize", Epsilon=0)(np.array([[1.0, 5.0], [3.0, 5.0]], np.float32))
    array([[-1.,  0.],
           [ 1.,  0.]], dtype=float32)
    """

    name = "Standardize"
    known_as = ("CMVN", "CMN", "Normalize", "MeanVarianceNormalize", "InstanceNorm")
    parameters = (
        Parameter(
            "Axis",
            Choice("Time", "Features", None),
            default="Time",
            doc="a mean over time for each feature, over the features of each row, or over all",
        ),
        Parameter(
            "Statistics",
            Choice("MeanVariance", "Mean", "Variance"),
            default="MeanVariance",
            known_as=("norm_vars", "norm_means", "normalize_vars", "normalize_means"),
            doc="subtract the mean, divide by the deviation, or both",
        ),
        Parameter(
            "Ddof",
            Choice(0, 1),
            default=0,
            known_as=("ddof", "correction", "unbiased"),
            doc="the number that is subtracted from the number of elements in the variance",
        ),
        Parameter(
            "Epsilon",
            Real(min=0, max=1e37),
            default=1e-5,
            known_as=("eps",),
            doc="a number that is added to the deviation",
        ),
        Parameter(
            "EpsilonInside",
            Boolean(),
            default=False,
            neutral=False,
            doc="add Epsilon to the variance, inside of the root",
        ),
        Parameter(
            "MinimumDeviation",
            Real(min=0, max=1e37),
            default=0,
            neutral=0.0,
            doc="smaller deviations are raised to it",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        if resolved["Axis"] == "Features":
            self.reach = "row"

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problem of a division by 0."""
        positive = resolved["Epsilon"] or resolved["MinimumDeviation"]
        if resolved["Statistics"] != "Variance" or positive:
            return []
        rule = "'Epsilon' or 'MinimumDeviation' must be > 0 for Statistics 'Variance'"
        return [f"{rule}: if all elements are equal, the deviation is 0."]

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form, without a quantity if the result is divided."""
        floats(form)
        if self.resolved["Axis"] == "Features":
            features_last(time_first(form))
        if self.resolved["Statistics"] == "Mean":
            return form
        return replace(form, quantity="")

    def measure(self, groups: Iterator[Array]) -> Any:
        """Return the moments over time, or over all elements."""
        return moments(groups, over_all=self.resolved["Axis"] is None)

    def apply(self, rows: Array, measured: Any) -> Array:
        """Return the standardized rows."""
        known = row_moments(rows) if measured is None else measured
        out = rows.astype(np.float64)
        if self.resolved["Statistics"] != "Variance":
            out -= known.mean
        if self.resolved["Statistics"] != "Mean":
            out /= self._divisor(known)
        return out.astype(rows.dtype)

    def _divisor(self, known: Moments) -> Array:
        variance, epsilon = known.variance(self.resolved["Ddof"]), self.resolved["Epsilon"]
        least = self.resolved["MinimumDeviation"]
        if self.resolved["EpsilonInside"]:
            divisor = np.maximum(np.sqrt(variance + epsilon), least)
        else:
            divisor = np.maximum(np.sqrt(variance), least) + epsilon
        result: Array = np.where(divisor > 0, divisor, 1.0)
        return result

"""Affine and Clip: arithmetic with constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from netencoders import (
    ArraySpec,
    Choice,
    LayerError,
    Parameter,
    Real,
    RowLayer,
    Union,
    ValueType,
    Varying,
    Vector,
    takes_out,
)
from netencoders_core.layers.forms import Array, constants_fit, features_last, floats

__all__ = ["Affine", "Clip"]


def _numbers() -> ValueType:
    return Union(Real(), Vector())


class Affine(RowLayer):
    """Adds a constant, then multiplies by a constant.

    ::

        y = (x + Shift) * Factor

    Each constant is a number, or a list with one number for each feature: for each index of the
    last dimension. Both steps are computed in the type of the elements.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    The mean m and the standard deviation s of a training set, of each feature or of all of them,
    are Shift -m and Factor 1 / s. The result has no named quantity, unless Factor is 1.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> rows = np.array([[-4.0, 0.0], [4.0, 1.0]], np.float32)
    >>> NetLayer("Affine", Shift=4, Factor=[0.25, 1])(rows)
    array([[0., 4.],
           [2., 5.]], dtype=float32)
    """

    name = "Affine"
    known_as = ("Scale", "Rescale", "Shift", "Multiply")
    parameters = (
        Parameter(
            "Shift",
            _numbers(),
            default=0,
            neutral=0.0,
            known_as=("bias", "mean", "offset", "add"),
            doc="the number that is added first, or one for each feature",
        ),
        Parameter(
            "Factor",
            _numbers(),
            default=1,
            neutral=1.0,
            known_as=("scale", "gain", "multiply"),
            doc="the number that multiplies the sum, or one for each feature",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._shift = np.asarray(resolved["Shift"], np.float64)
        self._factor = np.asarray(resolved["Factor"], np.float64)

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form; a vector needs the size of the last dimension."""
        floats(form)
        for name, value in self.resolved.items():
            if not isinstance(value, tuple):
                constants_fit(form, (value,))
                continue
            features_last(form)
            size = form.dims[-1]
            if size is Varying:
                raise LayerError(
                    f"{name} has {len(value)} numbers, and the number of features varies: "
                    f"{form.dims}"
                )
            if size != len(value):
                raise LayerError(
                    f"{name} has {len(value)} numbers, and there are {size} features: {form.dims}"
                )
            constants_fit(form, value)
        self._check_factor(form)
        unscaled = self.resolved["Factor"] == 1
        return replace(form, quantity=form.quantity if unscaled else "")

    def _check_factor(self, form: ArraySpec) -> None:
        """Refuse a factor that is 0 in the type of the elements only."""
        with np.errstate(all="ignore"):  # an underflow is the question
            is_zero = self._factor.astype(form.dtype) == 0
        vanishing = self._factor[is_zero & (self._factor != 0)]
        if vanishing.size:
            raise LayerError(
                f"its elements are of type {form.dtype}, in which the Factor {vanishing[0]} is 0: "
                "put the layer Cast with Type='float64' before it"
            )

    @takes_out
    def apply(self, rows: Array, out: Array | None = None) -> Array:
        """Return the scaled rows."""
        out = np.add(rows, self._shift.astype(rows.dtype), out=out)
        out *= self._factor.astype(rows.dtype)
        return out


class Clip(RowLayer):
    """Raises each element to a lower limit, and reduces it to an upper limit.

    ::

        y = min(max(x, Low), High)

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Clip", Low=-80, High=None)(np.array([[-100.0, 3.0]], np.float32))
    array([[-80.,   3.]], dtype=float32)
    """

    name = "Clip"
    keeps_finite = True
    known_as = ("Clamp", "Limit")
    parameters = (
        Parameter(
            "Low",
            Union(Choice(None), Real()),
            default=-1,
            neutral=None,
            known_as=("min", "a_min", "clip_val"),
            doc="the lower limit; None for none",
        ),
        Parameter(
            "High",
            Union(Choice(None), Real()),
            default=1,
            neutral=None,
            known_as=("max", "a_max"),
            doc="the upper limit; None for none",
        ),
    )

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problem of a lower limit that is not below the upper one."""
        low, high = resolved["Low"], resolved["High"]
        if low is None or high is None or low < high:
            return []
        return [f"'Low' must be below 'High'. Got {low} and {high}."]

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form."""
        floats(form)
        constants_fit(form, [limit for limit in self.resolved.values() if limit is not None])
        return form

    def apply(self, rows: Array) -> Array:
        """Return the limited elements."""
        kind = rows.dtype.type
        low, high = self.resolved["Low"], self.resolved["High"]
        result = rows if low is None else np.maximum(rows, kind(low))
        return result if high is None else np.minimum(result, kind(high))

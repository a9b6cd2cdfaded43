"""Polynomial: a polynomial of each element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from netencoders import ArraySpec, LayerError, ListOf, Parameter, RowLayer, Union, Varying, Vector
from netencoders_core.layers.forms import Array, constants_fit, features_last, floats

__all__ = ["Polynomial"]


class Polynomial(RowLayer):
    """Replaces each element by the value of a polynomial.

    ::

        y = c0 + c1 x + c2 x^2 + ...

    Coefficients is the list of c0, c1, c2 and so on, or a list of such lists, one for each feature:
    for each index of the last dimension. The value is computed in the type of the elements, from
    the highest power down (Horner's scheme).

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    `numpy.poly1d` lists the coefficients in the other order. The result has no named quantity.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> rows = np.array([[1.0, 1.0], [2.0, 3.0]], np.float32)
    >>> NetLayer("Polynomial", Coefficients=[1, 0, 2])(rows)
    array([[ 3.,  3.],
           [ 9., 19.]], dtype=float32)
    >>> NetLayer("Polynomial", Coefficients=[[1, 0, 2], [0.5, 1]])(rows)
    array([[3. , 1.5],
           [9. , 3.5]], dtype=float32)
    """

    name = "Polynomial"
    known_as = ("Poly", "PolyFit", "Polyval", "Calibration")
    parameters = (
        Parameter(
            "Coefficients",
            Union(Vector(), ListOf(Vector(), 1)),
            default=(0, 1),
            known_as=("coef", "coeffs", "coefficients", "weights"),
            doc="the factors of the powers 0, 1, 2 and so on, or a list of them for each feature",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        given = resolved["Coefficients"]
        self._per_feature = isinstance(given[0], tuple)
        lists = given if self._per_feature else (given,)
        size = max(map(len, lists))
        # One row for each power: shorter lists have zeros at the high powers.
        self._powers = np.array([[*values, *[0.0] * (size - len(values))] for values in lists]).T
        self._count = len(lists)

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form; a list for each feature needs the size of the last dimension."""
        floats(form)
        constants_fit(form, [float(number) for number in self._powers.flat])
        if self._per_feature:
            features_last(form)
            size = form.dims[-1]
            if size is Varying or size != self._count:
                raise LayerError(
                    f"Coefficients has {self._count} lists, and the features of {form.dims} are "
                    f"{'of a number that varies' if size is Varying else size}"
                )
        return replace(form, quantity="")

    def apply(self, rows: Array) -> Array:
        """Return the values of the polynomials."""
        powers = self._powers.astype(rows.dtype)
        if not self._per_feature:
            powers = powers[:, 0]
        result: Array = np.zeros_like(rows) + powers[-1]
        for factor in powers[-2::-1]:
            result *= rows
            result += factor
        return result

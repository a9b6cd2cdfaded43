"""Log: the logarithm of each element."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from netencoders import ArraySpec, Choice, LayerError, Parameter, Real, RowLayer, takes_out
from netencoders.kernel import logarithm
from netencoders_core.layers.forms import Array, constants_fit, floats

__all__ = ["Log"]


class Log(RowLayer):
    """Logarithm of each element, of the larger of the element and a floor.

    ::

        y = c * log_b(max(x, Floor) + Offset)

    b is the Base, and c is 1. With Base ``"Decibel"``, of powers, b is 10 and c is 10; with
    ``"MagnitudeDecibel"``, of magnitudes, b is 10 and c is 20. Each refuses the other quantity.
    Elements keep their type, in which all steps are computed, as in numpy and torch. Those of
    float32 have the same bits on every machine (A88).

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Notes
    -----
    A Floor of 0 needs an Offset. NeMo adds 2 ** -24 = 5.96e-8 to the power, VGGish 0.01 to the
    magnitude. Whisper has Base 10 and Floor 1e-10. Kaldi has Floor 1.19e-7, the epsilon of float32.

    Elements that are logarithms already are refused.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetLayer
    >>> NetLayer("Log", Base="Decibel", Floor=1e-10)(np.array([1.0, 100.0, 0.0])).round(3)
    array([   0.,   20., -100.])
    """

    name = "Log"
    revision = 2  # 2: the logarithm of float32 has a fixed order of operations (A88)
    known_as = ("LogMel", "Decibel", "AmplitudeToDB", "PowerToDB", "Logarithm")
    parameters = (
        Parameter(
            "Base",
            Choice("E", 2, 10, "Decibel", "MagnitudeDecibel"),
            default="E",
            doc="the base; Decibel is 10 times the logarithm of base 10, for powers, and "
            "MagnitudeDecibel 20 times, for magnitudes",
        ),
        Parameter(
            "Floor",
            Real(min=0, max=1e37),
            default=1e-10,
            known_as=("floor", "amin", "eps", "mel_floor"),
            doc="smaller elements are raised to it; 0 needs an Offset",
        ),
        Parameter(
            "Offset",
            Real(min=0, max=1e37),
            default=0,
            neutral=0.0,
            known_as=("log_offset", "log_zero_guard_value"),
            doc="a number that is added before the logarithm",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._base, self._function, self._factor = {
            "E": (math.e, np.log, 1.0),
            2: (2, np.log2, 1.0),
            10: (10, np.log10, 1.0),
            "Decibel": (10, np.log10, 10.0),
            "MagnitudeDecibel": (10, np.log10, 20.0),
        }[resolved["Base"]]

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the problem of a Floor and an Offset that are both 0."""
        if resolved["Floor"] + resolved["Offset"] >= 1e-37:
            return []
        given = f"Got {resolved['Floor']} and {resolved['Offset']}."
        rule = "'Floor' or 'Offset' must be at least 1e-37: the logarithm of 0 is not finite."
        return [f"{rule} {given}"]

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form, with the quantity ``"log"`` or ``"decibel"``."""
        floats(form)
        if form.quantity in ("log", "decibel"):
            raise LayerError(
                f"its elements are logarithms already: their quantity is {form.quantity}"
            )
        floor, offset = self.resolved["Floor"], self.resolved["Offset"]
        constants_fit(form, (floor, offset))
        smallest = float(np.finfo(form.dtype).tiny)
        if max(floor, offset) < smallest:
            raise LayerError(
                f"in {form.dtype}, the type of its elements, the Floor {floor} and the Offset "
                f"{offset} are 0, and the logarithm of 0 is not finite: use at least {smallest:.3g}"
            )
        base = self.resolved["Base"]
        other = "MagnitudeDecibel" if base == "Decibel" else "Decibel"
        wrong = ("magnitude", "amplitude") if base == "Decibel" else ("power",)
        if base in ("Decibel", "MagnitudeDecibel") and form.quantity in wrong:
            raise LayerError(
                f"its elements have the quantity {form.quantity}, whose decibels are those of the "
                f"Base {other!r}"
            )
        quantity = "log" if base in ("E", 2, 10) else "decibel"
        return replace(form, quantity=quantity)

    @takes_out
    def apply(self, rows: Array, out: Array | None = None) -> Array:
        """Return the logarithms."""
        kind, floor, offset = rows.dtype.type, self.resolved["Floor"], self.resolved["Offset"]
        if kind is np.float32:
            terms = {"floor": floor, "offset": offset, "factor": self._factor}
            return logarithm(rows, self._base, **terms, out=out)
        out = np.maximum(rows, kind(floor), out=out)
        if offset:
            out += kind(offset)
        if kind is np.float16:
            out[...] = logarithm(out.astype(np.float32), self._base)
        else:
            self._function(out, out=out)
        if not math.isclose(self._factor, 1):
            out *= kind(self._factor)
        return out

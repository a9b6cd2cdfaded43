"""The encoders Boolean and Scalar, whose arrays have no dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, EncodeError, Encoder
from netencoders.parameters import short

__all__ = ["Boolean", "Scalar"]

Array = npt.NDArray[Any]

_LARGEST: Final = float(np.finfo(np.float32).max)


class Boolean(Encoder):
    """1 for True and 0 for False, as a float32 array of shape ().

    The rule is A157.

    Parameters
    ----------
    resolved : mapping
        Empty: there are no parameters.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> NetEncoder("Boolean")([True, False])
    [array(1., dtype=float32), array(0., dtype=float32)]
    """

    name = "Boolean"
    inputs = ("object",)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is one input: any value but a list and an array."""
        return not isinstance(value, list | np.ndarray)

    def output(self) -> ArraySpec:
        """Return the form of a number."""
        return ArraySpec(())

    def encode(self, value: Any) -> Array:
        """Return 1 or 0."""
        if not isinstance(value, bool | np.bool_):
            hint = f"write bool({short(value)})" if isinstance(value, int | float) else ""
            raise EncodeError(
                f"{self.name} takes True or False, not {short(value)}",
                code="unsupported-input",
                remedy=hint or "compare it: value == 'yes'",
            )
        return np.array(value, np.float32)

    def check_encoded(self, array: Any) -> None:
        """Refuse an array of another number than 0 and 1."""
        if array not in (0, 1):
            raise EncodeError(
                f"the number {array} is neither 0 nor 1",
                code="out-of-range",
                remedy="give True or False, or use the encoder Scalar",
            )

    def decoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the decoder Boolean."""
        return "Boolean", {}

    def probe_signals(self) -> Mapping[str, int]:
        """Return the signal Value: True for an odd length."""
        return {"Value": 1}

    def probe_input(self, signal: str, length: int) -> bool:
        """Return True for an odd length."""
        return length % 2 == 1


class Scalar(Encoder):
    """A number as a float32 array of shape ().

    A float is rounded to the nearest float32. An integer that float32 does not hold is refused.

    The rule is A157.

    Parameters
    ----------
    resolved : mapping
        Empty: there are no parameters.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> NetEncoder("Scalar")([3, 0.5])
    [array(3., dtype=float32), array(0.5, dtype=float32)]
    """

    name = "Scalar"
    inputs = ("object",)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is one input: any value but a list and an array of a shape."""
        return not isinstance(value, list | np.ndarray) or (
            isinstance(value, np.ndarray) and not value.ndim
        )

    def output(self) -> ArraySpec:
        """Return the form of a number."""
        return ArraySpec(())

    def encode(self, value: Any) -> Array:
        """Return the number.

        Raises
        ------
        EncodeError
            It is no real number, not finite, or beyond the range of float32; or an integer that
            float32 does not hold.
        """
        number = value.item() if isinstance(value, np.generic | np.ndarray) else value
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise EncodeError(
                f"{self.name} takes a number, not {short(value)}",
                code="unsupported-input",
                remedy="give an int or a float; for True and False, use the encoder Boolean",
            )
        if isinstance(number, float) and not math.isfinite(number):
            raise EncodeError(f"the number is {number}", code="non-finite", remedy="leave it out")
        if abs(number) > _LARGEST:
            raise EncodeError(
                f"the number {short(number)} is beyond the range of float32",
                code="out-of-range",
                remedy="divide it, or give its logarithm",
            )
        array = np.array(float(number), np.float32)
        if isinstance(number, int) and int(array) != number:
            raise EncodeError(
                f"the integer {number} is not exact in float32, whose nearest number is "
                f"{int(array)}",
                code="out-of-range",
                remedy="give a float to round it, or divide it",
            )
        return array

    def decoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the decoder Scalar."""
        return "Scalar", {}

    def probe_signals(self) -> Mapping[str, int]:
        """Return the signal Value: the length divided by 8."""
        return {"Value": 20}

    def probe_input(self, signal: str, length: int) -> float:
        """Return an eighth of the length."""
        return length / 8

"""Sentinels: named constants such as Automatic that a parameter or a dimension may hold."""

from __future__ import annotations

from typing import Final, final

__all__ = ["Absent", "All", "Automatic", "Sentinel", "Varying"]


@final
class Sentinel:
    """A named singleton: it compares by identity, and pickles and copies by reference."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __reduce__(self) -> str:
        return self._name  # pickle looks the name up in this module

    def __copy__(self) -> Sentinel:
        return self

    def __deepcopy__(self, memo: object) -> Sentinel:
        return self


Automatic: Final = Sentinel("Automatic")
"""The value of a parameter that the encoder derives by the rule of the parameter."""

All: Final = Sentinel("All")
"""The value of a parameter for the whole input, without a limit."""

Absent: Final = Sentinel("Absent")
"""The value, in a comparison of two encoders, of a parameter that one of them does not have."""

Varying: Final = Sentinel("Varying")
"""The size of a dimension that depends on the input."""

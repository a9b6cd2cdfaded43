"""The named values that stand for a choice rather than for a number."""

from __future__ import annotations

from typing import Final, final

__all__ = ["Absent", "All", "Automatic", "Sentinel", "Varying"]


@final
class Sentinel:
    """A named singleton: compared by identity, pickled and copied by reference."""

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
"""The encoder derives the value, by the parameter's declared rule."""

All: Final = Sentinel("All")
"""Everything that is there."""

Absent: Final = Sentinel("Absent")
"""A parameter that one of two encoders does not have."""

Varying: Final = Sentinel("Varying")
"""A dimension whose size depends on the input."""

"""The types of the values of some parameters, which extend those of netencoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import Choice, Integer, Real
from netencoders_audio.positions import SIDES

__all__ = ["ChannelIndex", "Peak", "Rate", "Side", "UpperFrequency"]


class Peak(Choice):
    """The value 'Max', which means ['Max', 1]."""

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> tuple[str, float]:
        """Return the pair of kind and level."""
        return (value, 1.0)


class Side(Choice):
    """The values 'Left' and 'Right', which mean the channels 0 and 1 (A37)."""

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> int:
        """Return the index of the channel."""
        return SIDES[value]


class ChannelIndex(Integer):
    """The index of a channel; its examples suit recordings of two channels."""

    def examples(self) -> list[Any]:
        """Return values for the contract tests."""
        return [0, 1]


class Rate(Integer):
    """A rate in Hz; its examples suit mel filters."""

    def examples(self) -> list[Any]:
        """Return values for the contract tests."""
        return [8000, 44100]


class UpperFrequency(Real):
    """A frequency in Hz; its examples suit the upper edge of mel filters."""

    def examples(self) -> list[Any]:
        """Return values for the contract tests."""
        return [3800, 4000.0]

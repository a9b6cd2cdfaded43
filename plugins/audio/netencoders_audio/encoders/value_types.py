"""The types of the values of some parameters, which extend those of netencoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netencoders import Choice, Integer, Real, Samples, TupleOf, Union
from netencoders_audio.positions import SIDES

__all__ = [
    "CentredPadding",
    "ChannelIndex",
    "EdgePadding",
    "Peak",
    "Rate",
    "Side",
    "SmallestLength",
    "UpperFrequency",
    "padding_type",
]

# Far above useful values: the samples that are mirrored are held in memory.
MAX_PADDING: Final = 1 << 24


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


class CentredPadding(Choice):
    """The values 'Center' and 'CenterReflect', which mean half a partition on both sides (A40).

    Parameters
    ----------
    placed : bool
        Whether the encoder has a Fourier transform, whose WindowPlacement changes the length of a
        partition (A25).
    """

    def __init__(self, *, placed: bool = True) -> None:
        super().__init__("Center", "CenterReflect")
        self.depends = ("WindowSize", "FFTLength", "WindowPlacement") if placed else ("WindowSize",)

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> tuple[int, int, str] | None:
        """Return (left, right, mode); None if nothing is added."""
        centred = depends.get("WindowPlacement") == "Center"
        reach = depends["FFTLength" if centred else "WindowSize"] // 2
        return (reach, reach, "Zero" if value == "Center" else "Reflect") if reach else None


class EdgePadding(TupleOf):
    """The numbers of samples before and after the signal, and the kind of the padding (A40)."""

    def __init__(self) -> None:
        super().__init__(
            Samples(0, MAX_PADDING),
            Samples(-MAX_PADDING, MAX_PADDING),
            Choice("Zero", "Reflect", "Symmetric"),
        )

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> Any:
        """Return (left, right, mode); None if nothing changes, and Zero if nothing is added."""
        left, right, mode = super().resolve(value, depends)
        if not left and right <= 0:
            return (0, right, "Zero") if right else None
        return left, right, mode

    def examples(self) -> list[Any]:
        """Return values for the contract tests."""
        return [["12.5 ms", 40, "Reflect"], (120, 200, "Symmetric"), [160, -1, "Zero"]]


def padding_type(*, placed: bool = True) -> Union:
    """Return the type of PartitionPadding; `CentredPadding` has the parameter."""
    return Union(Choice(None, "Right"), CentredPadding(placed=placed), EdgePadding())


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


class SmallestLength(Samples):
    """A number of samples; its examples are longer than most recordings of the tests."""

    def examples(self) -> list[Any]:
        """Return values for the contract tests."""
        return [0, "2 s", 30_001]


class UpperFrequency(Real):
    """A frequency in Hz; its examples suit the upper edge of mel filters."""

    def examples(self) -> list[Any]:
        """Return values for the contract tests."""
        return [3800, 4000.0]

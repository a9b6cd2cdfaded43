"""Layout: where the samples of an uncompressed file are, and how they are stored."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Layout", "same_form"]


class Layout(NamedTuple):
    """The samples of an uncompressed file.

    Attributes
    ----------
    container, coding : str
        Their names, as soundfile gives them.
    rate : int
        Sample rate in Hz.
    channels : int
    kind : str
        "i" or "u": signed or unsigned integers; "f": floats; "A" or "U": A-law or mu-law.
    width : int
        The number of bytes of a sample.
    order : str
        The byte order: "<" for little-endian, ">" for big-endian.
    bits : int
        Integers have full scale at 2**(bits - 1).
    runs : tuple of range
        The bytes of the samples, in order; each range has whole frames.
    """

    container: str
    coding: str
    rate: int
    channels: int
    kind: str
    width: int
    order: str
    bits: int
    runs: tuple[range, ...] = ()

    @property
    def frame(self) -> int:
        """The number of bytes of a frame."""
        return self.channels * self.width

    @property
    def frames(self) -> int:
        """The number of frames."""
        return sum(len(run) for run in self.runs) // self.frame


def same_form(one: Layout, other: Layout) -> bool:
    """Return whether two sounds have the same rate, channels, and stored samples."""
    return (one.rate, one.channels, one.kind, one.width, one.order, one.bits) == (
        other.rate, other.channels, other.kind, other.width, other.order, other.bits,
    )  # fmt: skip

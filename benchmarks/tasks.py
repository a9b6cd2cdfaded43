"""Tasks: the work of one process; and systems, which do it.

A system's `prepare` imports its libraries, loads samples and builds the objects that a user builds
once, outside of the measured time. It returns the measured call, and `rows`, which converts a
result to partitions by bins for the comparison, outside of the measured time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Prepared", "System", "Task"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Task:
    """The work of one process: inputs, threads and convention.

    Attributes
    ----------
    inputs : sequence of str
        One .npy file with samples, or recordings.
    threads : int
    encoder : str
    parameters : mapping
        The parameters of a `Convention`.
    """

    inputs: Sequence[str]
    threads: int = 1
    encoder: str = "AudioSpectrogram"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def samples(self) -> Array:
        """Return the samples."""
        array: Array = np.load(self.inputs[0])
        return array

    def resolved(self) -> Mapping[str, Any]:
        """Return all parameters of the encoder with their values."""
        from netencoders import NetEncoder

        return NetEncoder(self.encoder, **self.parameters).resolved

    @property
    def in_memory(self) -> bool:
        """Whether the input is samples."""
        return self.inputs[0].endswith(".npy")


@dataclass(frozen=True)
class Prepared:
    """A call with one result per recording, and a function to partitions by bins."""

    call: Callable[[], Iterable[Any]]
    rows: Callable[[Any], Array] = np.asarray


@dataclass(frozen=True)
class System:
    """A system to measure.

    Attributes
    ----------
    name : str
    prepare : callable
        Returns a `Prepared` for a `Task`. Another process finds it by its module and name.
    command : tuple of str
        Instead of `prepare`: arguments to Python, to measure a whole process.
    requires : tuple of str
        Distributions that must be installed.
    comparable : bool
        Whether it computes the results of the row.
    floor : bool
        Whether it does only the part of the work that all systems must do.
    """

    name: str
    prepare: Callable[[Task], Prepared] | None = None
    command: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    comparable: bool = True
    floor: bool = False

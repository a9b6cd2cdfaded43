"""Tasks: what one process is to do; and systems: who does it.

A system's `prepare` imports what it needs, loads samples and builds what a user would build once;
all that is outside of the measured time. It returns the call that is measured, and `rows`, which
turns what the call gives into partitions by bins, to be compared outside of the measured time.
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
    """What one process is to do: on which inputs, with which threads, under which convention.

    Attributes
    ----------
    inputs : sequence of str
        One .npy file with samples, or recordings.
    threads : int
    encoder : str
    parameters : mapping
        Those of a `Convention`.
    """

    inputs: Sequence[str]
    threads: int = 1
    encoder: str = "AudioSpectrogram"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def samples(self) -> Array:
        """Return the samples as they are."""
        array: Array = np.load(self.inputs[0])
        return array

    def resolved(self) -> Mapping[str, Any]:
        """Return every parameter of the encoder with its value."""
        from netencoders import NetEncoder

        return NetEncoder(self.encoder, **self.parameters).resolved

    @property
    def in_memory(self) -> bool:
        """Whether the input is samples."""
        return self.inputs[0].endswith(".npy")


@dataclass(frozen=True)
class Prepared:
    """A call that gives one result a recording, and what makes partitions by bins of each."""

    call: Callable[[], Iterable[Any]]
    rows: Callable[[Any], Array] = np.asarray


@dataclass(frozen=True)
class System:
    """One of the systems that are measured.

    Attributes
    ----------
    name : str
    prepare : callable
        Makes a `Prepared` of a `Task`. It is found by its module and name in another process.
    command : tuple of str
        Instead of `prepare`: arguments to Python, where a whole process is measured.
    requires : tuple of str
        Distributions that must be installed.
    comparable : bool
        Whether its results are the row's.
    floor : bool
        Whether it does the part of the work only that nobody can leave out.
    """

    name: str
    prepare: Callable[[Task], Prepared] | None = None
    command: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    comparable: bool = True
    floor: bool = False

"""Tasks and systems: the work of a process, and the libraries that do it.

The function `prepare` of a system imports its libraries, loads the samples and creates the objects
that a user creates once. It returns the call to measure, and a function `rows` that converts a
result to partitions by bins for the comparison. Only the call is measured.
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
    """The work of one process: its inputs, threads and convention.

    Attributes
    ----------
    inputs : sequence of str
        The path of one .npy file with samples, or the paths of recordings.
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
        """Whether the input is a file of samples."""
        return self.inputs[0].endswith(".npy")


@dataclass(frozen=True)
class Prepared:
    """A call with one result per recording, and a function that converts a result to rows."""

    call: Callable[[], Iterable[Any]]
    rows: Callable[[Any], Array] = np.asarray


@dataclass(frozen=True)
class System:
    """A system to measure.

    Attributes
    ----------
    name : str
    prepare : callable
        Returns a `Prepared` for a `Task`. Another process imports it by its module and name.
    command : tuple of str
        Used instead of `prepare` to measure a whole process: the arguments of Python.
    requires : tuple of str
        Distributions that must be installed.
    comparable : bool
        Whether its results can be compared with those of the row.
    floor : bool
        Whether it does only the part of the work that all systems must do.
    """

    name: str
    prepare: Callable[[Task], Prepared] | None = None
    command: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    comparable: bool = True
    floor: bool = False

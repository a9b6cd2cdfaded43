"""Tasks and systems: the work of a process, and the libraries that do it.

The function `prepare` of a system imports its libraries, loads the samples and creates the objects
that a user creates once. It returns the call to measure, and a function `rows` that converts a
result to partitions by bins for the comparison. Only the call is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from netencoders import NetEncoder

__all__ = ["KERNEL", "Array", "Prepared", "System", "Task"]

Array = npt.NDArray[Any]
KERNEL = "the compiled kernel"


@dataclass(frozen=True)
class Task:
    """The work of one process: its inputs, threads and convention.

    Attributes
    ----------
    inputs : sequence of str
        The paths of .npy files with samples, or the paths of recordings.
    threads : int
    encoder : str
    parameters : mapping
        The parts of a `Convention`.
    rate : int
        The sample rate of samples in memory.
    """

    inputs: Sequence[str]
    threads: int = 1
    encoder: str = "AudioSpectrogram"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rate: int = 16000

    def samples(self) -> Array:
        """Return the samples of the first input."""
        array: Array = np.load(self.inputs[0])
        return array

    def recordings(self) -> list[Array]:
        """Return the samples of all inputs."""
        return [np.load(path) for path in self.inputs]

    def net_encoder(self) -> NetEncoder:
        """Return the encoder of the convention, with the layers of its spec."""
        from netencoders import NetEncoder

        return NetEncoder(self.encoder, **self.parameters)

    def resolved(self) -> Mapping[str, Any]:
        """Return all parameters of the encoder with their values."""
        return self.net_encoder().resolved

    @property
    def in_memory(self) -> bool:
        """Whether the input is a file of samples."""
        return self.inputs[0].endswith(".npy")


@dataclass(frozen=True)
class Prepared:
    """The call to measure.

    Attributes
    ----------
    call : callable
        Returns one result per recording.
    rows : callable
        Converts a result to rows.
    compared : callable, optional
        Returns the results to compare, if those of `call` are not all results.
    clock : callable, optional
        The clock in s: `time.process_time` for the time of the processors; by default that of the
        wall.
    """

    call: Callable[[], Iterable[Any]]
    rows: Callable[[Any], Array] = np.asarray
    compared: Callable[[], Iterable[Any]] | None = None
    clock: Callable[[], float] | None = None


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
        Distributions that must be installed, or `KERNEL`.
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

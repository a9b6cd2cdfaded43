"""What all encoders of partitions share: one row a partition, computed in groups."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import Encoder
from netencoders.batches import worker_count
from netencoders_audio.collect import Collector
from netencoders_audio.crew import Crew, Scratch
from netencoders_audio.edges import pad, partition_count
from netencoders_audio.errors import AudioError
from netencoders_audio.partition import group_size, partition
from netencoders_audio.source import Recording, open_recording
from netencoders_audio.waveform import waveform, waveform_length

__all__ = ["PartitionedEncoder", "row_count"]

# Transforming this many samples takes some tens of milliseconds: enough for threads to pay.
LONG: Final = 1 << 22


class PartitionedEncoder(Encoder):
    """An audio encoder that computes one row from each partition of a waveform.

    A subclass sets `row`, the shape of a row, in its constructor, and implements `compute`.
    """

    row: tuple[int, ...]

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._group = group_size(resolved["FFTLength"], resolved["Offset"])

    @abstractmethod
    def compute(
        self,
        partitions: npt.NDArray[np.float32],
        scratch: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write one row a partition to `out`; `scratch` is of shape (k or more, FFTLength).

        Parameters
        ----------
        partitions : ndarray of float32, shape (k, WindowSize)
        scratch : ndarray of float32, shape (k or more, FFTLength)
            Memory for `fourier`.
        out : ndarray of float32, shape (k, *row)
        """

    def encode(self, value: Any) -> npt.NDArray[np.float32]:
        """Return the rows of one recording; those of a long one are computed in threads."""
        with open_recording(value) as recording:
            expected = self._expected(recording)
            workers = self._workers(expected)
            rows = Collector(self.row, "float32", expected)
            scratch = self._scratch()
            with Crew(workers) as crew:
                for group in self._partitions(recording, crew, keep=True, fresh=workers > 1):
                    if not rows.has_room(len(group)):
                        crew.settle()  # growing moves the rows that are being written
                    crew.do(self._compute, group, scratch, rows.room(len(group)))
                crew.settle()
        return rows.array()

    def stream(self, value: Any) -> Iterator[npt.NDArray[np.float32]]:
        """Give the rows of one recording in blocks, in constant memory."""
        with open_recording(value) as recording:
            workers = self._workers(self._expected(recording))
            scratch = self._scratch()
            with Crew(workers) as crew:
                for group in self._partitions(recording, crew, keep=False, fresh=False):
                    out = np.empty((len(group), *self.row), np.float32)
                    self._compute(group, scratch, out)
                    yield out

    def _compute(
        self,
        partitions: npt.NDArray[np.float32],
        scratch: Scratch,
        out: npt.NDArray[np.float32],
    ) -> None:
        self.compute(partitions, scratch.array, out)

    def _workers(self, expected: int) -> int:
        """Return how many threads pay for so many rows."""
        return worker_count(None) if expected * self.resolved["FFTLength"] > LONG else 1

    def _scratch(self) -> Scratch:
        return Scratch(self._group, self.resolved["FFTLength"], self.resolved["WindowSize"])

    def _expected(self, recording: Recording) -> int:
        return row_count(waveform_length(recording, self.resolved) or 0, self.resolved)

    def _partitions(
        self, recording: Recording, crew: Crew, *, keep: bool, fresh: bool
    ) -> Iterator[npt.NDArray[np.float32]]:
        size, offset = self.resolved["WindowSize"], self.resolved["Offset"]
        samples = waveform(recording, self.resolved, keep=keep, ahead=crew.ahead)
        padded = pad(samples, size, self.resolved["PartitionPadding"])
        empty = True
        for group in partition(padded, size, offset, self._group, fresh=fresh):
            empty = False
            yield group
        if empty:
            raise AudioError(
                f"shorter than one partition of {size} samples, where PartitionPadding is None",
                code="too-short",
                remedy="use PartitionPadding Automatic, or a shorter WindowSize",
            )


def row_count(length: int, resolved: Mapping[str, Any]) -> int:
    """Return how many partitions a waveform of `length` samples has."""
    return partition_count(
        length, resolved["WindowSize"], resolved["Offset"], resolved["PartitionPadding"]
    )

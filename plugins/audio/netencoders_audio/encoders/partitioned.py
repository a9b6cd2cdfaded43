"""The base class of encoders that compute one row from each partition (frame), in groups.

The module is long because it holds one public class; half of the lines are its docstrings.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import All, ArraySpec, Axis, Encoder, PluginError, Varying
from netencoders.batches import worker_count
from netencoders.windows import window_samples
from netencoders.workers import undisturbed
from netencoders_audio.encoders.compute import Compute, compute_rows
from netencoders_audio.encoders.constraints import beyond_limits, extent, partition_problems
from netencoders_audio.encoders.parameters import SPECTRAL
from netencoders_audio.encoders.signal import prepare_audio, waveform, waveform_length
from netencoders_audio.errors import AudioError
from netencoders_audio.execution.collector import Collector
from netencoders_audio.execution.scratch import scratch
from netencoders_audio.execution.threads import WorkerThreads
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import Recording
from netencoders_audio.stages.condition import condition
from netencoders_audio.stages.fourier import (
    fourier,
    prepare_fourier,
    repeated_window,
    scaled_window,
    window_place,
)
from netencoders_audio.stages.padding import pad, padding_before, partition_count
from netencoders_audio.stages.partition import group_size, partition
from netencoders_audio.stages.projection import ROWS

__all__ = ["PartitionedEncoder"]

Rows = npt.NDArray[np.float32]

# Transforming this many samples takes tens of milliseconds: enough to start threads.
LONG: Final = 1 << 22


class PartitionedEncoder(Encoder):
    """An audio encoder that computes one row from the Fourier transform of each partition (frame).

    A subclass lists `SPECTRAL` among its parameters, sets `row` on the class or in its constructor,
    and implements `compute` and `output`. Offset is the hop between partitions.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    Attributes
    ----------
    row : tuple of int
        The shape of a row.
    window : ndarray of float32, shape (WindowSize,)
        The window, scaled as declared.
    place : slice
        The position of the window in a partition, and in the transformed row (A25).
    group : int
        The number of partitions that are transformed at once, a multiple of 24 or less than 24. The
        last group is smaller, and a short recording is one group of up to twice this number.

    Raises
    ------
    PluginError
        A subclass that has a name does not declare all parameters of `SPECTRAL`.

    References
    ----------
    Rules A1 to A11, A20, A21, A25 and A26 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import Axis
    >>> from netencoders_audio import SPECTRAL, PartitionedEncoder
    >>> class AudioPeakPower(PartitionedEncoder):
    ...     name = "AudioPeakPower"
    ...     parameters = SPECTRAL
    ...     row = (1,)
    ...
    ...     def output(self):
    ...         return self.rows_spec(Axis("feature"), quantity="power")
    ...
    ...     def compute(self, spectrum, spare, out):
    ...         np.max(np.abs(spectrum) ** 2, axis=1, keepdims=True, out=out)
    """

    revision = 2  # 2: RMS measures the samples, without the zeros of TargetLength (A4)
    row: tuple[int, ...]
    window: npt.NDArray[np.float32]
    place: slice
    group: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declared = {parameter.name for parameter in cls.parameters}
        missing = [parameter.name for parameter in SPECTRAL if parameter.name not in declared]
        if hasattr(cls, "name") and missing:
            raise PluginError(
                "a PartitionedEncoder declares all parameters of SPECTRAL: "
                f"{', '.join(missing)} must be among its parameters",
                plugin=f"encoder {cls.name}",
            )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self.window = scaled_window(
            window_samples(resolved["WindowFunction"], resolved["WindowSize"]),
            resolved["WindowScaling"],
        )
        self.place = window_place(
            resolved["WindowSize"], resolved["FFTLength"], resolved["WindowPlacement"]
        )
        # A multiple of ROWS: a row has the same position in a projection for any group size.
        self.group = group_size(resolved["FFTLength"], resolved["Offset"], ROWS)
        self._length: int = resolved["FFTLength"]
        self._extent = extent(resolved)
        self._padding: str | None = resolved["PartitionPadding"]
        self._condition = resolved["RemoveMean"], resolved["PreEmphasis"]

    @cached_property
    def _windows(self) -> npt.NDArray[np.float32]:
        """The window for `fourier`, computed at first use: a subclass may set `window`."""
        return repeated_window(self.window, self._length, self.place)

    @abstractmethod
    def compute(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write one row per partition to `out`.

        It gets groups of 24 partitions, or fewer if partitions are very long; the last group may be
        smaller. The groups are the same in a call, in a stream and in any thread, so that any
        function of numpy gives the same bits. If `compute` has the mark `row_stable`, it gets
        hundreds of partitions at once.

        Parameters
        ----------
        spectrum : ndarray of complex64, shape (k, FFTLength // 2 + 1)
            The result of `fourier`; may be overwritten.
        spare : ndarray of float32, shape (k, FFTLength)
            Memory that may be overwritten.
        out : ndarray of float32, shape (k, *row)
        """

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each problem of FFTLength, TargetLength and the window."""
        problems = beyond_limits(resolved)
        return problems or partition_problems(resolved)

    def time_axis(self) -> Axis:
        """Return the axis of the rows: the centre of each partition, in seconds.

        Returns
        -------
        Axis
            Its step is the Offset (hop). Time 0 is the start of the recording.
        """
        rate = self.resolved["SampleRate"]
        before = padding_before(self._extent, self._padding)
        centre = (self.place.start + self.place.stop) / 2
        return Axis("time", "s", self.resolved["Offset"] / rate, (centre - before) / rate)

    def rows_spec(self, *axes: Axis, quantity: str = "") -> ArraySpec:
        """Return the form of the output. TargetLength fixes the number of rows; with All it varies.

        Parameters
        ----------
        *axes : Axis
            The axes of a row, without the time axis.
        quantity : str
            The quantity of an element.

        Returns
        -------
        ArraySpec
            Of shape (partitions, *row), in float32.
        """
        length = self.resolved["TargetLength"]
        count = Varying if length is All else self._count(length)
        return ArraySpec((count, *self.row), "float32", (self.time_axis(), *axes), quantity)

    def prepare(self) -> None:
        """Import the decoder, the resampler and the Fourier transform."""
        prepare_audio()
        prepare_fourier()

    def encode(self, value: Any) -> Rows:
        """Return the rows of one recording; a long recording uses worker threads."""
        with open_recording(value) as recording:
            return self.collect(recording, self.row, self.compute)

    def stream(self, value: Any) -> Iterator[Rows]:
        """Yield the rows of one recording in blocks, in constant memory."""
        with open_recording(value) as recording:
            yield from self.blocks(recording, self.row, self.compute)

    def collect(self, recording: Recording, row: tuple[int, ...], compute: Compute) -> Rows:
        """Return the results of `compute` for an open recording.

        Parameters
        ----------
        recording : Recording
        row : tuple of int
            The shape of a row.
        compute : callable
            A function like the method `compute`.

        Returns
        -------
        ndarray of float32, shape (partitions, *row)

        Raises
        ------
        AudioError
            The recording cannot be decoded, or has no whole partition.
        """
        expected = self._expected(recording)
        workers = self._workers(expected)
        with WorkerThreads(workers, recording) as threads:
            # Growth moves rows that worker threads may be writing.
            rows = Collector(row, "float32", expected, before_growing=threads.wait)
            for group in self._partitions(
                recording, threads, self._max_group(expected), keep=True, fresh=workers > 1
            ):
                threads.run(self._compute, compute, group, rows.room(len(group)))
        if not rows.filled:
            raise self._too_short()
        return rows.array()

    def blocks(
        self, recording: Recording, row: tuple[int, ...], compute: Compute
    ) -> Iterator[Rows]:
        """Yield the results of `compute` for an open recording, group by group.

        Parameters
        ----------
        recording, row, compute
            The same as for `collect`.

        Yields
        ------
        ndarray of float32, shape (k, *row)

        Raises
        ------
        AudioError
            The recording cannot be decoded, or has no whole partition.
        """
        expected = self._expected(recording)
        workers = self._workers(expected)
        # Small groups for live input give low latency. The rows do not depend on the groups.
        size = self._max_group(expected) if recording.repeatable else self._step
        empty = True
        with WorkerThreads(workers, recording) as threads:
            for group in self._partitions(recording, threads, size, keep=False, fresh=False):
                out = np.empty((len(group), *row), np.float32)
                self._compute(compute, group, out)
                empty = False
                yield out
        if empty:
            raise self._too_short()

    def _partitions(
        self, recording: Recording, threads: WorkerThreads, group: int, *, keep: bool, fresh: bool
    ) -> Iterator[Rows]:
        samples = waveform(recording, self.resolved, keep=keep, ahead=threads.ahead)
        padded = pad(samples, self._extent, self._padding)
        return partition(padded, self._extent, self.resolved["Offset"], group, fresh=fresh)

    def _compute(self, compute: Compute, partitions: Rows, out: Rows) -> None:
        rows, place = scratch(len(partitions), self._length), self.place
        if place.stop - place.start < self._length:
            rows[:, : place.start] = 0
            rows[:, place.stop :] = 0
        condition(partitions[:, place], *self._condition, rows[:, place])
        compute_rows(compute, fourier(rows, self._windows), rows, out, self._step)

    def _workers(self, expected: int) -> int:
        """Return the number of threads for `expected` rows, and prepare for several."""
        workers = worker_count(None) if expected * self._length > LONG else 1
        if workers > 1:
            undisturbed(self.prepare)
        return workers

    @property
    def _step(self) -> int:
        """The number of rows at a time for a `compute` without the mark `row_stable` (A26)."""
        return self.group if self.group % ROWS else ROWS

    def _max_group(self, expected: int) -> int:
        """Return the number of partitions in a group. A short recording is a single group.

        Each step of a group may wait for the interpreter lock while other threads encode other
        recordings. With single groups, 300 WAV files on two threads took a tenth less time
        (measured).
        """
        whole = -(-expected // ROWS) * ROWS
        # In groups smaller than ROWS, the position of a row in a projection would change.
        if self.group % ROWS or not 0 < whole <= 2 * self.group:
            return self.group
        return whole

    def _expected(self, recording: Recording) -> int:
        """Return the number of rows, from the claimed length of a recording; 0 if unknown."""
        return self._count(waveform_length(recording, self.resolved) or 0)

    def _count(self, length: int) -> int:
        """Return the number of partitions of a waveform of `length` samples."""
        return partition_count(length, self._extent, self.resolved["Offset"], self._padding)

    def _too_short(self) -> AudioError:
        return AudioError(
            f"it is shorter than one partition of {self._extent} samples, and PartitionPadding is "
            "None",
            code="too-short",
            remedy="use PartitionPadding Automatic, or shorter partitions",
        )

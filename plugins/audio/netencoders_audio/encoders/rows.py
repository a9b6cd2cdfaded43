"""The base class of encoders that compute one row from each partition (frame), in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, Varying
from netencoders.batches import worker_count
from netencoders.workers import undisturbed
from netencoders_audio.encoders.audio_encoder import AudioEncoder
from netencoders_audio.encoders.constraints import extent, fixed_length, is_unchanged
from netencoders_audio.encoders.signal import (
    prepare_audio,
    refuse_samples,
    waveform,
    waveform_length,
)
from netencoders_audio.errors import AudioError
from netencoders_audio.execution.collector import Collector
from netencoders_audio.execution.threads import WorkerThreads
from netencoders_audio.recordings.recording import Recording
from netencoders_audio.stages.padding import (
    Padding,
    pad,
    padding_before,
    padding_text,
    partition_count,
    shortest,
)
from netencoders_audio.stages.partition import group_size, partition
from netencoders_audio.stages.projection import ROWS

__all__ = ["RowEncoder"]

Rows = npt.NDArray[np.float32]
Write = Callable[[Rows, Rows], object]
"""A function of partitions and `out`, which writes one row to `out` for each partition."""

# Computing this many samples takes tens of milliseconds: enough to start threads.
LONG: Final = 1 << 22
# Copying fewer samples than this takes less time than computing one more group (measured).
SHORT: Final = 1 << 15


class RowEncoder(AudioEncoder):
    """An audio encoder that computes one row from each partition (frame).

    It pads the signal, partitions it, and computes the rows of each group, in worker threads if the
    recording is long. `PartitionedEncoder` adds the window and the Fourier transform. A subclass
    declares the parameters of `WAVEFORM`, WindowSize, Offset (the hop) and PartitionPadding, sets
    `row`, and implements `output`, `encode` and `stream`, with `collect_rows` and `row_blocks`.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    Attributes
    ----------
    row : tuple of int
        The shape of a row.
    place : slice
        The position in a partition of the samples that a row describes.
    group : int
        The number of partitions that are computed at once, a multiple of 24 or less than 24. The
        last group is smaller, and a short recording is one group of up to twice this number.

    References
    ----------
    Rules A1 to A5, A8 to A11 and A26 in docs/decisions.md.
    """

    revision = 2  # 2: RMS measures the samples, without the zeros of TargetLength (A4)
    row: tuple[int, ...]
    place: slice
    group: int

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._length: int = resolved.get("FFTLength", resolved["WindowSize"])
        self._extent = extent(resolved)
        self._offset: int = resolved["Offset"]
        self._padding: Padding = resolved["PartitionPadding"]
        self.place = slice(0, resolved["WindowSize"])
        # A multiple of ROWS: a row has the same position in a projection for any group size.
        self.group = group_size(self._length, resolved["Offset"], ROWS)

    def time_axis(self) -> Axis:
        """Return the axis of the rows: the centre of each partition, in seconds.

        Returns
        -------
        Axis
            Its step is the Offset (hop). Time 0 is the start of the recording.
        """
        rate = self.resolved["SampleRate"]
        before = padding_before(self._padding)
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
        length = fixed_length(self.resolved)
        count = Varying if length is None else self._count(length)
        return ArraySpec((count, *self.row), "float32", (self.time_axis(), *axes), quantity)

    def check_encoded(self, array: npt.NDArray[Any]) -> None:
        """Refuse one channel of samples (A38): layers, or rows of one element, may have its form.

        Raises
        ------
        AudioError
            With code ``bare-array``.
        """
        form = self.output()
        is_own = isinstance(form, ArraySpec) and form.matches(array)
        if self.row == (1,) or not is_own:
            refuse_samples(array)

    def prepare(self) -> None:
        """Import the decoder and the resampler, and read the recordings of an augmentation."""
        prepare_audio()
        self.prepare_augmentation()

    def collect_rows(self, recording: Recording, row: tuple[int, ...], write: Write) -> Rows:
        """Return the rows of an open recording.

        Parameters
        ----------
        recording : Recording
        row : tuple of int
            The shape of a row.
        write : callable
            It gets read-only partitions of shape (k, size) and `out` of shape (k, *row), and writes
            one row for each partition. A row has the same bits in groups of any size.

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
            most = self._max_group(expected)
            size = self._group(recording, expected, most)
            for group in self._partitions(
                recording, threads, size, most, keep=True, fresh=workers > 1
            ):
                threads.run(write, group, rows.room(len(group)))
        if not rows.filled:
            raise self._too_short()
        return rows.array()

    def row_blocks(
        self, recording: Recording, row: tuple[int, ...], write: Write, *, stable: bool = True
    ) -> Iterator[Rows]:
        """Yield the rows of an open recording, group by group.

        Parameters
        ----------
        recording, row, write
            The same as for `collect_rows`.
        stable : bool
            Whether a row has the same bits in groups of any size (A26). A live recording then gives
            each row as soon as its samples are there, and otherwise 24 at a time.

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
        most = self._max_group(expected)
        live = 1 if stable else self._step
        size = most if recording.repeatable else live
        empty = True
        with WorkerThreads(workers, recording) as threads:
            for group in self._partitions(recording, threads, size, most, keep=False):
                out = np.empty((len(group), *row), np.float32)
                write(group, out)
                empty = False
                yield out
        if empty:
            raise self._too_short()

    def _partitions(
        self,
        recording: Recording,
        threads: WorkerThreads,
        group: int,
        most: int,
        *,
        keep: bool,
        fresh: bool = False,
    ) -> Iterator[Rows]:
        samples = waveform(recording, self.resolved, keep=keep, threads=threads)
        padded = pad(samples, self._extent, self._padding)
        return partition(padded, self._extent, self._offset, group, most=most, fresh=fresh)

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

    def _group(self, recording: Recording, expected: int, most: int) -> int:
        """Return the number of partitions of a group that the edge of a block interrupts.

        Its samples are copied, so it is small if blocks have hundreds of partitions. It is large if
        they have fewer, as after resampling: otherwise there would be more groups.
        """
        if expected <= most and (self._padding is None or expected * self._offset <= SHORT):
            return most
        if recording.channels > 2 or not is_unchanged(recording.rate, self.resolved):
            return most
        return min(self._step, most)

    def _expected(self, recording: Recording) -> int:
        """Return the number of rows, from the claimed length of a recording; 0 if unknown."""
        return self._count(waveform_length(recording, self.resolved) or 0)

    def _count(self, length: int) -> int:
        """Return the number of partitions of a waveform of `length` samples."""
        return partition_count(length, self._extent, self._offset, self._padding)

    def _too_short(self) -> AudioError:
        least = shortest(self._extent, self._padding)
        rule = f"PartitionPadding is {padding_text(self._padding)}"
        if self._padding is not None:
            rule += f", which needs {least} samples"
        return AudioError(
            f"it is shorter than one partition of {self._extent} samples, and {rule}",
            code="too-short",
            remedy=f"set MinimumLength to {least}, which fills shorter recordings, or use shorter "
            "partitions",
        )

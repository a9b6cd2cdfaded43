"""AudioSpectrogram: the squared magnitude of the short-time Fourier transform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import All, ArraySpec, Axis, Encoder, Varying
from netencoders.windows import window_samples
from netencoders_audio.collect import Collector
from netencoders_audio.declarations import FOURIER, PARTITIONS, POWER, WAVEFORM, beyond_limits
from netencoders_audio.edges import pad, padding_before, partition_count, shortest
from netencoders_audio.errors import AudioError
from netencoders_audio.fourier import fourier
from netencoders_audio.partition import group_size, partition
from netencoders_audio.power import power
from netencoders_audio.source import Recording, open_recording
from netencoders_audio.waveform import waveform, waveform_length

__all__ = ["AudioSpectrogram"]


class AudioSpectrogram(Encoder):
    """Spectrogram: the squared magnitude of the short-time Fourier transform of a recording.

    The recording is mixed down to one channel (A8), resampled (A9), cut or padded to TargetLength
    (A3), normalized (A4), partitioned (A5), windowed (A7) and transformed. Element (i, b) is

    ::

        |sum over t of w[t] * x[i * Offset + t] * exp(-2j pi b t / FFTLength)| ** Power

    for t below WindowSize, unscaled (A6).

    Output: float32, shape (n, FFTLength // 2 + 1), time first (A2). With m samples after the
    preprocessing, n = ceil(m / Offset) (A5). Bin b is the frequency b * SampleRate / FFTLength.

    References
    ----------
    The rules A1 to A11 are in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("AudioSpectrogram")
    >>> encoder(Audio(np.zeros(16000, np.float32), 16000)).shape
    (120, 201)
    """

    name = "AudioSpectrogram"
    parameters = (*WAVEFORM, *PARTITIONS, *FOURIER, *POWER)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._window = window_samples(resolved["WindowFunction"], resolved["WindowSize"]).astype(
            np.float32
        )
        self._bins = resolved["FFTLength"] // 2 + 1

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Tell of an FFTLength that cuts partitions, and of a length without any partition."""
        size, fft_length = resolved["WindowSize"], resolved["FFTLength"]
        problems = beyond_limits(resolved)
        if problems:
            return problems
        if fft_length < size:
            problems.append(
                f"'FFTLength' must be at least WindowSize, which is {size}. Got {fft_length}."
            )
        length, padding = resolved["TargetLength"], resolved["PartitionPadding"]
        least = shortest(size, padding)
        if length is not All and length < least:
            problems.append(
                f"'TargetLength' must be at least {least}, where PartitionPadding is {padding!r} "
                f"and WindowSize is {size}. Got {length}."
            )
        try:
            window_samples(resolved["WindowFunction"], size)
        except ValueError as problem:
            problems.append(f"'WindowFunction' does not fit a WindowSize of {size}: {problem}")
        return problems

    def output(self) -> ArraySpec:
        """Return (n, FFTLength // 2 + 1); n varies unless TargetLength fixes it.

        The time axis counts from the start of the recording to the centre of a partition.
        """
        rate, size = self.resolved["SampleRate"], self.resolved["WindowSize"]
        before = padding_before(size, self.resolved["PartitionPadding"])
        length = self.resolved["TargetLength"]
        return ArraySpec(
            (Varying if length is All else _count(length, self.resolved), self._bins),
            "float32",
            (
                Axis("time", "s", self.resolved["Offset"] / rate, (size / 2 - before) / rate),
                Axis("frequency", "Hz", rate / self.resolved["FFTLength"]),
            ),
            "power" if self.resolved["Power"] == 2 else "magnitude",
        )

    def encode(self, value: Any) -> npt.NDArray[np.float32]:
        """Return the spectrogram of one recording; see the class."""
        with open_recording(value) as recording:
            length = waveform_length(recording, self.resolved)
            rows = Collector((self._bins,), "float32", _count(length or 0, self.resolved))
            for partitions in self._partitions(recording, keep=True):
                self._spectrogram(partitions, rows.room(len(partitions)))
        return rows.array()

    def stream(self, value: Any) -> Iterator[npt.NDArray[np.float32]]:
        """Give the spectrogram of one recording in blocks of rows, in constant memory."""
        with open_recording(value) as recording:
            for partitions in self._partitions(recording):
                yield self._spectrogram(
                    partitions, np.empty((len(partitions), self._bins), np.float32)
                )

    def _partitions(
        self, recording: Recording, *, keep: bool = False
    ) -> Iterator[npt.NDArray[np.float32]]:
        resolved = self.resolved
        size = resolved["WindowSize"]
        samples = waveform(recording, resolved, keep=keep)
        padded = pad(samples, size, resolved["PartitionPadding"])
        empty = True
        for partitions in partition(
            padded, size, resolved["Offset"], group_size(resolved["FFTLength"], resolved["Offset"])
        ):
            empty = False
            yield partitions
        if empty:
            raise AudioError(
                f"shorter than one partition of {size} samples, where PartitionPadding is None",
                code="too-short",
                remedy="use PartitionPadding Automatic, or a shorter WindowSize",
            )

    def _spectrogram(
        self, partitions: npt.NDArray[np.float32], out: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        spectrum = fourier(partitions, self._window, self.resolved["FFTLength"])
        return power(spectrum, self.resolved["Power"], out)


def _count(length: int, resolved: Mapping[str, Any]) -> int:
    return partition_count(
        length, resolved["WindowSize"], resolved["Offset"], resolved["PartitionPadding"]
    )

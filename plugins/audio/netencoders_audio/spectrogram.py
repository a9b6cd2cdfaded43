"""AudioSpectrogram: the squared magnitude of the short-time Fourier transform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import All, ArraySpec, Axis, Varying
from netencoders.windows import window_samples
from netencoders_audio.declarations import FOURIER, PARTITIONS, POWER, WAVEFORM, beyond_limits
from netencoders_audio.edges import padding_before, shortest
from netencoders_audio.fourier import fourier
from netencoders_audio.partitioned import PartitionedEncoder, row_count
from netencoders_audio.power import power

__all__ = ["AudioSpectrogram"]


class AudioSpectrogram(PartitionedEncoder):
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
        self.row = (resolved["FFTLength"] // 2 + 1,)

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
            (Varying if length is All else row_count(length, self.resolved), *self.row),
            "float32",
            (
                Axis("time", "s", self.resolved["Offset"] / rate, (size / 2 - before) / rate),
                Axis("frequency", "Hz", rate / self.resolved["FFTLength"]),
            ),
            "power" if self.resolved["Power"] == 2 else "magnitude",
        )

    def compute(
        self,
        partitions: npt.NDArray[np.float32],
        scratch: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write the spectrum of each partition; see the class."""
        power(fourier(partitions, self._window, scratch), self.resolved["Power"], out)

"""AudioSpectrogram: the squared magnitude of the short-time Fourier transform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis
from netencoders_audio.encoders.compute import direct, row_stable
from netencoders_audio.encoders.parameters import POWER, SPECTRAL
from netencoders_audio.encoders.partitioned import PartitionedEncoder
from netencoders_audio.stages.power import QUANTITIES, power
from netencoders_audio.stages.transform import FrameTransform

__all__ = ["AudioSpectrogram"]


class AudioSpectrogram(PartitionedEncoder):
    """Spectrogram: the squared magnitude of the short-time Fourier transform of a recording.

    The recording is mixed down to one channel (A8), resampled (A9), cut or padded to TargetLength
    (A3), normalized (A4), cut into partitions, which are frames (A5), windowed (A7) and
    transformed. Offset is the hop. Element (i, b) is

    ::

        |sum over t of w[t] * x[i * Offset + t] * exp(-2j pi b t / FFTLength)| ** Power

    A PowerOffset is added to the square, before the root (A41).

    The sum is over t = 0 ... WindowSize - 1, and is not scaled (A6). If WindowPlacement is
    ``"Center"``, the window has zeros on both sides, and the sum is over t = 0 ... FFTLength - 1
    (A25).

    Output: float32, shape (n, FFTLength // 2 + 1), frames first (A2). If the normalized signal has
    m samples, n = ceil(m / Offset) by default (A5). Bin b is the frequency
    b * SampleRate / FFTLength.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    References
    ----------
    Rules A1 to A11, A20, A21, A25, A40 and A41 in docs/decisions.md.

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
    revision = 3  # 3: the magnitude is the root of the power (A71)
    parameters = (*SPECTRAL, *POWER)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self.row = (resolved["FFTLength"] // 2 + 1,)

    def output(self) -> ArraySpec:
        """Return (n, FFTLength // 2 + 1); see `PartitionedEncoder.rows_spec`."""
        step = self.resolved["SampleRate"] / self.resolved["FFTLength"]
        quantity = QUANTITIES[self.resolved["Power"]]
        return self.rows_spec(Axis("frequency", "Hz", step), quantity=quantity)

    def _direct(
        self,
        transform: FrameTransform,
        partitions: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        transform.power(partitions, self.resolved["Power"], out, self.resolved["PowerOffset"])

    @row_stable
    @direct(_direct)
    def compute(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write the power of each partition's transform."""
        power(spectrum, self.resolved["Power"], out, self.resolved["PowerOffset"])

"""AudioSTFT: the short-time Fourier transform, two-sided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis
from netencoders_audio.encoders.compute import direct, row_stable
from netencoders_audio.encoders.parameters import SPECTRAL
from netencoders_audio.encoders.partitioned import PartitionedEncoder
from netencoders_audio.stages.transform import FrameTransform

__all__ = ["AudioSTFT"]


class AudioSTFT(PartitionedEncoder):
    """Short-time Fourier transform: both halves, as real and imaginary parts.

    AudioSpectrogram with the same parameters and Power 2 gives the squared magnitudes of the first
    half. Elements (i, b, 0) and (i, b, 1) are the real and the imaginary part of

    ::

        sum over t of w[t] * x[i * Offset + t] * exp(-2j pi b t / FFTLength)

    for frame i, with Offset as the hop. The sum is over t = 0 ... WindowSize - 1, and is not scaled
    (A6). The time t counts from the start of the partition (frame), not of the recording (A22). If
    WindowPlacement is ``"Center"``, the window has zeros on both sides, and the sum is over
    t = 0 ... FFTLength - 1 (A25).

    Output: float32, shape (n, FFTLength, 2), frames first. Bin b is the frequency
    b * SampleRate / FFTLength, from 0 up to SampleRate. Bins b and FFTLength - b are exact complex
    conjugates.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    See Also
    --------
    netencoders_audio.reconstruct : computes the samples of a transform.

    References
    ----------
    Rules A1 to A11, A20 to A22 and A25 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("AudioSTFT")
    >>> encoder(Audio(np.zeros(16000, np.float32), 16000)).shape
    (120, 400, 2)
    """

    name = "AudioSTFT"
    parameters = SPECTRAL

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self.row = (resolved["FFTLength"], 2)

    def output(self) -> ArraySpec:
        """Return (n, FFTLength, 2); see `PartitionedEncoder.rows_spec`."""
        step = self.resolved["SampleRate"] / self.resolved["FFTLength"]
        return self.rows_spec(Axis("frequency", "Hz", step), Axis("part"), quantity="complex")

    def _direct(
        self,
        transform: FrameTransform,
        partitions: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        transform.two_sided(partitions, out.view(np.complex64)[..., 0])

    @row_stable
    @direct(_direct)
    def compute(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write each partition's transform, and its mirrored complex conjugate."""
        bins = spectrum.shape[1]
        both = out.view(np.complex64)[..., 0]
        both[:, :bins] = spectrum
        # Bin 0 has no mirror image. If FFTLength is even, the last bin has none either.
        mirrored = spectrum[:, both.shape[1] - bins : 0 : -1]
        np.conjugate(mirrored, out=both[:, bins:])

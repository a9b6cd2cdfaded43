"""AudioSTFT: the short-time Fourier transform, two-sided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis
from netencoders_audio.encoders.compute import row_stable
from netencoders_audio.encoders.parameters import SPECTRAL
from netencoders_audio.encoders.partitioned import PartitionedEncoder

__all__ = ["AudioSTFT"]


class AudioSTFT(PartitionedEncoder):
    """Short-time Fourier transform: both halves, as real and imaginary parts.

    AudioSpectrogram with the same parameters has the squared magnitudes of the first half (Power
    2). Elements (i, b, 0) and (i, b, 1) are the real and the imaginary part of

    ::

        sum over t of w[t] * x[i * Offset + t] * exp(-2j pi b t / FFTLength)

    for t below WindowSize, unscaled (A6). The time t counts from the start of the partition, not
    of the recording (A22). With a WindowPlacement of ``"Center"``, zeros stand on both sides of the
    window, and t is below FFTLength (A25).

    Output: float32, shape (n, FFTLength, 2), time first. Bin b is the frequency
    b * SampleRate / FFTLength, from 0 up to SampleRate; bins b and FFTLength - b are complex
    conjugates, exactly.

    See Also
    --------
    netencoders_audio.reconstruct : back to samples.

    References
    ----------
    The rules are in docs/decisions.md.

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

    @row_stable
    def compute(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write each partition's transform, and its conjugate mirrored; see the class."""
        bins = spectrum.shape[1]
        both = out.view(np.complex64)[..., 0]
        both[:, :bins] = spectrum
        # Bin 0 has no mirror image, nor has the last one where FFTLength is even.
        mirrored = spectrum[:, both.shape[1] - bins : 0 : -1]
        np.conjugate(mirrored, out=both[:, bins:])

"""AudioMelSpectrogram: the spectrogram in bands that are equally spaced on the mel scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, Parameter
from netencoders_audio.encoders.compute import direct, row_stable
from netencoders_audio.encoders.mel_encoder import MelEncoder, filter_problems
from netencoders_audio.encoders.parameters import MEL, POWER, WARPED_SPECTRAL
from netencoders_audio.stages.mel import centre_spacing
from netencoders_audio.stages.power import QUANTITIES
from netencoders_audio.stages.transform import FrameTransform

__all__ = ["AudioMelSpectrogram"]


class AudioMelSpectrogram(MelEncoder):
    """Mel spectrogram: the power of a recording in frequency bands of equal width in mel.

    Each row of the AudioSpectrogram with the same parameters is multiplied by NumberOfFilters
    triangular filters. They overlap by half, and their centres are equally spaced in mel, from
    MinimumFrequency to MaximumFrequency. Element (i, f) is

    ::

        sum over b of spectrogram[i, b] * filters[b, f]

    Output: float32, shape (n, NumberOfFilters): frames first, one frame for each Offset (hop). The
    second axis has the centres of the filters, in mel. There is no logarithm (A13).

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    References
    ----------
    Rules A1 to A15, A20, A21, A25, A40 and A41 in docs/decisions.md. `mel_filters` has the
    formula of the filters.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("AudioMelSpectrogram")
    >>> encoder(Audio(np.zeros(16000, np.float32), 16000)).shape
    (120, 40)
    """

    name = "AudioMelSpectrogram"
    revision = 3  # 3: the sums have a fixed order (A72)
    parameters: ClassVar[tuple[Parameter, ...]] = (*WARPED_SPECTRAL, *POWER, *MEL)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self.row = self._mel.row

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each problem of the transform; if it has none, of the filters."""
        return super().constraints(resolved) or filter_problems(resolved)

    def output(self) -> ArraySpec:
        """Return (n, NumberOfFilters); see `PartitionedEncoder.rows_spec`."""
        names = ("NumberOfFilters", "MinimumFrequency", "MaximumFrequency", "MelScale")
        first, step = centre_spacing(*(self.resolved[name] for name in names))
        quantity = QUANTITIES[self.resolved["Power"]]
        return self.rows_spec(Axis("frequency", "mel", step, first), quantity=quantity)

    def _direct(
        self,
        transform: FrameTransform,
        partitions: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        self._mel.transform(transform, partitions, out)

    def prepare(self) -> None:
        """Import the libraries of a `PartitionedEncoder`, and those of the matrix products."""
        super().prepare()
        self._mel.prepare()

    @row_stable
    @direct(_direct)
    def compute(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write the mel bands of each partition."""
        self._mel.apply(spectrum, spare, out)

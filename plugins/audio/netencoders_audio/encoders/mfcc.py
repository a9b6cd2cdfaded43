"""AudioMFCC: mel-frequency cepstral coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis
from netencoders_audio.encoders.compute import direct, row_stable
from netencoders_audio.encoders.mel_encoder import MelEncoder, filter_problems
from netencoders_audio.encoders.parameters import CEPSTRUM, MEL, POWER, WARPED_SPECTRAL
from netencoders_audio.recordings.recording import one_pass
from netencoders_audio.stages.cepstrum import cosine_matrix, dynamic_floor, logarithm
from netencoders_audio.stages.projection import Projection
from netencoders_audio.stages.transform import FrameTransform

__all__ = ["AudioMFCC"]

Rows = npt.NDArray[np.float32]


class AudioMFCC(MelEncoder):
    """Mel-frequency cepstral coefficients: the shape of each spectrum in a few numbers.

    The encoder takes the logarithm of the AudioMelSpectrogram with the same parameters, applies a
    cosine transform to each row, and keeps the first NumberOfCoefficients. Element (i, n) is

    ::

        weight[n] * sum over f of
            log(max(mel[i, f], floor)) * cos(pi n (f + 1/2) / NumberOfFilters)

    with coefficient n and filter f counted from 0. CosineScaling and Liftering determine the
    weights. The floor is LogarithmFloor. A DynamicRange may raise it: to the value that is
    DynamicRange decibels below the largest element of the recording's mel spectrogram.

    Output: float32, shape (frames, NumberOfCoefficients), one frame for each Offset (hop).

    A DynamicRange needs the largest element first. The encoder then does not call `compute`, so a
    subclass that overrides `compute` works with DynamicRange None only.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    References
    ----------
    Rules A1 to A21 and A25 in docs/decisions.md. `logarithm` and `cosine_matrix` in
    `netencoders_audio.stages.cepstrum` have the formulas.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("AudioMFCC")
    >>> encoder(Audio(np.zeros(16000, np.float32), 16000)).shape
    (120, 13)
    """

    name = "AudioMFCC"
    revision = 4  # 4: so has the logarithm (A88); 3: the sums have a fixed order (A72)
    parameters = (*WARPED_SPECTRAL, *POWER, *MEL, *CEPSTRUM)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        filters, coefficients = resolved["NumberOfFilters"], resolved["NumberOfCoefficients"]
        self.row = (coefficients,)
        scaling, lifter = resolved["CosineScaling"], resolved["Liftering"]
        self._cosines = Projection(cosine_matrix(filters, coefficients, scaling, lifter))

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each problem of the parameters."""
        filters, coefficients = resolved["NumberOfFilters"], resolved["NumberOfCoefficients"]
        problems = list(super().constraints(resolved) or filter_problems(resolved))
        if coefficients > filters:
            problems.append(
                f"'NumberOfCoefficients' must be at most NumberOfFilters, which is {filters}. "
                f"Got {coefficients}."
            )
        return problems

    def output(self) -> ArraySpec:
        """Return (n, NumberOfCoefficients); see `PartitionedEncoder.rows_spec`."""
        return self.rows_spec(Axis("coefficient"))

    def encode(self, value: Any) -> Rows:
        """Return the coefficients. A DynamicRange needs memory for the mel spectrogram."""
        if self.resolved["DynamicRange"] is None:
            return super().encode(value)
        with self.opened(value) as recording:
            bands = self.for_recording(recording)._mel_bands
            mel = self.collect(recording, self._mel.row, bands)
        floor = self._floor(mel.max())
        out = np.empty((len(mel), *self.row), np.float32)
        for start in range(0, len(mel), self.group):
            group = slice(start, start + self.group)
            self._cepstrum(mel[group], floor, out[group])
        return out

    def stream(self, value: Any) -> Iterator[Rows]:
        """Yield the coefficients in blocks. A DynamicRange reads the recording twice."""
        if self.resolved["DynamicRange"] is None:
            yield from super().stream(value)
            return
        with self.opened(value) as recording:
            if not recording.repeatable:
                raise one_pass()
            own = self.for_recording(recording)
            blocks = self.blocks(recording, self._mel.row, own._mel_bands)
            floor = self._floor(max(block.max() for block in blocks))
            form = direct(partial(own._direct_coefficients, floor))
            compute = row_stable(form(partial(own._coefficients, floor)))
            yield from self.blocks(recording, self.row, compute)

    def _direct(self, transform: FrameTransform, partitions: Rows, out: Rows) -> None:
        self._direct_coefficients(self.resolved["LogarithmFloor"], transform, partitions, out)

    def prepare(self) -> None:
        """Import the libraries of a `PartitionedEncoder`, and those of the matrix products."""
        super().prepare()
        self._mel.prepare()
        self._cosines.prepare()

    @row_stable
    @direct(_direct)
    def compute(self, spectrum: npt.NDArray[np.complex64], spare: Rows, out: Rows) -> None:
        """Write the coefficients of each partition."""
        self._coefficients(self.resolved["LogarithmFloor"], spectrum, spare, out)

    def _direct_bands(self, transform: FrameTransform, partitions: Rows, out: Rows) -> None:
        self._mel.transform(transform, partitions, out)

    @row_stable
    @direct(_direct_bands)
    def _mel_bands(self, spectrum: npt.NDArray[np.complex64], spare: Rows, out: Rows) -> None:
        self._mel.apply(spectrum, spare, out)

    def _direct_coefficients(
        self, floor: float, transform: FrameTransform, partitions: Rows, out: Rows
    ) -> None:
        mel = np.empty((len(out), *self._mel.row), np.float32)
        self._mel.transform(transform, partitions, mel)
        self._cepstrum(mel, floor, out)

    def _coefficients(
        self, floor: float, spectrum: npt.NDArray[np.complex64], spare: Rows, out: Rows
    ) -> None:
        mel = np.empty((len(out), *self._mel.row), np.float32)
        self._mel.apply(spectrum, spare, mel)
        self._cepstrum(mel, floor, out)

    def _cepstrum(self, mel: Rows, floor: float, out: Rows) -> None:
        logarithm(mel, self.resolved["Logarithm"], floor, self.resolved["Power"], mel)
        self._cosines.apply(mel, out)

    def _floor(self, largest: float) -> float:
        floor, dynamic_range = self.resolved["LogarithmFloor"], self.resolved["DynamicRange"]
        return dynamic_floor(float(largest), floor, dynamic_range, self.resolved["Power"])

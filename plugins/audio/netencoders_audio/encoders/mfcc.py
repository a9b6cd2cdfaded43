"""AudioMFCC: mel-frequency cepstral coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis
from netencoders_audio.encoders.mel_spectrogram import AudioMelSpectrogram
from netencoders_audio.encoders.parameters import CEPSTRUM
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import one_pass
from netencoders_audio.stages.cepstrum import cosine_matrix, dynamic_floor, logarithm
from netencoders_audio.stages.projection import bands, project

__all__ = ["AudioMFCC"]

Rows = npt.NDArray[np.float32]


class AudioMFCC(AudioMelSpectrogram):
    """Mel-frequency cepstral coefficients: the shape of a spectrum, in a few numbers.

    Of each row of the AudioMelSpectrogram with the same parameters, the logarithm is taken, and of
    that the cosine transform, of which the first NumberOfCoefficients are kept. Element (i, n) is

    ::

        weight[n] * sum over f of
            log(max(mel[i, f], floor)) * cos(pi n (f + 1/2) / NumberOfFilters)

    with coefficient n and filter f both from 0 on, and weights by CosineScaling and Liftering. The
    floor is LogarithmFloor, or what is DynamicRange below the largest element of the recording's
    mel spectrogram, if that is higher.

    Output: float32, shape (n, NumberOfCoefficients), time first.

    References
    ----------
    The rules A1 to A19 are in docs/decisions.md; `logarithm` and `cosine_matrix` have the formulas.

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
    parameters = (*AudioMelSpectrogram.parameters, *CEPSTRUM)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        filters, coefficients = resolved["NumberOfFilters"], resolved["NumberOfCoefficients"]
        self._mel_row = (filters,)
        self.row = (coefficients,)
        scaling, lifter = resolved["CosineScaling"], resolved["Liftering"]
        self._cosines = bands(cosine_matrix(filters, coefficients, scaling, lifter))

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Tell of more coefficients than filters, besides what mel spectrograms need."""
        filters, coefficients = resolved["NumberOfFilters"], resolved["NumberOfCoefficients"]
        problems = list(super().constraints(resolved))
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
        """Return the coefficients; a DynamicRange keeps the mel spectrogram for a while."""
        if self.resolved["DynamicRange"] is None:
            return super().encode(value)
        with open_recording(value) as recording:
            mel = self.collect(recording, self._mel_row, super().compute)
        floor = self._floor(mel.max())
        out = np.empty((len(mel), *self.row), np.float32)
        for start in range(0, len(mel), self.group):
            group = slice(start, start + self.group)
            self._cepstrum(mel[group], floor, out[group])
        return out

    def stream(self, value: Any) -> Iterator[Rows]:
        """Give the coefficients in blocks; for a DynamicRange, the recording is read twice."""
        if self.resolved["DynamicRange"] is None:
            yield from super().stream(value)
            return
        mel = super().compute
        with open_recording(value) as recording:
            if not recording.repeatable:
                raise one_pass()
            largest = max(block.max() for block in self.blocks(recording, self._mel_row, mel))
            compute = partial(self._coefficients, self._floor(largest))
            yield from self.blocks(recording, self.row, compute)

    def compute(self, spectrum: npt.NDArray[np.complex64], spare: Rows, out: Rows) -> None:
        """Write the coefficients of each partition."""
        self._coefficients(self.resolved["LogarithmFloor"], spectrum, spare, out)

    def _coefficients(
        self, floor: float, spectrum: npt.NDArray[np.complex64], spare: Rows, out: Rows
    ) -> None:
        mel = np.empty((len(out), *self._mel_row), np.float32)
        super().compute(spectrum, spare, mel)
        self._cepstrum(mel, floor, out)

    def _cepstrum(self, mel: Rows, floor: float, out: Rows) -> None:
        logarithm(mel, self.resolved["Logarithm"], floor, self.resolved["Power"], mel)
        project(mel, self._cosines, out)

    def _floor(self, largest: float) -> float:
        floor, dynamic_range = self.resolved["LogarithmFloor"], self.resolved["DynamicRange"]
        return dynamic_floor(float(largest), floor, dynamic_range, self.resolved["Power"])

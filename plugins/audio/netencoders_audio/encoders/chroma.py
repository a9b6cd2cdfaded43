"""AudioChroma: the power of each pitch class, over all octaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, Choice, Integer, Parameter, Real, TupleOf, Union
from netencoders_audio.encoders.compute import direct, row_stable
from netencoders_audio.encoders.parameters import POWER, SPECTRAL
from netencoders_audio.encoders.partitioned import PartitionedEncoder
from netencoders_audio.stages.chroma import (
    NORMS,
    chroma_filters,
    chroma_problems,
    normalize_rows,
)
from netencoders_audio.stages.mel_bands import MelBands
from netencoders_audio.stages.power import QUANTITIES
from netencoders_audio.stages.transform import FrameTransform

__all__ = ["CHROMA", "AudioChroma"]

CHROMA = (
    Parameter(
        "NumberOfChroma",
        Integer(min=1),
        default=12,
        known_as=("n_chroma", "num_chroma"),
        doc="the number of chroma in an octave: 12 for semitones",
    ),
    Parameter(
        "Tuning",
        Real(-12, 12),
        default=0,  # A48: not estimated
        unit="chroma",
        neutral=0.0,
        known_as=("tuning",),
        doc="the deviation of A4 from 440 Hz; it is not estimated from the recording",
    ),
    Parameter(
        "OctaveWeighting",
        Union(TupleOf(Real(-100, 100), Real(above=0, max=100)), Choice(None)),
        default=(5, 2),
        unit="octaves",
        neutral=None,
        known_as=("ctroct", "octwidth", "weighting_parameters"),
        doc="the octave that counts most, and the width of its surroundings; octave 0 begins at "
        "27.5 Hz; None weights all octaves equally",
    ),
    Parameter(
        "BinNormalization",
        Choice("Energy", "Sum", "Max", None),
        default="Energy",
        neutral=None,
        doc="the norm that is 1 for the weights of each frequency bin, before OctaveWeighting: the "
        "root of the sum of squares (Energy), the sum (Sum) or the largest (Max); None does not "
        "normalize",
    ),
    Parameter(
        "FirstChroma",
        Choice("C", "A"),
        default="C",
        known_as=("base_c", "start_at_c_chroma"),
        doc="the first chroma; C moves all of them by 3 * (NumberOfChroma // 12)",
    ),
    Parameter(
        "ChromaNormalization",
        Choice(None, *NORMS),
        default="Max",
        neutral=None,
        known_as=("norm",),
        doc="the norm of each row that becomes 1: the largest chroma (Max), the sum (Sum) or the "
        "root of the sum of squares (Energy); rows of zeros stay zero; None does not normalize",
    ),
)
"""The parameters of chroma: NumberOfChroma, Tuning, OctaveWeighting, BinNormalization, FirstChroma
and ChromaNormalization."""


class AudioChroma(PartitionedEncoder):
    """Chroma: the power of each pitch class, such as C or F sharp, over all octaves.

    Each row of the AudioSpectrogram with the same parameters is multiplied by NumberOfChroma
    filters, those of librosa. Element (i, c) is ::

        sum over b of spectrogram[i, b] * filters[b, c]

    divided by the norm of row i that ChromaNormalization names. With the default, "Max", the
    strongest chroma of each frame is 1; silence is 0. `chroma_filters` has the formula of the
    filters, with Tuning, OctaveWeighting, BinNormalization and FirstChroma.

    Output: float32, shape (n, NumberOfChroma): frames first, one frame for each Offset (hop). The
    second axis counts semitones from the first chroma.

    Semitones are close at low frequencies: frames of music are longer than the default of 25 ms,
    such as 4096 samples at 22050 Hz.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    References
    ----------
    Rules A1 to A11, A20, A21, A25 and A48 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("AudioChroma", WindowSize=4096, Offset=1024)
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> int(encoder(Audio(tone, 16000))[5].argmax())  # A is 9 semitones above C
    9
    """

    name = "AudioChroma"
    revision = 3  # 3: the sums have a fixed order (A72)
    parameters: ClassVar[tuple[Parameter, ...]] = (*SPECTRAL, *POWER, *CHROMA)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        filters = chroma_filters(
            *_arguments(resolved), resolved["BinNormalization"], resolved["FirstChroma"]
        )
        # The product does not depend on mel.
        self._bands = MelBands(filters, resolved["Power"], resolved["PowerOffset"])
        self.row = self._bands.row

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each problem of the transform; if it has none, of the filters."""
        return super().constraints(resolved) or chroma_problems(*_arguments(resolved))

    def output(self) -> ArraySpec:
        """Return (n, NumberOfChroma); see `PartitionedEncoder.rows_spec`."""
        quantity = QUANTITIES[self.resolved["Power"]]
        if self.resolved["ChromaNormalization"] is not None:
            quantity = f"relative {quantity}"
        step = 12 / self.resolved["NumberOfChroma"]
        return self.rows_spec(Axis("chroma", "semitones", step), quantity=quantity)

    def _direct(
        self,
        transform: FrameTransform,
        partitions: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        self._bands.transform(transform, partitions, out)
        normalize_rows(out, self.resolved["ChromaNormalization"])

    def prepare(self) -> None:
        """Import the libraries of a `PartitionedEncoder`, and those of the matrix products."""
        super().prepare()
        self._bands.prepare()

    @row_stable
    @direct(_direct)
    def compute(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write the chroma of each partition."""
        self._bands.apply(spectrum, spare, out)
        normalize_rows(out, self.resolved["ChromaNormalization"])


def _arguments(
    resolved: Mapping[str, Any],
) -> tuple[int, int, int, float, tuple[float, float] | None]:
    """Return the first arguments of `chroma_filters`."""
    return (
        resolved["NumberOfChroma"],
        resolved["FFTLength"],
        resolved["SampleRate"],
        resolved["Tuning"],
        resolved["OctaveWeighting"],
    )

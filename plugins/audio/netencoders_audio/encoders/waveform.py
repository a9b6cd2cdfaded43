"""AudioWaveform: the encoder "Audio", which gives the waveform.

The class `Audio`, samples with their sample rate, is in `netencoders_audio.audio`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, Varying
from netencoders_audio.encoders.audio_encoder import AudioEncoder
from netencoders_audio.encoders.constraints import fixed_length, waveform_problems
from netencoders_audio.encoders.parameters import WAVEFORM
from netencoders_audio.encoders.signal import (
    prepare_audio,
    refuse_samples,
    waveform,
    waveform_length,
)
from netencoders_audio.execution.collector import Collector

__all__ = ["AudioWaveform"]

Rows = npt.NDArray[np.float32]


class AudioWaveform(AudioEncoder):
    """Waveform: the samples of a recording, at one sample rate, in one channel.

    The recording is mixed down to one channel (A8), resampled (A9), cut or padded to TargetLength
    (A3, A44), normalized (A4, A42) and emphasized (A43), as in all other audio encoders. Element
    (i, 0) is sample i.

    Output: float32, shape (n, 1), for n samples at SampleRate. Sample i is at the time
    i / SampleRate, in seconds. Full scale is 1; floating-point samples may exceed it (A23).

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    References
    ----------
    Rules A3, A4, A8 to A11, A23, A37, A38 and A42 to A44 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("Audio", Normalization="Max")
    >>> encoder(Audio([0.0, 0.25, -0.5], 16000)).tolist()
    [[0.0], [0.5], [-1.0]]
    """

    name = "Audio"
    revision = 2  # 2: RMS measures the samples, without the zeros of TargetLength (A4)
    parameters = WAVEFORM

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each rate or length that does not fit."""
        return waveform_problems(resolved)

    def output(self) -> ArraySpec:
        """Return (n, 1); n varies unless TargetLength fixes it."""
        length = fixed_length(self.resolved)
        time = Axis("time", "s", 1 / self.resolved["SampleRate"])
        count = Varying if length is None else length
        return ArraySpec((count, 1), "float32", (time, Axis("channel")), "amplitude")

    def check_encoded(self, array: npt.NDArray[Any]) -> None:
        """Refuse one channel of samples (A38): its sample rate is not known.

        Raises
        ------
        AudioError
            With code ``bare-array``.
        """
        refuse_samples(array)

    def prepare(self) -> None:
        """Import the decoder and the resampler, and read the recordings of an augmentation."""
        prepare_audio()
        self.prepare_augmentation()

    def encode(self, value: Any) -> Rows:
        """Return the samples of one recording, one in each row."""
        with self.opened(value) as recording:
            expected = waveform_length(recording, self.resolved) or 0
            rows = Collector((1,), "float32", expected)
            for block in waveform(recording, self.resolved, keep=True):
                rows.room(len(block))[:, 0] = block
        return rows.array()

    def stream(self, value: Any) -> Iterator[Rows]:
        """Yield the samples of one recording in blocks, in constant memory."""
        with self.opened(value) as recording:
            for block in waveform(recording, self.resolved):
                if len(block):  # the first blocks of a resampler are empty
                    # A copy: the source may overwrite the block, or the caller owns it.
                    yield block[:, np.newaxis].copy()

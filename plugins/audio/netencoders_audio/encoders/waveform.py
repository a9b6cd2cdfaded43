"""The encoder "Audio", class AudioWaveform: the waveform.

The value `Audio`, samples with their rate, is in `audio`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import All, ArraySpec, Axis, Encoder, Varying
from netencoders_audio.encoders.parameters import WAVEFORM, beyond_limits
from netencoders_audio.encoders.signal import waveform, waveform_length
from netencoders_audio.execution.collector import Collector
from netencoders_audio.recordings.opening import open_recording

__all__ = ["AudioWaveform"]

Rows = npt.NDArray[np.float32]


class AudioWaveform(Encoder):
    """Waveform: the samples of a recording, at one sample rate, in one channel.

    The recording is mixed down to one channel (A8), resampled (A9), cut or padded to TargetLength
    (A3) and normalized (A4), as in all other audio encoders. Element (i, 0) is sample i.

    Output: float32, shape (n, 1), time first, with n samples at SampleRate. Sample i is at the time
    i / SampleRate. Full scale is 1, which floats may exceed (A23).

    References
    ----------
    The rules are in docs/decisions.md.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("Audio", Normalization="Max")
    >>> encoder(Audio([0.0, 0.25, -0.5], 16000)).tolist()
    [[0.0], [0.5], [-1.0]]
    """

    name = "Audio"
    parameters = WAVEFORM

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return the problems of a rate or a length beyond the bounds."""
        return beyond_limits(resolved)

    def output(self) -> ArraySpec:
        """Return (n, 1); n varies unless TargetLength fixes it."""
        length = self.resolved["TargetLength"]
        time = Axis("time", "s", 1 / self.resolved["SampleRate"])
        count = Varying if length is All else length
        return ArraySpec((count, 1), "float32", (time, Axis("channel")), "amplitude")

    def encode(self, value: Any) -> Rows:
        """Return the samples of one recording, one per row."""
        with open_recording(value) as recording:
            expected = waveform_length(recording, self.resolved) or 0
            rows = Collector((1,), "float32", expected)
            for block in waveform(recording, self.resolved, keep=True):
                rows.room(len(block))[:, 0] = block
        return rows.array()

    def stream(self, value: Any) -> Iterator[Rows]:
        """Yield the samples of one recording in blocks, in constant memory."""
        with open_recording(value) as recording:
            for block in waveform(recording, self.resolved):
                if len(block):  # the first blocks of a resampler are empty
                    # Copied: its source overwrites it, or it is the caller's own memory.
                    yield block[:, np.newaxis].copy()

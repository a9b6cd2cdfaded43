"""The audio encoders of netencoders: recordings in, arrays out.

The folders follow the data: `files` inspects bytes, `recordings` opens and decodes them, `stages`
holds the steps of the pipeline, `execution` the worker threads, and `encoders` joins them.
docs/architecture.md shows the data flow.

What a plugin needs to extend it is here, too: `PartitionedEncoder`, and the groups of parameters
that the encoders share, from `WAVEFORM` to `CEPSTRUM`.
"""

from netencoders_audio.audio import Audio
from netencoders_audio.encoders.inverse import reconstruct
from netencoders_audio.encoders.parameters import (
    CEPSTRUM,
    CONDITION,
    FOURIER,
    MEL,
    PARTITIONS,
    POWER,
    SPECTRAL,
    WAVEFORM,
)
from netencoders_audio.encoders.partitioned import PartitionedEncoder
from netencoders_audio.encoders.signal import mono_samples
from netencoders_audio.errors import AudioError, AudioWarning, ReconstructionError
from netencoders_audio.limits import Limits, limits

__all__ = [
    "CEPSTRUM",
    "CONDITION",
    "FOURIER",
    "MEL",
    "PARTITIONS",
    "POWER",
    "SPECTRAL",
    "WAVEFORM",
    "Audio",
    "AudioError",
    "AudioWarning",
    "Limits",
    "PartitionedEncoder",
    "ReconstructionError",
    "limits",
    "mono_samples",
    "reconstruct",
]

"""The audio encoders of netencoders: recordings in, arrays out.

The modules are the stages of the pipeline, in the order in which a file passes them: `source`
(open), `inspection` and `decode` (blocks), `mono`, `resample` (rate), `length`, `level`, `edges`
and `partition`, `fourier` (window and transform), `power`, `mel`, `cepstrum`. The encoders cut the
chain at different places; `inverse` leads back.

What a plugin needs to extend it is here, too: `PartitionedEncoder`, and the groups of parameters
that the encoders share, from `WAVEFORM` to `CEPSTRUM`.
"""

from netencoders_audio.audio import Audio
from netencoders_audio.declarations import (
    CEPSTRUM,
    CONDITION,
    FOURIER,
    MEL,
    PARTITIONS,
    POWER,
    SPECTRAL,
    WAVEFORM,
)
from netencoders_audio.errors import AudioError, AudioWarning, ReconstructionError
from netencoders_audio.inverse import reconstruct
from netencoders_audio.limits import Limits, limits
from netencoders_audio.partitioned import PartitionedEncoder
from netencoders_audio.waveform import mono_samples

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

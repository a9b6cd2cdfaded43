"""The audio encoders of netencoders: recordings in, arrays out.

The modules are the stages of the pipeline, in the order in which a file passes them: `source`
(open), `inspection` and `decode` (blocks), `mono`, `resample` (rate), `length`, `level`, `edges`
and `partition`, `fourier` (window and transform), `power`.
"""

from netencoders_audio.audio import Audio
from netencoders_audio.errors import AudioError, AudioWarning
from netencoders_audio.limits import Limits, limits
from netencoders_audio.waveform import mono_samples

__all__ = ["Audio", "AudioError", "AudioWarning", "Limits", "limits", "mono_samples"]

"""The classes of Hugging Face transformers whose configs are imported."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from netencoders_audio.importers.front_ends import FrontEnd
from netencoders_audio.importers.gemma import GEMMA
from netencoders_audio.importers.kaldi_like import KALDI_LIKE
from netencoders_audio.importers.music import MUSIC
from netencoders_audio.importers.speech import SPEECH
from netencoders_audio.importers.vocoders import VOCODERS
from netencoders_audio.importers.waveforms import WAVEFORMS

__all__ = ["FRONT_ENDS"]

FRONT_ENDS: Mapping[str, FrontEnd] = MappingProxyType(
    {
        front_end.name: front_end
        for front_end in (*SPEECH, *GEMMA, *KALDI_LIKE, *WAVEFORMS, *VOCODERS, *MUSIC)
    }
)
"""The front end of each class, by its name."""

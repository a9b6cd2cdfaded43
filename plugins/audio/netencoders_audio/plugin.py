"""The door: what this package registers with netencoders."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import Encoder, hookimpl
from netencoders_audio.audio_encoder import AudioWaveform
from netencoders_audio.mel_spectrogram import AudioMelSpectrogram
from netencoders_audio.mfcc import AudioMFCC
from netencoders_audio.spectrogram import AudioSpectrogram
from netencoders_audio.stft import AudioSTFT

__all__ = ["register_encoders"]


@hookimpl
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Register the audio encoders."""
    register(AudioWaveform)
    register(AudioSTFT)
    register(AudioSpectrogram)
    register(AudioMelSpectrogram)
    register(AudioMFCC)

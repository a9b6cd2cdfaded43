"""The entry point: registers the audio encoders with netencoders."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import Encoder, hookimpl
from netencoders_audio.encoders.mel_spectrogram import AudioMelSpectrogram
from netencoders_audio.encoders.mfcc import AudioMFCC
from netencoders_audio.encoders.spectrogram import AudioSpectrogram
from netencoders_audio.encoders.stft import AudioSTFT
from netencoders_audio.encoders.waveform import AudioWaveform

__all__ = ["register_encoders"]


@hookimpl
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Register the audio encoders."""
    register(AudioWaveform)
    register(AudioSTFT)
    register(AudioSpectrogram)
    register(AudioMelSpectrogram)
    register(AudioMFCC)

"""The entry point: registers the audio encoders with netencoders."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import Encoder, Importer, Policy, WindowFunction, hookimpl
from netencoders_audio.encoders.chroma import AudioChroma
from netencoders_audio.encoders.mel_spectrogram import AudioMelSpectrogram
from netencoders_audio.encoders.mfcc import AudioMFCC
from netencoders_audio.encoders.partitions import AudioPartitions
from netencoders_audio.encoders.spectrogram import AudioSpectrogram
from netencoders_audio.encoders.stft import AudioSTFT
from netencoders_audio.encoders.waveform import AudioWaveform
from netencoders_audio.importers.hugging_face import HUGGING_FACE
from netencoders_audio.importers.kaldi import KALDI
from netencoders_audio.importers.nemo import NEMO
from netencoders_audio.recordings import readers
from netencoders_audio.recordings.av_readers import AV_READERS
from netencoders_audio.recordings.readers import AudioReader
from netencoders_audio.stages.povey import povey

__all__ = [
    "register_audio_readers",
    "register_encoders",
    "register_hookspecs",
    "register_importers",
    "register_policies",
    "register_windows",
]


@hookimpl
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Register the audio encoders."""
    register(AudioWaveform)
    register(AudioPartitions)
    register(AudioSTFT)
    register(AudioSpectrogram)
    register(AudioMelSpectrogram)
    register(AudioMFCC)
    register(AudioChroma)


@hookimpl
def register_windows(register: Callable[[str, WindowFunction], None]) -> None:
    """Register Kaldi's window."""
    register("povey", povey)


@hookimpl
def register_importers(register: Callable[[Importer], None]) -> None:
    """Register the importers of configs of other tools."""
    register(HUGGING_FACE)
    register(NEMO)
    register(KALDI)


@hookimpl
def register_policies(register: Callable[[Policy], None]) -> None:
    """Register the policy for truncated files; `recordings.sound_file` reads it."""
    register(
        Policy(
            "truncated",
            choices=("error", "warn"),
            default="error",
            help="refuse a truncated input, or warn and encode the samples that it has",
            inputs=("audio",),
        )
    )


@hookimpl
def register_hookspecs(register: Callable[[object], None]) -> None:
    """Register the hook of the plugin, `register_audio_readers`."""
    register(readers)


@hookimpl
def register_audio_readers(register: Callable[[AudioReader], None]) -> None:
    """Register the readers of PyAV."""
    for reader in AV_READERS:
        register(reader)

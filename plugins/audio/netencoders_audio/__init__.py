"""The audio encoders of netencoders: they turn recordings into arrays.

The folders follow the data: `files` inspects bytes, `recordings` opens and decodes them, `stages`
holds the steps of the pipeline, `execution` the worker threads, and `encoders` joins them.
`helpers` has functions on the same stages. docs/architecture.md shows the data flow.

The public names serve authors of third-party plugins: encoders as base classes, such as
`PartitionedEncoder` and `AudioMelSpectrogram`; groups of shared parameters, from `WAVEFORM` to
`CEPSTRUM` and `CHROMA`; and the stages `mono_samples` (with `prepare_audio`), `mel_filters`,
`chroma_filters`, `MelBands` and `Projection`; and `AudioReader` and `Track` for the hook
`register_audio_readers`.

The helpers of the language are `SpectrogramArray`, `ShortTimeFourier`, `AudioResample`,
`ConformAudio` and `AudioChannelMix`.
"""

from netencoders_audio.audio import Audio, AudioFile
from netencoders_audio.encoders.chroma import CHROMA, AudioChroma
from netencoders_audio.encoders.compute import row_stable
from netencoders_audio.encoders.inverse import reconstruct
from netencoders_audio.encoders.mel_spectrogram import AudioMelSpectrogram
from netencoders_audio.encoders.mfcc import AudioMFCC
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
from netencoders_audio.encoders.partitions import RAW_PARTITIONS, AudioPartitions
from netencoders_audio.encoders.signal import mono_samples, prepare_audio
from netencoders_audio.encoders.spectrogram import AudioSpectrogram
from netencoders_audio.encoders.stft import AudioSTFT
from netencoders_audio.encoders.waveform import AudioWaveform
from netencoders_audio.errors import AudioError, AudioWarning, ReconstructionError
from netencoders_audio.files.tracks import Track
from netencoders_audio.helpers.conforming import ConformAudio
from netencoders_audio.helpers.mixing import AudioChannelMix
from netencoders_audio.helpers.resampling import AudioResample
from netencoders_audio.helpers.spectra import (
    ShortTimeFourier,
    ShortTimeFourierData,
    SpectrogramArray,
)
from netencoders_audio.limits import Limits, limits
from netencoders_audio.probe_signals import probe_audio, probe_lengths
from netencoders_audio.recordings.readers import AudioReader
from netencoders_audio.stages.chroma import chroma_filters
from netencoders_audio.stages.mel import mel_filters
from netencoders_audio.stages.mel_bands import MelBands
from netencoders_audio.stages.mel_scale import hertz_to_mel, mel_to_hertz
from netencoders_audio.stages.projection import Projection

__all__ = [
    "CEPSTRUM",
    "CHROMA",
    "CONDITION",
    "FOURIER",
    "MEL",
    "PARTITIONS",
    "POWER",
    "RAW_PARTITIONS",
    "SPECTRAL",
    "WAVEFORM",
    "Audio",
    "AudioChannelMix",
    "AudioChroma",
    "AudioError",
    "AudioFile",
    "AudioMFCC",
    "AudioMelSpectrogram",
    "AudioPartitions",
    "AudioReader",
    "AudioResample",
    "AudioSTFT",
    "AudioSpectrogram",
    "AudioWarning",
    "AudioWaveform",
    "ConformAudio",
    "Limits",
    "MelBands",
    "PartitionedEncoder",
    "Projection",
    "ReconstructionError",
    "ShortTimeFourier",
    "ShortTimeFourierData",
    "SpectrogramArray",
    "Track",
    "chroma_filters",
    "hertz_to_mel",
    "limits",
    "mel_filters",
    "mel_to_hertz",
    "mono_samples",
    "prepare_audio",
    "probe_audio",
    "probe_lengths",
    "reconstruct",
    "row_stable",
]

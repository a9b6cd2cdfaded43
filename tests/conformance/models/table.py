"""The presets and the code that they equal: one row for each preset and library.

The module is long because it is one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BAR", "MODELS", "Edge", "Model"]

BAR = 1e-4
"""The largest error that a preset may have, relative to the largest absolute value."""


@dataclass(frozen=True)
class Edge:
    """A kind of signal for which the preset and the library do not give equal arrays.

    Attributes
    ----------
    ours : str
        "refused", an error with the code too-short; "zeros"; or "mirrored", an array of the signal
        that is mirrored repeatedly.
    theirs : str
        "error"; "empty", no rows; "NaN"; "infinite"; or "noise", rounding errors divided by a
        deviation of zero.
    """

    ours: str
    theirs: str


TOO_SHORT = {"short": Edge("refused", "error")}
EMPTY = {"short": Edge("refused", "empty")}
MIRRORED = {"short": Edge("mirrored", "error")}
STATISTICS = {"short": Edge("zeros", "NaN"), "silence": Edge("zeros", "noise")}


@dataclass(frozen=True, kw_only=True)
class Model:
    """A preset, and the code of a library that gives the same arrays.

    Attributes
    ----------
    preset : str
    packages : tuple of str
        Their names on PyPI: the library, and the packages that compute for it.
    call : str
        An expression with x, the samples; see `models.libraries.evaluate`. Its value has the layout
        of the library, without the axis of the batch.
    bits : int or None
        The library takes integers of so many bits: the signals are rounded to them.
    edges : mapping of str to Edge
        The kinds of signals for which the arrays are not equal.
    shown : str
        The class or function, for the page.
    label : str
        A part of the name if a preset has two rows of one library.
    """

    preset: str
    packages: tuple[str, ...]
    call: str
    bits: int | None = None
    edges: Mapping[str, Edge] = field(default_factory=dict)
    shown: str
    label: str = ""

    @property
    def name(self) -> str:
        """Return the name of the row's tests and golden arrays."""
        return f"{self.preset}-{self.label or self.packages[0]}"


def _transformers(preset: str, call: str, key: str = "input_features", **others: Any) -> Model:
    """Return the row of a feature extractor of transformers."""
    mask = others.pop("mask", "")
    return Model(
        preset=preset,
        packages=("transformers", *others.pop("computed_by", ("numpy",))),
        call=f'valid(run({call}), "{mask}")' if mask else f'run({call})["{key}"][0]',
        shown=call.removeprefix("transformers.").partition(", ")[0],
        **others,
    )


MODELS = (
    _transformers("Whisper", "transformers.WhisperFeatureExtractor(), x"),
    Model(
        preset="Whisper",
        packages=("onnx-asr", "numpy"),
        call='twin("Whisper", "whisper80", x)',
        shown='WhisperPreprocessorNumpy("whisper80")',
    ),
    Model(
        preset="Whisper",
        packages=("openai-whisper", "torch"),
        call="whisper(x, 80)",
        shown="log_mel_spectrogram(pad_or_trim(x), 80)",
    ),
    _transformers("WhisperLargeV3", "transformers.WhisperFeatureExtractor(feature_size=128), x"),
    Model(
        preset="WhisperLargeV3",
        packages=("onnx-asr", "numpy"),
        call='twin("Whisper", "whisper128", x)',
        shown='WhisperPreprocessorNumpy("whisper128")',
    ),
    Model(
        preset="WhisperLargeV3",
        packages=("openai-whisper", "torch"),
        call="whisper(x, 128)",
        shown="log_mel_spectrogram(pad_or_trim(x), 128)",
    ),
    _transformers("WhisperLargeV3", "transformers.Qwen3ASRFeatureExtractor(), x", label="Qwen3ASR"),
    Model(
        preset="FasterWhisper",
        packages=("faster-whisper", "numpy"),
        call='module("faster_whisper.feature_extractor").FeatureExtractor()(x)',
        shown="FeatureExtractor()",
    ),
    Model(
        preset="Wav2Vec2",
        packages=("transformers", "numpy"),
        call='run(transformers.Wav2Vec2FeatureExtractor(do_normalize=True), x)["input_values"].T',
        shown="Wav2Vec2FeatureExtractor(do_normalize=True)",
    ),
    Model(
        preset="Parakeet",
        packages=("transformers", "torch", "librosa"),
        call="valid(run(transformers.ParakeetFeatureExtractor(), x))",
        shown="ParakeetFeatureExtractor()",
        edges=STATISTICS,
    ),
    Model(
        preset="NeMo80",
        packages=("onnx-asr", "numpy"),
        call='twin("Nemo", "nemo80", x)',
        shown='NemoPreprocessorNumpy("nemo80")',
        edges=STATISTICS,
    ),
    Model(
        preset="NeMo128",
        packages=("onnx-asr", "numpy"),
        call='twin("Nemo", "nemo128", x)',
        shown='NemoPreprocessorNumpy("nemo128")',
        edges=STATISTICS,
    ),
    Model(
        preset="KaldiFbank",
        packages=("kaldi-native-fbank",),
        call='fbank(x, frame_opts={"dither": 0}, mel_opts={"num_bins": 80})',
        shown="OnlineFbank, dither=0, num_bins=80",
        edges=EMPTY,
    ),
    Model(
        preset="KaldiFbank",
        packages=("torchaudio", "torch"),
        call="torchaudio.compliance.kaldi.fbank(torch.tensor(x)[None], num_mel_bins=80)",
        shown="compliance.kaldi.fbank(num_mel_bins=80)",
        edges=TOO_SHORT,
    ),
    Model(
        preset="KaldiFbank16Bit",
        packages=("kaldi-native-fbank",),
        call='fbank(x * 32768, frame_opts={"dither": 0}, mel_opts={"num_bins": 80})',
        shown="OnlineFbank, dither=0, num_bins=80, of x * 32768",
        edges=EMPTY,
    ),
    Model(
        preset="Icefall",
        packages=("kaldi-native-fbank",),
        call='fbank(x, frame_opts={"dither": 0, "snip_edges": False}, '
        'mel_opts={"num_bins": 80, "high_freq": -400})',
        shown="OnlineFbank, dither=0, num_bins=80, snip_edges=False, high_freq=-400",
    ),
    Model(
        preset="Icefall",
        packages=("lhotse", "torch"),
        call="lhotse.Fbank().extract(x, 16000)",
        shown="Fbank()",
    ),
    Model(
        preset="WeSpeaker",
        packages=("onnx-asr", "numpy"),
        call='twin("Kaldi", "wespeaker", x)',
        shown='KaldiPreprocessorNumpy("wespeaker")',
        edges=TOO_SHORT,
    ),
    _transformers(
        "Speech2Text",
        "transformers.Speech2TextFeatureExtractor(), x",
        computed_by=("torchaudio", "torch"),
        edges={**TOO_SHORT, "silence": Edge("zeros", "infinite")},
    ),
    _transformers(
        "SeamlessM4T",
        "transformers.SeamlessM4TFeatureExtractor(), x",
        mask="attention_mask",
        edges={**TOO_SHORT, "silence": Edge("zeros", "noise")},
    ),
    Model(
        preset="Paraformer",
        packages=("funasr-onnx", "kaldi-native-fbank"),
        call="funasr(x, lfr_m=7, lfr_n=6)",
        shown="WavFrontend(lfr_m=7, lfr_n=6, dither=0)",
        edges=TOO_SHORT,
    ),
    Model(
        preset="FSMNVAD",
        packages=("funasr-onnx", "kaldi-native-fbank"),
        call="funasr(x, lfr_m=5, lfr_n=1)",
        shown="WavFrontend(lfr_m=5, lfr_n=1, dither=0)",
        edges=TOO_SHORT,
    ),
    _transformers(
        "AST",
        "transformers.ASTFeatureExtractor(), x",
        "input_values",
        computed_by=("torchaudio", "torch"),
        edges=TOO_SHORT,
    ),
    Model(
        preset="BEATs",
        packages=("avex", "torch"),
        call="beats(x)",
        shown="BEATs.preprocess",
        edges=TOO_SHORT,
    ),
    Model(
        preset="GigaAMv2",
        packages=("onnx-asr", "numpy"),
        call='twin("Gigaam", "gigaam_v2", x)',
        shown='GigaamPreprocessorNumpy("gigaam_v2")',
    ),
    _transformers(
        "Gemma4", "transformers.Gemma4AudioFeatureExtractor(), [x]", mask="input_features_mask"
    ),
    Model(
        preset="VGGish",
        packages=("torchvggish", "numpy"),
        call='module("torchvggish.vggish_input").waveform_to_examples(x, 16000, False)',
        shown="waveform_to_examples",
        edges=TOO_SHORT,
    ),
    Model(
        preset="PANNs",
        packages=("panns-inference", "torchlibrosa", "torch"),
        call="panns(x)",
        shown="logmel_extractor(spectrogram_extractor(x)) of Cnn14",
        edges=MIRRORED,
    ),
    _transformers("CLAP", "transformers.ClapFeatureExtractor(), x"),
    Model(
        preset="DNSMOS",
        packages=("speechmos", "librosa", "numpy"),
        call='module("speechmos.dnsmos").DNSMOS.audio_melspec(None, x)',
        shown="DNSMOS.audio_melspec",
    ),
    Model(
        preset="DNSMOSInput",
        packages=("speechmos", "librosa", "numpy"),
        call='dnsmos(x, "p808_onnx_sess")',
        shown="DNSMOS.__call__, the input of p808_onnx_sess",
    ),
    Model(
        preset="DNSMOSWaveform",
        packages=("speechmos", "librosa", "numpy"),
        call='dnsmos(x, "onnx_sess")',
        shown="DNSMOS.__call__, the input of onnx_sess",
    ),
    Model(
        preset="SileroVAD",
        packages=("silero-vad", "torch"),
        call="silero(x)",
        shown="get_speech_timestamps, the inputs of OnnxWrapper",
    ),
    Model(
        preset="BasicPitch",
        packages=("basic-pitch", "librosa"),
        call="basic_pitch_windows(x)",
        shown="get_audio_input(path, 7680, 36164)",
    ),
    Model(
        preset="OpenWakeWord",
        packages=("openwakeword", "onnxruntime"),
        call="openwakeword.utils.AudioFeatures()._get_melspectrogram((x * 32768).astype(np.int16))",
        shown="AudioFeatures()._get_melspectrogram",
        bits=16,
        edges=TOO_SHORT,
    ),
    Model(
        preset="Resemblyzer",
        packages=("Resemblyzer", "librosa", "numpy"),
        call="resemblyzer.audio.wav_to_mel_spectrogram(x)",
        shown="wav_to_mel_spectrogram",
    ),
    Model(
        preset="CREPE",
        packages=("torchcrepe", "torch"),
        call="torch.cat(list(torchcrepe.preprocess(torch.tensor(x)[None], 16000, 160)))",
        shown="preprocess(x, 16000, 160)",
    ),
    Model(
        preset="SpeechT5",
        packages=("transformers", "numpy"),
        call='run(transformers.SpeechT5FeatureExtractor(), audio_target=x)["input_values"][0]',
        shown="SpeechT5FeatureExtractor(), audio_target",
    ),
    Model(
        preset="HiFiGAN24k",
        packages=("bigvgan", "librosa", "torch"),
        call="bigvgan(x)",
        shown="mel_spectrogram(x, 1024, 100, 24000, 256, 1024, 0, None)",
        edges=MIRRORED,
    ),
    _transformers("UnivNet", "transformers.UnivNetFeatureExtractor(), x"),
    Model(
        preset="Vocos",
        packages=("vocos", "torchaudio", "torch"),
        call="vocos(x)",
        shown="MelSpectrogramFeatures(), in float64",
        edges=MIRRORED,
    ),
    Model(
        preset="Pop2Piano",
        packages=("transformers", "numpy"),
        call="pop2piano(x)",
        shown="Pop2PianoFeatureExtractor().mel_spectrogram",
    ),
    _transformers("MusicGenChroma", "transformers.MusicgenMelodyFeatureExtractor(), x"),
    _transformers("EnCodec24k", "transformers.EncodecFeatureExtractor(), x", "input_values"),
    _transformers("DAC16k", "transformers.DacFeatureExtractor(), x", "input_values"),
    Model(
        preset="SpeechBrainFbank",
        packages=("speechbrain", "torch"),
        call='module("speechbrain.lobes.features").Fbank(n_mels=80)(torch.tensor(x)[None])[0]',
        shown="Fbank(n_mels=80)",
    ),
)
"""All rows; the first one of a preset is its reference."""

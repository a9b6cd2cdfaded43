"""The models of the presets, and the remarks about them, for docs/models.md."""

from __future__ import annotations

__all__ = ["DESCRIPTIONS"]

AM_MVN = "the shift and the scale of the model's own file `am.mvn` are not in it"

DESCRIPTIONS = {
    "Whisper": "Whisper tiny to large-v2; 30 s, longer recordings are cut",
    "WhisperLargeV3": "Whisper large-v3, turbo; Qwen3-ASR up to 30 s; longer recordings are cut",
    "FasterWhisper": "Whisper in faster-whisper; a recording of any length",
    "Wav2Vec2": "wav2vec 2.0, HuBERT, WavLM and data2vec with `do_normalize`",
    "Parakeet": "Parakeet in transformers; the valid partitions",
    "NeMo80": "models of NeMo with 80 bands; the valid partitions",
    "NeMo128": "models of NeMo with 128 bands, such as Parakeet TDT 0.6b; the valid partitions",
    "KaldiFbank": "models with Kaldi's filter bank of samples from -1 to 1",
    "KaldiFbank16Bit": "models with Kaldi's filter bank of samples of 16 bits",
    "Icefall": "models of icefall, such as Zipformer",
    "WeSpeaker": "speaker embeddings of WeSpeaker; the mean of each band is not subtracted",
    "Speech2Text": "Speech2Text of fairseq",
    "SeamlessM4T": "SeamlessM4T and w2v-BERT 2.0; the valid rows",
    "Paraformer": f"Paraformer and SenseVoice of FunASR; {AM_MVN}",
    "FSMNVAD": f"FSMN-VAD of FunASR; {AM_MVN}",
    "AST": "Audio Spectrogram Transformer; 1024 rows, longer recordings are cut",
    "BEATs": "BEATs; Microsoft's code, as avex contains it",
    "GigaAMv2": "GigaAM v2",
    "Gemma4": "audio input of Gemma 4; the valid rows; 30 s, longer recordings are cut",
    "VGGish": "VGGish; Google's numpy code, as torchvggish contains it",
    "PANNs": "CNN14 of PANNs; its batch normalization is not in it",
    "CLAP": "CLAP of LAION, with fusion; recordings of at most 10 s",
    "DNSMOS": "DNSMOS P.808; the caller cuts segments of 9.01 s, less 160 samples",
    "DNSMOSInput": "DNSMOS P.808, `model_v8.onnx`; the first segment; short recordings repeat",
    "DNSMOSWaveform": "DNSMOS, `sig_bak_ovr.onnx`; the first segment; short recordings repeat",
    "SileroVAD": "Silero VAD at 16 kHz, `silero_vad.onnx`; one window a row",
    "BasicPitch": "Basic Pitch, `nmp.onnx`; one window a row",
    "OpenWakeWord": "openWakeWord; the class takes samples of 16 bits, the preset -1 to 1",
    "Resemblyzer": "Resemblyzer; its changes of volume and of silences are not in it",
    "CREPE": "CREPE in torchcrepe",
    "SpeechT5": "targets of SpeechT5; its inputs are waveforms",
    "HiFiGAN24k": "BigVGAN and HiFi-GAN at 24 kHz with 100 bands",
    "UnivNet": "UnivNet; 10 s, longer recordings are cut",
    "Vocos": "Vocos, vocos-mel-24khz; compared in float64 (see below)",
    "Pop2Piano": "Pop2Piano; the class then takes the logarithm of at least 1e-6, time first",
    "MusicGenChroma": "MusicGen Melody, of a waveform; 30 s, longer recordings are cut",
    "EnCodec24k": "EnCodec at 24 kHz",
    "DAC16k": "DAC at 16 kHz",
    "SpeechBrainFbank": "models of SpeechBrain with 80 bands; InputNormalization is not in it",
}
"""The model of each preset, with remarks, in the order of the table."""

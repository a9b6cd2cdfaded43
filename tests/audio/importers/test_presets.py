"""The config of a model, and the shipped spec of the same front end, give one digest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netencoders import NetEncoder

PUBLISHED = Path(__file__).parent / "published"
NEMO: dict[str, Any] = {
    "_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor",
    "window_size": 0.025,
    "n_fft": 512,
}


def published(name: str, **changes: Any) -> dict[str, Any]:
    """Return the config of a class, with other values of some fields."""
    content: dict[str, Any] = json.loads((PUBLISHED / f"{name}.json").read_text("utf-8"))
    return {**content, **changes}


PRESETS: dict[str, tuple[dict[str, Any], str | None]] = {
    "Whisper": (published("WhisperFeatureExtractor"), None),
    "WhisperLargeV3": (published("WhisperFeatureExtractor", feature_size=128), None),
    "Wav2Vec2": (published("Wav2Vec2FeatureExtractor"), None),
    "Parakeet": (published("ParakeetFeatureExtractor"), None),
    "NeMo80": ({**NEMO, "features": 80}, None),
    "NeMo128": ({**NEMO, "features": 128}, None),
    "KaldiFbank16Bit": ({"--dither": "0", "--num-mel-bins": "80"}, "fbank"),
    "Speech2Text": (published("Speech2TextFeatureExtractor"), None),
    "SeamlessM4T": (published("SeamlessM4TFeatureExtractor"), None),
    "AST": (published("ASTFeatureExtractor"), None),
    "Gemma4": (published("Gemma4AudioFeatureExtractor"), None),
    "CLAP": (published("ClapFeatureExtractor"), None),
    "SpeechT5": (published("SpeechT5FeatureExtractor"), "Target"),
    "UnivNet": (published("UnivNetFeatureExtractor"), None),
    "Pop2Piano": (published("Pop2PianoFeatureExtractor"), None),
    "MusicGenChroma": (published("MusicgenMelodyFeatureExtractor"), None),
    "EnCodec24k": (published("EncodecFeatureExtractor"), None),
    "DAC16k": (published("DacFeatureExtractor"), None),
}


@pytest.mark.parametrize("name", PRESETS)
def test_config_has_the_digest_of_its_preset(name: str) -> None:
    """The importer and the shipped spec declare the same array."""
    config, part = PRESETS[name]
    assert NetEncoder(name).digest == NetEncoder.from_config(config, part=part).digest

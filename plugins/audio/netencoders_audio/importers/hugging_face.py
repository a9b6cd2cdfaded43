"""The importer of ``preprocessor_config.json``, for the classes of Hugging Face transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netencoders import Config, ConfigError, Importer
from netencoders.parameters import short

if TYPE_CHECKING:
    from netencoders_audio.importers.front_ends import FrontEnd

__all__ = ["HUGGING_FACE", "REFUSED"]

LIBRARY = "Hugging Face transformers"

_OTHER = "no encoder declares its arrays yet"

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "ClvpFeatureExtractor": "its mel bands are divided by norms that are not in the config",
        "CohereAsrFeatureExtractor": "it adds noise to each input, and cuts recordings by energy",
        "DiaFeatureExtractor": _OTHER,
        "GraniteSpeechFeatureExtractor": _OTHER,
        "KyutaiSpeechToTextFeatureExtractor": "it adds silence before and after each recording",
        "LasrFeatureExtractor": _OTHER,
        "PeAudioFeatureExtractor": _OTHER,
        "Phi4MultimodalFeatureExtractor": _OTHER,
        "Qwen3ASRFeatureExtractor": (
            "it fills up the rows to a multiple of its windows after the logarithm"
        ),
        "VibeVoiceAcousticTokenizerFeatureExtractor": "it scales by a level in decibels",
        "VoxtralRealtimeFeatureExtractor": "its range is below a constant, not the maximum",
        "Xcodec2FeatureExtractor": "it gives two arrays",
    }
)
"""The reason why a class is not imported, by its name."""

_SECTIONS = ("feature_extractor", "audio_processor")


def _front_ends() -> Mapping[str, FrontEnd]:
    # Late: most processes import no config.
    from netencoders_audio.importers.transformers_classes import FRONT_ENDS

    return FRONT_ENDS


def _fields(config: Config) -> Mapping[str, Any] | None:
    """Return the fields of the feature extractor, or None.

    They are at the top, or in a section of ``processor_config.json``.
    """
    sections = [config.content, *(config.content.get(name) for name in _SECTIONS)]
    for section in sections:
        if isinstance(section, Mapping) and "feature_extractor_type" in section:
            return section
    return None


def _class_name(config: Config) -> object:
    fields = _fields(config)
    return None if fields is None else fields["feature_extractor_type"]


def _recognizes(config: Config) -> bool:
    name = _class_name(config)
    return isinstance(name, str) and (name in _front_ends() or name in REFUSED)


def _hint(config: Config) -> str:
    fields = _fields(config)
    if fields is not None:
        return (
            f"{short(fields['feature_extractor_type'])} is not a class of {LIBRARY} that is "
            "imported. Its code is not run: declare the encoder, or install a plugin with an "
            "importer for it."
        )
    if "sampling_rate" in config.content and "feature_size" in config.content:
        return (
            "'feature_extractor_type' is missing, the name of the class: add it, for instance "
            "Wav2Vec2FeatureExtractor."
        )
    return ""


def _parts(config: Config) -> Sequence[str]:
    name = _class_name(config)
    return _front_ends()[str(name)].parts if name in _front_ends() else ()


def _declare(config: Config, part: str | None) -> dict[str, Any]:
    name = str(_class_name(config))
    if name in REFUSED:
        text = f"{name} is not imported: {REFUSED[name]}. Declare the encoder."
        raise ConfigError([("feature_extractor_type", text)])
    return _front_ends()[name].read(_fields(config) or {}, part, LIBRARY)


HUGGING_FACE = Importer(
    "HuggingFace",
    f"preprocessor_config.json of audio classes of {LIBRARY}",
    _recognizes,
    _declare,
    parts=_parts,
    files=("processor_config.json", "preprocessor_config.json"),
    hint=_hint,
)

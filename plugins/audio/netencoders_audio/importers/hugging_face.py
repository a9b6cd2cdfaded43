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
_OTHER_FILE = "name the config of a feature extractor, preprocessor_config.json."
_CODE = ("auto_map", "trust_remote_code")
_IMAGES = ("image_processor", "video_processor")
_IMAGE_FIELDS = ("do_resize", "image_mean", "crop_size")


def _front_ends() -> Mapping[str, FrontEnd]:
    # Late: most processes import no config.
    from netencoders_audio.importers.transformers_classes import FRONT_ENDS

    return FRONT_ENDS


def _extractors(config: Config) -> list[Mapping[str, Any]]:
    """Return the fields of each feature extractor.

    They are at the top, or in a section of ``processor_config.json``.
    """
    sections = [config.content, *(config.content.get(name) for name in _SECTIONS)]
    return [
        section
        for section in sections
        if isinstance(section, Mapping) and "feature_extractor_type" in section
    ]


def _fields(config: Config) -> Mapping[str, Any] | None:
    """Return the fields of the first feature extractor, or None."""
    return next(iter(_extractors(config)), None)


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
    for name in _IMAGES:
        section = config.content.get(name)
        owner = section if isinstance(section, Mapping) else config.content
        if f"{name}_type" in owner:
            return f"{short(owner[f'{name}_type'])} is a class for images: {_OTHER_FILE}"
    if any(name in config.content for name in _IMAGE_FIELDS):
        return f"Its fields are those of a class for images: {_OTHER_FILE}"
    if "processor_class" in config.content:
        return f"It has no feature extractor: {_OTHER_FILE}"
    return ""


def _parts(config: Config) -> Sequence[str]:
    name = _class_name(config)
    return _front_ends()[str(name)].parts if name in _front_ends() else ()


def _declare(config: Config, part: str | None) -> dict[str, Any]:
    name = str(_class_name(config))
    if name in REFUSED:
        text = f"{name} is not imported: {REFUSED[name]}. Declare the encoder."
        raise ConfigError([("feature_extractor_type", text)])
    found = _extractors(config)
    if any(fields != found[0] for fields in found):
        text = (
            "the config has several feature extractors, which differ: keep one of them in a copy "
            "of the config."
        )
        raise ConfigError([("feature_extractor_type", text)])
    # The code of a model may be named beside the section of the feature extractor.
    code = {key: config.content[key] for key in _CODE if config.content.get(key)}
    return _front_ends()[name].read({**found[0], **code}, part, LIBRARY)


HUGGING_FACE = Importer(
    "HuggingFace",
    f"preprocessor_config.json of audio classes of {LIBRARY}",
    _recognizes,
    _declare,
    parts=_parts,
    files=("processor_config.json", "preprocessor_config.json"),
    hint=_hint,
)

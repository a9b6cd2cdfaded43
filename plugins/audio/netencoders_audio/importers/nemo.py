"""The importer of the section ``preprocessor`` of NeMo's ``model_config.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import Config, ConfigError, Importer
from netencoders.parameters import short

__all__ = ["NEMO"]

TARGET = "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor"


def _section(config: Config) -> Mapping[str, Any] | None:
    """Return the section of the preprocessor, or None."""
    model = config.content.get("model")
    for owner in (config.content, model):
        section = owner.get("preprocessor") if isinstance(owner, Mapping) else None
        if isinstance(section, Mapping) and "_target_" in section:
            return section
    return config.content if "_target_" in config.content else None


def _recognizes(config: Config) -> bool:
    section = _section(config)
    target = None if section is None else section["_target_"]
    return isinstance(target, str) and target.rpartition(".")[2].startswith("AudioToM")


def _hint(config: Config) -> str:
    section = _section(config)
    if section is not None:
        return (
            f"the class {short(section['_target_'])} of '_target_' is not one of NeMo's "
            "preprocessors of mel spectrograms. Its code is not run: declare the encoder."
        )
    if isinstance(config.content.get("preprocessor"), Mapping):
        return f"'preprocessor' has no '_target_', the name of the class: add {TARGET}."
    return ""


def _declare(config: Config, part: str | None) -> dict[str, Any]:
    section = _section(config) or {}
    references = [
        (key, f"{key!r} must be a value. Got {short(value)}: write the value of that field.")
        for key, value in section.items()
        if isinstance(value, str) and "${" in value
    ]
    named = {key for key, _ in references}
    rest = {key: value for key, value in section.items() if key not in named}
    # Late: most processes import no config.
    from netencoders_audio.importers.nemo_front_end import NEMO_FRONT_END

    try:
        declared = NEMO_FRONT_END.read(rest, None, "NeMo")
    except ConfigError as error:
        raise ConfigError([*references, *error.problems]) from None
    if references:
        raise ConfigError(references)
    return declared


NEMO = Importer(
    "NeMo",
    "model_config.yaml of NeMo, with a section preprocessor",
    _recognizes,
    _declare,
    files=("model_config.yaml",),
    hint=_hint,
)

"""Every preset of a model carries a probe, which passes here and notices a changed number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netencoders import EncodeError, NetEncoder, ParameterError, VerificationError

MODELS = Path(__file__).parents[2] / "specs" / "netencoders_specs" / "models"
FILES = sorted(MODELS.glob("*.yaml"))
WORDS = {
    "Reflect": "Zero",
    "CenterReflect": "Center",
    "Symmetric": "Reflect",
    "Center": "CenterReflect",
    "Zero]": "Reflect]",
    "Double": "Single",
    "true": "false",
}
WORD = re.compile(rf"(?<=[ ])(?:{'|'.join(map(re.escape, WORDS))})(?=[,}}\]\s])|Zero\]")
NUMBER = re.compile(r"(?<=: )\d+(?:\.\d+)?(?:e-\d+)?(?=[ ,}\n])")

# Numbers without an effect on the probe's signal of three seconds, by the reason.
HIDDEN = {
    "MaximumLength": "the signal is shorter",
    "Floor": "DynamicRange raises the values to a number above the floor",
    "PowerOffset": "it is far below the powers",
    "Low": "the values are above it",
    "Epsilon": "it is far below the deviations",
    "MinimumDeviation": "it is far below the deviations",
    "Shift": "Standardize subtracts the mean afterwards",
    "MinimumLength": "the signal is longer",
    "TransformPrecision Double": "the signal has sound at all frequencies",
    "RemoveMean true": "PreEmphasis and the lowest filter leave little of a mean",
    "EpsilonInside true": "it is far below the deviations",
    "PartitionPadding Zero]": "the signal begins and ends in silence",
}
UNNOTICED = {
    "Floor": "Whisper WhisperLargeV3 FasterWhisper DNSMOS DNSMOSInput OpenWakeWord "
    "SpeechBrainFbank",
    "MaximumLength": "Gemma4 UnivNet MusicGenChroma",
    "PowerOffset": "HiFiGAN24k UnivNet",
    "Low": "Pop2Piano",
    "Epsilon": "Parakeet NeMo80 NeMo128 SeamlessM4T",
    "MinimumDeviation": "CREPE",
    "Shift": "Speech2Text SeamlessM4T",
    "MinimumLength": "MusicGenChroma",
    "TransformPrecision Double": "CLAP PANNs Vocos",
    "RemoveMean true": "KaldiFbank WeSpeaker",
    "EpsilonInside true": "SeamlessM4T",
    "PartitionPadding Zero]": "BasicPitch SileroVAD",
}


def changed(text: str) -> dict[str, str]:
    """Return the spec with one number or word changed, for each of them, by its key."""
    found = {}
    body = text[text.index("parameters:") : text.index("probe:")]
    start = text.index("parameters:")
    for match in NUMBER.finditer(body):
        if float(match.group()) == 0:
            continue
        begin, end = start + match.start(), start + match.end()
        value = match.group()
        raised = (
            f"{float(value) * 0.8:g}" if "." in value else str(int(value) + max(1, int(value) // 4))
        )
        key = re.findall(r"(\w+): $", text[:begin])[-1]
        found[key] = text[:begin] + raised + text[end:]
    for match in WORD.finditer(body):
        begin, end = start + match.start(), start + match.end()
        key = re.findall(r"(\w+): ", text[:begin])[-1] + f" {match.group()}"
        found[key] = text[:begin] + WORDS[match.group()] + text[end:]
    return found


def test_every_model_has_a_file() -> None:
    """The tests below have files to read."""
    assert 41 == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_preset_verifies(file: Path) -> None:
    """The values of the probe are those of this machine, by the name and by the file."""
    for encoder in (NetEncoder(file.stem), NetEncoder.from_yaml(file)):
        assert file.stem == encoder.spec
        assert encoder.verify().values >= 10


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_probe_notices_a_changed_number(file: Path) -> None:
    """Each number of the preset, if it is changed, fails the verification or is refused."""
    noticed, unnoticed = [], []
    for key, text in changed(file.read_text("utf-8")).items():
        try:
            NetEncoder.from_yaml(text).verify()
            unnoticed.append(key)
        except VerificationError as error:
            noticed.append(str(error))
        except (ParameterError, EncodeError):
            continue  # it is refused before
    assert noticed
    assert all(re.search(r"expected .*, got |the probe has", text) for text in noticed)
    assert sorted(key for key in HIDDEN if file.stem in UNNOTICED[key].split()) == sorted(unnoticed)

"""The shipped specs: their resolved values, and their schema and documentation."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from netencoders import NetEncoder, SpecError, Varying, encoders, layers
from netencoders.schema import json_schema
from netencoders.windows import window_samples
from netencoders.yaml_specs import declarations

SPECS = Path(__file__).parents[2] / "specs"
SCHEMA_FILE = SPECS / "encoder.schema.json"
README = (SPECS / "README.md").read_text("utf-8")
FILES = sorted(SPECS.glob("netencoders_specs/**/*.yaml"))
PRESETS = [file.stem for file in FILES if file.parent.name == "models"]
YAML_BLOCKS = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_spec_files_and_yaml_blocks_are_found() -> None:
    """The tests below have spec files and YAML blocks of the README to read."""
    assert ["audio.yaml"] == [file.name for file in FILES if file.stem not in PRESETS]
    assert 39 == len(PRESETS)
    assert 6 == len(YAML_BLOCKS)


@pytest.mark.parametrize(
    ("name", "rate", "window", "offset", "bins"),
    [
        ("Telephone", 8000, 256, 86, 129),
        ("Wideband", 16000, 400, 160, 201),
        ("Fullband", 48000, 1200, 400, 601),
    ],
)
def test_spec_resolves_to_sizes_in_samples(
    name: str, rate: int, window: int, offset: int, bins: int
) -> None:
    """The declared encoders exist by name, and resolve to these sizes in samples."""
    encoder = NetEncoder(name)
    resolved = [encoder.resolved[key] for key in ("SampleRate", "WindowSize", "Offset")]
    assert ("AudioSpectrogram", [rate, window, offset]) == (encoder.name, resolved)
    assert bins == encoder.output.dims[1]


def test_speech_specs_have_a_row_every_10_ms() -> None:
    """The specs for speech give a row every 10 ms."""
    for name, encoder, size in (
        ("Speech40Mel", "AudioMelSpectrogram", 40),
        ("SpeechMFCC", "AudioMFCC", 13),
    ):
        spec = NetEncoder(name)
        assert (encoder, 512, size) == (spec.name, spec.resolved["FFTLength"], spec.output.dims[1])
        assert 0.01 == spec.output.axes[0].step


def test_waveform_is_normalized_and_stft_windows_add_up() -> None:
    """SpeechWaveform is normalized; the squared windows of SpeechSTFT add up to a constant."""
    waveform, transform = NetEncoder("SpeechWaveform"), NetEncoder("SpeechSTFT")
    assert ("Audio", 16000, ("Max", 1.0)) == (
        waveform.name,
        waveform.resolved["SampleRate"],
        waveform.resolved["Normalization"],
    )
    resolved = [transform.resolved[name] for name in ("SampleRate", "WindowSize", "Offset")]
    assert ("AudioSTFT", [16000, 512, 128]) == (transform.name, resolved)
    assert (Varying, 512, 2) == transform.output.dims
    squares = window_samples(transform.resolved["WindowFunction"], 512).reshape(-1, 128) ** 2
    assert [1.5] * 128 == pytest.approx(squares.sum(axis=0))


def test_plugin_provides_exactly_the_declared_specs() -> None:
    """The plugin provides exactly the declared specs, each with a summary of one sentence."""
    declared = {spec.name: spec for file in FILES for spec in declarations(file.read_bytes())}
    provided = {
        name: record
        for name, record in encoders().items()
        if record.derived_from and record.provider.distribution == "netencoders"
    }
    assert declared.keys() == provided.keys()
    for name, record in provided.items():
        assert declared[name].summary == record.summary
        assert re.fullmatch(r"[A-Z].+\.", record.summary)


def test_documentation_lists_each_encoder_and_spec() -> None:
    """README has a row for each encoder, and the specs and numbers; docs/models.md, the presets."""
    shipped = {
        name: record
        for name, record in encoders().items()
        if record.provider.distribution == "netencoders"
    }
    table = (SPECS.parent / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| float32 ", table, re.MULTILINE)
    [small] = re.findall(r"^\| texts, classes, numbers \|.*$", table, re.MULTILINE)
    rows += re.findall(r"`(\w+)`", small)
    assert sorted(rows) == sorted(name for name in shipped if not shipped[name].derived_from)
    counted = {word: int(number) for number, word in re.findall(r"^\| (\d+) (\w+) \|", table, re.M)}
    specs = [name for name, record in shipped.items() if record.derived_from]
    others = sorted(set(specs) - set(PRESETS))
    assert {"specs": len(others), "presets": len(PRESETS), "layers": len(layers())} == counted
    [row] = re.findall(r"^\| \d+ specs \|.*$", table, re.MULTILINE)
    assert others == sorted(re.findall(r"`(\w+)`", row))
    page = (SPECS.parent / "docs" / "models.md").read_text("utf-8").partition("## Not in")[0]
    assert sorted(PRESETS) == sorted(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    named = README.partition("audio.yaml")[0]
    assert [] == [name for name in specs if name not in PRESETS and name not in named]


@pytest.mark.parametrize("text", YAML_BLOCKS)
def test_spec_in_the_documentation_makes_an_encoder(text: str) -> None:
    """The specs in the documentation make encoders and fit the schema."""
    for spec in declarations(text):
        made = NetEncoder.from_yaml(text, spec.name or None)
        assert made == NetEncoder.from_yaml(made.to_yaml())
    assert Draft202012Validator(json_schema()).is_valid(yaml.safe_load(text))


def test_derived_spec_in_the_documentation_keeps_parameters() -> None:
    """The derived encoder in the documentation keeps the parameters that it does not change."""
    derived = NetEncoder.from_yaml(YAML_BLOCKS[1], "LevelledSpeech")
    assert ("10 ms", ("RMS", 0.1)) == tuple(
        derived.parameters[k] for k in ("Offset", "Normalization")
    )


def test_error_in_the_documentation_is_the_raised_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error in the documentation equals the error that is raised."""
    (tmp_path / "speech.yaml").write_text(
        "schema: 1\nencodr: AudioSpectrogram\nparameters: [8000]\n"
    )
    monkeypatch.chdir(tmp_path)
    shown = re.search(r"^```text\n(.*?)\n```", README, re.MULTILINE | re.DOTALL)
    assert shown is not None
    with pytest.raises(SpecError) as caught:
        NetEncoder.from_yaml("speech.yaml")
    assert shown[1] == str(caught.value)


def test_schema_file_equals_the_generated_schema() -> None:
    """The shipped schema file equals the schema generated from the encoders."""
    printed = subprocess.run(
        [sys.executable, "-m", "netencoders.schema"], capture_output=True, text=True, check=True
    ).stdout
    remedy = "run: python -m netencoders.schema > specs/encoder.schema.json"
    assert printed == SCHEMA_FILE.read_text("utf-8"), remedy


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_shipped_specs_fit_the_schema(file: Path) -> None:
    """The shipped specs fit the shipped schema."""
    validator = Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))
    assert [] == [
        error.message for error in validator.iter_errors(yaml.safe_load(file.read_text()))
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Samplerate": 8000}, "'Samplerate' was unexpected"),
        ({"SampleRate": "8 kHz"}, "is not of type 'integer'"),
        ({"WindowSize": "32 minutes"}, "is not valid under any"),
        ({"Power": 3}, "is not one of [2, 1]"),
    ],
)
def test_wrong_specs_do_not_fit_the_schema(parameters: dict[str, Any], message: str) -> None:
    """The shipped schema refuses wrong keys and values of the shipped encoders."""
    validator = Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))
    document = {"schema": 1, "encoder": "AudioSpectrogram", "parameters": parameters}
    assert [message] == [
        message for error in validator.iter_errors(document) if message in error.message
    ]

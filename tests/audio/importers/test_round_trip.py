"""From a config to a spec, and from the spec to an array, by the command and in Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders.cli import main
from netencoders_audio.importers.transformers_classes import FRONT_ENDS

PUBLISHED = Path(__file__).parent / "published"
SPEECH = Path(__file__).parents[2] / "data" / "speech_16k_mono.wav"
CASES = [(name, part) for name, found in FRONT_ENDS.items() for part in found.parts or (None,)]


@pytest.mark.parametrize(("name", "part"), CASES)
def test_spec_of_the_command_encodes_as_the_config(
    name: str, part: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`import` prints a spec, `encode` uses it, and the array is that of `from_config`."""
    config = PUBLISHED / f"{name}.json"
    assert 0 == main(["import", str(config), *(["--part", part] if part else [])])
    text = capsys.readouterr().out
    assert f"{name}{f', {part}' if part else ''} of Hugging Face transformers" in text
    assert f"; imported from {name}.json" in text
    encoder = NetEncoder.from_config(config, part=part)
    assert encoder.digest == NetEncoder.from_yaml(text).digest
    spec, target = tmp_path / "spec.yaml", tmp_path / "a.npy"
    spec.write_text(text)
    assert 0 == main(["encode", str(SPEECH), "--spec", str(spec), "-o", str(target), "-q"])
    np.testing.assert_array_equal(encoder(SPEECH), np.load(target))


@pytest.mark.parametrize(("name", "part"), CASES)
def test_imported_encoder_equals_that_of_its_yaml(name: str, part: str | None) -> None:
    """An imported encoder is a NetEncoder: its YAML declares it completely."""
    encoder = NetEncoder.from_config(PUBLISHED / f"{name}.json", part=part)
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml(pin=True))


@pytest.mark.parametrize(("name", "part"), CASES)
def test_stream_of_an_imported_encoder_equals_the_call(name: str, part: str | None) -> None:
    """The blocks of a stream join to the array of the call, bit for bit."""
    encoder = NetEncoder.from_config(PUBLISHED / f"{name}.json", part=part)
    joined = np.concatenate(list(encoder.stream(SPEECH)), axis=encoder.output.stream_axis)
    np.testing.assert_array_equal(encoder(SPEECH), joined)

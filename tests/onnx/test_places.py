"""The example of a net of a text, a picture and a recording: called, saved, loaded, and run."""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from netencoders import NetGraph
from netencoders.cli import main

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
INPUTS = {
    "Text": "A quiet street, at night",
    "Picture": str(DATA / "grace_hopper.jpg"),
    "Sound": str(DATA / "speech_16k_mono.wav"),
}


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """Return the program as a module."""
    spec = spec_from_file_location("places", ROOT / "examples" / "nets" / "places.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_net_is_the_sum_of_its_parts(program: ModuleType) -> None:
    """The probabilities are those of the three encoders and products, computed one by one."""
    from onnx import load_from_string, numpy_helper

    model = load_from_string(program.make_model())
    weights = [numpy_helper.to_array(each) for each in model.graph.initializer]
    net = program.make_net()
    arrays = [net.encoders[port](INPUTS[port]).ravel() for port in INPUTS]
    logits = sum(array @ weight for array, weight in zip(arrays, weights, strict=True))
    powers = np.exp(logits - logits.max())
    expected = powers / powers.sum()
    assert expected == pytest.approx(net(INPUTS, Output=None), abs=1e-5)
    found = net(INPUTS, Output="Probabilities")
    assert dict(zip(program.LABELS, expected, strict=True)) == pytest.approx(found, abs=1e-5)
    assert program.LABELS[int(expected.argmax())] == net(INPUTS)


def test_saved_net_gives_the_same(program: ModuleType, tmp_path: Path) -> None:
    """A net that is loaded has the digest and the values of the saved one, and is verified."""
    net = program.make_net()
    path = tmp_path / "places.netz"
    net.save(path)
    again = NetGraph.load(path)
    assert net.digest == again.digest
    assert net(INPUTS, Output="Probabilities") == again(INPUTS, Output="Probabilities")
    assert [net(INPUTS)] * 3 == list(again.map([INPUTS] * 3, workers=2))


def test_command_runs_the_net(
    program: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two ports have files of their own."""
    net = program.make_net()
    path, text = tmp_path / "places.netz", tmp_path / "caption.txt"
    net.save(path)
    text.write_text(INPUTS["Text"])
    files = ["--input", f"Text={text}", "--input", f"Sound={INPUTS['Sound']}"]
    assert 0 == main(["run", str(path), INPUTS["Picture"], *files])
    assert net(INPUTS) == json.loads(capsys.readouterr().out)["output"]

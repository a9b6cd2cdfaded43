"""MappingOf: its values, and their ways through specs and the command."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import (
    All,
    ArraySpec,
    Asset,
    Choice,
    Encoder,
    FileContent,
    FrozenMapping,
    Integer,
    Labels,
    ListOf,
    MappingOf,
    NetEncoder,
    Parameter,
    ParameterError,
    Real,
    RefusedError,
    Samples,
    SpecError,
    Union,
    registered,
)
from netencoders.cli import main
from netencoders.values import from_plain, is_shortened, to_plain, typed

KINDS = MappingOf(
    {
        "Noise": Union(Real(min=0), ListOf(Real(), 2, 2)),
        "Shift": Samples(min=0),
        "Names": Labels(),
        "Model": FileContent(".bin"),
        "Side": Choice(All, "Left"),
        "Weights": MappingOf(Real()),
    }
)


class Mapped(Encoder):
    """The number of values of a mapping."""

    name = "MappedValues"
    inputs = ("text",)
    parameters = (
        Parameter("SampleRate", Integer(1), 16000, doc="the rate"),
        Parameter("Values", KINDS, {}, neutral={}, doc="the values"),
    )

    def output(self) -> ArraySpec:
        """Return the form of a number."""
        return ArraySpec((), "int64")

    def encode(self, value: Any) -> Any:
        """Return the number of values."""
        return np.array(len(self.resolved["Values"]))


@pytest.fixture(autouse=True)
def mapped() -> Iterator[None]:
    """Register the encoder of these tests."""
    with registered(Mapped):
        yield


def made(**values: Any) -> NetEncoder:
    """Return the encoder with a mapping of values."""
    return NetEncoder("MappedValues", Values=values)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (KINDS, {"Noise": -1}, "The value of 'Noise' must be a number >= 0 or "),
        (KINDS, {"Noize": 1}, "'Noize' is not a name in it. Did you mean 'Noise'?"),
        (KINDS, {"Volume": 1}, "'Volume' is not a name in it. Known: Noise, Shift, Names,"),
        (KINDS, {"Names": ["a", "a"]}, "Got ['a', 'a']. Elements 0 and 1 are the same, 'a'."),
        (KINDS, {"Weights": {"a": "x"}}, "The value of 'a' must be a number. Got 'x'."),
        (KINDS, {1: 2}, "1 cannot be a name in it."),
        (KINDS, {"": 2}, "'' cannot be a name in it."),
        (KINDS, {"asset": "a"}, "'asset' cannot be a name in it."),
        (MappingOf(Real()), {"asset": 1, "b": 2}, "'asset' cannot be a name in it."),
        (MappingOf(Real()), {"a\n": 1}, r"'a\n' cannot be a name in it."),
        (MappingOf(Real()), {"\ud800": 1}, r"'\ud800' cannot be a name in it."),
        (MappingOf(Real(), 2), {"a": 1}, "It has 1 values."),
        (KINDS, [], ""),
        (KINDS, None, ""),
        (KINDS, "Noise", ""),
    ],
)
def test_wrong_mappings_are_refused(kind: MappingOf, given: Any, message: str) -> None:
    """The message names the value in the mapping, or the name."""
    with pytest.raises(RefusedError, match=re.escape(message) or "^$"):
        kind.check(given)


def test_name_of_files_cannot_be_declared() -> None:
    """In specs, a mapping of `asset` names a file."""
    with pytest.raises(ValueError, match="cannot have the name 'asset'"):
        MappingOf({"asset": Real()})


def test_order_has_no_meaning() -> None:
    """Mappings of another order are equal, and have one digest and one YAML."""
    one, other = made(Noise=0.5, Shift=3), made(Shift=3, Noise=0.5)
    assert one == other
    assert hash(one) == hash(other)
    assert one.to_yaml() == other.to_yaml()
    assert one.digest == other.digest
    assert one != made(Noise=0.5, Shift=4)


def test_canonical_mapping_is_immutable_and_sorted() -> None:
    """The value does not follow a change of the mapping that was given."""
    values = {"Shift": 3, "Noise": 1}
    encoder = NetEncoder("MappedValues", Values=values)
    values["Shift"] = 4
    frozen = encoder.parameters["Values"]
    assert ["Noise", "Shift"] == list(frozen)
    assert {"Noise": 1.0, "Shift": 3} == dict(frozen)
    assert isinstance(frozen, FrozenMapping)
    assert not hasattr(frozen, "__setitem__")
    assert frozen == pickle.loads(pickle.dumps(frozen))


def test_values_depend_on_other_parameters() -> None:
    """A duration in a mapping is resolved with the sample rate."""
    encoder = NetEncoder("MappedValues", SampleRate=8000, Values={"Shift": "10 ms"})
    assert 80 == encoder.resolved["Values"]["Shift"]
    assert "10 ms" == encoder.parameters["Values"]["Shift"]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"Noise": [1, 2]},
        {"Side": All, "Shift": "25 ms"},
        {"Names": ["All", "Automatic", "true"], "Weights": {"All": 1, "true": 2, " x": 3}},
        {"Model": b"\0\1content"},
    ],
)
def test_mappings_survive_specs(values: dict[str, Any]) -> None:
    """YAML, JSON, pickle and the repr give equal encoders."""
    encoder = made(**values)
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml(pin=True))
    assert encoder == NetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict(pin=True))))
    assert encoder == pickle.loads(pickle.dumps(encoder))
    assert encoder == NetEncoder("MappedValues", **dict(encoder.parameters))
    if not is_shortened(encoder.parameters["Values"]):
        assert encoder == eval(repr(encoder))


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(
    lambda text: text.isprintable() and text not in ("", "asset")
)


@given(st.dictionaries(NAMES, st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_every_name_survives_specs(values: dict[str, float]) -> None:
    """Names such as "1", "null" and ": " stay texts."""
    encoder = made(Weights=values)
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
    assert values == dict(encoder.parameters["Values"]["Weights"])


def test_neutral_mapping_is_not_in_the_digest() -> None:
    """An empty mapping has no effect."""
    assert NetEncoder("MappedValues").digest == made().digest
    assert made(Noise=0).digest != made().digest


def test_one_and_true_are_different() -> None:
    """Mappings of values of another type are other values."""
    kinds = {typed(FrozenMapping({"a": value})) for value in (1, 1.0, True)}
    assert 3 == len(kinds)
    assert {"a": [1, "All"]} == to_plain(FrozenMapping({"a": (1, All)}))
    assert FrozenMapping({"a": (1, All)}) == from_plain({"a": [1, "All"]})


def test_files_in_a_mapping_are_beside_the_spec(tmp_path: Path) -> None:
    """Long values inside of a mapping are written to files, and read again."""
    encoder = made(Names=list(map(str, range(2000))), Model=b"abc" * 1000)
    path = tmp_path / "spec.yaml"
    path.write_text(encoder.to_yaml(assets=tmp_path))
    assert 3 == len(list(tmp_path.iterdir()))
    assert encoder == NetEncoder.from_yaml(path)


def test_spec_names_files_in_a_mapping(tmp_path: Path) -> None:
    """`{asset: file}` is a file at any depth; another key beside it is refused."""
    (tmp_path / "m.bin").write_bytes(b"abc")
    path = tmp_path / "spec.yaml"
    head = "schema: 1\nencoder: MappedValues\nparameters:\n  Values: "
    path.write_text(head + "{Model: {asset: m.bin}}")
    assert made(Model=Asset(tmp_path / "m.bin")) == NetEncoder.from_yaml(path)
    path.write_text(head + "{Model: {asset: m.bin, Noise: 1}}")
    with pytest.raises(SpecError, match="has a mapping with more than 'asset'"):
        NetEncoder.from_yaml(path)
    path.write_text(head + "{1: 2}")
    with pytest.raises(SpecError, match=r"a key must be a text. Got 1"):
        NetEncoder.from_yaml(path)
    declared = {"schema": 1, "encoder": "MappedValues", "parameters": {"Values": {1: 2}}}
    with pytest.raises(SpecError, match="has a mapping with the name 1, not a text"):
        NetEncoder.from_dict(declared)


def test_command_takes_mappings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An option of the command is a mapping in YAML."""
    (tmp_path / "input.txt").write_text("text")
    target = tmp_path / "out.npy"
    for values, code in (("{Noise: 0.1, Shift: 5 ms}", 0), ("{Noize: 1}", 2)):
        option = f"Values={values}"
        arguments = ["--encoder", "MappedValues", "-p", option, "-o", str(target), "--force"]
        assert code == main(["encode", str(tmp_path / "input.txt"), *arguments])
    assert 2 == np.load(target)
    assert "Did you mean 'Noise'?" in capsys.readouterr().err


def test_error_of_an_encoder_names_the_parameter() -> None:
    """The message has the parameter, and the value in the mapping."""
    with pytest.raises(ParameterError, match=r"'Values' must be a mapping of some of Noise"):
        made(Noise="loud")

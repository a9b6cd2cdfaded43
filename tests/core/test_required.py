"""Parameters without a default, and parameters that are given without a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Encoder,
    Integer,
    NetDecoder,
    NetEncoder,
    NetLayer,
    Parameter,
    ParameterError,
    PluginError,
    Real,
    Text,
    registered,
)
from netencoders.cli import main
from netencoders.sentinels import Absent
from netencoders.testing import EncoderContract


class Scaled(Encoder):
    """A number times a factor, plus a shift."""

    name = "ScaledNumber"
    inputs = ("object",)
    positional = ("Factor", "Shift")
    parameters = (
        Parameter("Shift", Real(), 0.0, doc="the shift"),
        Parameter("Factor", Real(), doc="the factor"),
        Parameter("Note", Text(), ""),
    )

    def output(self) -> ArraySpec:
        """Return the form of a number."""
        return ArraySpec(())

    def encode(self, value: Any) -> Any:
        """Return the number."""
        return np.array(value * self.resolved["Factor"] + self.resolved["Shift"], np.float32)


@pytest.fixture(autouse=True)
def scaled() -> Iterator[None]:
    """Register the encoder of these tests."""
    with registered(Scaled):
        yield


def problem(*values: Any, **parameters: Any) -> str:
    """Return the only problem of a declaration."""
    with pytest.raises(ParameterError) as caught:
        NetEncoder("ScaledNumber", *values, **parameters)
    assert "ScaledNumber" == caught.value.owner
    [text] = caught.value.problems
    return text


def test_values_without_a_name_set_the_named_parameters() -> None:
    """They are in the order of `positional`; the declaration is the one with names."""
    expected = NetEncoder("ScaledNumber", Factor=2, Shift=1)
    assert expected == NetEncoder("ScaledNumber", 2, 1)
    assert expected == NetEncoder("ScaledNumber", 2, Shift=1)
    assert 7 == expected(3)
    assert 'NetEncoder("ScaledNumber", Shift=1.0, Factor=2.0)' == repr(expected)


def test_required_parameter_is_named_with_its_type() -> None:
    """The error states the meaning and the values."""
    assert "'Factor' is required (the factor): a number." == problem()


def test_all_problems_are_listed_together() -> None:
    """A missing parameter is one of several problems, in the order of the declarations."""
    with pytest.raises(ParameterError) as caught:
        NetEncoder("ScaledNumber", Shift="x", Foctor=1)
    shift, factor, unknown = caught.value.problems
    assert shift.startswith("'Shift' must be a number. Got 'x'.")
    assert "'Factor' is required (the factor): a number." == factor
    assert unknown.startswith("unknown parameter 'Foctor'. Did you mean 'Factor'?")


def test_too_many_values_are_refused() -> None:
    """The error lists the parameters that may be given without a name, and all others."""
    text = problem(1, 2, 3)
    assert text.startswith("it takes 2 parameters without a name: Factor, Shift. Got 3: give")
    assert text.endswith("Known: Shift, Factor, Note.")


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (NetEncoder, "AudioSpectrogram", "it takes no parameters without a name. Got 1: give"),
        (NetLayer, "Log", "it takes no parameters without a name. Got 1: give"),
        (NetDecoder, "Boolean", "it takes no parameters without a name. Got 1: give"),
    ],
)
def test_class_that_names_none_takes_none(make: Any, name: str, message: str) -> None:
    """A value without a name is no guess at the first parameter."""
    with pytest.raises(ParameterError, match=re.escape(message)):
        make(name, 8000)


def test_one_parameter_is_singular() -> None:
    """The message counts correctly."""
    message = "it takes 1 parameter without a name: Labels. Got 2"
    with pytest.raises(ParameterError, match=message):
        NetEncoder("Class", "cat", "dog")


def test_value_is_given_once() -> None:
    """A value with and without its name is refused."""
    assert "'Factor' is given twice, with and without name." == problem(1, Factor=1)


def test_default_makes_it_optional() -> None:
    """A parameter is required if it has no default, and None is a default."""
    assert Parameter("Size", Integer()).is_required
    assert Absent is Parameter("Size", Integer()).default
    assert not Parameter("Size", Integer(), None).is_required


def test_positional_names_a_declared_parameter() -> None:
    """A class that names another parameter is refused."""
    with pytest.raises(PluginError, match="positional"):
        type("Wrong", (Scaled,), {"name": "WrongNames", "positional": ("Size",)})
    with pytest.raises(PluginError, match="positional"):
        type("Wrong", (Scaled,), {"name": "WrongNames", "positional": "Factor"})


def test_spec_without_it_is_refused(tmp_path: Path) -> None:
    """A spec is loaded only with the value; a derived spec may give it."""
    head = "schema: 1\nencoder: ScaledNumber\n"
    with pytest.raises(ParameterError, match="'Factor' is required"):
        NetEncoder.from_yaml(head)
    text = f"{head}parameters: {{Factor: 3}}\n"
    assert NetEncoder("ScaledNumber", 3) == NetEncoder.from_yaml(text)


def test_command_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`encode` without it exits with 2, and names it."""
    (tmp_path / "a.txt").write_text("cat")
    output = str(tmp_path / "a.npy")
    assert 2 == main(["encode", str(tmp_path / "a.txt"), "--encoder", "Class", "-o", output])
    assert "'Labels' is required" in capsys.readouterr().err


def test_command_gives_it_to_a_spec_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A spec may leave a required parameter to -p; without it, the error names the spec."""
    spec, text, output = (tmp_path / name for name in ("s.yaml", "a.txt", "a.npy"))
    spec.write_text("schema: 1\nencoder: Class\nparameters: {Form: IndicatorVector}\n")
    text.write_text("dog")
    command = ["encode", str(text), "-o", str(output), "--force"]
    for given in (["-e", str(spec)], ["--spec", str(spec)]):
        assert 2 == main([*command, *given])
        assert "s.yaml: Class: 'Labels' is required" in capsys.readouterr().err
        assert 2 == main([*command, *given, "-p", "Form=Index"])
        assert "s.yaml: Class: 'Labels' is required" in capsys.readouterr().err
        assert 0 == main([*command, *given, "-p", "Labels=[cat, dog]"])
        assert [0, 1] == np.load(output).tolist()


def test_replace_keeps_it() -> None:
    """A changed encoder keeps the required values."""
    assert NetEncoder("ScaledNumber", 2, 5) == NetEncoder("ScaledNumber", 2).replace(Shift=5)


def test_contract_takes_an_example() -> None:
    """The contract gives the first example of its type to a required parameter."""

    class Contract(EncoderContract):
        encoder = "ScaledNumber"

    assert Real().examples()[0] == Contract().make().parameters["Factor"]
    assert 3 == Contract().make(Factor=3).parameters["Factor"]

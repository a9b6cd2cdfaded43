"""Encoder subclasses: the checks when a class is created and when it is registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from netencoders import ArraySpec, Encoder, Integer, Parameter, PluginError, Samples, register
from netencoders.declared import declaration_problem


def subclass(**attributes: Any) -> type[Encoder]:
    """Return a new complete subclass with other attributes."""
    methods: Mapping[str, Any] = {
        "output": lambda self: ArraySpec((1,)),
        "encode": lambda self, value: np.zeros(1, np.float32),
    }
    named = {key: value for key, value in attributes.items() if value is not None}
    return type("Made", (Encoder,), {"name": "Made", **methods, **named})


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        (Parameter("A", Integer(), default=1), "encoder Made: 'parameters' must be a tuple. Is a"),
        (5, "encoder Made: 'parameters' must be a tuple"),
        ({"A": 1}, "encoder Made: 'parameters' must be a tuple"),
        (iter([]), "encoder Made: 'parameters' must be a tuple"),
        (("A",), "encoder Made: 'parameters' must be Parameter values. Got 'A'"),
        ((Parameter("A", Integer(min=1), default=0),), "encoder Made: the default is refused"),
        ((Parameter("A", Samples(), default=1),), "encoder Made: .* depends on 'SampleRate'"),
    ],
)
def test_bad_declaration_raises_when_the_class_is_created(parameters: Any, problem: str) -> None:
    """Contradicting declarations raise an error when the class is created."""
    with pytest.raises(PluginError, match=f"^{problem}"):
        subclass(parameters=parameters)


def test_list_of_parameters_becomes_a_tuple() -> None:
    """A list of parameters is accepted, and later changes to it have no effect."""
    parameter = Parameter("A", Integer(), default=1)
    assert subclass(parameters=[parameter]).parameters == (parameter,)


@pytest.mark.parametrize(
    ("candidate", "problem"),
    [
        (42, r"^an encoder must be a subclass of Encoder\. Got 42\.$"),
        (None, r"Got None\.$"),
        (int, r"Got <class 'int'>\.$"),
        ("x" * 10**6, r"Got 'x+\.\.\.x+'\.$"),
        (subclass()({}), r"Got <.*Made object"),
        (Encoder, r"^Encoder does not implement encode, output\.$"),
        (subclass(name="two words"), r"^Made\.name must be a letter.* Got 'two words'\.$"),
        (subclass(name=""), r"Got ''\.$"),
        (subclass(name="Ünïcode"), r"Got 'Ünïcode'\.$"),
        (subclass(name="1st"), r"Got '1st'\.$"),
        (subclass(name="Line\n"), r"Got 'Line\\n'\.$"),
        (subclass(name=7), r"Got 7\.$"),
        (subclass(revision="2"), r"^Made\.revision must be an integer\. Got '2'\.$"),
        (subclass(revision=True), r"Got True\.$"),
        (type("Nameless", (Encoder,), {"output": 1, "encode": 1}), r"^Nameless\.name .* Got None"),
    ],
    ids=lambda value: f"{value!s:.30}".partition(" at 0x")[0],
)
def test_incomplete_class_is_not_registered(candidate: Any, problem: str) -> None:
    """An incomplete or invalid encoder class is refused with the reason."""
    with pytest.raises(PluginError, match=problem):
        register(candidate)


def test_class_with_name_output_and_encode_is_complete() -> None:
    """A class with a name, `output` and `encode` is complete."""
    assert declaration_problem(subclass(), Encoder) is None


@pytest.mark.parametrize(
    ("doc", "summary"),
    [
        ("One line.", "One line."),
        ("\n    First line.\n\n    More.", "First line."),
        ("", ""),
        (None, ""),
    ],
)
def test_summary_is_the_first_line(doc: str | None, summary: str) -> None:
    """The summary is the first line of the docstring of the class, and is not inherited."""
    assert summary == subclass(__doc__=doc).summary()


def test_default_stream_is_one_block() -> None:
    """The default stream is a single block, the whole array."""
    (block,) = subclass()({}).stream(None)
    np.testing.assert_array_equal(np.zeros(1, np.float32), block, strict=True)

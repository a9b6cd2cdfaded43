"""Parameters: their schema and their repr."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from netencoders import (
    All,
    Automatic,
    Choice,
    Integer,
    ListOf,
    Parameter,
    Real,
    ValueType,
)

RATE = Parameter("SampleRate", Integer(min=1), default=16000, doc="rate")


@pytest.mark.parametrize(
    ("parameter", "schema"),
    [
        (RATE, {"description": "rate", "type": "integer", "minimum": 1}),
        (
            Parameter("A", Real(), default=Automatic, automatic=lambda: 1),
            {"description": "", "anyOf": [{"type": "number"}, {"const": "Automatic"}]},
        ),
        (
            Parameter("A", Choice(All, 1), default=All, automatic=lambda: 1),
            {"description": "", "anyOf": [{"enum": ["All", 1]}, {"const": "Automatic"}]},
        ),
    ],
)
def test_schema_has_meaning_type_and_automatic(
    parameter: Parameter, schema: Mapping[str, Any]
) -> None:
    """The schema contains the meaning, and accepts Automatic if there is a rule."""
    assert schema == parameter.schema()


@pytest.mark.parametrize(
    ("kind", "automatic", "text"),
    [
        (Integer(), None, "Parameter('A', an integer)"),
        (Integer(), lambda: 1, "Parameter('A', an integer or Automatic)"),
        (
            ListOf(Choice(1, 2)),
            None,
            "Parameter('A', a list of 0 or more values, each 1 or 2)",
        ),
    ],
)
def test_repr_describes_the_values(
    kind: ValueType, automatic: Callable[[], Any] | None, text: str
) -> None:
    """The repr of a parameter describes its values."""
    assert text == repr(Parameter("A", kind, default=1, automatic=automatic))

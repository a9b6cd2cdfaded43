"""Corrections: the message about a refused value has the line that is meant."""

from __future__ import annotations

from typing import Any

import pytest

from netencoders import (
    All,
    Automatic,
    Boolean,
    Choice,
    Integer,
    Parameter,
    Real,
    Samples,
    Union,
)
from netencoders.corrections import corrections, number_of, says_nothing, written

AUTOMATIC = "Automatic (a word in YAML; in Python, from netencoders import Automatic)"
ALL = "All (a word in YAML; in Python, from netencoders import All)"


def refusal(parameter: Parameter, value: Any) -> str:
    """Return the sentences after the refused value."""
    with pytest.raises(ValueError, match="must be") as caught:
        parameter.check(value)
    return str(caught.value).partition(". Got ")[2].partition(". ")[2]


SIZE = Parameter("Size", Samples(min=1), 10, automatic=lambda: 10)
RATE = Parameter("Rate", Integer(min=1), 16000, unit="Hz")
LENGTH = Parameter("Length", Union(Choice(All), Samples(min=1)), All)
LEVEL = Parameter("Level", Union(Choice(None), Real(0, 1)), None)
FLAG = Parameter("Flag", Boolean(), False)
POWER = Parameter("Power", Choice(2, 1), 2)


@pytest.mark.parametrize(
    ("parameter", "value", "line"),
    [
        (SIZE, 0.025, "Write Size='25 ms'."),
        (SIZE, 0.0125, "Write Size='12.5 ms'."),
        (SIZE, 1e-7, "Write Size='0.0001 ms'."),
        (SIZE, "0.025", "Write Size='25 ms'."),
        (SIZE, 2.5, "Write Size='2.5 s' or Size='2.5 ms'."),
        (SIZE, 400.0, "Write Size=400, Size='400 s' or Size='400 ms'."),
        (SIZE, "400", "Write Size=400."),
        (SIZE, "400 samples", "Write Size=400."),
        (SIZE, "25 msec", "Write Size='25 ms'."),
        (SIZE, "1.5 Seconds", "Write Size='1.5 s'."),
        (SIZE, "2 minutes", "Write Size='120 s'."),
        (SIZE, "40 µs", "Write Size='40 us'."),
        (SIZE, "auto", f"Write Size={AUTOMATIC}."),
        (SIZE, "AUTO", f"Write Size={AUTOMATIC}."),
        (SIZE, "default", f"Write Size={AUTOMATIC}."),
        (SIZE, None, f"Write Size={AUTOMATIC}."),
        (LENGTH, "all", f"Write Length={ALL}."),
        (LENGTH, "none", f"Write Length={ALL}."),
        (LENGTH, None, f"Write Length={ALL}."),
        (LEVEL, "none", "Write Level=None (null in YAML)."),
        (LEVEL, "None", "Write Level=None (null in YAML)."),
        (LEVEL, "off", "Write Level=None (null in YAML)."),
        (LEVEL, "0.5", "Write Level=0.5."),
        (RATE, "16 kHz", "Write Rate=16000."),
        (RATE, "16kHz", "Write Rate=16000."),
        (RATE, "16k", "Write Rate=16000."),
        (RATE, "44.1 kHz", "Write Rate=44100."),
        (RATE, "8000 Hz", "Write Rate=8000."),
        (RATE, "16_000", "Write Rate=16000."),
        (RATE, "16,000", "Write Rate=16000."),
        (RATE, "16000", "Write Rate=16000."),
        (RATE, 16000.0, "Write Rate=16000."),
        (RATE, 44.1, "Write Rate=44100."),
        (RATE, 16000.5, ""),
        (RATE, "auto", "Leave it out for the default, 16000."),
        (RATE, "none", "Leave it out for the default, 16000."),
        (RATE, None, "Leave it out for the default, 16000."),
        (RATE, Automatic, "Leave it out for the default, 16000."),
        (RATE, "many", ""),
        (RATE, "1" * 200, ""),
        (RATE, 1e300, ""),
        (FLAG, "true", "Write Flag=True."),
        (FLAG, "no", "Write Flag=False."),
        (FLAG, 1, "Write Flag=True."),
        (FLAG, 0, "Write Flag=False."),
        (FLAG, 2, ""),
        (POWER, 2.0, "Write Power=2."),
        (POWER, "1", "Write Power=1."),
        (POWER, 3.0, ""),
        (SIZE, "25 minuets", "A duration is a number with a unit: '25 ms', '1.5 s', '40 us'."),
    ],
)
def test_message_has_the_line_that_is_meant(parameter: Parameter, value: Any, line: str) -> None:
    """The line has the user's own value, in the form that the parameter takes."""
    assert line == refusal(parameter, value)


def test_lines_are_accepted() -> None:
    """Every suggested value is one that the parameter takes."""
    for value in (0.025, 400.0, "400", "25 msec", "2 minutes", "auto", None):
        assert any(SIZE.takes(item) for item in corrections(value))
    assert SIZE.takes(Automatic)
    assert not RATE.takes(Automatic)
    assert not RATE.takes("16000")


def test_other_values_have_no_correction() -> None:
    """A value that stands for no other one has no correction."""
    for value in (True, [1], object(), float("nan"), "x" * 1000):
        assert [] == list(corrections(value))
    assert number_of("1e3") is None
    assert not says_nothing("all")
    assert "Size=3" == written("Size", 3)

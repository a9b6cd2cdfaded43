"""The value types: the values that they accept and refuse, and the canonical forms."""

from __future__ import annotations

import enum
import json
import math
import re
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import jsonschema
import numpy as np
import pytest
from hypothesis import given

from netencoders import (
    All,
    Automatic,
    Boolean,
    Choice,
    Integer,
    ListOf,
    Real,
    RefusedError,
    Samples,
    Text,
    TupleOf,
    Union,
    ValueType,
    Vector,
    Window,
)
from netencoders.values import alternatives, from_plain, to_plain

TYPES = [
    Integer(),
    Integer(min=1),
    Integer(max=-5),
    Integer(2, 2),
    Integer(min=40_000),
    Integer(max=-40_000),
    Integer(-3, 1),
    Real(),
    Real(0, 1),
    Real(3, 3),
    Real(max=-1.5),
    Real(min=1e17),
    Real(above=0),
    Real(above=0, max=1),
    Boolean(),
    Text(),
    Text(examples=["en"]),
    Choice(None, "a"),
    Choice(1),
    Choice(True, 1, 1.0),
    Choice(All, Automatic, "Max"),
    Samples(),
    Samples(min=1),
    Samples(1, 10),
    Union(Integer(1), Choice(None)),
    Union(Choice(All), Samples(min=1)),
    Union(Integer(), Real()),
    Union(Real(), Integer()),
    TupleOf(Choice("Max"), Real(above=0, max=1)),
    TupleOf(Integer(0), Samples(1), Boolean()),
    ListOf(Integer(0, 3)),
    ListOf(Text(), 1, 1),
    ListOf(Real(), 2),
    ListOf(Boolean(), max_length=1),
    ListOf(TupleOf(Integer(), Text()), 1),
    Window(),
    Union(Window(), ListOf(Real(), 2)),
    Vector(),
    Vector(Real(above=0, max=1), 0, 1),
    Vector(Real(max=-1), 20, 20),
    Union(Choice(None), Real(), Vector(min_length=2)),
    TupleOf(Choice("Max"), Vector()),
    ListOf(Vector(), 1),
]
EXAMPLES = [(kind, value) for kind in TYPES for value in kind.examples()]
COUNTEREXAMPLES = [(kind, value) for kind in TYPES for value in kind.counterexamples()]


def label(value: object) -> str:
    """Return a short name for a test's parameter."""
    text = "huge" if isinstance(value, int) and abs(value) > 1e30 else f"{value!r:.40}"
    return text.partition(" at 0x")[0]  # an address differs in each process


@pytest.mark.parametrize(("kind", "value"), EXAMPLES, ids=label)
def test_example_has_a_canonical_form(kind: ValueType, value: Any) -> None:
    """The canonical form of an example is hashable and canonical, also after JSON."""
    canonical = kind.check(value)
    hash(canonical)
    assert repr(canonical) == repr(kind.check(canonical))
    text = json.dumps(to_plain(canonical), allow_nan=False)
    assert repr(canonical) == repr(kind.check(from_plain(json.loads(text))))


@pytest.mark.parametrize(("kind", "value"), EXAMPLES, ids=label)
def test_example_fits_the_schema(kind: ValueType, value: Any) -> None:
    """An editor with our JSON Schema accepts every value that the type accepts."""
    jsonschema.validate(
        to_plain(kind.check(value)), kind.schema(), cls=jsonschema.Draft202012Validator
    )


@pytest.mark.parametrize(("kind", "value"), COUNTEREXAMPLES, ids=label)
def test_counterexample_is_refused(kind: ValueType, value: Any) -> None:
    """A counterexample raises RefusedError."""
    with pytest.raises(RefusedError):
        kind.check(value)


@pytest.mark.parametrize("kind", TYPES, ids=label)
def test_types_have_examples_and_counterexamples(kind: ValueType) -> None:
    """Each type has examples and counterexamples."""
    assert kind.examples()
    assert kind.counterexamples()


@pytest.mark.parametrize(
    ("kind", "description"),
    [
        (Integer(), "an integer"),
        (Integer(min=1), "an integer >= 1"),
        (Integer(max=9), "an integer <= 9"),
        (Integer(1, 9), "an integer from 1 to 9"),
        (Real(), "a number"),
        (Real(above=0), "a number > 0"),
        (Real(above=0, max=1), "a number > 0 and <= 1"),
        (Real(0, 1), "a number from 0 to 1"),
        (Boolean(), "True or False"),
        (Text(), "a text"),
        (Choice(None, "Max", All), "None, 'Max' or All"),
        (Samples(min=1), "an integer >= 1 or a duration"),
        (Union(Choice(All), Samples(), Choice(All)), "All, an integer or a duration"),
        (TupleOf(Choice("Max", "RMS"), Real(above=0)), "['Max' or 'RMS', a number > 0]"),
        (ListOf(Integer()), "a list of 0 or more values, each an integer"),
        (ListOf(Integer(), 2, 5), "a list of 2 to 5 values, each an integer"),
        (Window(), "a window's name or [name, arguments]"),
        (
            Vector(Real(above=0), 2, 5),
            "a list of 2 to 5 numbers > 0 or an Asset of them (.npy, .json, .yaml or .yml)",
        ),
        (
            Vector(max_length=1),
            "a list of 1 number or an Asset of them (.npy, .json, .yaml or .yml)",
        ),
    ],
    ids=label,
)
def test_description_of_a_type(kind: ValueType, description: str) -> None:
    """The description fits after 'must be'."""
    assert description == alternatives(kind.describe())
    assert repr(kind) == f"{type(kind).__name__}({', '.join(kind.describe())})"


class Letter(str, enum.Enum):  # noqa: UP042 - a StrEnum's str() is its value, this one's is not
    """An enumeration that derives from str and Enum."""

    A = "a"


@pytest.mark.parametrize(
    ("kind", "value", "canonical"),
    [
        (Integer(), np.uint8(200), 200),
        (Integer(), enum.IntEnum("Number", "ONE").ONE, 1),
        (Integer(), 2**63 - 1, 2**63 - 1),
        (Integer(), -(2**63), -(2**63)),
        (Real(), 1, 1.0),
        (Real(), -0.0, 0.0),
        (Real(), np.float32(0.5), 0.5),
        (Real(), np.longdouble(0.5), 0.5),
        (Boolean(), np.True_, True),
        (Text(), np.str_("a"), "a"),
        (Text(), Letter.A, "a"),
        (Choice("a"), np.str_("a"), "a"),
        (Choice(2), np.int16(2), 2),
        (Samples(), "25ms", "25 ms"),
        (Samples(), np.str_("1.5 s"), "1.5 s"),
        (Window(), ["kaiser", 14], ("kaiser", 14.0)),
        (Window(), ["hann"], "hann"),
        (Window(), np.str_("hann"), "hann"),
        (ListOf(Integer()), [1, np.int8(2)], (1, 2)),
    ],
    ids=label,
)
def test_equal_values_have_one_canonical_form(kind: ValueType, value: Any, canonical: Any) -> None:
    """Equal values of other Python types become one value of a plain type."""
    checked = kind.check(value)
    assert repr(canonical) == repr(checked)
    assert type(canonical) is type(checked)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Integer(), np.timedelta64(5, "s")),
        (Real(), np.timedelta64(5, "s")),
        (Integer(), np.float64(3)),
        (Integer(), Fraction(3)),
        (Integer(), np.array([3])),
        (Integer(), 2**63),
        (Integer(), -(10**5000)),
        (Real(), -(10**5000)),
        (Real(), 1j),
        (Real(), "1"),
        (Real(), np.longdouble("1e4000")),
        (Real(), -math.inf),
        (Boolean(), np.int8(1)),
        (Text(), "Automatic"),
        (Text(), "All"),
        (Choice(1), True),
        (Choice(True), 1),
        (Choice(1), 1.0),
        (Choice("a"), b"a"),
        (Choice("All"), All),
        (Choice(All), "All"),
        (Choice(None), Automatic),
        (Samples(), "25 ms\n"),
        (Samples(), " 25 ms"),
        (Samples(), "٢٥ ms"),
        (Samples(), "1e3 s"),
        (Samples(), "25 MS"),
        (Samples(), "inf s"),
        (Samples(), "1" * 13 + " s"),
        (Samples(), 1.5),
        (TupleOf(Integer(), Integer()), "12"),
        (TupleOf(Integer(), Integer()), {1: 2, 3: 4}),
        (ListOf(Text()), "abc"),
        (ListOf(Integer()), np.arange(3)),
        (ListOf(Integer()), iter([1])),
    ],
    ids=label,
)
def test_value_that_resembles_a_valid_one_is_refused(kind: ValueType, value: Any) -> None:
    """A value that only resembles a valid one is refused, not reinterpreted."""
    with pytest.raises(RefusedError):
        kind.check(value)


@pytest.mark.parametrize(
    ("kind", "value", "hint"),
    [
        (Samples(), "25", r"A duration is a number with a unit: '25 ms', '1\.5 s', '40 us'\."),
        (Choice("Max", "RMS"), "max", r"^Did you mean 'Max'\?$"),
        (Union(Choice("Max"), Integer()), "Mx", r"^Did you mean 'Max'\?$"),
        (Integer(), 2**63, r"^It needs more than 64 bits\.$"),
        (Choice("Max"), "nothing alike", "^$"),
    ],
    ids=label,
)
def test_refusal_has_a_hint(kind: ValueType, value: Any, hint: str) -> None:
    """The error has a hint if the remedy is known."""
    with pytest.raises(RefusedError, match=hint):
        kind.check(value)


@given(
    number=st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,12})?", fullmatch=True),
    unit=st.sampled_from([("us", 10**6), ("ms", 10**3), ("s", 1)]),
    space=st.sampled_from(["", " "]),
    rate=st.integers(1, 400_000),
)
def test_duration_is_exact(number: str, unit: tuple[str, int], space: str, rate: int) -> None:
    """A duration is the smallest count of samples that lasts as long, without rounding errors."""
    kind = Samples()
    value = kind.check(f"{number}{space}{unit[0]}")
    assert math.ceil(Fraction(number) * rate / unit[1]) == kind.resolve(value, {"SampleRate": rate})


@pytest.mark.parametrize(
    ("duration", "rate", "samples"),
    [
        ("25 ms", 11025, 276),
        ("25 ms", 16000, 400),
        ("25 ms", 44100, 1103),
        ("0.1 s", 44100, 4410),  # 0.1 * 44100 is above 4410 in binary arithmetic
        ("0.07 s", 100, 7),
        ("1 us", 8000, 1),
        ("1 s", 22050.5, 22051),
        ("0 s", 8000, 0),
    ],
)
def test_duration_in_samples(duration: str, rate: float, samples: int) -> None:
    """Known durations (A11)."""
    assert samples == Samples(rate="Rate").resolve(duration, {"Rate": rate})


@pytest.mark.parametrize(("duration", "samples"), [("0 s", 0), ("1 s", 8000)])
def test_duration_out_of_bounds_is_refused(duration: str, samples: int) -> None:
    """The error for a duration out of bounds names the number of samples."""
    with pytest.raises(RefusedError, match=rf"^At 8000 Hz it is {samples} samples\.$"):
        Samples(1, 100).resolve(duration, {"SampleRate": 8000})


def test_text_has_the_given_examples() -> None:
    """The examples of a Text are the given ones."""
    assert ["en", "pt"] == Text(examples=("en", "pt")).examples()
    assert ["text", ""] == Text().examples()


@pytest.mark.parametrize("examples", [[], "en", ["en", 1], ["Automatic"]])
def test_text_refuses_invalid_examples(examples: Any) -> None:
    """A Text without examples, or with an example that is not a text, is refused."""
    got = re.escape(repr(examples))
    message = rf"^examples must be a list of at least one text that the type takes\. Got {got}\.$"
    with pytest.raises(ValueError, match=message):
        Text(examples=examples)


def test_durations_in_lists_and_unions_are_resolved() -> None:
    """Sequences and unions resolve their items with the parameters that these depend on."""
    kind = ListOf(TupleOf(Integer(), Union(Choice(None), Samples(rate="Rate"))))
    value = kind.check([[1, "1 s"], [2, None], [3, 4]])
    assert kind.depends == ("Rate",)
    assert kind.resolve(value, {"Rate": 10}) == ((1, 10), (2, None), (3, 4))


@given(st.floats() | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.text() | st.none())
def test_union_of_numbers_keeps_the_type(value: Any) -> None:
    """A value keeps its kind of number, or it is refused."""
    kind = Union(Integer(), Real(), Boolean())
    good = not isinstance(value, str | None) and math.isfinite(value)
    if good:
        assert type(value) is type(kind.check(value))
    else:
        with pytest.raises(RefusedError):
            kind.check(value)

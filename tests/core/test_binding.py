"""Binding: the standard messages, Automatic rules, and invalid declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from netencoders import (
    All,
    Automatic,
    Choice,
    Integer,
    Parameter,
    ParameterError,
    PluginError,
    Samples,
    Text,
    Union,
)
from netencoders.binding import bind, dependency_order

RATE = Parameter("SampleRate", Integer(min=1), default=16000, doc="rate")
WINDOW = Parameter(
    "WindowSize",
    Samples(min=1),
    default=Automatic,
    automatic=lambda SampleRate: -(-SampleRate // 40),
)
OFFSET = Parameter(
    "Offset", Samples(min=1), default=Automatic, automatic=lambda WindowSize: -(-WindowSize // 3)
)
LENGTH = Parameter("TargetLength", Union(Choice(All), Samples(min=1)), default=All)
LEVEL = Parameter("Normalization", Choice(None, "Max"), default=None)
DECLARED = dependency_order("Toy", (OFFSET, LENGTH, WINDOW, LEVEL, RATE))


def problems(**given: Any) -> tuple[str, ...]:
    """Return the problems of a call."""
    with pytest.raises(ParameterError, match=r"^Toy: [1-9]") as caught:
        bind("Toy", DECLARED, given)
    return caught.value.problems


def test_error_lists_all_problems_of_a_call() -> None:
    """One error lists all problems of a call, one on each line."""
    with pytest.raises(ParameterError, match=r"^AudioSpectrogram: 2 problems") as caught:
        bind("AudioSpectrogram", DECLARED, {"Samplerate": 8000, "WindowSize": 0})
    assert str(caught.value).splitlines() == [
        "AudioSpectrogram: 2 problems",
        "  'WindowSize' must be an integer >= 1, a duration or Automatic. Got 0.",
        "  unknown parameter 'Samplerate'. Did you mean 'SampleRate'? Write SampleRate=8000.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SampleRate", True, "'SampleRate' must be an integer >= 1. Got True."),
        (
            "SampleRate",
            Automatic,
            (
                "'SampleRate' must be an integer >= 1. Got Automatic. Leave it out for the "
                "default, 16000."
            ),
        ),
        (
            "SampleRate",
            10**5000,
            (
                "'SampleRate' must be an integer >= 1. Got an integer of 16610 bits. "
                "It needs more than 64 bits."
            ),
        ),
        (
            "Normalization",
            "max",
            "'Normalization' must be None or 'Max'. Got 'max'. Did you mean 'Max'?",
        ),
        (
            "WindowSize",
            "Automatic",
            (
                "'WindowSize' must be an integer >= 1, a duration or Automatic. Got 'Automatic'. "
                "Pass the name, not a text: from netencoders import Automatic."
            ),
        ),
        (
            "TargetLength",
            "All",
            (
                "'TargetLength' must be All, an integer >= 1 or a duration. Got 'All'. "
                "Pass the name, not a text: from netencoders import All."
            ),
        ),
        (
            "WindowSize",
            "All",
            (
                "'WindowSize' must be an integer >= 1, a duration or Automatic. Got 'All'. "
                "A duration is a number with a unit: '25 ms', '1.5 s', '40 us'."
            ),
        ),
        (
            "WindowSize",
            "0 s",
            (
                "'WindowSize' must be an integer >= 1, a duration or Automatic. Got '0 s'. "
                "At 16000 Hz it is 0 samples."
            ),
        ),
        (
            "Xyz",
            1,
            (
                "unknown parameter 'Xyz'. Known: SampleRate, Normalization, TargetLength, "
                "WindowSize, Offset."
            ),
        ),
    ],
    ids=lambda value: f"{value!s:.20}" if isinstance(value, str) else type(value).__name__,
)
def test_problem_names_expected_and_given_values(name: str, value: object, problem: str) -> None:
    """A message names the expected values, the given one, and the remedy."""
    (found,) = problems(**{name: value})
    assert problem == found


class BrokenRepr:
    """A value whose repr raises an exception."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        b"x" * 10**6,
        list(range(10**5)),
        [[[[[[[[0]]]]]]]],
        {str(n): n for n in range(10**4)},
        [10**5000, [10**5000]],
        "two\nlines",
        BrokenRepr(),
        float("nan"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_problem_is_one_short_line(value: object) -> None:
    """The message is one short line for any value."""
    (problem,) = problems(SampleRate=value)
    assert problem.startswith("'SampleRate' must be an integer >= 1. Got ")
    assert len(problem) < 250
    assert problem.isprintable()


def test_unknown_name_of_any_type_gives_a_short_message() -> None:
    """The message for a name of a megabyte, or for one that is not a text, is short."""
    with pytest.raises(ParameterError, match=r"unknown parameter 7\.\n.*\. Known: ") as caught:
        bind("Toy", DECLARED, {7: 1, "x" * 10**6: 2})  # type: ignore[dict-item] - that is the test
    assert len(str(caught.value)) < 500
    with pytest.raises(ParameterError, match=r"unknown parameter 'A'\. It has no parameters\."):
        bind("Toy", (), {"A": 1})


def test_name_of_another_library_gets_a_suggestion() -> None:
    """The error for an unknown name suggests the parameter with this name in other libraries."""
    hop = Parameter("Offset", Integer(), default=1, known_as=("hop_length",))
    length = Parameter("FFTLength", Integer(), default=1)
    with pytest.raises(ParameterError) as caught:
        bind(
            "Toy",
            (length, hop),
            {"hop_length": 160, "HopLength": "long", "FFTlen": 512, "hop_lenth": 1},
        )
    assert caught.value.problems == (
        "unknown parameter 'hop_length'. Did you mean 'Offset'? Write Offset=160.",
        "unknown parameter 'HopLength'. Did you mean 'Offset'?",
        "unknown parameter 'FFTlen'. Did you mean 'FFTLength'?",
        "unknown parameter 'hop_lenth'. Did you mean 'Offset'?",
    )


def test_name_and_value_of_another_library_are_both_answered() -> None:
    """The line for a name of another library has the value that is meant."""
    rate = Parameter("SampleRate", Integer(), default=1, unit="Hz", known_as=("sr",))
    with pytest.raises(ParameterError) as caught:
        bind("Toy", (rate,), {"sr": "16 kHz"})
    assert caught.value.problems == (
        "unknown parameter 'sr'. Did you mean 'SampleRate'? Write SampleRate=16000.",
    )


def test_long_value_is_not_repeated() -> None:
    """A line with a long value is left out of the message."""
    name = Parameter("Title", Text(), default="", known_as=("label",))
    with pytest.raises(ParameterError) as caught:
        bind("Toy", (name,), {"label": "x" * 1000})
    assert caught.value.problems == ("unknown parameter 'label'. Did you mean 'Title'?",)


def test_names_and_problems_are_in_declared_order() -> None:
    """Messages have the order of the declarations, not that of the dependencies."""
    declared = (OFFSET, LENGTH, WINDOW, LEVEL, RATE)
    given = {"SampleRate": 0, "Offset": 0, "Xyz": 1}
    with pytest.raises(ParameterError) as caught:
        bind("Toy", dependency_order("Toy", declared), given, declared=declared)
    assert caught.value.problems == (
        "'Offset' must be an integer >= 1, a duration or Automatic. Got 0.",
        "'SampleRate' must be an integer >= 1. Got 0.",
        (
            "unknown parameter 'Xyz'. Known: Offset, TargetLength, WindowSize, Normalization, "
            "SampleRate."
        ),
    )


def test_hint_answers_before_the_nearest_name() -> None:
    """A sentence of the encoder is the answer to a name; its bug is a bug of the plugin."""

    def hint(name: str, given: Mapping[str, Any]) -> str:
        return f"It is {given[name]} here." if name == "samplerate" else ""

    with pytest.raises(ParameterError) as caught:
        bind("Toy", (RATE,), {"samplerate": 1, "Sample_Rate": 2}, hint=hint)
    assert caught.value.problems == (
        "unknown parameter 'samplerate'. It is 1 here.",
        "unknown parameter 'Sample_Rate'. Did you mean 'SampleRate'? Write SampleRate=2.",
    )
    with pytest.raises(PluginError, match=r"hint\(\) raised ZeroDivisionError"):
        bind("Toy", (RATE,), {"x": 1}, hint=lambda name, given: str(1 // 0))


def test_known_parameters_are_listed_once() -> None:
    """Several unknown names without a suggestion list the known parameters once, at the last."""
    with pytest.raises(ParameterError) as caught:
        bind("Toy", (RATE,), {"Xyz": 1, "Abc": 1, "Samplerate": 1})
    assert caught.value.problems == (
        "unknown parameter 'Xyz'.",
        "unknown parameter 'Abc'. Known: SampleRate.",
        "unknown parameter 'Samplerate'. Did you mean 'SampleRate'? Write SampleRate=1.",
    )


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ({}, (16000, 400, 134)),
        ({"SampleRate": 8000}, (8000, 200, 67)),
        ({"SampleRate": 11025, "WindowSize": "25 ms"}, (11025, 276, 92)),
        ({"WindowSize": 512}, (16000, 512, 171)),
        ({"WindowSize": Automatic, "Offset": 160}, (16000, 400, 160)),
        ({"SampleRate": 8000, "Offset": "10 ms"}, (8000, 200, 80)),
    ],
)
def test_automatic_follows_its_rule(
    given: Mapping[str, Any], resolved: tuple[int, int, int]
) -> None:
    """Rules are applied in the order of their dependencies, on resolved values."""
    checked, found = bind("Toy", DECLARED, given)
    assert resolved == (found["SampleRate"], found["WindowSize"], found["Offset"])
    assert checked == {p.name: p.default for p in DECLARED} | dict(given)


def test_parameters_follow_their_dependencies() -> None:
    """Each parameter comes after those it depends on, in any order of declaration."""
    names = [parameter.name for parameter in DECLARED]
    assert names.index("SampleRate") < names.index("WindowSize") < names.index("Offset")


def test_problem_of_a_dependency_is_reported_once() -> None:
    """A parameter that depends on a bad value is neither resolved nor reported."""
    assert problems(SampleRate=0) == ("'SampleRate' must be an integer >= 1. Got 0.",)


def test_automatic_rule_with_a_bad_result_is_refused() -> None:
    """A rule's result is checked like a given value, and the message shows it."""
    rule = Parameter("B", Integer(min=1), default=Automatic, automatic=lambda A: A - 5)
    declared = dependency_order("Toy", (Parameter("A", Integer(), default=9), rule))
    assert bind("Toy", declared, {})[1] == {"A": 9, "B": 4}
    with pytest.raises(ParameterError, match=r"Got Automatic\. The rule of Automatic gives -4\.$"):
        bind("Toy", declared, {"A": 1})


def test_automatic_rule_that_raises_is_an_error_of_the_plugin() -> None:
    """A rule that raises is an error of the plugin."""
    rule = Parameter("B", Integer(), default=Automatic, automatic=lambda A: 1 // A)
    declared = dependency_order("Toy", (Parameter("A", Integer(), default=1), rule))
    with pytest.raises(PluginError, match=r"Automatic rule of 'B' raised ZeroDivisionError: "):
        bind("Toy", declared, {"A": 0})


def test_constraints_get_valid_values_only() -> None:
    """A constraint gets resolved values, and its sentences are listed with unknown names."""

    def constraints(resolved: Mapping[str, Any]) -> list[str]:
        return [f"{resolved['Offset']} is bad."]

    with pytest.raises(
        ParameterError, match=r"2 problems\n  134 is bad\.\n  unknown parameter 'X'"
    ):
        bind("Toy", DECLARED, {"X": 1}, constraints)
    with pytest.raises(ParameterError, match=r"1 problem\n  'Offset' must be .* Got 0\.$"):
        bind("Toy", DECLARED, {"Offset": 0}, constraints)


def declared(*names: str, **more: Any) -> tuple[Parameter, ...]:
    """Return integer parameters; an Automatic rule of `more` by its parameter's name."""
    plain = [Parameter(name, Integer(), default=0) for name in names]
    ruled = [Parameter(n, Integer(), default=Automatic, automatic=r) for n, r in more.items()]
    return (*plain, *ruled)


class OnePhrase(Integer):
    """A type that forgets the comma of a tuple."""

    def describe(self) -> tuple[str, ...]:
        """Return one phrase, not in a tuple."""
        return "an even number"  # type: ignore[return-value] - that is the test


class OneName(Integer):
    """A type that forgets the comma of a tuple."""

    depends = "SampleRate"  # type: ignore[assignment] - that is the test


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        (declared("A", "A"), "the parameter 'A' is declared twice"),
        (declared("SizeA", B=lambda Sizea: 0), r"depends on 'Sizea', .* Did you mean 'SizeA'\?"),
        (declared(A=lambda A: 0), "depend on each other: A -> A"),
        (declared(A=lambda B: 0, B=lambda A: 0), "depend on each other: (A -> B -> A|B -> A -> B)"),
        (declared(A=lambda *names: 0), "the Automatic rule of 'A' must be a function with named"),
        (declared(A=lambda B, /: 0), "the Automatic rule of 'A' must be a function with named"),
        (declared(A=5), "the Automatic rule of 'A' must be a function"),
        (declared(A=max), "the Automatic rule of 'A' must be a function"),
        ((Parameter("A", Samples(), default=1),), "'A' depends on 'SampleRate'"),
        ((Parameter("A", Integer(1), default=0),), "the default is refused: 'A' must be .* Got 0"),
        (
            (Parameter("A", Integer(), default=Automatic),),
            r"the default is refused: .* Got Automatic\. It needs a rule: automatic=\.",
        ),
        (
            (Parameter("A", Integer(), default=0, known_as="hop"),),  # type: ignore[arg-type] - that is the test
            "'known_as' of 'A' must be a tuple of texts. Got 'hop'",
        ),
        (
            (Parameter("A", OnePhrase(), default=0),),
            r"describe\(\) of the type of 'A' must be a tup",
        ),
        ((Parameter("A", OneName(), default=0),), "'depends' of the type of 'A' must be a tuple"),
        ((Parameter("A", Integer, default=0),), "the type of 'A' must be a ValueType"),  # type: ignore[arg-type] - that is the test
        (
            (Parameter("a b", Integer(), default=0),),
            "letters, digits and underscores, and not a keyword of Python. Got 'a b'",
        ),
        ((Parameter("class", Integer(), default=0),), "name must be .* Got 'class'"),
        ((Parameter("", Integer(), default=0),), "name must be .* Got ''"),
        ((Parameter(1, Integer(), default=0),), "name must be .* Got 1"),  # type: ignore[arg-type] - that is the test
        (("A",), "'parameters' must be Parameter values. Got 'A'"),
    ],
)
def test_invalid_declaration_is_refused(parameters: tuple[Parameter, ...], problem: str) -> None:
    """An invalid declaration is an error of the plugin, before any value is given."""
    with pytest.raises(PluginError, match=f"^encoder Toy: .*{problem}"):
        dependency_order("encoder Toy", parameters)

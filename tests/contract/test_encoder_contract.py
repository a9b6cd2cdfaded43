"""EncoderContract passes third-party encoders that keep its rules, and fails all others."""

import itertools
import os

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Automatic,
    EncodeError,
    Encoder,
    Integer,
    NetEncoder,
    Parameter,
    Text,
    Varying,
    registered,
)
from netencoders.testing import EncoderContract

CHECKS = [name for name in dir(EncoderContract) if name.startswith("test_")]


def label(value):
    """Return a name that is equal in every process: functions would show their addresses."""
    return " ".join(value) if isinstance(value, dict) else f"{value!s:.40}"


class TextLength(Encoder):
    """The number of characters of a text, as an array without dimensions."""

    name = "TextLength"

    def output(self):
        """Return a form without dimensions, and so without axes."""
        return ArraySpec((), "int64")

    def encode(self, value):
        """Return the number."""
        return np.array(len(text(value)))


class LineLengths(Encoder):
    """The length of each line of a text, one row for each line; an empty text has no rows."""

    name = "LineLengths"
    parameters = (
        Parameter("Language", Text(examples=["en", "pt"]), default="en", doc="two letters"),
        Parameter(
            "Separator",
            Text(examples=["\n", ";", "text"]),
            default="\n",
            doc="one character between two lines",
        ),
    )

    @classmethod
    def constraints(cls, resolved):
        """Refuse the default examples of the type Text."""
        problems = [f"{name!r} must not be 'text'" for name, v in resolved.items() if v == "text"]
        return [*problems, *["no separator"] * (resolved["Separator"] == "")]

    def output(self):
        """Return a form without axes, whose arrays may have no rows."""
        return ArraySpec((Varying, 1), "int64", minimum=0)

    def encode(self, value):
        """Return the lengths."""
        lines = text(value).split(self.resolved["Separator"]) if text(value) else []
        return np.array([[len(line)] for line in lines], np.int64).reshape(-1, 1)

    def stream(self, value):
        """Yield a block without rows, and then one row in each block."""
        rows = self.encode(value)
        yield rows[:0]
        yield from np.split(rows, range(1, len(rows)))


def text(value):
    """Return a text; refuse anything else."""
    if not isinstance(value, str):
        raise EncodeError(f"a {type(value).__name__} is no text", code="no-text")
    return value


def contract(cls, *values, **attributes):
    """Return the contract of an encoder class, which a new process imports from this file."""
    code = f"import runpy; from netencoders import register; runpy.run_path({__file__!r})"
    setup = f"{code.replace('runpy.run', 'register(runpy.run')}[{cls.__name__!r}])"
    attributes = {"setup": setup, **attributes}
    body = {"encoder": cls.name, "inputs": lambda self: list(values), **attributes}
    return type("Contract", (EncoderContract,), body)()


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("cls", "values"),
    [(TextLength, ["four", ""]), (LineLengths, ["one\nthree", "", "\n\n"])],
    ids=["no dimensions", "no rows"],
)
def test_valid_encoder_passes(cls, values, check):
    """Encoders of arrays without dimensions, rows or axes, and of few texts, pass every check."""
    with registered(cls):
        getattr(contract(cls, *values), check)()


def test_encoder_may_refuse_encoded_arrays():
    """An encoder whose arrays may be inputs refuses them, and passes the contract."""
    error = EncodeError("may be a number", code="bare-array", remedy="give a text")
    cls = encoder_with(check_encoded=refusing(error))
    with registered(cls):
        contract(cls, "abc").test_twice_equals_once()
        encoder = NetEncoder("Bad")
        for way in (encoder, lambda value: list(encoder.stream(value))):
            with pytest.raises(EncodeError, match="may be a number") as caught:
                way(np.array(3))
            assert "bare-array" == caught.value.code


def test_contract_uses_the_examples_of_a_text():
    """The contract makes an encoder for each example that the type declares."""
    tried = []

    class Recording(LineLengths):
        name = "Recording"

        def __init__(self, resolved):
            super().__init__(resolved)
            tried.append(resolved["Language"])

    with registered(Recording):
        contract(Recording, "a").test_parameters_take_good_values()
    assert {"en", "pt"} == set(tried)


def test_a_parameter_whose_examples_are_all_refused_fails():
    """A parameter that no example fits is not tested: its type must state other examples."""

    class Untested(LineLengths):
        name = "Untested"
        parameters = (
            LineLengths.parameters[0],
            Parameter("Separator", Text(), default="\n", doc="one character between two lines"),
        )

    with (
        registered(Untested),
        pytest.raises(AssertionError, match=r"refuses every example of 'Separator': .*examples="),
    ):
        contract(Untested, "a").test_parameters_take_good_values()


def encoder_with(**members):
    """Return a TextLength with other members."""
    return type("Bad", (TextLength,), {"name": "Bad", "__doc__": "A bad one.", **members})


def encoder_of(methods, **members):
    """Return a TextLength with one parameter, whose type has other methods."""
    kind = type("Kind", (Integer,), methods)()
    return encoder_with(parameters=(Parameter("Size", kind, default=3, doc="a size"),), **members)


def accepting(result):
    """Return a `check` that accepts integers and applies a function to them."""
    return lambda self, value: result(Integer.check(self, value))


def accepting_texts(self, value):
    """Accept integers and any text, also the names of Automatic and All."""
    return value if isinstance(value, str) else Integer.check(self, value)


def appending(self, value):
    """Change the input."""
    if isinstance(value, bytearray):
        value.append(1)
    return np.array(0)


def counting(self, value=None):
    """Return another number at each call."""
    self.calls = getattr(self, "calls", 0) + 1
    return np.array(self.calls)


def growing_text(self, signal, length):
    """Return a longer text at each call."""
    return "a" * next(LENGTHS)


LENGTHS = itertools.count(1)


def rows(count, total=0.0):
    """Return an `encode` that gives rows of floats."""
    return lambda self, value: np.full((count, 2), total + len(text(value)), np.float32)


def varying_rows(**kwargs):
    """Return an `output` that declares a varying number of rows."""
    return lambda self: ArraySpec((Varying, 2), **kwargs)


def refusing(error):
    """Return a `check_encoded` that raises an error."""

    def check_encoded(self, array):
        raise error

    return check_encoded


BAD = [
    (
        "probes_verify",
        {"probe_signals": lambda self: {"Text": 300}, "probe_input": growing_text},
        r"^the signal Text does not verify: probe_input\(\) must make the same input at each call",
    ),
    (
        "twice_equals_once",
        {"check_encoded": refusing(ZeroDivisionError())},
        r"^the array of 'abc', encoded again, is refused\. Override check_encoded\(\) to refuse",
    ),
    (
        "twice_equals_once",
        {"output": varying_rows(), "encode": rows(3, float("nan"))},
        r"is refused\. Override check_encoded\(\) .* contains NaN or infinity",
    ),
    (
        "prepare_changes_nothing",
        {"encode": counting, "prepare": counting},
        r"^'abc' after prepare\(\): it must only import modules\. It gives other elements",
    ),
    ("is_registered_with_a_summary", {"__doc__": None}, r"has no summary\. Give the class a docst"),
    (
        "parameters_are_documented",
        {"parameters": (Parameter("Size", Integer(), default=3),)},
        r"no doc: \['Size'\]\. Give each Parameter a doc=\.",
    ),
    (
        "result_is_finite",
        {"output": varying_rows(), "encode": rows(3, float("nan"))},
        r"array of 'abc' contains NaN or infinity\. Raise EncodeError for an input that has no",
    ),
    (
        "result_is_finite",
        {"output": varying_rows(), "encode": rows(3, float("-inf"))},
        "contains NaN or infinity",
    ),
    (
        "same_input_gives_the_same_bits",
        {"encode": counting},
        r"^a second call with 'abc': encode\(\) must keep no state between calls gives other",
    ),
    (
        "list_equals_loop",
        {"encode": counting},
        r"^input 0 of a list: encode\(\) must keep no state gives other elements",
    ),
    (
        "stream_equals_call",
        {"stream": lambda self, value: iter(())},
        r"stream of 'abc' gives no block\. stream\(\) must yield at least one block; without rows",
    ),
    (
        "stream_equals_call",
        {"stream": lambda self, value: iter([self.encode(value)] * 2)},
        "^the stream of 'abc': an array without dimensions must be one block",
    ),
    (
        "stream_equals_call",
        {
            "output": varying_rows(),
            "encode": rows(3),
            "stream": lambda self, v: iter([rows(2)(self, v)]),
        },
        r"^the stream of 'abc' \(stream\(\) must .* gives float32 \(2, 2\), but the call gives ",
    ),
    (
        "nonsense_is_refused_by_name",
        {"encode": lambda self, value: np.array(0)},
        r"takes an object of an unknown class\. Raise EncodeError",
    ),
    (
        "nonsense_is_refused_by_name",
        {"encode": lambda self, value: np.array(len(value))},
        r"must raise EncodeError for a value of a kind that it does not take, .* TypeError: object",
    ),
]


@pytest.mark.parametrize(("check", "members", "message"), BAD, ids=label)
def test_encoder_that_breaks_a_rule_fails(check, members, message):
    """An encoder that breaks a rule fails its check, and the message names the remedy."""
    bad = encoder_with(**members)
    with registered(bad), pytest.raises(AssertionError, match=message):
        getattr(contract(bad, "abc"), f"test_{check}")()


@pytest.mark.parametrize(
    ("live", "message"),
    [
        (
            1,
            r"^the live form of 'abc' is refused\. Return one that stream\(\) takes, .* is no text",
        ),
        ("abcd", "^the live stream of 'abc' .* gives other elements than the call"),
    ],
)
def test_wrong_live_form_fails(live, message):
    """A live form that is refused, or that gives another array, fails."""
    with registered(TextLength), pytest.raises(AssertionError, match=message):
        contract(TextLength, "abc", live=lambda self, value: live).test_live_stream_equals_call()


def test_wrong_stages_fail():
    """A last stage that is not the array of the call fails."""

    class Reversed(TextLength):
        """Its last stage has the array of another text."""

        name = "Reversed"

        def stages(self, value, seconds):
            yield from super().stages(value + "x", seconds)

    with (
        registered(Reversed),
        pytest.raises(
            AssertionError, match="the stage Reversed of 'abc' gives other elements than the call"
        ),
    ):
        contract(Reversed, "abc").test_stages_end_with_the_array()


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        (
            [3, "x"],
            r"^the session of 'abcd' is refused\. Return pieces that feeder\(\) takes, .* a t",
        ),
        (["ab", "ce"], r"^the session of 'abcd' .* gives other elements than the call"),
        (["ab", "cd"], None),
    ],
)
def test_wrong_session_fails(pieces, message):
    """A session that is refused, or that gives another array, fails; a right one passes."""

    def feeder(self):
        def block(piece):
            if isinstance(piece, int):
                raise EncodeError("it takes a text")
            return piece

        return block

    def stream(self, value):
        for text in [value] if isinstance(value, str) else value:
            yield np.array([ord(one) for one in text])

    bad = encoder_with(
        output=lambda self: ArraySpec((Varying,), "int64"),
        encode=lambda self, value: next(self.stream(value)),
        stream=stream,
        feeder=feeder,
    )
    with registered(bad):
        given = contract(bad, "abcd", pieces=lambda self, value: ((), pieces))
        if message is None:
            given.test_session_equals_call()
            return
        with pytest.raises(AssertionError, match=message):
            given.test_session_equals_call()


def test_example_that_makes_output_fail_fails():
    """A value for which output() fails, and that its type accepts, fails the check of the type."""
    size = Parameter("Size", Integer(min=0), default=1, doc="size")
    bad = encoder_with(
        parameters=(size,), output=lambda self: ArraySpec((self.resolved["Size"],), "int64")
    )
    with (
        registered(bad),
        pytest.raises(
            AssertionError, match=r"^Size=0 is taken, .*\. Let the type refuse the value"
        ),
    ):
        contract(bad, "abc").test_parameters_take_good_values()


def test_encoder_that_changes_its_input_fails():
    """An encoder that changes its input fails."""
    bad = encoder_with(encode=appending)
    with (
        registered(bad),
        pytest.raises(AssertionError, match=r"changed its input, bytearray.*\. Work on"),
    ):
        contract(bad, bytearray()).test_input_is_unchanged()


BAD_KINDS = [
    (
        {"examples": lambda self: []},
        r"an integer\): examples\(\) of its type must return at least one value",
    ),
    (
        {"examples": lambda self: ["three"]},
        r"'Size' refuses its own example\. Let check\(\) take it, or remove it .* Got 'three'",
    ),
    (
        {"check": accepting(lambda number: [number])},
        r"returns \[0\] for 0\. It must be a str, int, .* or a tuple of these: unhashable type",
    ),
    (
        {"check": accepting(lambda number: (3j,))},
        r"It must be a str, int, .* or a tuple of these: Object of type complex is not JSON",
    ),
    (
        {"check": accepting_texts, "examples": lambda self: ["All"]},
        r"returns 'All' for 'All', and refuses All\. A canonical value must be its own canonical",
    ),
    (
        {"check": accepting(str)},
        r"returns '0' for 0, and refuses '0'\. A canonical value must be its",
    ),
    (
        {"check": accepting(lambda number: number + 1)},
        r"returns 1 for 0, and 2 for 1\. A canonical value must be its own canonical form, also",
    ),
]


@pytest.mark.parametrize(("methods", "message"), BAD_KINDS, ids=label)
def test_type_that_breaks_a_rule_fails(methods, message):
    """A type that refuses its examples, or whose values specs cannot hold, fails."""
    bad = encoder_of(methods)
    with registered(bad), pytest.raises(AssertionError, match=message):
        contract(bad, "abc").test_parameters_take_good_values()


@pytest.mark.parametrize(
    ("counterexample", "members", "message"),
    [
        (
            4,
            {},
            r"^Size=4 is taken, although counterexamples\(\) of the type returns it\. Let check",
        ),
        (
            None,
            {},
            r"^Size=None: check\(\) of the type must raise RefusedError, and no other error\. .*T",
        ),
        (
            4,
            {"constraints": classmethod(lambda cls, resolved: ["no"] * (resolved["Size"] == 4))},
            "^Size=4 is not refused by the type of the parameter: Bad: 1 problem",
        ),
    ],
)
def test_type_that_accepts_its_counterexamples_fails(counterexample, members, message):
    """A type that accepts its counterexamples, or raises another error for them, fails."""
    bad = encoder_of(
        {"check": lambda self, value: value + 0, "counterexamples": lambda self: [counterexample]},
        **members,
    )
    with registered(bad), pytest.raises(AssertionError, match=message):
        contract(bad, "abc").test_parameters_refuse_bad_values()


class Hashing(TextLength):
    """Returns a number that differs in each process."""

    name = "Hashing"

    def encode(self, value):
        """Return a hash, which is salted anew in each process."""
        return np.array(hash(text(value)))


class Numbered(TextLength):
    """Has a parameter that depends on the process."""

    name = "Numbered"
    parameters = (
        Parameter("Process", Integer(), default=Automatic, automatic=os.getpid, doc="its number"),
    )


@pytest.mark.parametrize(
    ("cls", "attributes", "message"),
    [
        (Hashing, {}, r"^another process gives other arrays for inputs \[0\]: encode\(\) must dep"),
        (Numbered, {}, "^another process has another digest: parameters and their Automatic rules"),
        (TextLength, {"setup": ""}, "(?s)^a new process cannot encode.* set `setup` .*NotFoundErr"),
    ],
)
def test_encoder_that_depends_on_the_process_fails(cls, attributes, message):
    """An encoder that gives another array in a new process, or is unknown there, fails."""
    with registered(cls), pytest.raises(AssertionError, match=message):
        contract(cls, "abc", **attributes).test_fresh_process_agrees()


@pytest.mark.parametrize(
    "action", [NetEncoder.__call__, lambda encoder, v: list(encoder.stream(v))]
)
def test_fewer_rows_than_the_minimum_are_a_bug(action):
    """A result of fewer rows than `output` declares is a bug, and the message names the minimum."""
    bad = encoder_with(output=varying_rows(minimum=1), encode=rows(0))
    message = r"dimensions \(0, 2\) do not fit \(Varying, 2\) with at least 1 row"
    with registered(bad), pytest.raises(EncodeError, match=message) as caught:
        action(NetEncoder("Bad"), "abc")
    assert "bug" == caught.value.code


def test_array_without_rows_passes_only_if_declared():
    """An array without rows passes if `output` allows it; else it is an input, and refused."""
    empty = np.zeros((0, 1), np.int64)
    with registered(LineLengths):
        assert NetEncoder("LineLengths")(empty) is empty
    with pytest.raises(EncodeError, match="sample rate") as caught:
        NetEncoder("Audio")(empty.astype(np.float32))
    assert "bare-array" == caught.value.code


def test_contract_without_inputs_fails():
    """A contract without inputs fails with a message, because it tests nothing."""
    with registered(TextLength):
        with pytest.raises(AssertionError, match=r"^inputs\(\) must return at least one input"):
            contract(TextLength).test_result_is_finite()
        with pytest.raises(NotImplementedError, match=r"^EncoderContract must define inputs\(\)"):
            EncoderContract().inputs()


def test_encoder_itself_returns_nan():
    """A NetEncoder returns the NaN of its encoder; only the contract searches for it."""
    bad = encoder_with(output=varying_rows(), encode=rows(3, float("nan")))
    with registered(bad):
        encoder = NetEncoder("Bad")
        array = encoder("abc")
        assert np.isnan(array).all()
        with pytest.raises(EncodeError, match="contains NaN or infinity"):
            encoder(array)

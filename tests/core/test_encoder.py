"""NetEncoder: calls, comparison, copies, pickles, representations and specs."""

from __future__ import annotations

import copy
import hashlib
import inspect
import pickle
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_overloads

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import netencoders
from netencoders import (
    All,
    ArraySpec,
    Automatic,
    Boolean,
    Choice,
    EncodeError,
    Encoder,
    EncoderNotFoundError,
    Integer,
    NetEncoder,
    Parameter,
    ParameterError,
    PluginError,
    Real,
    Samples,
    SpecError,
    Text,
    TupleOf,
    Union,
    Varying,
    registered,
)
from netencoders.policies import current, policies

pytestmark = pytest.mark.usefixtures("toy")

COUNTS = st.integers(1, 10**5)
DURATIONS = st.from_regex(r"[1-9][0-9]{0,2}(\.[0-9]{1,3})? ?ms", fullmatch=True)
FRACTIONS = st.floats(0, 1, exclude_min=True)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "SampleRate": st.integers(1000, 100_000),
    "Hop": COUNTS | DURATIONS | st.just(Automatic),
    "Size": COUNTS | DURATIONS | st.just(Automatic),
    "Gain": st.floats(-10, 10) | st.integers(-10, 10),
    "Flag": st.booleans(),
    "Label": st.text(st.characters(exclude_categories=["Cs"])).filter(
        lambda text: text not in {"All", "Automatic"}
    ),
    "Mode": st.sampled_from([None, "a", 1, 1.0, True, All]),
    "Level": st.sampled_from([None, "Max"]) | st.tuples(st.sampled_from(["Max", "RMS"]), FRACTIONS),
    "Bands": st.lists(st.integers(0, 10), max_size=4),
    "Shape": st.sampled_from(["hann", "boxcar", "hann_symmetric"])
    | st.tuples(st.just("kaiser"), st.floats(0, 30)),
    "Length": COUNTS | DURATIONS | st.just(All),
    "Number": st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
}
PARAMETERS = st.fixed_dictionaries({}, optional=VALUES).filter(
    # The toy encoder accepts sizes of up to 1 s at 100 kHz.
    lambda given: not isinstance(given.get("Size"), str) or given.get("SampleRate", 0) < 90_000
)


def run(code: str, *args: str) -> str:
    """Run Python code in a new process, and return its output."""
    command = [sys.executable, "-W", "error", "-c", code, *args]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@given(PARAMETERS)
def test_round_trips_give_an_equal_encoder(parameters: dict[str, Any]) -> None:
    """The repr, the dict, the YAML, a pickle and replace give the same encoder again."""
    encoder = NetEncoder("Toy", **parameters)
    names = vars(netencoders)
    for other in (
        eval(repr(encoder), {name: names[name] for name in ("NetEncoder", "All", "Automatic")}),
        NetEncoder.from_dict(encoder.to_dict()),
        NetEncoder.from_yaml(encoder.to_yaml()),
        pickle.loads(pickle.dumps(encoder)),
        NetEncoder("Toy").replace(**encoder.parameters),
        NetEncoder("Toy", **encoder.parameters),
        encoder.replace(),
    ):
        assert encoder == other
        assert hash(encoder) == hash(other)
        assert repr(encoder) == repr(other)
        assert encoder.digest == other.digest
        assert repr(encoder.parameters) == repr(other.parameters)


@given(PARAMETERS, PARAMETERS)
def test_equality_of_given_and_digest_of_resolved_values(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Equal given values give equal encoders, and equal resolved values give equal digests."""
    first, second = NetEncoder("Toy", **one), NetEncoder("Toy", **other)
    assert (first == second) == (repr(first.parameters) == repr(second.parameters))
    assert (first.digest == second.digest) == (repr(first.resolved) == repr(second.resolved))


def test_equal_resolved_values_give_equal_digests_but_unequal_encoders() -> None:
    """Encoders with equal resolved values, but other given values, differ and have one digest."""
    automatic, given_ = NetEncoder("Toy"), NetEncoder("Toy", Size="10 ms")
    assert automatic != given_
    assert automatic.digest == given_.digest
    assert automatic.parameters["Size"] is Automatic
    assert given_.parameters["Size"] == "10 ms"
    assert automatic.resolved == given_.resolved
    assert (automatic.resolved["Size"], automatic.resolved["Hop"]) == (80, 27)


@pytest.mark.parametrize("name", ["Mode", "Number"])
def test_integer_float_and_bool_are_different_values(name: str) -> None:
    """1, 1.0 and True are different values of a parameter, although they are equal in Python."""
    values = [1, 1.0] if name == "Number" else [1, 1.0, True, None]
    encoders = [NetEncoder("Toy", **{name: value}) for value in values]
    assert len(set(encoders)) == len(values)
    assert len({encoder.digest for encoder in encoders}) == len(values)
    assert len({repr(encoder) for encoder in encoders}) == len(values)


def test_repr_shows_a_float_that_equals_the_integer_default() -> None:
    """The repr contains 0.0 although it equals the default 0."""
    assert repr(NetEncoder("Toy", Number=0.0)) == 'NetEncoder("Toy", Number=0.0)'
    assert repr(NetEncoder("Toy", Number=0, Gain=1)) == 'NetEncoder("Toy")'
    assert NetEncoder("Toy", Gain=-0.0).digest == NetEncoder("Toy", Gain=0).digest


def test_encoder_does_not_equal_another_type() -> None:
    """An encoder does not equal a value of another type."""
    assert NetEncoder("Toy") != "Toy"
    assert NetEncoder("Toy") != NetEncoder("Toy").to_dict()


class Revised(Encoder):
    """An encoder without parameters."""

    name = "Revised"

    def output(self) -> ArraySpec:
        """Return the form of a single number."""
        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return the input."""
        return value


def test_digest_is_the_documented_hash() -> None:
    """The digest is the sha256 of canonical JSON, the same in every process and version."""
    parameters = (
        Parameter("Size", Samples(min=1), default="10 ms"),
        Parameter("SampleRate", Real(above=0), default=800),
        Parameter("Level", Union(Choice(All), TupleOf(Text(), Boolean())), default=All),
    )
    text = (
        '{"name":"Revised","resolved":{"Level":["\\u00e9",true],"SampleRate":800.0,"Size":8},'
        '"revision":3}'
    )
    with registered(type("Again", (Revised,), {"revision": 3, "parameters": parameters})):
        digest = NetEncoder("Revised", Level=["é", True]).digest
    assert digest == hashlib.sha256(text.encode()).hexdigest()


def test_revision_changes_the_digest() -> None:
    """Another revision changes the digest."""
    digests = set()
    for revision in (1, 2):
        with registered(type("Again", (Revised,), {"revision": revision})):
            digests.add(NetEncoder("Revised").digest)
    assert len(digests) == 2


def test_encoder_is_immutable() -> None:
    """Neither attributes nor parameters can be assigned or deleted."""
    encoder = NetEncoder("Toy")
    for name in ("name", "parameters", "digest", "anything"):
        with pytest.raises(AttributeError, match=rf"immutable\. replace\({name}=\.\.\.\) returns"):
            setattr(encoder, name, 1)
        with pytest.raises(AttributeError, match="immutable"):
            delattr(encoder, name)
    for mapping in (encoder.parameters, encoder.resolved):
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["Gain"] = 2  # type: ignore[index] - that is the test
    assert encoder == NetEncoder("Toy")


def test_given_values_are_not_kept() -> None:
    """A later change to a given list does not change the encoder."""
    bands = [1, 2]
    encoder = NetEncoder("Toy", Bands=bands)
    bands.append(3)
    assert encoder.parameters["Bands"] == (1, 2)


def test_copies_are_the_same_object() -> None:
    """A copy of an immutable encoder is the encoder itself."""
    encoder = NetEncoder("Toy")
    assert copy.copy(encoder) is encoder
    assert copy.deepcopy([encoder])[0] is encoder


def test_replace_keeps_automatic() -> None:
    """Automatic values are derived again, given values stay, the old encoder is unchanged."""
    encoder = NetEncoder("Toy", Hop=5)
    changed = encoder.replace(SampleRate=16000)
    assert (changed.resolved["Size"], changed.resolved["Hop"]) == (160, 5)
    assert encoder.resolved["Size"] == 80
    with pytest.raises(ParameterError, match=r"Toy: 1 problem\n  unknown parameter 'self'"):
        encoder.replace(self=1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Toi", r"^no encoder 'Toi'\. Did you mean 'Toy'\?"),
        ("toy", r"^no encoder 'toy'\. Did you mean 'Toy'\?"),
        ("", r"^no encoder ''\. Known: "),
        ("x" * 10**6, r"^no encoder 'x+\.\.\.x+'\. Known: "),
        (None, r"^the name of an encoder must be a text\. Got None\."),
        ([], r"^the name of an encoder must be a text\. Got \[\]\."),
        (
            Path("a.yaml"),
            r"must be a text\. Got \w+Path\('a.yaml'\)\. NetEncoder\.from_yaml\('a.yaml'\) reads a",
        ),
        (
            "toy.yaml",
            r"^no encoder 'toy.yaml'\. NetEncoder\.from_yaml\('toy.yaml'\) reads a spec\.$",
        ),
        ("a/b.yml", r"^no encoder 'a/b.yml'\. NetEncoder\.from_yaml\('a/b.yml'\) reads a spec"),
        ("a.yaml:B", r"^no encoder 'a.yaml:B'\. NetEncoder\.from_yaml\('a.yaml', 'B'\) reads a"),
        ("a.json", r"^no encoder 'a.json'\. NetEncoder\.from_config\('a.json'\) reads the config"),
        ("a.conf", r"^no encoder 'a.conf'\. NetEncoder\.from_config\('a.conf'\) reads the config"),
        ("someone/toy-tiny", r"^no encoder 'someone/toy-tiny'\. Known: "),
        ("someone/toyy", r"^no encoder 'someone/toyy'\. Did you mean 'Toy'\?"),
        (NetEncoder, r"^the name of an encoder must be a text\. Got <class"),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_unknown_encoder_name_raises(name: Any, message: str) -> None:
    """Any unknown name, of any type, is an EncoderNotFoundError."""
    with pytest.raises(EncoderNotFoundError, match=message):
        NetEncoder(name)


def test_parameter_called_name_is_unknown() -> None:
    """A parameter called 'name' is reported as unknown, like any other."""
    with pytest.raises(ParameterError, match=r"Toy: 2 problems\n  unknown .* 'name'\..*\n.*'self'"):
        NetEncoder("Toy", name=1, self=2)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_opens_in_a_process_that_has_not_imported_the_plugin(protocol: int) -> None:
    """A new process unpickles an encoder without an import of its plugin."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000, TargetLength=All)
    code = (
        "import pickle, sys; encoder = pickle.loads(bytes.fromhex(sys.argv[1]));"
        "print(encoder, encoder.digest, encoder.output)"
    )
    data = pickle.dumps(encoder, protocol=protocol)
    assert f"{encoder} {encoder.digest} {encoder.output}" == run(code, data.hex())


def test_pickle_of_an_encoder_that_the_other_process_lacks() -> None:
    """The error for an unknown encoder in a pickle names the encoder."""
    data = pickle.dumps(NetEncoder("Toy"))
    code = (
        "import pickle, sys\n"
        "try: pickle.loads(bytes.fromhex(sys.argv[1]))\n"
        "except LookupError as error: print(type(error).__name__, error)"
    )
    assert run(code, data.hex()).startswith("EncoderNotFoundError no encoder 'Toy'.")


def test_output_is_known_before_the_call() -> None:
    """The form of the output is known before a call, and the array has this form."""
    encoder = NetEncoder("Toy", Gain=2.5)
    assert encoder.output.dims == (Varying, 2)
    assert encoder.output.axes[0].step == 27 / 8000
    assert encoder.output.matches(encoder(3))
    np.testing.assert_array_equal(encoder(3), np.full((3, 2), 2.5, np.float32), strict=True)


def test_list_is_a_batch() -> None:
    """A list gives a list of arrays; a tuple is one input."""
    encoder = NetEncoder("Toy")
    assert [array.shape for array in encoder([1, 3])] == [(1, 2), (3, 2)]
    assert encoder([]) == []
    with pytest.raises(EncodeError, match=r"^a value of type tuple: Toy raised TypeError"):
        encoder((1, 3))


def test_array_of_the_output_form_is_returned_unchanged() -> None:
    """Only an array of the output form is returned unchanged."""
    encoder = NetEncoder("Toy")
    array = encoder(3)
    assert encoder(array) is array
    assert next(encoder.stream(array)) is array
    assert encoder([array, array])[1] is array
    with pytest.raises(EncodeError, match="a value of type ndarray: Toy raised"):
        encoder(array.astype(np.float64))


@pytest.mark.parametrize("bug", [ValueError("boom"), RecursionError("boom"), MemoryError("boom")])
def test_exception_of_an_encoder_becomes_an_encode_error(bug: Exception) -> None:
    """Any exception of an encoder becomes an EncodeError with the input's name and the cause."""
    encoder = NetEncoder("Toy")
    for action in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(EncodeError, match=rf"Toy raised {type(bug).__name__}: boom") as caught:
            action(bug)
        assert caught.value.code == "bug"
        assert caught.value.__cause__ is bug
        assert caught.value.source == f"a value of type {type(bug).__name__}"
        assert "please report it" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        (FileNotFoundError(2, "No such file"), "no such file (check the path)", "not-found"),
        (
            PermissionError(13, "x"),
            "no permission to read it (check its permissions)",
            "permission",
        ),
        (IsADirectoryError(21, "Is a directory"), "Is a directory (check the path)", "unreadable"),
        (OSError(), "cannot be read (check the path)", "unreadable"),
    ],
    ids=lambda value: f"{value!s:.20}",
)
@pytest.mark.parametrize("kind", [str, Path])
def test_os_error_of_the_input_is_an_error_of_the_input(error, message, code, kind):
    """An OSError that names the input's path is an error of the input, not of the encoder."""
    error.filename = "data/a.csv"

    def encode(self, value):
        raise error

    with registered(failing(encode=encode)), pytest.raises(EncodeError) as caught:
        NetEncoder("Failing")(kind("data/a.csv"))
    assert (f"data/a.csv: {message}", code) == (str(caught.value), caught.value.code)


@pytest.mark.parametrize("named", ["other.csv", None, 3])
def test_os_error_of_another_file_is_a_bug_of_the_encoder(named):
    """An OSError that names another file, or no file, is a bug of the encoder."""

    def encode(self, value):
        error = OSError(2, "No such file")
        error.filename = named
        raise error

    for value in ("a.csv", 3):
        with (
            registered(failing(encode=encode)),
            pytest.raises(EncodeError, match="raised FileNotFoundError") as caught,
        ):
            NetEncoder("Failing")(value)
        assert "bug" == caught.value.code


def test_stop_iteration_does_not_end_a_batch() -> None:
    """A StopIteration of an encoder is an error, not the end of the inputs."""
    encoder = NetEncoder("Toy")
    for workers in (1, 2):
        _, error, last = encoder.map([1, StopIteration(), 2], workers=workers, on_error="return")
        assert isinstance(error, EncodeError)
        assert error.code == "bug"
        assert np.shape(last) == (2, 2)
    with pytest.raises(EncodeError, match="StopIteration"):
        list(encoder.stream(StopIteration()))


def test_encode_error_gets_its_source() -> None:
    """An EncodeError is raised unchanged, with the name of the input if it has none."""
    encoder = NetEncoder("Toy")
    with pytest.raises(EncodeError, match=r"^a value of type EncodeError: bad$") as caught:
        encoder(EncodeError("bad", code="mine"))
    assert caught.value.code == "mine"
    with pytest.raises(EncodeError, match=r"^a\.wav: bad$"):
        encoder(EncodeError("bad", source="a.wav"))
    with pytest.raises(EncodeError, match=r"^some/file: Toy raised TypeError"):
        encoder("some/file")


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_interrupt_is_raised_unchanged(interrupt: type[BaseException]) -> None:
    """A KeyboardInterrupt is not a bug of the encoder."""
    encoder = NetEncoder("Toy")
    for workers in (1, 2):
        with pytest.raises(interrupt, match="now"):
            list(encoder.map([1, interrupt("now"), 1], workers=workers, on_error="return"))
    with pytest.raises(interrupt, match="now"):
        encoder(interrupt("now"))


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (None, "TypeError: the result is of type NoneType, not an array"),
        ([[1.0, 2.0]], "TypeError: the result is of type list, not an array"),
        (np.float32(1), r"of type float32, not an array \(a number is np\.array\(number\)\)"),
        (np.zeros((3, 2)), "ValueError: .* declared form: type float64 is not float32"),
        (np.zeros((3, 1), np.float32), r"dimensions \(3, 1\) do not fit \(Varying, 2\)"),
        (np.zeros((0, 2), np.float32), r"dimensions \(0, 2\) do not fit \(Varying, 2\)"),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_result_of_another_form_is_a_bug_of_the_encoder(result: Any, problem: str) -> None:
    """An array without the declared form is a bug of the encoder."""
    encoder = NetEncoder("Toy")
    for action in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(EncodeError, match=problem) as caught:
            action(lambda: result)
        assert caught.value.code == "bug"


class Streaming(Revised):
    """Streams the elements of its input; raises those that are exceptions."""

    name = "Streaming"

    def output(self) -> ArraySpec:
        """Return a form of fixed length, which no block of a stream has."""
        return ArraySpec((4, 2))

    def stream(self, value: Any) -> Iterator[Any]:
        """Yield the elements of `value`."""
        if isinstance(value, Exception):
            raise value
        return iter(value)


def test_stream_block_has_any_number_of_rows() -> None:
    """Blocks have the output form, with any number of rows."""
    block = np.zeros((2, 2), np.float32)
    with registered(Streaming):
        assert [(2, 2), (2, 2)] == [b.shape for b in NetEncoder("Streaming").stream([block, block])]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (EncodeError("bad", code="mine"), "a value of type EncodeError: bad"),
        (ValueError("boom"), "Streaming raised ValueError: boom"),
        (5, "Streaming raised TypeError: 'int' object is not iterable"),
        ([None], "result is of type NoneType"),
        ([np.zeros((2, 3), np.float32)], r"dimensions \(2, 3\) do not fit \(Varying, 2\)"),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_failure_of_a_stream_is_an_encode_error(value: Any, problem: str) -> None:
    """A failure of a stream, at the start or later, is an EncodeError."""
    with registered(Streaming), pytest.raises(EncodeError, match=problem):
        list(NetEncoder("Streaming").stream(value))


@pytest.mark.parametrize("error", [None, OSError("full")])
def test_closed_stream_ends_under_its_policies(error: Exception | None) -> None:
    """A stream that is closed early runs the `finally` of the plugin under its policies."""
    seen = []

    def blocks() -> Iterator[Any]:
        try:
            while True:
                yield np.zeros((1, 2), np.float32)
        finally:
            seen.append(current("a", None))
            if error:
                raise error

    with registered(Streaming):
        encoder = NetEncoder("Streaming")
    with policies({"a": 1}):
        stream: Any = encoder.stream(blocks())
    next(stream)
    if error is None:
        stream.close()
    else:
        with pytest.raises(EncodeError, match="Streaming raised OSError: full"):
            stream.close()
    assert [1] == seen


def test_modules_are_prepared_in_a_thread_of_their_own() -> None:
    """`prepare` of an encoder runs in another thread: before the threads of `map`, and by name."""
    seen: list[int] = []

    class Prepared(Streaming):
        name = "Prepared"

        def prepare(self) -> None:
            seen.append(threading.get_ident())

        def encode(self, value: Any) -> Any:
            assert seen
            return np.zeros((4, 2), np.float32)

    with registered(Prepared):
        encoder = NetEncoder("Prepared")
    encoder.prepare()
    assert 3 == len(list(encoder.map([1, 2, 3], workers=2)))
    assert 2 == len(seen)
    assert threading.get_ident() not in seen


def test_failure_of_prepare_is_a_plugin_error() -> None:
    """A `prepare` that fails is an error of the plugin, and names the encoder."""

    class Unprepared(Streaming):
        name = "Unprepared"

        def prepare(self) -> None:
            raise ImportError("no module")

    with registered(Unprepared):
        encoder = NetEncoder("Unprepared")
    problem = r"^encoder Unprepared: prepare\(\) raises ImportError: no module$"
    with pytest.raises(PluginError, match=problem):
        encoder.prepare()
    with pytest.raises(PluginError, match=problem):
        next(encoder.map([1], workers=2))


def test_first_block_is_encoded_on_request() -> None:
    """The first block is encoded when it is requested."""
    stream = NetEncoder("Toy").stream(ValueError("boom"))
    with pytest.raises(EncodeError, match="boom"):
        next(stream)


def test_error_of_a_constraint_names_the_encoder() -> None:
    """The error for a constraint names the encoder."""

    class Constrained(Revised):
        name = "Constrained"
        parameters = (Parameter("A", Integer(), default=1),)

        @classmethod
        def constraints(cls, resolved: Any) -> list[str]:
            return ["A must be odd."] if resolved["A"] % 2 == 0 else []

    with registered(Constrained):
        assert NetEncoder("Constrained").resolved == {"A": 1}
        with pytest.raises(ParameterError, match=r"^Constrained: 1 problem\n  A must be odd\.$"):
            NetEncoder("Constrained", A=2)


@settings(max_examples=20)
@given(st.lists(st.integers(1, 5), max_size=20), st.integers(1, 4))
def test_map_agrees_with_a_loop(values: list[int], workers: int) -> None:
    """Any number of workers gives the results of a loop, in its order."""
    encoder = NetEncoder("Toy", Gain=0.1)
    mapped = list(encoder.map(values, workers=workers))
    assert [encoder(value).tobytes() for value in values] == [
        array.tobytes() for array in mapped if isinstance(array, np.ndarray)
    ]


@pytest.mark.parametrize("wrong", [5, "AudioSpectrogram", None, [("encoder", "x")]])
def test_from_dict_refuses_other_types(wrong):
    """A declaration must be a mapping."""
    with pytest.raises(SpecError, match=r"^a declaration must be a mapping\. Got "):
        NetEncoder.from_dict(wrong)


def failing(**body):
    """Return an encoder class with some attributes replaced."""
    sound = {
        "__doc__": "Gives a one.",
        "name": "Failing",
        "__module__": __name__,
        "output": lambda self: ArraySpec((1,)),
        "encode": lambda self, value: np.ones(1, np.float32),
    }
    return type("Failing", (Encoder,), {**sound, **body})


def raising(*arguments):
    """Raise an exception that a plugin might raise."""
    raise KeyError("window")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"__init__": raising}, "cannot be created: KeyError: 'window'"),
        ({"output": raising}, "cannot be created: KeyError: 'window'"),
        (
            {"output": lambda self: (1,)},
            "cannot be created: TypeError: output() gives (1,), which is",
        ),
        ({"constraints": classmethod(raising)}, "constraints() raised KeyError: 'window'"),
        (
            {"constraints": classmethod(lambda cls, resolved: None)},
            "constraints() raised TypeError",
        ),
    ],
)
def test_error_of_a_plugin_in_construction_names_the_plugin(body, message):
    """An error in the code of a plugin is a PluginError with the name of the plugin."""
    with registered(failing(**body)), pytest.raises(PluginError) as caught:
        NetEncoder("Failing")
    assert str(caught.value).startswith(f"encoder Failing, this process ({__name__}): {message}")


class Resolving(Integer):
    """A type whose `resolve` returns or raises the given result."""

    def __init__(self, result):
        super().__init__()
        self.result = result

    def resolve(self, value, depends):
        """Return or raise the result."""
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (KeyError("x"), "the type of 'Size' raised KeyError for 1: 'x'"),
        (np.float32(3), r"'Size' resolves to .*3\.0\)?, of type float32. It must be a str, int, "),
        (float("nan"), "'Size' resolves to nan, of type float"),
        ((1, [np.zeros(2)]), "'Size' resolves to .*, of type tuple"),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_type_whose_resolve_fails_is_an_error_of_the_plugin(result, message):
    """The error names the plugin, the parameter and the values that are possible."""
    size = Parameter("Size", Resolving(result), default=1)
    with registered(failing(parameters=(size,))), pytest.raises(PluginError) as caught:
        NetEncoder("Failing")
    assert re.match(rf"encoder Failing, this process \({__name__}\): {message}", str(caught.value))


def test_constraints_may_return_one_sentence():
    """A single sentence from `constraints` is one problem."""
    cls = failing(constraints=classmethod(lambda cls, resolved: "Size and Hop do not fit."))
    with registered(cls), pytest.raises(ParameterError) as caught:
        NetEncoder("Failing")
    assert ("Size and Hop do not fit.",) == caught.value.problems


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_encoded_array_that_is_not_finite(toy, wrong):
    """An array of the output form with NaN or infinity is refused."""
    array = np.full((3, 2), wrong, np.float32)
    for call in (NetEncoder("Toy"), lambda value: list(NetEncoder("Toy").stream(value))):
        with pytest.raises(EncodeError, match="contains NaN or infinity") as caught:
            call(array)
        assert "non-finite" == caught.value.code


def test_encoder_has_weak_references(toy):
    """An encoder can have weak references."""
    encoder = NetEncoder("Toy")
    assert weakref.ref(encoder)() is encoder


def test_map_has_errors_in_its_type_only_with_on_error_return():
    """For type checkers, `map` yields errors only with on_error='return'."""
    overloads = [inspect.signature(overload) for overload in get_overloads(NetEncoder.map)]
    assert [
        ("Literal['raise']", "Iterator[npt.NDArray[Any]]"),
        ("Literal['return']", "Iterator[npt.NDArray[Any] | EncodeError]"),
    ] == [(given.parameters["on_error"].annotation, given.return_annotation) for given in overloads]
    names = list(inspect.signature(NetEncoder.map).parameters)
    assert [names, names] == [list(given.parameters) for given in overloads]


def test_timeout_without_isolation_is_refused(toy):
    """A time limit without isolation is refused."""
    with pytest.raises(ValueError, match=r"^timeout needs isolate=True: a thread"):
        NetEncoder("Toy").map([1], timeout=3)


def test_isolation_of_an_encoder_of_this_process_is_refused(toy):
    """An encoder of this process only is refused before a process starts."""
    with pytest.raises(PluginError, match=r"^encoder Toy: it is registered in this process only"):
        NetEncoder("Toy").map([1], isolate=True)


def test_error_of_a_spec_parameter_names_the_file(toy, tmp_path):
    """The error for a bad value in a spec names the file."""
    path = tmp_path / "mine.yaml"
    for name in ("", "name: Mine\n"):
        path.write_text(f"schema: 1\n{name}encoder: Toy\nparameters: {{Gian: 2}}\n")
        with pytest.raises(ParameterError) as caught:
            NetEncoder.from_yaml(path)
        assert str(caught.value).startswith(f"{path}: {'Mine' if name else 'Toy'}: 1 problem\n")

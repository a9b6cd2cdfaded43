"""NetDecoder: arrays, batches, properties, parameters, pickles and specs."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_decoders import Choice, Odd, probabilities, toys

from netencoders import (
    ArraySpec,
    Asset,
    Automatic,
    DecodeError,
    Decoder,
    DecoderNotFoundError,
    DigestError,
    Encoder,
    Integer,
    Labels,
    NetDecoder,
    NetEncoder,
    Parameter,
    ParameterError,
    PluginError,
    Property,
    SpecError,
    decoders,
    registered,
)
from netencoders.registry import find_decoder


@pytest.fixture(autouse=True)
def _toys() -> Iterator[None]:
    """Register the decoders of the tests."""
    with toys():
        yield


@pytest.fixture
def choice() -> NetDecoder:
    """Return a decoder of two labels."""
    return NetDecoder("Choice", ["cat", "dog"])


class Choosing(Encoder):
    """The place of a label."""

    name = "Choosing"
    parameters = (Parameter("Labels", Labels(), doc="the labels"),)
    positional = ("Labels",)

    def output(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((len(self.resolved["Labels"]),))

    def encode(self, value: Any) -> Any:
        """Return the array."""
        return np.array([label == value for label in self.resolved["Labels"]], np.float32)

    def decoder(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return the decoder of the labels."""
        return "Choice", {"Labels": self.resolved["Labels"]}


def odd(result: Any) -> type[Decoder]:
    """Return a decoder with a result, or a function of the array that returns it."""
    given = staticmethod(result) if callable(result) else result
    return type("Odd", (Odd,), {"__doc__": "Odd.", "result": given})


def test_call_gives_the_first_property(choice: NetDecoder) -> None:
    """An array gives the default property; a name gives another one."""
    array = probabilities(0.25, 0.75)
    assert "dog" == choice(array)
    assert {"cat": 0.25, "dog": 0.75} == choice(array, "Probabilities")
    assert ("Decision", "Probabilities", "TopProbabilities", "Array") == choice.properties


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([0.25, 0.75], "dog"),
        ((0.75, 0.25), "cat"),
        ([0, 1], "dog"),
        (np.array([0.25, 0.75]), "dog"),
        (np.array([0.25, 0.75], np.float16), "dog"),
        (np.array([0.25, 0.75], ">f4"), "dog"),
        (np.array([0.1, 0.2, 0.3, 0.4], np.float32)[::2], "dog"),
        ([np.float32(0.25), np.float32(0.75)], "dog"),
        ([np.array(0.25), np.array(0.75)], "dog"),
        ([[0.25, 0.75]], ["dog"]),
        (np.array([[0.25, 0.75], [1, 0]]), ["dog", "cat"]),
        ([np.array([0.25, 0.75]), [1, 0]], ["dog", "cat"]),
        ((np.array([0.25, 0.75]), np.array([1, 0])), ["dog", "cat"]),
        ([], []),
        ((), []),
        (np.zeros((0, 2)), []),
    ],
)
def test_arrays_and_batches(choice: NetDecoder, value: Any, expected: Any) -> None:
    """The number of dimensions tells one array from a batch, in lists and in arrays."""
    assert expected == choice(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.75, True),
        (1, True),
        (np.float32(0.25), False),
        (np.array(0.75), True),
        ([0.25, 0.75], [False, True]),
        (np.array([0.25, 0.75], np.float32), [False, True]),
        ([np.array(0.25), np.float64(0.75)], [False, True]),
        ([], []),
    ],
)
def test_arrays_without_dimensions(value: Any, expected: Any) -> None:
    """A decoder of a number takes numbers, and a list or an array of one dimension as a batch."""
    assert expected == NetDecoder("Truth")(value)


def test_batch_of_unequal_sizes() -> None:
    """Arrays whose size varies may be a batch in a list, also as nested lists."""
    decoder = NetDecoder("Places")
    one, two = [[0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]
    assert [1] == decoder(one)
    assert [[1], [0, 1]] == decoder([one, two])
    assert [[1], [0, 1]] == decoder([np.array(one), np.array(two)])
    assert [0, 1] == decoder([np.array(row) for row in two])
    assert [[0, 1], [0, 1]] == decoder(np.array([two, two]))


def test_array_of_another_library(choice: NetDecoder) -> None:
    """An object with the method __array__ is an array; its failure is a DecodeError."""

    class Tensor:
        def __init__(self, values: Any) -> None:
            self.values = values

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            if self.values is None:
                raise RuntimeError("it needs detach()")
            return np.array(self.values, dtype)

    assert "dog" == choice(Tensor([0.25, 0.75]))
    assert ["dog", "cat"] == choice([Tensor([0.25, 0.75]), Tensor([1, 0])])
    with pytest.raises(DecodeError, match=r"takes an array: RuntimeError: it needs detach\(\)"):
        choice(Tensor(None))


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (None, "unsupported-input", "a value of type NoneType: a decoder takes an array"),
        ("dog", "unsupported-input", "a value of type str: a decoder takes an array"),
        ({"a": 1}, "unsupported-input", "a value of type dict: a decoder takes an array"),
        (0.5, "unsupported-input", r"shape \(\): Choice takes 1 dimension, or 2 as a batch"),
        (np.zeros((1, 1, 2)), "unsupported-input", r"shape \(1, 1, 2\): Choice takes 1 dimension,"),
        ([0.5], "unsupported-input", r"of another form: dimensions \(1,\) do not fit \(2,\)"),
        (["a", "b"], "unsupported-input", "of another form: type <U1 is not float32"),
        ([True, False], "unsupported-input", "of another form: type bool is not float32"),
        ([1j, 0], "unsupported-input", "of another form: type complex128 is not float32"),
        ([None, 1], "unsupported-input", "of another form: type object is not float32"),
        ([2**24 + 1, 0], "unsupported-input", "of another form: type int64 is not float32"),
        ([float("nan"), 1], "non-finite", r"Choice gets NaN or infinity \(check the net"),
        ([float("inf"), 1], "non-finite", "Choice gets NaN or infinity"),
        ([1e39, 0], "out-of-range", "takes float32, and a number is too large for this type"),
        (np.ma.array([1, 2]), "unsupported-input", "it is a masked array, .* array.filled"),
        ([-1, 0], "not-probabilities", r"an array of shape \(2,\): a probability is negative"),
    ],
)
def test_refused_arrays(choice: NetDecoder, value: Any, code: str, text: str) -> None:
    """Anything that is not an array of the form is refused with a code, and is not guessed."""
    with pytest.raises(DecodeError, match=text) as caught:
        choice(value)
    assert (code, None) == (caught.value.code, caught.value.index)


@pytest.mark.parametrize(
    ("value", "index"),
    [
        ([[0.5, 0.5], [float("nan"), 0]], 1),
        ([[0.5, 0.5], [0.5]], 1),
        ([np.zeros(2), np.zeros(3)], 1),
        ([np.zeros(2), None], 1),
        ([np.ma.array([1, 2]), np.zeros(2)], 0),
        ([[0.5, 0.5], [[[1], [1, 2]]]], 1),
    ],
)
def test_refused_element_of_a_batch(choice: NetDecoder, value: Any, index: int) -> None:
    """The error of a batch has the position of the array."""
    with pytest.raises(DecodeError, match=rf"^element {index}: |masked") as caught:
        choice(value)
    assert caught.value.index in (index, None)


def test_integers_stay_exact() -> None:
    """Integers of another type are converted if the type holds them, and their range is checked."""
    decoder = NetDecoder("Numbered", Words=["a", "b"], Model=b"m")
    assert "a b" == decoder(np.array([0, 1], np.uint8))
    with pytest.raises(DecodeError, match=r"Numbered: the largest value is 2, and must be at most"):
        decoder([0, 2])
    with pytest.raises(DecodeError, match=r"type float64 is not int64"):
        decoder([0.0])
    with pytest.raises(DecodeError, match=r"type uint64 is not int64"):
        decoder(np.array([2**63], np.uint64))


def test_array_is_read_only_and_the_value_is_new(choice: NetDecoder) -> None:
    """A decoder cannot write to the caller's array, and its value shares no memory with it."""
    array = probabilities(0.25, 0.75)
    value = choice(array, "Array")
    assert not np.shares_memory(value, array)
    assert array.flags.writeable
    value[0] = 7
    assert 0.25 == array[0]

    def write(array: Any) -> None:
        array[0] = 1

    with (
        registered(odd(write)),
        pytest.raises(DecodeError, match=r"Odd raised ValueError: assignment .* read-only"),
    ):
        NetDecoder("Odd")(array)
    with registered(odd(lambda array: array.flags.c_contiguous)):
        assert NetDecoder("Odd")(np.zeros((2, 2), np.float32)[:, 0])


@pytest.mark.parametrize(
    ("wanted", "options", "expected"),
    [
        (("TopProbabilities", 2), {}, [("dog", 0.75), ("cat", 0.25)]),
        (["TopProbabilities", 2], {}, [("dog", 0.75), ("cat", 0.25)]),
        (("TopProbabilities",), {}, [("dog", 0.75)]),
        (("TopProbabilities", 1, True), {}, [("dog", 75.0)]),
        (("TopProbabilities", 1), {"Percent": True}, [("dog", 75.0)]),
        ("TopProbabilities", {"Count": 1}, [("dog", 0.75)]),
        (None, {}, "dog"),
    ],
)
def test_properties(choice: NetDecoder, wanted: Any, options: Any, expected: Any) -> None:
    """A property is a name, or a tuple of the name and its options; options have names, too."""
    array = [0.25, 0.75]
    assert expected == choice(array, wanted, **options)
    assert [expected] == choice([array], wanted, **options)


@pytest.mark.parametrize(
    ("wanted", "options", "text"),
    [
        ("Probability", {}, "'Probability' is no property. Did you mean 'Probabilities'"),
        ("Nothing", {}, "'Nothing' is no property. It has: Decision, Probabilities, Top"),
        (7, {}, "7 is no property. It has: Decision"),
        ((), {}, r"\(\) is no property"),
        (([], 1), {}, r"\[\] is no property"),
        (("Decision", 2), {}, "Choice, Decision: .*the property 'Decision' has no options"),
        ("Decision", {"Count": 2}, "the property 'Decision' has no options"),
        (None, {"Count": 2}, "the property 'Decision' has no options"),
        (("TopProbabilities", 2, True, 3), {}, "has the options Count, Percent. Got 3"),
        (("TopProbabilities", 2), {"Count": 2}, "'Count' is given twice, with and without name"),
        ("TopProbabilities", {"Number": 2}, "unknown parameter 'Number'"),
        (("TopProbabilities", 0), {}, "'Count' must be an integer >= 1. Got 0"),
    ],
)
def test_refused_properties(choice: NetDecoder, wanted: Any, options: Any, text: str) -> None:
    """An unknown property or option is refused before any array is decoded, by name."""
    with pytest.raises(ParameterError, match=rf"(?s){text}"):
        choice(object(), wanted, **options)


def test_options_may_depend_on_each_other() -> None:
    """The options of a property are resolved in the order of their dependencies."""
    options = (
        Parameter("Last", Integer(), Automatic, automatic=lambda First: First + 1, doc="the last"),
        Parameter("First", Integer(), 3, doc="the first"),
    )

    class Range(Odd):
        """A range."""

        properties = (Property("Range", "a range", options),)

        def decode(self, array: Any, name: str, options: Mapping[str, Any]) -> Any:
            """Return the property."""
            return options["First"], options["Last"]

    with registered(Range):
        assert (3, 4) == NetDecoder("Odd")([0, 0])
        assert (3, 9) == NetDecoder("Odd")([0, 0], ("Range", 9))


def test_parameters(choice: NetDecoder) -> None:
    """A decoder is a declared value: parameters, repr, replace, equality, immutability."""
    assert "NetDecoder(\"Choice\", Labels=('cat', 'dog'))" == repr(choice)
    assert choice == NetDecoder("Choice", Labels=("cat", "dog"))
    assert hash(choice) == hash(NetDecoder("Choice", Labels=("cat", "dog")))
    assert choice != choice.replace(Threshold=0.5)
    assert choice.digest != choice.replace(Threshold=0.5).digest
    assert choice.replace(Threshold=0.9)([0.25, 0.75]) is None
    assert ArraySpec((2,)) == choice.input
    assert "the label of each probability" in choice._repr_html_()
    with pytest.raises(AttributeError, match=r"a NetDecoder is immutable"):
        choice.name = "x"
    with pytest.raises(ParameterError, match=r"'Labels' is required \(the label of each prob"):
        NetDecoder("Choice")
    with pytest.raises(ParameterError, match=r"unknown parameter 'Label'. It has no parameters"):
        NetDecoder("Truth", Label=1)


def test_names() -> None:
    """Decoders are found by name, and listed; encoders and layers have names of their own."""
    assert "Choice" in decoders()
    assert "Choice" not in repr(decoders()["Truth"])
    assert "The label of the largest probability." == find_decoder("Choice").summary
    assert find_decoder("Choice").parameters == Choice.parameters
    with pytest.raises(DecoderNotFoundError, match=r"no decoder 'Choise'. Did you mean 'Choice'"):
        NetDecoder("Choise")
    with pytest.raises(DecoderNotFoundError, match=r"must be a text. Got 7"):
        NetDecoder(7)  # type: ignore[arg-type]  # the call under test


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"properties": [Property("A", "a")]}, "'properties' must be a tuple of Property"),
        ({"properties": (Property("A", "a"), Property("A", "b"))}, "and unique. Got 'A'"),
        ({"properties": (Property("a b", "a"),)}, "a property's name must be a letter"),
        ({"properties": (Property("A", ""),)}, "the property A needs one line of doc"),
        (
            {"properties": (Property("A", "a", Parameter("B", Integer(), 1)),)},  # type: ignore[arg-type]
            "'parameters' of the property A must be a tuple. Is a comma missing",
        ),
        (
            {"properties": (Property("A", "a", (Parameter("B", Integer(), "x"),)),)},
            "property A: the default is refused",
        ),
    ],
)
def test_refused_declarations(change: Any, text: str) -> None:
    """An invalid declaration is refused when the class is made."""
    with pytest.raises(PluginError, match=text):
        type("Bad", (Odd,), change)


def test_refused_classes() -> None:
    """A class without properties, or whose form is none, is refused by name."""
    bad = type("Bad", (Odd,), {"properties": ()})
    with (
        pytest.raises(PluginError, match=r"properties must have at least one Property"),
        registered(bad),
    ):
        pass
    with (
        registered(type("Bad", (Odd,), {"input": lambda self: (2,)})),
        pytest.raises(PluginError, match=r"input\(\) gives \(2,\), which is not an ArraySpec"),
    ):
        NetDecoder("Odd")


def test_failures_of_the_code() -> None:
    """An exception of a decoder is a DecodeError with the code ``bug``."""
    with (
        registered(odd(lambda array: 1 / 0)),
        pytest.raises(DecodeError, match=r"Odd raised ZeroDivisionError.*bug of the decoder"),
    ):
        NetDecoder("Odd")([0, 0])


def test_from_encoder_and_from_decoder(choice: NetDecoder) -> None:
    """An encoder and its decoder lead to each other; a failure names the plugin."""
    with registered(Choosing):
        encoder = NetEncoder.from_decoder(choice)
        assert NetEncoder("Choosing", ["cat", "dog"]) == encoder
        assert choice == NetDecoder.from_encoder(encoder)
        assert "dog" == choice(encoder("dog"))
    with pytest.raises(ParameterError, match=r"no encoder belongs to it"):
        NetEncoder.from_decoder(NetDecoder("Truth"))
    with pytest.raises(ParameterError, match=r"no decoder belongs to it: its arrays cannot be"):
        NetDecoder.from_encoder(NetEncoder("AudioSpectrogram"))
    with pytest.raises(ParameterError, match=r"no decoder belongs to it: it has layers"):
        NetDecoder.from_encoder(NetEncoder("AudioSpectrogram").then("Log"))
    with pytest.raises(TypeError, match=r"from_encoder takes a NetEncoder. Got 'Choosing'"):
        NetDecoder.from_encoder("Choosing")
    with pytest.raises(TypeError, match=r"from_decoder takes a NetDecoder. Got 'Choice'"):
        NetEncoder.from_decoder("Choice")
    for result, text in [("Choosing", "must return a name and a mapping"), (1 / 1, "Got 1.0")]:
        bad = type("Bad", (Odd,), {"encoder": lambda self, result=result: result})
        with registered(bad), pytest.raises(PluginError, match=rf"{text}") as caught:
            NetEncoder.from_decoder(NetDecoder("Odd"))
        assert "decoder Odd" in str(caught.value)


def test_pickle(choice: NetDecoder) -> None:
    """A pickle gives an equal decoder, also of long values; another version is refused."""
    long = NetDecoder("Numbered", Words=[f"w{n}" for n in range(2000)], Model=bytes(100))
    for decoder in (choice, choice.replace(Threshold=0.5), long):
        again = pickle.loads(pickle.dumps(decoder))
        assert (decoder, decoder.digest) == (again, again.digest)
    text = pickle.dumps(choice)
    with (
        registered(type("Choice", (Choice,), {"revision": 2})),
        pytest.raises(DigestError, match=r"Choice was pickled with .*revision was 1, is 2"),
    ):
        pickle.loads(text)


def test_threads(choice: NetDecoder) -> None:
    """Any number of threads may use a decoder."""
    arrays = [probabilities(number / 1000, 1 - number / 1000) for number in range(1000)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(choice, arrays))
    assert choice(arrays) == results == choice(np.stack(arrays))


def test_dict_and_yaml(choice: NetDecoder) -> None:
    """A declaration gives an equal decoder: as a dict, as YAML, and with its digest."""
    for decoder in (choice, choice.replace(Threshold=0.25), NetDecoder("Truth")):
        for pin in (False, True):
            assert decoder == NetDecoder.from_dict(decoder.to_dict(pin=pin))
            assert decoder == NetDecoder.from_yaml(decoder.to_yaml(pin=pin))
    assert ["schema", "decoder", "digest", "parameters"] == [*choice.to_dict(pin=True)]
    lines = choice.to_yaml().splitlines()
    assert ["schema: 1", "decoder: Choice", "parameters:"] == lines[:3]


def test_yaml_with_files(tmp_path: Path) -> None:
    """Long values are files beside a spec; without them, the limit names the remedy."""
    words = [f"word{n}" for n in range(60_000)]
    decoder = NetDecoder(
        "Numbered", Words=words, Model=b"\0model", Weights={"a": [0.5] * 5000, "b": [1]}
    )
    spec = tmp_path / "spec.yaml"
    spec.write_text(decoder.to_yaml(pin=True, assets=tmp_path))
    names = sorted(each.name.partition("-")[0] for each in tmp_path.iterdir())
    assert ["Model", "Weights", "Words", "spec.yaml"] == names
    assert decoder == NetDecoder.from_yaml(spec)
    with pytest.raises(SpecError, match=r"more than .* values.*to_yaml\(assets=folder\)"):
        decoder.to_yaml()
    (tmp_path / "words.txt").write_text("yes\nno\n")
    (tmp_path / "m.bin").write_bytes(b"m")
    spec.write_text(
        "schema: 1\ndecoder: Numbered\n"
        "parameters: {Words: {asset: words.txt}, Model: {asset: m.bin}}\n"
    )
    assert "no yes" == NetDecoder.from_yaml(str(spec))([1, 0])
    given = NetDecoder("Numbered", Words=Asset(tmp_path / "words.txt"), Model=b"m")
    assert given == NetDecoder.from_yaml(spec)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema: 1\n", r"line 1.*'decoder' is missing: the name of the decoder to use"),
        ("decoder: Choice\n", "'schema' is missing: begin with 'schema: 1'"),
        ("schema: 2\ndecoder: Choice\n", "line 1.*this version of netencoders reads schema 1"),
        ("\n", "line 1.*the spec is empty"),
        ("- Choice\n", "line 1.*a decoder must be a mapping .*Got a list"),
        (
            "schema: 1\ndecoder: Choice\nparamters: {}\n",
            "line 3.*unknown key 'paramters'. Did you mean 'parameters'?",
        ),
        ("schema: 1\ndecoder: Choice\nlayers: []\n", "line 3.*unknown key 'layers'"),
        ("schema: 1\ndecoder: Choice\nparameters: 1\n", "line 3.*must be a mapping"),
        ("schema: 1\ndecoder: [a]\n", "line 2.*'decoder' must be a text on one line"),
        ("schema: 1\ndecoder: Choice\ndigest: abc\n", "line 3.*'digest' must be a sha256"),
        (
            "schema: 1\ndecoder: Choice\nparameters: {Labels: {asset: ../a.txt}}\n",
            "leads out of the folder",
        ),
        (
            "schema: 1\nencoder: Audio\n",
            "line 2.*the spec declares an encoder, and not a decoder: NetEncoder.from_yaml",
        ),
        ("schema: 1\nencoders: []\n", "line 2.*declares an encoder, and not a decoder"),
    ],
)
def test_refused_specs(text: str, message: str) -> None:
    """The problem of a spec is named with its line."""
    with pytest.raises(SpecError, match=rf"(?s){message.replace('?', chr(92) + '?')}"):
        NetDecoder.from_yaml(text)


def test_spec_of_a_decoder_is_no_encoder(choice: NetDecoder) -> None:
    """NetEncoder tells that a spec declares a decoder, also of several; and a dict as well."""
    text = "the spec declares a decoder, and not an encoder: NetDecoder.from_yaml or from_dict"
    with pytest.raises(SpecError, match=rf"line 2.*{text}"):
        NetEncoder.from_yaml(choice.to_yaml())
    with pytest.raises(SpecError, match=text):
        NetEncoder.from_dict(choice.to_dict())
    with pytest.raises(SpecError, match=rf"line 4, .*{text}"):
        NetEncoder.from_yaml("schema: 1\nencoders:\n- name: A\n  decoder: Choice\n")
    with pytest.raises(SpecError, match=r"a declaration must be a mapping. Got 'Choice'"):
        NetDecoder.from_dict("Choice")  # type: ignore[arg-type]  # the call under test


def test_digest_of_a_spec(choice: NetDecoder, tmp_path: Path) -> None:
    """A spec whose digest is another one is refused, with its file; so are its parameters."""
    spec = tmp_path / "decoder.yaml"
    spec.write_text(choice.to_yaml(pin=True).replace("dog", "cow"))
    with pytest.raises(DigestError, match=r"decoder\.yaml: the spec of the decoder Choice states"):
        NetDecoder.from_yaml(spec)
    spec.write_text("schema: 1\ndecoder: Choice\n")
    with pytest.raises(ParameterError, match=r"(?s)decoder\.yaml: Choice: .*'Labels' is required"):
        NetDecoder.from_yaml(spec)
    with pytest.raises(ParameterError, match=r"^Choice: "):
        NetDecoder.from_yaml("schema: 1\ndecoder: Choice\n")


def test_plugins_register_decoders(install: Callable[..., None]) -> None:
    """The hook register_decoders provides decoders; two of one name are a conflict."""
    code = (
        "from netencoders import Decoder, Property\n"
        "class Half(Decoder):\n"
        "    'Half of a number.'\n"
        "    name = 'Half'\n"
        "    properties = (Property('Value', 'half'),)\n"
        "    input = lambda self: ArraySpec(())\n"
        "    decode = lambda self, array, name, options: float(array) / 2\n"
        "@hookimpl\n"
        "def register_decoders(register):\n"
        "    register(Half)\n"
    )
    install("halves", code)
    assert 1.5 == NetDecoder("Half")(3)
    assert "halves 2.1" == NetDecoder("Half").version

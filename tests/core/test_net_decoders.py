"""Decoders at the output ports of nets: properties, batches, maps, pictures and forms."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_decoders import Odd, probabilities, toys

from netencoders import (
    ArraySpec,
    DecodeError,
    DecoderNotFoundError,
    EncodeError,
    Encoder,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetGraph,
    ParameterError,
    PortError,
    Varying,
)
from netencoders.decoder_inputs import arriving

CHOICE = ArraySpec((2,))
HALVES = probabilities(0.25, 0.75)


class Pair(Encoder):
    """Two numbers, from a text such as ``"0.25 0.75"``."""

    name = "Pair"
    inputs = ("text",)

    def output(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((2,))

    def encode(self, value: Any) -> Any:
        """Return the array."""
        if value == "bad":
            raise EncodeError("no numbers", code="no-numbers")
        return np.array([float(number) for number in value.split()], np.float32)


@pytest.fixture(autouse=True)
def _toys() -> Iterator[None]:
    """Register the encoder and the decoders of the tests."""
    with toys(Pair, Odd):
        yield


def chain(**ports: Any) -> NetChain:
    """Return a net that gives its input, with a decoder."""
    decoder = NetDecoder("Choice", ["cat", "dog"])
    given: dict[str, Any] = {"Input": "Pair", "Output": decoder, **ports}
    return NetChain([("same", {"Clip": {"Low": -1.0}})], **given)


def two() -> NetGraph:
    """Return a net of two output ports, of which both have decoders, and one raw port."""
    edges = [("Input", "same", "Choice"), ("Input", "sum", "Sum"), ("Input", "copy", "Raw")]
    layers = {"same": {"Clip": {"Low": -1.0}}, "sum": np.sum, "copy": {"Clip": {"Low": -1.0}}}
    choice = NetDecoder("Choice", ["cat", "dog"])
    return NetGraph(layers, edges, Input="Pair", Choice=choice, Sum="Truth")


def test_call_gives_a_value() -> None:
    """A call gives the first property, another one by name, and the array for None."""
    net = chain()
    assert "dog" == net("0.25 0.75")
    assert "dog" == net(HALVES)
    assert {"cat": 0.25, "dog": 0.75} == net(HALVES, Output="Probabilities")
    assert [("dog", 0.75), ("cat", 0.25)] == net(HALVES, Output=("TopProbabilities", 2))
    np.testing.assert_array_equal(HALVES, net(HALVES, Output=None))
    assert "dog" == net({"Input": HALVES})
    assert {"Output": NetDecoder("Choice", ["cat", "dog"])} == dict(net.decoders)
    assert CHOICE.dims == net.outputs["Output"].dims  # type: ignore[union-attr]


def test_integers_of_a_range_fit_a_decoder_of_numbers() -> None:
    """Numbers that are converted to floating-point numbers have no range of integers."""
    codes = ArraySpec((2,), "int64", low=0, high=1)
    assert CHOICE == arriving(codes, CHOICE)


def test_batches() -> None:
    """A batch gives a list, in a call and in `map`, with any batch size and in processes."""
    net = chain()
    values = ["0.25 0.75", "1 0", "0 1"] * 4
    labels = ["dog", "cat", "dog"] * 4
    assert labels == net(values)
    top = [[(label, 1.0)] for label in ("cat", "dog")]
    assert top == net(["1 0", "0 1"], Output="TopProbabilities")
    for options in ({}, {"workers": 3}, {"batch_size": 5}, {"batch_size": 5, "workers": 2}):
        assert labels == list(net.map(values, **options))
        found = list(net.map(values, outputs={"Output": "Probabilities"}, **options))
        assert {"cat": 1.0, "dog": 0.0} == found[1]
    raw = list(net.map(values, outputs={"Output": None}))
    np.testing.assert_array_equal([[0.25, 0.75], [1, 0], [0, 1]], raw[:3])
    mapped = NetChain([("same", np.copy)], Input=CHOICE, Output=NetDecoder("Choice", ["a", "b"]))
    assert ["b", "a"] == list(mapped.map([HALVES, HALVES[::-1]], isolate=True))


def test_several_ports() -> None:
    """Each port has its own property; the others keep their default."""
    net = two()
    one = net("0.25 0.75")
    assert ["Choice", "Sum", "Raw"] == list(one)
    assert ("dog", True) == (one["Choice"], one["Sum"])
    np.testing.assert_array_equal(HALVES, one["Raw"])
    asked = net("0.25 0.75", Choice=None, Sum="Number", Raw=None)
    np.testing.assert_array_equal(HALVES, asked["Choice"])
    assert 1.0 == asked["Sum"]
    found = list(net.map(["0.25 0.75"], outputs={"Sum": "Number"}))
    assert ("dog", 1.0) == (found[0]["Choice"], found[0]["Sum"])


@pytest.mark.parametrize(
    ("asked", "error", "text"),
    [
        ({"Outptu": None}, PortError, "the net has no output port 'Outptu'. Did you mean 'Output'"),
        ({"Input": None}, PortError, "the net has no output port 'Input'"),
        ({"Output": "Probability"}, ParameterError, "'Probability' is no property. Did you mean"),
        ({"Output": ("TopProbabilities", 0)}, ParameterError, "'Count' must be an integer >= 1"),
        ({"Output": 7}, ParameterError, "7 is no property"),
    ],
)
def test_refused_properties(asked: Any, error: type[Exception], text: str) -> None:
    """An unknown port or property is an error of the call, and of `map` before any input."""
    net = chain()
    for value in (HALVES, [HALVES], []):
        with pytest.raises(error, match=text):
            net(value, **asked)
    with pytest.raises(error, match=text) as caught:
        net.map([], outputs=asked)
    assert error is PortError or ["at the output port 'Output' of the net"] == (
        caught.value.__notes__
    )


def test_port_without_decoder() -> None:
    """A property needs a decoder, and the message tells how to attach one; None needs none."""
    net = chain().replace(Output=None)
    assert {} == dict(net.decoders)
    np.testing.assert_array_equal(HALVES, net(HALVES, Output=None))
    with pytest.raises(PortError, match=r"no property 'Decision': replace\(Output=NetDecoder\("):
        net(HALVES, Output="Decision")
    with pytest.raises(PortError, match=r"outputs must be a mapping .* Got 'Decision'"):
        net.map([], outputs="Decision")  # type: ignore[arg-type]  # the call under test


def test_failures_have_port_and_index() -> None:
    """A result without a value is a DecodeError, with a note; `on_error` returns it."""
    net = chain()
    with pytest.raises(DecodeError, match="a probability is negative") as caught:
        net("-1 0")
    assert "at the output port 'Output' of the net" in caught.value.__notes__
    values = ["0 1", "-1 0", "bad", "1 0"]
    for options in ({}, {"batch_size": 4}, {"batch_size": 3, "workers": 2}):
        first, second, third, last = net.map(values, on_error="return", **options)
        assert ("dog", "cat") == (first, last)
        assert ("not-probabilities", 1) == (second.code, second.index)
        assert ("no-numbers", 2) == (third.code, third.index)
        results = net.map(values, **options)
        assert "dog" == next(results)
        with pytest.raises(DecodeError, match=r"^element 1: an array of shape"):
            next(results)


def test_arrays_of_an_unknown_form_are_checked_by_the_decoder() -> None:
    """A callable tells no form: its array is converted, and refused if it does not fit."""
    decoder = NetDecoder("Choice", ["cat", "dog"])
    net = NetChain([("double", lambda x: x * np.float64(1))], Output=decoder)
    assert net.outputs["Output"] is None
    assert "dog" == net(np.array([0.25, 0.75]))
    with pytest.raises(DecodeError, match=r"Choice takes arrays of another form: dimensions"):
        net(np.array([0.25, 0.5, 0.25]))
    with pytest.raises(DecodeError, match="Choice takes arrays of another form: dimensions"):
        net(np.array([[0.25, 0.75]]))


def test_form_that_does_not_fit_is_refused_with_a_remedy() -> None:
    """The error of the constructor names both sides, and the layer that mends."""
    decoder = NetDecoder("Choice", ["cat", "dog"])
    text = (
        "output port 'Output': the decoder Choice cannot take the output of 'same': dimensions "
        r"\(1, 2\) do not fit \(2,\). 'same' gives float32 \(1, 2\), and Choice takes float32 "
        r"\(2,\). Put NetLayer\(\"Mean\", KeepDimension=False\) between them."
    )
    with pytest.raises(PortError, match=text):
        chain(Input=ArraySpec((1, 2)))
    with pytest.raises(PortError, match=r"dimensions \(3,\) do not fit \(2,\)"):
        chain().replace(Input=ArraySpec((3,)))
    wide = chain(Input=ArraySpec((2,), "float64"))
    assert "float64" == wide.outputs["Output"].dtype  # type: ignore[union-attr]
    assert "dog" == wide(HALVES)
    with pytest.raises(PortError, match="type complex64 is not float32"):
        NetChain([("same", np.conjugate)], Input=ArraySpec((2,), "complex64"), Output=decoder)
    mean = NetChain(["Softmax"], Input=ArraySpec((Varying, 2)), Output="Places")
    assert [1] == mean(np.array([[0, 1]], np.float32))


@pytest.mark.parametrize(
    ("port", "value", "error", "text"),
    [
        ("Output", "Choice", PortError, r"Choice needs parameters: Output=NetDecoder\('Choice', "),
        ("Output", "Chioce", DecoderNotFoundError, "no decoder 'Chioce'. Did you mean 'Choice'"),
        ("Output", "Pair", DecoderNotFoundError, "'Pair' is an encoder, and not a decoder"),
        ("Output", CHOICE, PortError, "output port 'Output' takes a NetDecoder, the name of one"),
        ("Input", NetDecoder, PortError, "A decoder belongs to an output port"),
        ("Output", NetEncoder, PortError, "An encoder belongs to an input port"),
        ("Outptu", None, PortError, "the net has no port 'Outptu'. Did you mean 'Output'"),
    ],
)
def test_refused_attachments(port: str, value: Any, error: Any, text: str) -> None:
    """A wrong attachment is refused with the remedy."""
    if value is NetDecoder:
        value = NetDecoder("Truth")
    if value is NetEncoder:
        value = NetEncoder("Pair")
    with pytest.raises(error, match=text):
        chain(**{port: value})


def test_name_of_a_decoder() -> None:
    """A decoder without required parameters may be given by its name."""
    net = NetChain([("sum", np.sum)], Output="Truth")
    assert NetDecoder("Truth") == net.decoders["Output"]
    assert net(np.ones(2)) is True


def test_nets_within_nets_and_layers() -> None:
    """A net that is a layer has no decoder, and a decoder is no layer."""
    inner = chain(Input=None)
    with pytest.raises(PortError, match=r"a net with a decoder at the port 'Output'.*Output=None"):
        NetChain([inner])
    outer = NetChain([inner.replace(Output=None)], Input="Pair", Output=inner.decoders["Output"])
    assert "dog" == outer("0.25 0.75")
    with pytest.raises(PortError, match="layer 'last' is a decoder: attach it to an output port"):
        NetChain(["Log", ("last", NetDecoder("Truth"))])


def test_changes_keep_decoders() -> None:
    """`replace`, `append` and `replace_layer` keep the decoder; a part has none."""
    net = chain()
    decoder = net.decoders["Output"]
    assert decoder == net.replace(Input=CHOICE).decoders["Output"]
    assert "dog" == net.append("Softmax")(HALVES)
    assert "dog" == net.replace_layer("same", "Softmax")(HALVES)
    assert {} == dict(net[:"same"].decoders)
    with pytest.raises(PortError, match="the decoder Choice cannot take the output of 'Mean'"):
        chain(Input=ArraySpec((2, 2)), Output=None).append("Mean").replace(Output=decoder)
    assert {"cat": 0.25, "dog": 0.75} == pickle.loads(pickle.dumps(net))(
        HALVES, Output="Probabilities"
    )


def test_stream_needs_the_array() -> None:
    """A stream with a decoder is refused with the remedy; without, it gives the blocks."""
    net = NetChain(["Log"], Input="AudioSpectrogram", Output=NetDecoder("Places", Width=201))
    path = str(Path(__file__).parents[1] / "data" / "speech_16k_mono.wav")
    with pytest.raises(PortError, match=r"call the net, or stream\(value, Output=None\)"):
        net.stream(path)
    with pytest.raises(PortError, match="which takes a whole array"):
        net.stream(path, Output="Places")  # type: ignore[arg-type]  # the call under test
    blocks = list(net.stream(path, Output=None))
    np.testing.assert_array_equal(net(path, Output=None), np.concatenate(blocks))
    with pytest.raises(PortError, match="no output port 'Outptu'"):
        net.stream(path, Outptu=None)


def test_pictures_show_the_decoder() -> None:
    """The table, the notebook and the flowchart have the decoder after the output."""
    net = chain()
    line = str(net).splitlines()[-1]
    assert "Output  output  same    float32 (2,)" in line
    assert line.endswith("NetDecoder(\"Choice\", Labels=('cat', 'dog'))")
    assert "<summary>Output: Choice</summary>" in net._repr_html_()
    assert "the label of each probability" in net._repr_html_()
    lines = net.to_mermaid().splitlines()
    assert [
        '    layer1 -->|"float32 (2,)"| decoder1',
        "    decoder1 --> output1",
    ] == lines[-2:]
    assert any("decoder1[" in line and "Choice" in line for line in lines)
    assert not any("decoder" in line for line in chain(Output=None).to_mermaid().splitlines())

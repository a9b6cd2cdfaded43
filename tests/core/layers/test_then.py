"""Layers after an encoder: calls, streams, digests, specs, differences and pickles."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from layer_toys import Centre, Rows, Scale

from netencoders import (
    ArraySpec,
    DigestError,
    EncodeError,
    Encoder,
    EncoderNotFoundError,
    LayerError,
    LayerNotFoundError,
    NeighbourLayer,
    NetEncoder,
    NetGraph,
    NetLayer,
    ParameterError,
    SpecError,
    Varying,
    WorkerPool,
    registered,
)
from netencoders.chain import Chain
from netencoders.cli import main
from netencoders.diff import Absent
from netencoders.display import LEFT
from netencoders.policies import current, policies

NAMES = ("Scale", "Pairs", "Centre")


def chained(*names: str) -> NetEncoder:
    """Return the encoder Rows with some layers."""
    encoder = NetEncoder("Rows")
    for name in names:
        encoder = encoder.then(name)
    return encoder


def test_then_returns_another_encoder() -> None:
    """`then` keeps the encoder, its parameters and its layers, and adds one layer."""
    encoder = NetEncoder("Rows", Start=1)
    longer = encoder.then("Scale", Factor=3).then(NetLayer("Flip"))
    assert () == encoder.layers
    assert (NetLayer("Scale", Factor=3), NetLayer("Flip")) == longer.layers
    assert "Rows" == longer.name
    assert 1 == longer.parameters["Start"]
    assert (2, Varying) == longer.output.dims
    assert 1 == longer.output.stream_axis
    assert [(Varying, 2), (Varying, 2), (2, Varying)] == [form.dims for form in longer.forms]
    assert 'NetEncoder("Rows", Start=1).then("Scale", Factor=3.0).then("Flip")' == repr(longer)
    assert longer == encoder.then(NetLayer("Scale", Factor=3)).then("Flip")
    assert longer != encoder.then("Scale").then("Flip")
    assert len({longer, encoder, encoder.then("Scale")}) == 3


def test_call_applies_the_layers_in_order() -> None:
    """Each layer gets the result of the layer before it."""
    encoder = NetEncoder("Rows").then("Scale", Factor=3).then("Pairs").then("Flip")
    assert [[6, 30], [12, 36]] == encoder(4).tolist()
    assert encoder(4).flags.c_contiguous
    assert [[[6, 30], [12, 36]], [[6], [12]]] == [array.tolist() for array in encoder([4, 3])]
    assert [[6], [12]] == next(encoder.map([2])).tolist()


@pytest.mark.parametrize("names", [*permutations(NAMES), (*NAMES, "Flip")], ids=str)
@pytest.mark.parametrize("count", [2, 7, 300, 1000])
def test_stream_equals_call(names: tuple[str, ...], count: int) -> None:
    """The joined blocks of a stream have the bits of the call, for all orders of three layers."""
    encoder = chained(*names)
    blocks = list(encoder.stream(count))
    assert len(blocks) > 1 or count < 7
    joined = np.concatenate(blocks, axis=encoder.output.stream_axis)
    assert np.array_equal(encoder(count), joined)
    rows = np.arange(2 * count, dtype=np.float32).reshape(-1, 2)
    for name in names:
        if name == "Pairs":
            rows = rows[: len(rows) // 2 * 2].reshape(-1, 2, 2).sum(1)
        else:
            rows = {"Scale": rows * 2, "Centre": rows - rows.mean(0), "Flip": rows.T}[name]
    assert np.allclose(rows, encoder(count), atol=1e-3)


def test_whole_layers_read_the_input_once_more_each() -> None:
    """A stream with two layers that need the whole array reads the input three times."""
    readings = []

    class Counted(Rows):
        name = "Counted"

        def stream(self, value: Any) -> Iterator[Any]:
            readings.append(value)
            return super().stream(value)

    with registered(Counted):
        encoder = NetEncoder("Counted").then("Centre").then("Scale").then("Centre")
    list(encoder.stream(10))
    assert [10, 10, 10] == readings
    assert 3 == Chain(encoder.layers, encoder.forms[0]).readings
    encoder(10)
    assert [10, 10, 10, 10] == readings


def test_input_that_is_read_once_is_refused_if_a_layer_needs_two_readings() -> None:
    """A stream refuses a single-pass input before it reads it; a call and other layers take it."""
    encoder = NetEncoder("Rows").then("Scale").then("Centre")
    with pytest.raises(EncodeError, match="the layer Centre needs the whole") as caught:
        next(encoder.stream(iter([5])))
    assert "one-pass" == caught.value.code
    assert encoder(5).tolist() == encoder(iter([5])).tolist()
    blocks = list(NetEncoder("Rows").then("Scale").then("Pairs").stream(iter([5])))
    assert [[4, 8], [20, 24]] == np.concatenate(blocks).tolist()


class File:
    """A file object that can seek, or not, or raises."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def read(self) -> bytes:
        """Return no bytes."""
        return b""

    def seekable(self) -> Any:
        """Return or raise the answer."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a.wav", True),
        (b"abc", True),
        (iter([1]), False),
        (File(True), True),
        (File(False), False),
        (File(OSError("closed")), False),
    ],
)
def test_inputs_that_can_be_read_twice(value: Any, expected: bool) -> None:
    """An iterator is read once, and a file object that cannot seek, too."""
    assert expected == NetEncoder("Rows")._encoder.repeatable(value)


def test_too_few_rows_are_named() -> None:
    """A layer that has no row for its input raises an error, in a call and in a stream."""
    encoder = NetEncoder("Rows").then("Pairs").then("Scale")
    for way in (lambda: encoder(1), lambda: list(encoder.stream(1))):
        with pytest.raises(EncodeError, match="1 row is too few for the layer Pairs") as caught:
            way()
        assert "too-short" == caught.value.code
        assert caught.value.remedy.startswith("use a longer input, a smaller size or a Padding")
        assert "fills shorter inputs, such as MinimumLength" in caught.value.remedy
    with pytest.raises(EncodeError, match="its 0 rows are too few for the layer Scale"):
        list(Chain([NetLayer("Scale")], NetEncoder("Rows").output).blocks(lambda: iter([])))


def test_layer_that_does_not_fit_is_refused() -> None:
    """A layer that does not take the arrays before it is an error with its place."""
    encoder = NetEncoder("Rows").then("Flip")
    with pytest.raises(LayerError, match=r"Rows: layer 2 of 2, Pairs: it needs time as the first"):
        encoder.then("Pairs")
    with pytest.raises(LayerError, match=r"dimension 1 of \(2, Varying\): put Centre before the"):
        encoder.then("Centre")
    assert [[0, 4], [2, 6]] == encoder.then("Scale")(2).tolist()


def test_wrong_arguments_of_then_are_refused() -> None:
    """`then` takes a name with parameters, or a NetLayer."""
    encoder = NetEncoder("Rows")
    with pytest.raises(TypeError, match=r"then takes a NetLayer, or the name of one. Got 3"):
        encoder.then(3)  # type: ignore[arg-type] - that is the test
    with pytest.raises(TypeError, match=r"Use layer.replace\(Factor=...\) to change a NetLayer"):
        encoder.then(NetLayer("Scale"), Factor=3)
    with pytest.raises(ParameterError, match="'Factor' must be"):
        encoder.then("Scale", Factor="x")


def test_equal_digests_of_other_declarations() -> None:
    """A value that Automatic resolves to gives the digest of Automatic, and another declaration."""
    encoder = NetEncoder("Rows")
    given, automatic = encoder.then("Stack", Size=2, Stride=2), encoder.then("Stack", Size=2)
    assert given.digest == automatic.digest
    assert given != automatic
    assert given == encoder.then("Stack", Size=2, Stride=2)


def test_replace_keeps_the_layers() -> None:
    """`replace` changes parameters of the encoder, and keeps its layers."""
    encoder = NetEncoder("Rows").then("Scale", Factor=3)
    assert NetEncoder("Rows", Start=5).then("Scale", Factor=3) == encoder.replace(Start=5)
    assert [[15, 18]] == encoder.replace(Start=5)(1).tolist()


def test_digest_covers_the_layers() -> None:
    """A layer changes the digest by its name, place, values and revision; without one it stays."""

    class Newer(Scale):
        revision = 2

    digests = {
        encoder.digest
        for encoder in (
            chained(),
            chained("Scale"),
            chained("Scale", "Centre"),
            chained("Centre", "Scale"),
            NetEncoder("Rows").then("Scale", Factor=3),
        )
    }
    assert 5 == len(digests)
    with registered(Newer):
        assert chained("Scale").digest not in digests
    assert chained("Scale").digest == NetEncoder("Rows").then("Scale", Factor=2.0, Extra=0).digest


SPEC = """\
schema: 1
name: {name}
encoder: {encoder}
parameters: {{Start: 1}}
layers:
  - Scale: {{Factor: 3}}
  - Flip
"""


def test_spec_declares_layers(tmp_path: Path) -> None:
    """A spec lists names, and names with parameters; the YAML of an encoder lists its layers."""
    encoder = NetEncoder.from_yaml(SPEC.format(name="Mine", encoder="Rows"))
    assert NetEncoder("Rows", Start=1).then("Scale", Factor=3).then("Flip") == encoder
    text = encoder.to_yaml(pin=True)
    assert text.endswith("layers:\n  - Scale: {Factor: 3.0, Extra: 0}\n  - Flip: {}\n")
    assert encoder == NetEncoder.from_yaml(text)
    assert encoder == NetEncoder.from_dict(encoder.to_dict(pin=True))
    assert "layers" not in NetEncoder("Rows").to_dict()


def test_derived_spec_appends_its_layers() -> None:
    """The layers of a spec come after those of the spec that it derives from."""
    text = (
        "schema: 1\nencoders:\n"
        "  - {name: First, encoder: Rows, layers: [Scale]}\n"
        "  - {name: Second, encoder: First, layers: [Centre], parameters: {Start: 1}}\n"
        "  - {name: Third, encoder: Second}\n"
    )
    expected = NetEncoder("Rows", Start=1).then("Scale").then("Centre")
    assert expected == NetEncoder.from_yaml(text, "Second") == NetEncoder.from_yaml(text, "Third")
    assert NetEncoder("Rows").then("Scale") == NetEncoder.from_yaml(text, "First")


@pytest.mark.parametrize(
    ("layers", "error", "problem"),
    [
        ("3", SpecError, r"line 3, column 1[01]?: 'layers' must be a list of layers. Got 3"),
        ("[3]", SpecError, "line 3, column 10: a layer must be a name, or one name with its"),
        ("[{Scale: {}, Flip: {}}]", SpecError, "or one name with its parameters.* Got a mapping"),
        ("[Scale: 3]", SpecError, r"the parameters of Scale must be a mapping .* Got 3"),
        ("[{Scale: {Factor: {asset: 1}}}]", SpecError, "the parameter 'Factor' has an asset that"),
        ("[Sclae]", LayerNotFoundError, r"Rows: no layer 'Sclae'. Did you mean 'Scale'"),
        (
            "[Flip, Scale: {Factor: x}]",
            ParameterError,
            "Rows: 1 problem\n  layer 2 of 2, Scale: 'Factor' must be a number",
        ),
        ("[Flip, Pairs]", LayerError, "Rows: layer 2 of 2, Pairs: it needs time as the first"),
    ],
)
def test_wrong_layers_of_a_spec_are_refused(
    layers: str, error: type[Exception], problem: str
) -> None:
    """Each error names the place in the text, or the layer."""
    with pytest.raises(error, match=problem):
        NetEncoder.from_yaml(f"schema: 1\nencoder: Rows\nlayers: {layers}\n")


def test_error_of_a_spec_file_names_the_file(tmp_path: Path) -> None:
    """The errors of layers name the file of the spec."""
    path = tmp_path / "a.yaml"
    path.write_text("schema: 1\nname: Mine\nencoder: Rows\nlayers: [Scale: {Factor: x}]\n")
    with pytest.raises(ParameterError, match=r"yaml: Mine: 1 problem\n  layer 1 of 1, Scale: 'Fac"):
        NetEncoder.from_yaml(path)


def test_digest_of_a_spec_covers_the_layers() -> None:
    """A spec whose layers differ from those of its stated digest is refused."""
    text = chained("Scale").to_yaml(pin=True)
    assert chained("Scale") == NetEncoder.from_yaml(text)
    with pytest.raises(DigestError, match="the spec of 'Rows' states the digest"):
        NetEncoder.from_yaml(text.replace("Factor: 2.0", "Factor: 3.0"))


def test_difference_names_the_layers() -> None:
    """Values of layers at the same place are compared; other layers are one row each."""
    left = NetEncoder("Rows").then("Scale", Factor=3).then("Flip")
    right = NetEncoder("Rows", Start=2).then("Scale").then("Centre").then("Flip")
    rows = [(row.name, row.left, row.right) for row in left.diff(right)]
    assert [
        ("Start", 0, 2),
        ("layer 1, Scale: Factor", 3.0, 2.0),
        ("layer 2", "Flip", "Centre"),
        ("layer 3", Absent, "Flip"),
    ] == rows
    assert not left.diff(left)
    assert "layer 2" in str(left.diff(right))

    class Newer(Scale):
        revision = 2

    old = chained("Scale")
    with registered(Newer):
        new = chained("Scale")
    assert [("layer 1 revision", 1, 2)] == [(r.name, r.left, r.right) for r in old.diff(new)]


def test_pickle_holds_the_layers() -> None:
    """An unpickled encoder has its layers; a layer of another version is named."""
    encoder = NetEncoder("Rows").then("Scale", Factor=3).then("Flip")
    pickled = pickle.dumps(encoder)
    assert encoder == pickle.loads(pickled)

    class Newer(Scale):
        revision = 2

    with registered(Newer), pytest.raises(DigestError, match=r"Scale was pickled with.*revision"):
        pickle.loads(pickled)


def test_encoded_array_passes_unchanged() -> None:
    """An array of the form after the layers is encoded already; one before them is not."""
    encoder = NetEncoder("Rows").then("Pairs").then("Flip")
    array = np.ones((2, 5), np.float32)
    assert array is encoder(array)
    assert [array] == list(encoder.stream(array))
    both = np.ones((2, 2), np.float32)
    for way in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(EncodeError, match="may be the result of Rows before or after") as found:
            way(both)
        assert "ambiguous-array" == found.value.code
    with pytest.raises(EncodeError, match="Rows raised"):
        encoder(np.ones((5, 2), np.float32))


def test_representation_in_html() -> None:
    """The HTML has a table of the layers, with the form after each."""
    text = NetEncoder("Rows").then("Scale", Factor=3).then("Flip")._repr_html_()
    text = text.replace(LEFT, "")
    assert "<td>Scale(Factor=3.0)</td><td>float32 (Varying, 2)</td>" in text
    assert "<td>Flip</td><td>float32 (2, Varying)</td>" in text
    assert "result" not in NetEncoder("Rows")._repr_html_()


class Ending(NeighbourLayer):
    """Notes when its stream is closed, and under which policy."""

    name = "Ending"
    seen: list[Any] = []  # noqa: RUF012 - shared by purpose

    def infer(self, form: Any) -> Any:
        """Return the form."""
        return form

    def stream(self, blocks: Any) -> Iterator[Any]:
        """Yield the blocks."""
        try:
            yield from blocks
        finally:
            self.seen.append(("layer", current("a", None)))


class Closing(Rows):
    """Notes when its stream is closed, and under which policy."""

    name = "Closing"

    def stream(self, value: Any) -> Iterator[Any]:
        """Yield the blocks."""
        try:
            yield from super().stream(value)
        finally:
            Ending.seen.append(("encoder", current("a", None)))


@pytest.mark.parametrize("names", [("Ending",), ("Scale", "Ending"), ("Ending", "Scale", "Flip")])
def test_closed_stream_closes_the_layers_and_the_encoder(names: tuple[str, ...]) -> None:
    """A stream that is closed early runs the `finally` of each layer, and of the encoder."""
    Ending.seen.clear()
    with registered(Ending, Closing):
        encoder = NetEncoder("Closing")
        for name in names:
            encoder = encoder.then(name)
    with policies({"a": 1}):
        stream: Any = encoder.stream(100)
    next(stream)
    stream.close()
    assert [("encoder", 1), ("layer", 1)] == sorted(Ending.seen)


def test_exceptions_of_the_encoder_pass_through_the_layers() -> None:
    """An exception of the encoder is reported as its own, and not as that of a layer."""

    class Breaking(Rows):
        name = "Breaking"

        def stream(self, value: Any) -> Iterator[Any]:
            yield np.ones((2, 2), np.float32)
            raise value

    with registered(Breaking):
        encoder = NetEncoder("Breaking").then("Scale").then("Pairs")
    with pytest.raises(EncodeError, match=r"Breaking raised KeyError: 'k'"):
        list(encoder.stream(KeyError("k")))
    with pytest.raises(EncodeError, match="a message of its own") as caught:
        list(encoder.stream(EncodeError("a message of its own", code="mine")))
    assert "mine" == caught.value.code


def test_isolated_encoder_has_its_layers() -> None:
    """Worker processes apply the layers, and send arrays of the form after them."""
    from netencoders_audio import Audio

    encoder = NetEncoder("AudioSpectrogram").then("Log").then("Standardize").then("Transpose")
    audio = Audio(np.sin(np.arange(8000, dtype=np.float32)), 16000)
    [array] = encoder.map([audio], isolate=True, workers=1)
    assert np.array_equal(encoder(audio), array)


def test_graph_takes_an_encoder_with_layers() -> None:
    """The port of a net has the form after the layers."""
    encoder = NetEncoder("Rows").then("Scale")
    net = NetGraph({"square": np.square}, [("Input", "square")], Input=encoder)
    assert [[0, 4], [16, 36]] == net(2).tolist()


def test_command_writes_the_array_after_the_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`encode`, `plot`, `show` and `diff` know layers; an array with time last is written whole."""
    monkeypatch.chdir(tmp_path)
    soundfile.write("a.wav", np.sin(np.arange(8000)), 16000)
    Path("mel.yaml").write_text(
        "schema: 1\nname: LogMel\nencoder: AudioMelSpectrogram\nlayers: [Log: {Base: 10}, "
        "Transpose]\n"
    )
    assert 0 == main(["encode", "--spec", "mel.yaml", "a.wav", "-o", "a.npy"])
    assert "float32 (40, 60)" in capsys.readouterr().out
    expected = NetEncoder.from_yaml("mel.yaml\n".strip())("a.wav")
    assert np.array_equal(expected, np.load("a.npy"))
    assert 0 == main(["plot", "--spec", "mel.yaml", "a.wav", "-o", "a.png"])
    capsys.readouterr()
    assert 0 == main(["show", "--spec", "mel.yaml"])
    assert "Log(Base=10)  float32 (Varying, 40) log  " in capsys.readouterr().out
    assert 5 == main(["diff", "mel.yaml", "AudioMelSpectrogram"])
    assert "layer 1    'Log(Base=10)'  Absent" in capsys.readouterr().out


def test_command_lists_and_shows_layers(capsys: pytest.CaptureFixture[str]) -> None:
    """`list` has a table of layers, and `show` prints one as text and as JSON."""
    assert 0 == main(["list"])
    assert "Scale" in capsys.readouterr().out.partition("\nlayer ")[2]
    assert 0 == main(["show", "Scale", "-p", "Factor=3"])
    text = capsys.readouterr().out
    assert text.startswith('NetLayer("Scale", Factor=3.0)\nMultiplies each element.\n\nparameter')
    assert "reach   row" in text
    assert 0 == main(["show", "Scale", "--json"])
    assert '"reach": "row"' in capsys.readouterr().out
    assert 2 == main(["show", "Scale", "--yaml"])
    assert "Scale is a layer, and a spec declares an encoder" in capsys.readouterr().err


def test_encoders_of_integers_check_the_range_of_encoded_arrays() -> None:
    """An array with a value outside of the declared range is not taken as encoded."""
    from netencoders import ArraySpec

    class Indices(Encoder):
        """Gives indices."""

        name = "Indices"

        def output(self) -> ArraySpec:
            return ArraySpec((Varying,), "int64", low=0, high=9)

        def encode(self, value: Any) -> Any:
            return np.array(value)

    with registered(Indices):
        encoder = NetEncoder("Indices")
    assert [3, 9] == encoder(np.array([3, 9])).tolist()
    with pytest.raises(EncodeError, match="the largest value is 10, and must be") as caught:
        encoder(np.array([3, 10]))
    assert "out-of-range" == caught.value.code


def test_whole_layer_class_is_public() -> None:
    """The toy is a WholeLayer, whose measure gets groups of 256 rows."""
    sizes = []

    class Sized(Centre):
        name = "Sized"

        def measure(self, groups: Any) -> Any:
            sizes.extend(len(group) for group in groups)
            return 0

    with registered(Sized):
        encoder = NetEncoder("Rows").then("Sized")
    encoder(600)
    list(encoder.stream(600))
    assert [256, 256, 88] * 2 == sizes


@pytest.mark.parametrize("keeps", [True, False])
def test_result_of_a_layer_that_keeps_elements_finite_is_not_checked(keeps: bool) -> None:
    """After the first layer, the declaration `keeps_finite` is trusted."""

    class Wrong(Scale):
        name = "Wrong"
        keeps_finite = keeps

        def apply(self, rows: Any) -> Any:
            return rows * np.float32(np.nan)

    with registered(Scale, Wrong):
        chain = Chain([NetLayer("Scale"), NetLayer("Wrong")], ArraySpec((Varying, 2)))
    array = np.ones((3, 2), np.float32)
    if keeps:
        assert np.isnan(chain.array(array)).all()
        return
    with pytest.raises(EncodeError, match="result of the layer Wrong contains NaN"):
        chain.array(array)


@pytest.mark.parametrize(("ignores", "counts"), [(True, [36, 36]), (False, [100, 100])])
def test_one_of_many_equal_rows_is_computed(ignores: bool, counts: list[int]) -> None:
    """A call computes one of 64 equal rows at the end, unless a layer needs all of them."""
    seen = []

    class Counting(Scale):
        name = "Counting"

        def apply(self, rows: Any) -> Any:
            seen.append(len(rows))
            return super().apply(rows)

    class Most(Centre):
        name = "Most"
        ignores_repeats = ignores

        def measure(self, groups: Any) -> Any:
            return max(group.max() for group in groups)

    array = np.arange(200, dtype=np.float32).reshape(100, 2)
    array[35:] = array[35]
    with registered(Counting, Most):
        first, last = NetLayer("Counting"), NetLayer("Most")
    chain = Chain([first, last, first], ArraySpec((Varying, 2)))
    assert (4 * (array - array.max())).tolist() == chain.array(array).tolist()
    assert counts == seen
    seen.clear()
    array[35] = 0  # 63 rows equal the one before
    chain.array(array)
    assert [100, 100] == seen


def test_interrupt_ends_a_layer_between_blocks() -> None:
    """A call looks for the end of its worker threads after each block of a long array."""
    pool, done = WorkerPool(1), []

    class Stopping(Scale):
        name = "Stopping"

        def apply(self, rows: Any) -> Any:
            done.append(len(rows))
            pool.close()
            return rows

    with registered(Stopping):
        layer = NetLayer("Stopping")
    array = np.arange(100_000, dtype=np.float32).reshape(-1, 1)
    with pool, pytest.raises(EncodeError, match="stopped") as caught:
        pool.wait(pool.submit(lambda: layer(array)), helping=False)
    assert "cancelled" == caught.value.code
    assert [1 << 15] == done


def test_all_problems_of_a_spec_are_listed() -> None:
    """One error lists the problems of the encoder, and of all layers."""
    text = (
        "schema: 1\nencoder: Rows\nparameters: {Start: x}\n"
        "layers: [Scale: {Factor: x, gain: 1}, Nothing, Scale: {Factor: 0}]\n"
    )
    with pytest.raises(ParameterError) as caught:
        NetEncoder.from_yaml(text)
    begins = [
        "'Start' must be an integer",
        "layer 1 of 3, Scale: 'Factor' must be a number",
        "layer 1 of 3, Scale: unknown parameter 'gain'",
        "no layer 'Nothing'",
        "layer 3 of 3, Scale: 'Factor' must not be 0",
    ]
    assert len(begins) == len(caught.value.problems)
    for begin, problem in zip(begins, caught.value.problems, strict=True):
        assert problem.startswith(begin)
    with pytest.raises(ParameterError, match="Rows: 4 problems"):
        NetEncoder.from_yaml(text.replace("Start: x", "Start: 1"))


def test_parameter_of_a_layer_is_named() -> None:
    """`replace` with the parameter of a layer names the layer."""
    encoder = NetEncoder("Rows").then("Flip").then("Scale")
    with pytest.raises(ParameterError, match="'Factor' is a parameter of layer 2, Scale: change"):
        encoder.replace(Factor=3)
    with pytest.raises(ParameterError, match=r"unknown parameter 'Other'. Known: Start"):
        encoder.replace(Other=3)


def test_layer_is_no_encoder() -> None:
    """The name of a layer, where an encoder is expected, is an error with the next step."""
    with pytest.raises(EncoderNotFoundError, match="'Scale' is a layer, and not an encoder: put"):
        NetEncoder("Scale")


class Pipe:
    """A file object that cannot seek, and that is read once."""

    def __init__(self, count: int) -> None:
        self.counts = [count]

    def read(self) -> int:
        """Return the number of rows, once."""
        return self.counts.pop()

    def seekable(self) -> bool:
        """Return False."""
        return False


def test_pipe_is_encoded_by_a_call_if_a_layer_needs_two_readings() -> None:
    """A file object that cannot seek is read once, and its rows are held in memory."""

    class Piped(Rows):
        name = "Piped"

        def stream(self, value: Any) -> Iterator[Any]:
            yield from super().stream(value.read())

    with registered(Piped):
        encoder = NetEncoder("Piped").then("Centre")
    [array] = encoder.stream(Pipe(4))
    assert [[-3, -3], [-1, -1], [1, 1], [3, 3]] == array.tolist()


def test_command_encodes_standard_input_with_whole_layers(tmp_path: Path) -> None:
    """Standard input is read once, also by a layer that needs the whole array."""
    audio, spec, target = (tmp_path / name for name in ("a.wav", "a.yaml", "a.npy"))
    soundfile.write(audio, np.sin(np.arange(8000)), 16000)
    spec.write_text("schema: 1\nencoder: AudioMelSpectrogram\nlayers: [Log, Standardize]\n")
    command = [sys.executable, "-m", "netencoders", "encode", "--spec", spec, "-", "-o", target]
    subprocess.run(command, input=audio.read_bytes(), check=True, capture_output=True)
    assert np.array_equal(NetEncoder.from_yaml(spec)(audio), np.load(target))


def test_show_suggests_layers(capsys: pytest.CaptureFixture[str]) -> None:
    """`show` suggests the name of a layer for a typing error."""
    assert 2 == main(["show", "Scael"])
    assert (
        "no encoder, no layer and no decoder 'Scael'. Did you mean 'Scale'?"
        in capsys.readouterr().err
    )


def test_number_of_layers_is_bounded() -> None:
    """So many layers work, although each calls the one before; more are refused."""
    encoder = chained(*["Centre"] * 100)
    assert chained("Centre")(4).shape == encoder(4).shape
    message = "Rows: there are 101 layers, and at most 100 are allowed"
    with pytest.raises(LayerError, match=message):
        encoder.then("Scale")

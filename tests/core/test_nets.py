"""Layers of all kinds, chains, changed nets, batches, and streams."""

import pickle
import re
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    LayerNotFoundError,
    NetChain,
    NetEncoder,
    NetGraph,
    NetLayer,
    PluginConflictError,
    PluginError,
    PortError,
    Varying,
    registered,
)
from netencoders.net_model import NetModel, NetReader, Port
from netencoders.records import Provider
from netencoders_audio import Audio

ROWS = ArraySpec((Varying, 3), minimum=0)


class Model(NetModel):
    """A model of arrays with a batch axis: a function, and a record of the shapes it has got."""

    kind = "Model"

    def __init__(self, function, inputs, outputs, reach="whole"):
        self.function, self.inputs, self.outputs, self.reach = function, inputs, outputs, reach
        self.shapes = []

    def run(self, arrays):
        """Return the result of the function."""
        self.shapes.append({name: array.shape for name, array in arrays.items()})
        return self.function(**arrays)


def rows_model(**changes):
    """Return a model of one input that doubles rows."""
    port = Port(ROWS, batch_axis=0)
    return Model(lambda x: {"y": 2 * x}, {"x": port}, {"y": port}, **changes)


def masked_sum(x, n):
    """Return the sums of the rows that the lengths name, and the rows."""
    mask = np.arange(x.shape[1]) < n[:, None]
    return {"sums": (x * mask[..., None]).sum(1), "rows": x + 1}


def told_model(**ports):
    """Return a model that takes lengths."""
    inputs = {"x": Port(ROWS, 0), "n": Port(ArraySpec((), "int64"), 0, lengths_of="x")}
    outputs = {"sums": Port(ArraySpec((3,)), 0), "rows": Port(ROWS, 0)}
    return Model(masked_sum, {**inputs, **ports}, outputs)


def rows(*counts):
    """Return arrays of some numbers of rows."""
    return [np.arange(3 * n, dtype=np.float32).reshape(n, 3) + n for n in counts]


def test_size_of_a_batch_may_be_limited():
    """A model with a largest batch runs once for each so many inputs, and the order stays."""
    model = rows_model()
    model.batch_limit = 2
    values = rows(2, 2, 3, 2)
    for value, result in zip(values, NetChain([model]).map(values, batch_size=4), strict=True):
        assert np.array_equal(2 * value, result)
    assert [(2, 2, 3), (1, 2, 3), (1, 3, 3)] == [shapes["x"] for shapes in model.shapes]


def test_lengths_of_an_output_may_have_a_dimension_of_one():
    """A length is a number, or an array of one number."""
    model = told_model()
    model.function = lambda x, n: {"sums": x.sum(1), "rows": x, "m": n[:, None] - 1}
    model.outputs = {**model.outputs, "m": Port(ArraySpec((1,), "int64"), 0, lengths_of="rows")}
    results = NetChain([model]).map(rows(4, 2), batch_size=2)
    assert [3, 1] == [len(result["rows"]) for result in results]


def double(x):
    """Return twice the array."""
    return x * 2


def fails(x):
    """Raise an error if the array has a negative element."""
    if (x < 0).any():
        raise RuntimeError("negative")
    return x


class Counting(Encoder):
    """The numbers below the input n, as a column."""

    name = "Counting"

    def output(self):
        """Return the form of the array."""
        return ArraySpec((Varying, 3), minimum=0)

    def encode(self, value):
        """Return n rows."""
        if value == "bad":
            raise EncodeError("cannot count", code="bad")
        (array,) = rows(value)
        return array


@pytest.fixture(autouse=True)
def _counting():
    with registered(Counting):
        yield


# Layers


@pytest.mark.parametrize(
    "layer",
    [NetLayer("Log", Floor=1.0), {"Log": {"Floor": 1.0}}, "Log", NetChain(["Log"])],
    ids=["NetLayer", "dict", "name", "net"],
)
def test_layer_may_be_declared(layer):
    """A NetLayer, its name, its declaration and a net are layers, and give its numbers and form."""
    net = NetGraph({"log": layer}, [], Input=ROWS)
    (array,) = rows(4)
    np.testing.assert_array_equal(NetLayer("Log", Floor=1.0)(array + 1), net(array + 1))
    assert NetLayer("Log").infer(ROWS) == net.outputs["Output"]


def test_form_that_a_netlayer_refuses_is_a_port_error():
    """A NetLayer that does not take the form of its input is a PortError with both names."""
    message = "layer 'fit' refuses its input: a layer takes arrays of at least one dimension"
    with pytest.raises(PortError, match=message):
        NetGraph({"fit": "Log"}, [], Input=ArraySpec(()))


def test_model_runs_with_a_batch_axis():
    """A model gets its batch axis for one input, and the result has none."""
    model = rows_model()
    net = NetChain([model])
    (array,) = rows(4)
    np.testing.assert_array_equal(2 * array, net(array))
    assert [{"x": (1, 4, 3)}] == model.shapes
    assert (ROWS, ROWS) == (net.inputs["Input"], net.outputs["Output"])


def test_model_casts_only_without_loss():
    """float16 becomes float32; float64 is refused when the net is made, and when it is called."""
    (array,) = rows(2)
    assert np.float32 == NetChain([rows_model()])(array.astype(np.float16)).dtype
    with pytest.raises(PortError, match="input port 'Input': type float64 is not float32"):
        NetChain([rows_model()])(array.astype(np.float64))
    with pytest.raises(PortError, match="'x' of layer 'Model': type float64 cannot become float32"):
        NetChain([double, rows_model()])(array.astype(np.float64))
    assert np.float32 == NetChain([double, rows_model()])(array.astype(np.float16)).dtype
    with pytest.raises(PortError, match=r"'Model'.*'Input'.*type float64 is not float32"):
        NetChain([rows_model()], Input=ArraySpec((Varying, 3), "float64"))


def test_shape_that_a_model_does_not_take_is_refused():
    """40 columns for a model of 3 are refused, with both forms."""
    with pytest.raises(PortError, match=r"\(Varying, 40\) do not fit \(Varying, 3\)"):
        NetChain([rows_model()], Input=ArraySpec((Varying, 40)))


def test_several_ports_of_a_model_keep_their_names():
    """The free ports of a model have its names; edges address them with a dot."""
    model = told_model()
    net = NetGraph({"m": model, "d": double}, [("m.rows", "d")])
    assert (["Input"], ["sums", "Output"]) == (list(net.inputs), list(net.outputs))
    found = net(rows(2)[0])
    np.testing.assert_array_equal((rows(2)[0] + 1) * 2, found["Output"])


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([("m", "d")], "layer 'm' has several outputs. Choose one of: m.sums, m.rows."),
        ([("m.row", "d")], "layer 'm' has no output 'row'. Did you mean 'rows'?"),
        ([("x.Output", "d")], "'x.Output' does not name a layer"),
    ],
)
def test_edge_from_a_model_names_one_of_its_outputs(edges, message):
    """An edge that begins at a model with several outputs names one of them."""
    with pytest.raises(PortError, match=re.escape(message)):
        NetGraph({"m": told_model(), "d": double}, edges)


def test_nan_of_a_layer_is_an_error():
    """NaN in the result of a model or a callable is an error that names the layer."""
    bad = rows_model()
    bad.function = lambda x: {"y": x * np.nan}
    with pytest.raises(PortError, match=r"layer 'Model', output 'y': the result has NaN."):
        NetChain([bad])(rows(2)[0])
    root = NetGraph({"root": lambda x: np.sqrt(x, where=x > 0, out=x * np.nan)}, [])
    with pytest.raises(PortError, match=r"layer 'root': the result has NaN."):
        root(np.array([-1.0]))


def test_encoder_is_no_layer():
    """An encoder as a layer is refused with the place where it belongs."""
    with pytest.raises(PortError, match="layer 'a' is an encoder: attach it to an input port"):
        NetGraph({"a": NetEncoder("AudioSpectrogram")}, [])


def test_net_with_an_encoder_is_no_layer():
    """A net with an encoder on its port is refused as a layer."""
    inner = NetChain(["Log"], Input="AudioSpectrogram")
    with pytest.raises(PortError, match="layer 'a' is a net with an encoder at the port 'Input'"):
        NetGraph({"a": inner}, [])
    assert NetGraph({"a": inner.replace(Input=None)}, []).outputs["Output"] is None


def test_unknown_layer_name_is_refused():
    """A text without a suffix is the name of a NetLayer."""
    with pytest.raises(LayerNotFoundError, match="Lgo"):
        NetChain(["Lgo"])


def test_model_that_lacks_an_output_is_refused():
    """A model that does not give a declared output is an error."""
    model = rows_model()
    model.function = lambda x: {}
    with pytest.raises(PortError, match="layer 'Model' gives no output 'y'"):
        NetChain([model])(rows(1)[0])


def test_model_that_changes_the_batch_axis_is_refused():
    """An output without the size of the batch is an error."""
    model = rows_model()
    model.function = lambda x: {"y": x[:0]}
    message = r"output 'y' has the shape \(0, 1, 3\), but its axis 0 must have the size .*batch, 1"
    with pytest.raises(PortError, match=message):
        NetChain([model])(rows(1)[0])


@pytest.mark.parametrize(
    ("port", "message"),
    [
        (Port(None, 0, lengths_of="z"), "the port 'n' holds sizes of 'z', which is not a port"),
        (Port(None, 0, mask_of="fixed"), "'fixed', which needs exactly one dimension that varies"),
    ],
)
def test_port_of_lengths_needs_a_port_that_varies(port, message):
    """A port of lengths or of a mask belongs to an input with one size that varies."""
    with pytest.raises(PortError, match=message):
        NetChain([told_model(n=port, fixed=Port(ArraySpec((3,)), 0))])


def test_port_holds_lengths_or_a_mask():
    """A port cannot hold both."""
    with pytest.raises(PluginError, match="either lengths or a mask"):
        Port(None, lengths_of="x", mask_of="x")


def test_model_without_ports_is_no_layer():
    """A model needs an input and an output."""
    with pytest.raises(PortError, match="layer 'Model' needs at least one input and one output"):
        NetChain([Model(None, {}, {})])


# Chains and changed nets


def test_chain_names_layers_by_their_kind():
    """Layers of a chain have the name of their kind, numbered if it is taken, or a given name."""
    net = NetChain(["Log", ("half", double), "Log", rows_model(), np.log1p])
    assert ["Log", "half", "Log_2", "Model", "log1p"] == list(net.layers)
    assert isinstance(net.replace(Input=None), NetChain)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("Log", "NetChain takes a list of layers. Got 'Log'."),
        ([], "layers must be a mapping of at least one name to a layer"),
        ([("a", double), ("a", double)], "two layers of the chain are named 'a': rename one."),
        ([told_model(), double], "layer 'Model' has several outputs. Choose one of"),
    ],
)
def test_chain_refuses_wrong_layers(layers, message):
    """A chain takes a list of layers that follow each other."""
    with pytest.raises(PortError, match=re.escape(message)):
        NetChain(layers)


def test_replaced_layer_keeps_edges_and_ports():
    """A net with another layer at a name has the edges and ports of the first one."""
    net = NetChain([("a", double), ("b", double)], Input=ROWS)
    changed = net.replace_layer("a", "Log")
    assert (NetLayer("Log"), ROWS) == (changed["a"], changed.inputs["Input"])
    assert net["a"] is double


def test_appended_layer_feeds_the_output():
    """`append` puts a layer between the last one and the output port, which keeps its name."""
    net = NetGraph({"a": double}, [("In", "a", "Out")]).append(double, "b").append(double, "c")
    assert {"Out": 8} == {next(iter(net.outputs)): net(1)}
    assert [("In", "a"), ("a", "b"), ("b", "c"), ("c", "Out")] == list(net.edges)


def test_part_of_a_net_ends_at_a_layer():
    """`net[:name]` has the layers that a layer depends on, and their encoders."""
    edges = [("In", "a", "b.x1"), ("Other", "b.x2"), ("b", "c")]
    net = NetGraph({"a": double, "b": np.add, "c": double}, edges, In=NetEncoder("Counting"))
    part = net[:"a"]
    assert (["a"], {"In": NetEncoder("Counting")}) == (list(part.layers), dict(part.encoders))
    np.testing.assert_array_equal(2 * rows(2)[0], part(2))
    assert ["a", "b"] == list(net[:"b"].layers)
    assert ["In", "Other"] == list(net[:"b"].inputs)


def test_part_of_a_net_with_ports_of_models():
    """A part keeps the inputs of a model by name, and ends at its outputs."""
    net = NetGraph({"m": told_model(), "d": double}, [("m.rows", "d")])
    assert ["sums", "rows"] == list(net[:"m"].outputs)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda net: net["lgo"], "the net has no layer 'lgo'. Did you mean 'log'?"),
        (lambda net: net[:"x"], "the net has no layer 'x'. The layers are: log, m."),
        (lambda net: net["log":"m"], "a part of a net is net[:name]"),
        (lambda net: net.replace_layer("x", double), "the net has no layer 'x'"),
        (lambda net: net.append(double), "append needs a net with one output port. This net has: "),
        (lambda net: net[:"log"].append(double, "log"), "the net has a layer 'log' already"),
    ],
)
def test_unknown_parts_are_refused(action, message):
    """A layer that does not exist, or a place that is not unique, is refused."""
    net = NetGraph({"log": np.log1p, "m": told_model()}, [("log", "m")])
    with pytest.raises(PortError, match=re.escape(message)):
        action(net)


def test_net_is_picklable_with_declared_layers():
    """A chain of declared layers survives a pickle, as a chain."""
    net = pickle.loads(pickle.dumps(NetChain(["Log", "Mean"], Input="AudioSpectrogram")))
    assert (NetChain, ["Log", "Mean"]) == (type(net), list(net.layers))


# Batches


def test_net_of_one_port_takes_a_dict():
    """A net with one port takes a dict of it, and a list of such dicts."""
    net = NetChain([double])
    assert (4, [4, 6], [4, 6]) == (
        net({"Input": 2}),
        net({"Input": [2, 3]}),
        net([{"Input": 2}, {"Input": 3}]),
    )


def test_model_without_lengths_runs_once_for_each_size():
    """Inputs of equal sizes are one batch; nothing is padded."""
    model = rows_model()
    inputs = rows(2, 3, 2, 0)
    results = list(NetChain([model]).map(inputs, batch_size=4))
    assert [(2, 2, 3), (1, 3, 3), (1, 0, 3)] == [shapes["x"] for shapes in model.shapes]
    for array, result in zip(inputs, results, strict=True):
        np.testing.assert_array_equal(2 * array, result)


def test_model_with_lengths_gets_padded_inputs():
    """Inputs of all sizes are one batch with zeros, and the rows of the padding are cut off."""
    model = told_model()
    inputs = rows(2, 3, 1)
    results = list(NetChain([model]).map(inputs, batch_size=3))
    assert [{"x": (3, 3, 3), "n": (3,)}] == model.shapes
    for array, result in zip(inputs, results, strict=True):
        np.testing.assert_array_equal(array.sum(0), result["sums"])
        np.testing.assert_array_equal(array + 1, result["rows"])


def test_model_with_a_mask_gets_padded_inputs():
    """A port of a mask has ones for the elements of an input, in the type of the port."""
    seen = []

    def call(x, mask):
        seen.append(mask)
        return {"y": x}

    mask = Port(ArraySpec((Varying,), "int32"), 0, mask_of="x")
    model = Model(call, {"x": Port(ROWS, 0), "mask": mask}, {"y": Port(ROWS, 0)})
    list(NetChain([model]).map(rows(1, 3), batch_size=2))
    assert [[[1, 0, 0], [1, 1, 1]]] == [array.tolist() for array in seen]
    assert np.int32 == seen[0].dtype


def test_output_lengths_cut_the_outputs():
    """An output that holds lengths cuts another output, and is no output of the layer."""

    def halved(x, n):
        return {"y": x[:, ::2], "count": -(-n // 2)}

    inputs = {"x": Port(ROWS, 0), "n": Port(ArraySpec((), "int64"), 0, lengths_of="x")}
    count = Port(ArraySpec((), "int64"), 0, lengths_of="y")
    model = Model(halved, inputs, {"y": Port(ROWS, 0), "count": count})
    results = list(NetChain([model]).map(rows(2, 5), batch_size=2))
    assert [(1, 3), (3, 3)] == [result.shape for result in results]


def test_unknown_rows_of_a_padded_output_are_an_error():
    """An output of another size than the padded input is refused, with a remedy."""
    model = told_model()
    model.function = lambda x, n: {"sums": x[:, 0], "rows": x[:, ::2]}
    message = "the rows of output 'rows' that belong to each input .* 3 rows for inputs of 2, 5"
    assert 1 == len(list(NetChain([model]).map(rows(2), batch_size=2)))
    with pytest.raises(PortError, match=message):
        model_layer_results(model, rows(2, 5))


def model_layer_results(model, inputs):
    """Run the layer of a model for a batch; `map` would run each input alone after an error."""
    return NetChain([model])._run([{"Input": array} for array in inputs])


def test_model_without_a_batch_axis_runs_for_each_input():
    """A model of which one port has no batch axis runs once for each input."""
    model = Model(lambda x, k: {"y": x + k}, {}, {})
    model.inputs = {"x": Port(ROWS, 0), "k": Port(ArraySpec((3,)))}
    model.outputs = {"y": Port(ROWS, 0)}
    net = NetChain([model])
    values = [{"x": array, "k": np.full(3, 9, np.float32)} for array in rows(2, 2)]
    results = list(net.map(values, batch_size=2))
    assert [(1, 2, 3)] * 2 == [shapes["x"] for shapes in model.shapes]
    np.testing.assert_array_equal(rows(2)[0] + 9, results[1])


def three_to_two():
    """Return a net of three inputs and two outputs, with all kinds of layers."""
    ends = ArraySpec((3,))
    mix = Model(
        lambda a, b, c: {"p": a @ np.ones((3, 2), np.float32) + b, "q": np.cumsum(c, 1) * 0.5},
        {
            "a": Port(ends, 0),
            "b": Port(ArraySpec((2,)), 0),
            "c": Port(ArraySpec((Varying,), minimum=0), 0),
        },
        {"p": Port(ArraySpec((2,)), 0), "q": Port(ArraySpec((Varying,), minimum=0), 0)},
    )
    layers = {"sums": told_model(), "log": NetLayer("Log", Floor=1.0), "mix": mix}
    edges = [("X", "sums"), ("sums.rows", "log", "Logs"), ("sums.sums", "mix.a")]
    edges += [("B", "mix.b"), ("C", "mix.c"), ("mix.p", "P"), ("mix.q", "Q")]
    return NetGraph(layers, edges)[:"mix"], NetGraph(layers, edges)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=9),
    batch_size=st.integers(1, 10),
    workers=st.integers(1, 2),
)
def test_batch_equals_loop(sizes, batch_size, workers):
    """A net of three inputs and two outputs gives in batches the results of single calls."""
    net, _ = three_to_two()
    values = [
        {
            "X": rows(n)[0],
            "B": np.array([n, k], np.float32),
            "C": np.linspace(0, 1, k, dtype=np.float32),
        }
        for n, k in sizes
    ]
    batches = net.map(values, batch_size=batch_size, workers=workers)
    for value, found in zip(values, batches, strict=True):
        expected = net(value)
        assert ["p", "q"] == list(expected) == list(found)
        for name, array in expected.items():
            np.testing.assert_allclose(found[name], array, rtol=1e-5)
            assert array.shape == found[name].shape


def test_batch_of_a_dict_of_lists_equals_loop():
    """A dict of lists for several ports is a batch; several outputs are a dict each."""
    _, net = three_to_two()
    values = {"X": rows(2, 3), "B": [np.ones(2, np.float32)] * 2, "C": [np.ones(4, np.float32)] * 2}
    found = net(values)
    assert ["Logs", "P", "Q"] == list(found[0])
    for index in range(2):
        one = net({name: column[index] for name, column in values.items()})
        np.testing.assert_array_equal(one["P"], found[index]["P"])


@pytest.mark.parametrize("options", [{}, {"batch_size": 2}, {"isolate": True}], ids=str)
def test_failed_input_does_not_end_the_others(options):
    """With on_error="return", an input that fails gives its error, and the others their results."""
    net = NetChain([np.log1p], Input="AudioSpectrogram")
    second = Audio(np.ones(8000, np.float32), 8000)
    values = [second, "missing.wav", second]
    good, bad, last = net.map(values, on_error="return", workers=1, **options)
    np.testing.assert_array_equal(net(second), good)
    np.testing.assert_array_equal(good, last)
    assert ("not-found", 1) == (bad.code, bad.index)
    with pytest.raises(EncodeError, match=r"missing.wav") as caught:
        list(net.map(values, workers=1, **options))
    assert 1 == caught.value.index


@pytest.mark.parametrize("batch_size", [1, 3])
def test_failure_of_a_layer_names_layer_and_position(batch_size):
    """The exception of a layer has its name and the position; the rest of a batch has results."""
    net = NetChain([("d", double), ("f", fails)])
    values = [np.ones(2), -np.ones(2), np.zeros(2)]
    results = list(net.map(values, batch_size=batch_size, on_error="return"))
    assert ["in layer 'f' of the net", "for element 1 of the batch"] == results[1].__notes__
    assert ([2, 2], [0, 0]) == (results[0].tolist(), results[2].tolist())
    with pytest.raises(RuntimeError, match="negative"):
        list(net.map(values, batch_size=batch_size))


def test_isolated_ports_are_encoded_together():
    """With isolate, the inputs of several ports stay together, and arrays are checked."""
    port = NetEncoder("AudioSpectrogram", SampleRate=8000)
    net = NetGraph({"add": np.add}, [("A", "add.x1"), ("B", "add.x2")], A=port, B=ArraySpec((1,)))
    audios = [Audio(np.full(800 + 800 * n, 0.1 * n, np.float32), 8000) for n in range(3)]
    ones = np.ones(1, np.float32)
    values = [{"A": audio, "B": ones * n} for n, audio in enumerate(audios)]
    values.append({"A": audios[0], "B": np.ones(1)})
    *found, wrong = net.map(values, isolate=True, workers=2, on_error="return")
    for n, audio in enumerate(audios):
        np.testing.assert_array_equal(port(audio) + n, found[n])
    assert "type float64 is not float32" in str(wrong)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be an integer >= 1. Got 0."),
        ({"on_error": "skip"}, ValueError, "on_error must be 'raise' or 'return'. Got 'skip'."),
        ({"timeout": 3.0}, ValueError, "timeout needs isolate=True: a thread cannot be stopped."),
        ({"values": "a.wav"}, TypeError, "map takes several inputs, as a list. Got one str."),
    ],
)
def test_wrong_arguments_of_map_are_refused(options, error, message):
    """The arguments of map are checked before any input is read."""
    with pytest.raises(error, match=re.escape(message)):
        NetChain([double]).map(**{"values": [], **options})


def test_layers_run_in_workers_unless_one_is_a_callable():
    """Declared layers and models may run in several threads; a callable may not."""
    assert NetChain(["Log", rows_model(), NetChain(["Log"])]).runs_in_workers
    assert not NetChain(["Log", double]).runs_in_workers
    assert not NetChain(["Log", NetChain([double])]).runs_in_workers


# Streams


def test_stream_of_row_wise_layers_equals_the_call():
    """A net of row-wise layers streams its rows: layers, ufuncs, models and nets that say so."""
    columns = ArraySpec((Varying, 201), minimum=0)
    port = Port(columns, 0)
    model = Model(lambda x: {"y": 2 * x}, {"x": port}, {"y": port}, reach="row")
    layers = [NetLayer("Log", Floor=1e-6), np.square, NetChain([model])]
    net = NetChain(layers, Input="AudioSpectrogram")
    path = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
    samples, rate = soundfile.read(path, dtype="float32")
    pieces = [Audio(samples[start : start + 9000], rate) for start in range(0, len(samples), 9000)]
    blocks = list(net.stream(iter(pieces)))
    assert len(blocks) > 1
    np.testing.assert_array_equal(net(path), np.concatenate(blocks))


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (NetChain(["Mean"], Input="AudioSpectrogram"), "layer 'Mean' may need more than one row"),
        (NetChain([double], Input="AudioSpectrogram"), "layer 'double' may need more than one row"),
        (NetChain([rows_model()]), "stream needs a net with one input port that has an encoder"),
        (NetGraph({"a": np.add}, [], Input1="Audio"), "This net has: Input1, Input2."),
    ],
)
def test_stream_of_other_nets_is_refused(net, message):
    """A layer that may need more rows, or a port without an encoder, is refused by name."""
    with pytest.raises(PortError, match=re.escape(message)):
        net.stream("a.wav")


# Readers


def read_text(value):
    """Return a model for a path or an object."""
    if str(value).endswith("wrong.fake"):
        return 3
    if str(value).endswith("bug.fake"):
        raise KeyError("bug")
    return rows_model()


@pytest.fixture
def readers(monkeypatch):
    """Register net readers."""

    def register(*found):
        named = {reader.name: (Provider("test", "here"), reader) for reader in found}
        monkeypatch.setattr("netencoders.registry.net_readers", lambda: named)

    return register


fake = partial(NetReader, "Fake", "fakes", read_text, (".fake",))


def test_reader_takes_paths_by_suffix_and_objects(readers):
    """A path with a declared suffix, and an object that is recognized, become models."""
    module = SimpleNamespace(is_fake=True)
    readers(fake(recognizes=lambda value: getattr(value, "is_fake", False)))
    net = NetChain(["a/net.FAKE", ("b", Path("b.fake")), module])
    assert ["Model", "b", "Model_2"] == list(net.layers)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (
            "a.pt",
            PortError,
            "a.pt: no net reader takes files of this kind (.pt). The kinds",
        ),
        ("a/b", PortError, "a/b: no net reader takes files of this kind. The kinds are: .fake."),
        (
            "wrong.fake",
            PluginError,
            "net reader Fake, test (here): it must return a NetModel. Got",
        ),
        ("bug.fake", PluginError, "it failed: KeyError: 'bug'"),
        (object(), PortError, "layer 'object' must be callable, a NetLayer or its name, a net, or"),
    ],
)
def test_reader_failures_are_typed(readers, value, error, message):
    """A file or an object that no reader takes, and a reader that fails, are errors with names."""
    readers(fake())
    with pytest.raises(error, match=re.escape(message)):
        NetChain([value])


def test_two_readers_of_one_suffix_are_a_conflict(readers):
    """A file that two readers take is a conflict, and none is used in silence."""
    readers(fake(), NetReader("Other", "others", read_text, (".fake",)))
    with pytest.raises(PluginConflictError, match=r"'a.fake' can be read by Fake of .* Other of"):
        NetChain(["a.fake"])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "a b"}, "the name of a net reader must be a letter, then letters"),
        ({"summary": ""}, "'summary' must be one line. Got ''."),
        ({"suffixes": ("onnx",)}, "'suffixes' must be a tuple of texts such as '.onnx'"),
        ({"read": 3}, "'read' must be a function. Got 3."),
    ],
)
def test_wrong_reader_is_refused(fields, message):
    """The fields of a NetReader are checked."""
    with pytest.raises(PluginError, match=re.escape(message)):
        NetReader(**{"name": "A", "summary": "as", "read": read_text, **fields})


def vectors(size=3):
    """Return a model whose output has one dimension, which is not time."""
    return Model(
        lambda x: {"y": x.sum(axis=1)},
        {"x": Port(ArraySpec((Varying, size)), 0)},
        {"y": Port(ArraySpec((size,)), 0)},
    )


def test_output_of_a_model_without_time_is_one_row():
    """A row-wise NetLayer takes the scores of a model as one row, which has no time."""
    net = NetChain([vectors(), "Softmax", {"Affine": {"Shift": [1, 2, 3]}}])
    assert (3,) == net.outputs["Output"].dims
    x = rows(4)[0]
    scores = np.exp(x.sum(axis=0) - x.sum(axis=0).max())
    np.testing.assert_allclose(scores / scores.sum() + [1, 2, 3], net(x), rtol=1e-5)
    unknown = NetChain([lambda x: x.sum(axis=0), "Softmax"])
    np.testing.assert_allclose(scores / scores.sum(), unknown(x), rtol=1e-5)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"Affine": {"Shift": [1, 2]}}, "refuses its input: .* the last one of \\(3,\\) is time"),
        ({"Transpose": {"Axes": [1, 0]}}, "refuses its input: "),
        ("Delta", ""),
    ],
)
def test_output_of_a_model_that_fits_no_row_is_refused(layer, message):
    """The message is that for the form that the layer got."""
    if not message:  # a layer that depends on neighbours takes the dimension as time
        assert (3,) == NetChain([vectors(), layer]).outputs["Output"].dims
        return
    with pytest.raises(PortError, match=message):
        NetChain([vectors(), layer])
    with pytest.raises(PortError):
        NetChain([lambda x: x.sum(axis=0), layer])(rows(4)[0])

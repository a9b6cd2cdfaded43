"""OnnxNet: ports, options, batches, threads, and saving."""

import copy
import os
import pickle
import re
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_models import DOUBLE, STATE, SUMS, THREE, made, one_type, with_weights

from netencoders import (
    ArraySpec,
    Encoder,
    NetChain,
    NetGraph,
    Port,
    PortError,
    Varying,
    registered,
)
from netencoders.net_readers import read_model, restored_model
from netencoders_onnx import OnnxNet

pytestmark = pytest.mark.models
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def session(text=DOUBLE):
    """Return a session that a caller makes."""
    import onnxruntime

    return onnxruntime.InferenceSession(made(text), providers=["CPUExecutionProvider"])


def file(folder, text=DOUBLE, name="double.onnx"):
    """Write a model, and return its path."""
    path = folder / name
    path.write_bytes(made(text))
    return path


def content(files):
    """Return the files of a SavedModel as bytes."""
    return {
        name: data if isinstance(data, bytes) else Path(data).read_bytes()
        for name, data in files.items()
    }


def reloaded(net):
    """Return a net after saving and restoring."""
    saved = net.saved()
    return restored_model("OnnxNet", saved.parameters, content(saved.files))


def numbers(*shape, seed=0):
    """Return float32 numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def counted(net):
    """Return a list that gets the size of the first input at each run of a model."""
    sizes, run = [], net.run
    net.run = lambda arrays: sizes.append(len(next(iter(arrays.values())))) or run(arrays)
    return sizes


# Ports


def test_ports_are_read_from_the_model():
    """Names, types and sizes are those of the model; a symbolic first dimension is the batch."""
    net = OnnxNet(made(SUMS))
    assert {
        "x": Port(ArraySpec((Varying, 3)), 0),
        "n": Port(ArraySpec((), "int64"), 0),
    } == net.inputs
    assert {
        "sums": Port(ArraySpec((3,)), 0),
        "rows": Port(ArraySpec((Varying, 3), minimum=0), 0),
        "m": Port(ArraySpec((), "int64"), 0),
    } == net.outputs


@pytest.mark.parametrize(
    ("dims", "form", "axis"),
    [
        ([], (), None),
        ([4], (4,), None),
        ([1, "T"], (1, Varying), None),
        ([None], (), 0),
        (["N", "T", None], (Varying, Varying), 0),
        ([0, 2], (Varying, 2), None),
    ],
    ids=str,
)
def test_dimensions_become_forms(dims, form, axis):
    """Fixed sizes stay, symbolic ones vary, and only a symbolic first one is the batch axis."""
    net = OnnxNet(one_type(1, dims))
    assert (form, axis) == (net.inputs["x"].form.dims, net.inputs["x"].batch_axis)
    assert (form, axis) == (net.outputs["y"].form.dims, net.outputs["y"].batch_axis)


@pytest.mark.parametrize(
    "name",
    [
        "float16",
        "float32",
        "float64",
        "bool",
        *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)),
    ],
)
def test_types_of_numpy_run(name):
    """A model of each type of numpy takes and gives arrays of it."""
    from onnx import helper

    net = OnnxNet(one_type(helper.np_dtype_to_tensor_dtype(np.dtype(name))))
    array = np.array(1, name)
    assert name == net.inputs["x"].form.dtype
    result = NetChain([net])(array)
    assert (array, name) == (result, result.dtype.name)


@pytest.mark.parametrize(("kind", "text"), [(16, "bfloat16"), (8, "string")])
def test_other_types_are_refused(kind, text):
    """A type that numpy does not have is refused with the name of the port."""
    with pytest.raises(PortError, match=rf"port 'x' of the model has the type tensor\({text}\)"):
        OnnxNet(one_type(kind))


MIXED = """net (float[N, 3] x) => (float[N, 3] y, seq(float[N, 3]) z) {
    y = Add(x, x)
    z = SequenceConstruct(x, x)
}"""


def test_output_that_is_no_array_must_be_left_out():
    """A sequence among the outputs is refused by its name, with the remedy; `outputs` works."""
    with pytest.raises(
        PortError,
        match=r"^the bytes of the model: .*'z' .* seq\(tensor\(float\)\).*outputs=\[\.\.\.\]",
    ):
        OnnxNet(made(MIXED))
    net = OnnxNet(made(MIXED), outputs=["y"])
    assert np.array_equal([2, 2, 2], NetChain([net])(np.ones(3, np.float32)))


def test_dimension_with_the_name_of_the_batch_is_the_batch_axis():
    """A size of the same name is the same, so that it is the batch axis at any place."""
    net = OnnxNet(made(THREE))
    assert [0, 0, 1] == [port.batch_axis for port in net.inputs.values()]
    assert [0, 1] == [port.batch_axis for port in net.outputs.values()]


BOXES = """net (float[1, T] x) => (float[K, T] y) { y = Add(x, x) }"""


def test_output_has_a_batch_axis_only_if_an_input_has_one():
    """The symbolic first dimension of an output counts boxes, if no input has a batch axis."""
    net = OnnxNet(made(BOXES))
    assert [None, None] == [net.inputs["x"].batch_axis, net.outputs["y"].batch_axis]


def test_unknown_number_of_dimensions_is_an_unknown_form():
    """A port without a shape takes any array of a type that converts without loss."""
    net = OnnxNet(one_type(1, None))
    assert Port(None) == net.inputs["x"] == net.outputs["y"]
    assert (2, 1) == NetChain([net])(np.ones((2, 1), np.float16)).shape
    with pytest.raises(PortError, match=r"input 'x': type float64 cannot become float32"):
        NetChain([net])(np.ones(2))


# Options


def test_batch_axes_may_be_changed():
    """`batch` sets the axis of a port, or of all."""
    assert [None, None] == [
        port.batch_axis for port in OnnxNet(made(SUMS), batch=False).inputs.values()
    ]
    changed = OnnxNet(made(THREE), batch={"c": None, "p": None})
    assert [0, 0, None] == [port.batch_axis for port in changed.inputs.values()]
    assert [None, 1] == [port.batch_axis for port in changed.outputs.values()]


def test_batch_of_fixed_size_one_runs_once_for_each_input():
    """With batch=True, values lack a first dimension of size 1, and a batch is a loop."""
    net = OnnxNet(made(BOXES), batch=True)
    assert ((Varying,), 1) == (net.inputs["x"].form.dims, net.batch_limit)
    values = [numbers(4, seed=seed) for seed in range(5)]
    for value, result in zip(values, NetChain([net]).map(values, batch_size=5), strict=True):
        assert np.array_equal(2 * value, result)


@pytest.mark.parametrize(
    ("text", "batch", "message"),
    [
        (DOUBLE, "yes", "batch must be True, False, or a mapping"),
        (DOUBLE, {"z": 0}, r"batch: the model has no port 'z'\. It has: x, y"),
        (DOUBLE, {"x": "first"}, "the axis of 'x' must be an index or None"),
        (DOUBLE, {"x": -1}, "the axis of 'x' must be an index or None"),
        (DOUBLE, {"x": 1}, r"'x' has the shape \[N, 3\], of which the dimension 1 is not symbolic"),
        (DOUBLE, {"x": 2}, r"'x' has the shape \[N, 3\], of which the dimension 2 is not symbolic"),
        ("net (float[3] x) => (float[3] y) { y = Add(x, x) }", True, r"inputs are: x \[3\]"),
    ],
)
def test_axes_that_do_not_fit_are_refused(text, batch, message):
    """An axis that the port does not have, or whose size is fixed, is refused."""
    with pytest.raises(PortError, match=message):
        OnnxNet(made(text), batch=batch)


def test_constants_are_no_ports_and_are_repeated():
    """A constant is no port; one of size 1 along the batch axis serves each input of a batch."""
    zeros = np.zeros((2, 1, 4), np.float32)
    net = OnnxNet(made(STATE), constants={"sr": 3, "state": zeros})
    assert (["x"], ["y", "next"]) == ([*net.inputs], [*net.outputs])
    chain = NetChain([net])
    values = [numbers(5, seed=seed) for seed in range(3)]
    for value, result in zip(values, chain.map(values, batch_size=3), strict=True):
        assert np.allclose(3 * value.sum(), result["y"], atol=1e-5)
        assert np.array_equal(np.full((2, 4), 0.5), result["next"])
    assert (2, 3, 4) == net.run({"x": numbers(3, 5)})["next"].shape


# The frames of x are one sequence: each one adds to the state.
FRAMES = """net (float[N, 2] x, float[1, 2] state) => (float[N, 2] y) {
    axis = Constant<value = int64 {0}>()
    sums = CumSum(x, axis)
    y = Add(sums, state)
}"""


def test_state_without_a_batch_axis_is_not_shared():
    """A model with a state of no batch axis runs once for each input, unless that is stated."""
    state = {"state": np.ones((1, 2), np.float32)}
    net = OnnxNet(made(FRAMES), constants=state)
    values = [numbers(2, seed=seed) for seed in range(4)]
    for value, result in zip(values, NetChain([net]).map(values, batch_size=4), strict=True):
        assert np.allclose(value + 1, result)
    assert None is OnnxNet(made(FRAMES), constants=state, batch={"state": None}).batch_limit
    assert None is OnnxNet(made(STATE), constants={"sr": 1}).batch_limit


def test_constant_of_another_size_does_not_fit_a_batch():
    """A constant for two inputs is refused for a batch of three, with the remedy."""
    net = OnnxNet(made(STATE), constants={"sr": 1, "state": np.zeros((2, 2, 4))})
    with pytest.raises(
        PortError, match=r"'state' has the size 2 along the axis 1.*Give it the size 1"
    ):
        net.run({"x": numbers(3, 2)})
    assert (2, 1) == net.run({"x": numbers(2, 2)})["y"].shape


@pytest.mark.parametrize(
    ("constants", "message"),
    [
        ([3], r"constants must be a mapping\. Got \[3\]"),
        ({"rate": 3}, r"constants: the model has no port 'rate'"),
        ({"y": 3}, r"constants: the model has no port 'y'"),
        ({"sr": 3.5}, r"'sr' takes int64\. 3\.5 cannot become that without loss"),
        ({"sr": "3"}, "'3' cannot become that without loss"),
        ({"sr": [[1], [2, 3]]}, "cannot become that without loss"),
        ({"sr": 2.0**63}, "cannot become that without loss"),
        ({"sr": [3]}, r"'sr' takes the shape \[\]\. Got \(1,\)"),
        ({"state": np.zeros((2, 1, 5))}, r"'state' takes the shape \[2, N, 4\]\. Got \(2, 1, 5\)"),
        ({"state": np.full((2, 1, 4), 1e40)}, "cannot become that without loss"),
    ],
)
def test_constants_that_do_not_fit_are_refused(constants, message):
    """A constant has the type and the shape of its input, and changes no number."""
    with pytest.raises(PortError, match=message):
        OnnxNet(made(STATE), constants=constants)


def test_constant_is_a_copy():
    """A later change of the caller's array does not change the net."""
    state = np.zeros((2, 1, 4), np.float32)
    net = OnnxNet(made(STATE), outputs=["y"], constants={"sr": 1, "state": state})
    state += 5
    assert 0 == net.run({"x": np.zeros((1, 1), np.float32)})["y"]


def test_lengths_are_fed_and_cut():
    """A port of lengths is fed by the net, and the lengths of an output cut its padding."""
    net = OnnxNet(made(SUMS), outputs=["sums", "rows"], lengths={"n": "x", "m": "rows"})
    assert "rows" == net.outputs["m"].lengths_of
    sizes = counted(net)
    chain = NetChain([net])
    assert (["Input"], ["sums", "rows"]) == ([*chain.inputs], [*chain.outputs])
    values = [numbers(count, 3, seed=count) for count in (4, 2, 7)]
    for value, result in zip(values, chain.map(values, batch_size=3), strict=True):
        assert np.allclose(value.sum(0), result["sums"], atol=1e-5)
        assert np.array_equal(value + 1, result["rows"])
    assert [3] == sizes


MASKED = """net (float[N, T] x, float[N, T] mask) => (float[N] y) {
    one = Constant<value = int64[1] {1}>()
    z = Mul(x, mask)
    y = ReduceSum<keepdims = 0>(z, one)
}"""


def test_mask_is_fed():
    """A port of a mask is 1 where the input has elements, in its own type."""
    model = OnnxNet(made(MASKED), mask={"mask": "x"})
    sizes = counted(model)
    values = [numbers(count, seed=count) for count in (4, 2, 7)]
    results = list(NetChain([model]).map(values, batch_size=3))
    assert [3] == sizes
    for value, result in zip(values, results, strict=True):
        assert np.allclose(value.sum(), result, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (SUMS, {"lengths": {"k": "x"}}, r"lengths: the model has no port 'k'"),
        (
            SUMS,
            {"lengths": {"n": "rows"}},
            "'n' and 'rows' must both be inputs, or both be outputs",
        ),
        (SUMS, {"lengths": {"x": "n"}}, r"'x' has the shape \[N, T, 3\], and cannot hold lengths"),
        (SUMS, {"mask": {"n": "x"}}, r"'n' has the shape \[N\], and cannot hold a mask"),
        (SUMS, {"mask": {"m": "x"}}, r"mask: the model has no port 'm'"),
        (SUMS, {"lengths": {"n": "x"}, "mask": {"n": "x"}}, "'n' is in lengths and in mask"),
        (SUMS, {"outputs": "sums"}, r"outputs must be a list of names\. Got 'sums'"),
        (SUMS, {"outputs": []}, r"outputs must be a list of names\. Got \[\]"),
        (SUMS, {"outputs": ["sum"]}, "no port 'sum'. Did you mean 'sums'"),
        (SUMS, {"outputs": ["sums", "sums"]}, "outputs names a port twice"),
        (SUMS, {"reach": "rows"}, "reach must be 'whole' or 'row'. Got 'rows'"),
        (SUMS, {"name": "two\nlines"}, "name must be one line"),
        (SUMS, {"files": {"a": b""}}, "the model does not refer to a file 'a'"),
        (SUMS, {"files": {"a": "b"}}, "files must map names to bytes"),
    ],
)
def test_options_that_do_not_fit_are_refused(text, options, message):
    """Each option names the port, or the values that it takes."""
    with pytest.raises(PortError, match=message):
        OnnxNet(made(text), **options)


class Ramp(Encoder):
    """The numbers from 0, three in a row."""

    name = "Ramp"

    def output(self):
        """Return the form of the array."""
        return ArraySpec((Varying, 3))

    def encode(self, value):
        """Return the rows."""
        return np.arange(3 * value, dtype=np.float32).reshape(-1, 3)

    def stream(self, value):
        """Yield the rows, one by one."""
        yield from np.split(self.encode(value), value)


def test_row_wise_model_streams():
    """A model that states reach="row" takes the blocks of a stream."""
    net = OnnxNet(made(DOUBLE), batch=False, reach="row")
    with registered(Ramp):
        chain = NetChain([net], Input="Ramp")
        assert np.array_equal(chain(4), np.concatenate(list(chain.stream(4))))
        assert 4 == len(list(chain.stream(4)))


# Batches and threads


@SLOW
@given(st.data())
def test_batch_is_a_loop(data):
    """A batch gives the results of single inputs: of lengths that are fed, and of equal sizes."""
    fed = data.draw(st.booleans())
    counts = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    size = data.draw(st.integers(1, 6))
    model = OnnxNet(made(SUMS), lengths={"n": "x"} if fed else None, outputs=["sums", "rows"])
    sizes = counted(model)
    chain = NetGraph({"net": model}, [])
    values = [
        {"Input": numbers(count, 3, seed=count)}
        if fed
        else {"x": numbers(count, 3, seed=count), "n": np.array(count - 1)}
        for count in counts
    ]
    results = list(chain.map(values, batch_size=size))
    batches = [counts[start : start + size] for start in range(0, len(counts), size)]
    assert sum(1 if fed else len(set(batch)) for batch in batches) == len(sizes)
    for value, result in zip(values, results, strict=True):
        alone = chain(value)
        for name in ("sums", "rows"):
            assert alone[name].shape == result[name].shape
            assert np.allclose(alone[name], result[name], atol=1e-5)


@SLOW
@given(st.lists(st.integers(1, 5), min_size=1, max_size=7), st.integers(1, 7))
def test_three_inputs_and_two_outputs_batch(counts, size):
    """A net of three inputs and two outputs gives the same in a batch and alone."""
    model = OnnxNet(made(THREE))
    sizes = counted(model)
    net = NetGraph({"net": model}, [])
    values = [
        {
            "a": numbers(count, seed=place),
            "b": numbers(4, seed=place + 9),
            "c": np.array([place, count]),
        }
        for place, count in enumerate(counts)
    ]
    results = list(net.map(values, batch_size=size))
    batches = [counts[start : start + size] for start in range(0, len(counts), size)]
    assert sum(len(set(batch)) for batch in batches) == len(sizes)
    for value, result in zip(values, results, strict=True):
        mean, means = value["b"].mean(), value["a"].mean()
        assert np.allclose(value["a"] * mean, result["p"], atol=1e-5)
        assert np.allclose(value["c"] + means, result["q"], atol=1e-5)


MATRIX = """net (float[N, 64] x) => (float[N, 64] y) {
    z = Transpose(x)
    s = MatMul(x, z)
    p = Softmax(s)
    y = MatMul(p, x)
}"""


def test_threads_share_a_session():
    """Eight threads get the results of one, from one model."""
    net = NetChain([OnnxNet(made(MATRIX), batch=False)])
    values = [numbers(40, 64, seed=seed) for seed in range(8)]
    expected = [net(value) for value in values]
    results = {}

    def work(place):
        results[place] = [net(values[place]) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place in range(8):
        for result in results[place]:
            assert np.array_equal(expected[place], result)


def test_workers_give_the_results_of_a_loop():
    """A map with workers equals a loop, up to the rounding of a session with one thread."""
    model = OnnxNet(made(MATRIX), batch=False)
    net = NetChain([model])
    values = [numbers(40, 64, seed=seed) for seed in range(9)]
    for value, result in zip(values, net.map(values, workers=3), strict=True):
        assert np.allclose(net(value), result, rtol=1e-5, atol=1e-6)


def test_sessions_are_bounded_by_the_workers(monkeypatch):
    """A worker thread of map uses a session of one thread; others, one of all processors."""
    monkeypatch.setenv("NETENCODERS_WORKERS", "3")
    model = OnnxNet(made(DOUBLE))
    assert [3] == threads_of(model)
    net = NetChain([model])
    for _ in range(2):
        list(net.map([np.ones(3, np.float32)] * 4, workers=2))
        net(np.ones(3, np.float32))
        assert [3, 1] == threads_of(model)


def threads_of(model):
    """Return the numbers of threads of the sessions of a model, in the order of their making."""
    return [
        session.get_session_options().intra_op_num_threads
        for session in model._sessions._made.values()
    ]


def test_given_session_is_used_as_it_is():
    """A session of the caller is the only one, also in workers."""
    own = session()
    model = read_model(own)
    assert own is model._sessions.session()
    net = NetChain([own])
    assert np.array_equal([2, 2, 2], next(net.map([np.ones(3, np.float32)], workers=2)))
    assert "OnnxNet(<InferenceSession>)" == repr(model)
    assert "a session of onnxruntime" == model.summary


@pytest.mark.parametrize("action", [pickle.dumps, OnnxNet.saved])
def test_given_session_is_not_saved(action):
    """A session can be neither pickled nor saved; the remedy is the path."""
    with pytest.raises(PortError, match=r"cannot be .*: give the path or the bytes"):
        action(OnnxNet(session()))


@pytest.mark.parametrize("options", [{"providers": []}, {"files": {"a": b""}}])
def test_given_session_takes_no_options_of_sessions(options):
    """A session has its providers and its files."""
    with pytest.raises(PortError, match="a session has its own providers and files"):
        OnnxNet(session(), **options)


# Files


def test_path_is_short_for_a_model(tmp_path):
    """A path is a layer; the summary has the name and the size, and the repr is the call."""
    path = file(tmp_path)
    net = NetChain([str(path)])
    assert np.array_equal([2, 2, 2], net(np.ones(3, np.float32)))
    size = path.stat().st_size
    assert f"double.onnx, {size} bytes" == net["OnnxNet"].summary
    assert f"OnnxNet({str(path)!r})" == repr(net["OnnxNet"])
    model = OnnxNet(made(STATE), outputs=["y"], constants={"sr": 3}, name="a.onnx")
    assert re.fullmatch(
        r"OnnxNet\(<[\d.]+ \w+>, outputs=\['y'\], constants=\{'sr': 3\}, name='a.onnx'\)",
        repr(model),
    )


def test_model_may_be_pickled_and_copied(tmp_path, monkeypatch):
    """A pickled model has its source and its options, from any working folder."""
    file(tmp_path)
    monkeypatch.chdir(tmp_path)
    model = OnnxNet("double.onnx", batch=False, reach="row")
    monkeypatch.chdir("/")
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert (model.inputs, model.outputs, "row") == (again.inputs, again.outputs, again.reach)
    held = OnnxNet(made(STATE), constants={"sr": 3})
    again = pickle.loads(pickle.dumps(held))
    assert (held.inputs, repr(held)) == (again.inputs, repr(again))


OPTIONS = {
    "outputs": ("rows", "sums"),
    "lengths": {"n": "x", "m": "rows"},
    "batch": {"rows": 0},
    "reach": "row",
}


def test_saved_model_is_restored(tmp_path):
    """A restored model has the ports, the name and the results, without the file."""
    path = file(tmp_path, SUMS, "sums.onnx")
    model = OnnxNet(path, **OPTIONS)
    saved = model.saved()
    assert {"model.onnx": path} == saved.files
    assert {"name": "sums.onnx", **OPTIONS, "outputs": ["rows", "sums"]} == saved.parameters
    restored = reloaded(model)
    path.unlink()
    assert (model.inputs, model.outputs) == (restored.inputs, restored.outputs)
    assert (model.summary, "row") == (restored.summary, restored.reach)
    value = numbers(4, 3)
    assert np.allclose(value.sum(0), NetChain([restored])(value)["sums"], atol=1e-5)
    again = restored.saved()
    assert (saved.parameters, ["model.onnx"]) == (again.parameters, [*again.files])


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (np.zeros((2, 1, 4)), {"shape": [2, 1, 4], "value": 0.0}),
        (
            np.arange(8).reshape(2, 1, 4),
            [[[0.0, 1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0, 7.0]]],
        ),
    ],
    ids=["equal", "different"],
)
def test_constants_are_saved(state, kept):
    """A constant is saved as numbers, and one of equal numbers as its shape and one number."""
    model = OnnxNet(made(STATE), outputs=["y"], constants={"state": state, "sr": 7})
    assert {"state": kept, "sr": 7} == model.saved().parameters["constants"]
    value = {"x": numbers(1, 3)}
    assert np.array_equal(model.run(value)["y"], reloaded(model).run(value)["y"])


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (np.full((2, 1, 4), np.nan), "'state' has a number that a saved net cannot hold"),
        (np.arange(17600.0).reshape(2, 2200, 4), "'state' has 17600 different numbers"),
    ],
)
def test_constants_that_cannot_be_saved(state, message):
    """NaN and many different numbers cannot be saved."""
    with pytest.raises(PortError, match=message):
        OnnxNet(made(STATE), constants={"state": state, "sr": 7}).saved()


@pytest.mark.parametrize(
    ("parameters", "files", "message"),
    [
        ({"providers": []}, {}, "a saved OnnxNet has no part 'providers'"),
        ({}, {"other.onnx": b""}, "a saved OnnxNet has no part 'other.onnx'"),
        ({}, {}, "the saved OnnxNet has no file model.onnx"),
        ({"constants": {"sr": {"shape": [1]}}}, None, "'sr' must have a shape and a value"),
        (
            {"constants": {"sr": {"shape": [-1], "value": 1}}},
            None,
            r"'sr' cannot have the shape \[-1\]",
        ),
        (
            {"constants": {"sr": {"shape": [9999] * 4, "value": 1}}},
            None,
            "'sr' cannot have the shape",
        ),
        ({"constants": {"sr": {"shape": [1], "value": [2]}}}, None, "'sr' must have a number"),
        ({}, {"model.onnx": b"", "data/a": b"b"}, "it is empty"),
    ],
)
def test_saved_parts_are_checked(parameters, files, message):
    """A part that is unknown, missing or invalid is refused."""
    files = {"model.onnx": made(STATE)} if files is None else files
    with pytest.raises(PortError, match=message):
        restored_model("OnnxNet", parameters, files)


@pytest.mark.parametrize("location", ["m.data", "parts/m.data", "./m.data"])
def test_data_beside_the_model_is_read_and_saved(tmp_path, location):
    """A model with its data in another file runs by its path, and is saved and restored whole."""
    path = with_weights(tmp_path, location)
    model = OnnxNet(path)
    clean = location.removeprefix("./")
    assert {"model.onnx": path, f"data/{clean}": tmp_path / clean} == model.saved().files
    value = {"x": np.ones((1, 3), np.float32)}
    assert np.array_equal([[9, 12]], model.run(value)["y"])
    restored = reloaded(model)
    for data in [path, tmp_path / clean]:
        os.unlink(data)
    assert np.array_equal([[9, 12]], restored.run(value)["y"])
    assert np.array_equal(
        [[9, 12]], next(NetChain([restored]).map([value["x"][0]], workers=2))[None]
    )
    again = pickle.loads(pickle.dumps(restored))
    assert np.array_equal([[9, 12]], again.run(value)["y"])
    assert content(restored.saved().files) == content(again.saved().files)

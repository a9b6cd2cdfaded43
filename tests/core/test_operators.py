"""NetMap and NetFold: a model for each row, against naive loops."""

import pickle
import re
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import (
    ArraySpec,
    EncodeError,
    NetChain,
    NetFold,
    NetGraph,
    NetLayer,
    NetMap,
    NetModel,
    NetReader,
    Port,
    PortError,
    SavedModel,
    Varying,
    registry,
)
from netencoders.net_readers import restored_model
from netencoders.records import Provider
from netencoders_audio import Audio

PAIR = ArraySpec((2,))


class Toy(NetModel):
    """A model of two numbers a row that can be saved; it records the shapes that it gets."""

    kind = "Toy"

    def __init__(self, function, inputs, outputs):
        self.function, self.inputs, self.outputs = function, inputs, outputs
        self.shapes = []

    def __reduce__(self):
        return Toy, (self.function, self.inputs, self.outputs)

    def run(self, arrays):
        """Return the results of the function."""
        self.shapes.append({name: array.shape for name, array in arrays.items()})
        return self.function(**arrays)

    def saved(self):
        """Return the name of the function."""
        return SavedModel({"function": self.function.__name__}, {"a/b.bin": b"weights"})


def doubled(x):
    """Return the double of the rows and their sums."""
    return {"y": 2 * x, "sum": x.sum(axis=-1)}


def doubles(axis=0):
    """Return a model of pairs with a batch axis, or without one."""
    port = Port(PAIR, axis)
    return Toy(doubled, {"x": port}, {"y": port, "sum": Port(ArraySpec(()), axis)})


def smooth(x, old, gain):
    """Return a state that follows the rows."""
    new = old + gain * (x - old)
    return {"y": 10 * new, "new": new}


def smoother(**changes):
    """Return a model with a state, and a gain that has no batch axis."""
    pair = Port(PAIR, 0)
    inputs = {"x": pair, "old": pair, "gain": Port(ArraySpec(())), **changes}
    return Toy(smooth, inputs, {"y": pair, "new": pair})


FOLD = {"over": "x", "state": {"old": "new"}}


def naive_fold(rows, gain, state=0.0):
    """Return the outputs of `smooth` for each row, and the last state."""
    outputs, state = [], np.full(2, state, np.float32)
    for row in rows:
        state = state + gain * (row - state)
        outputs.append(10 * state)
    return np.array(outputs, np.float32), state


def rows(count, seed=0):
    """Return random rows of two numbers."""
    return np.random.default_rng(seed).standard_normal((count, 2)).astype(np.float32)


# NetMap


@settings(max_examples=25)
@given(
    st.integers(1, 200),
    st.one_of(st.none(), st.integers(1, 70)),
    st.sampled_from([0, None]),
)
def test_map_equals_a_loop(count, size, axis):
    """A NetMap gives the outputs of the model for each row, for all sizes of its runs."""
    x = rows(count)
    results = NetMap(doubles(axis), size=size).run({"x": x})
    assert np.array_equal([2 * row for row in x], results["y"])
    assert np.array_equal(x.sum(axis=1), results["sum"])


@pytest.mark.parametrize(
    ("size", "width", "expected"),
    [
        (None, 2, [64, 64, 2]),
        (None, 1024, [32, 32, 32, 32, 2]),
        (None, 40000, [1] * 130),
        (100, 40000, [100, 30]),
    ],
)
def test_map_bounds_the_rows_of_a_run(size, width, expected):
    """By default at most 64 rows run at once, and at most 32768 numbers, but at least one row."""
    port = Port(ArraySpec((width,)), 0)
    model = Toy(lambda x: {"y": x[:, :1]}, {"x": port}, {"y": Port(ArraySpec((1,)), 0)})
    NetMap(model, size=size).run({"x": np.zeros((130, width), np.float32)})
    assert expected == [shapes["x"][0] for shapes in model.shapes]


def test_map_moves_the_batch_axes():
    """The rows become the batch axis of each port, at any place."""

    def added(x, z):
        assert x.flags.c_contiguous  # some libraries take no other arrays
        return {"y": x.T + z}

    model = Toy(
        added,
        {"x": Port(PAIR, 1), "z": Port(PAIR, 0)},
        {"y": Port(PAIR, 0)},
    )
    x, z = rows(5), rows(5, 1)
    net = NetChain([NetMap(model)])
    assert np.array_equal(x + z, net({"x": x, "z": z}))
    assert {"x": (2, 5), "z": (5, 2)} == model.shapes[0]


def test_map_without_batch_axes_gives_the_model_one_row():
    """A model without a batch axis gets arrays of the form of its port."""
    model = doubles(None)
    NetMap(model).run({"x": rows(3)})
    assert [{"x": (2,)}] * 3 == model.shapes


def test_map_feeds_lengths_and_masks():
    """All rows of an array have one size, which ports of lengths and masks get."""
    inputs = {
        "x": Port(ArraySpec((Varying,)), 0),
        "n": Port(ArraySpec((), "int64"), 0, lengths_of="x"),
        "m": Port(ArraySpec((Varying,), "bool"), 0, mask_of="x"),
    }
    model = Toy(
        lambda x, n, m: {"y": (x * m).sum(axis=1) / n}, inputs, {"y": Port(None, batch_axis=0)}
    )
    net = NetChain([NetMap(model)])
    assert ["Input"] == list(net.inputs)
    assert (Varying, Varying) == net.inputs["Input"].dims
    assert net.outputs["Output"] is None
    assert np.allclose(rows(7).mean(axis=1), net(rows(7)))


def test_map_is_streamed():
    """A NetMap is row-wise, so that a net streams it; an encoder's rows are its batch."""
    model = Toy(
        lambda x: {"y": np.abs(x).max(axis=1)},
        {"x": Port(ArraySpec((400,)), 0)},
        {"y": Port(ArraySpec(()), 0)},
    )
    net = NetChain([NetMap(model)], Input="AudioPartitions")
    samples = np.random.default_rng(0).uniform(-1, 1, 16000 * 40).astype(np.float32)
    audio = Audio(samples, 16000)
    blocks = list(net.stream(audio))
    assert len(blocks) > 1
    assert np.array_equal(net(audio), np.concatenate(blocks))


def test_map_declares_forms():
    """A NetMap has the forms of the model with one dimension more, so that the net checks them."""
    model = NetMap(doubles())
    assert (Varying, 2) == model.inputs["x"].form.dims
    assert (Varying,) == model.outputs["sum"].form.dims
    with pytest.raises(PortError, match=r"\(Varying, 400\) do not fit \(Varying, 2\)"):
        NetChain([model], Input="AudioPartitions")


def test_map_refuses_unequal_rows():
    """All inputs of a NetMap have one number of rows."""
    model = Toy(lambda x, z: {"y": x}, {"x": Port(PAIR, 0), "z": Port(PAIR, 0)}, {"y": Port(PAIR)})
    with pytest.raises(PortError, match=r"need the same number of rows. Got x: 3, z: 4."):
        NetMap(model).run({"x": rows(3), "z": rows(4)})


def fails_at_one(x):
    """Raise for the row that holds 1."""
    if (x == 1).any():
        raise RuntimeError("one")
    return {"y": x[: int(x[0]) + 1] if x.ndim == 1 else x, "sum": x.sum(-1)}


def test_map_names_the_rows_that_fail():
    """The exception of a model has a note with the rows, and one with the layer."""
    model = Toy(fails_at_one, {"x": Port(PAIR, 0)}, {"y": Port(PAIR, 0)})
    x = np.zeros((5, 2), np.float32)
    x[4] = 1
    with pytest.raises(RuntimeError, match="one") as caught:
        NetChain([NetMap(model, size=2)])(x)
    assert [
        "for the rows 4 to 4 of the input of NetMap",
        "in layer 'NetMap' of the net",
    ] == caught.value.__notes__


@pytest.mark.parametrize(
    ("function", "axis", "message"),
    [
        (lambda x: {"y": x[:2], "sum": x[:, 0]}, 0, "gives the output 'y' of shape (2, 2), but"),
        (lambda x: {"y": x}, 0, "the model of NetMap gives no output 'sum'."),
        (
            lambda x: {"y": x[: int(x[0])], "sum": x[0]},
            None,
            "the rows of the output 'y' of NetMap differ in shape: (0,), (1,), (2,).",
        ),
    ],
)
def test_map_refuses_outputs_that_do_not_fit(function, axis, message):
    """Outputs that are missing, of another batch size or of different shapes are errors."""
    port = Port(PAIR, axis)
    model = Toy(function, {"x": port}, {"y": port, "sum": Port(ArraySpec(()), axis)})
    with pytest.raises(PortError, match=re.escape(message)):
        NetMap(model).run({"x": np.arange(3, dtype=np.float32)[:, None].repeat(2, 1)})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (NetChain(["Softmax"]), "NetMap runs a model: a NetModel, the path of a model, or a model"),
        (NetLayer("Softmax"), "A net, a NetLayer and a callable are layers of their own"),
        ("model.pt", "model.pt: no net reader takes files of this kind (.pt)."),
        (
            Toy(
                doubled,
                {"x": Port(ArraySpec((Varying,)), 0)},
                {"y": Port(None, 0), "n": Port(ArraySpec((), "int64"), 0, lengths_of="y")},
            ),
            "NetMap joins outputs of equal sizes, and the output 'n' of the model holds lengths",
        ),
        (Toy(doubled, {}, {}), "layer 'NetMap' needs at least one input and one output."),
    ],
)
def test_values_that_are_no_models_are_refused(value, message):
    """A NetMap runs models only, whose outputs it can join."""
    with pytest.raises(PortError, match=re.escape(message)):
        NetMap(value)


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "64"])
def test_wrong_size_is_refused(size):
    """The size of a NetMap is a whole number of rows."""
    message = f"the size of NetMap must be an integer >= 1, or None. Got {size!r}."
    with pytest.raises(PortError, match=re.escape(message)):
        NetMap(doubles(), size=size)


# NetFold


@settings(max_examples=25)
@given(st.integers(1, 50), st.floats(0, 1, width=32), st.booleans())
def test_fold_equals_a_loop(count, gain, last):
    """A NetFold passes the state on from row to row, from zeros, and stacks the outputs."""
    x = rows(count)
    outputs, state = naive_fold(x, np.float32(gain))
    results = NetFold(smoother(), **FOLD, last=last).run({"x": x, "gain": np.float32(gain)})
    assert np.allclose(outputs, results["y"], atol=1e-5)
    assert ["y", "new"][: 1 + last] == list(results)
    assert not last or np.allclose(state, results["new"], atol=1e-6)


def test_fold_is_a_layer_with_constant_inputs():
    """The input of rows has one dimension more; the others keep their form, states are no ports."""
    net = NetGraph({"fold": NetFold(smoother(), **FOLD)}, [])
    assert {"x": (Varying, 2), "gain": ()} == {name: f.dims for name, f in net.inputs.items()}
    batch = [{"x": rows(n), "gain": np.float32(0.5)} for n in (3, 1)]
    for result, element in zip(net(batch), batch, strict=True):
        assert np.array_equal(naive_fold(element["x"], np.float32(0.5))[0], result)
    chain = NetChain([NetFold(toy_sum(), over="x", state={"total": "next"})], Input="Audio")
    with pytest.raises(PortError, match="may need more than one row of its input at once"):
        chain.stream(np.zeros(5))


def toy_sum(form=ArraySpec((1,))):  # noqa: B008 - it is immutable
    """Return a model whose only output is its state."""
    port = Port(form)
    return Toy(lambda x, total: {"next": x + total}, {"x": port, "total": port}, {"next": port})


def test_fold_of_states_alone_stacks_them():
    """Without another output, the states after each row are the output; `last` gives the last."""
    x = np.ones((4, 1), np.float32)
    options = {"over": "x", "state": {"total": "next"}}
    assert np.array_equal(x.cumsum(axis=0), NetFold(toy_sum(), **options).run({"x": x})["next"])
    assert np.array_equal([4], NetFold(toy_sum(), **options, last=True).run({"x": x})["next"])


def test_fold_passes_states_on_as_they_are():
    """A state is the whole array of the output: its batch axis may be unknown."""
    model = Toy(
        lambda x, h: {"y": x + h[:, 0].sum(), "hn": h + 1},
        {"x": Port(PAIR, 0), "h": Port(ArraySpec((2, Varying, 3)))},
        {"y": Port(PAIR, 0), "hn": Port(ArraySpec((Varying, Varying)), 0)},
    )
    options = {"over": "x", "state": {"h": "hn"}}
    with pytest.raises(PortError, match=r"the sizes of the state 'h' are not known: \(2, Varying"):
        NetFold(model, **options)
    fold = NetFold(model, **options, initial={"h": np.zeros((2, 1, 3))})
    x = np.zeros((3, 2), np.float32)
    assert np.array_equal([[0, 0], [6, 6], [12, 12]], fold.run({"x": x})["y"])


def test_fold_starts_from_initial_values():
    """A state begins with its initial value, in the type of the port, and each call anew."""
    fold = NetFold(smoother(), **FOLD, initial={"old": [3, 3]}, last=True)
    for _ in range(2):
        results = fold.run({"x": rows(4), "gain": np.float32(0.5)})
        outputs, state = naive_fold(rows(4), np.float32(0.5), 3.0)
        assert np.array_equal(outputs, results["y"])
        assert np.array_equal(state, results["new"])


def test_fold_runs_in_many_threads():
    """The state belongs to a call: threads that share a NetFold do not meet."""
    fold = NetFold(smoother(), **FOLD)
    expected = [naive_fold(rows(200, seed), np.float32(0.5))[0] for seed in range(4)]
    found = [None] * 4

    def work(seed):
        for _ in range(5):
            found[seed] = fold.run({"x": rows(200, seed), "gain": np.float32(0.5)})["y"]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(map(np.array_equal, expected, found))


def test_fold_feeds_lengths():
    """A port of lengths of the rows gets their size."""
    model = Toy(
        lambda x, n, s: {"y": x.sum(axis=1) / n + s, "t": s},
        {
            "x": Port(ArraySpec((Varying,)), 0),
            "n": Port(ArraySpec((), "float32"), 0, lengths_of="x"),
            "s": Port(ArraySpec(()), 0),
        },
        {"y": Port(ArraySpec(()), 0), "t": Port(ArraySpec(()), 0)},
    )
    fold = NetFold(model, over="x", state={"s": "t"})
    assert np.allclose(rows(5).mean(axis=1), fold.run({"x": rows(5)})["y"])


def test_fold_names_the_row_that_fails():
    """The exception of a model has a note with the row."""

    def fails(x, old, gain):
        if x[0, 0] == 2:
            raise RuntimeError("two")
        return {"y": x, "new": old}

    model = smoother()
    model.function = fails
    x = np.arange(3, dtype=np.float32)[:, None].repeat(2, 1)
    with pytest.raises(RuntimeError, match="two") as caught:
        NetFold(model, **FOLD).run({"x": x, "gain": np.float32(1)})
    assert ["for row 2 of the input of NetFold"] == caught.value.__notes__


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, old, gain: {"y": x}, "the model of NetFold gives no output 'new'."),
        (
            lambda x, old, gain: {"y": x, "new": old.astype(np.float64)},
            "the output 'new' is no next value of 'old': type float64 is not float32.",
        ),
        (
            lambda x, old, gain: {"y": x[:, : int(x[0, 0]) + 1], "new": old},
            "the rows of the output 'y' of NetFold differ in shape: (1,), (2,).",
        ),
    ],
)
def test_fold_refuses_outputs_that_do_not_fit(function, message):
    """States and outputs that are missing, of another type or of different shapes are errors."""
    model = smoother()
    model.function = function
    x = np.array([[0, 1], [1, 1]], np.float32)
    with pytest.raises(PortError, match=re.escape(message)):
        NetFold(model, **FOLD).run({"x": x, "gain": np.float32(1)})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": {}}, "NetFold needs a state. A model without one runs in a NetMap."),
        ({"over": "X"}, "the model of NetFold has no input 'X'. Did you mean 'x'?"),
        ({"state": {"ald": "new"}}, "the model of NetFold has no input 'ald'. Did you mean 'old'?"),
        ({"state": {"old": "q"}}, "the model of NetFold has no output 'q'. It has: y, new."),
        ({"initial": {"x": 3}}, "the model of NetFold has no state 'x'. It has: old."),
        ({"state": {"x": "new"}}, "'x' is both the input of rows and a state of NetFold."),
        (
            {"initial": {"old": [1, 2, 3]}},
            "the initial value of the state 'old': dimensions (3,) do not fit (2,).",
        ),
        (
            {"initial": {"old": [1j, 2]}},
            "the initial value of the state 'old': type complex128 is not float32.",
        ),
        (
            {"state": {"gain": "new"}},
            "the output 'new' is no next value of 'gain': dimensions () do not fit (Varying, 2).",
        ),
    ],
)
def test_wrong_arguments_of_fold_are_refused(changes, message):
    """Names that are no ports, and states that do not fit, are errors with the names."""
    with pytest.raises(PortError, match=re.escape(message)):
        NetFold(smoother(), **{**FOLD, **changes})


def test_state_of_unknown_form_needs_an_initial_value():
    """A state without a declared form has no zeros; any given array is its first value."""
    model = smoother(old=Port(None, 0))
    with pytest.raises(PortError, match="the sizes of the state 'old' are not known: unknown"):
        NetFold(model, **FOLD)
    fold = NetFold(model, **FOLD, initial={"old": np.zeros(2, np.float32)})
    results = fold.run({"x": rows(3), "gain": np.float32(0.5)})
    assert np.array_equal(naive_fold(rows(3), np.float32(0.5))[0], results["y"])


# Saved, shown and copied

MODELS = {"doubled": doubles, "smooth": smoother}


@pytest.fixture
def toys(monkeypatch):
    """Register a reader that restores toys, beside the others."""

    def restore(parameters, files):
        assert {"a/b.bin": b"weights"} == files
        return MODELS[parameters["function"]]()

    reader = NetReader("Toy", "toys", read=doubles, restore=restore)
    found = {**registry.net_readers(), "Toy": (Provider("test", "here"), reader)}
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: found)


@pytest.mark.parametrize(
    "model",
    [
        NetMap(doubles()),
        NetMap(doubles(), size=3),
        NetFold(smoother(), **FOLD),
        NetFold(smoother(), **FOLD, initial={"old": [1, 2]}, last=True),
        NetMap(NetMap(doubles()), size=5),
    ],
    ids=["map", "map by 3", "fold", "fold from values", "map of a map"],
)
def test_operators_are_saved_and_restored(toys, model):
    """The parts of an operator hold its model, with its files, and make an equal one."""
    saved = model.saved()
    assert all(isinstance(content, bytes) for content in saved.files.values())
    again = restored_model(model.kind, saved.parameters, saved.files)
    assert saved == again.saved()
    x = rows(9) if (2,) == model.model.inputs["x"].form.dims else rows(9).reshape(3, 3, 2)
    arrays = {"x": x, "gain": np.float32(0.5)}
    arrays = {name: arrays[name] for name in model.inputs}
    expected = model.run(arrays)
    assert expected.keys() == again.run(arrays).keys()
    assert all(np.array_equal(expected[name], again.run(arrays)[name]) for name in expected)


def test_saved_operator_nests_its_model():
    """The model is a kind with its parameters, and its files begin with 'model/'."""
    saved = NetFold(smoother(), **FOLD, initial={"old": [1, 2]}).saved()
    assert {
        "model": {"Toy": {"function": "smooth"}},
        "over": "x",
        "state": {"old": "new"},
        "initial": {"old": "initial/0.npy"},
    } == saved.parameters
    assert ["model/a/b.bin", "initial/0.npy"] == list(saved.files)


GOOD = {"model": {"Toy": {"function": "smooth"}}, **FOLD}
FILES = {"model/a/b.bin": b"weights"}


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("NetMap", {"over": "x"}, "a saved NetMap has no parameter 'over'."),
        ("NetMap", {"size": "4"}, "'size' of a saved NetMap must be of the type int. Got '4'."),
        ("NetMap", {"model": 3}, "'model' of a saved NetMap must be of the type Mapping. Got 3."),
        ("NetMap", {"model": {}}, "a saved NetMap needs 'model', a mapping of the kind of the"),
        ("NetMap", {"model": {"Toy": 3}}, "the 'model' of a saved NetMap must map a name to a map"),
        ("NetMap", {"model": {"Toi": {}}}, "there is no net reader 'Toi'. Did you mean 'Toy'?"),
        ("NetFold", {"state": 1}, "'state' of a saved NetFold must be of the type Mapping. Got 1."),
        ("NetFold", {"sate": {}}, "a saved NetFold has no parameter 'sate'. Did you mean 'state'?"),
        ("NetFold", {"last": 1}, "'last' of a saved NetFold must be of the type bool. Got 1."),
        ("NetFold", {"initial": {"old": "n"}}, "has no file 'n', the state 'old'."),
        ("NetFold", {"initial": {"old": 3}}, "has no file 3, the state 'old'."),
        (
            "NetFold",
            {"initial": {"old": "model/a/b.bin"}},
            "the initial value of the state 'old': The file is not a .npy file",
        ),
    ],
)
def test_wrong_parts_of_a_saved_operator_are_refused(toys, kind, changes, message):
    """The parts may come from any file: each is checked before it is used."""
    good = {"model": {"Toy": {"function": "doubled"}}} if kind == "NetMap" else GOOD
    with pytest.raises(PortError, match=re.escape(message)):
        restored_model(kind, {**good, **changes}, FILES)


def test_model_that_cannot_be_saved_is_named():
    """An operator of a model that cannot be saved cannot be saved either."""

    class Code(Toy):
        kind = "Code"
        saved = NetModel.saved

    port = Port(PAIR, 0)
    with pytest.raises(PortError, match="a layer of the kind Code cannot be saved"):
        NetMap(Code(doubled, {"x": port}, {"y": port})).saved()


def test_fold_is_not_read_from_a_value_alone():
    """The reader of NetFold makes saved ones only: a model alone does not name its states."""
    _, reader = registry.net_readers()["NetFold"]
    with pytest.raises(PortError, match=r"NetFold takes a model and the names of its states. Got"):
        reader.read(3)


def test_operators_are_shown_and_picklable():
    """The repr shows the model and the arguments; a net with operators is picklable."""
    shown = repr(NetFold(smoother(), **FOLD, last=True))
    assert re.fullmatch(
        r"NetFold\(<.*Toy object at \w+>, over='x', state=\{'old': 'new'\}, last=True\)", shown
    )
    assert re.fullmatch(r"NetMap\(<.*>, size=3\)", repr(NetMap(doubles(), size=3)))
    net = pickle.loads(pickle.dumps(NetChain([NetMap(doubles(), size=2)])[:"NetMap"]))
    assert np.array_equal(2 * rows(5), net(rows(5))["y"])
    assert "Toy" == NetMap(doubles()).summary


def test_map_keeps_to_the_batch_limit_of_a_model():
    """A model whose batch axis has the size 1 gets one row at a time."""
    for size in (None, 3):
        model = doubles()
        model.batch_limit = 1
        NetMap(model, size=size).run({"x": rows(3)})
        assert [{"x": (1, 2)}] * 3 == model.shapes


@pytest.mark.parametrize("model", [NetMap(doubles(), size=2), NetFold(smoother(), **FOLD)])
def test_stopped_workers_end_between_runs(monkeypatch, model):
    """A worker thread whose pool has ended runs the model for no further rows."""
    calls = []

    def stops():
        calls.append(1)
        if len(calls) == 3:
            raise EncodeError("stopped", code="cancelled")

    monkeypatch.setattr(f"{type(model).__module__}.check_stop", stops)
    with pytest.raises(EncodeError, match="stopped"):
        model.run({name: {"x": rows(9)}.get(name, np.float32(1)) for name in model.inputs})
    assert 2 == len(model.model.shapes)

"""Nets under attack: wrong types, models that break rules, mutation, failures, threads."""

import gc
import pickle
import re
import signal
import threading
import time
import warnings
import weakref

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    NetChain,
    NetEncoder,
    NetGraph,
    NetLayer,
    PluginError,
    PortError,
    Varying,
    registered,
)
from netencoders.net_model import NetModel, Port

ROWS = ArraySpec((Varying, 3), minimum=0)
LENGTH = Port(ArraySpec(()), 0, lengths_of="x")


class Model(NetModel):
    """A model that is a function."""

    kind = "Model"

    def __init__(self, function, inputs=None, outputs=None, reach="whole"):
        self.function, self.reach = function, reach
        self.inputs = {"x": Port(ROWS, 0)} if inputs is None else inputs
        self.outputs = {"y": Port(ROWS, 0)} if outputs is None else outputs

    def run(self, arrays):
        """Return the result of the function."""
        return self.function(**arrays)


class Counting(Encoder):
    """Some rows of ones."""

    name = "Counting"

    def output(self):
        """Return the form of the array."""
        return ROWS

    def encode(self, value):
        """Return n rows, or fail."""
        if value == "bad":
            raise EncodeError("cannot count", code="bad")
        return np.ones((value, 3), np.float32)


@pytest.fixture(autouse=True)
def _counting():
    with registered(Counting):
        yield


def ones(count=2):
    """Return an array of rows."""
    return np.ones((count, 3), np.float32)


def double(x):
    """Return twice the value."""
    return x * 2


def add_in_place(x):
    """Add 1 to the array itself."""
    x += 1
    return x


def add_in_model(x):
    """Add 1 to the array of a model itself."""
    return {"y": add_in_place(x)}


# Wrong types


@pytest.mark.parametrize("edges", [None, 3], ids=str)
def test_edges_of_another_type_are_refused(edges):
    """Edges that are no iterable are refused, and not a TypeError."""
    with pytest.raises(PortError, match=f"edges must be a list of pairs of names. Got {edges}."):
        NetGraph({"a": double}, edges)


def test_edges_may_be_a_generator():
    """A generator of edges is read once; its exception is unchanged."""
    net = NetGraph({"a": double}, (edge for edge in [("In", "a", "Out")]))
    assert [("In", "a", "Out")] == list(net.edges)

    def fails():
        yield ("In", "a")
        raise RuntimeError("middle")

    with pytest.raises(RuntimeError, match="middle"):
        NetGraph({"a": double}, fails())


class Odd:
    """A callable whose name is no text."""

    __name__ = 3

    def __call__(self, x):
        """Return the value."""
        return x


def test_callable_with_an_odd_name_is_named_by_its_class():
    """A name that is no text is not used."""
    net = NetChain([Odd()])
    assert ["Odd"] == list(net.layers)
    assert 2 == net(2)
    assert re.search("Odd +Odd +Input", str(net))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Model(None, inputs=3), "the ports of a model must map names to Port. Got 3."),
        (Model(None, inputs={"x": ROWS}), "the ports of a model must map names to Port. Got {'x'"),
        (Model(None, outputs={3: Port(ROWS)}), "the ports of a model must map names to Port."),
        (type("Nameless", (Model,), {"kind": None})(None), "Nameless of a model has no attribute"),
    ],
)
def test_model_with_wrong_attributes_is_refused(model, message):
    """The attributes of a model are checked when the net is made."""
    with pytest.raises(PortError, match=re.escape(message)):
        NetGraph({"m": model}, [])
    if model.kind is None:
        with pytest.raises(PortError, match=re.escape(message)):
            NetChain([model])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((3,), "the form of a port is an ArraySpec or None. Got 3."),
        ((ROWS, -1), "batch_axis is the index of an axis of the model's array, or None. Got -1."),
        ((ROWS, True), "batch_axis is the index of an axis"),
        ((ROWS, "0"), "batch_axis is the index of an axis"),
        ((ROWS, 3), "batch_axis is the index of an axis"),
    ],
)
def test_wrong_port_is_refused(fields, message):
    """The form and the batch axis of a port are checked."""
    with pytest.raises(PluginError, match=re.escape(message)):
        Port(*fields)
    assert 2 == Port(ROWS, 2).batch_axis


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "run must return a mapping from output to array. Got None."),
        ([ones()], "run must return a mapping from output to array. Got [array("),
        ({"y": [1]}, "layer 'm' breaks its declaration: type int64 is not float32."),
        ({"y": 3.0}, "output 'y' has the shape (), but its axis 0 must have the size of the batch"),
        ({"y": ones()[None].tolist()}, "breaks its declaration: type float64 is not float32."),
        ({"y": np.ma.masked_equal(ones()[None], 1)}, "output 'y' is a masked array."),
        ({"y": np.array([[["a"] * 3]])}, "breaks its declaration: type <U1 is not float32."),
    ],
    ids=str,
)
def test_result_of_a_model_is_checked(result, message):
    """Each result of a model is an array of the declared form."""
    with pytest.raises(PortError, match=re.escape(message)):
        NetGraph({"m": Model(lambda x: result)}, [])(ones())


def test_arrays_of_any_layout_are_taken():
    """Arrays in the order of Fortran, read-only ones and empty ones give the same result."""
    net = NetChain([Model(lambda x: {"y": np.asfortranarray(x * 2)}), "Affine"])
    expected = ones(4) * 2
    np.testing.assert_array_equal(expected, net(np.asfortranarray(ones(4))))
    np.testing.assert_array_equal(expected, net(np.broadcast_to(np.float32(1), (4, 3))))
    assert (0, 3) == net(ones(0)).shape
    assert [] == list(net.map([])) == net([])
    np.testing.assert_array_equal([expected] * 2, list(net.map([ones(4)] * 2, batch_size=9)))


def test_masked_array_is_refused():
    """A masked array would lose its mask."""
    net = NetChain([Model(lambda x: {"y": x})])
    with pytest.raises(PortError, match=r"it is a masked array, whose elements may be missing"):
        net(np.ma.masked_equal(ones(), 1))


@pytest.mark.parametrize("number", [np.float32("nan"), float("nan"), complex("nan")], ids=repr)
def test_nan_of_no_dimensions_is_an_error(number):
    """A number that is NaN is refused as an array is."""
    with pytest.raises(PortError, match=r"layer 'a': the result has NaN."):
        NetGraph({"a": lambda x: number}, [])(1)


def test_nan_of_a_model_with_a_number_for_each_input_is_an_error():
    """An output of the form () is a number of numpy, and is checked for NaN."""
    form = Port(ArraySpec(()), 0)
    model = Model(lambda x: {"y": np.full(len(x), np.nan, np.float32)}, outputs={"y": form})
    with pytest.raises(PortError, match=r"layer 'Model', output 'y': the result has NaN."):
        NetChain([model])(ones())


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (lambda n: n + 5, "7.0"),
        (lambda n: n - 5, "-3.0"),
        (lambda n: n[None].repeat(2, 0).T, r"[2.0, 2.0]"),
    ],
    ids=["long", "negative", "two"],
)
def test_length_that_cannot_be_is_refused(told, shown):
    """A length that a model gives is from 0 to the number of rows of the output."""
    lengths = Port(None, 0, lengths_of="y")
    model = Model(lambda x, n: {"y": x, "k": told(n)}, {"x": Port(ROWS, 0), "n": LENGTH})
    model.outputs = {"y": Port(ROWS, 0), "k": lengths}
    message = (
        f"output 'k' must hold the number of rows of 'y', which has the shape (2, 3). Got {shown}"
    )
    with pytest.raises(PortError, match=re.escape(message)):
        NetChain([model])(ones())


def test_length_may_have_dimensions_of_one():
    """A length of the shape (1,) for each input is a length."""
    lengths = Port(ArraySpec((1,)), 0, lengths_of="y")
    model = Model(lambda x, n: {"y": x, "k": n[:, None] - 1}, {"x": Port(ROWS, 0), "n": LENGTH})
    model.outputs = {"y": Port(ROWS, 0), "k": lengths}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (1, 3) == NetChain([model])(ones()).shape


def test_mask_has_the_dimensions_of_its_port():
    """A mask for a port of the form (1, Varying) has a dimension of size 1."""
    mask = Port(ArraySpec((1, Varying), "int64"), 0, mask_of="x")
    shapes = []

    def call(x, mask):
        shapes.append(mask.shape)
        return {"y": x * mask[:, 0, :, None].astype(np.float32)}

    model = Model(call, {"x": Port(ROWS, 0), "mask": mask})
    list(NetChain([model]).map([ones(2), ones(4)], batch_size=2))
    assert [(2, 1, 4)] == shapes


# Mutation


@pytest.mark.parametrize(
    "layer",
    [
        add_in_place,
        Model(add_in_model),
        Model(add_in_model, {"x": Port(ROWS)}, {"y": Port(ROWS)}),
        NetChain([add_in_place]),
    ],
    ids=["callable", "batch", "no batch", "nested"],
)
def test_layer_that_changes_its_input_changes_no_other_array(layer):
    """A layer that writes to its input leaves those of the caller and of other layers alone."""
    layers = {"first": np.positive, "bad": layer, "other": double}
    edges = [("first", "bad", "Bad"), ("first", "other", "Other"), ("first", "First")]
    net = NetGraph(layers, edges)
    given = ones()
    found = net(given)
    for name, number in {"Bad": 2, "Other": 2, "First": 1}.items():
        np.testing.assert_array_equal(ones() * number, found[name])
    np.testing.assert_array_equal(ones() * 2, NetChain([layer])(given))
    np.testing.assert_array_equal(ones() * 2, NetChain([layer], Input="Counting")(given))
    list(NetChain([layer]).map([given, given], batch_size=2))
    np.testing.assert_array_equal(ones(), given)


def test_array_that_no_other_layer_needs_is_not_copied():
    """A value with one use, and the input of a ufunc, is passed as it is."""
    seen = []

    def made(x):
        seen.append(x + 1)
        return seen[-1]

    def same(x):
        seen.append(x)
        return x

    NetChain([made, same])(ones())
    assert seen[0] is seen[1]


# Failures in a map


@pytest.mark.parametrize(
    "options", [{}, {"batch_size": 2}, {"workers": 1}, {"isolate": True}], ids=str
)
@pytest.mark.parametrize(
    "layer", [double, Model(lambda x: {"y": x * 2})], ids=["callable", "model"]
)
def test_inputs_before_a_failure_of_the_iterable_have_results(options, layer):
    """If the iterable of the inputs raises, the results before it are yielded, then it raises."""

    def values():
        yield from [ones()] * 3
        raise RuntimeError("the source ends")

    found = NetChain([layer]).map(values(), **options)
    assert [(2, 3)] * 3 == [next(found).shape for _ in range(3)]
    with pytest.raises(RuntimeError, match="the source ends"):
        next(found)


@pytest.mark.parametrize("isolate", [False, True])
def test_input_of_wrong_ports_does_not_end_the_others(isolate):
    """With on_error="return", a dict without a port gives its error at its place."""
    net = NetGraph(
        {"a": np.add}, [("A", "a.x1"), ("B", "a.x2")], A="AudioSpectrogram", B=ArraySpec((1,))
    )
    one = np.ones(1, np.float32)
    good = {"A": np.ones((2, 201), np.float32), "B": one}
    values = [{"A": 1}, good, {"B": 1}, {"B": 2}, good, {}]
    found = list(net.map(values, isolate=isolate, on_error="return", workers=2))
    kinds = ["PortError", "ndarray", "PortError", "PortError", "ndarray", "PortError"]
    assert kinds == [type(each).__name__ for each in found]
    assert ["for element 3 of the batch"] == found[3].__notes__
    assert "no value for the input port 'A'" in str(found[3])


@pytest.mark.parametrize("options", [{"workers": 3}, {"workers": 3, "batch_size": 2}], ids=str)
def test_map_that_is_closed_early_leaves_no_threads(options):
    """The threads of a map end when it is closed, dropped, or never started."""
    net = NetChain([Model(lambda x: {"y": x})], Input="Counting")
    before = threading.active_count()
    for close in (lambda found: found.close(), lambda found: None):
        found = net.map([1] * 99, **options)
        next(found)
        close(found)
        del found
        gc.collect()
        assert before == threading.active_count()
    net.map([1] * 99, **options)
    assert before == threading.active_count()


@pytest.mark.parametrize("options", [{}, {"batch_size": 2}, {"on_error": "return"}], ids=str)
@pytest.mark.parametrize("made", [lambda f: f, lambda f: Model(f)], ids=["callable", "model"])
def test_interrupt_that_a_layer_raises_ends_the_map(options, made):
    """KeyboardInterrupt and SystemExit are no failures of an input."""

    def interrupt(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(NetChain([made(interrupt)]).map([ones()] * 4, workers=3, **options))
    assert 1 == sum(not thread.daemon for thread in threading.enumerate())


@pytest.mark.parametrize("options", [{"workers": 3}, {"workers": 3, "batch_size": 2}], ids=str)
def test_signal_ends_a_map(options):
    """Ctrl-C ends a map of a slow model, whose inputs would take a minute, and its threads."""
    started = threading.Event()

    def slow(x):
        started.set()
        time.sleep(0.1)
        return {"y": x}

    def interrupt():
        started.wait()
        signal.raise_signal(signal.SIGINT)

    done = []
    sender = threading.Thread(target=interrupt)
    sender.start()
    with pytest.raises(KeyboardInterrupt):
        done.extend(NetChain([Model(slow)]).map([ones()] * 600, **options))
    sender.join()
    assert len(done) < 300
    assert 1 == sum(not thread.daemon for thread in threading.enumerate())


def test_warning_that_is_an_error_is_the_failure_of_its_input():
    """A warning of a layer that is an error is raised with the names of layer and input."""

    def warned(x):
        warnings.warn("odd", stacklevel=1)
        return {"y": x}

    net = NetChain([Model(warned)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = list(net.map([ones()] * 2, on_error="return", workers=2))
    assert [UserWarning, UserWarning] == [type(each) for each in found]
    assert ["in layer 'Model' of the net", "for element 1 of the batch"] == found[1].__notes__


# Sharing, sizes, names


def test_threads_share_a_net():
    """Eight threads that call one net get the results of one thread."""
    net = NetChain(["Affine", Model(lambda x: {"y": x * 2}), np.sqrt], Input="Counting")
    expected = [net(count) for count in range(8)]
    wrong = []

    def call(count):
        wrong.extend(count for _ in range(50) if not np.array_equal(expected[count], net(count)))

    threads = [threading.Thread(target=call, args=(count,)) for count in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == wrong


def test_values_of_a_batch_are_freed_after_their_last_use():
    """While a layer runs, only its inputs and outputs are alive, for all inputs of a batch."""
    alive, references = {}, {}

    def watched(name):
        def run(x):
            alive[name] = [
                key
                for key, found in references.items()
                if any(each() is not None for each in found)
            ]
            result = x + 1
            references.setdefault(name, []).append(weakref.ref(result))
            return {"y": result}

        return Model(run)

    list(NetChain([(name, watched(name)) for name in "abcd"]).map([ones()] * 4, batch_size=4))
    assert {"a": [], "b": ["a"], "c": ["b"], "d": ["c"]} == alive


def test_nets_may_be_deep():
    """Fifty nets within each other are made, called, copied and replaced."""
    net = NetChain(["Affine"])
    for _ in range(50):
        net = NetChain([("in", net)])
    again = pickle.loads(pickle.dumps(net.replace(Input=ROWS)))
    np.testing.assert_array_equal(ones(), again(ones()))
    assert ROWS == again.outputs["Output"]


def test_form_of_a_nested_net_is_inferred_in_its_own_forms():
    """The forms that a nested net has at its other ports stay, and names need not be words."""
    inner = NetGraph({"a": np.add}, [("in put", "a.x1"), ("1", "a.x2")], **{"1": ROWS})
    net = NetGraph({"n": inner}, [("X", "n.in put")], X=ROWS)
    assert {"X": ROWS, "Input": ROWS} == dict(net.inputs)
    np.testing.assert_array_equal(
        ones() * 2, NetGraph({"n": inner}, [])({"Input1": ones(), "Input2": ones()})
    )


def test_chain_of_a_thousand_layers():
    """A chain of 1000 layers has names of its own for each, and is shown and cut."""
    net = NetChain([np.sqrt] * 1000)
    assert "sqrt_1000" == list(net.layers)[-1]
    assert 1004 == len(str(net).splitlines())
    assert 500 == len(net[:"sqrt_500"].layers)
    np.testing.assert_array_equal(ones(), net(ones()))


def test_ports_may_have_any_names():
    """Ports may have the names of arguments, keywords, or other alphabets."""
    net = NetGraph({"a": double}, [("self", "a", "return")], self=ROWS)
    assert {"self": None, "return": None} == {**net.replace(self=None).inputs, **net.outputs}
    assert 6 == NetGraph({"層": double}, [("für", "層", "a b")])({"für": 3})


# Parts


def test_part_of_a_net_has_the_outputs_of_its_layer():
    """Outputs of earlier layers without a use are left out, also after changes and copies."""
    model = Model(lambda x: {"y": x, "z": x}, outputs={"y": Port(ROWS, 0), "z": Port(ROWS, 0)})
    net = NetGraph({"m": model, "d": double, "e": double}, [("m.y", "d", "e")])
    part = net[:"d"]
    assert ["Output"] == list(part.outputs)
    assert [("Input", "m"), ("m.y", "d"), ("m.z", "")] == list(part.edges)
    again = NetGraph(part.layers, part.edges)
    for other in (
        again,
        part.replace(Input=ROWS),
        part.append(double, "f"),
        part.replace_layer("d", double),
    ):
        assert ["Output"] == list(other.outputs)
    assert ["y", "z"] == list(net[:"m"].outputs)
    np.testing.assert_array_equal(ones() * 2, part(ones()))


def test_output_is_left_out_by_an_edge_to_no_name():
    """An edge to an empty name leaves out an output; the net keeps at least one."""
    net = NetGraph({"a": double, "b": double}, [("Input", "a", ""), ("Input", "b")])
    assert ({"Output": None}, 4) == (dict(net.outputs), net(2))
    with pytest.raises(PortError, match="all outputs of the net are left out: it needs at least"):
        NetGraph({"a": double}, [("a", "")])
    for edge in (("", "a"), ("a", "", "b")):
        with pytest.raises(PortError, match="an edge must be a pair of names, source and target"):
            NetGraph({"a": double, "b": double}, [edge])
    with pytest.raises(PortError, match="the edge 'X' -> '' does not connect a layer"):
        NetGraph({"a": double}, [("X", "")])


def test_appended_layer_has_a_name_of_its_own():
    """The name of a port is not used for a new layer, and is refused if it is given."""
    net = NetGraph({"a": np.sqrt}, [("a", "Mean")]).append("Mean")
    assert (["a", "Mean_2"], ["Mean"]) == (list(net.layers), list(net.outputs))
    with pytest.raises(PortError, match="the net has a port 'Input' already: give the layer an"):
        NetChain([double]).append(double, "Input")


# Streams


def test_model_after_a_transposition_is_not_streamed():
    """Rows of a model are not those of time if time is last; the call works."""
    form = ArraySpec((201, Varying))
    model = Model(lambda x: {"y": x}, {"x": Port(form, 0)}, {"y": Port(form, 0)}, reach="row")
    net = NetChain(["Transpose", model], Input="AudioSpectrogram")
    for each in (net, NetChain(["Transpose", NetChain([model])], Input="AudioSpectrogram")):
        with pytest.raises(PortError, match=r"layer 'Model|NetChain' may need more than one row"):
            each.stream("a.wav")
    flat = NetLayer("SelectFeatures", Stop=1)
    layers = {"flat": flat, "row": NetLayer("Reshape", Shape=[]), "add": np.add}
    edges = [("Input", "flat", "row", "add.x1"), ("Input", "add.x2")]
    net = NetGraph(layers, edges, Input=NetEncoder("Counting"))
    with pytest.raises(PortError, match=r"layer 'add' may need more than one row"):
        net.stream(3)

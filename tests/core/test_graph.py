"""NetGraph: names, ports, shapes, evaluation and batches."""

import copy
import pickle
import re
import weakref
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    EncoderNotFoundError,
    Integer,
    NetEncoder,
    NetGraph,
    Parameter,
    PortError,
    Varying,
    registered,
)


class Counting(Encoder):
    """The numbers below the input n, as rows of Width columns."""

    name = "Counting"
    parameters = (Parameter("Width", Integer(min=1), default=2, doc="columns"),)

    def output(self):
        """Return the form of the array."""
        return ArraySpec((Varying, self.resolved["Width"]))

    def encode(self, value):
        """Return rows of a counted column."""
        if value == "bad":
            raise EncodeError("cannot count", code="bad")
        rows = list(value) if isinstance(value, list) else range(value)
        return np.repeat(np.array(rows, np.float32)[:, None], self.resolved["Width"], axis=1)


class Dense:
    """A layer that acts on the last axis, with declared and inferred shapes."""

    def __init__(self, inside, outside):
        self.weights = np.ones((inside, outside), np.float32)

    def infer(self, x):
        """Return the form of the output."""
        if x.dims[-1] != len(self.weights):
            raise ValueError(f"the last dimension must be {len(self.weights)}")
        return replace(x, dims=(*x.dims[:-1], self.weights.shape[1]), axes=())

    def __call__(self, x):
        """Return the product."""
        return x @ self.weights


class Declared:
    """A layer of fixed shapes."""

    def __init__(self, inputs, output=None, gives=None):
        self.inputs, self.output, self.gives = inputs, output, gives

    def __call__(self, x):
        """Return the array, or the value that the test sets instead."""
        return x if self.gives is None else self.gives


def double(x):
    """Return twice the array."""
    return x * 2


def subtract(left, right):
    """Return the difference."""
    return left - right


@pytest.fixture(autouse=True)
def _counting():
    with registered(Counting):
        yield


def matching(text):
    """Return a pattern that matches the whole text."""
    return f"^{re.escape(text)}$"


def test_chain_applies_layers_in_order():
    """Layers in a chain are applied in order; the unconnected ends become Input and Output."""
    net = NetGraph({"log": np.log2, "double": double}, [("log", "double")])
    assert [1.0, 6.0] == net(np.array([2**0.5, 8.0])).round(6).tolist()
    assert ["Input"] == list(net.inputs)
    assert ["Output"] == list(net.outputs)


def test_tuple_of_names_is_a_chain_of_edges():
    """A tuple of more than two names is a chain of edges."""
    net = NetGraph({"a": double, "b": double}, [("Sound", "a", "b", "Loud")])
    assert 12 == net(3)
    assert (["Sound"], ["Loud"]) == (list(net.inputs), list(net.outputs))


def test_edge_addresses_an_argument_by_name():
    """A layer with several inputs is addressed by its argument names."""
    layers = {"double": double, "minus": subtract}
    net = NetGraph(layers, [("x", "double"), ("double", "minus.right"), ("x", "minus.left")])
    assert -5 == net(5)


def test_unconnected_ports_are_numbered():
    """Several unconnected inputs and outputs are numbered from 1, in the order of the layers."""
    net = NetGraph({"minus": subtract, "double": double}, [])
    assert ["Input1", "Input2", "Input3"] == list(net.inputs)
    assert {"Output1": 3, "Output2": 8} == net({"Input1": 5, "Input2": 2, "Input3": 4})


def test_automatic_port_names_avoid_given_names():
    """An automatic port never takes the name of a layer or of a named port."""
    net = NetGraph({"Output": double, "b": subtract}, [("Input", "b.left"), ("Input1", "Output")])
    assert ["Input", "Input1", "Input2"] == list(net.inputs)
    assert ["Output1", "Output2"] == list(net.outputs)


def test_several_outputs_may_share_a_layer():
    """One layer may feed several outputs and another layer; its output may be named Output."""
    edges = [("a", "One"), ("a.Output", "Two"), ("a", "b", "Three")]
    net = NetGraph({"a": double, "b": double}, edges)
    assert {"One": 2, "Two": 2, "Three": 4} == net(1)


class Keywords:
    """A layer with keyword-only and optional arguments."""

    def __call__(self, x, /, y, scale=10, *, z, unit=1000):
        """Return a number whose digits are the values of the arguments."""
        return (x + 2 * y) * scale + z + unit


@pytest.mark.parametrize(
    ("call", "given", "result"),
    [
        (np.negative, {"x": 3}, -3),
        (np.subtract, {"x1": 1, "x2": 3}, -2),
        (np.mean, {"a": (1, 3)}, 2),
        (max, {"Input": (7, 9)}, 9),
        (lambda *arrays: len(arrays), {"Input": (7, 9)}, 1),
        (Keywords(), {"x": 1, "y": 2, "z": 3}, 1053),
        (Keywords(), {"unit": 4, "x": 1, "z": 3, "y": 2}, 57),
        (partial(subtract, right=4), {"left": 1}, -3),
        (partial(subtract, 4), {"right": 1}, 3),
    ],
)
def test_arguments_of_a_callable_are_inputs(call, given, result):
    """Required arguments are inputs, optional ones may be; unnamed inputs have fixed names."""
    net = NetGraph({"layer": call}, [(port, f"layer.{port}") for port in given])
    assert list(given) == list(net.inputs)
    assert result == net(given if len(given) > 1 else next(iter(given.values())))


MINUS, TWO = {"minus": subtract}, {"double": double, "minus": subtract}


@pytest.mark.parametrize(
    ("layers", "edges", "message"),
    [
        (
            {},
            [],
            "layers must be a mapping of at least one name to a layer. Got {}.",
        ),
        (
            ["a"],
            [],
            "layers must be a mapping of at least one name to a layer. Got ['a'].",
        ),
        ({"a.b": double}, [], "a layer's name must be a text without dots. Got 'a.b'."),
        ({3: double}, [], "a layer's name must be a text without dots. Got 3."),
        (
            {"a": 3},
            [],
            (
                "layer 'a' must be callable, a NetLayer or its name, a net, or the path of a "
                "model. Got 3."
            ),
        ),
        (
            {"a": np.modf},
            [],
            "layer 'a' must return one array. Got 2: use a function that selects one.",
        ),
        (
            {"a": lambda: 1},
            [],
            "layer 'a' has no required argument, so it cannot take an input.",
        ),
        (TWO, ["ab"], "an edge must be a pair of names, source and target. Got 'ab'."),
        (TWO, [("a",)], "an edge must be a pair of names, source and target. Got ('a',)."),
        (TWO, [("a", 1)], "an edge must be a pair of names, source and target. Got ('a', 1)."),
        (TWO, [("", "a")], "an edge must be a pair of names, source and target. Got ('', 'a')."),
        (
            TWO,
            [("x", "minsu.left")],
            "'minsu.left' does not name a layer of the net. Did you mean 'minus'?",
        ),
        (
            TWO,
            [("q.x", "double")],
            "'q.x' does not name a layer of the net. The layers are: double, minus.",
        ),
        (TWO, [("x", "minus.lft")], "layer 'minus' has no input 'lft'. Did you mean 'left'?"),
        (TWO, [("x", "minus.")], "layer 'minus' has no input ''. It has: left, right."),
        (
            TWO,
            [("double", "minus")],
            "layer 'minus' has several inputs. Choose one of: minus.left, minus.right.",
        ),
        (
            TWO,
            [("minus.left", "double")],
            "an edge begins at the name of a layer alone, 'minus'. Got 'minus.left'.",
        ),
        (
            TWO,
            [("x", "minus.left"), ("double", "minus.left")],
            "'minus.left' has two sources: 'x' and 'double'.",
        ),
        (
            TWO,
            [("minus", "Output"), ("double", "Output")],
            "'Output' has two sources: 'minus' and 'double'.",
        ),
        (
            TWO,
            [("Input", "doubel")],
            "the edge 'Input' -> 'doubel' does not connect a layer. Did you mean 'double'?",
        ),
        (
            TWO,
            [("minus", "doubl"), ("doubl", "double")],
            (
                "'doubl' is not a layer, but edges both begin and end at it: a port of the net is "
                "either an input or an output. Did you mean 'double'?"
            ),
        ),
        (
            TWO,
            [("double", "minus.left"), ("minus", "double")],
            "the layers form a cycle: double -> minus -> double.",
        ),
        ({"a": double}, [("a", "a")], "the layers form a cycle: a -> a."),
        (
            {"a": Declared({"y": None, "z": None})},
            [],
            "layer 'a' declares 'y', which is not one of its arguments. It has: x.",
        ),
        (
            {"a": Declared({"x": (3,)})},
            [],
            "layer 'a': 'inputs' must map names to ArraySpec. Got 'x': (3,).",
        ),
    ],
)
def test_invalid_graph_is_refused(layers, edges, message):
    """Layers and edges that do not fit are refused at construction, with names and a hint."""
    with pytest.raises(PortError, match=matching(message)):
        NetGraph(layers, edges)


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ({"Imput": "Counting"}, "the net has no port 'Imput'. Did you mean 'Input'?"),
        ({"double": None}, "the net has no port 'double'. It has: Input, Output."),
        (
            {"Output": NetEncoder("AudioSpectrogram")},
            (
                "output port 'Output' takes a NetDecoder, the name of one without required "
                'parameters, or None. Got NetEncoder("AudioSpectrogram"). An encoder belongs to an '
                "input port."
            ),
        ),
        (
            {"Input": 3.5},
            ("input port 'Input' takes a NetEncoder, its name, an ArraySpec or None. Got 3.5."),
        ),
    ],
)
def test_encoder_at_another_port_is_refused(ports, message):
    """An encoder may be attached to an input port only, at construction and in replace."""
    with pytest.raises(PortError, match=matching(message)):
        NetGraph({"double": double}, [], **ports)
    with pytest.raises(PortError, match=matching(message)):
        NetGraph({"double": double}, []).replace(**ports)


def test_unknown_encoder_at_a_port_raises():
    """An encoder name that no plugin provides raises the error of the registry."""
    with pytest.raises(EncoderNotFoundError, match="no encoder 'Countin'"):
        NetGraph({"double": double}, [], Input="Countin")


def test_port_accepts_an_encoder_or_its_name():
    """An encoder at a port encodes the input and determines the form of the port."""
    net = NetGraph({"double": double}, [], Input=NetEncoder("Counting", Width=3))
    assert [[0, 0, 0], [2, 2, 2]] == net(2).tolist()
    assert ArraySpec((Varying, 3)) == net.inputs["Input"]
    assert {"Input": NetEncoder("Counting")} == net.replace(Input="Counting").encoders


def test_encoded_array_at_a_port_is_unchanged():
    """An array that has the encoder's output form enters the layers unchanged."""
    net = NetGraph({"double": double}, [], Input="Counting")
    assert np.array_equal(net(3), net(NetEncoder("Counting")(3)))


def test_replace_detaches_an_encoder():
    """`replace` detaches an encoder, or attaches the form that arrays must have instead."""
    net = NetGraph({"double": double}, [], Input="Counting")
    bare = net.replace(Input=None)
    assert 6 == bare(3)
    assert ({"Input": None}, {}) == (dict(bare.inputs), dict(bare.encoders))
    declared = net.replace(Input=ArraySpec((Varying, 2)))
    assert np.array_equal(net(3), declared(NetEncoder("Counting")(3)))
    remedy = "It has no encoder; replace(Input=...) attaches one."
    with pytest.raises(
        PortError, match=matching(f"input port 'Input': 3 is not an array. {remedy}")
    ):
        declared(3)
    wrong = "dimensions (1, 3) do not fit (Varying, 2)"
    with pytest.raises(PortError, match=matching(f"input port 'Input': {wrong}. {remedy}")):
        declared(np.zeros((1, 3), np.float32))


def test_shapes_propagate_through_layers():
    """Shapes propagate from the encoder through ufuncs and layers that declare them."""
    layers = {"log": np.log1p, "dense": Dense(2, 5), "mean": np.mean}
    net = NetGraph(layers, [("log", "dense", "mean"), ("dense", "Five")], Input="Counting")
    assert {"Five": ArraySpec((Varying, 5)), "Output": None} == dict(net.outputs)
    assert (4, 5) == net(4)["Five"].shape


def test_port_has_the_narrower_declared_form():
    """A port has the form that its layers declare; of two forms, the narrower one."""
    wide, narrow = ArraySpec((Varying, 2)), ArraySpec((3, 2))
    layers = {"a": Declared({"x": wide}, narrow), "b": Declared({"x": narrow})}
    net = NetGraph(layers, [("Input", "a"), ("Input", "b")])
    assert {"Input": narrow} == dict(net.inputs)
    assert {"Output1": narrow, "Output2": None} == dict(net.outputs)


def test_port_has_the_larger_minimum_of_rows():
    """If the rows of two forms vary, the port has the larger minimum."""
    few, many = ArraySpec((Varying, 2), minimum=0), ArraySpec((Varying, 2), minimum=5)
    net = NetGraph(
        {"a": Declared({"x": few}), "b": Declared({"x": many})}, [("p", "a"), ("p", "b")]
    )
    assert {"p": many} == dict(net.inputs)


FOUR = ArraySpec((Varying, 4))


@pytest.mark.parametrize(
    ("layers", "edges", "message"),
    [
        (
            {"a": Declared({"x": FOUR})},
            [],
            (
                "input 'x' of layer 'a' cannot take the output of 'Input': dimensions (Varying, 2) "
                "do not fit (Varying, 4). 'Input' gives float32 (Varying, 2), and 'x' takes "
                "float32 (Varying, 4). Counting with Width=4 fits."
            ),
        ),
        (
            {"log": np.log1p, "a": Declared({"x": ArraySpec((Varying, 2), "int32")})},
            [("log", "a")],
            (
                "input 'x' of layer 'a' cannot take the output of 'log': type float32 is not int32"
                ". 'log' gives float32 (Varying, 2), and 'x' takes int32 (Varying, 2). Put "
                "NetLayer(\"Cast\", Type='int32') between them (it rounds)."
            ),
        ),
        (
            {"dense": Dense(4, 5)},
            [],
            (
                "layer 'dense' refuses its inputs: the last dimension must be 4. 'Input' gives "
                "float32 (Varying, 2)."
            ),
        ),
        (
            {"a": Declared({"x": FOUR}), "b": Declared({"x": ArraySpec((3,))}), "c": double},
            [("p", "a"), ("p", "b"), ("Input", "c")],
            (
                "the layers after the input port 'p' declare different forms: dimensions "
                "(Varying, 4) do not fit (3,). 'x' of 'a' takes float32 (Varying, 4), and 'x' of "
                "'b' takes float32 (3,)."
            ),
        ),
    ],
)
def test_contradicting_shapes_are_refused(layers, edges, message):
    """Shapes that cannot fit are refused before anything is encoded."""
    with pytest.raises(PortError, match=matching(message)):
        NetGraph(layers, edges, Input="Counting")


def test_infer_returns_a_form_or_none():
    """An infer method returns an ArraySpec, or None if the form is unknown."""
    layer = Dense(2, 2)
    layer.infer = lambda x: x.dims
    message = "layer 'a': infer must return an ArraySpec or None. Got (Varying, 2). "
    message += "'Input' gives float32 (Varying, 2)."
    with pytest.raises(PortError, match=matching(message)):
        NetGraph({"a": layer}, [], Input="Counting")
    layer.infer = lambda x: None
    layers = {"a": layer, "b": np.frompyfunc(str, 1, 1)}
    net = NetGraph(layers, [("Input", "a"), ("Input", "b")], Input="Counting")
    assert {"Output1": None, "Output2": None} == dict(net.outputs)


def test_ufunc_without_a_loop_for_the_type_is_refused():
    """A ufunc without a loop for the element type is refused at construction."""
    with pytest.raises(PortError, match=r"^layer 'a' refuses its inputs: ufunc 'invert'"):
        NetGraph({"a": np.invert}, [], Input="Counting")


def test_value_of_another_form_than_declared_is_refused():
    """If a form is not known before the call, the values are checked."""
    net = NetGraph({"mid": double, "a": Declared({"x": FOUR})}, [("mid", "a")])
    message = "input 'x' of layer 'a': dimensions (1, 2) do not fit (Varying, 4)."
    with pytest.raises(PortError, match=matching(message)):
        net(np.zeros((1, 2), np.float32))
    net = NetGraph({"a": Declared({}, FOUR, gives=[1])}, [])
    message = "layer 'a' breaks its declaration: [1] is not an array."
    with pytest.raises(PortError, match=matching(message)):
        net(0)
    scalar = NetGraph({"a": Declared({}, ArraySpec(()), gives=np.float32(1))}, [])
    assert 1 == scalar(0)


def test_list_for_one_input_is_a_batch():
    """A list is a batch, also if it is empty, and each of its elements is one input."""
    net = NetGraph({"sum": lambda x: x.sum()}, [], Input="Counting")
    assert [6.0, 0.0, 18.0] == net([3, 1, [4, 5]])
    assert [] == net([])


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"b": 1, "a": 5}, 4),
        ({"a": [5, 3], "b": [1, 1]}, [4, 2]),
        ([{"a": 5, "b": 1}, {"a": 3, "b": 1}], [4, 2]),
        ({"a": [], "b": []}, []),
    ],
)
def test_dicts_and_lists_for_several_inputs(value, result):
    """A net of several inputs takes a dict, a dict of lists, or a list of dicts."""
    assert result == NetGraph(MINUS, [("a", "minus.left"), ("b", "minus.right")])(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            3,
            (
                "a net with several input ports takes a dict with a value for each: left, right. "
                "Got 3."
            ),
        ),
        (
            [{"left": 1, "right": 1}, 3],
            (
                "element 1: a net with several input ports takes a dict with a value for each: "
                "left, right. Got 3."
            ),
        ),
        (
            {"left": 1, "rigth": 2},
            (
                "no value for the input port 'right'. unknown input port 'rigth'. Did you mean "
                "'right'? The input ports are: left, right."
            ),
        ),
        (
            {"left": [1, 2], "right": [1]},
            "a batch needs lists of equal length for all ports. Got left: 2, right: 1.",
        ),
        (
            {"left": [1, 2], "right": 1},
            "a batch needs lists of equal length for all ports. Got left: 2, right: not a list.",
        ),
    ],
)
def test_missing_or_unknown_inputs_are_refused(value, message):
    """The errors for missing, unknown and unequal inputs name the ports."""
    net = NetGraph(MINUS, [("left", "minus.left"), ("right", "minus.right")])
    with pytest.raises(PortError, match=matching(message)):
        net(value)


def test_encode_error_keeps_its_index():
    """An EncodeError has the index of the element in a batch, and no index otherwise."""
    net = NetGraph(MINUS, [("a", "minus.left")], a="Counting", Input=ArraySpec((Varying, 2)))
    array = np.ones((1, 2), np.float32)
    with pytest.raises(EncodeError, match=r"^element 1: bad: cannot count") as caught:
        net({"a": [1, "bad"], "Input": [array, array]})
    assert 1 == caught.value.index
    with pytest.raises(EncodeError, match=r"^bad: cannot count\n") as caught:
        net({"a": "bad", "Input": array})
    assert caught.value.index is None
    assert ["at the input port 'a' of the net"] == caught.value.__notes__


def test_exception_of_a_layer_names_the_layer():
    """An exception of a layer propagates, with notes that name the layer and the element."""
    net = NetGraph({"double": double, "inverse": lambda x: 1 / x}, [("double", "inverse")])
    with pytest.raises(ZeroDivisionError, match="division by zero") as caught:
        net([1, 0])
    notes = ["in layer 'inverse' of the net", "for element 1 of the batch"]
    assert notes == caught.value.__notes__
    with pytest.raises(ZeroDivisionError, match="division by zero") as caught:
        net(0)
    assert notes[:1] == caught.value.__notes__


def test_net_works_as_a_layer():
    """A net with one input port works as a layer, with the form of that port."""
    inner = NetGraph({"double": double}, [], Input=ArraySpec((2,)))
    outer = NetGraph({"inner": inner, "double": double}, [("Sound", "inner", "double")])
    assert {"Sound": ArraySpec((2,))} == dict(outer.inputs)
    assert [4, 8] == outer(np.array([1, 2], np.float32)).tolist()


def test_value_is_freed_after_its_last_use():
    """A value is freed as soon as the last layer that uses it has run."""
    alive = {}

    def watched(name):
        def layer(x):
            alive[name] = [key for key, was in references.items() if was() is not None]
            result = x + 1
            references[name] = weakref.ref(result)
            return result

        return layer

    references = {}
    layers = {name: watched(name) for name in "abcd"}
    net = NetGraph({**layers, "minus": subtract}, [(*"abcd", "minus.left"), ("b", "minus.right")])
    net(np.zeros(3))
    assert {"a": [], "b": ["a"], "c": ["b"], "d": ["b", "c"]} == alive
    assert all(was() is None for was in references.values())


def test_net_is_immutable():
    """The attributes of a net cannot be set, deleted or changed in place."""
    layers = {"double": double}
    net = NetGraph(layers, [])
    layers["other"] = double
    assert ["double"] == list(net.layers)
    with pytest.raises(AttributeError, match=r"a NetGraph is immutable. replace\(port=...\)"):
        net.layers = {}
    with pytest.raises(AttributeError, match="a NetGraph is immutable"):
        del net.layers
    for shown in (net.layers, net.inputs, net.outputs, net.encoders):
        with pytest.raises(TypeError, match="does not support item assignment"):
            shown["Input"] = None


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))]
)
def test_copy_of_a_net_gives_equal_results(again):
    """A copy or pickled copy has the same layers, edges, ports and results."""
    net = NetGraph({"log": np.log1p}, [("log", "Loud")], Input=NetEncoder("Counting", Width=3))
    other = again(net)
    assert str(net) == str(other)
    assert np.array_equal(net(4), other(4))


def test_picture_shows_ports_and_layers():
    """The table shows every port and layer in order, with encoders, sources and forms."""
    layers = {"minus": subtract, "log": np.log1p}
    net = NetGraph(layers, [("log", "minus.left")], Input1=ArraySpec((3, 2)), Input2="Counting")
    expected = """\
layer   kind      inputs         output form           parameters
------  --------  -------------  --------------------  ----------------------
Input1  input                    float32 (3, 2)
Input2  input                    float32 (Varying, 2)  NetEncoder("Counting")
log     log1p     Input2         float32 (Varying, 2)
minus   subtract  left: log      unknown
                  right: Input1
Output  output    minus          unknown"""
    assert expected == str(net)
    assert "<NetGraph of 2 layers: Input1, Input2 -> Output>" == repr(net)


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=10), st.randoms())
def test_random_graph_agrees_with_recursion(references, random):
    """A random acyclic graph gives the values of naive recursion, in any order of its parts."""
    names = [f"n{place}" for place in range(len(references))]
    earlier = [sorted({r for r in row if r < place}) for place, row in enumerate(references)]

    def layer(place):
        arguments = ", ".join([f"a{r}" for r in earlier[place]] or ["x"])
        total = " + ".join([f"a{r}" for r in earlier[place]] or ["x"])
        return eval(f"lambda {arguments}: 2 * ({total}) + {place}")  # one argument for each edge

    def naive(place):
        return 2 * (sum(map(naive, earlier[place])) if earlier[place] else 1) + place

    edges = [(names[r], f"{names[p]}.a{r}") for p, row in enumerate(earlier) for r in row]
    edges += [("Input", names[p]) for p, row in enumerate(earlier) if not row]
    edges += [(name, f"Out{name}") for name in names]
    random.shuffle(edges)
    layers = {names[p]: layer(p) for p in random.sample(range(len(names)), len(names))}
    results = NetGraph(layers, edges)(1)
    expected = {f"Outn{place}": naive(place) for place in range(len(names))}
    assert expected == (results if len(names) > 1 else {"Outn0": results})


def test_spectrogram_encoder_at_a_port_takes_audio():
    """With a spectrogram encoder at a port, the net takes audio, and its output form is known."""
    audio = pytest.importorskip("netencoders_audio")
    net = NetGraph({"log": np.log1p}, [], Input=NetEncoder("AudioSpectrogram", SampleRate=8000))
    assert (Varying, 101) == net.outputs["Output"].dims
    sound = audio.Audio(np.sin(np.arange(8000, dtype=np.float32)), 8000)
    assert [(120, 101), (120, 101)] == [
        array.shape for array in net([sound, net.encoders["Input"](sound)])
    ]


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (
            [("log", "maen")],
            "'maen' is not a layer, and another layer has no edges. Did you mean 'mean'?",
        ),
        (
            [("lgo", "mean")],
            "'lgo' is not a layer, and another layer has no edges. Did you mean 'log'?",
        ),
    ],
)
def test_port_named_similar_to_a_layer_is_refused(edges, message):
    """A port is refused if its name is similar to that of a layer without edges."""
    with pytest.raises(PortError, match=f"^{re.escape(message)}"):
        NetGraph({"log": np.log1p, "mean": np.mean}, edges)


def test_port_may_be_named_like_a_connected_layer():
    """The name of a port may be similar to that of a layer with edges."""
    net = NetGraph({"log": np.log1p, "mean": np.mean}, [("logs", "log", "mean", "means")])
    assert (["logs"], ["means"]) == (list(net.inputs), list(net.outputs))

"""TorchNet: ports, modes, types, results and batches."""

import dataclasses
import pickle
import typing
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import ArraySpec, NetChain, NetGraph, Port, PortError, Varying
from netencoders_adapters import TorchNet

pytestmark = pytest.mark.models


def torch():
    """Return the module torch, which the other tests do not need."""
    import torch

    return torch


def linear(**options):
    """Return a layer of 3 inputs and 2 outputs, with known weights."""
    module = torch().nn.Linear(3, 2, **options).eval()
    with torch().no_grad():
        module.weight.copy_(torch().arange(6.0).reshape(2, 3))
        module.bias.zero_()
    return module


def module(forward, *, training=False):
    """Return a module with this method `forward`."""
    kind = type("Made", (torch().nn.Module,), {"forward": forward})
    return kind().train(training)


def numbers(*shape, seed=0):
    """Return float32 numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_module_is_a_layer():
    """A module in a chain takes and gives numpy arrays, and has the ports of forward."""
    net = NetChain([linear()])
    result = net(np.ones(3, np.float32))
    assert np.array_equal([3, 12], result)
    assert isinstance(result, np.ndarray)
    layer = net["TorchNet"]
    assert {"input": Port(None, 0)} == layer.inputs
    assert {"Output": Port(None, 0)} == layer.outputs
    assert "Linear, 8 parameters on cpu" == layer.summary


def test_repr_is_the_call():
    """The repr shows the module and the options that are given."""
    assert "TorchNet(<Linear>)" == repr(TorchNet(linear()))
    assert "TorchNet(<Linear>, device='cpu', outputs=['y'], batch_axis=None)" == repr(
        TorchNet(linear(), "cpu", outputs=["y"], batch_axis=None)
    )


def test_forms_may_be_declared():
    """Declared forms are checked when the net is made."""
    layer = TorchNet(
        linear(), inputs={"input": ArraySpec((Varying, 3))}, outputs={"y": ArraySpec((Varying, 2))}
    )
    assert {"input": Port(ArraySpec((Varying, 3)), 0)} == layer.inputs
    assert (4, 2) == NetChain([layer])(np.ones((4, 3), np.float32)).shape
    with pytest.raises(PortError, match=r"dimensions \(Varying, 40\) do not fit \(Varying, 3\)"):
        NetChain([layer], Input="AudioMelSpectrogram")


def test_batch_axis_may_be_left_out():
    """With batch_axis=None the module gets the array of one input."""
    net = NetChain([TorchNet(linear(), batch_axis=None)])
    assert (4, 2) == net(np.ones((4, 3), np.float32)).shape


def test_training_mode_is_refused():
    """A module in training mode, or with a part in it, is refused and not changed."""
    training = linear().train()
    with pytest.raises(PortError, match=r"Linear is not ready: it is in training mode.*eval\(\)"):
        NetChain([training])
    assert training.training
    sequence = torch().nn.Sequential(linear(), torch().nn.Dropout()).eval()
    sequence[1].train()
    with pytest.raises(PortError, match="its part '1' is in training mode"):
        TorchNet(sequence)


def test_training_mode_after_the_net_was_made_is_refused():
    """A module that is switched later is refused when it runs."""
    own = linear()
    net = NetChain([own])
    own.train()
    with pytest.raises(PortError, match="Linear is in training mode since the net was made"):
        net(np.ones(3, np.float32))


def test_device_is_that_of_the_module():
    """A device on which the module is not, or that does not exist, is refused."""
    with pytest.raises(PortError, match=r"is on the device cpu, not meta.*module\.to\('meta'\)"):
        TorchNet(linear(), "meta")
    with pytest.raises(PortError, match="device: "):
        TorchNet(linear(), "nothing")
    with pytest.raises(PortError, match="is on the device cpu, not cuda:1"):
        TorchNet(linear(), "cuda:1")
    assert "on cpu" in TorchNet(module(lambda self, x: x)).summary


def test_module_runs_in_inference_mode():
    """The module sees inference mode, and its parameters keep no gradients."""
    seen = []

    def forward(self, x):
        seen.append(torch().is_inference_mode_enabled())
        return x

    NetChain([module(forward)])(np.ones(3, np.float32))
    assert [True] == seen


@pytest.mark.parametrize("kind", ["float16", "float32"])
def test_types_convert_without_loss(kind):
    """Numbers become the type of the parameters where nothing is lost."""
    assert np.array_equal([3, 12], NetChain([linear()])(np.ones(3, kind)))


def test_types_that_lose_are_refused():
    """float64 for a module of float32 is refused, with the remedy."""
    with pytest.raises(PortError, match=r"type float64 cannot become float32.*such as Cast"):
        NetChain([linear()])(np.ones(3))
    double = NetChain([linear(dtype=torch().float64)])
    assert "float64" == double(np.ones(3, np.float32)).dtype


def test_integers_stay():
    """Integers are not converted: they may be indices."""
    embedding = torch().nn.Embedding(4, 2).eval()
    result = NetChain([embedding])(np.array([1, 3]))
    assert np.array_equal(embedding.weight.detach().numpy()[[1, 3]], result)


def test_bfloat16_is_refused():
    """An output that numpy has no type for is refused, with the remedy."""
    net = NetChain([module(lambda self, x: x.to(torch().bfloat16))])
    with pytest.raises(PortError, match=r"type torch\.bfloat16 .* numpy does not have: return"):
        net(np.ones(3, np.float32))


def test_sparse_output_is_refused():
    """A sparse tensor is refused, with the remedy."""
    net = NetChain([module(lambda self, x: x.to_sparse())])
    with pytest.raises(PortError, match=r"layout torch\.sparse_coo.*to_dense"):
        net(np.ones(3, np.float32))


def test_arrays_do_not_share_memory():
    """A module that changes its input, or returns one buffer, changes no array of the caller."""
    buffer = torch().zeros(1, 3)

    def forward(self, x):
        x += 1
        return buffer.add_(x)

    net = NetChain([module(forward)])
    value = np.zeros(3, np.float32)
    first = net(value)
    second = net(value)
    assert np.array_equal(np.zeros(3), value)
    assert np.array_equal([[1] * 3, [2] * 3], [first, second])
    alone = NetChain([TorchNet(module(lambda self, x: x.add_(1)), batch_axis=None)])
    assert np.array_equal(np.ones(3), alone(value))
    assert np.array_equal(np.zeros(3), value)


def test_array_that_cannot_be_written_is_taken():
    """A read-only array gives no warning."""
    value = np.ones(3, np.float32)
    value.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal([3, 12], NetChain([TorchNet(linear(), batch_axis=None)])(value))


# Results


class Pair(typing.NamedTuple):
    """A named tuple of two tensors."""

    low: typing.Any
    high: typing.Any


@dataclasses.dataclass
class Result:
    """A dataclass of two tensors."""

    low: typing.Any
    high: typing.Any


FORMS = {
    "tuple": lambda low, high: (low, high),
    "list": lambda low, high: [low, high],
    "dict": lambda low, high: {"high": high, "low": low},
    "named tuple": lambda low, high: Pair(high=high, low=low),
    "dataclass": Result,
}


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_results_have_names(make):
    """The outputs of each kind of result have the declared names."""
    both = module(lambda self, x: make(x - 1, x + 1))
    net = NetGraph({"net": TorchNet(both, outputs=["low", "high"])}, [])
    result = net(np.ones(2, np.float32))
    assert ["low", "high"] == [*result]
    assert np.array_equal([[0, 0], [2, 2]], [*result.values()])


@pytest.mark.parametrize("kind", ["dict", "named tuple", "dataclass"])
def test_names_of_a_result_decide(kind):
    """A result that has names gives the outputs by them, in any order."""
    both = module(lambda self, x: FORMS[kind](x - 1, x + 1))
    net = NetGraph({"net": TorchNet(both, outputs=["high", "low"])}, [])
    assert {"high": 2, "low": 0} == net(np.ones((), np.float32))


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_results_without_names_are_refused(make):
    """Without names, a result of several tensors is an error with the call to write."""
    net = NetChain([module(lambda self, x: make(x, x))])
    with pytest.raises(PortError, match=r"of 2 outputs, not one tensor.*outputs=\['"):
        net(np.ones(2, np.float32))


def test_element_of_a_tuple_may_be_left_out():
    """None in the names leaves out an element of a tuple, such as the state of an LSTM."""
    lstm = torch().nn.LSTM(3, 2, batch_first=True).eval()
    net = NetChain([TorchNet(lstm, inputs={"input": None}, outputs=["output", None])])
    value = numbers(5, 3)
    expected = lstm(torch().tensor(value[None]))[0][0].detach().numpy()
    assert np.allclose(expected, net(value), atol=1e-6)


@pytest.mark.parametrize(
    ("make", "outputs", "message"),
    [
        (lambda x: x, ["a", "b"], "gives one tensor, not the outputs a, b"),
        (lambda x: (x, x), ["a"], "gives 2 outputs, but 1 are declared: a"),
        (lambda x: {"b": x}, ["a"], "a dict, has no output 'a'. It has: b"),
        (lambda x: 3, ["a"], "a int, has no output 'a'. It has: none"),
        (lambda x: 3, None, "gives a int of 0 outputs, not one tensor"),
        (lambda x: (x, None), ["a", "b"], "the output 'b' of the module is a NoneType, not a"),
    ],
)
def test_results_that_do_not_fit_are_refused(make, outputs, message):
    """A result that lacks a declared output is refused with its names."""
    net = NetGraph({"net": TorchNet(module(lambda self, x: make(x)), outputs=outputs)}, [])
    with pytest.raises(PortError, match=message):
        net(np.ones(2, np.float32))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": {"z": None}}, r"forward has no argument 'z'\. It has: x, scale"),
        ({"inputs": []}, r"inputs must be a mapping of name to ArraySpec\. Got \[\]"),
        ({"inputs": {"x": 3}}, "inputs: 'x' must be an ArraySpec or a Port. Got 3"),
        ({"outputs": "y"}, "outputs must be names, or a mapping of name to form. Got 'y'"),
        ({"outputs": ["a", "a"]}, "outputs must be different names"),
        ({"outputs": [3]}, "outputs must be different names"),
        ({"outputs": []}, "outputs must be names, or a mapping"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    """Each option says which values it takes."""
    with pytest.raises(PortError, match=message):
        TorchNet(module(lambda self, x, scale=2: x * scale), **options)


def test_required_arguments_are_the_inputs():
    """Arguments with a default are no ports, unless they are named."""
    scaled = module(lambda self, x, *, y, scale=2: x * scale + y)
    assert ["x", "y"] == [*TorchNet(scaled).inputs]
    assert ["x", "scale"] == [*TorchNet(scaled, inputs={"x": None, "scale": None}).inputs]


def test_arguments_that_are_not_known_must_be_named():
    """A module whose forward takes any arguments needs the names of its inputs."""
    anything = module(lambda self, *values, **named: named["x"])
    with pytest.raises(PortError, match=r"arguments of Made\.forward are not known.*inputs="):
        TorchNet(anything)
    net = NetChain([TorchNet(anything, inputs={"x": None})])
    assert 1 == net(np.ones((), np.float32))


# Batches, threads, pickles


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(1, 6))
def test_batch_is_a_loop(counts, size):
    """A batch gives the results of single inputs, with lengths that the net feeds."""

    def forward(self, x, lengths):
        mask = torch().arange(x.shape[1]) < lengths[:, None]
        return {"sums": (x * mask[..., None]).sum(1), "rows": x + 1}

    form = ArraySpec((Varying, 3))
    inputs = {"x": form, "lengths": Port(ArraySpec((), "int64"), 0, lengths_of="x")}
    outputs = {"sums": ArraySpec((3,)), "rows": form}
    calls = []
    own = module(lambda self, x, lengths: calls.append(len(x)) or forward(self, x, lengths))
    net = NetGraph({"net": TorchNet(own, inputs=inputs, outputs=outputs)}, [])
    values = [numbers(count, 3, seed=count) for count in counts]
    results = list(net.map(values, batch_size=size))
    assert [len(counts[start : start + size]) for start in range(0, len(counts), size)] == calls
    for value, result in zip(values, results, strict=True):
        assert np.allclose(value.sum(0), result["sums"], atol=1e-5)
        assert np.array_equal(value + 1, result["rows"])


def test_workers_give_the_results_of_a_loop():
    """A map with workers equals a loop."""
    net = NetChain([linear()])
    values = [numbers(3, seed=seed) for seed in range(8)]
    for value, result in zip(values, net.map(values, workers=3), strict=True):
        assert np.allclose(net(value), result, atol=1e-6)


def test_net_may_be_pickled():
    """A pickled net has its module and its options."""
    net = NetChain([TorchNet(linear(), outputs=["y"], batch_axis=None)])
    again = pickle.loads(pickle.dumps(net))
    assert repr(net["TorchNet"]) == repr(again["TorchNet"])
    assert np.array_equal(net(np.ones(3, np.float32)), again(np.ones(3, np.float32)))


def test_module_cannot_be_saved():
    """A module is code: the error names the way that works."""
    with pytest.raises(PortError, match=r"Linear cannot be saved, since it is code: torch\.onnx"):
        TorchNet(linear()).saved()


def test_error_of_a_module_is_its_own():
    """An exception of a module is raised with the name of the layer."""
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied") as caught:
        NetChain([linear()])(np.ones(4, np.float32))
    assert ["in layer 'TorchNet' of the net"] == caught.value.__notes__

"""The errors of forms that do not fit name both sides, and the layer that would mend them."""

import re

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Axis,
    NetChain,
    NetEncoder,
    NetGraph,
    NetLayer,
    PortError,
    RowLayer,
    Varying,
    layers,
    registered,
)
from netencoders.net_model import NetModel, Port

AXES = (Axis("time", "s"), Axis("frequency", "mel"))


class Model(NetModel):
    """A model of one input of some form."""

    kind = "Model"

    def __init__(self, form):
        self.inputs, self.outputs = {"x": Port(form, 0)}, {"y": Port(form, 0)}

    def run(self, arrays):
        """Return the input."""
        return {"y": arrays["x"]}


def refusal(have, want):
    """Return the message of a net whose port gives a form, and whose model takes another one."""
    with pytest.raises(PortError) as caught:
        NetChain([Model(want)], Input=have)
    return str(caught.value)


def spec(*dims, dtype="float32", **more):
    """Return a form."""
    return ArraySpec(dims, dtype, **more)


MENDED = [
    (spec(Varying, 80), spec(80, Varying), 'Put NetLayer("Transpose") between them.'),
    (spec(Varying, 80), spec(80, 3000), 'NetLayer("Transpose") between them.'),
    (spec(2, 7, Varying), spec(Varying, 2, 7), 'NetLayer("Transpose", Axes=(2, 0, 1)) between'),
    (spec(900, 80), spec(1, 900, 80), 'NetLayer("AddAxis") between them.'),
    (spec(Varying, 80), spec(Varying, 80, 1), 'NetLayer("AddAxis", Position=2) between them.'),
    (spec(Varying, 80), spec(Varying, 80, Varying), 'NetLayer("AddAxis", Position=2)'),
    (spec(Varying, 1), spec(Varying), 'NetLayer("Reshape", Shape=()) between them.'),
    (spec(Varying, 1, 80), spec(Varying, 80), 'NetLayer("Reshape", Shape=(80,)) between them.'),
    (spec(2), spec(2, dtype="int64"), 'NetLayer("Cast", Type="int64") between them (it rounds).'),
    (
        spec(2),
        spec(2, dtype="float16"),
        'NetLayer("Cast", Type="float16") between them (it loses precision).',
    ),
    (
        spec(2, dtype="int64"),
        spec(2, dtype="int8"),
        'NetLayer("Cast", Type="int8") between them (it refuses numbers outside of the type).',
    ),
    (
        spec(901, 120),
        spec(900, 120),
        'NetLayer("FitRows", Rows=900, Action="Crop") between them (it leaves out elements).',
    ),
    (
        spec(800, 120),
        spec(900, 120),
        'NetLayer("FitRows", Rows=900, Action="Pad") between them (it adds elements).',
    ),
    (
        spec(Varying, 120, minimum=950),
        spec(900, 120),
        'NetLayer("FitRows", Rows=900) between them (it leaves out or adds elements).',
    ),
    (
        spec(3, 120),
        spec(Varying, 120, minimum=10),
        'NetLayer("FitRows", Rows=10, Action="Pad") between them (it adds elements).',
    ),
]


@pytest.mark.parametrize(("have", "want", "remedy"), MENDED, ids=lambda value: str(value)[:40])
def test_layer_that_mends_is_named(have, want, remedy):
    """The layer is named as code that makes the forms fit."""
    message = refusal(have, want)
    code = remedy.replace("'", '"')
    assert code in message.replace("'", '"')
    (expression,) = re.findall(r"NetLayer\(.*?\)(?= between)", message)
    mended = eval(expression, {"NetLayer": NetLayer})
    assert NetChain([mended, Model(want)], Input=have).outputs["Output"] == want


@pytest.mark.parametrize(
    ("have", "want"),
    [
        (spec(Varying, 40), spec(Varying, 80)),
        (spec(3, Varying, 40), spec(Varying, 3, 80)),
        (spec(Varying, 80), spec(1, 80, Varying)),
        (spec(4), spec()),
        (spec(Varying, 40, 7), spec(Varying, 7, 41)),
        (spec(2, dtype="complex64"), spec(2)),
        (spec(5), spec(2**25)),
    ],
    ids=str,
)
def test_no_layer_is_named_if_none_mends(have, want):
    """Nothing is guessed: the message has both sides only."""
    message = refusal(have, want)
    assert "NetLayer" not in message
    assert "fails" not in message


def test_message_names_both_sides_with_their_axes():
    """The message has the names of both ports, both forms, and the axis that differs."""
    assert (
        "input 'x' of layer 'Model' cannot take the output of 'Input': dimensions (Varying, 40) do "
        "not fit (Varying, 80). 'Input' gives float32 (Varying time, 40 frequency), and 'x' takes "
        "float32 (Varying, 80). The axis frequency has the size 40, and not 80."
    ) == refusal(ArraySpec((Varying, 40), axes=AXES), spec(Varying, 80))


def test_parameter_of_the_encoder_is_named():
    """A parameter of the encoder that has the size of the wrong dimension is tried."""
    message = refusal(NetEncoder("AudioMelSpectrogram", FFTLength=1024), spec(Varying, 80))
    assert message.endswith(" AudioMelSpectrogram with NumberOfFilters=80 fits.")
    message = refusal(NetEncoder("AudioMelSpectrogram"), spec(Varying, 2000))
    assert message.endswith(" The axis frequency has the size 40, and not 2000.")


def test_layer_without_loss_comes_before_the_encoder():
    """A transposition is named, even if a parameter of the encoder had the size."""
    message = refusal(NetEncoder("AudioMelSpectrogram"), spec(40, Varying))
    assert message.endswith('Put NetLayer("Transpose") between them.')


def test_layer_that_refuses_names_the_form_and_its_source():
    """The refusal of a NetLayer, or of a callable, names the sources and their forms."""
    encoder = NetEncoder("AudioSpectrogram").then("Log")
    message = "quantity is log. 'Input' gives float32 (Varying time, 201 frequency)."
    with pytest.raises(PortError, match=re.escape(message)):
        NetChain(["Log"], Input=encoder)


def test_layers_after_one_port_are_named():
    """Two layers that need different forms of one port are named, with a layer for the second."""
    net = {"a": Model(spec(Varying, 3)), "b": Model(spec(3, Varying))}
    message = (
        "different forms: dimensions (Varying, 3) do not fit (3, Varying). 'x' of 'a' takes float32"
        " (Varying, 3), and 'x' of 'b' takes float32 (3, Varying). "
        "Put NetLayer(\"Transpose\") before 'b'."
    )
    forms = [spec(Varying, 3, minimum=5), spec(3, Varying)]
    net = {"a": Model(forms[0]), "b": Model(forms[1])}
    message = message.replace("dimensions (Varying, 3) do", "dimensions (Varying, 3) with at least")
    with pytest.raises(PortError, match=r"'x' of 'a' takes .*Put NetLayer\(\"Transpose\"\) before"):
        NetGraph(net, [("Input", "a"), ("Input", "b")])


@pytest.mark.parametrize(
    ("array", "remedy"),
    [
        (np.ones((80, 3), np.float32), 'Put NetLayer("Transpose") before it.'),
        (np.ones((3, 80)), 'NetLayer("Cast") before it (it loses precision).'),
        (
            np.ones((1, 3, 80), np.float32),
            'do not fit (Varying, 80). Put NetLayer("Mean", KeepDimension=False) before it.',
        ),
        (np.ones((0, 90), np.float32), "dimensions (0, 90) do not fit (Varying, 80)."),
        (np.array([["a"]]), "type <U1 cannot become float32 without loss."),
    ],
    ids=str,
)
def test_arrays_of_unknown_form_are_mended_when_they_arrive(array, remedy):
    """If the form is known in a call only, the message has the layer, too."""
    net = NetChain([lambda x: x, Model(spec(Varying, 80))])
    with pytest.raises(PortError) as caught:
        net(array)
    assert str(caught.value).endswith(remedy)


def test_array_at_a_port_is_mended():
    """An array of another form than that of its port has the layer in the message."""
    net = NetChain([Model(spec(Varying, 80))])
    with pytest.raises(
        PortError, match=r"Put NetLayer\(\"Transpose\"\) before the array. It has no"
    ):
        net(np.ones((80, 3), np.float32))
    with pytest.raises(PortError, match=r"is not an array. It has no encoder"):
        net("a.wav")
    with pytest.raises(
        PortError, match=r"is not an array. A dict with an input has the key 'Input'"
    ):
        net({"Inptu": np.ones((3, 80), np.float32)})


class Broken(RowLayer):
    """A layer whose method `mends` fails."""

    name = "Broken"

    def infer(self, form):
        """Return the form."""
        return form

    def apply(self, rows):
        """Return the rows."""
        return rows

    @classmethod
    def mends(cls, have, want):
        """Raise an error."""
        raise KeyError("oops")


def test_failure_of_mends_does_not_hide_the_error():
    """A layer whose `mends` fails is named after the remedy of another layer."""
    with registered(Broken):
        message = refusal(spec(Varying, 80), spec(80, Varying))
    assert message.endswith(
        'Put NetLayer("Transpose") between them. (The method mends of the layer Broken fails: '
        "KeyError('oops').)"
    )


class Liar(Broken):
    """A layer that is no remedy, but says so."""

    name = "Liar"

    @classmethod
    def mends(cls, have, want):
        """Return parameters for any forms."""
        return {}


def test_layer_is_tried_before_it_is_named():
    """A layer whose result does not fit is not named."""
    with registered(Liar):
        assert "Liar" not in refusal(spec(Varying, 40), spec(Varying, 80))


def test_all_layers_answer_for_any_forms():
    """`mends` of each registered layer returns valid parameters, or None, for any two forms."""
    sizes = (1, 3, Varying)
    dims = [(), *((a,) for a in sizes), *((a, b) for a in sizes for b in sizes), (3, 1, 80)]
    forms = [ArraySpec(size, dtype) for size in dims for dtype in ("float32", "int8", "complex64")]
    forms.append(ArraySpec((Varying, 3), minimum=0))
    for name, record in layers().items():
        for have in forms:
            for want in forms:
                found = record.layer.mends(have, want)
                assert found is None or NetLayer(name, **found)

"""Every layer passes the contract of layers, and every parameter has an effect."""

import numpy as np
import pytest

from netencoders import EncodeError, LayerError, NetLayer, ParameterError, layers
from netencoders.testing import LayerContract

SHIPPED = {name: record for name, record in layers().items() if record.provider.is_built_in}
ROWS = np.random.default_rng(0).normal(40, 60, (1100, 6)).astype(np.float32)
PARAMETERS = {"Reshape": {"Shape": (3, 2)}, "Stack": {"Size": 2}, "Patches": {"Size": 5}}
CHECKS = [name for name in dir(LayerContract) if name.startswith("test_")]


def contract(name):
    """Return the contract of a layer, with the smallest array and a large one."""

    class Contract(LayerContract):
        layer = name
        parameters = PARAMETERS.get(name, {})

        def inputs(self):
            return [ROWS[:5].copy(), ROWS.copy()]

    return Contract()


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("check", CHECKS)
def test_layer_passes_the_contract(name, check):
    """A layer passes each check of the contract."""
    getattr(contract(name), check)()


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, parameter) for name, record in SHIPPED.items() for parameter in record.parameters],
    ids=lambda value: getattr(value, "name", value),
)
def test_parameter_has_an_effect(name, parameter):
    """At least one example of the parameter's type changes the result."""
    rows = np.concatenate([ROWS, np.full((3, 6), 0.5, np.float32)])
    base = {"Epsilon": 1, "Action": "Pad", "Rows": 2000, "Type": "int8", "Overflow": "Saturate"}
    if parameter.name == "Overflow":
        rows, base["Overflow"] = rows / 100, "Error"
        rows[0] = 1000
    if parameter.name == "HigherOrder":
        base["Order"] = 2
    known = {declared.name for declared in SHIPPED[name].parameters}
    layer = NetLayer(name, **{key: value for key, value in base.items() if key in known})
    expected = result(layer, rows)
    for value in parameter.type.examples():
        try:
            changed = layer.replace(**{parameter.name: value})
        except ParameterError:
            continue
        if expected != result(changed, rows):
            return
    pytest.fail(f"{parameter.name} changes no result of {name}")


def result(layer, rows):
    """Return the shape and the bytes of a result, or the message of the error."""
    try:
        array = layer(rows)
    except (LayerError, EncodeError) as problem:
        return str(problem)
    return array.shape, array.tobytes()

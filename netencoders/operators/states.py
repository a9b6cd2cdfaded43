"""The states of NetFold: their names, their first values, and the bytes of these."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders.errors import PortError, nearest
from netencoders.net_model import NetModel, Port
from netencoders.operators.inner import raw_form
from netencoders.parameters import short
from netencoders.sentinels import Varying

__all__ = ["check_names", "initial_value", "npy_bytes", "zeros"]

Array = npt.NDArray[Any]


def check_names(
    model: NetModel, over: str, state: Mapping[str, str], initial: Mapping[str, Any]
) -> None:
    """Refuse names that are no ports of the model, and states that do not fit.

    Raises
    ------
    PortError
        A name is unknown, or an output does not fit the state that it is the next value of.
    """
    if not state:
        raise PortError("NetFold needs a state. A model without one runs in a NetMap.")
    inputs = [name for name, port in model.inputs.items() if not port.is_fed]
    outputs, states = list(model.outputs), list(state)
    given = [(over, inputs, "input")]
    for name, output in state.items():
        given += [(name, inputs, "input"), (output, outputs, "output")]
    given += [(name, states, "state") for name in initial]
    for name, known, what in given:
        if name not in known:
            hint = nearest(str(name), known) or f" It has: {', '.join(known)}."
            raise PortError(f"the model of NetFold has no {what} {short(name)}.{hint}")
    if over in state:
        raise PortError(f"{over!r} is both the input of rows and a state of NetFold.")
    for name, output in state.items():
        old, new = raw_form(model.inputs[name]), raw_form(model.outputs[output])
        problem = None if old is None or new is None else old.misfit(new)
        if problem:
            raise PortError(f"the output {output!r} is no next value of {name!r}: {problem}.")


def initial_value(name: str, port: Port, value: npt.ArrayLike) -> Array:
    """Return the given first value of a state, in the type of its port.

    Raises
    ------
    PortError
        It does not have the form of the port.
    """
    array = np.asarray(value)
    if port.form is None:
        return array
    if np.can_cast(array.dtype, port.form.dtype, "same_kind"):
        array = array.astype(port.form.dtype)
    problem = port.form.problem(array)
    if problem:
        raise PortError(f"the initial value of the state {name!r}: {problem}.")
    return array


def zeros(name: str, port: Port) -> Array:
    """Return the first value of a state that has no other one.

    Raises
    ------
    PortError
        The sizes are not known.
    """
    if port.form is None or Varying in port.form.dims:
        dims = "unknown" if port.form is None else str(port.form.dims)
        raise PortError(
            f"the sizes of the state {name!r} are not known: {dims}. Give its first value: "
            f"initial={{{name!r}: array}}."
        )
    sizes = [size for size in port.form.dims if isinstance(size, int)]
    return np.zeros(sizes, port.form.dtype)


def npy_bytes(array: Array) -> bytes:
    """Return the content of a .npy file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()

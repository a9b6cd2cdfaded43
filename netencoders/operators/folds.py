"""NetFold: a model that runs another model for each row, and passes its state on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders.array_files import read_npy
from netencoders.arrays import ArraySpec
from netencoders.errors import PortError
from netencoders.net_model import Arrays, NetModel, Port, SavedModel
from netencoders.operators.inner import (
    check_fields,
    element_of,
    fed_arrays,
    inner_model,
    output_of,
    restored_inner,
    rows_form,
    saved_operator,
)
from netencoders.operators.states import check_names, initial_value, npy_bytes, zeros
from netencoders.parameters import short
from netencoders.workers import check_stop

__all__ = ["NetFold"]

Array = npt.NDArray[Any]


class NetFold(NetModel):
    """A model that runs another model for each row of an input, in order, with a state.

    ::

        y[i], state[i + 1] = model(x[i], state[i])

    The outputs of all rows are stacked: an output of the form ``form`` becomes one of the form
    ``(Varying, *form)``. The other inputs of the model are the same for all rows.

    Parameters
    ----------
    model : NetModel, path or object
        A model, in any form that a net takes: a `NetModel`, the path of a model, or a model of
        another library that a plugin reads.
    over : str
        The input of the model that gets one row of the array after another.
    state : mapping of str to str
        For each input that holds a state, the output that holds its next value.
    initial : mapping of str to array, optional
        The first values of states, in the form of the input, without its batch axis. Zeros by
        default; a state with a size that varies needs one.
    last : bool
        Whether the last value of each state is an output, too, by the name of the output. By
        default states are no outputs; if the model has no other output, the values of the states
        after each row are stacked, unless `last` is given.

    Attributes
    ----------
    model : NetModel
        The model that runs.
    over, state, initial, last
        The arguments.

    Raises
    ------
    PortError
        A name is unknown, a state does not fit its next value, or an initial value is missing or
        does not fit.

    Notes
    -----
    A recurrent model of a stream is used so, such as one that detects speech in windows of 32 ms.
    A net with a NetFold cannot be streamed, because the state is not kept between two calls.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import ArraySpec, NetChain, NetFold, NetModel, Port
    >>> class Smooth(NetModel):
    ...     kind = "Smooth"
    ...     inputs = {"x": Port(ArraySpec((2,)), 0), "old": Port(ArraySpec((2,)), 0)}
    ...     outputs = {"y": Port(ArraySpec((2,)), 0), "new": Port(ArraySpec((2,)), 0)}
    ...     def run(self, arrays):
    ...         mean = (arrays["x"] + arrays["old"]) / 2
    ...         return {"y": mean, "new": mean}
    >>> net = NetChain([NetFold(Smooth(), over="x", state={"old": "new"})])
    >>> net(np.array([[8, 0], [8, 0], [0, 4]], np.float32))
    array([[4., 0.],
           [6., 0.],
           [3., 2.]], dtype=float32)
    """

    kind = "NetFold"

    def __init__(
        self,
        model: Any,
        *,
        over: str,
        state: Mapping[str, str],
        initial: Mapping[str, npt.ArrayLike] | None = None,
        last: bool = False,
    ) -> None:
        self.model: NetModel = inner_model(self.kind, model)
        self.over = over
        self.state = dict(state)
        self.last = last
        self.summary = f"{self.model.kind} {self.model.summary}".strip()
        values = dict(initial or {})
        check_names(self.model, over, self.state, values)
        self.initial = {
            name: initial_value(name, self.model.inputs[name], value)
            for name, value in values.items()
        }
        self._first = {
            name: self.initial[name] if name in self.initial else zeros(name, port)
            for name, port in self.model.inputs.items()
            if name in self.state
        }
        ports = self.model.inputs.items()
        self.inputs = {
            name: Port(rows_form(port.form) if name == over else port.form)
            for name, port in ports
            if not port.is_fed and name not in self.state
        }
        states = set(self.state.values())
        joined = [name for name in self.model.outputs if name not in states]
        self._joined = joined if joined or last else list(self.model.outputs)
        self.outputs = {
            name: Port(rows_form(self.model.outputs[name].form)) for name in self._joined
        }
        if last:
            self.outputs |= {
                output: Port(self.model.inputs[name].form) for name, output in self.state.items()
            }

    def __repr__(self) -> str:
        options = f"over={self.over!r}, state={self.state!r}"
        options += f", initial={self.initial!r}" if self.initial else ""
        return f"NetFold({self.model!r}, {options}{', last=True' if self.last else ''})"

    def run(self, arrays: Arrays) -> Arrays:
        """Return the outputs of the model for all rows.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            The rows, and the inputs that are the same for all of them.

        Returns
        -------
        mapping of str to ndarray

        Raises
        ------
        PortError
            The outputs of two rows have different shapes, or a state has another type.
        Exception
            Any exception of the model, with a note that names the row.
        """
        model, rows = self.model, arrays[self.over]
        given = {
            name: element_of(array, model.inputs[name])
            for name, array in arrays.items()
            if name != self.over
        }
        shapes = {name: array.shape for name, array in arrays.items()} | {self.over: rows.shape[1:]}
        given |= fed_arrays(model, shapes, 1)
        for name, value in self._first.items():
            given[name] = element_of(value, model.inputs[name])
        parts: dict[str, list[Array]] = {name: [] for name in self._joined}
        order = tuple(model.inputs)
        for place in range(len(rows)):
            check_stop()
            given[self.over] = element_of(rows[place], model.inputs[self.over])
            try:
                results = model.run({name: given[name] for name in order})
                for name, part in parts.items():
                    part.append(output_of(self.kind, name, results, model.outputs[name], 1)[0])
                for name, output in self.state.items():
                    given[name] = self._next(name, output, results)
            except Exception as error:
                error.add_note(f"for row {place} of the input of NetFold")
                raise
        outputs = {name: _stacked(name, part) for name, part in parts.items()}
        if self.last:
            for name, output in self.state.items():
                axis = model.inputs[name].batch_axis
                outputs[output] = given[name] if axis is None else given[name].take(0, axis)
        return outputs

    def saved(self) -> SavedModel:
        """Return the parts of the model, the names, and the initial values as .npy files.

        Returns
        -------
        SavedModel

        Raises
        ------
        PortError
            The model cannot be saved.
        """
        files = {f"initial/{place}.npy": name for place, name in enumerate(self.initial)}
        own: dict[str, Any] = {"over": self.over, "state": dict(self.state)}
        own |= {"initial": {name: file for file, name in files.items()}} if files else {}
        own |= {"last": True} if self.last else {}
        saved = saved_operator(self.model, own)
        values = {file: npy_bytes(self.initial[name]) for file, name in files.items()}
        return SavedModel(saved.parameters, {**saved.files, **values})

    @classmethod
    def restored(cls, parameters: Mapping[str, Any], files: Mapping[str, bytes]) -> NetFold:
        """Return the NetFold of the parts that `saved` returns.

        Parameters
        ----------
        parameters : mapping
        files : mapping of str to bytes

        Returns
        -------
        NetFold

        Raises
        ------
        PortError
            The parts are not those of a NetFold.
        """
        known: dict[str, type] = {"model": Mapping, "over": str, "state": Mapping}
        options: dict[str, type] = {"initial": Mapping, "last": bool}
        known |= {name: kind for name, kind in options.items() if name in parameters}
        check_fields(cls.kind, parameters, known)
        initial = {}
        for name, file in parameters.get("initial", {}).items():
            if not isinstance(file, str) or file not in files:
                raise PortError(f"the saved net has no file {short(file)}, the state {name!r}.")
            try:
                initial[name] = read_npy(files[file])
            except ValueError as problem:
                raise PortError(f"the initial value of the state {name!r}: {problem}") from None
        return cls(
            restored_inner(cls.kind, parameters, files),
            over=parameters["over"],
            state=parameters["state"],
            initial=initial,
            last=parameters.get("last", False),
        )

    def _next(self, name: str, output: str, results: Arrays) -> Array:
        """Return the next value of a state, which is the whole array of an output."""
        if output not in results:
            raise PortError(f"the model of NetFold gives no output {output!r}.")
        value = np.asarray(results[output])
        form: ArraySpec | None = self.model.inputs[name].form
        if form is not None and value.dtype != form.dtype:
            raise PortError(
                f"the output {output!r} is no next value of {name!r}: type {value.dtype} is not "
                f"{form.dtype}."
            )
        return value


def _stacked(name: str, parts: list[Array]) -> Array:
    shapes = {part.shape for part in parts}
    if len(shapes) > 1:
        listed = ", ".join(map(str, sorted(shapes)))
        raise PortError(f"the rows of the output {name!r} of NetFold differ in shape: {listed}.")
    return np.stack(parts)

"""NetMap: a model that runs another model for each row of an array."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

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
from netencoders.workers import check_stop

__all__ = ["NetMap"]

_ROWS = 64
_NUMBERS = 2**15
"""The limits of a run by default: models gain nothing from more, and need more memory (A110)."""


class NetMap(NetModel):
    """A model that runs another model for each row of its input.

    ::

        y[i] = model(x[i])

    The rows are a batch of the model: an input of the form ``form`` becomes one of the form
    ``(Varying, *form)``, and so does each output. If the model has several inputs, all of them have
    the same number of rows. A port of lengths or of a mask is fed: all rows have one size.

    Parameters
    ----------
    model : NetModel, path or object
        A model, in any form that a net takes: a `NetModel`, the path of a model, or a model of
        another library that a plugin reads.
    size : int, optional
        The largest number of rows that the model gets at once. By default 64, and fewer if they
        have more than 32768 numbers together. A model without a batch axis gets one row at a time.

    Attributes
    ----------
    model : NetModel
        The model that runs.
    size : int or None
        The argument.

    Raises
    ------
    PortError
        The value is no model, an output of it holds lengths, or `size` is invalid.

    Notes
    -----
    One row of an output depends on the same row of the inputs alone, so that a net may stream it.
    The results of a model for a batch differ from those for single rows by rounding; a quantised
    model rounds coarsely.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import ArraySpec, NetChain, NetMap, NetModel, Port
    >>> class Peak(NetModel):
    ...     kind = "Peak"
    ...     inputs = {"window": Port(ArraySpec((400,)), batch_axis=0)}
    ...     outputs = {"peak": Port(ArraySpec(()), batch_axis=0)}
    ...     def run(self, arrays):
    ...         return {"peak": np.abs(arrays["window"]).max(axis=1)}
    >>> net = NetChain([NetMap(Peak())], Input="AudioPartitions")
    >>> net.outputs["Output"].dims
    (Varying,)
    >>> net.replace(Input=None)(np.eye(3, 400, dtype=np.float32))
    array([1., 1., 1.], dtype=float32)
    """

    kind = "NetMap"
    reach = "row"

    def __init__(self, model: Any, *, size: int | None = None) -> None:
        if size is not None and (type(size) is not int or size < 1):
            raise PortError(f"the size of NetMap must be an integer >= 1, or None. Got {size!r}.")
        self.model: NetModel = inner_model(self.kind, model)
        self.size = size
        self.summary = f"{self.model.kind} {self.model.summary}".strip()
        ports = [*self.model.inputs.values(), *self.model.outputs.values()]
        self._has_batches = all(port.batch_axis is not None for port in ports)
        self.inputs = {
            name: Port(rows_form(port.form))
            for name, port in self.model.inputs.items()
            if not port.is_fed
        }
        self.outputs = {
            name: Port(rows_form(port.form)) for name, port in self.model.outputs.items()
        }

    def __repr__(self) -> str:
        size = "" if self.size is None else f", size={self.size}"
        return f"NetMap({self.model!r}{size})"

    def run(self, arrays: Arrays) -> Arrays:
        """Return the outputs of the model for all rows.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            One array for each input port, of the same number of rows.

        Returns
        -------
        mapping of str to ndarray

        Raises
        ------
        PortError
            The numbers of rows differ, or the outputs of two rows have different shapes.
        Exception
            Any exception of the model, with a note that names the rows.
        """
        counts = {name: len(array) for name, array in arrays.items()}
        if len(set(counts.values())) > 1:
            listed = ", ".join(f"{name}: {count}" for name, count in counts.items())
            raise PortError(f"the inputs of NetMap need the same number of rows. Got {listed}.")
        count = next(iter(counts.values()))
        step = self._step({name: array.shape[1:] for name, array in arrays.items()})
        parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in self.outputs}
        for start in range(0, count, step):
            check_stop()
            stop = min(start + step, count)
            try:
                results = self._part({name: array[start:stop] for name, array in arrays.items()})
            except Exception as error:
                error.add_note(f"for the rows {start} to {stop - 1} of the input of NetMap")
                raise
            for name, array in results.items():
                parts[name].append(array)
        return {name: _joined(name, part) for name, part in parts.items()}

    def saved(self) -> SavedModel:
        """Return the parts of the model, and the size.

        Returns
        -------
        SavedModel

        Raises
        ------
        PortError
            The model cannot be saved.
        """
        return saved_operator(self.model, {} if self.size is None else {"size": self.size})

    @classmethod
    def restored(cls, parameters: Mapping[str, Any], files: Mapping[str, bytes]) -> NetMap:
        """Return the NetMap of the parts that `saved` returns.

        Parameters
        ----------
        parameters : mapping
        files : mapping of str to bytes

        Returns
        -------
        NetMap

        Raises
        ------
        PortError
            The parts are not those of a NetMap.
        """
        known: dict[str, type] = {"model": Mapping}
        check_fields(cls.kind, parameters, known | ({"size": int} if "size" in parameters else {}))
        return cls(restored_inner(cls.kind, parameters, files), size=parameters.get("size"))

    def _step(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        """Return the number of rows of a run."""
        if not self._has_batches:
            return 1
        limit = self.model.batch_limit or _NUMBERS
        if self.size is not None:
            return min(self.size, limit)
        numbers = sum(math.prod(shape) for shape in shapes.values())
        return max(1, min(_ROWS, limit, _NUMBERS // max(1, numbers)))

    def _part(self, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Return the outputs for some rows."""
        count = len(next(iter(arrays.values())))
        given: dict[str, npt.NDArray[Any]] = {}
        for name, array in arrays.items():
            port = self.model.inputs[name]
            if self._has_batches:
                array = np.moveaxis(array, 0, port.batch_axis or 0)
            else:
                array = element_of(array[0], port)
            given[name] = np.ascontiguousarray(array) if array.ndim else array
        given |= fed_arrays(
            self.model, {name: array.shape[1:] for name, array in arrays.items()}, count
        )
        results = self.model.run({name: given[name] for name in self.model.inputs})
        return {
            name: output_of(self.kind, name, results, port, count)
            for name, port in self.model.outputs.items()
        }


def _joined(name: str, parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    shapes = {part.shape[1:] for part in parts}
    if len(shapes) > 1:
        listed = ", ".join(map(str, sorted(shapes)))
        raise PortError(f"the rows of the output {name!r} of NetMap differ in shape: {listed}.")
    return parts[0] if len(parts) == 1 else np.concatenate(parts)

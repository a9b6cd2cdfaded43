"""Layer: one layer of a net graph of any kind, with its inputs, outputs and forms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netencoders.arrays import ArraySpec
from netencoders.errors import PortError
from netencoders.graph.remedies import array_form, remedy
from netencoders.parameters import short

__all__ = ["OUTPUT", "Layer", "Specs", "Values", "array_problem"]

OUTPUT = "Output"
"""The name of the output of a layer that has one."""

Specs = Mapping[str, ArraySpec | None]
Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Layer(ABC):
    """A layer of a net graph.

    Attributes
    ----------
    name : str
    given : object
        The value that the layer was made from.
    kind : str
        A short word for tables, such as the name of a NetLayer.
    inputs : tuple of str
        The required inputs, in order; one without an edge becomes a port of the net.
    options : tuple of str
        The optional inputs.
    outputs : tuple of str
    declared : mapping of str to ArraySpec
        The declared forms of the inputs.
    """

    name: str
    given: Any
    kind: str
    inputs: tuple[str, ...]
    options: tuple[str, ...]
    outputs: tuple[str, ...]
    declared: Mapping[str, ArraySpec]

    names_ports = False
    """Whether the names of its inputs and outputs are fit for ports of the net."""

    may_change_inputs = False
    """Whether its code might write to the arrays that it gets."""

    runs_in_workers = True
    """Whether several threads may run the layer at once, in any order of the inputs."""

    @property
    def summary(self) -> str:
        """One line about the layer for tables, such as its parameters; it may be empty."""
        return ""

    @property
    def is_row_wise(self) -> bool:
        """Whether one row of the output depends on the same row of the input alone."""
        return False

    def streams(self, specs: Specs) -> bool:
        """Return whether blocks of rows of inputs of these forms give the rows of the outputs."""
        return self.is_row_wise

    def arriving(self, name: str, form: ArraySpec) -> ArraySpec:
        """Return the form of an array for the input `name`, after a conversion without loss."""
        return form

    @abstractmethod
    def infer(self, specs: Specs) -> Specs:
        """Return the form of each output for the forms of the connected inputs.

        Raises
        ------
        PortError
            The layer refuses the forms of its inputs.
        """

    @abstractmethod
    def run(self, inputs: Sequence[Values]) -> list[Values]:
        """Return the outputs for the inputs of each element of a batch.

        Raises
        ------
        Exception
            Any exception of the layer.
        """

    def apply(self, inputs: Sequence[Values]) -> list[Values]:
        """Check the inputs of each element of a batch, and return its outputs.

        Raises
        ------
        PortError
            An input does not have its declared form.
        Exception
            Any exception of the layer, with a note that names it.
        """
        for values in inputs if self.declared else ():
            for name, spec in self.declared.items():
                problem = self._problem(name, spec, values[name]) if name in values else None
                if problem:
                    form = array_form(values[name])
                    form = None if form is None else self.arriving(name, form)
                    raise PortError(
                        f"input {name!r} of layer {self.name!r}: {problem}."
                        f"{remedy(form, spec, 'before it')}"
                    )
        try:
            return self.run(inputs)
        except Exception as error:
            error.add_note(f"in layer {self.name!r} of the net")
            raise

    def _problem(self, name: str, spec: ArraySpec, value: object) -> str | None:
        return array_problem(spec, value)


def array_problem(spec: ArraySpec, value: object) -> str | None:
    """Return the reason why `value` is not an array of the form `spec`, or None if it is."""
    if isinstance(value, np.generic):
        value = np.asarray(value)  # numpy's reductions return a scalar for 0 dimensions
    if isinstance(value, np.ma.MaskedArray):
        return "it is a masked array, whose elements may be missing: fill them, by array.filled(0)"
    if not isinstance(value, np.ndarray):
        return f"{short(value)} is not an array"
    return spec.problem(value)


def refuse_nan(name: str, values: Values) -> None:
    """Refuse NaN in the outputs of a layer.

    Raises
    ------
    PortError
        An array or a number contains NaN.
    """
    for output, value in values.items():
        if _has_nan(value):
            which = "" if output == OUTPUT else f", output {output!r}"
            raise PortError(f"layer {name!r}{which}: the result has NaN.")


def _has_nan(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fc" and bool(np.count_nonzero(np.isnan(value)))
    return isinstance(value, float | complex | np.inexact) and bool(np.isnan(value))

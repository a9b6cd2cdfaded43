"""Outputs: the forms of an encoder that gives several named arrays, and the form of any encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.parameters import is_name, short

__all__ = ["Encoded", "Form", "Outputs", "arrays_of", "read_form", "specs_of"]

Encoded = npt.NDArray[Any] | dict[str, npt.NDArray[Any]]
"""The result of an encoder: one array, or several by name."""


class Outputs(Mapping[str, ArraySpec]):
    """The forms of several named arrays, with the methods of `ArraySpec`.

    Parameters
    ----------
    specs : mapping of str to ArraySpec
        At least one.

    Raises
    ------
    ValueError
        A name is not valid, or a value is not an ArraySpec.
    """

    def __init__(self, specs: Mapping[str, ArraySpec]) -> None:
        for name, spec in specs.items():
            if not is_name(name):
                raise ValueError(
                    "the name of an output must be a letter, then letters, digits and underscores. "
                    f"Got {short(name)}."
                )
            if not isinstance(spec, ArraySpec):
                raise ValueError(f"the output {name!r} must be an ArraySpec. Got {short(spec)}.")  # noqa: TRY004 - a wrong value of a mapping
        if not specs:
            raise ValueError("an encoder needs at least one output")
        self._specs = MappingProxyType(dict(specs))

    def __getitem__(self, name: str) -> ArraySpec:
        return self._specs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def __repr__(self) -> str:
        return repr(dict(self._specs))

    def problem(self, value: Any) -> str | None:
        """Return the reason why a value is not a dict of arrays of these forms, or None."""
        if not isinstance(value, dict):
            return f"the result is of type {type(value).__name__}, not a dict of {self.names}"
        if value.keys() != self._specs.keys():
            return f"the arrays are {', '.join(map(str, value)) or 'none'}, not {self.names}"
        for name, spec in self._specs.items():
            problem = _array_problem(spec, value[name])
            if problem:
                return f"{name}: {problem}"
        return None

    def matches(self, value: object) -> bool:
        """Return whether a value is a dict of arrays of these forms."""
        return self.problem(value) is None

    def block(self) -> Outputs:
        """Return these forms: all arrays are one block."""
        return self

    @property
    def names(self) -> str:
        """The names as text."""
        return ", ".join(self._specs)


Form = ArraySpec | Outputs
"""The form of the result of an encoder."""


def read_form(declared: object) -> Form:
    """Return the form that the method `output` of an encoder returns.

    Raises
    ------
    TypeError, ValueError
        It is neither an ArraySpec nor a mapping of names to such.
    """
    if isinstance(declared, ArraySpec):
        return declared
    if isinstance(declared, Mapping):
        return Outputs(declared)
    raise TypeError(f"output() gives {short(declared)}, which is not an ArraySpec")


def specs_of(form: Form) -> Mapping[str, ArraySpec]:
    """Return the forms by name; the name of a single one is ``"Output"``."""
    return form if isinstance(form, Outputs) else MappingProxyType({"Output": form})


def arrays_of(value: Encoded) -> Mapping[str, npt.NDArray[Any]]:
    """Return the arrays of a result by name; the name of a single one is ``"Output"``."""
    return value if isinstance(value, dict) else {"Output": value}


def _array_problem(spec: ArraySpec, value: object) -> str | None:
    if not isinstance(value, np.ndarray):
        return f"the value is of type {type(value).__name__}, not an array"
    return spec.problem(value)

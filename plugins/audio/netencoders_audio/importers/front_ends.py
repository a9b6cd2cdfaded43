"""FrontEnd: the rules for the config of one class of another library, and shared field types."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netencoders import (
    Choice,
    ConfigError,
    ConfigField,
    Integer,
    Real,
    Union,
    read_fields,
)

__all__ = [
    "COUNT",
    "KALDI_FLOOR",
    "RATE",
    "SLANEY",
    "Exactly",
    "FrontEnd",
    "Layer",
    "Problems",
    "Values",
    "check_computed",
    "check_even",
    "computed",
    "declaration",
    "scaled_log",
    "without_effect",
]

Values = Mapping[str, Any]
Problems = list[tuple[str, str]]
Layer = dict[str, dict[str, Any]]

RATE = Integer(1, 10_000_000)
COUNT = Integer(1, 2**24)

KALDI_FLOOR = 1.1920929e-07
"""The smallest positive difference of float32 from 1, as Kaldi and its users write it."""

SLANEY = {"MelScale": "Slaney", "FilterNormalization": "Slaney", "EmptyFilters": "Zero"}
"""The filters of librosa, which may have no bin."""


class Exactly(Real):
    """One number, as an integer or a float."""

    def __init__(self, number: float) -> None:
        super().__init__(number, number)

    def describe(self) -> tuple[str, ...]:
        """Return the number."""
        return (f"{self.min:g}",)


@dataclass(frozen=True)
class FrontEnd:
    """The rules for the config of one class.

    Attributes
    ----------
    name : str
        The name of the class.
    fields : tuple of ConfigField
    declare : callable
        ``declare(values, part, problems)`` returns the declaration of the encoder. It appends
        problems of several fields, and its result is not used then.
    parts : tuple of str
        The front ends, if the class has several.
    note : str
        A difference between the class and the encoder for some inputs, or empty.
    """

    name: str
    fields: tuple[ConfigField, ...]
    declare: Callable[[Values, str | None, Problems], dict[str, Any]]
    parts: tuple[str, ...] = ()
    note: str = ""

    def read(self, content: Mapping[str, Any], part: str | None, library: str) -> dict[str, Any]:
        """Return the declaration for a config.

        Raises
        ------
        ConfigError
            Fields are unknown, or cannot be honoured. The error lists all of them.
        """
        values, problems = read_fields(content, self.fields, self.name)
        declared: dict[str, Any] = {}
        if not problems:
            declared = self.declare(values, part, problems)
        if problems:
            raise ConfigError(problems)
        chosen = f", {part}" if part else ""
        summary = f"{self.name}{chosen} of {library}" + (f" ({self.note})" if self.note else "")
        return {"name": self.name + (part or ""), "summary": summary, **declared}


def declaration(encoder: str, parameters: Values, *layers: Layer | None) -> dict[str, Any]:
    """Return a declaration with the layers that are not None."""
    return {
        "encoder": encoder,
        "parameters": dict(parameters),
        "layers": [layer for layer in layers if layer is not None],
    }


def scaled_log(
    base: float | str, factor: float, *, floor: float = 0.0, offset: float = 0.0
) -> tuple[Layer, float]:
    """Return the logarithm of elements times a factor: a layer, and the number to add after it.

    Samples of 16 bits are 32768 times those of netencoders, and their powers 32768**2 times.
    """
    log = {"E": math.log, 10: math.log10}[base]
    layer: Layer = {"Log": {"Base": base, "Floor": floor / factor}}
    if offset:
        layer["Log"]["Offset"] = offset / factor
    return layer, log(factor)


def without_effect(reason: str, *names: str) -> tuple[ConfigField, ...]:
    """Return fields that have no effect on the array, for one reason."""
    return tuple(ConfigField(name, doc=reason) for name in names)


def computed(*names: str) -> tuple[ConfigField, ...]:
    """Return fields that the class computes from others, and writes; see `check_computed`."""
    kind = Union(Choice(None), Integer(0))
    return tuple(ConfigField(name, kind, None, "computed from other fields") for name in names)


def check_computed(values: Values, problems: Problems, **numbers: int) -> None:
    """Check that the fields of `computed`, if there are any, have the numbers of the class."""
    for name, number in numbers.items():
        if values[name] not in (None, number):
            text = (
                f"{name!r} must be {number}, the number that the class computes from the other "
                f"fields. Got {values[name]}: the class ignores it. Correct the other fields."
            )
            problems.append((name, text))


def check_even(values: Values, problems: Problems, *names: str) -> None:
    """Check that numbers are even: a half of an odd number is rounded by the library."""
    for name in names:
        if values[name] % 2:
            rule = f"{name!r} must be even: the library rounds its half, which moves the filters."
            problems.append((name, f"{rule} Got {values[name]}. Use an even number."))

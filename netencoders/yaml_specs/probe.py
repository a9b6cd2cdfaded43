"""Probe: a few expected values of an encoder, which a spec may state under the key ``probe``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from netencoders.errors import SpecError, nearest
from netencoders.parameters import is_name, short
from netencoders.yaml_specs.values import got

if TYPE_CHECKING:
    from netencoders.yaml_specs.strict_yaml import Path

    Add = Callable[[Path, str], None]

__all__ = [
    "MAX_LENGTH",
    "MAX_PROBE_VALUES",
    "PROBE_KEYS",
    "Number",
    "Probe",
    "ProbeValue",
    "read_probe",
]

MAX_LENGTH: Final = 2**24
"""The largest length of a signal: a spec must not fill the memory."""

MAX_PROBE_VALUES: Final = 256
"""The largest number of values of a probe."""

MAX_SIZE: Final = 2**53

PROBE_KEYS: Final = ("signal", "length", "shape", "tolerance", "values")

_NO_NAME: Final = ""  # of the only array

Number = int | float | complex


class ProbeValue(NamedTuple):
    """One expected element: the name of its array (empty for the only one), place and value."""

    array: str
    place: tuple[int, ...]
    value: Number


@dataclass(frozen=True)
class Probe:
    """The expected result of an encoder for a named signal.

    Attributes
    ----------
    signal : str
        The name of a signal that the encoder can make.
    length : int
        Its length, in a unit that the encoder documents: samples for audio.
    shape : tuple of int, or mapping of str to tuple of int
        The shape of the array, or of each named array.
    tolerance : float
        The largest permitted difference of each value, in the unit of the array.
    values : tuple of ProbeValue
        Some elements.
    """

    signal: str
    length: int
    shape: tuple[int, ...] | Mapping[str, tuple[int, ...]]
    tolerance: float
    values: tuple[ProbeValue, ...]

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array by name; the name of the only one is empty."""
        return self.shape if isinstance(self.shape, Mapping) else {_NO_NAME: self.shape}

    def to_dict(self) -> dict[str, Any]:
        """Return the probe as JSON values, as a spec states it."""
        named = isinstance(self.shape, Mapping)
        shapes = {name: list(shape) for name, shape in self.shapes.items()}
        return {
            "signal": self.signal,
            "length": self.length,
            "shape": shapes if named else shapes[_NO_NAME],
            "tolerance": self.tolerance,
            "values": [
                {
                    **({"array": item.array} if named else {}),
                    "at": list(item.place),
                    "value": _plain(item.value),
                }
                for item in self.values
            ],
        }

    @classmethod
    def from_dict(cls, given: Any) -> Probe:
        """Return the probe of a mapping in the format of `to_dict`.

        Raises
        ------
        SpecError
            It is not valid; the message lists all problems.
        """
        problems: list[str] = []
        probe = read_probe(given, (), lambda _, text: problems.append(text))
        if probe is None:
            raise SpecError("\n  ".join([f"{len(problems)} problems of a probe", *problems]))
        return probe


def read_probe(given: Any, path: Path, add: Add) -> Probe | None:
    """Return the probe that a spec states, or None if `add` got the path and text of a problem."""
    counted = _Counted(add)
    add = counted
    if not isinstance(given, Mapping):
        add(path, f"'probe' must be a mapping (key: value). Got {got(given)}.")
        return None
    for key in given:
        if key not in PROBE_KEYS:
            hint = nearest(key, PROBE_KEYS) if isinstance(key, str) else ""
            hint = hint or f" Known: {', '.join(PROBE_KEYS)}."
            add((*path, key), f"unknown key {short(key)} of 'probe'.{hint}")
    missing = [key for key in PROBE_KEYS if key not in given]
    if missing:
        text = f"'probe' needs {', '.join(map(repr, missing))}: 'netencoders probe' writes it."
        add(path, text)
        return None
    signal, length = given["signal"], given["length"]
    if not is_name(signal):
        add((*path, "signal"), f"'signal' must be the name of a signal. Got {got(signal)}.")
    if not _is_integer(length, 1, MAX_LENGTH):
        text = f"'length' must be an integer from 1 to {MAX_LENGTH}. Got {got(length)}."
        add((*path, "length"), text)
    shape = _shape(given["shape"], (*path, "shape"), add)
    tolerance = given["tolerance"]
    if not (_is_real(tolerance) and tolerance >= 0):
        text = f"'tolerance' must be a number >= 0. Got {got(tolerance)}."
        add((*path, "tolerance"), text)
    values = _values(given["values"], shape, (*path, "values"), add)
    if counted.count or shape is None:
        return None
    return Probe(signal, length, shape, tolerance, values)


class _Counted:
    """The function `add` of a caller, with the number of its calls."""

    def __init__(self, add: Add) -> None:
        self._add = add
        self.count = 0

    def __call__(self, path: Path, text: str) -> None:
        self.count += 1
        self._add(path, text)


def _shape(
    given: Any, path: Path, add: Add
) -> tuple[int, ...] | Mapping[str, tuple[int, ...]] | None:
    if isinstance(given, Mapping) and given and all(map(is_name, given)):
        shapes = {name: _sizes(sizes, (*path, name), add) for name, sizes in given.items()}
        known = {name: sizes for name, sizes in shapes.items() if sizes is not None}
        return MappingProxyType(known) if len(known) == len(shapes) else None
    return _sizes(given, path, add)


def _sizes(given: Any, path: Path, add: Add) -> tuple[int, ...] | None:
    if isinstance(given, list | tuple) and all(_is_integer(size, 0, MAX_SIZE) for size in given):
        return tuple(given)
    text = (
        "'shape' must be a list of sizes, or a mapping from the name of each array to such a list. "
        f"Got {got(given)}."
    )
    add(path, text)
    return None


def _values(
    given: Any,
    shape: tuple[int, ...] | Mapping[str, tuple[int, ...]] | None,
    path: Path,
    add: Add,
) -> tuple[ProbeValue, ...]:
    if not isinstance(given, list | tuple) or not 0 < len(given) <= MAX_PROBE_VALUES:
        number = f"{len(given)} values" if isinstance(given, list | tuple) else got(given)
        add(path, f"'values' must be a list of 1 to {MAX_PROBE_VALUES} values. Got {number}.")
        return ()
    found = [_value(item, shape, (*path, index), add) for index, item in enumerate(given)]
    return tuple(item for item in found if item is not None)


def _value(
    item: Any,
    shape: tuple[int, ...] | Mapping[str, tuple[int, ...]] | None,
    path: Path,
    add: Add,
) -> ProbeValue | None:
    if shape is None:  # its problem is known already
        return None
    named = isinstance(shape, Mapping)
    keys = ("array", "at", "value") if named else ("at", "value")
    if not isinstance(item, Mapping) or set(item) != set(keys):
        rule = "{array: Name, at: [0, 0], value: 0.5}" if named else "{at: [0, 0], value: 0.5}"
        add(path, f"an item of 'values' must be {rule}. Got {_keys(item)}.")
        return None
    array = item["array"] if named else _NO_NAME
    shapes: Mapping[Any, tuple[int, ...]] = shape if isinstance(shape, Mapping) else {array: shape}
    if named and (not isinstance(array, str) or array not in shapes):
        add((*path, "array"), f"'array' must be one of {', '.join(shapes)}. Got {got(array)}.")
        return None
    place, sizes, value = item["at"], shapes[array], _read(item["value"])
    if not _is_place(place, sizes):
        shown = list(place) if isinstance(place, list | tuple) else got(place)
        text = f"'at' must be one index for each size of the shape {list(sizes)}. Got {shown}."
        add((*path, "at"), text)
        return None
    if value is None:
        text = f"'value' must be a number, or [real, imaginary]. Got {got(item['value'])}."
        add((*path, "value"), text)
        return None
    return ProbeValue(array, tuple(place), value)


def _read(value: Any) -> Number | None:
    """Return a number, or the complex number of a list of two; None for others."""
    if _is_real(value):
        number: int | float = value
        return number
    if isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_real, value)):
        return complex(*value)
    return None


def _plain(value: Number) -> Any:
    return [value.real, value.imag] if isinstance(value, complex) else value


def _keys(item: Any) -> str:
    if not isinstance(item, Mapping):
        return got(item)
    return f"the keys {', '.join(map(str, item)) or 'none'}"


def _is_place(place: Any, sizes: Sequence[int]) -> bool:
    return (
        isinstance(place, list | tuple)
        and len(place) == len(sizes)
        and all(_is_integer(i, 0, size - 1) for i, size in zip(place, sizes, strict=True))
    )


def _is_integer(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _is_real(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)

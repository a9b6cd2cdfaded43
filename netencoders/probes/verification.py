"""Verification: compares the arrays of an encoder with the probe of its spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.errors import EncodeError, ProbeError, VerificationError
from netencoders.probes.environment import environment
from netencoders.probes.measure import arrays_by_name, number, owner, signal_input
from netencoders.yaml_specs.probe import Number, Probe, ProbeValue

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["Verification", "differences", "verify"]

SHOWN: Final = 5  # differences that a message lists


@dataclass(frozen=True, repr=False)
class Verification:
    """The result of a verification that passes.

    Attributes
    ----------
    owner : str
        The name of the spec or, if it has none, of the encoder; or of a net.
    values : int
        The number of compared values.
    difference : float
        The largest difference of a value, in the unit of the array.
    tolerance : float
        The largest permitted difference.
    """

    owner: str
    values: int
    difference: float
    tolerance: float

    def __repr__(self) -> str:
        return f"<Verification of {self.owner}: {self}>"

    def __str__(self) -> str:
        values = "1 value" if self.values == 1 else f"{self.values} values"
        return f"{values}, largest difference {self.difference:.3g}, tolerance {self.tolerance:.3g}"


def verify(encoder: NetEncoder) -> Verification:
    """Encode the signal of the probe of an encoder, and compare its values.

    Raises
    ------
    ProbeError
        The encoder has no probe, or does not make its signal.
    VerificationError
        The array differs, or the signal cannot be encoded.
    """
    probe, name = encoder._stated.probe, owner(encoder)
    if probe is None:
        raise ProbeError(_no_probe(encoder))
    value = signal_input(encoder, probe.signal, probe.length)
    problems: list[str] = []
    largest = 0.0
    try:
        encoded = encoder(value)
        problems, largest = differences(probe, arrays_by_name(encoded), encoder.outputs)
        if not problems:
            problems = _stream_problems(encoder, value, encoded)
    except EncodeError as problem:
        text = f"the signal {probe.signal} of length {probe.length} cannot be encoded: {problem}."
        raise VerificationError(name, [text], environment(encoder)) from problem
    if problems:
        raise VerificationError(name, problems, environment(encoder))
    return Verification(name, len(probe.values), largest, probe.tolerance)


def _no_probe(encoder: NetEncoder) -> str:
    changed = encoder._stated.changed
    if changed:
        return (
            f"{encoder.name}: there is no probe to compare with, because a parameter or a layer "
            f"differs from {changed}. Verify {changed} itself, or write a spec with these values, "
            "and a probe into it: netencoders probe SPEC"
        )
    return (
        f"{owner(encoder)}: there is no probe to compare with. A spec states one: "
        "netencoders probe SPEC writes it, on a machine whose arrays are right"
    )


def differences(
    probe: Probe, arrays: Mapping[str, npt.NDArray[Any]], forms: Mapping[str, ArraySpec | None]
) -> tuple[list[str], float]:
    """Return a sentence for each difference, and the largest difference of a value.

    The arrays have the names of the probe, and the forms those of the outputs.
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    if dict(probe.shapes) != shapes:
        return [f"the shape is {_shown(shapes)}, and the probe has {_shown(probe.shapes)}."], 0.0
    problems: list[str] = []
    largest = 0.0
    for item in probe.values:
        actual = number(arrays[item.array][item.place])
        difference = abs(actual - item.value)
        if not difference <= probe.tolerance:  # not `>`: it may be NaN
            form = forms.get(item.array or "Output")
            problems.append(_sentence(item, form, actual, difference))
        largest = max(largest, difference)
    if problems:
        more = len(problems) - SHOWN
        head = f"{len(problems)} of {len(probe.values)} values differ by more than the tolerance "
        head += f"{probe.tolerance:.3g}, the largest by {largest:.3g}:"
        problems = [head, *problems[:SHOWN], *([f"{more} more."] if more > 0 else [])]
    return problems, largest


def _sentence(item: ProbeValue, form: ArraySpec | None, actual: Number, difference: float) -> str:
    place = ", ".join(map(str, item.place))
    array = f"{item.array} " if item.array else ""
    known = () if form is None else form.axes
    axes = ", ".join(
        f"{axis.name} {axis.at(index):.6g} {axis.unit}".strip()
        for axis, index in zip(known, item.place, strict=bool(known))
    )
    where = f"{array}[{place}]" + (f" ({axes})" if axes else "")
    return (
        f"{where}: expected {_number(item.value)}, got {_number(actual)}, {difference:.3g} apart."
    )


def _number(value: Number) -> str:
    return f"{value}" if isinstance(value, int | complex) else f"{value:.9g}"


def _shown(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}".strip() for name, shape in shapes.items())


def _stream_problems(encoder: NetEncoder, value: Any, encoded: Any) -> list[str]:
    """Return the sentence for a stream whose joined blocks are not the array of the call."""
    try:
        blocks = list(encoder.stream(value))
    except EncodeError as problem:
        if problem.code == "one-pass":  # the signal is an input that can be read only once
            return []
        raise
    if encoder.has_names or not encoded.ndim:
        joined = arrays_by_name(blocks[0])
    else:
        joined = {"": np.concatenate(blocks, encoder.output.stream_axis)}
    equal = all(_same(array, joined[name]) for name, array in arrays_by_name(encoded).items())
    return [] if equal else ["the values are right, but a stream gives other bits than a call."]


def _same(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> bool:
    return left.dtype == right.dtype and left.shape == right.shape and bool((left == right).all())

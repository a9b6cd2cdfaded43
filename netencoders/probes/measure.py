"""Measures a probe: makes the signal, encodes it, and chooses the values to state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.declared_value import creating
from netencoders.errors import ProbeError, nearest
from netencoders.outputs import Encoded
from netencoders.parameters import short
from netencoders.probes.places import chosen_places
from netencoders.yaml_specs.probe import MAX_LENGTH, MAX_PROBE_VALUES, Number, Probe, ProbeValue

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = [
    "arrays_by_name",
    "chosen_signal",
    "expectation",
    "measured",
    "number",
    "owner",
    "signal_input",
    "signals_of",
]

VALUES: Final = 16
TOLERANCE: Final = 1e-4  # of the largest magnitude


def owner(encoder: NetEncoder) -> str:
    """Return the name of the spec of an encoder or, if it has none, of the encoder."""
    return encoder.spec or encoder.name


def measured(
    encoder: NetEncoder, signal: str | None, length: int | None, tolerance: float | None
) -> Probe:
    """Return the probe that holds for an encoder in this installation.

    Raises
    ------
    ProbeError
        The encoder makes no such signal, an argument is not valid, or the array has no elements,
        too many names, or elements that are not finite.
    EncodeError
        The signal cannot be encoded.
    """
    signal, length = chosen_signal(encoder, signal, length)
    encoded = encoder(signal_input(encoder, signal, length))
    axes = {name: form.stream_axis for name, form in encoder.outputs.items()}
    expected = expectation(owner(encoder), arrays_by_name(encoded), axes, tolerance)
    return Probe(signal, length, *expected)


def expectation(
    name: str,
    arrays: Mapping[str, npt.NDArray[Any]],
    axes: Mapping[str, int],
    tolerance: float | None,
) -> tuple[tuple[int, ...] | Mapping[str, tuple[int, ...]], float, tuple[ProbeValue, ...]]:
    """Return the shape, the tolerance and the values of a probe for some arrays.

    Parameters
    ----------
    name : str
        The owner, for messages.
    arrays : mapping
        As of `arrays_by_name`.
    axes : mapping of str to int
        The axis of time of each array; that of an only one has the name ``"Output"``.
    tolerance : float, optional

    Raises
    ------
    ProbeError
        The tolerance is not valid, or the arrays have no elements, too many names, or elements
        that are not finite numbers.
    """
    if 2 * len(arrays) > MAX_PROBE_VALUES:
        raise ProbeError(f"{name}: a probe holds no more than {MAX_PROBE_VALUES} values.")
    for array in arrays.values():
        if array.dtype.kind not in "biufc":
            raise ProbeError(f"{name}: a probe holds numbers, and the array has {array.dtype}.")
        if not array.size:
            raise ProbeError(
                f"{name}: the array of the signal has the shape {array.shape}, and no elements: "
                "choose a longer length."
            )
        if not np.isfinite(array).all():
            raise ProbeError(f"{name}: the array of the signal contains NaN or infinity.")
    count = max(4, VALUES // len(arrays))
    values = [
        ProbeValue(key, place, number(array[place]))
        for key, array in arrays.items()
        for place in chosen_places(array, count, axes.get(key or "Output", 0))
    ]
    if tolerance is None:
        tolerance = max(map(_tolerance, arrays.values()))
    elif type(tolerance) not in (int, float) or not 0 <= tolerance < math.inf:
        raise ProbeError(f"{name}: the tolerance must be a number >= 0. Got {short(tolerance)}.")
    shapes = {key: array.shape for key, array in arrays.items()}
    return shapes[""] if [*shapes] == [""] else shapes, tolerance, tuple(values)


def signal_input(encoder: NetEncoder, signal: str, length: int) -> Any:
    """Return a signal as an input of an encoder.

    Raises
    ------
    ProbeError
        The encoder does not make this signal.
    PluginError
        Its code fails.
    """
    _check_signal(encoder, signal)
    with creating(type(encoder._encoder), encoder.version):
        return encoder._encoder.probe_input(signal, length)


def arrays_by_name(encoded: Encoded) -> Mapping[str, npt.NDArray[Any]]:
    """Return the arrays of a result as a probe names them: the name of the only one is empty."""
    return encoded if isinstance(encoded, dict) else {"": encoded}


def number(element: Any) -> Number:
    """Return an element as a number of Python, with the fewest digits that its type needs."""
    kind = np.asarray(element).dtype.kind
    if kind in "biu":
        return int(element)
    if kind == "c":
        return complex(float(str(element.real)), float(str(element.imag)))
    return float(str(element))


def signals_of(encoder: NetEncoder) -> dict[str, int]:
    """Return the names and the default lengths of the signals of an encoder."""
    with creating(type(encoder._encoder), encoder.version):
        return dict(encoder._encoder.probe_signals())


def _check_signal(encoder: NetEncoder, signal: object) -> None:
    known = signals_of(encoder)
    if not known:
        raise ProbeError(
            f"{owner(encoder)}: the encoder {encoder.name} makes no signals, so it can have no "
            "probe (its plugin must implement probe_signals and probe_input)."
        )
    if not isinstance(signal, str) or signal not in known:
        hint = nearest(signal, known) if isinstance(signal, str) else ""
        hint = hint or f" Known: {', '.join(known)}."
        raise ProbeError(
            f"{owner(encoder)}: the encoder {encoder.name} makes no signal {short(signal)}.{hint}"
        )


def chosen_signal(encoder: NetEncoder, signal: str | None, length: int | None) -> tuple[str, int]:
    """Return the signal and its length: as given, as stated by the spec, or the defaults."""
    known = signals_of(encoder)
    stated = encoder._stated.probe
    if signal is None:
        signal = stated.signal if stated else next(iter(known), None)
    _check_signal(encoder, signal)
    assert signal is not None  # noqa: S101 - for mypy: it is checked
    if length is None:
        is_stated = stated is not None and signal == stated.signal
        length = stated.length if stated and is_stated else known[signal]
    if type(length) is not int or not 1 <= length <= MAX_LENGTH:
        raise ProbeError(
            f"{owner(encoder)}: the length of a signal must be an integer from 1 to {MAX_LENGTH}. "
            f"Got {short(length)}."
        )
    return signal, length


def _tolerance(array: npt.NDArray[Any]) -> float:
    if array.dtype.kind in "biu":
        return 0.0
    largest = float(np.abs(array).max())
    return float(f"{TOLERANCE * largest:.0e}") if largest else TOLERANCE

"""The golden arrays of the presets: some values of each array, its shape and its error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from models.libraries import evaluate, versions
from models.signals import KINDS, signal
from models.table import MODELS, Model

from netencoders import NetEncoder, NetEncodersError
from netencoders_audio import Audio

__all__ = ["FILE", "encode", "error", "kind_of", "load", "outcome", "picked", "save"]

FILE = Path(__file__).with_name("golden.npz")
COUNTS = {"speech": 6000}
"""The number of values of an array to keep, by the kind of the signal."""
OTHERS = 1500


def encode(encoder: NetEncoder, row: Model, kind: str) -> npt.NDArray[Any]:
    """Return the array of an encoder for a signal of a row."""
    rate = NetEncoder(row.preset).resolved["SampleRate"]
    return np.asarray(encoder(Audio(signal(kind, rate, row.bits), rate)))


def picked(array: npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    """Return evenly spaced values of an array, from all of its rows and columns in turn."""
    count = COUNTS.get(kind, OTHERS)
    step = max(1, -(-array.size // count))
    while any(gcd(step, size) > 1 for size in array.shape if size > 1):
        step += 1
    return array.ravel()[::step]


def error(actual: npt.NDArray[Any], expected: npt.NDArray[Any], largest: float) -> float:
    """Return the largest error relative to a value; infinity if it is not a number."""
    worst = float(np.abs(actual.astype(np.float64) - expected).max(initial=0))
    return worst / (largest or 1) if np.isfinite(worst) else float("inf")


def outcome(row: Model, kind: str) -> npt.NDArray[Any] | str:
    """Return the library's array, or the name of its exception."""
    rate = NetEncoder(row.preset).resolved["SampleRate"]
    try:
        return evaluate(row, signal(kind, rate, row.bits))
    except ImportError:
        raise
    except Exception as problem:  # each library has exceptions of its own
        return type(problem).__name__


def kind_of(values: npt.NDArray[Any]) -> str:
    """Return the name of an array that no preset gives: "empty", "NaN", "infinite" or "noise"."""
    if not values.size:
        return "empty"
    if np.isnan(values).any():
        return "NaN"
    return "infinite" if np.isinf(values).any() else "noise"


def save() -> None:
    """Run all calls, and save their results with the versions and the date."""
    kept: dict[str, Any] = {"made on": date.today().isoformat()}
    for row in MODELS:
        kept[f"{row.name} call"] = row.call
        kept[f"{row.name} made with"] = versions(row)
        for kind in KINDS:
            kept |= {f"{row.name} {kind} {key}": value for key, value in _result(row, kind).items()}
    np.savez_compressed(FILE, **{name: np.asarray(value) for name, value in kept.items()})


def _result(row: Model, kind: str) -> Mapping[str, Any]:
    """Return what is kept of one call."""
    array = outcome(row, kind)
    if isinstance(array, str):
        return {"raised": array}
    result = {"shape": array.shape}
    if kind in row.edges:
        return result | {"range": [array.min(), array.max()] if array.size else []}
    largest = float(np.abs(array).max(initial=0))
    try:
        ours = encode(NetEncoder(row.preset), row, kind)
    except NetEncodersError as problem:
        raise ValueError(f"{row.name}, {kind}: {problem}") from problem
    if ours.shape != array.shape:
        raise ValueError(f"{row.name}, {kind}: {ours.shape} instead of {array.shape}")
    values = picked(array, kind)
    return result | {"largest": largest, "error": error(ours, array, largest), "values": values}


@cache
def load() -> dict[str, npt.NDArray[Any]]:
    """Return the saved arrays by name, and the saved texts as arrays without dimensions."""
    with np.load(FILE, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}

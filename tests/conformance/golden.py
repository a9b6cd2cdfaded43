"""The recording and the golden arrays of the table, and the error between two arrays."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from libraries import evaluate, versions
from rows import Declaration

from netencoders import NetEncoder
from netencoders_audio import Audio

__all__ = ["LENGTHS", "error", "load", "ours", "recording", "save"]

HERE = Path(__file__).parent
RATE = 16000
LENGTHS = (5519, 4801, 2400)
"""Lengths of further recordings to compare. Whole partitions fill none of them exactly."""


@cache
def recording() -> npt.NDArray[np.float32]:
    """Return a third of a second: speech, silence to test floors, and faint noise.

    5520 samples are 400 + 32 * 160, so that frames of 400 samples with a hop of 160 fill it
    exactly. Frames of other rows do not fill it exactly.
    """
    path = HERE.parent / "data" / "ten_of_clubs_16k_mono.wav"
    speech, _ = soundfile.read(path, start=4000, frames=2300, dtype="float32")
    noise = 0.01 * np.random.default_rng(0).standard_normal(620)
    samples = np.concatenate([speech, np.zeros(2600), noise]).astype(np.float32)
    samples.flags.writeable = False
    return samples


def ours(same: Declaration, samples: npt.NDArray[Any] | None = None) -> npt.NDArray[np.float32]:
    """Return the array of a declaration for the recording, or for other samples."""
    samples = recording() if samples is None else samples
    encoder = NetEncoder(same.encoder, **same.parameters)
    for layer, parameters in same.layers:
        encoder = encoder.then(layer, **parameters)
    array = encoder(Audio(samples, RATE))
    return np.asarray(array, np.float32)


def error(actual: npt.NDArray[Any], expected: npt.NDArray[Any]) -> float:
    """Return the largest error relative to the largest value, or infinity for another shape.

    If complex numbers are expected, the last axis of AudioSTFT becomes complex, and its bins are
    cut to the number that the library gives: half of them, or all.
    """
    if np.iscomplexobj(expected) and not np.iscomplexobj(actual):
        actual = (actual[..., 0] + 1j * actual[..., 1])[:, : expected.shape[1]]
    if actual.shape != expected.shape:
        return float("inf")
    largest = float(np.abs(expected).max())
    return float(np.abs(actual.astype(np.complex128) - expected).max()) / largest


def save(library: str, calls: dict[str, str]) -> None:
    """Run calls of a library, by name, and save their arrays with versions, calls and date."""
    samples = recording().copy()  # torch refuses read-only arrays
    arrays = {name: evaluate(library, call, samples) for name, call in calls.items()}
    texts = {f"{name} call": np.array(call) for name, call in calls.items()}
    texts["made with"] = np.array(versions(library))
    texts["made on"] = np.array(date.today().isoformat())
    np.savez_compressed(_path(library), **arrays, **texts)


@cache
def load(library: str) -> dict[str, npt.NDArray[Any]]:
    """Return the saved arrays by name, and the saved texts as arrays without dimensions."""
    with np.load(_path(library), allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


def _path(library: str) -> Path:
    return HERE / "golden" / f"{library}.npz"

"""Hashes of the arrays of all encoders, to compare two versions of the code.

    python -m benchmarks.hashes > before.txt    # at one commit
    python -m benchmarks.hashes > after.txt     # at another one
    diff before.txt after.txt                   # empty: no bit has changed

Every encoder and every spec encodes every recording of tests/data, and noise in two channels at
44100 Hz, with its defaults and with each example value of each of its parameters. A line has the
first 16 digits of the sha256 of the arrays, and the declaration.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from netencoders import NetEncoder, NetEncodersError, encoders
from netencoders_audio import Audio

__all__ = ["array_hash", "declared_encoders", "inputs"]

DATA = Path(__file__).parents[1] / "tests" / "data"


def inputs() -> list[Any]:
    """Return the recordings: the files of tests/data, and two channels of noise at 44100 Hz."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (44100, 2)).astype(np.float32)
    return [*sorted(DATA.glob("*.wav")), Audio(noise, 44100)]


def declared_encoders() -> Iterator[NetEncoder]:
    """Yield each encoder of audio with its defaults, then with one parameter changed at a time."""
    for name, record in encoders().items():
        if "SampleRate" not in {parameter.name for parameter in record.parameters}:
            continue  # it takes no recordings
        encoder = NetEncoder(name)
        yield encoder
        if record.derived_from is not None:
            continue
        for parameter in encoder.declarations:
            for value in parameter.type.examples():
                try:
                    yield encoder.replace(**{parameter.name: value})
                except NetEncodersError:
                    continue  # the value contradicts the defaults of other parameters


def array_hash(encoder: NetEncoder, recordings: list[Any]) -> str:
    """Return the sha256 of the arrays of all recordings: types, shapes and bytes.

    For a recording that cannot be encoded, the hash includes the error code.
    """
    total = hashlib.sha256()
    for result in encoder.map(recordings, on_error="return"):
        if isinstance(result, np.ndarray):
            total.update(f"{result.dtype} {result.shape}".encode())
            total.update(np.ascontiguousarray(result).tobytes())
        else:
            total.update(result.code.encode())
    return total.hexdigest()


if __name__ == "__main__":
    found = inputs()
    for declared in declared_encoders():
        print(array_hash(declared, found)[:16], declared)

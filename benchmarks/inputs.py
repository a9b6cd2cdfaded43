"""Inputs: recordings of any length, rate and format, made from the speech in tests/data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Kind", "Signal", "make"]

Kind = Literal["samples", "WAV", "FLAC", "MP3"]

SPEECH = Path(__file__).parents[1] / "tests" / "data"
SPEECH_RATE = 16000


@dataclass(frozen=True)
class Signal:
    """The recordings for a system.

    Attributes
    ----------
    seconds : float or (float, float)
        The length of each recording, or the range of random lengths, which have a fixed seed.
    rate, channels : int
    kind : {"samples", "WAV", "FLAC", "MP3"}
        ``samples`` are float32 in a .npy file, which is loaded before the measurement. WAV and
        FLAC have 16 bits.
    count : int
        The number of recordings; each starts at another position in the speech.
    """

    seconds: float | tuple[float, float]
    rate: int = 16000
    channels: int = 1
    kind: Kind = "samples"
    count: int = 1


def make(signal: Signal, folder: Path) -> tuple[str, ...]:
    """Make the missing recordings, and return the paths of all."""
    seconds = signal.seconds
    low, high = seconds if isinstance(seconds, tuple) else (seconds, seconds)
    lengths = np.random.default_rng(0).uniform(low, high, signal.count)
    suffix = "npy" if signal.kind == "samples" else signal.kind.lower()
    stem = f"{low:g}-{high:g}s-{signal.rate}Hz-{signal.channels}ch"
    paths = [folder / f"{stem}-{index}.{suffix}" for index in range(signal.count)]
    if not all(path.exists() for path in paths):
        speech = _speech(signal.rate, signal.channels)
        for index, path in enumerate(paths):
            frames = round(lengths[index] * signal.rate)
            part = path.with_name(
                f"{path.name}.part"
            )  # an interrupted run leaves no incomplete input
            _write(part, np.roll(speech, -1000 * index, axis=0), frames, signal)
            part.replace(path)
    return tuple(str(path) for path in paths)


def _speech(rate: int, channels: int) -> npt.NDArray[np.float32]:
    import soundfile
    import soxr

    names = sorted(SPEECH.glob("*_16k_mono.wav"))
    mono = np.concatenate([soundfile.read(name, dtype="float32")[0] for name in names])
    mono = soxr.resample(mono, SPEECH_RATE, rate)
    return np.stack([np.roll(mono, 50 * k) * np.float32(0.8**k) for k in range(channels)], axis=1)


def _write(path: Path, speech: npt.NDArray[np.float32], frames: int, signal: Signal) -> None:
    import soundfile

    if signal.kind == "samples":
        with path.open("wb") as file:
            np.save(file, np.resize(speech[:, 0], frames))
        return
    with soundfile.SoundFile(path, "w", signal.rate, signal.channels, format=signal.kind) as sound:
        for start in range(
            0, frames, len(speech)
        ):  # in pieces, because ten hours may not fit into memory
            sound.write(speech[: frames - start])

"""The effect of the resampler on the log-mel features of Whisper.

    python -m benchmarks.resampling

The recording is the speech of tests/data at 44100 Hz, with faint white noise of -60 dB as from a
microphone; and white noise of -20 dB alone. It prints the largest and the mean difference between
the features with each resampler and those with SoxrHQ, relative to the largest absolute feature.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from netencoders import NetEncoder
from netencoders_audio import Audio

__all__ = ["differences", "main"]

RATE = 44100
SPEECH = Path(__file__).parents[1] / "tests" / "data" / "speech_16k_mono.wav"
RESAMPLERS = ("SoxrVHQ", "SoxrMQ", "TorchaudioHann", "TorchaudioKaiser", "ScipyPolyphase")
WHISPER = NetEncoder(
    "AudioMelSpectrogram",
    WindowSize=400,
    Offset=160,
    PartitionPadding="CenterReflect",
    NumberOfFilters=80,
    MelScale="Slaney",
    FilterNormalization="Slaney",
)


def recordings() -> dict[str, npt.NDArray[np.float64]]:
    """Return the recordings by name, at `RATE`."""
    import soxr

    speech = soxr.resample(soundfile.read(SPEECH)[0], 16000, RATE)
    noise = np.random.default_rng(0).standard_normal(len(speech))
    return {"speech with faint noise": speech + 1e-3 * noise, "noise": 0.1 * noise}


def features(samples: npt.NDArray[Any], resampler: str) -> npt.NDArray[np.float64]:
    """Return Whisper's features: all frames except the last one."""
    encoder = WHISPER.replace(Resampling=resampler, ResampledLength="Ceiling")
    mel = encoder(Audio(samples, RATE))[:-1].astype(np.float64)
    levels = np.log10(np.maximum(mel, 1e-10))
    result: npt.NDArray[np.float64] = (np.maximum(levels, levels.max() - 8) + 4) / 4
    return result


def differences() -> dict[tuple[str, str], tuple[float, float]]:
    """Return the largest and the mean difference, by recording and resampler."""
    result = {}
    for name, samples in recordings().items():
        expected = features(samples, "SoxrHQ")
        for resampler in RESAMPLERS:
            difference = np.abs(features(samples, resampler) - expected) / np.abs(expected).max()
            result[name, resampler] = float(difference.max()), float(difference.mean())
    return result


def main() -> None:
    """Print a line for each recording and resampler."""
    for (name, resampler), (largest, mean) in differences().items():
        print(f"{name:24} {resampler:17} largest {largest:.1e}  mean {mean:.1e}")


if __name__ == "__main__":
    main()

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
# Without the zeros that it appends: the length of the recording is exact.
WHISPER = NetEncoder("FasterWhisper", Append=0)


def recordings() -> dict[str, npt.NDArray[np.float64]]:
    """Return the recordings by name, at `RATE`."""
    import soxr

    speech = soxr.resample(soundfile.read(SPEECH)[0], 16000, RATE)
    noise = np.random.default_rng(0).standard_normal(len(speech))
    return {"speech with faint noise": speech + 1e-3 * noise, "noise": 0.1 * noise}


def features(samples: npt.NDArray[Any], resampler: str) -> npt.NDArray[np.float64]:
    """Return Whisper's features, of the length of the recording."""
    encoder = WHISPER.replace(Resampling=resampler, ResampledLength="Ceiling")
    result: npt.NDArray[np.float64] = encoder(Audio(samples, RATE)).astype(np.float64)
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

"""Whisper systems: the peers of netencoders for the features of Whisper.

Each peer gets one recording at a time, as an array in memory, and has its defaults. Its results are
compared with those of netencoders before the measurement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.systems import RATE
from benchmarks.tasks import Array, Prepared, System, Task

__all__ = ["FASTER_WHISPER", "OPENAI_WHISPER", "TRANSFORMERS_NUMPY", "TRANSFORMERS_TORCH"]


def transformers_torch(task: Task) -> Prepared:
    """Prepare WhisperFeatureExtractor of transformers, which uses torch if it is installed."""
    import torch
    from transformers import WhisperFeatureExtractor

    torch.set_num_threads(task.threads)
    extractor = WhisperFeatureExtractor()
    return _prepared(
        task,
        lambda samples: extractor(samples, sampling_rate=RATE, return_tensors="np").input_features[
            0
        ],
    )


def transformers_numpy(task: Task) -> Prepared:
    """Prepare WhisperFeatureExtractor as it works without torch, in numpy."""
    from transformers.models.whisper import feature_extraction_whisper as module

    module.is_torch_available = lambda: False
    return transformers_torch(task)


def faster_whisper(task: Task) -> Prepared:
    """Prepare FeatureExtractor of faster-whisper, in numpy. It appends 160 zeros, by default."""
    from faster_whisper.feature_extractor import FeatureExtractor

    return _prepared(task, FeatureExtractor())


def openai_whisper(task: Task) -> Prepared:
    """Prepare pad_or_trim and log_mel_spectrogram of openai-whisper, in torch."""
    import torch
    from whisper.audio import log_mel_spectrogram, pad_or_trim

    torch.set_num_threads(task.threads)

    def features(samples: Array) -> Any:
        with torch.inference_mode():
            return log_mel_spectrogram(pad_or_trim(samples))

    return _prepared(task, features)


def _prepared(task: Task, features: Callable[[Array], Any]) -> Prepared:
    recordings = task.recordings()
    return Prepared(lambda: map(features, recordings), lambda result: np.asarray(result).T)


TRANSFORMERS_TORCH = System(
    "transformers WhisperFeatureExtractor, torch",
    transformers_torch,
    requires=("transformers", "torch"),
)
TRANSFORMERS_NUMPY = System(
    "transformers WhisperFeatureExtractor, numpy", transformers_numpy, requires=("transformers",)
)
FASTER_WHISPER = System(
    "faster-whisper FeatureExtractor", faster_whisper, requires=("faster-whisper",)
)
OPENAI_WHISPER = System(
    "openai-whisper log_mel_spectrogram", openai_whisper, requires=("openai-whisper",)
)

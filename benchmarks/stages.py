"""Stages: the functions of each stage of the pipeline, and the measurement of their time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, Final
from unittest.mock import patch

from benchmarks.stopwatch import Stopwatch

__all__ = ["REST", "STAGES", "timed_stages"]

# The names under which the pipeline finds the functions: module, class and attribute. The time of a
# stage does not include the stages that it calls: the window is the time of fourier without rfft.
STAGES: Final[Mapping[str, Sequence[str]]] = {
    "open": (
        "netencoders_audio.audio:Audio.__init__",
        "netencoders_audio.encoders.audio_encoder:open_recording",
    ),
    "decode": (
        "netencoders_audio.recordings.sound_file:SoundFileRecording.blocks",
        "netencoders_audio.recordings.samples_file:SamplesFile.blocks",
        "netencoders_audio.recordings.recording:MemoryRecording.blocks",
    ),
    "mix": (
        "netencoders_audio.encoders.signal:mix",
        "netencoders_audio.encoders.signal:mix_bounded",  # of a recording that is one block
    ),
    "resample": ("netencoders_audio.encoders.signal:resample",),
    "length, emphasis": (
        "netencoders_audio.encoders.signal:emphasize",
        "netencoders_audio.encoders.signal:cut",
        "netencoders_audio.encoders.signal:cut_start",
        "netencoders_audio.encoders.signal:fill",
    ),
    "level": ("netencoders_audio.encoders.signal:normalize",),
    "edges, partition": (
        "netencoders_audio.encoders.rows:pad",
        "netencoders_audio.encoders.rows:partition",
    ),
    # Conditioning, window, transform, power and mel bands in one call. Without the compiled kernel,
    # the five stages after it take its place.
    "kernel": (
        "netencoders_audio.stages.transform:FrameTransform.spectrum",
        "netencoders_audio.stages.transform:FrameTransform.two_sided",
        "netencoders_audio.stages.transform:FrameTransform.power",
        "netencoders_audio.stages.transform:FrameTransform.bands",
    ),
    "condition": (
        "netencoders_audio.encoders.partitioned:condition",
        "netencoders_audio.encoders.partitions:condition",
    ),
    "window": ("netencoders_audio.encoders.partitioned:fourier",),
    "Fourier": ("scipy.fft:rfft",),
    "power": (
        "netencoders_audio.encoders.spectrogram:power",
        "netencoders_audio.stages.mel_bands:power",
    ),
    "mel": ("netencoders_audio.stages.mel_bands:MelBands.apply",),
    "cepstrum": (
        "netencoders_audio.encoders.mfcc:logarithm",
        "netencoders_audio.encoders.mfcc:AudioMFCC._cepstrum",
    ),
    "layers": ("netencoders.chain:Chain.array",),
    "collect": (
        "netencoders_audio.execution.collector:Collector.__init__",
        "netencoders_audio.execution.collector:Collector.room",
        "netencoders_audio.execution.collector:Collector.array",
    ),
}
REST: Final = "all else"


@contextmanager
def timed_stages(watch: Stopwatch, stages: Mapping[str, Sequence[str]] = STAGES) -> Iterator[None]:
    """Measure the time of each stage, and of the rest, in the ``with`` block."""
    with ExitStack() as patches:
        for stage, names in stages.items():
            for name in names:
                owner, last = _found(name)
                timed = watch.timed(stage, getattr(owner, last))
                patches.enter_context(patch.object(owner, last, timed))
        watch.begin(REST)
        yield
        watch.end()


def _found(name: str) -> tuple[Any, str]:
    module, _, attributes = name.partition(":")
    *owners, last = attributes.split(".")
    owner: Any = import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    return owner, last

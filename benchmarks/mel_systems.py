"""Mel systems: the peers of netencoders for mel spectrograms and their cepstrum.

Each system translates the parameters of its convention to the names of the peer. The results are
compared with those of netencoders before the measurement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.systems import RATE
from benchmarks.tasks import Array, Prepared, System, Task

# The number of samples in a list; this size was the fastest on the tested machines.
PIECE = 1 << 15


def torchaudio_mel(task: Task) -> Prepared:
    """Prepare torchaudio's MelSpectrogram, under librosa's convention."""
    from torchaudio.transforms import MelSpectrogram

    return _torchaudio(task, MelSpectrogram(RATE, **_torchaudio_options(task.resolved())))


def torchaudio_mfcc(task: Task) -> Prepared:
    """Prepare torchaudio's MFCC. The range of 80 dB and the orthonormal transform are defaults."""
    from torchaudio.transforms import MFCC

    resolved = task.resolved()
    options = _torchaudio_options(resolved)
    return _torchaudio(task, MFCC(RATE, resolved["NumberOfCoefficients"], melkwargs=options))


def _torchaudio_options(resolved: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n_fft": resolved["FFTLength"],
        "win_length": resolved["WindowSize"],
        "hop_length": resolved["Offset"],
        "n_mels": resolved["NumberOfFilters"],
        "mel_scale": "slaney",
        "norm": "slaney",
    }


def _torchaudio(task: Task, transform: Callable[[Any], Any]) -> Prepared:
    import torch

    torch.set_num_threads(task.threads)
    samples = task.samples()

    def call() -> list[Any]:
        with torch.inference_mode():
            return [transform(torch.from_numpy(samples))]

    return Prepared(call, lambda result: result.numpy().T)


def librosa_mel(task: Task) -> Prepared:
    """Prepare librosa.feature.melspectrogram. The scale and the filters are defaults."""
    from librosa import feature

    samples, options = task.samples(), _librosa_options(task.resolved())
    return Prepared(lambda: [feature.melspectrogram(y=samples, **options)], np.transpose)


def librosa_mfcc(task: Task) -> Prepared:
    """Prepare librosa.feature.mfcc. The range of 80 dB and orthonormal transform are defaults."""
    from librosa import feature

    samples, resolved = task.samples(), task.resolved()
    options = _librosa_options(resolved) | {"n_mfcc": resolved["NumberOfCoefficients"]}
    return Prepared(lambda: [feature.mfcc(y=samples, **options)], np.transpose)


def _librosa_options(resolved: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sr": RATE,
        "n_fft": resolved["FFTLength"],
        "win_length": resolved["WindowSize"],
        "hop_length": resolved["Offset"],
        "n_mels": resolved["NumberOfFilters"],
        "pad_mode": "reflect",
    }


def kaldi_mel(task: Task) -> Prepared:
    """Prepare kaldi-native-fbank's OnlineFbank, without the logarithm."""
    from kaldi_native_fbank import FbankOptions, OnlineFbank

    options = _kaldi_options(FbankOptions(), task.resolved())
    options.use_log_fbank = False
    return _kaldi(task, lambda: OnlineFbank(options))


def kaldi_mfcc(task: Task) -> Prepared:
    """Prepare kaldi-native-fbank's OnlineMfcc, without the energy in place of coefficient 0."""
    from kaldi_native_fbank import MfccOptions, OnlineMfcc

    resolved = task.resolved()
    options = _kaldi_options(MfccOptions(), resolved)
    options.use_energy = False
    options.num_ceps = resolved["NumberOfCoefficients"]
    options.cepstral_lifter = resolved["Liftering"]
    return _kaldi(task, lambda: OnlineMfcc(options))


def kaldi_fbank(task: Task) -> Prepared:
    """Prepare kaldi-native-fbank's OnlineFbank, with the logarithm."""
    from kaldi_native_fbank import FbankOptions, OnlineFbank

    options = _kaldi_options(FbankOptions(), task.resolved())
    return _kaldi(task, lambda: OnlineFbank(options), piece=None)


def _kaldi_options(options: Any, resolved: Mapping[str, Any]) -> Any:
    """Set the options that differ from the defaults of Kaldi, and return them."""
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = resolved["NumberOfFilters"]
    options.mel_opts.low_freq = resolved["MinimumFrequency"]
    return options


def _kaldi(task: Task, new: Callable[[], Any], piece: int | None = PIECE) -> Prepared:
    """Prepare an extractor, a new one for each recording.

    The extractor takes lists of samples, which are made before the measurement, and returns one
    array for each partition. The arrays are joined after the measurement. If `piece` is None, it
    takes a whole recording at once, which is the fastest for recordings of some seconds.
    """
    lists = [
        [samples[start : start + step].tolist() for start in range(0, len(samples), step)]
        for samples in task.recordings()
        for step in [piece or len(samples)]
    ]

    def extract(pieces: list[list[float]]) -> list[Array]:
        extractor = new()
        for samples in pieces:
            extractor.accept_waveform(RATE, samples)
        extractor.input_finished()
        return [extractor.get_frame(index) for index in range(extractor.num_frames_ready)]

    return Prepared(lambda: map(extract, lists))


_TORCHAUDIO, _KALDI = ("torch", "torchaudio"), ("kaldi-native-fbank",)
TORCHAUDIO_MEL = System("torchaudio MelSpectrogram", torchaudio_mel, requires=_TORCHAUDIO)
TORCHAUDIO_MFCC = System("torchaudio MFCC", torchaudio_mfcc, requires=_TORCHAUDIO)
LIBROSA_MEL = System("librosa melspectrogram", librosa_mel, requires=("librosa",))
LIBROSA_MFCC = System("librosa mfcc", librosa_mfcc, requires=("librosa",))
KALDI_MEL = System("kaldi-native-fbank fbank", kaldi_mel, requires=_KALDI)
KALDI_FBANK = System("kaldi-native-fbank fbank", kaldi_fbank, requires=_KALDI)
KALDI_MFCC = System("kaldi-native-fbank mfcc", kaldi_mfcc, requires=_KALDI)

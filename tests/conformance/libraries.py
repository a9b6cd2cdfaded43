"""The libraries of the table: the names for their calls, imported on request."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DOCUMENTED", "evaluate", "versions"]

DOCUMENTED = frozenset({"tensorflow"})
"""Libraries too large to install for a test: their rows are formulas from the documentation."""

# The packages whose versions PROVENANCE.md states: each library and the packages that it uses.
PACKAGES = {
    "librosa": ("librosa", "numpy", "scipy", "soxr"),
    "torchaudio": ("torchaudio", "torch"),
    "scipy": ("scipy", "numpy"),
    "python_speech_features": ("python_speech_features", "numpy", "scipy"),
    "tensorflow": ("numpy", "scipy"),
}


def evaluate(library: str, call: str, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    """Return the result of a library's call for a recording.

    Parameters
    ----------
    library : str
    call : str
        An expression. It may use x, the recording (a tensor for torch and torchaudio), np, and the
        names that the function of the library below returns.
    x : ndarray of float32, shape (n,)
        The recording, at 16 kHz.

    Returns
    -------
    ndarray of float32 or complex64
    """
    names = {"np": np, "x": x, **NAMES[library](x)}
    array = np.asarray(eval(call, names))
    return array.astype(np.complex64 if np.iscomplexobj(array) else np.float32)


def versions(library: str) -> str:
    """Return the installed versions of a library and of the packages that it uses, as text."""
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES.get(library, (library,)))


def _librosa(x: npt.NDArray[np.float32]) -> dict[str, Any]:
    import librosa

    return {"librosa": librosa}


def _torch(x: npt.NDArray[np.float32]) -> dict[str, Any]:
    import torch

    return {"torch": torch, "x": torch.from_numpy(x)}


def _torchaudio(x: npt.NDArray[np.float32]) -> dict[str, Any]:
    from torchaudio import transforms
    from torchaudio.compliance import kaldi
    from torchaudio.functional import resample

    return {**_torch(x), "transforms": transforms, "kaldi": kaldi, "resample": resample}


def _scipy(x: npt.NDArray[np.float32]) -> dict[str, Any]:
    from scipy.signal import ShortTimeFFT, get_window, resample_poly, spectrogram

    functions = (ShortTimeFFT, get_window, resample_poly, spectrogram)
    return {function.__name__: function for function in functions}


def _python_speech_features(x: npt.NDArray[np.float32]) -> dict[str, Any]:
    import python_speech_features
    from python_speech_features import sigproc

    return {"python_speech_features": python_speech_features, "sigproc": sigproc}


def _kaldi_native_fbank(x: npt.NDArray[np.float32]) -> dict[str, Any]:
    import kaldi_native_fbank as kaldi

    def features(online: Any, options: Any, samples: Any, given: Mapping[str, Any]) -> Any:
        for name, value in given.items():
            if isinstance(value, dict):
                for inner, each in value.items():
                    setattr(getattr(options, name), inner, each)
            else:
                setattr(options, name, value)
        computer = online(options)
        computer.accept_waveform(16000, samples.tolist())
        computer.input_finished()
        frames = [computer.get_frame(i) for i in range(computer.num_frames_ready)]
        return np.array(frames, np.float32).reshape(len(frames), computer.dim)

    def fbank(samples: Any, **options: Any) -> Any:
        return features(kaldi.OnlineFbank, kaldi.FbankOptions(), samples, options)

    def mfcc(samples: Any, **options: Any) -> Any:
        return features(kaldi.OnlineMfcc, kaldi.MfccOptions(), samples, options)

    return {"fbank": fbank, "mfcc": mfcc}


def _tensorflow(x: npt.NDArray[np.float32]) -> dict[str, Any]:
    return {
        function.__name__: function
        for function in (
            tf_signal_stft,
            tf_signal_linear_to_mel_weight_matrix,
            tf_signal_mfccs_from_log_mel_spectrograms,
        )
    }


def tf_signal_stft(
    signal: Any, frame_length: int, frame_step: int, pad_end: bool = False
) -> npt.NDArray[Any]:
    """Return the array that the documentation of tf.signal.stft defines, in float64.

    There are 1 + (n - frame_length) // frame_step frames; with padding at the end, n / frame_step,
    rounded up. fft_length is the smallest power of two >= frame_length, and the window is a
    periodic Hann window.
    """
    count = 1 + (len(signal) - frame_length) // frame_step
    if pad_end:
        count = -(-len(signal) // frame_step)
    padded = np.pad(signal.astype(np.float64), (0, frame_length))
    starts = np.arange(count)[:, np.newaxis] * frame_step
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame_length) / frame_length)
    fft_length = 1 << (frame_length - 1).bit_length()
    return np.fft.rfft(padded[starts + np.arange(frame_length)] * window, fft_length)


def tf_signal_linear_to_mel_weight_matrix(
    num_mel_bins: int,
    num_spectrogram_bins: int,
    sample_rate: float,
    lower_edge_hertz: float,
    upper_edge_hertz: float,
) -> npt.NDArray[np.float64]:
    """Return the documented matrix of the function of that name: triangles in mel, bin 0 zero."""

    def mel(hertz: Any) -> Any:
        return 1127 * np.log(1 + hertz / 700)

    bins = mel(np.linspace(0, sample_rate / 2, num_spectrogram_bins))
    edges = np.linspace(mel(lower_edge_hertz), mel(upper_edge_hertz), num_mel_bins + 2)
    matrix = np.zeros((num_spectrogram_bins, num_mel_bins))
    for band, (left, centre, right) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        slopes = np.minimum((bins - left) / (centre - left), (right - bins) / (right - centre))
        matrix[1:, band] = np.maximum(slopes, 0)[1:]
    return matrix


def tf_signal_mfccs_from_log_mel_spectrograms(levels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the documented array of the function of that name: a DCT-II over sqrt(2 F)."""
    from scipy.fft import dct

    return np.asarray(dct(levels, type=2, axis=1) / np.sqrt(2 * levels.shape[1]))


NAMES = {
    "librosa": _librosa,
    "torch": _torch,
    "torchaudio": _torchaudio,
    "kaldi-native-fbank": _kaldi_native_fbank,
    "scipy": _scipy,
    "tensorflow": _tensorflow,
    "python_speech_features": _python_speech_features,
}

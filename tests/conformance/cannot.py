"""The conventions that cannot be declared: reason, nearest declaration, and a replacement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from golden import ours, recording
from numpy.lib.stride_tricks import sliding_window_view
from rows import KALDI_CEPSTRUM, ROWS, SINGLE, Declaration, Row

__all__ = ["CANNOT", "Cannot", "replaced"]


@dataclass(frozen=True, kw_only=True)
class Cannot(Row):
    """A convention that no declaration gives; `same` is the nearest declaration.

    Attributes
    ----------
    why : str
        The reason.
    before : str
        The expression to encode in place of the recording x; empty for x itself.
    with_ : Declaration
        The encoder of the replacement.
    after : str
        An expression of y, the encoded array; empty for y itself. Its value is the library's array,
        so `why` is the complete reason.
    """

    why: str
    before: str = ""
    with_: Declaration
    after: str = ""


def replaced(row: Cannot) -> Any:
    """Return the library's array, computed by the steps before and after an encoder."""
    names = {"np": np, **{function.__name__: function for function in HELPERS}}
    x = recording()
    x = np.asarray(eval(row.before, {"x": x, **names})) if row.before else x
    y = ours(row.with_, x)
    return np.asarray(eval(row.after, {"y": y, "x": x, **names})) if row.after else y


def dct(levels: Any) -> Any:
    """Return the orthonormal cosine transform of rows."""
    from scipy.fft import dct as transform

    return transform(levels, norm="ortho")


def lifter(count: int) -> Any:
    """Return the weights of HTK for `count` coefficients, with L = 22."""
    return 1 + 11 * np.sin(np.pi * np.arange(count) / 22)


def filters_at_bins(count: int, fft_length: int, rate: float) -> Any:
    """Return the filters of python_speech_features: edges equally spaced in mel, cut to bins."""
    mels = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), count + 2)
    edges = np.floor((fft_length + 1) * 700 * (10 ** (mels / 2595) - 1) / rate)
    bins = np.arange(fft_length // 2 + 1)[:, np.newaxis]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return np.maximum(np.minimum(rising, falling), 0)


def log_energy(samples: Any, size: int, offset: int) -> Any:
    """Return the logarithm of each frame's energy, after its mean is removed."""
    rows = sliding_window_view(samples, size)[::offset].astype(np.float64)
    energy = np.square(rows - rows.mean(axis=1, keepdims=True)).sum(axis=1)
    return np.log(np.maximum(energy, 2.0**-23))


HELPERS: tuple[Callable[..., Any], ...] = (dct, lifter, filters_at_bins, log_energy)

SAME = {row.name: row.same for row in ROWS}


def _with(name: str, **parameters: Any) -> Declaration:
    """Return the declaration of a row, with other parameters."""
    return Declaration(SAME[name].encoder, SAME[name].parameters | parameters)


CANNOT = (
    Cannot(
        name="cannot-python-speech-features-mfcc",
        library="python_speech_features",
        transform="`mfcc`, without energy",
        call="python_speech_features.mfcc(x, appendEnergy=False)",
        same=Declaration(
            "AudioMFCC",
            {
                "WindowSize": 400,
                "Offset": 160,
                "WindowFunction": "boxcar",
                "PartitionPadding": (0, 159, "Zero"),
                "SignalPreEmphasis": 0.97,
                "FFTLength": 512,
                "NumberOfFilters": 26,
                "CosineScaling": "Orthonormal",
                "Liftering": 22,
            },
        ),
        allowed=SINGLE,
        why="the edges of its filters are rounded down to bins, and its power is divided by the "
        "FFT's length before the logarithm; by default the energy replaces coefficient 0",
        with_=Declaration(
            "AudioSpectrogram",
            {
                "WindowSize": 400,
                "Offset": 160,
                "WindowFunction": "boxcar",
                "PartitionPadding": (0, 159, "Zero"),
                "SignalPreEmphasis": 0.97,
                "FFTLength": 512,
            },
        ),
        after="dct(np.log(np.maximum(y @ filters_at_bins(26, 512, 16000) / 512, 2.0**-52)))"
        "[:, :13] * lifter(13)",
    ),
    Cannot(
        name="cannot-librosa-lifter",
        library="librosa",
        transform="`librosa.feature.mfcc`, liftered",
        call="librosa.feature.mfcc(y=x, sr=16000, lifter=22).T",
        same=_with("librosa-mfcc", Liftering=22),
        why="its lifter counts the coefficients from 1; HTK, Kaldi and `Liftering` count from 0",
        with_=SAME["librosa-mfcc"],
        after="y * lifter(21)[1:]",
    ),
    Cannot(
        name="cannot-librosa-pad-edge",
        library="librosa",
        transform="`librosa.stft`, other `pad_mode`s; torch's `replicate` and `circular`",
        call='np.abs(librosa.stft(x, n_fft=512, hop_length=160, pad_mode="edge")).T ** 2',
        same=_with("librosa-stft-centre-reflect"),
        why="`PartitionPadding` offers zeros and the mirrored signal only",
        before='np.pad(x, 256, mode="edge")',
        with_=_with("librosa-stft-centre-reflect", PartitionPadding=None),
    ),
    Cannot(
        name="cannot-librosa-estimated-tuning",
        library="librosa",
        transform="`librosa.feature.chroma_stft`, without `tuning` (its default)",
        call="librosa.feature.chroma_stft(y=x, sr=16000).T",
        same=SAME["librosa-chroma"],
        why="the tuning is estimated from the whole recording, here as -0.08; `Tuning` is the same "
        "for all recordings",
        with_=_with("librosa-chroma", Tuning=-0.08),
    ),
    Cannot(
        name="cannot-torchaudio-log-mels",
        library="torchaudio",
        transform="`torchaudio.transforms.MFCC`, `log_mels=True`",
        call="transforms.MFCC(n_mfcc=13, log_mels=True, melkwargs="
        '{"n_fft": 512, "n_mels": 40})(x).T',
        same=_with("torchaudio-mfcc", Logarithm="Natural", LogarithmFloor=1e-6, DynamicRange=None),
        why="1e-6 is added to every value of the mel spectrogram; the layer `Log` does it, and the "
        "cosine transform is not a layer; `LogarithmFloor` raises only the values below it",
        with_=Declaration(
            "AudioMelSpectrogram",
            {
                "WindowSize": 512,
                "Offset": 256,
                "PartitionPadding": "CenterReflect",
                "NumberOfFilters": 40,
            },
        ).then("Log", Floor=0, Offset=1e-6),
        after="dct(y)[:, :13]",
    ),
    Cannot(
        name="cannot-kaldi-energy",
        library="kaldi-native-fbank",
        transform="`OnlineMfcc`, `use_energy=True` (its default)",
        call='mfcc(x, frame_opts={"dither": 0}, mel_opts={"num_bins": 23})',
        same=_with("kaldi-native-fbank-mfcc"),
        allowed=SINGLE,
        why="the logarithm of the frame's energy replaces coefficient 0",
        with_=Declaration("AudioMFCC", KALDI_CEPSTRUM),
        after="np.column_stack([log_energy(x, 400, 160), y[:, 1:]])",
    ),
)
"""All rows; names are unique, also among those of `ROWS`."""

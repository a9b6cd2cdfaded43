"""Grid systems: librosa, torch and scipy for any setting of the grid, each in its fastest form.

Each translates the resolved parameters of an encoder: a spectrogram, a mel spectrogram, or samples
at another rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from benchmarks.partitions import overlapping, padded
from benchmarks.tasks import Array, Prepared, System, Task

__all__ = ["LIBROSA", "SCIPY", "TORCH", "TORCHAUDIO"]

# Samples in a block of partitions: the block and its transform stay in the cache of a processor.
# Of 2 ** 14 to 2 ** 19, these were the fastest on the tested machines.
TORCH_BLOCK, SCIPY_BLOCK = 1 << 18, 1 << 16


def librosa(task: Task) -> Prepared:
    """Prepare librosa.resample, librosa.feature.melspectrogram, or librosa.stft and abs2.

    Several recordings are one array of several channels.
    """
    import librosa

    resolved, signals = task.resolved(), task.recordings()
    if task.encoder == "Audio":
        resample = partial(librosa.resample, orig_sr=task.rate, target_sr=resolved["SampleRate"])
        return Prepared(lambda: map(resample, signals), _column)
    options: dict[str, Any] = {
        "n_fft": resolved["FFTLength"],
        "win_length": resolved["WindowSize"],
        "hop_length": resolved["Offset"],
        "center": resolved["PartitionPadding"] is not None,
        "pad_mode": "reflect",
    }
    if "NumberOfFilters" in resolved:
        mel = partial(
            librosa.feature.melspectrogram,
            sr=task.rate,
            n_mels=resolved["NumberOfFilters"],
            **options,
        )
        return Prepared(lambda: (mel(y=samples) for samples in signals), np.transpose)
    batch = np.stack(signals) if len(signals) > 1 else signals[0]
    return Prepared(lambda: [librosa.util.abs2(librosa.stft(batch, **options))], _joined)


def torch(task: Task) -> Prepared:
    """Prepare torchaudio's Resample, or torch.fft.rfft of blocks and the sum of two squares.

    The result of several recordings is one tensor.
    """
    import torch

    torch.set_num_threads(task.threads)
    resolved, signals = task.resolved(), task.recordings()
    if task.encoder == "Audio":
        from torchaudio.transforms import Resample

        resample = Resample(task.rate, resolved["SampleRate"])
        waveforms = [torch.from_numpy(samples) for samples in signals]
        return Prepared(
            lambda: _inferred(resample, waveforms), lambda result: _column(result.numpy())
        )
    size, length, offset = (resolved[name] for name in ("WindowSize", "FFTLength", "Offset"))
    window = torch.from_numpy(_window(resolved))
    filters = torch.from_numpy(_filters(resolved)) if "NumberOfFilters" in resolved else None

    def power(frames: Any, out: Any) -> None:
        transform = torch.fft.rfft(frames * window, length)
        if filters is None:
            torch.mul(transform.real, transform.real, out=out)
            out.addcmul_(transform.imag, transform.imag)
        else:
            squares = transform.real.square()
            torch.mm(squares.addcmul_(transform.imag, transform.imag), filters, out=out)

    def call() -> list[Any]:
        edged = [torch.from_numpy(padded(samples, resolved)) for samples in signals]
        with torch.inference_mode():
            batch = torch.stack(edged) if len(edged) > 1 else edged[0][None]
            frames = batch.unfold(1, size, offset)
            columns = length // 2 + 1 if filters is None else filters.shape[1]
            out = torch.empty(*frames.shape[:2], columns)
            whole = max(1, TORCH_BLOCK // (frames.shape[1] * size))
            if whole > 1 and filters is None:  # several recordings in a block
                for start in range(0, len(batch), whole):
                    power(frames[start : start + whole], out[start : start + whole])
                return [out]
            step = max(1, TORCH_BLOCK // size)
            for each, rows in zip(frames, out, strict=True):
                for start in range(0, len(each), step):
                    power(each[start : start + step], rows[start : start + step])
        return [out]

    return Prepared(call, lambda result: result.numpy().reshape(-1, result.shape[-1]))


def scipy(task: Task) -> Prepared:
    """Prepare scipy.signal.resample_poly, or scipy.fft.rfft of blocks and two squares."""
    from scipy import fft, signal

    resolved, signals = task.resolved(), task.recordings()
    if task.encoder == "Audio":
        common = np.gcd(task.rate, resolved["SampleRate"])
        up, down = int(resolved["SampleRate"] // common), int(task.rate // common)
        return Prepared(
            lambda: (signal.resample_poly(samples, up, down) for samples in signals), _column
        )
    size, length, offset = (resolved[name] for name in ("WindowSize", "FFTLength", "Offset"))
    window = _window(resolved)
    filters = _filters(resolved) if "NumberOfFilters" in resolved else None
    step = max(1, SCIPY_BLOCK // size)

    def rows(samples: Array) -> Array:
        frames = overlapping(padded(samples, resolved), size, offset)
        columns = length // 2 + 1 if filters is None else filters.shape[1]
        out = np.empty((len(frames), columns), np.float32)
        for start in range(0, len(frames), step):
            block = frames[start : start + step] * window
            parts = fft.rfft(block, length, axis=1).view(np.float32)
            parts *= parts
            part = out[start : start + step]
            if filters is None:
                np.add(parts[:, 0::2], parts[:, 1::2], out=part)
            else:
                np.matmul(parts[:, 0::2] + parts[:, 1::2], filters, out=part)
        return out

    return Prepared(lambda: map(rows, signals))


def _inferred(function: Callable[[Any], Any], waveforms: Iterable[Any]) -> Iterator[Any]:
    import torch

    for waveform in waveforms:
        with torch.inference_mode():
            yield function(waveform)


def _window(resolved: Mapping[str, Any]) -> Array:
    from netencoders.windows import window_samples

    return window_samples(resolved["WindowFunction"], resolved["WindowSize"]).astype(np.float32)


def _filters(resolved: Mapping[str, Any]) -> Array:
    """Return the mel filters, of shape (bins, filters). Every system creates them before a call."""
    from netencoders_audio import mel_filters

    bins = resolved["FFTLength"] // 2 + 1
    return mel_filters(
        resolved["NumberOfFilters"],
        resolved["FFTLength"],
        resolved["SampleRate"],
        resolved["MinimumFrequency"],
        resolved["MaximumFrequency"],
        resolved["MelScale"],
        resolved["FilterSlopes"],
        normalization=resolved["FilterNormalization"],
    ).reshape(bins, -1)


def _column(samples: Array) -> Array:
    return samples[:, None]


def _joined(power: Array) -> Array:
    """Return the rows of all recordings, from bins by partitions."""
    return np.moveaxis(power, -1, -2).reshape(-1, power.shape[-2])


LIBROSA = System("librosa", librosa, requires=("librosa",))
TORCH = System("torch", torch, requires=("torch",))
TORCHAUDIO = System("torch", torch, requires=("torch", "torchaudio"))
SCIPY = System("scipy", scipy)

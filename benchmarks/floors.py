"""Floors: systems that do only a part of the work that all systems must do.

Each bounds the possible speed. `bare_kernel` does the work of a spectrogram without checks, and
`kernel_alone` without the Python code of netencoders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from benchmarks.partitions import overlapping, padded, windowed
from benchmarks.systems import OFFSET, RATE, SIZE
from benchmarks.tasks import KERNEL, Array, Prepared, System, Task

__all__ = [
    "BARE_KERNEL",
    "COPIED",
    "DECODING_ALONE",
    "DECODING_SOXR",
    "KERNEL_ALONE",
    "RFFT_ALONE",
    "copying",
]

# The number of samples in a block of a decoder, and of partitions for `rfft_alone`. These sizes
# were the fastest on the tested machines.
FRAMES, GROUP = 1 << 16, 256
COPIED = 1 << 28


def bare_kernel(task: Task) -> Prepared:
    """Prepare the formula in five calls to numpy and scipy, without checks.

    soundfile reads files of one channel and 16 bits, one file in each thread.
    """
    import soundfile
    from scipy import fft

    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)).astype(np.float32)

    def spectrogram(samples: Array) -> Array:
        spectrum = fft.rfft(overlapping(samples, SIZE, OFFSET) * window, axis=1)
        parts = spectrum.view(np.float32)
        np.multiply(parts, parts, out=parts)
        return parts[:, 0::2] + parts[:, 1::2]

    def of_file(path: str) -> Array:
        with soundfile.SoundFile(path) as sound:
            return spectrogram(sound.read(dtype="int16") * np.float32(2**-15))

    if task.in_memory:
        samples = padded(task.samples(), task.resolved())
        return Prepared(lambda: [spectrogram(samples)])
    if task.threads == 1:
        return Prepared(lambda: map(of_file, task.inputs))
    pool = ThreadPoolExecutor(task.threads)
    return Prepared(lambda: pool.map(of_file, task.inputs))


def rfft_alone(task: Task) -> Prepared:
    """Prepare only the transforms, by scipy.fft.rfft, of windowed partitions in the cache.

    One block of partitions is transformed again and again, as often as the inputs have blocks: all
    windowed partitions of ten minutes are 114 MB, and reading them takes half of the time.
    """
    from scipy import fft

    resolved = task.resolved()
    sizes = list[int]()
    first: Array | None = None
    for samples in _waveforms(task):
        rows = windowed(samples, resolved)
        first = np.resize(rows, (GROUP, rows.shape[1])) if first is None else first
        sizes += [len(rows[start : start + GROUP]) for start in range(0, len(rows), GROUP)]
    assert first is not None  # every task has inputs
    blocks = [first[:size] for size in sizes]

    def compared() -> Iterator[Array]:
        for samples in _waveforms(task):
            yield fft.rfft(windowed(samples, resolved), axis=1)

    return Prepared(
        lambda: (fft.rfft(block, axis=1) for block in blocks), lambda z: np.abs(z) ** 2, compared
    )


def kernel_alone(task: Task) -> Prepared:
    """Prepare one call of the compiled library for the whole signal, without layers.

    The signal is decoded and padded before. The result is allocated in the call, as every system
    must do.
    """
    from netencoders.windows import window_samples
    from netencoders_audio.encoders.mel_encoder import mel_bands
    from netencoders_audio.stages.transform import frame_transform

    resolved = task.resolved()
    size, length = resolved["WindowSize"], resolved["FFTLength"]
    window = window_samples(resolved["WindowFunction"], size).astype(np.float32)
    condition = resolved["RemoveMean"], resolved["PreEmphasis"]
    transform = frame_transform(window, slice(0, size), length, *condition)
    if transform is None:
        raise ValueError(f"the kernel does not support FFTLength {length}")
    if "NumberOfFilters" in resolved:
        bands = mel_bands(resolved)
        columns: int = bands.row[0]
        write: Callable[[Array, Array], None] = partial(bands.transform, transform)
    else:
        columns = length // 2 + 1
        write = partial(_power, transform, resolved["Power"])
    signals = [padded(samples, resolved) for samples in _waveforms(task)]

    def rows(samples: Array) -> Array:
        partitions = overlapping(samples, size, resolved["Offset"])
        out = np.empty((len(partitions), columns), np.float32)
        write(partitions, out)
        return out

    return Prepared(lambda: map(rows, signals))


def _power(transform: Any, exponent: int, partitions: Array, out: Array) -> None:
    transform.power(partitions, exponent, out)


def decoding_alone(task: Task) -> Prepared:
    """Prepare the fastest decoding by libsndfile, in blocks. Files of 16 bits stay int16."""
    import soundfile

    def decode(path: str) -> int:
        with soundfile.SoundFile(path) as sound:
            sound.seekable = lambda: False  # otherwise soundfile seeks after each block
            dtype = "int16" if sound.subtype == "PCM_16" else "float32"
            buffer = np.empty((FRAMES, sound.channels), dtype)
            frames = 0
            while count := sound.buffer_read_into(buffer, dtype):
                frames += count
        return frames

    return Prepared(lambda: map(decode, task.inputs))


def decoding_soxr(task: Task) -> Prepared:
    """Prepare decoding, the mean of the channels and soxr, in blocks; the samples are deleted."""
    import soundfile
    import soxr

    def resample(path: str) -> int:
        with soundfile.SoundFile(path) as sound:
            sound.seekable = lambda: False  # otherwise soundfile seeks after each block
            buffer = np.empty((FRAMES, sound.channels), np.int16)
            stream = soxr.ResampleStream(sound.samplerate, RATE, 1, quality="HQ")
            scale = np.float32(2**-15 / sound.channels)
            frames = 0
            while count := sound.buffer_read_into(buffer, "int16"):
                mono = buffer[:count, 0].astype(np.float32)
                for channel in range(1, sound.channels):
                    mono += buffer[:count, channel]
                mono *= scale
                frames += len(stream.resample_chunk(mono))
        return frames + len(stream.resample_chunk(mono[:0], last=True))

    return Prepared(lambda: map(resample, task.inputs))


def copying(task: Task) -> Prepared:
    """Prepare the copy of `COPIED` bytes of memory, which is larger than a processor's cache."""
    given, taken = np.ones(COPIED, np.uint8), np.ones(COPIED, np.uint8)

    def copy() -> list[None]:
        np.copyto(taken, given)
        return [None]

    return Prepared(copy)


def _waveforms(task: Task) -> Iterator[Array]:
    """Yield the samples of each input, at the rate of the encoder."""
    from netencoders_audio import mono_samples

    rate = task.resolved()["SampleRate"]
    for path in task.inputs:
        yield np.load(path) if task.in_memory else mono_samples(path, rate)


BARE_KERNEL = System("the bare kernel", bare_kernel, floor=True)
RFFT_ALONE = System("scipy.fft.rfft alone, in cache", rfft_alone, floor=True)
KERNEL_ALONE = System("kernel alone", kernel_alone, requires=(KERNEL,), floor=True)
DECODING_ALONE = System("decoding alone", decoding_alone, comparable=False, floor=True)
DECODING_SOXR = System("decoding + soxr", decoding_soxr, comparable=False, floor=True)

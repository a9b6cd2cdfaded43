"""Systems: netencoders and its peers, which compute the same spectrograms.

`netencoders` supports any convention. `mel_systems` has the peers for mel spectrograms, and
`floors` the systems that do only a part of the work.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.partitions import padded
from benchmarks.tasks import Array, Prepared, System, Task

# Spectrograms have one convention, apart from padding: the defaults of AudioSpectrogram at 16 kHz.
RATE, SIZE, OFFSET = 16000, 400, 134
# The number of partitions in a block for torch: the transform of a block stays in the cache.
BLOCK = 1024


def netencoders(task: Task) -> Prepared:
    """Prepare the call of an encoder. The call includes the conversion of samples to `Audio`."""
    from netencoders_audio import Audio

    encoder = task.net_encoder()
    if task.in_memory:
        recordings = task.recordings()
        rows = partial(np.moveaxis, source=encoder.output.stream_axis, destination=0)
        return Prepared(lambda: (encoder(Audio(each, task.rate)) for each in recordings), rows)
    if len(task.inputs) == 1:
        return Prepared(lambda: [encoder(task.inputs[0])])
    return Prepared(lambda: encoder.map(task.inputs, workers=task.threads))


def netencoders_stream(task: Task) -> Prepared:
    """Prepare the stream of the encoder, in constant memory. The blocks are deleted."""
    from netencoders import NetEncoder

    encoder = NetEncoder(task.encoder, **task.parameters)
    return Prepared(lambda: encoder.stream(task.inputs[0]))


def torchaudio(task: Task) -> Prepared:
    """Prepare soundfile, and Resample and Spectrogram of torchaudio with their defaults."""
    import torch
    from torchaudio.transforms import Resample

    resamplers: dict[int, Any] = {}

    def resample(samples: Array, rate: int) -> Any:
        if rate not in resamplers:
            resamplers[rate] = Resample(rate, RATE)
        return resamplers[rate](torch.from_numpy(samples.T).mean(0))

    return _torchaudio(task, resample)


def torchaudio_soxr(task: Task) -> Prepared:
    """Prepare soundfile, soxr at the quality of netencoders, and torchaudio's Spectrogram."""
    import soxr
    import torch

    def resample(samples: Array, rate: int) -> Any:
        return torch.from_numpy(soxr.resample(samples.mean(axis=1), rate, RATE, quality="HQ"))

    return _torchaudio(task, resample)


def _torchaudio(task: Task, resample: Callable[[Array, int], Any]) -> Prepared:
    import soundfile
    import torch
    from torchaudio.transforms import Spectrogram

    torch.set_num_threads(task.threads)
    spectrogram = Spectrogram(n_fft=SIZE, hop_length=OFFSET, center=False, power=2)

    def waveforms() -> Iterator[Any]:
        for path in task.inputs:
            samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
            mono = rate == RATE and samples.shape[1] == 1
            yield torch.from_numpy(samples[:, 0]) if mono else resample(samples, rate)

    source = _in_memory(task) if task.in_memory else waveforms
    return Prepared(partial(_inferred, spectrogram, source), lambda result: result.numpy().T)


def torch_stft(task: Task) -> Prepared:
    """Prepare torch.stft and the square of its magnitude, on samples in memory."""
    import torch

    torch.set_num_threads(task.threads)
    window = torch.hann_window(SIZE)

    def spectrogram(waveform: Any) -> Any:
        transform = torch.stft(
            waveform, SIZE, OFFSET, window=window, center=False, return_complex=True
        )
        return transform.abs().square()

    return Prepared(
        partial(_inferred, spectrogram, _in_memory(task)), lambda result: result.numpy().T
    )


def torch_in_blocks(task: Task) -> Prepared:
    """Prepare the formula of `torch_stft` in blocks, without an allocation for the whole signal."""
    import torch

    window = torch.hann_window(SIZE)

    def spectrogram(waveform: Any, out: Any) -> None:
        transform = torch.stft(
            waveform, SIZE, OFFSET, window=window, center=False, return_complex=True
        )
        torch.square(transform.abs().T, out=out)

    return _in_blocks(task, spectrogram)


def torch_fft_in_blocks(task: Task) -> Prepared:
    """Prepare torch.fft.rfft in blocks, and the sum of two squares: the fastest way with torch."""
    import torch

    window = torch.hann_window(SIZE)

    def spectrogram(waveform: Any, out: Any) -> None:
        transform = torch.fft.rfft(waveform.unfold(0, SIZE, OFFSET) * window)
        torch.mul(transform.real, transform.real, out=out)
        out.addcmul_(transform.imag, transform.imag)

    return _in_blocks(task, spectrogram)


def _in_blocks(task: Task, spectrogram: Callable[[Any, Any], None]) -> Prepared:
    """Prepare a function that writes the rows of a block to `out`."""
    import torch

    torch.set_num_threads(task.threads)
    samples = padded(task.samples(), task.resolved())
    count = 1 + (len(samples) - SIZE) // OFFSET

    def call() -> list[Any]:
        waveform = torch.from_numpy(samples)
        with torch.inference_mode():
            out = torch.empty(count, SIZE // 2 + 1)
            for start in range(0, count, BLOCK):
                block = out[start : start + BLOCK]
                first, last = start * OFFSET, (start + len(block) - 1) * OFFSET
                spectrogram(waveform[first : last + SIZE], block)
        return [out]

    return Prepared(call, lambda result: result.numpy())


def _in_memory(task: Task) -> Callable[[], list[Any]]:
    import torch

    samples = padded(task.samples(), task.resolved())
    return lambda: [torch.from_numpy(samples)]


def _inferred(
    spectrogram: Callable[[Any], Any], waveforms: Callable[[], Iterable[Any]]
) -> Iterator[Any]:
    import torch

    for waveform in waveforms():
        with torch.inference_mode():
            yield spectrogram(waveform)


def librosa(task: Task) -> Prepared:
    """Prepare librosa.stft and librosa.util.abs2. librosa.load with soxr reads files."""
    import librosa
    import soxr  # noqa: F401 - librosa.load needs it, and imports it late

    def spectrogram(samples: Array) -> Array:
        transform = librosa.stft(samples, n_fft=SIZE, hop_length=OFFSET, center=False)
        power: Array = librosa.util.abs2(transform)  # faster than the square of np.abs
        return power

    if task.in_memory:
        samples = padded(task.samples(), task.resolved())
        return Prepared(lambda: [spectrogram(samples)], np.transpose)
    load = partial(librosa.load, sr=RATE, res_type="soxr_hq")
    return Prepared(lambda: (spectrogram(load(path)[0]) for path in task.inputs), np.transpose)


def librosa_in_blocks(task: Task) -> Prepared:
    """Prepare librosa.stft and abs2 in blocks, without an allocation for the whole signal."""
    import librosa

    samples = padded(task.samples(), task.resolved())
    count = 1 + (len(samples) - SIZE) // OFFSET

    def call() -> list[Array]:
        out = np.empty((count, SIZE // 2 + 1), np.float32)
        for start in range(0, count, BLOCK):
            block = out[start : start + BLOCK]
            first, last = start * OFFSET, (start + len(block) - 1) * OFFSET
            part = samples[first : last + SIZE]
            transform = librosa.stft(part, n_fft=SIZE, hop_length=OFFSET, center=False)
            block[:] = librosa.util.abs2(transform).T
        return [out]

    return Prepared(call)


def short_time_fft(task: Task) -> Prepared:
    """Prepare scipy.signal.ShortTimeFFT, which computes in double precision."""
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    transform = ShortTimeFFT(hann(SIZE, sym=False), OFFSET, RATE, scale_to=None, phase_shift=None)
    samples = padded(task.samples(), task.resolved())
    # It centres partitions on multiples of the hop, so the signal starts half a window earlier.
    count = 1 + (len(samples) - SIZE) // OFFSET
    spectrogram = partial(transform.spectrogram, p0=0, p1=count, k_offset=SIZE // 2)
    return Prepared(lambda: [spectrogram(samples)], np.transpose)


def kaldi_native_fbank(task: Task) -> Prepared:
    """Prepare kaldi-native-fbank's Stft, which returns lists, and the square of its magnitude."""
    import kaldi_native_fbank

    transform = kaldi_native_fbank.Stft(
        kaldi_native_fbank.StftConfig(
            n_fft=SIZE, hop_length=OFFSET, win_length=SIZE, window_type="hann", center=False
        )
    )
    samples = padded(task.samples(), task.resolved())

    def spectrogram() -> Array:
        result = transform.compute(samples)
        real, imaginary = np.array(result.real, np.float32), np.array(result.imag, np.float32)
        return (real**2 + imaginary**2).reshape(result.num_frames, -1)

    return Prepared(lambda: [spectrogram()])


def one_after_another(task: Task) -> Prepared:
    """Prepare the encoder without `map`. It encodes one file after the other."""
    from netencoders import NetEncoder

    encoder = NetEncoder(task.encoder, **task.parameters)
    return Prepared(lambda: map(encoder, task.inputs))


def several_processes(task: Task) -> Prepared:
    """Prepare as many processes as threads, each with a part of the files.

    The processes share no state. So two processes show the largest gain that the processors and
    their memory allow.
    """
    from benchmarks.processes import worker  # late: the processes import this module

    processes = ExitStack()
    atexit.register(processes.close)
    # All processes share the processors; a short file is encoded in one thread.
    shares = [
        replace(task, inputs=task.inputs[part :: task.threads]) for part in range(task.threads)
    ]
    requests = [processes.enter_context(worker(one_after_another, share)) for share in shares]
    waiting = ThreadPoolExecutor(task.threads)
    return Prepared(lambda: waiting.map(lambda request: request("time", calls=1), requests))


OURS = System("netencoders", netencoders)
OURS_STREAM = System("netencoders, stream", netencoders_stream, comparable=False)
TORCHAUDIO = System("torchaudio", torchaudio, requires=("torch", "torchaudio"))
FILES_TORCHAUDIO = System("soundfile + torchaudio", torchaudio, requires=("torch", "torchaudio"))
FILES_SOXR_TORCHAUDIO = System(
    "soundfile + soxr + torchaudio", torchaudio_soxr, requires=("torch", "torchaudio")
)
TORCH = System("torch.stft", torch_stft, requires=("torch",))
TORCH_BLOCKS = System("torch.stft in blocks of 1024 rows", torch_in_blocks, requires=("torch",))
TORCH_FFT = System(
    "torch.fft.rfft in blocks, two squares", torch_fft_in_blocks, requires=("torch",)
)
LIBROSA = System("librosa.stft", librosa, requires=("librosa",))
LIBROSA_BLOCKS = System(
    "librosa.stft in blocks of 1024 rows", librosa_in_blocks, requires=("librosa",)
)
FILES_LIBROSA = System("librosa.load, stft", librosa, requires=("librosa",))
SHORT_TIME_FFT = System("scipy ShortTimeFFT", short_time_fft)
KALDI = System("kaldi-native-fbank Stft", kaldi_native_fbank, requires=("kaldi-native-fbank",))
PROCESSES = System("as many processes", several_processes, comparable=False)
IMPORT = System("import netencoders", command=("-c", "import netencoders"), comparable=False)
IMPORT_NUMPY = System("import numpy", command=("-c", "import numpy"), comparable=False)
LIST = System("netencoders list", command=("-m", "netencoders", "list"), comparable=False)
PYTHON = System("starting Python", command=("-c", "pass"), comparable=False)

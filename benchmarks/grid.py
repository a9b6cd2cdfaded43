"""Grid: 40 settings, from common to rare, beside librosa, torch and scipy.

In no setting may netencoders be slower than the fastest peer by more than 10 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks import systems
from benchmarks.conventions import Convention
from benchmarks.entries import Entry, Row, at_most
from benchmarks.grid_systems import LIBROSA, SCIPY, TORCH, TORCHAUDIO
from benchmarks.inputs import Signal

__all__ = ["LIMIT", "grid"]

LIMIT = 1.1
# Relative to the largest sample, and less than a step of 16 bits: torchaudio's filters for some
# pairs of rates are rounded to float32, and its results differ by up to 1.8e-5.
STEP = 2.0**-15
WINDOWS = tuple(2**power for power in range(6, 17))
PRIMES = (101, 401, 1009, 4093, 16381)
DENSE = (64, 400)  # with an offset of one sample
PADDED = ((400, 512), (400, 1024), (300, 512), (1000, 4096))
RATES = (
    (8000, 16000),
    (11025, 16000),
    (16000, 8000),
    (22050, 16000),
    (24000, 16000),
    (32000, 16000),
    (44100, 16000),
    (44100, 48000),
    (48000, 16000),
    (48000, 44100),
)
FILTERS = ((400, 160, 400), (1024, 256, 1024), (2048, 512, 2048))
BATCHES = (1, 8, 32, 128, 512)


def grid(*, quick: bool) -> tuple[Row, ...]:
    """Return a row for each setting. If `quick`, the inputs are short: a trial."""
    return tuple(_settings(0.1 if quick else 1.0))


def _settings(scale: float) -> Iterator[Row]:
    # A window of four seconds needs a signal of several.
    long = Signal(max(5.0, 20 * scale))
    for size in WINDOWS:
        yield _spectrogram(f"window {size}", long, size, size // 4)
    for size in PRIMES:
        yield _spectrogram(f"window {size}, a prime", long, size, size // 4)
    for size in DENSE:
        yield _spectrogram(f"window {size}, offset 1", Signal(scale), size, 1)
    for size, length in PADDED:
        yield _spectrogram(f"window {size}, FFT {length}", long, size, size // 4, FFTLength=length)
    for rate, wanted in RATES:
        # Not a whole number of seconds: librosa computes the length with floating-point numbers,
        # and would round some exact lengths up.
        yield _rates(Signal(20.013 * scale, rate=rate), wanted)
    for size, offset, length in FILTERS:
        yield _mel(long, size, offset, length)
    for count in BATCHES:
        batch = Signal(1, count=max(1, round(count * scale)))
        yield _spectrogram(f"batch {count}, 1 s each", batch, 400, 134)


def _spectrogram(text: str, signal: Signal, size: int, offset: int, **more: int) -> Row:
    parameters = {
        "WindowSize": size,
        "Offset": offset,
        "PartitionPadding": "CenterReflect" if more else None,
        **more,
    }
    return _row(text, signal, Convention("AudioSpectrogram", parameters))


def _mel(signal: Signal, size: int, offset: int, length: int) -> Row:
    parameters = {
        "WindowSize": size,
        "Offset": offset,
        "FFTLength": length,
        "PartitionPadding": "CenterReflect",
        "NumberOfFilters": 128,
        "EmptyFilters": "Zero",
        "MelScale": "Slaney",
        "FilterNormalization": "Slaney",
    }
    text = f"128 filters, window {size}, offset {offset}"
    return _row(text, signal, Convention("AudioMelSpectrogram", parameters))


def _row(text: str, signal: Signal, convention: Convention) -> Row:
    entry = partial(Entry, inputs=signal, convention=convention)
    peer = partial(entry, target=at_most(LIMIT))
    return Row(text, text, (entry(systems.OURS), peer(LIBROSA), peer(TORCH), peer(SCIPY)))


def _rates(signal: Signal, wanted: int) -> Row:
    """Return the row of two rates: netencoders with the resampler of each peer."""
    entries = []
    pairs = (("SoxrHQ", LIBROSA), ("TorchaudioHann", TORCHAUDIO), ("ScipyPolyphase", SCIPY))
    for resampler, peer in pairs:
        parameters = {
            "SampleRate": wanted,
            "Resampling": resampler,
            "ResampledLength": "Ceiling",
        }
        ours = Entry(
            systems.OURS,
            signal,
            convention=Convention("Audio", parameters),
            tolerance=STEP,
            label=f"as {peer.name}",
        )
        theirs = replace(ours, system=peer, target=at_most(LIMIT), label="")
        entries += [ours, theirs]
    text = f"{signal.rate} to {wanted} Hz"
    return Row(text, text, tuple(entries))

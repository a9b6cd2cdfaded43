"""Encode a microphone, or any other source of blocks of samples, while it records.

    python -m pip install sounddevice
    python examples/microphone.py --seconds 10
    python examples/microphone.py --file tests/data/speech_16k_mono.wav

A session takes blocks of any size, and gives each row of features as soon as its samples are there.
The rows are those that the call gives for the whole recording, bit for bit. The source is any
iterator of arrays: sounddevice is only needed for the microphone.
"""

from __future__ import annotations

import argparse
import queue
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from netencoders import NetEncoder

RATE = 16000
BLOCK = 320  # samples, 20 ms
ENCODER = NetEncoder("AudioMelSpectrogram", NumberOfFilters=40, Offset="10 ms").then("Log")


def rows(encoder: NetEncoder, blocks: Iterable[Any], rate: int = RATE) -> Iterator[Any]:
    """Yield the rows that each block completes, then the rest.

    Parameters
    ----------
    encoder : NetEncoder
    blocks : iterable of ndarray, shape (k,) or (k, channels)
        They have one type from the first to the last.
    rate : int
        Sample rate in Hz.
    """
    with encoder.session(rate=rate) as session:
        for block in blocks:
            yield session.feed(block)
        yield session.finish()


def microphone(seconds: float, rate: int = RATE, block: int = BLOCK) -> Iterator[Any]:
    """Yield the blocks of the default microphone."""
    import sounddevice  # only here: a file or a socket does not need it

    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def callback(samples: Any, frames: int, time: Any, status: Any) -> None:
        # In the thread of the audio device: copy, and return at once.
        arrived.put(samples[:, 0].copy())

    with sounddevice.InputStream(
        samplerate=rate, blocksize=block, channels=1, dtype="float32", callback=callback
    ):
        for _ in range(round(seconds * rate / block)):
            yield arrived.get()


def from_file(path: str, block: int = BLOCK) -> Iterator[Any]:
    """Yield a file in blocks, as a microphone would."""
    samples = NetEncoder("Audio", SampleRate=RATE)(path)[:, 0]
    for start in range(0, len(samples), block):
        yield samples[start : start + block]


def main(arguments: list[str] | None = None) -> None:
    """Print one bar of loudness for each row."""
    parser = argparse.ArgumentParser(description="Encode a microphone while it records.")
    parser.add_argument("--file", help="read a file instead of the microphone")
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args(arguments)
    blocks = from_file(options.file) if options.file else microphone(options.seconds)
    count = 0
    for part in rows(ENCODER, blocks):
        for row in part:
            level = float(row.mean())  # the mean of the logarithms of 40 bands
            print(f"{count * 0.01:6.2f} s {'#' * int(np.clip(4 * level + 36, 0, 60))}")
            count += 1


if __name__ == "__main__":
    main()

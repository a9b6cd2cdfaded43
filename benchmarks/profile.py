"""The command ``python -m benchmarks.profile [FILE]``: where the time of one encode goes."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch

from benchmarks.inputs import Signal, make

__all__ = ["STAGES", "Stopwatch", "main", "profile"]

# What stands for a stage: names where the pipeline looks them up, as module, class and attribute.
STAGES = {
    "decode": ["netencoders_audio.decode:SoundFileRecording.blocks"],
    "mix": ["netencoders_audio.waveform:mix"],
    "resample": ["netencoders_audio.waveform:resample"],
    "length": ["netencoders_audio.waveform:fit_length"],
    "level": ["netencoders_audio.waveform:normalize"],
    "edges, partition": [
        "netencoders_audio.partitioned:pad",
        "netencoders_audio.partitioned:partition",
    ],
    "window, Fourier": ["netencoders_audio.partitioned:fourier"],
    "power": ["netencoders_audio.spectrogram:power"],
}
REST = "all else"


class Stopwatch:
    """Charges time to the innermost stage that runs: a stage does not pay for those before it.

    Attributes
    ----------
    seconds : dict of str to float
        By stage.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._running = [REST]
        self._since = perf_counter()

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Charge what happens in the ``with`` block to a stage."""
        self._charge()
        self._running.append(stage)
        try:
            yield
        finally:
            self._charge()
            self._running.pop()

    def _charge(self) -> None:
        now = perf_counter()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same, and charges itself to the stage.

        The blocks of a generator are charged as they are asked for.
        """

        def wrapper(*arguments: Any, **named: Any) -> Any:
            with self.during(stage):
                result = function(*arguments, **named)
            return self._blocks(stage, result) if isinstance(result, Iterator) else result

        return wrapper

    def _blocks(self, stage: str, blocks: Iterator[Any]) -> Iterator[Any]:
        ended = object()
        while True:
            with self.during(stage):
                block = next(blocks, ended)
            if block is ended:
                return
            yield block


def profile(path: str, **parameters: Any) -> dict[str, float]:
    """Return the seconds of each stage of one encode, and of all else, on one thread."""
    from netencoders import NetEncoder

    encoder = NetEncoder("AudioSpectrogram", **parameters)
    with ExitStack() as patches:
        patches.enter_context(patch.dict(os.environ, NETENCODERS_WORKERS="1"))
        encoder(path)  # loads what is imported late
        watch = Stopwatch()
        for stage, names in STAGES.items():
            for name in names:
                module, _, attributes = name.partition(":")
                *owners, last = attributes.split(".")
                owner: Any = import_module(module)
                for part in owners:
                    owner = getattr(owner, part)
                timed = watch.timed(stage, getattr(owner, last))
                patches.enter_context(patch.object(owner, last, timed))
        watch.seconds.clear()
        with watch.during(REST):
            encoder(path)
    return watch.seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.profile", description="Tell where the time of one encode goes."
    )
    parser.add_argument("file", nargs="?", help="else 5 minutes of 44.1 kHz stereo, 16-bit WAV")
    parser.add_argument("--repeats", type=int, default=5, help="encodes; the median one is told")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = options.file
        if path is None:
            (path,) = make(Signal(300, rate=44100, channels=2, kind="WAV"), Path(folder))
        runs = sorted((profile(path) for _ in range(options.repeats)), key=_total)
    run = runs[len(runs) // 2]
    print(f"| stage            |   seconds | share |\n| {'-' * 16} | {'-' * 9} | {'-' * 5} |")
    for stage in (*STAGES, REST):
        print(f"| {stage:<16} | {run[stage]:>9.5f} | {run[stage] / _total(run):>5.1%} |")
    print(f"| {'total':<16} | {_total(run):>9.5f} |       |")
    return 0


def _total(seconds: dict[str, float]) -> float:
    return sum(seconds.values())


if __name__ == "__main__":
    sys.exit(main())

"""Memory: checks that a long recording needs only the memory of a few blocks.

``python -m benchmarks.memory`` prints the peak of the resident memory of some processes. It returns
1 if a peak exceeds the documented 250 MB, or, with the compiled kernel, 100 MB for AAC, which needs
PyAV.
"""

from __future__ import annotations

import argparse
import io
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from netencoders import NetEncoder
from netencoders.cli import main as command
from netencoders_audio import Audio
from netencoders_audio.kernel import kernel_path

RATE: Final = 44100
DOCUMENTED: Final = 250.0  # MB
DOCUMENTED_OF_AAC: Final = 100.0  # with the kernel: numpy needs 20 MB more for its transforms
REPEATED: Final = 10  # seconds of AAC that are encoded; the frames of a long file are copies
# Ten hours would be a file of 6 GB, so only the first hour of a longer recording is written.
MAX_WRITTEN_HOURS: Final = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return 1 if more memory was used than documented."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--hours", type=float, default=10.0, help="the length, in 44.1 kHz stereo")
    parser.add_argument("--folder", type=Path, help="where to write a file of up to an hour")
    parser.add_argument("--child", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        CASES[options.child](options.hours, options.folder)
        print(_peak())
        return 0
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        written = min(options.hours, MAX_WRITTEN_HOURS)
        with soundfile.SoundFile(folder / "long.wav", "w", RATE, 2, "PCM_16") as file:
            for block in _blocks(written):
                file.write(block.samples)
        cases = [case for case in CASES if case != "aac" or _write_aac(written, folder)]
        peaks = {case: _measure(case, options.hours, written, folder) for case in cases}
    of_aac = DOCUMENTED if kernel_path() == "off" else DOCUMENTED_OF_AAC
    return int(max(peaks.values()) > DOCUMENTED or peaks.get("aac", 0) > of_aac)


def _measure(case: str, hours: float, written: float, folder: Path) -> float:
    length = hours if case == "blocks" else written
    child = [sys.executable, "-m", "benchmarks.memory", "--child", case]
    done = subprocess.run(
        [*child, "--hours", str(length), "--folder", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    peak = float(done.stdout.split()[-1])
    print(f"{case:8} {length:6.2f} hours of 44.1 kHz stereo: {peak:6.1f} MB", flush=True)
    return peak


def _stream_blocks(hours: float, folder: Path) -> None:
    for _ in NetEncoder("AudioSpectrogram").stream(_blocks(hours)):
        pass


def _stream_file(hours: float, folder: Path) -> None:
    for _ in NetEncoder("AudioSpectrogram", Normalization="Max").stream(folder / "long.wav"):
        pass


def _encode(hours: float, folder: Path) -> None:
    target = str(folder / "long.npy")
    if command(["encode", "-q", "--force", str(folder / "long.wav"), "-o", target]):
        raise SystemExit("the command fails")


def _stream_aac(hours: float, folder: Path) -> None:
    for _ in NetEncoder("AudioSpectrogram").stream(folder / "long.aac"):
        pass


CASES: Final = {
    "blocks": _stream_blocks,
    "file": _stream_file,
    "command": _encode,
    "aac": _stream_aac,
}


def _write_aac(hours: float, folder: Path) -> bool:
    """Write a long file of AAC, and return whether PyAV is installed."""
    try:
        import av
    except ImportError:
        return False
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as output:
        stream: Any = output.add_stream("aac", rate=RATE, layout="stereo")
        for block in _blocks(REPEATED / 3600):
            samples = np.ascontiguousarray(block.samples).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, "s16", "stereo")
            frame.rate = RATE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with open(folder / "long.aac", "wb") as long:
        for _ in range(round(hours * 3600 / REPEATED)):
            long.write(file.getvalue())
    return True


def _blocks(hours: float) -> Iterator[Audio]:
    noise = np.random.default_rng(0).integers(-9000, 9000, (1 << 16, 2)).astype(np.int16)
    left = round(hours * 3600 * RATE)
    while left > 0:
        block = noise[:left]
        left -= len(block)
        yield Audio(block, RATE)


def _peak() -> float:
    """Return the peak of the resident memory of this process, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    raise SystemExit(main())

"""Fuzzing: checks that damaged recordings give an array or an EncodeError.

``python -m benchmarks.fuzz --minutes 5`` flips bits of files of each format, cuts and splices them,
and encodes them in a process with limited time and memory. A file that gives another result is kept
in a folder, and the command then returns 1.
"""

from __future__ import annotations

import argparse
import io
import json
import queue
import resource
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from netencoders import EncodeError, NetEncoder
from netencoders_audio.files.ogg import checksum

ROOT: Final = Path(__file__).parents[1]
RECORDING: Final = ROOT / "tests" / "data" / "ten_of_clubs_16k_mono.wav"
KINDS: Final = (
    ("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "ULAW"), ("RF64", "PCM_16"), ("W64", "PCM_24"),
    ("AIFF", "PCM_16"), ("AIFF", "FLOAT"), ("AU", "PCM_16"), ("CAF", "PCM_16"), ("FLAC", "PCM_16"),
    ("NIST", "PCM_16"), ("WAV", "IMA_ADPCM"), ("WAV", "MS_ADPCM"), ("WAVEX", "PCM_24"),
    ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"),
)  # fmt: skip
# Containers and codings by FFmpeg's names, with the rate.
CODED: Final = (
    ("mp4", "aac", 16000), ("mp4", "alac", 16000), ("mp4", "libopus", 48000),
    ("matroska", "flac", 16000), ("matroska", "wavpack", 16000), ("webm", "libopus", 16000),
    ("adts", "aac", 16000), ("amr", "libopencore_amrnb", 8000), ("asf", "wmav2", 44100),
    ("ac3", "ac3", 48000), ("eac3", "eac3", 48000), ("wv", "wavpack", 16000), ("tta", "tta", 16000),
    ("caf", "alac", 16000), ("wav", "g722", 16000), ("mpegts", "aac", 16000),
    ("mpegts", "mp2", 48000), ("avi", "libmp3lame", 16000), ("avi", "pcm_s16le", 16000),
    ("avi", "adpcm_ms", 16000), ("flv", "aac", 44100), ("flv", "libmp3lame", 44100),
)  # fmt: skip
CODED_FILES: Final = ROOT / "tests" / "data" / "coded"
MEMORY: Final = 2 << 30
SECONDS: Final = 20.0  # for one file of a few kilobytes
VALUES: Final = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    2**32 - 1,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return 1 if a case gives neither an array nor an EncodeError."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="the longest duration")
    parser.add_argument("--cases", type=int, default=10**9, help="the largest number")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first case")
    parser.add_argument(
        "--folder", type=Path, default=Path("fuzz"), help="where to keep the files that fail"
    )
    parser.add_argument("--coded", action="store_true", help="only the codings of PyAV")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        _work(options.seed, options.cases, options.folder, options.coded)
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * options.minutes
    done, failed, counts = 0, 0, dict[str, int]()
    while done < options.cases and time.monotonic() < end:
        for outcome in _outcomes(options, done, end):
            done += 1
            counts[outcome["code"]] = counts.get(outcome["code"], 0) + 1
            if "problem" in outcome:
                failed += 1
                print(f"case {outcome['seed']}: {outcome['problem']}", flush=True)
    print(f"{done} cases, {failed} failures: {json.dumps(counts, sort_keys=True)}")
    return int(failed > 0)


def _outcomes(options: argparse.Namespace, done: int, end: float) -> Iterator[dict[str, Any]]:
    """Yield the outcomes of the cases from `done` on, until their process dies."""
    seed, count = options.seed + done, options.cases - done
    child = [sys.executable, "-m", "benchmarks.fuzz", "--child", "--seed", str(seed)]
    coded = ["--coded"] if options.coded else []
    process = subprocess.Popen(
        [*child, "--cases", str(count), "--folder", str(options.folder), *coded],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_forward, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        while time.monotonic() < end:
            try:
                line = lines.get(timeout=SECONDS)
            except queue.Empty:
                yield {"seed": seed, "code": "hang", "problem": f"no answer in {SECONDS:g} s"}
                return
            if not line:
                if process.wait() or count:
                    problem = f"the process ends with exit code {process.returncode}"
                    yield {"seed": seed, "code": "crash", "problem": problem}
                return
            yield json.loads(line)
            seed, count = seed + 1, count - 1
            if not count:
                return
    finally:
        process.kill()
        process.wait()
        reader.join()


def _forward(pipe: IO[str], lines: queue.Queue[str]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put("")


def _work(first: int, count: int, folder: Path, coded: bool) -> None:
    """Try the cases and write a line for each. The file of a failed case is kept."""
    recordings = _recordings(coded)
    encoder = NetEncoder("AudioSpectrogram", SampleRate=16000)
    encoder(recordings[0])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    for seed in range(first, first + count):
        path = folder / f"case-{seed}"
        path.write_bytes(damaged(recordings, np.random.default_rng(seed)))
        outcome: dict[str, Any] = {"seed": seed, "code": "array"}
        try:
            array = encoder(path) if seed % 2 else np.concatenate(list(encoder.stream(path)))
            if not np.isfinite(array).all() or encoder.output.problem(array):
                outcome["problem"] = (
                    "the array is not finite, or does not have the form of the output"
                )
        except EncodeError as error:
            outcome["code"] = error.code
            if error.code == "bug" or error.source != str(path) or not error.remedy:
                outcome["problem"] = str(error)
        except BaseException as error:
            outcome.update(code="exception", problem=repr(error))
        if "problem" not in outcome:
            path.unlink()
        print(json.dumps(outcome), flush=True)


def damaged(recordings: Sequence[bytes], random: np.random.Generator) -> bytes:
    """Return a recording with some bits, bytes or parts changed."""
    content = bytearray(recordings[int(random.integers(len(recordings)))])
    for _ in range(int(random.integers(1, 4))):
        place = int(random.integers(len(content)))
        if random.random() < 0.5:  # more damage in headers
            place %= 128
        match int(random.integers(6)):
            case 0:
                content[place] ^= 1 << int(random.integers(8))
            case 1:
                content[place] = int(random.integers(256))
            case 2:
                layout = str(random.choice(["<H", ">H", "<I", ">I"]))
                size = struct.calcsize(layout)
                value = int(random.choice(VALUES)) & (1 << 8 * size) - 1
                content[place : place + size] = struct.pack(layout, value)
            case 3:
                del content[max(place, 1) :]
            case 4:
                other = recordings[int(random.integers(len(recordings)))]
                start = int(random.integers(len(other)))
                content[place:place] = other[start : start + int(random.integers(1, 3000))]
            case 5:
                del content[place : place + int(random.integers(1, 300))]
        if not content:
            break
    if content[:4] == b"OggS" and random.random() < 0.7:
        _sign(content)
    return bytes(content)


def _sign(content: bytearray) -> None:
    """Write valid checksums to the pages of an Ogg file, so that they reach the decoder."""
    place = content.find(b"OggS")
    while place >= 0 and place + 27 < len(content):
        segments = content[place + 26]
        table = content[place + 27 : place + 27 + segments]
        end = place + 27 + segments + sum(table)
        content[place + 22 : place + 26] = bytes(4)
        struct.pack_into("<I", content, place + 22, checksum(bytes(content[place:end])))
        place = content.find(b"OggS", place + 4)


def _recordings(coded: bool = False) -> list[bytes]:
    samples, rate = soundfile.read(RECORDING)
    samples = samples[4000:9000]
    recordings: list[bytes] = []
    for kind, coding in () if coded else KINDS:
        for channels in (1, 2):
            file = io.BytesIO()
            data = np.repeat(samples[:, None], channels, 1)
            soundfile.write(file, data, rate, coding, format=kind)
            recordings.append(file.getvalue())
    return recordings + _coded(samples)


def _coded(samples: npt.NDArray[np.float64]) -> list[bytes]:
    """Return the recordings of the codings of PyAV, if it is installed."""
    try:
        import av
    except ImportError:
        return []
    recordings = [path.read_bytes() for path in sorted(CODED_FILES.glob("ten_of_clubs*"))]
    for container, coding, rate in CODED:
        file = io.BytesIO()
        data = (soxr.resample(samples, 16000, rate) * 32000).astype(np.int16)
        with av.open(file, "w", format=container) as output:
            stream: Any = output.add_stream(coding, rate=rate, layout="mono")
            stream.bit_rate = 12200 if coding == "libopencore_amrnb" else 64000
            frame = av.AudioFrame.from_ndarray(data[np.newaxis], "s16", "mono")
            frame.rate, frame.pts = rate, 0
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        recordings.append(file.getvalue())
    return recordings


if __name__ == "__main__":
    raise SystemExit(main())

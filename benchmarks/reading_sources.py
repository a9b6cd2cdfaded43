"""Sources of the reading matrix: sound files that other programs write and decode.

ffmpeg, sox, lame, opusenc, oggenc and flac write each file from a recording in tests/data. A
decoder that netencoders does not use gives the right samples.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["TOOLS", "Source", "decoded", "missing_tools", "sources"]

Samples = npt.NDArray[np.float64]

ROOT: Final = Path(__file__).parents[1]
DATA: Final = ROOT / "tests" / "data"
TOOLS: Final = {
    "ffmpeg": "ffmpeg",
    "sox": "sox",
    "lame": "lame",
    "opusenc": "opus-tools",
    "opusdec": "opus-tools",
    "oggenc": "vorbis-tools",
    "oggdec": "vorbis-tools",
    "flac": "flac",
}
"""The programs, and the Debian package of each."""
DELAY: Final = 529  # samples that the decoder of an MP3 file without a tag leaves out


@dataclass(frozen=True)
class Source:
    """A file, and the way to check it.

    Attributes
    ----------
    path : Path
    rate, channels : int
        The sample rate in Hz, and the number of channels.
    decoder : {"ffmpeg", "opusdec", "oggdec", "lame", "sox"}
        The program that gives the right samples.
    tolerance : float
        The largest difference of two decoders. Full scale is 1.
    skipped : int
        The samples that the other decoder gives before the first one of netencoders.
    claims : bool
        Whether the file states its length, so that a truncated file can be told.
    like : Path or None
        A file with the same samples, for a form that no other decoder reads. Its changes are not
        checked.
    """

    path: Path
    rate: int
    channels: int
    decoder: str = "ffmpeg"
    tolerance: float = 1e-6
    skipped: int = 0
    claims: bool = True
    like: Path | None = None


def missing_tools() -> list[str]:
    """Return the Debian packages of the programs that this machine lacks."""
    return sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})


def decoded(path: Path, source: Source) -> Samples | None:
    """Return the mean of the channels that the other decoder gives; None if it fails."""
    wav = path
    if source.decoder != "ffmpeg":
        wav = path.with_name(path.name + ".wav")
        commands = {
            "opusdec": ("opusdec", "--quiet", "--float", "--rate", source.rate, path, wav),
            "oggdec": ("oggdec", "-Q", "-o", wav, path),
            "lame": ("lame", "--quiet", "--decode", path, wav),
            "sox": ("sox", path, "-e", "float", wav),
        }
        if _run(*commands[source.decoder]).returncode:
            return None
    form = ("-f", "f64le", "-ac", source.channels, "-ar", source.rate)
    done = _run("ffmpeg", "-v", "error", "-i", wav, "-map", "0:a", *form, "-")
    if done.returncode:
        return None
    mean: Samples = np.frombuffer(done.stdout, "<f8").reshape(-1, source.channels).mean(1)
    return mean[source.skipped :]


def sources(folder: Path) -> Iterator[Source]:
    """Write the files into a folder, and yield each."""
    inputs = _inputs(folder)
    yield from _uncompressed(folder, inputs)
    yield from _compressed_wav(folder, inputs)
    yield from _flac(folder, inputs)
    yield from _ogg(folder, inputs)
    yield from _mpeg(folder, inputs)


@dataclass(frozen=True)
class _Input:
    path: Path
    rate: int
    channels: int


def _inputs(folder: Path) -> dict[str, _Input]:
    """Write 16-bit WAV files of several rates, with one channel and with two."""
    first, second = DATA / "five_five_16k_mono.wav", DATA / "speech_16k_mono.wav"
    made = {}
    for rate, channels in ((16000, 1), (44100, 2), (48000, 1), (48000, 2)):
        path = folder / f"long_{rate}_{channels}.wav"
        merged = (second,) if channels == 1 else ("-M", second, second)
        _make("sox", "-D", *merged, "-b", 16, "-r", rate, path, "gain", -3)
        made[f"long {rate}x{channels}"] = _Input(path, rate, channels)
    for rate in (8000, 11025, 16000, 22050, 24000, 44100, 48000):
        for channels in (1, 2):
            path = folder / f"input_{rate}_{channels}.wav"
            merged = (first,) if channels == 1 else ("-M", first, second)
            _make("sox", "-D", *merged, "-b", 16, "-r", rate, path, "gain", -3, "trim", 0, 1.5)
            made[f"{rate}x{channels}"] = _Input(path, rate, channels)
    return made


def _uncompressed(folder: Path, inputs: dict[str, _Input]) -> Iterator[Source]:
    wav = ("u8", "s16le", "s24le", "s32le", "f32le", "f64le", "alaw", "mulaw")
    aiff = ("s8", "s16be", "s24be", "s32be", "s16le", "f32be", "f64be", "alaw", "mulaw")
    au = ("s8", "s16be", "s24be", "s32be", "f32be", "f64be", "alaw", "mulaw")
    caf = ("s8", "s16be", "s16le", "s24be", "s24le", "s32le", "f32be", "f64le", "alaw", "mulaw")
    w64 = ("u8", "s16le", "s24le", "s32le", "f32le", "f64le")
    kinds = {"wav": wav, "aif": aiff, "au": au, "caf": caf, "w64": w64}
    for suffix, codings in kinds.items():
        for coding in codings:
            for name in ("16000x1", "44100x2"):
                form = inputs[name]
                path = folder / f"{suffix}_{coding}_{name}.{suffix}"
                _make("ffmpeg", "-v", "error", "-y", "-i", form.path, "-c:a", f"pcm_{coding}", path)
                yield Source(path, form.rate, form.channels)
    form = inputs["44100x2"]
    path = folder / "rf64.wav"
    _make("ffmpeg", "-v", "error", "-y", "-i", form.path, "-rf64", "always", path)
    yield Source(path, form.rate, form.channels)
    for name, options in {
        "extensible.wav": ("-b", 24),
        "plain24.wavpcm": ("-b", 24),
        "sphere.sph": (),
        "sphere_mulaw.sph": ("-e", "mu-law"),
    }.items():
        path = folder / name
        _make("sox", "-D", form.path, *options, path)
        yield Source(path, form.rate, form.channels)
    path = folder / "rifx.wav"
    _make("sox", "-D", form.path, "-B", path)
    yield Source(path, form.rate, form.channels, "sox")
    for suffix in ("wav", "au", "w64", "caf"):
        path = folder / f"piped.{suffix}"
        done = _run("ffmpeg", "-v", "error", "-i", form.path, "-f", suffix, "-")
        path.write_bytes(done.stdout)
        if not done.returncode:
            yield Source(path, form.rate, form.channels, claims=False, like=form.path)
    path = folder / "piped_sox.wav"
    path.write_bytes(_run("sox", "-D", form.path, "-t", "wav", "-").stdout)
    yield Source(path, form.rate, form.channels, claims=False)


def _compressed_wav(folder: Path, inputs: dict[str, _Input]) -> Iterator[Source]:
    for coding in ("adpcm_ima_wav", "adpcm_ms"):
        for name in ("8000x1", "22050x2"):
            form = inputs[name]
            path = folder / f"{coding}_{name}.wav"
            _make("ffmpeg", "-v", "error", "-y", "-i", form.path, "-c:a", coding, path)
            yield Source(path, form.rate, form.channels, tolerance=2e-4)


def _flac(folder: Path, inputs: dict[str, _Input]) -> Iterator[Source]:
    for level in (0, 5, 8):
        for name in ("16000x1", "44100x2"):
            form = inputs[name]
            path = folder / f"flac_{level}_{name}.flac"
            _make("flac", "-s", "-f", f"-{level}", form.path, "-o", path)
            yield Source(path, form.rate, form.channels)
    form = inputs["48000x2"]
    path = folder / "flac_24.flac"
    _make("sox", "-D", form.path, "-b", 24, path, "gain", -1.234)
    yield Source(path, form.rate, form.channels)
    path = folder / "flac_piped.flac"
    path.write_bytes(_run("ffmpeg", "-v", "error", "-i", form.path, "-f", "flac", "-").stdout)
    yield Source(path, form.rate, form.channels, claims=False)


def _ogg(folder: Path, inputs: dict[str, _Input]) -> Iterator[Source]:
    for quality in (-1, 3, 9):
        for name in ("16000x1", "44100x2"):
            form = inputs[f"long {name}"]
            path = folder / f"vorbis_{quality}_{name}.ogg"
            _make("oggenc", "--quiet", "-q", quality, form.path, "-o", path)
            yield Source(path, form.rate, form.channels, "oggdec", 1e-4)
    for bits in (16, 64, 128):
        for name in ("48000x1", "48000x2"):
            form = inputs[f"long {name}"]
            path = folder / f"opus_{bits}_{name}.opus"
            _make("opusenc", "--quiet", "--bitrate", bits, form.path, path)
            yield Source(path, form.rate, form.channels, "opusdec", 1e-4)


def _mpeg(folder: Path, inputs: dict[str, _Input]) -> Iterator[Source]:
    forms = {
        "8000x1": 16, "11025x1": 24, "16000x1": 32, "22050x2": 64, "24000x2": 64, "44100x1": 64,
        "44100x2": 128, "48000x2": 320,
    }  # fmt: skip
    for name, bits in forms.items():
        form = inputs[name]
        constant = ("-b", bits)
        ways: dict[str, tuple[Any, ...]] = {
            "cbr": constant,
            "vbr": ("-V", 4),
            "abr": ("--abr", bits),
            "crc": (*constant, "-p"),
        }
        for way, options in ways.items():
            for tag in (True, False):
                path = folder / f"mp3_{way}_{name}_{'tag' if tag else 'no_tag'}.mp3"
                rate = ("--resample", form.rate / 1000)
                plain = () if tag else ("-t",)
                _make("lame", "--quiet", *plain, *options, *rate, form.path, path)
                skipped = 0 if _has_tag(path) else DELAY
                yield Source(
                    path, form.rate, form.channels, "ffmpeg", 2e-3, skipped, claims=not skipped
                )
            wav = folder / f"mp3_{way}_{name}.wav"
            _make("ffmpeg", "-v", "error", "-y", "-i", path, "-c:a", "copy", wav)
            yield Source(wav, form.rate, form.channels, "ffmpeg", 2e-3, DELAY)
    form = inputs["44100x2"]
    path = folder / "free.mp3"
    options = ("-t", "--freeformat", "-b", 96, "--resample", 44.1)
    _make("lame", "--quiet", *options, form.path, path)
    yield Source(path, form.rate, form.channels, "lame", 1e-4, claims=False)


def _has_tag(path: Path) -> bool:
    head = path.read_bytes()[:200]
    return b"Xing" in head or b"Info" in head


def _make(*command: Any) -> None:
    done = _run(*command)
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stderr.decode(errors='replace')[-300:]}")


def _run(*command: Any) -> subprocess.CompletedProcess[bytes]:
    texts = [str(part) for part in command]
    return subprocess.run(texts, capture_output=True, check=False)

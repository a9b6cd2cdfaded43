"""Rows: the measurements, with their systems and their targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from benchmarks import conventions, mel_systems, systems, whisper_systems
from benchmarks.conventions import PADDED, WHOLE, Convention
from benchmarks.inputs import Kind, Signal, make
from benchmarks.tasks import System, Task

__all__ = ["Entry", "Row", "Target", "chosen", "rows"]

# Tolerances relative to the largest value of a spectrogram: for rounding in float32, for the
# logarithm of such values, and for two resamplers of different design.
FLOAT32, LOGARITHM, RESAMPLERS = 1e-5, 1e-4, 5e-3


@dataclass(frozen=True)
class Target:
    """A target for the ratio of two medians.

    Attributes
    ----------
    text : str
    met : callable
        Takes the medians of netencoders and of the system.
    allows : callable, optional
        Takes the median of the system, and returns the largest allowed median of netencoders.
    """

    text: str
    met: Callable[[float, float], bool]
    allows: Callable[[float], float] | None = None


@dataclass(frozen=True)
class Entry:
    """One system of a row.

    Attributes
    ----------
    system : System
    inputs : Signal, optional
        None for a whole process.
    threads : int
        The number of threads; the process is bound to as many processors.
    target : Target, optional
    convention : Convention
        The arrays to compute. They are compared with the row's first entry of this convention.
    tolerance : float
        The largest allowed difference, relative to the largest expected value.
    label : str
        A text after the system's name.
    per : float
        The divisor of the measured value.
    """

    system: System
    inputs: Signal | None = None
    threads: int = 1
    target: Target | None = None
    convention: Convention = WHOLE
    tolerance: float = FLOAT32
    label: str = ""
    per: float = 1.0

    @property
    def name(self) -> str:
        """The system's name with its label."""
        return f"{self.system.name}, {self.label}" if self.label else self.system.name

    def task(self, folder: Path) -> Task:
        """Return the task of its process; inputs are made in a folder."""
        inputs = make(self.inputs, folder) if self.inputs else ()
        used = self.convention
        return Task(inputs, self.threads, used.encoder, used.parameters, used.layers)


@dataclass(frozen=True)
class Row:
    """One piece of work.

    Attributes
    ----------
    id : str
    work : str
    entries : tuple of Entry
        The first entry of each convention, netencoders, is the reference for the others.
    measure : {"time", "memory"}
        The time in seconds, or the bytes of resident memory in addition to input and output.
    """

    id: str
    work: str
    entries: tuple[Entry, ...]
    measure: Literal["time", "memory"] = "time"


def rows(*, quick: bool) -> tuple[Row, ...]:
    """Return all rows. If `quick`, their inputs are short, and their figures mean little."""
    return (
        *_in_memory(Signal(20 if quick else 600)),
        *_one_file(20 if quick else 300),
        *_many_files(6 if quick else 300, "WAV", 2.5),
        *_many_files(6 if quick else 300, "FLAC", 1.6),
        _one_second(),
        *_mel(Signal(20 if quick else 600)),
        _memory(Signal(60 if quick else 600)),
        *_starting(),
        _lengths((10, 1, 30) if quick else (10, 1, 60, 600, 3600, 36000)),
        *_front_ends(Signal((1, 30), count=4 if quick else 100)),
    )


def chosen(known: Sequence[Row], asked: str) -> list[Row]:
    """Return the rows whose id, or the first part of it, is in `asked`.

    Raises
    ------
    ValueError
        An id has no row.
    """
    names = {row.id: {row.id, row.id.partition("-")[0]} for row in known}
    wanted = set(asked.split(","))
    unknown = wanted - set().union(*names.values())
    if unknown:
        raise ValueError(f"no row {', '.join(sorted(unknown))}. The rows are: {', '.join(names)}.")
    return [row for row in known if names[row.id] & wanted]


def _in_memory(signal: Signal) -> tuple[Row, ...]:
    work = f"{signal.seconds} s mono 16 kHz float32 in memory"
    one = partial(Entry, inputs=signal, convention=PADDED)
    two = partial(one, threads=2)
    on_one = (
        one(systems.OURS),
        one(systems.TORCHAUDIO, target=_faster(4)),
        one(systems.TORCH),
        one(systems.LIBROSA, target=_faster(5)),
        one(systems.SHORT_TIME_FFT),
        one(systems.KALDI),
        one(systems.RFFT_ALONE, target=_at_most(1.8)),
    )
    on_two = (
        two(systems.OURS),
        two(systems.TORCHAUDIO, target=_faster(3)),
        two(systems.TORCH),
    )
    return Row("S1", work, on_one), Row("S2", work, on_two)


def _one_file(seconds: float) -> tuple[Row, ...]:
    wav = Signal(seconds, rate=44100, channels=2, kind="WAV")
    entries = (
        Entry(systems.OURS, wav),
        Entry(systems.FILES_TORCHAUDIO, wav, target=_faster(3), tolerance=RESAMPLERS),
        Entry(systems.FILES_SOXR_TORCHAUDIO, wav),
        Entry(systems.FILES_LIBROSA, wav),
        Entry(systems.DECODING_ALONE, wav),
    )
    work = f"{seconds} s 44.1 kHz stereo 16-bit WAV file -> 16 kHz"
    return Row("S3", work, entries), _compressed(seconds, "FLAC"), _compressed(seconds, "MP3")


def _compressed(seconds: float, kind: Kind) -> Row:
    signal = Signal(seconds, rate=44100, channels=2, kind=kind)
    entries = (
        Entry(systems.OURS, signal, threads=2),
        Entry(systems.FILES_TORCHAUDIO, signal, threads=2, tolerance=RESAMPLERS),
        Entry(systems.DECODING_ALONE, signal, threads=2, target=_at_most(1.2)),
    )
    return Row(f"S4-{kind}", f"{seconds} s 44.1 kHz stereo {kind} file -> 16 kHz", entries)


def _many_files(count: int, kind: Kind, factor: float) -> tuple[Row, ...]:
    signal = Signal((3, 15), kind=kind, count=count)
    work = f"{count} {kind} files of 3 to 15 s, mono 16 kHz"
    peers = (
        Entry(systems.OURS, signal),
        Entry(systems.FILES_TORCHAUDIO, signal, target=_faster(factor)),
        Entry(systems.BARE_KERNEL, signal),
        Entry(systems.DECODING_ALONE, signal),
    )
    workers = (
        Entry(systems.OURS, signal, threads=2, label="2 workers"),
        Entry(systems.OURS, signal, label="1 worker", target=_faster(1.8)),
        Entry(systems.PROCESSES, signal, threads=2),
        Entry(systems.BARE_KERNEL, signal, threads=2, label="2 threads"),
        Entry(systems.BARE_KERNEL, signal, label="1 thread"),
    )
    return Row(f"S5-{kind}", work, peers), Row(f"S6-{kind}", work, workers)


def _one_second() -> Row:
    signal = Signal(1)
    entries = (
        Entry(systems.OURS, signal),
        Entry(systems.TORCHAUDIO, signal, target=_faster(4)),
        Entry(systems.TORCH, signal),
        Entry(systems.LIBROSA, signal, target=_faster(10)),
        Entry(systems.SHORT_TIME_FFT, signal),
        Entry(systems.KALDI, signal),
        Entry(systems.BARE_KERNEL, signal, target=_at_most(1.3)),
    )
    return Row("S7", "1 s mono 16 kHz float32 in memory, call after call", entries)


def _mel(signal: Signal) -> tuple[Row, ...]:
    peers = mel_systems
    mel = _two_conventions(
        signal,
        (conventions.LIBROSA_MEL, peers.TORCHAUDIO_MEL, peers.LIBROSA_MEL),
        (conventions.KALDI_MEL, peers.KALDI_MEL),
    )
    mfcc = _two_conventions(
        signal,
        (conventions.LIBROSA_MFCC, peers.TORCHAUDIO_MFCC, peers.LIBROSA_MFCC),
        (conventions.KALDI_MFCC, peers.KALDI_MFCC),
    )
    work = f"of {signal.seconds} s mono 16 kHz float32 in memory"
    return Row("S8-mel", f"mel spectrogram {work}", mel), Row("S8-MFCC", f"MFCC {work}", mfcc)


def _two_conventions(
    signal: Signal,
    librosa: tuple[Convention, System, System],
    kaldi: tuple[Convention, System],
) -> tuple[Entry, ...]:
    """Return the entries for the convention of librosa and torchaudio, and for that of Kaldi."""
    theirs = partial(Entry, inputs=signal, convention=librosa[0])
    kaldis = partial(Entry, inputs=signal, convention=kaldi[0])
    # The result of a transform alone is not a mel spectrogram.
    rfft = replace(systems.RFFT_ALONE, comparable=False)
    return (
        theirs(systems.OURS, label="as librosa"),
        theirs(librosa[1], target=_faster(4)),
        theirs(librosa[2], target=_faster(5)),
        theirs(rfft, label="as librosa"),
        kaldis(systems.OURS, label="as Kaldi"),
        kaldis(kaldi[1], target=_faster(2)),
        kaldis(rfft, label="as Kaldi"),
    )


def _memory(signal: Signal) -> Row:
    small = Target("below 20 MB", lambda ours, _: ours < 20e6)
    one = partial(Entry, inputs=signal, convention=PADDED)
    entries = one(systems.OURS, target=small), one(systems.TORCHAUDIO), one(systems.LIBROSA)
    work = f"resident memory above input and output, {signal.seconds} s in memory"
    return Row("S9", work, entries, measure="memory")


def _starting() -> tuple[Row, ...]:
    half = Target("at most 0.5 s more", lambda ours, theirs: ours - theirs <= 0.5)
    imports = (Entry(systems.IMPORT), Entry(systems.IMPORT_NUMPY, target=_at_most(1.5)))
    lists = (Entry(systems.LIST), Entry(systems.PYTHON, target=half))
    return (
        Row("S10-import", "a process that imports netencoders", imports),
        Row("S10-list", "the command netencoders list", lists),
    )


def _lengths(lengths: tuple[int, ...]) -> Row:
    def near(ours: float, theirs: float) -> bool:
        return 1 / 1.2 <= theirs / ours <= 1.2

    target = Target("within 20 %", near)
    entries = tuple(
        Entry(
            systems.OURS_STREAM,
            Signal(seconds, kind="WAV"),
            target=target if seconds > lengths[0] else None,
            label=f"{seconds} s",
            per=seconds,
        )
        for seconds in lengths
    )
    return Row("S11", "time for a second of audio, WAV files of several lengths", entries)


def _front_ends(clips: Signal) -> tuple[Row, ...]:
    """Return the rows of the front ends of models; each peer is to be slower by a factor of 3."""
    work = f"of {clips.count} clips of 1 to 30 s, mono 16 kHz float32 in memory"
    fbank = partial(Entry, inputs=clips, convention=conventions.KALDI_FBANK, tolerance=LOGARITHM)
    entries = fbank(systems.OURS), fbank(mel_systems.KALDI_FBANK, target=_faster(3))
    return (
        Row(
            "S12-30s",
            "Whisper features of 30 s, mono 16 kHz float32 in memory",
            _whisper(Signal(30)),
        ),
        Row("S12-clips", f"Whisper features {work}", _whisper(clips)),
        Row("S12-fbank", f"fbank of 80 bands {work}", entries),
    )


def _whisper(signal: Signal) -> tuple[Entry, ...]:
    """Return the entries for 30 s of features, and for features of each recording's length."""
    peers = whisper_systems
    filled = partial(Entry, inputs=signal, convention=conventions.WHISPER, tolerance=LOGARITHM)
    own = partial(filled, convention=conventions.FASTER_WHISPER)
    rfft = replace(systems.RFFT_ALONE, comparable=False)
    return (
        filled(systems.OURS),
        filled(peers.OPENAI_WHISPER, target=_faster(3)),
        filled(peers.TRANSFORMERS_TORCH, target=_faster(3)),
        filled(peers.TRANSFORMERS_NUMPY, target=_faster(3)),
        *([filled(rfft)] if signal.count == 1 else []),
        own(systems.OURS, label="as faster-whisper"),
        own(peers.FASTER_WHISPER, target=_faster(3)),
    )


def _faster(times: float) -> Target:
    return Target(
        f"at least {times:g}x faster",
        lambda ours, theirs: theirs >= times * ours,
        lambda theirs: theirs / times,
    )


def _at_most(times: float) -> Target:
    return Target(
        f"at most {times:g}x slower",
        lambda ours, theirs: ours <= times * theirs,
        lambda theirs: times * theirs,
    )

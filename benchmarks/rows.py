"""Rows: the measurements, with their systems and their targets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from benchmarks import (
    conventions,
    corpus_systems,
    floors,
    mel_systems,
    net_systems,
    systems,
    whisper_systems,
)
from benchmarks.conventions import PADDED, Convention
from benchmarks.entries import (
    LOGARITHM,
    RESAMPLERS,
    Entry,
    Row,
    Target,
    at_most,
    faster,
)
from benchmarks.inputs import Kind, Signal
from benchmarks.tasks import System

__all__ = ["rows"]


def rows(*, quick: bool) -> tuple[Row, ...]:
    """Return all rows. If `quick`, their inputs are short, and their figures mean little."""
    return (
        *_in_memory(Signal(20 if quick else 600), Signal(2 if quick else 10)),
        *_one_file(20 if quick else 300),
        *_many_files(6 if quick else 300, "WAV", 4),
        *_many_files(6 if quick else 300, "FLAC", 1.7),
        _one_second(),
        *_mel(Signal(20 if quick else 600)),
        _memory(Signal(60 if quick else 600)),
        *_starting(),
        _lengths((10, 1, 30) if quick else (10, 1, 60, 600, 3600, 36000)),
        *_front_ends(Signal((1, 30), count=4 if quick else 100)),
        *_nets(Signal(10, kind="WAV", count=4 if quick else 100)),
        _corpus(Signal((1, 4), kind="WAV", count=30 if quick else 1000)),
    )


def _in_memory(long: Signal, short: Signal) -> tuple[Row, ...]:
    work = "mono 16 kHz float32 in memory"
    one = partial(Entry, inputs=long, convention=PADDED)
    two = partial(one, threads=2)
    on_one = (
        one(systems.OURS),
        one(systems.TORCHAUDIO, target=faster(10)),
        one(systems.TORCH),
        one(systems.TORCH_BLOCKS, target=faster(4)),
        one(systems.TORCH_FFT),
        one(systems.LIBROSA, target=faster(4.5)),
        one(systems.LIBROSA_BLOCKS, target=faster(4.5)),
        one(systems.SHORT_TIME_FFT),
        one(systems.KALDI),
        one(floors.RFFT_ALONE),
        one(floors.KERNEL_ALONE, target=at_most(1.6)),
    )
    on_two = (
        two(systems.OURS, label="2 threads"),
        one(systems.OURS, label="1 thread", target=faster(1.6)),
        two(systems.TORCHAUDIO),
        two(systems.TORCH),
        two(systems.TORCH_BLOCKS),
        two(systems.TORCH_FFT),
    )
    # The same without targets.
    shorter = tuple(replace(entry, inputs=short, target=None) for entry in on_one)
    return (
        Row("S1", f"{long.seconds} s {work}", on_one),
        Row("S1-10s", f"{short.seconds} s {work}", shorter),
        Row("S2", f"{long.seconds} s {work}", on_two),
    )


def _one_file(seconds: float) -> tuple[Row, ...]:
    wav = Signal(seconds, rate=44100, channels=2, kind="WAV")
    entries = (
        Entry(systems.OURS, wav),
        Entry(systems.FILES_TORCHAUDIO, wav, target=faster(4.5), tolerance=RESAMPLERS),
        Entry(systems.FILES_SOXR_TORCHAUDIO, wav),
        Entry(systems.FILES_LIBROSA, wav),
        Entry(floors.DECODING_ALONE, wav),
        Entry(floors.DECODING_SOXR, wav, target=at_most(1.35)),
    )
    work = f"{seconds} s 44.1 kHz stereo 16-bit WAV file -> 16 kHz"
    less = Target("less time", lambda ours, theirs: ours < theirs, lambda theirs: theirs)
    return (
        Row("S3", work, entries),
        _compressed(seconds, "FLAC", less),
        _compressed(seconds, "MP3", at_most(1.05)),
    )


def _compressed(seconds: float, kind: Kind, target: Target) -> Row:
    signal = Signal(seconds, rate=44100, channels=2, kind=kind)
    entries = (
        Entry(systems.OURS, signal, threads=2),
        Entry(systems.FILES_TORCHAUDIO, signal, threads=2, tolerance=RESAMPLERS),
        Entry(floors.DECODING_ALONE, signal, target=target),
    )
    return Row(f"S4-{kind}", f"{seconds} s 44.1 kHz stereo {kind} file -> 16 kHz", entries)


def _many_files(count: int, kind: Kind, factor: float) -> tuple[Row, ...]:
    signal = Signal((3, 15), kind=kind, count=count)
    work = f"{count} {kind} files of 3 to 15 s, mono 16 kHz"
    peers = (
        Entry(systems.OURS, signal),
        Entry(systems.FILES_TORCHAUDIO, signal, target=faster(factor)),
        Entry(floors.BARE_KERNEL, signal),
        Entry(floors.DECODING_ALONE, signal),
        Entry(floors.KERNEL_ALONE, signal),
    )
    workers = (
        Entry(systems.OURS, signal, threads=2, label="2 workers"),
        Entry(systems.OURS, signal, label="1 worker", target=faster(1.7)),
        Entry(systems.PROCESSES, signal, threads=2),
        Entry(floors.BARE_KERNEL, signal, threads=2, label="2 threads"),
        Entry(floors.BARE_KERNEL, signal, label="1 thread"),
    )
    return Row(f"S5-{kind}", work, peers), Row(f"S6-{kind}", work, workers)


def _one_second() -> Row:
    signal = Signal(1)
    entries = (
        Entry(systems.OURS, signal),
        Entry(systems.TORCHAUDIO, signal, target=faster(4)),
        Entry(systems.TORCH, signal),
        Entry(systems.TORCH_FFT, signal),
        Entry(systems.LIBROSA, signal, target=faster(5)),
        Entry(systems.SHORT_TIME_FFT, signal),
        Entry(systems.KALDI, signal),
        Entry(floors.BARE_KERNEL, signal, target=at_most(0.6)),
        Entry(floors.KERNEL_ALONE, signal),
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
    # The result of a part of the work is not a mel spectrogram, or no coefficients.
    rfft = replace(floors.RFFT_ALONE, comparable=False)
    kernel = replace(floors.KERNEL_ALONE, comparable=librosa[0].encoder == "AudioMelSpectrogram")
    return (
        theirs(systems.OURS, label="as librosa"),
        theirs(librosa[1], target=faster(12)),
        theirs(librosa[2], target=faster(6)),
        theirs(rfft, label="as librosa"),
        theirs(kernel, label="as librosa"),
        kaldis(systems.OURS, label="as Kaldi"),
        kaldis(kaldi[1], target=faster(8)),
        kaldis(rfft, label="as Kaldi"),
        kaldis(kernel, label="as Kaldi"),
    )


def _memory(signal: Signal) -> Row:
    small = Target("below 20 MB", lambda ours, _: ours < 20e6)
    one = partial(Entry, inputs=signal, convention=PADDED)
    entries = one(systems.OURS, target=small), one(systems.TORCHAUDIO), one(systems.LIBROSA)
    work = f"resident memory above input and output, {signal.seconds} s in memory"
    return Row("S9", work, entries, measure="memory")


def _starting() -> tuple[Row, ...]:
    half = Target("at most 0.5 s more", lambda ours, theirs: ours - theirs <= 0.5)
    imports = (Entry(systems.IMPORT), Entry(systems.IMPORT_NUMPY, target=at_most(1.5)))
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
    """Return the rows of the front ends of models; each peer is to be slower by a factor of 4."""
    work = f"of {clips.count} clips of 1 to 30 s, mono 16 kHz float32 in memory"
    fbank = partial(Entry, inputs=clips, convention=conventions.KALDI_FBANK, tolerance=LOGARITHM)
    kernel = replace(floors.KERNEL_ALONE, comparable=False)  # it has no layers
    entries = (
        fbank(systems.OURS),
        fbank(mel_systems.KALDI_FBANK, target=faster(4)),
        fbank(kernel),
    )
    return (
        Row(
            "S12-30s",
            "Whisper features of 30 s, mono 16 kHz float32 in memory",
            _whisper(Signal(30)),
        ),
        Row("S12-clips", f"Whisper features {work}", _whisper(clips)),
        Row("S12-fbank", f"fbank of 80 bands {work}", entries),
    )


def _corpus(files: Signal) -> Row:
    """Return the row of corpora: files encoded and stored."""
    overhead = Target(
        "at most 1.1x the time of `map`",
        lambda ours, theirs: theirs <= 1.1 * ours,
    )
    resumed = Target("at most 0.1 s for 3000 rows", lambda ours, theirs: theirs <= 0.1 * share)
    share = files.count / 3000

    def one(system: System, target: Target | None = None) -> Entry:
        return Entry(system, files, convention=conventions.CORPUS, target=target)

    entries = (
        one(corpus_systems.MAP),
        one(corpus_systems.PARQUET, overhead),
        one(corpus_systems.NPY, overhead),
        one(corpus_systems.RESUME, resumed),
        one(corpus_systems.LHOTSE),
        one(corpus_systems.DATASETS),
    )
    title = f"a corpus of {files.count} WAV files of 1 to 4 s, mono 16 kHz; time of the processor"
    return Row("S13", title, entries)


def _nets(files: Signal) -> tuple[Row, ...]:
    """Return the rows from files to scores, whose time is that of the models, mostly."""
    work = f"four scores of DNSMOS for {files.count} WAV files of 10 s, mono 16 kHz"

    def row(threads: int) -> Row:
        one = partial(
            Entry,
            inputs=files,
            threads=threads,
            convention=conventions.DNSMOS,
            tolerance=conventions.SCORES,
        )
        entries = (
            one(net_systems.OURS),
            one(net_systems.SPEECHMOS),
            one(net_systems.MODELS_ALONE, target=at_most(1.15)),
        )
        return Row(f"S14-{threads}", f"{work}; threads: {threads}", entries)

    one = partial(
        Entry, inputs=files, convention=conventions.DNSMOS_P808, tolerance=conventions.SCORES
    )
    p808 = (one(net_systems.P808_OURS), one(net_systems.P808_SPEECHMOS, target=faster(1.5)))
    return row(1), row(2), Row("S14-P808", f"the score of P.808 {work[work.index('for') :]}", p808)


def _whisper(signal: Signal) -> tuple[Entry, ...]:
    """Return the entries for 30 s of features, and for features of each recording's length."""
    peers = whisper_systems
    filled = partial(Entry, inputs=signal, convention=conventions.WHISPER, tolerance=LOGARITHM)
    own = partial(filled, convention=conventions.FASTER_WHISPER)
    rfft, kernel = (
        replace(floor, comparable=False) for floor in (floors.RFFT_ALONE, floors.KERNEL_ALONE)
    )
    return (
        filled(systems.OURS),
        filled(peers.OPENAI_WHISPER, target=faster(4)),
        filled(peers.TRANSFORMERS_TORCH, target=faster(4)),
        filled(peers.TRANSFORMERS_NUMPY, target=faster(4)),
        *([filled(rfft)] if signal.count == 1 else []),
        filled(kernel),
        own(systems.OURS, label="as faster-whisper"),
        own(peers.FASTER_WHISPER, target=faster(4)),
        own(kernel, label="as faster-whisper"),
    )

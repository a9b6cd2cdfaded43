"""The profile of the benchmark: its stages, floors and targets, but no times."""

import itertools
import pkgutil
from contextlib import nullcontext, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("benchmarks", reason="benchmarks are not part of the wheel")

from benchmarks import conventions, floors, profile, runner, stages, stopwatch, systems
from benchmarks.entries import Entry, Row, Target
from benchmarks.inputs import Signal, make
from benchmarks.rows import rows
from benchmarks.runner import Line, Outcome
from benchmarks.stopwatch import Stopwatch
from benchmarks.tasks import System, Task
from benchmarks.worker import Work
from netencoders import NetEncoder
from netencoders_audio import Audio
from netencoders_audio.kernel import kernel_path

ROOT = Path(__file__).parents[2]
TINY = Signal(0.05)


def test_stopwatch_excludes_nested_stages(monkeypatch):
    """The time of a stage excludes the time of the stage before it, which yields its blocks."""
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: next(clock))
    watch = Stopwatch()
    source = watch.timed("source", lambda: iter("ab"))
    upper = watch.timed("upper", lambda blocks: (block.upper() for block in blocks))
    watch.begin("all else")
    assert ["A", "B"] == list(upper(source()))
    watch.end()
    # Every begin and end is a tick of 10: two calls, and three requests of one stage in the other.
    assert {"all else": 60, "source": 40, "upper": 70} == dict(watch.seconds)
    monkeypatch.setattr(stopwatch, "_costs", lambda: (2, 3))
    assert {"all else": 60 - 5 * 3, "source": 40 - 4 * 2, "upper": 70 - 4 * 2 - 3 * 3} == (
        watch.corrected()
    )
    monkeypatch.setattr(stopwatch, "_costs", lambda: (99, 0))
    assert 0 == watch.corrected()["source"]


def test_stopwatch_times_a_context_manager(monkeypatch):
    """Entering and leaving a context manager are timed, and it still works as before."""
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: next(clock))
    watch = Stopwatch()
    suppressed = watch.timed("open", lambda *errors: suppress(*errors))
    opened = watch.timed("open", lambda value: nullcontext(value))
    watch.begin("all else")
    with suppressed(KeyError), opened("file") as file:
        assert "file" == file
        raise KeyError
    with pytest.raises(ValueError, match="bad"), opened("file"):
        raise ValueError("bad")
    watch.end()
    assert ({"all else": 100, "open": 90}, 9) == (dict(watch.seconds), watch.within["open"])


def test_stopwatch_knows_its_cost(monkeypatch):
    """The stopwatch measures its own cost; here each look at the clock takes one second."""
    monkeypatch.setattr(stopwatch, "perf_counter", itertools.count().__next__)
    assert (1.0, 1.0) == tuple(round(cost, 1) for cost in stopwatch._costs())


def test_every_stage_is_in_the_pipeline(tmp_path):
    """Each stage name exists and an encode calls it; a renamed function fails this test."""
    names = {name: [name] for stage in stages.STAGES.values() for name in stage}
    assert len(names) == sum(map(len, stages.STAGES.values()))
    before = {name: pkgutil.resolve_name(name) for name in names}
    (path,) = make(Signal(1, rate=44100, channels=2, kind="WAV"), tmp_path)
    (flac,) = make(Signal(1, kind="FLAC"), tmp_path)
    (array,) = make(Signal(1), tmp_path)
    audio = Audio(np.load(array), 16000)
    encoders = [
        NetEncoder("AudioSpectrogram", Normalization="Max"),
        NetEncoder("AudioSpectrogram", TransformPrecision="Double"),
        NetEncoder("AudioMFCC", PreEmphasis=0.97),
        NetEncoder("AudioMFCC", DynamicRange=80, TransformPrecision="Double"),
        NetEncoder("AudioSTFT"),
        NetEncoder("AudioPartitions", PreEmphasis=0.97).then("Log"),
        NetEncoder("Audio", TargetLength=100, TargetSide="End"),
    ]
    watch = Stopwatch()
    with stages.timed_stages(watch, names):
        for encoder in encoders:
            encoder(path)
            encoder(flac)
            encoder(Audio(audio.samples, 16000))
    # Encoders of plugins, which have no function of their own for the kernel, call it.
    without = {"netencoders_audio.stages.transform:FrameTransform.spectrum"}
    if kernel_path() == "off":
        without |= {*stages.STAGES["kernel"]}
    assert {*names, stages.REST} - without == set(watch.seconds)
    assert min(watch.seconds.values()) > 0
    assert before == {name: pkgutil.resolve_name(name) for name in names}


def test_unknown_stage_name_raises():
    """A stage name that the pipeline lacks raises an error; it is not reported with zero time."""
    unknown = {"mix": ["netencoders_audio.encoders.signal:mixed"]}
    with pytest.raises(AttributeError, match="mixed"), stages.timed_stages(Stopwatch(), unknown):
        pass


def test_worker_process_returns_stages_and_floors(tmp_path):
    """A worker process returns the stages of its system, and the time of a floor on its inputs."""
    paths = make(Signal((0.2, 0.4), kind="WAV", count=2), tmp_path)
    work = Work("benchmarks.systems:netencoders", asdict(Task(paths)))
    found = work.profile(calls=2)
    numpy = {"condition", "window", "Fourier", "power"}
    # A short recording at the rate of the encoder skips stages that would not change it.
    unused = {"resample", "length, emphasis", "level", "mel", "cepstrum", "layers", "kernel"}
    took_part = {*stages.STAGES, stages.REST} - unused - numpy
    took_part |= numpy if kernel_path() == "off" else {"kernel"}
    assert [took_part] * 2 == [set(found[name]) for name in ("measured", "corrected")]
    assert work.floor("benchmarks.floors:rfft_alone", calls=1) > 0


FOUND = profile.Profile(
    {"Fourier": 0.06, "all else": 0.02, "decode": 0.02}, 0.005, 0.101, {"floor": 0.05, "less": 0.01}
)


def test_profile_table_lists_stages_then_floors():
    """The table has the stages in order, with their shares of the total, and then the floors."""
    assert [
        "|stage|a call|share|",
        "|-|-|-|",
        "|decode|20 ms|20.0%|",
        "|Fourier|60 ms|60.0%|",
        "|all else|20 ms|20.0%|",
        "|**total**|100 ms|100.0%|",
        "|without the stopwatch|101 ms|101.0%|",
        "|floor: floor|50 ms|50.0%|",
        "|floor: less|10 ms|10.0%|",
        "",
        "The stopwatch takes another 5 ms, which is not in the table.",
    ] == _thin(profile.table(FOUND, "a call"))


def test_profile_table_of_a_row_with_a_target():
    """The table shows the time that a target allows, and the shares of netencoders and floors."""
    limits = Target("at least 2x", lambda ours, theirs: True, lambda theirs: theirs / 2)
    near = Target("near", lambda ours, theirs: True)
    lines = [
        Line(Entry(System("ours")), [0.25]),
        Line(Entry(System("untargeted")), [1.0]),
        Line(Entry(System("near"), target=near), [1.0]),
        Line(Entry(System("floor"), target=limits)),
        Line(Entry(System("peer"), target=limits), [1.0]),
        Line(Entry(System("other"), target=limits), [], "refused: its results differ"),
    ]
    row = Row("T", "toys", tuple(line.entry for line in lines))
    assert [
        "|compared with|takes|target|time allowed|netencoders is|floor is|less is|",
        "|-|-|-|-|-|-|-|",
        "|floor|50 ms|at least 2x|25 ms|1000% of that|200% of that|40% of that|",
        "|peer|1 s|at least 2x|500 ms|50% of that|10% of that|2% of that|",
        "",
        "- other: refused: its results differ",
    ] == _thin(profile.targets(FOUND, Outcome(row, lines)))
    assert "" == profile.targets(FOUND, Outcome(row, lines[:3]))


def test_profile_command_prints_each_convention(monkeypatch, tmp_path, capsys):
    """The command profiles each convention of a row, and a file, and skips all other rows."""
    files = Signal((0.2, 0.4), kind="WAV", count=2)
    target = Target("aimed", lambda ours, theirs: True, lambda theirs: theirs)
    mel = partial(Entry, inputs=TINY, convention=conventions.KALDI_MEL)
    known = (
        Row(
            "T-1",
            "files",
            (
                Entry(systems.OURS, files),
                Entry(floors.DECODING_ALONE, files),
                Entry(System("absent", floor=True, requires=("no-such-floor",)), files),
            ),
        ),
        Row(
            "T-2",
            "samples",
            (
                Entry(systems.OURS, TINY, threads=2),
                Entry(systems.SHORT_TIME_FFT, TINY, target=target),
                mel(systems.OURS, label="mel"),
                mel(floors.RFFT_ALONE, target=target),
            ),
        ),
        Row("U", "a process", (Entry(systems.IMPORT),)),
    )
    monkeypatch.setattr(profile, "rows", lambda quick: known)
    monkeypatch.setattr(profile, "MIN_SECONDS", 1e-9)
    monkeypatch.setattr(runner, "MIN_SECONDS", 1e-9)
    assert 0 == profile.main(["--row=T", "--repeats=1", f"--folder={tmp_path / 'in'}"])
    text = capsys.readouterr().out
    first, second, third = text.split("**T-")[1:]
    assert [True] * 3 == [
        word in first
        for word in ("a file", "floor: decoding alone", "floor: scipy.fft.rfft alone, in cache")
    ]
    assert [True] * 2 == [word in second for word in ("| scipy ShortTimeFFT", "are for 2 threads")]
    stage = "condition" if kernel_path() == "off" else "kernel"
    words = ("mel; one", f"| {stage}", "| scipy.fft.rfft")
    assert [True] * 3 == [word in third for word in words]
    monkeypatch.setattr(profile, "rows", rows)
    assert 0 == profile.main([str(ROOT / "tests/data/speech_16k_mono.wav"), "--repeats=1"])
    assert "floor: decoding alone" in capsys.readouterr().out
    assert 1 == profile.main([str(ROOT / "README.md"), "--repeats=1"])
    assert "failed: AudioError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.wav", "--row=S1"], "give a file or --row, not both"),
        (["--repeats=0"], "--repeats must be at least 1. Got 0."),
        (["--row=S99"], "no row S99. The rows are: S1, "),
        (
            ["--row=S9,S10"],
            "S9, S10-import, S10-list cannot be profiled. Choose from: S1, S1-10s, S2, ",
        ),
    ],
)
def test_invalid_profile_request_is_refused(arguments, message, capsys):
    """An invalid argument or row is refused before anything is measured."""
    with pytest.raises(SystemExit, match="2"):
        profile.main(arguments)
    assert message in capsys.readouterr().err


def test_rows_of_one_process_can_be_profiled():
    """Every row that measures the encoder in one process can be profiled."""
    profiled = {row.id for row, _ in profile._profiled(rows(quick=True), "S1,S2,S3,S4,S5,S6,S7,S8")}
    assert {"S1", "S3", "S4-FLAC", "S5-WAV", "S5-FLAC", "S7", "S8-mel", "S8-MFCC"} <= profiled


def _thin(table):
    lines = [line.split("|") for line in table.rstrip().splitlines()]
    return [
        "|".join("-" if set(cell) == {"-", " "} else cell.strip() for cell in line)
        for line in lines
    ]

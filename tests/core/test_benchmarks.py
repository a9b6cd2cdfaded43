"""The benchmark: its checks, its tables and its files, but no times."""

import json
import os
import re
import sys
import textwrap
from contextlib import nullcontext
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("benchmarks", reason="benchmarks are not part of the wheel")

from benchmarks import __main__ as command
from benchmarks import (
    conventions,
    floors,
    mel_systems,
    report,
    resampling,
    runner,
    systems,
    whisper_systems,
)
from benchmarks.conventions import PADDED, WHOLE, Convention
from benchmarks.entries import FLOAT32, LOGARITHM, Entry, Row, Target
from benchmarks.inputs import Signal, make
from benchmarks.processes import FailedError, command_seconds, worker
from benchmarks.rows import rows
from benchmarks.runner import Line, Outcome, RefusedError, difference, measure
from benchmarks.tasks import System, Task
from netencoders_audio.encoders.spectrogram import AudioSpectrogram
from netencoders_audio.kernel import kernel_path

ROOT = Path(__file__).parents[2]
TINY = Signal(0.05)
COPY = 1e9  # bytes per second
TOYS = """
    import os
    import sys
    from pathlib import Path
    import numpy as np
    from benchmarks.tasks import Prepared

    GIVEN = np.arange(6, dtype=np.float32).reshape(3, 2)

    def gives(change):
        return Prepared(lambda: [change(GIVEN)])

    def first(task): return logged(task, "first")
    def second(task): return logged(task, "second")
    def halves(task): return Prepared(lambda: iter([GIVEN[:1].T, GIVEN[1:].T]), np.transpose)
    def rounded(task): return gives(lambda array: array * np.float32(1 + 2**-20))
    def apart(task): return gives(lambda array: array + np.float32(0.05))
    def nan(task): return gives(lambda array: array * np.array([1, np.nan]))
    def short(task): return gives(lambda array: array[1:])
    def refuses(task): raise ValueError("no such luck")
    def prints(task): print("hello"); return gives(lambda array: array)
    def dies(task): return Prepared(lambda: os._exit(3))

    def logged(task, name):
        def call():
            with Path(os.environ["LOG"]).open("a") as file:
                print(name, file=file)
            return [GIVEN]
        return Prepared(call)

    def late(task):
        clock = [0]
        sys.modules["__main__"].perf_counter = lambda: clock[0]  # of the process that measures
        def call():
            clock[0] += 2**-10 if clock[0] else 2**-2
            return logged(task, "late").call()
        return Prepared(call)

    def bound(task):
        names = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "NETENCODERS_WORKERS"]
        threads = [int(os.environ[name]) for name in names]
        return Prepared(lambda: [np.array([*threads, len(os.sched_getaffinity(0))])])

    def hungry(task):
        def call():
            scratch = np.ones(30_000_000, np.uint8)
            return [scratch[:10_000_000].copy()]
        return Prepared(call)
"""


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """Return the module of the toy systems, which worker processes can import as well."""
    (tmp_path / "benchmark_toys.py").write_text(textwrap.dedent(TOYS))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.setattr(runner, "MIN_SECONDS", 1e-9)
    monkeypatch.delitem(sys.modules, "benchmark_toys", raising=False)
    return import_module("benchmark_toys")


def entry(prepare, **options):
    """Return an entry for a toy system."""
    return Entry(System(prepare.__name__, prepare), TINY, **options)


def test_systems_with_other_results_are_refused(toys, tmp_path):
    """Only systems whose results agree with the first are measured; the others state a reason."""
    made = [toys.first, toys.halves, toys.rounded, toys.prints, toys.apart, toys.nan, toys.short]
    entries = [entry(toy) for toy in [*made, toys.refuses, toys.dies]]
    entries.append(replace(entry(toys.apart), tolerance=0.1))
    absent = System("absent", toys.first, requires=("numpy", "no-such-peer"))
    entries.append(Entry(absent, TINY))
    lines = measure(Row("T", "toys", tuple(entries)), tmp_path, repeats=3).lines
    assert [
        ("", None),
        ("", 0),
        ("", 2**-20),
        ("", 0),
        ("refused: its results differ by 1.0e-02 of the largest, more than 1e-05", 0.05 / 5),
        ("refused: its results differ by nan of the largest, more than 1e-05", None),
        ("refused: its results are (2, 2), not (3, 2)", None),
        ("failed: ValueError: no such luck", None),
        ("failed: its process ended with exit code 3", None),
        ("", 0.05 / 5),
        ("missing: not installed: no-such-peer", None),
    ] == [
        (line.problem, None if "nan" in line.problem else _about(line.difference)) for line in lines
    ]
    assert [0 if line.problem else 3 for line in lines] == [len(line.values) for line in lines]
    assert [] == [*tmp_path.glob("*.part"), *tmp_path.glob("expected*"), *tmp_path.glob("results*")]


def _about(value):
    return value if value is None else pytest.approx(value, rel=1e-5)


def test_failed_first_system_leaves_the_others_unmeasured(toys, tmp_path):
    """If the first system fails, the systems to compare with it are not measured."""
    row = Row("T", "toys", (entry(toys.refuses), entry(toys.first)))
    problems = [line.problem for line in measure(row, tmp_path, repeats=1).lines]
    nothing = "failed: refuses has no results to compare with"
    assert ["failed: ValueError: no such luck", nothing] == problems


def test_systems_are_compared_within_their_convention(toys, tmp_path):
    """A row may have two conventions; each system is compared with the first of its convention."""
    other = Convention(parameters={"Power": 1})
    entries = (
        entry(toys.first),
        entry(toys.apart, convention=other),
        entry(toys.rounded),
        entry(toys.apart, convention=other, label="again"),
        entry(toys.rounded, convention=other, label="refused"),
    )
    found = measure(Row("T", "toys", entries), tmp_path, repeats=1)
    apart = pytest.approx(0.05 / 5.05, rel=1e-3)
    assert [None, None, 2**-20, 0, apart] == [line.difference for line in found.lines]
    assert [False] * 4 + [True] == [bool(line.problem) for line in found.lines]
    references = [found.lines.index(found.reference(line)) for line in found.lines]
    assert [0, 1, 0, 1, 1] == references
    assert "toys -> (3, 2), (3, 2)" in report.table(found, COPY)
    assert {1: None, 3: found.lines[3].median / found.lines[1].median} == {
        place: report.ratio(found, found.lines[place]) for place in (1, 3)
    }


def test_task_has_the_values_of_its_entry(tmp_path):
    """The task of a process has the values that its entry declares."""
    made = Entry(systems.OURS, TINY, threads=3, convention=conventions.KALDI_MFCC).task(tmp_path)
    assert (3, "AudioMFCC", 23) == (made.threads, made.encoder, made.parameters["NumberOfFilters"])
    assert made == Task(**json.loads(json.dumps(asdict(made))) | {"inputs": made.inputs})
    assert (512, 13) == tuple(
        made.resolved()[name] for name in ("FFTLength", "NumberOfCoefficients")
    )
    assert () == Entry(systems.IMPORT).task(tmp_path).inputs


def test_systems_are_measured_in_rounds(toys, tmp_path):
    """After the comparison and a warm-up, each system gives one value in each round."""
    measure(Row("T", "toys", (entry(toys.first), entry(toys.second))), tmp_path, repeats=3)
    calls = (tmp_path / "log").read_text().split()
    rounds = [name for name, before in zip(calls, ["", *calls], strict=False) if name != before]
    assert ["first", "second"] * 4 == rounds


def test_slow_first_call_does_not_set_the_repetitions(toys, tmp_path, monkeypatch):
    """The number of repetitions comes from a second call, after all imports are done."""
    monkeypatch.setattr(runner, "MIN_SECONDS", 2**-6)
    system = System("late", toys.late, comparable=False)
    measure(Row("T", "toys", (Entry(system, TINY),)), tmp_path, repeats=1)
    # Two calls that set the number of repetitions, 16 for the warm-up, 16 that are measured.
    assert 2 + 2 * 16 == len((tmp_path / "log").read_text().split())


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processors cannot be bound here")
def test_worker_is_bound_to_its_processors(toys, tmp_path):
    """The process of a system uses its number of threads on that number of processors."""
    with worker(toys.bound, Task(make(TINY, tmp_path), threads=1)) as request:
        request("save", path=str(tmp_path / "results.npy"))
    assert [1, 1, 1, 1] == np.load(tmp_path / "results.npy").tolist()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processors cannot be bound here")
def test_system_with_too_many_threads_is_not_measured(toys, tmp_path):
    """A system with more threads than processors is not measured."""
    row = Row("T", "toys", (entry(toys.first, threads=4096),))
    (line,) = measure(row, tmp_path, repeats=1).lines
    assert line.problem.startswith("failed: needs 4096 processors, but may use ")


@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="needs Linux's /proc")
def test_memory_is_the_peak_of_a_call(toys, tmp_path):
    """Memory is the peak of a call without its result; each value comes from a new process."""
    row = Row("T", "toys", (entry(toys.hungry),), measure="memory")
    values = measure(row, tmp_path, repeats=2).lines[0].values
    assert [True, True] == [25e6 < value < 40e6 for value in values]


def test_command_is_measured_as_a_process(tmp_path):
    """A command is measured as a whole process; a failure is reported with its exit code."""
    good = Entry(System("good", command=("-c", "pass"), comparable=False))
    bad = Entry(System("bad", command=("-c", "raise SystemExit(7)"), comparable=False))
    lines = measure(Row("T", "toys", (good, bad)), tmp_path, repeats=2).lines
    assert ["", "failed: it ended with exit code 7"] == [line.problem for line in lines]
    assert [2, 0] == [len(line.values) for line in lines]


def test_modules_are_compiled_before_a_process_is_measured(tmp_path, monkeypatch):
    """Modules are compiled beforehand, as in installed packages, for any developer's settings."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; sys.exit(sys.dont_write_bytecode)"
    assert command_seconds(("-c", code), 1, tmp_path) > 0


def test_requests_to_an_ended_process_raise(toys, tmp_path):
    """A process that has ended raises an error at every later request."""
    with worker(toys.dies, Task(make(TINY, tmp_path))) as request:
        for _ in range(2):
            with pytest.raises(FailedError, match=r"^its process ended with exit code 3$"):
                request("time", calls=1)


@pytest.mark.parametrize(
    ("place", "expected"), [((0, 0), 0.25), ((4999, 1), 0.25), ((4096, 0), 0.25), (None, 0.0)]
)
def test_difference_is_relative_to_the_largest_value(tmp_path, place, expected):
    """The largest difference is found at any position, and is relative to the largest value."""
    ours = np.full((5000, 2), -2, np.float32)
    theirs = ours.copy()
    if place:
        theirs[place] += 0.5
    assert expected == _difference(tmp_path, ours, theirs)


def test_difference_of_zeros_is_absolute(tmp_path):
    """If all values are zero, the difference is absolute."""
    assert 0.5 == _difference(tmp_path, np.zeros((2, 2)), np.full((2, 2), 0.5))


def test_difference_of_unequal_shapes_is_refused(tmp_path):
    """Arrays of different shapes are refused, even if they could be broadcast."""
    with pytest.raises(RefusedError, match=r"its results are \(2, 1\), not \(2, 2\)"):
        _difference(tmp_path, np.ones((2, 2)), np.ones((2, 1)))


def _difference(folder, ours, theirs):
    np.save(folder / "a.npy", ours)
    np.save(folder / "b.npy", theirs)
    return difference(folder / "a.npy", folder / "b.npy")


def outcome(measure="time"):
    """Return an outcome with fixed values."""
    twice = Target("at least 2x", lambda ours, theirs: theirs >= 2 * ours)
    given = {
        "ours": ([0.25, 0.5, 0.125], "", None, None),
        "peer": ([0.5, 1.0, 2.0], "", 3e-7, twice),
        "floor": ([0.001, 0.0001, 0.0002], "", None, twice),
        "other": ([], "refused: its results differ", 0.5, twice),
        "absent": ([], "missing: not installed: absent", None, None),
    }
    lines = [
        Line(
            Entry(
                System(name, comparable=name != "floor"),
                threads=1 + (name == "peer"),
                target=target,
            ),
            values,
            problem,
            apart,
            read=100_000_000 - 24,
        )
        for name, (values, problem, apart, target) in given.items()
    ]
    lines[0].shape = (3, 2)  # 24 bytes
    row = Row("T1", "toys", tuple(line.entry for line in lines), measure=measure)
    return Outcome(row, lines)


def test_table_has_medians_ratios_and_problems():
    """The table has medians, spreads, ratios, targets and every problem."""
    assert [
        "**T1** toys -> (3, 2)",
        "",
        "|system|threads|median|spread|netencoders is|target|results differ by|of copy speed|",
        "|-|-|-|-|-|-|-|-|",
        "|ours|1|250 ms|125 ms to 500 ms||||40%|",
        "|peer|2|1 s|500 ms to 2 s|4.00x faster|at least 2x: met|3e-07|10%|",
        "|floor|1|200 us|100 us to 1 ms|1250.00x slower|at least 2x: MISSED|||",
        "|other|1|refused||||||",
        "|absent|1|missing||||||",
        "",
        "- other: refused: its results differ",
        "- absent: missing: not installed: absent",
    ] == _thin(report.table(outcome(), COPY))
    lines = report.table(outcome(), COPY).splitlines()
    assert 1 == len({len(line) for line in lines if line.startswith("|")})


def _thin(text):
    return [re.sub(r" *\| *|(?<=-)-+", _thinner, line) for line in text.rstrip().splitlines()]


def _thinner(match):
    return "|" if "|" in match[0] else ""


def test_table_compares_with_the_floors_of_the_row():
    """A column for each floor has the quotient of the times, under the same convention."""
    other = Convention(parameters={"Power": 1})
    given = (
        (floors.KERNEL_ALONE, WHOLE, 0.25),
        (System("ours"), other, 1.0),
        (floors.KERNEL_ALONE, other, 0.5),
        (floors.DECODING_ALONE, WHOLE, 0.125),
    )
    found = outcome()
    for system, convention, seconds in given:
        found.lines.append(Line(Entry(system, convention=convention), [seconds]))
    head, _, *lines = [
        line.split("|")[-3:-1] for line in report.table(found, COPY).splitlines()[2:]
    ]
    assert ["to decoding alone", "to kernel alone"] == [cell.strip() for cell in head]
    assert [["2.00", "1.00"], ["8.00", "4.00"], ["0.00", "0.00"], ["", ""], ["", ""]] == [
        [cell.strip() for cell in line] for line in lines[:5]
    ]
    assert [["", ""], ["", "2.00"], ["", ""], ["", ""]] == [
        [cell.strip() for cell in line] for line in lines[5:9]
    ]


def test_table_shows_memory_in_megabytes():
    """Memory is shown in megabytes, and compared as less or more."""
    found = outcome("memory")
    found.lines[0].values = [4e6]
    found.lines[1].values = [10e6]
    assert "| 10.0 MB | 10.0 MB to 10.0 MB | 2.50x less " in report.table(found, COPY)


def test_record_holds_values_and_ratios():
    """JSON holds every value, the ratio, and whether the target is met."""
    found = json.loads(json.dumps(report.record(outcome(), COPY)))
    assert ("T1", "s") == (found["id"], found["unit"])
    declaration = ("AudioSpectrogram", {"PartitionPadding": None}, [3, 2])
    for line in found["lines"]:
        assert declaration == (line["encoder"], line["parameters"], line["shape"])
    assert [0.4, 0.1, None, None, None] == [line["of copy speed"] for line in found["lines"]]
    names = ("system", "median", "ratio", "met", "problem")
    assert [
        ["ours", 0.25, None, None, None],
        ["peer", 1.0, 4.0, True, None],
        ["floor", 0.0002, 0.0008, False, None],
        ["other", None, None, None, "refused: its results differ"],
        ["absent", None, None, None, "missing: not installed: absent"],
    ] == [[line[name] for name in names] for line in found["lines"]]
    assert [0.5, 1.0, 2.0] == found["lines"][1]["values"]


def test_command_prints_and_writes_results(toys, tmp_path, monkeypatch, capsys):
    """The command prints and writes the requested results, and fails if a system is refused."""
    absent = Entry(System("absent", toys.first, requires=("no-such-peer",)), TINY)
    known = (
        Row("T1", "good", (entry(toys.first), entry(toys.second), absent)),
        Row("T2-a", "bad", (entry(toys.first), entry(toys.apart))),
        Row("T2-b", "bad", (entry(toys.first), entry(toys.short))),
    )
    monkeypatch.setattr(command, "rows", lambda quick: known if quick else ())
    files = [f"--json={tmp_path}/out.json", f"--plot={tmp_path}/out.png", f"--folder={tmp_path}/in"]
    assert 0 == command.main(["--quick", "--rows", "T1", *files])
    text = capsys.readouterr().out
    assert "- absent: missing: not installed: no-such-peer" in text
    assert "QUICK" in text
    written = json.loads((tmp_path / "out.json").read_text())
    assert (True, 2, ["T1"]) == (
        written["quick"],
        written["repeats"],
        [row["id"] for row in written["rows"]],
    )
    assert b"\x89PNG" == (tmp_path / "out.png").read_bytes()[:4]
    assert 1 == command.main(["--quick", "--rows", "T2"])
    text = capsys.readouterr().out
    assert (True, True, False) == ("**T2-a**" in text, "**T2-b**" in text, "**T1**" in text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--repeats", "4"], "--repeats must be at least 5 without --quick. Got 4."),
        (
            ["--quick", "--rows", "S1,S99"],
            "no row S99. The rows are: S1, S1-10s, S2, S3, S4-FLAC, ",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments, message, capsys):
    """Invalid arguments are refused before any work."""
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("quick", [False, True])
def test_rows_begin_with_netencoders(quick):
    """All benchmark rows exist, and each convention of a row begins with netencoders."""
    found = rows(quick=quick)
    ids = {row.id.partition("-")[0] for row in found}
    assert {f"S{number}" for number in range(1, 15)} == ids
    assert len(found) == len({row.id for row in found})
    for row in found:
        lines = Outcome(row, [Line(entry) for entry in row.entries])
        references = {lines.reference(line).entry.system.name for line in lines.lines}
        assert {True} == {"netencoders" in name for name in references}
        assert len(row.entries) == len({entry.name for entry in row.entries})


@pytest.mark.parametrize("convention", [WHOLE, PADDED], ids=["whole", "padded"])
@pytest.mark.parametrize(
    "system",
    [floors.BARE_KERNEL, floors.RFFT_ALONE, systems.SHORT_TIME_FFT],
    ids=lambda s: s.name,
)
def test_systems_give_the_spectrogram_of_netencoders(system, convention, tmp_path):
    """The systems that are compared with netencoders give its spectrogram."""
    expected = _results(_task(systems.OURS, convention, tmp_path))
    assert (117 if convention is WHOLE else 120, 201) == expected.shape
    assert _difference(tmp_path, expected, _results(_task(system, convention, tmp_path))) <= FLOAT32


@pytest.mark.skipif(kernel_path() == "off", reason="there is no compiled kernel")
@pytest.mark.parametrize("name", ["WHOLE", "PADDED", "LIBROSA_MEL", "KALDI_MEL"])
def test_kernel_alone_gives_the_bits_of_netencoders(name, tmp_path):
    """The compiled library called once gives the bits of the encoder, with its padding."""
    convention = getattr(conventions, name)
    ours, alone = (
        _results(_task(system, convention, tmp_path))
        for system in (systems.OURS, floors.KERNEL_ALONE)
    )
    assert ours.tobytes() == alone.tobytes()


def test_kernel_alone_pads_like_whisper(tmp_path):
    """The kernel alone transforms the same number of frames as the features of Whisper have."""
    found = [
        floors.RFFT_ALONE.prepare(_task(systems.OURS, convention, tmp_path)[1])
        for convention in (conventions.WHISPER, conventions.FASTER_WHISPER)
    ]
    shapes = [sum(len(block) for block in prepared.call()) for prepared in found]
    assert [3000, 101] == shapes
    assert shapes == [sum(len(rows) for rows in prepared.compared()) for prepared in found]


def test_kernel_alone_needs_the_compiled_kernel(monkeypatch, tmp_path):
    """Without the compiled kernel, its floor is missing; a length without kernel is an error."""
    convention = Convention(parameters={"WindowSize": 9001, "PartitionPadding": "Right"})
    with pytest.raises(ValueError, match="the kernel does not support FFTLength 9001"):
        floors.KERNEL_ALONE.prepare(_task(systems.OURS, convention, tmp_path)[1])
    monkeypatch.setattr(runner, "kernel_path", lambda: "off")
    assert ["the compiled kernel"] == runner.absent(floors.KERNEL_ALONE)
    monkeypatch.setattr(runner, "kernel_path", lambda: "avx2")
    assert [] == runner.absent(floors.KERNEL_ALONE)


def test_transform_floor_uses_one_block_again(tmp_path):
    """The transforms alone are measured in the cache: each block is a part of the same memory."""
    signal = Signal((3, 5), count=2)
    prepared = floors.RFFT_ALONE.prepare(Entry(floors.RFFT_ALONE, signal).task(tmp_path))
    blocks = [block.shape for block in prepared.call()]
    rows = [len(rows) for rows in prepared.compared()]
    assert {256} == {count for count, _ in blocks[:-1] if count == 256}
    assert sum(rows) == sum(count for count, _ in blocks)
    first, second, *_ = prepared.call()
    assert first[: len(second)].tobytes() == second.tobytes()


def test_decoding_and_soxr_give_all_samples(tmp_path):
    """Decoding and soxr give as many samples as netencoders, for several channels."""
    paths = make(Signal(8, rate=44100, channels=2, kind="WAV"), tmp_path)
    assert [128000] == list(floors.DECODING_SOXR.prepare(Task(paths)).call())


def test_copied_bytes_are_counted_twice(monkeypatch):
    """The speed of a copy counts the bytes that are read and those that are written."""
    answers = iter([9.0, 1.0, 2.0, 4.0, 3.0, 0.5])
    asked = nullcontext(lambda request, calls: next(answers))
    monkeypatch.setattr(runner, "worker", lambda prepare, task: asked)
    assert 2 * floors.COPIED / 2.0 == runner.copy_speed()
    monkeypatch.setattr(floors, "COPIED", 8)
    assert [None] == list(floors.copying(Task(())).call())


@pytest.mark.parity
@pytest.mark.parametrize(
    "system", [systems.TORCH_BLOCKS, systems.TORCH_FFT, systems.LIBROSA, systems.LIBROSA_BLOCKS]
)
def test_other_libraries_give_the_spectrogram_of_netencoders(system, tmp_path):
    """Blocks of torch, and librosa, give the spectrogram of netencoders."""
    entry = Entry(system, Signal(20), convention=PADDED)
    ours, theirs = (_results((chosen, entry.task(tmp_path))) for chosen in (systems.OURS, system))
    assert _difference(tmp_path, ours, theirs) <= FLOAT32


@pytest.mark.parametrize(
    "padding", [None, "Right", "Center", "CenterReflect", [200, 40, "Reflect"], [1, 2, "Zero"]]
)
@pytest.mark.parametrize("name", ["LIBROSA_MEL", "KALDI_MFCC"])
def test_transform_floor_uses_the_frames_of_the_convention(name, padding, tmp_path):
    """The floor transforms the same frames as netencoders, also for mel and MFCC conventions."""
    given = getattr(conventions, name).parameters | {"PartitionPadding": padding}
    known = {parameter.name for parameter in AudioSpectrogram.parameters}
    convention = Convention(parameters={key: given[key] for key in known & given.keys()})
    ours, theirs = (
        _results(_task(system, convention, tmp_path))
        for system in (systems.OURS, floors.RFFT_ALONE)
    )
    assert _difference(tmp_path, ours, theirs) <= FLOAT32


@pytest.mark.parity
@pytest.mark.parametrize("kind", ["MEL", "MFCC"])
@pytest.mark.parametrize("peer", ["torchaudio", "librosa", "kaldi"])
def test_mel_systems_give_the_result_of_netencoders(peer, kind, tmp_path):
    """The other libraries give the result of netencoders under their common convention."""
    system = getattr(mel_systems, f"{peer.upper()}_{kind}")
    convention = getattr(conventions, f"{'KALDI' if peer == 'kaldi' else 'LIBROSA'}_{kind}")
    ours, theirs = (
        _results(_task(chosen, convention, tmp_path)) for chosen in (systems.OURS, system)
    )
    assert _difference(tmp_path, ours, theirs) <= FLOAT32


@pytest.mark.parity
@pytest.mark.parametrize(
    ("system", "convention"),
    [
        (whisper_systems.OPENAI_WHISPER, conventions.WHISPER),
        (whisper_systems.TRANSFORMERS_TORCH, conventions.WHISPER),
        (whisper_systems.TRANSFORMERS_NUMPY, conventions.WHISPER),
        (whisper_systems.FASTER_WHISPER, conventions.FASTER_WHISPER),
        (mel_systems.KALDI_FBANK, conventions.KALDI_FBANK),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_front_ends_give_the_result_of_netencoders(system, convention, tmp_path):
    """The libraries of models give the features of netencoders, for clips of several lengths."""
    absent = [name for name in system.requires if not runner._is_installed(name)]
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)}")
    clips = Signal((1, 3), count=3)
    ours, theirs = (
        _results((chosen, Entry(chosen, clips, convention=convention).task(tmp_path)))
        for chosen in (systems.OURS, system)
    )
    assert _difference(tmp_path, ours, theirs) <= LOGARITHM


def test_clips_in_memory_are_encoded_one_by_one_with_their_layers(tmp_path):
    """Several arrays give one result each, with time first for the comparison."""
    task = Entry(systems.OURS, Signal((1, 2), count=3), convention=conventions.WHISPER).task(
        tmp_path
    )
    prepared = systems.OURS.prepare(task)
    results = list(prepared.call())
    assert [(80, 3000)] * 3 == [result.shape for result in results]
    assert [(3000, 80)] * 3 == [prepared.rows(result).shape for result in results]
    again = json.loads(json.dumps(asdict(task)))
    assert task.net_encoder() == Task(**again).net_encoder()
    names = [layer.name for layer in task.net_encoder().layers]
    assert ["Log", "DynamicRange", "Affine", "Transpose"] == names


def _task(system, convention, folder):
    return system, Entry(system, Signal(1), convention=convention).task(folder)


def test_file_batch_and_stream_give_equal_rows(tmp_path):
    """One file, several files and a stream give equal rows, and decoding alone counts frames."""
    paths = make(Signal((0.2, 0.4), rate=44100, channels=2, kind="FLAC", count=2), tmp_path)
    both = _results((systems.OURS, Task(paths, threads=2)))
    one = [_results((systems.OURS, Task([path]))) for path in paths]
    stream = [_results((systems.OURS_STREAM, Task([path]))) for path in paths]
    assert np.concatenate(one).tobytes() == both.tobytes() == np.concatenate(stream).tobytes()
    frames = list(floors.DECODING_ALONE.prepare(Task(paths)).call())
    assert [soundfile.info(path).frames for path in paths] == frames


@pytest.mark.parametrize("threads", [1, 2])
def test_bare_kernel_gives_the_rows_of_netencoders(threads, tmp_path):
    """The bare kernel gives the rows of netencoders for several files, on one or two threads."""
    paths = make(Signal((0.2, 0.4), kind="WAV", count=5), tmp_path)
    ours, bare = (
        _results((system, Task(paths, threads, parameters=WHOLE.parameters)))
        for system in (systems.OURS, floors.BARE_KERNEL)
    )
    assert _difference(tmp_path, ours, bare) <= FLOAT32


def _results(work):
    system, task = work
    prepared = system.prepare(task)
    results = (prepared.compared or prepared.call)()
    return np.concatenate([prepared.rows(result) for result in results])


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3", "samples"])
def test_inputs_have_the_requested_form(kind, tmp_path):
    """Inputs have the requested length, rate and channels, and are equal each time."""
    signal = Signal((0.5, 8), rate=44100, channels=1 + (kind == "FLAC"), kind=kind, count=2)
    paths = make(signal, tmp_path)
    contents = [Path(path).read_bytes() for path in paths]
    if kind != "samples":
        found = [soundfile.info(path) for path in paths]
        assert {(44100, signal.channels)} == {(info.samplerate, info.channels) for info in found}
        assert {True} == {0.5 <= info.duration <= 8 for info in found}
    (tmp_path / "again").mkdir()
    again = make(signal, tmp_path / "again")
    assert contents == [Path(path).read_bytes() for path in again]
    assert contents[0] != contents[1]


def test_existing_input_is_kept(tmp_path):
    """An input file that already exists is used unchanged."""
    (path,) = make(TINY, tmp_path)
    np.save(path, np.zeros(3))
    assert [path] == list(make(TINY, tmp_path))
    assert 3 == len(np.load(path))


def test_differences_of_resamplers_are_those_of_the_page():
    """The page of conventions states the largest differences, with two digits."""
    page = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text("utf-8")
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith('| `"')}
    found = resampling.differences()
    for resampler in resampling.RESAMPLERS:
        cells = lines[f'"{resampler}"'].split("|")[3:5]
        measured = [found[name, resampler][0] for name in ("noise", "speech with faint noise")]
        assert pytest.approx([float(cell) for cell in cells], rel=0.05) == measured

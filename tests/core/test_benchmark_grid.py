"""The grid of the benchmark: its settings, its peers, its processes and its table, but no times."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

pytest.importorskip("benchmarks", reason="benchmarks are not part of the wheel")

from benchmarks import __main__ as command
from benchmarks import processes, systems
from benchmarks.conventions import WHOLE
from benchmarks.entries import FLOAT32
from benchmarks.grid import grid
from benchmarks.grid_report import aligned_line, grid_cells
from benchmarks.inputs import Signal, make
from benchmarks.processes import FailedError, Pool, worker
from benchmarks.runner import Line, Outcome
from benchmarks.tasks import Task

ROWS = {row.id: row for row in grid(quick=True)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of the inputs of all settings."""
    return tmp_path_factory.mktemp("inputs")


@pytest.mark.parametrize("quick", [False, True])
def test_grid_has_forty_settings(quick):
    """The grid has 40 settings; each convention begins with netencoders, and each peer is there."""
    found = grid(quick=quick)
    assert 40 == len({row.id for row in found})
    for row in found:
        lines = Outcome(row, [Line(entry) for entry in row.entries])
        ours = {lines.reference(line).entry.system.name for line in lines.lines}
        assert {"netencoders"} == ours
        peers = [entry for entry in row.entries if entry.target]
        assert ["librosa", "torch", "scipy"] == [entry.system.name for entry in peers]
        assert {1} == {entry.threads for entry in row.entries}


@pytest.mark.parametrize("setting", ROWS)
def test_scipy_gives_the_rows_of_netencoders(setting, folder):
    """In each setting, the formula in numpy and scipy gives the rows of netencoders."""
    _agree(ROWS[setting], "scipy", folder)


@pytest.mark.parity
@pytest.mark.parametrize("setting", ROWS)
@pytest.mark.parametrize("peer", ["librosa", "torch"])
def test_other_libraries_give_the_rows_of_netencoders(peer, setting, folder):
    """In each setting, librosa and torch give the rows of netencoders."""
    _agree(ROWS[setting], peer, folder)


def _agree(row, peer, folder):
    (entry,) = (entry for entry in row.entries if entry.system.name == peer)
    ours, theirs = (
        _results(system.prepare(entry.task(folder))) for system in (systems.OURS, entry.system)
    )
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= entry.tolerance * np.abs(ours).max()
    assert FLOAT32 == entry.tolerance or "Hz" in row.id


def _results(prepared):
    return np.concatenate([prepared.rows(result) for result in prepared.call()])


def test_processes_of_a_pool_are_used_again(monkeypatch, tmp_path):
    """A process is used for the next task of its system, but not for two tasks at the same time."""
    started = []
    monkeypatch.setattr(processes, "worker", lambda *given: started.append(given) or worker(*given))
    tasks = [
        Task(make(Signal(seconds), tmp_path), parameters=WHOLE.parameters) for seconds in (1, 2)
    ]
    prepare = systems.OURS.prepare
    with Pool() as pool:
        with pool.worker(prepare, tasks[0]) as first, pool.worker(prepare, tasks[0]) as second:
            shapes = [request("save", path=str(tmp_path / "a.npy")) for request in (first, second)]
        with pool.worker(prepare, tasks[1]) as third:
            shapes.append(third("save", path=str(tmp_path / "a.npy")))
        with pool.worker(prepare, replace(tasks[0], threads=2)):
            assert [1, 1, 2] == [task.threads for _, task in started]
    assert [[117, 201], [117, 201], [236, 201]] == shapes


def test_process_that_cannot_prepare_is_replaced(monkeypatch, tmp_path):
    """If a process fails to prepare a task, a new one states the error; the next task works."""
    good = Task(make(Signal(1), tmp_path))
    bad = replace(good, parameters={"WindowSize": -1})
    with Pool() as pool:
        with pool.worker(systems.OURS.prepare, good) as request:
            request("time", calls=1)
        with (
            pool.worker(systems.OURS.prepare, bad) as request,
            pytest.raises(FailedError, match="WindowSize"),
        ):
            request("time", calls=1)
        with pool.worker(systems.OURS.prepare, good) as request:
            assert request("time", calls=1) > 0
    assert asdict(good)["rate"] == 16000


def line(system, median, ratio, problem=None):
    """Return the JSON values of a line."""
    return {"system": system, "median": median, "ratio": ratio, "problem": problem}


@pytest.mark.parametrize(
    ("ratios", "compared"),
    [
        ((2.5, 0.91, 4.0), ("1.10x slower", "met")),
        ((2.5, 0.9, 4.0), ("1.11x slower", "MISSED")),
        ((2.5, 1.5, 4.0), ("1.50x faster", "met")),
    ],
)
def test_line_of_the_grid_has_the_fastest_peer(ratios, compared):
    """A line has the time and the ratio of each peer, and the verdict about the fastest."""
    peers = zip(("librosa", "torch", "scipy"), ratios, strict=True)
    lines = [line("netencoders", 1e-3, None), *(line(name, 2e-3, ratio) for name, ratio in peers)]
    cells = grid_cells({"id": "a setting", "lines": lines})
    assert ("a setting", "1 ms", *(f"2 ms, {ratio:.2f}x" for ratio in ratios), *compared) == cells
    assert aligned_line(cells).startswith("| a setting ")


def test_line_of_the_grid_without_peers():
    """A peer that is missing or refused has the reason, and is not the fastest."""
    lines = [
        line("netencoders", None, None, "failed: no such luck"),
        line("librosa", None, None, "missing: not installed: librosa"),
        line("torch", None, None, "refused: its results differ"),
        line("scipy", None, None, "failed: netencoders has no results"),
    ]
    expected = ("a setting", "failed", "missing", "refused", "failed", "", "")
    assert expected == grid_cells({"id": "a setting", "lines": lines})


def test_grid_command_fails_if_results_differ(monkeypatch, tmp_path, capsys):
    """The command prints a line for each setting, and fails if the results of a peer differ."""
    ours, _, _, scipy = ROWS["window 64"].entries
    tiny = [replace(entry, inputs=Signal(0.05)) for entry in (ours, scipy)]
    rows = [
        replace(ROWS["window 64"], entries=tuple(tiny)),
        replace(ROWS["window 128"], entries=(tiny[0], replace(tiny[1], tolerance=-1.0))),
    ]
    monkeypatch.setattr(command, "GRID_SECONDS", 1e-9)
    monkeypatch.setattr(command, "copy_speed", lambda: 1e9)
    for count in (1, 2):
        monkeypatch.setattr(command, "grid", lambda quick, count=count: rows[:count])
        code = command.main(["--quick", "--grid", f"--json={tmp_path}/{count}.json"])
        text = capsys.readouterr().out
        assert (count - 1, count) == (code, text.count("| window "))
    assert "- window 128: scipy: refused: its results differ by" in text
    found = json.loads((tmp_path / "2.json").read_text())
    assert ["window 64", "window 128"] == [row["id"] for row in found["rows"]]


@pytest.mark.parametrize("more", ["--rows=S1", "--plot=a.png"])
def test_grid_has_no_rows(more, capsys):
    """The grid has no rows to choose, and no picture."""
    with pytest.raises(SystemExit, match="2"):
        command.main(["--grid", more])
    assert "--grid has no --rows and no --plot." in capsys.readouterr().err

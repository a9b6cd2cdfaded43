"""The command `encode` with folders, patterns, trees, and outputs that exist."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from netencoders.cli import main
from netencoders.cli.console import UsageError
from netencoders.cli.given_files import given_files
from netencoders.replacing import remove_leftovers, replacing

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
FILES = ("a.wav", "b/a.wav", "b/c/x.wav", "b/c/.hidden.wav", ".h/y.wav", "b/note.txt")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a folder of files, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SPEECH, path)
    return tmp_path / "in"


def names(*arguments, out="out"):
    """Return the sources and trees that arguments mean."""
    return [tuple(file) for file in given_files(arguments, out)]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("in", ["a.wav", "b/a.wav", "b/c/x.wav", "b/note.txt"]),
        ("in/**/*.wav", ["a.wav", "b/a.wav", "b/c/x.wav"]),
        ("in/**/**/*.wav", ["a.wav", "b/a.wav", "b/c/x.wav"]),
        ("in/**/b/**/*.wav", ["b/a.wav", "b/c/x.wav"]),
        ("in/*/*.w?v", ["b/a.wav"]),
        ("in/**/c/**", ["b/c/x.wav"]),
        ("in/.h/*", ["y.wav"]),
    ],
)
def test_folders_and_patterns_mean_their_files(tree, argument, expected):
    """Files come in sorted order, without hidden ones, with their path in the folder."""
    base = "in/.h" if ".h" in argument else "in"
    assert sorted((f"{base}/{name}", name) for name in expected) == sorted(names(argument))


def test_other_names_are_kept(tree):
    """A file, standard input and a name without a file are as they were given."""
    given = ["in/a.wav", "-", "none", "in/a.wav"]
    assert [(name, name) for name in given] == names(*given)
    assert [("in/a.wav", "in/a.wav")] == names("*/*.wav")


def test_loops_of_links_end(tree):
    """A link to a folder is followed, except to one that contains it."""
    (tree / "b" / "loop").symlink_to(tree)
    (tree / "link").symlink_to(tree / "b" / "c")
    found = [tree for _, tree in names("in/**/*.wav")]
    assert ["a.wav", "b/a.wav", "b/c/x.wav", "link/x.wav"] == found


@pytest.mark.parametrize(
    ("argument", "out", "message"),
    [
        ("in/*.flac", "out", "in/*.flac: no file is there (check the name)"),
        ("empty", "out", "empty: no file is there (check the name)"),
        ("none/*.wav", "out", "none/*.wav: there is no folder none (check it)"),
        ("in/*/../a.wav", "out", "in/*/../a.wav: .. follows a pattern (write the folder first)"),
        ("in", "in/out", "in/out: is inside of the folder in, whose files are the inputs (choose"),
        ("in", "in", "in: is inside of the folder in"),
    ],
)
def test_folders_without_files_are_refused(tree, argument, out, message):
    """The argument is named, with the remedy."""
    Path("empty").mkdir()
    with pytest.raises(UsageError) as caught:
        names(argument, out=out)
    assert message in str(caught.value)


def test_folder_that_cannot_be_read_is_refused(tree, monkeypatch):
    """Nothing is left out in silence."""

    def refuse(path):
        raise PermissionError(13, "denied")

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(UsageError, match="in: the folder cannot be read: denied"):
        names("in")


def outputs():
    """Return the names of the output files."""
    return sorted(path.relative_to("out").as_posix() for path in Path("out").rglob("*.npy"))


def test_tree_is_kept(tree):
    """With --keep-tree, outputs lie in the folders of their inputs."""
    assert 0 == main(["encode", "in/**/*.wav", "--keep-tree", "-o", "out", "-q"])
    assert ["a.npy", "b/a.npy", "b/c/x.npy"] == outputs()
    assert 0 == main(["encode", "in/b/a.wav", "--keep-tree", "-o", "other", "-q"])
    assert np.array_equal(np.load("other/in/b/a.npy"), np.load("out/b/a.npy"))


def test_equal_names_need_the_tree(tree, capfd):
    """Without it, equal names are refused with the remedy; so is a path above the folder."""
    assert 2 == main(["encode", "in/**/*.wav", "-o", "out"])
    assert "(encode them into different folders, or with --keep-tree)" in capfd.readouterr().err
    for name in (str(SPEECH), "../x.wav"):
        assert 2 == main(["encode", name, "--keep-tree", "-o", "out"])
        assert "is not below the current folder, so its tree cannot be kept" in (
            capfd.readouterr().err
        )


def test_one_file_of_a_folder_is_written_to_a_folder(tree):
    """The number of files in a folder does not change the meaning of -o."""
    assert 0 == main(["encode", "in/b/c", "-o", "out", "-q"])
    assert ["x.npy"] == outputs()


def test_standard_input_has_its_name_in_a_tree(tree, monkeypatch):
    """Standard input is stdin.npy."""
    from netencoders.cli.targets import plan

    monkeypatch.setattr("netencoders.cli.targets.check_dash", lambda sources: None)
    (job,) = plan(["-"], "out", force=False, trees=["-"])
    assert Path("out/stdin.npy") == job.target


def test_existing_outputs_are_skipped(tree, capfd):
    """With --skip-existing, only missing outputs are written, and their number is said."""
    command = ["encode", "in/**/*.wav", "--keep-tree", "--skip-existing", "-o", "out"]
    assert 0 == main(command)
    Path("out/b/a.npy").unlink()
    Path("out/a.npy").write_bytes(b"kept")
    capfd.readouterr()
    assert 0 == main(command)
    shown = capfd.readouterr()
    assert "2 of 3 outputs exist already" in shown.err
    assert ["out/b/a.npy"] == [line.split()[0] for line in shown.out.splitlines()]
    assert b"kept" == Path("out/a.npy").read_bytes()
    assert 0 == main(command)
    assert "3 of 3 outputs exist already" in capfd.readouterr().err
    assert 0 == main([*command, "-q"])
    assert "" == capfd.readouterr().err
    assert 2 == main([*command, "--force"])
    assert "--force and --skip-existing are both given" in capfd.readouterr().err


def test_leftovers_of_killed_runs_are_removed(tree, capfd):
    """The next run removes unfinished files, but none that a living process writes."""
    out = Path("out")
    out.mkdir()
    code = (
        "import sys, time; from pathlib import Path\n"
        "from netencoders.replacing import replacing\n"
        "with replacing(Path('out/x.npy'), force=False) as file:\n"
        "    file.write(b'part'); file.flush(); print('ready', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code]
    dead, living = (subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2))
    for process in (dead, living):
        assert b"ready\n" == process.stdout.readline()
    assert 2 == len(list(out.glob(".netencoders-*.part")))
    dead.kill()
    dead.wait()
    assert 0 == main(["encode", "in/a.wav", "-o", "out/"])
    assert "out: 1 unfinished file of a run that was killed removed" in capfd.readouterr().err
    assert 1 == len(list(out.glob(".netencoders-*.part")))
    living.kill()
    living.wait()
    assert 1 == remove_leftovers(out)
    for process in (dead, living):
        process.stdout.close()


def test_file_that_is_removed_before_its_lock_is_made_again(tree, monkeypatch):
    """A run that cleans up at the same time does not break another one."""
    from netencoders import replacing as module

    lock, calls = module._lock, []

    def removing(file, *, wait):
        calls.append(file.name)
        if len(calls) == 1:
            os.unlink(file.name)
        return lock(file, wait=wait)

    monkeypatch.setattr(module, "_lock", removing)
    with replacing(Path("x.npy"), force=False) as file:
        file.write(b"all")
    assert (2, b"all") == (len(set(calls)), Path("x.npy").read_bytes())
    assert [] == list(Path().glob(".netencoders-*.part"))


def test_interrupt_of_a_lock_leaves_no_file(tree, monkeypatch):
    """An interrupt while the file is created removes it."""

    def interrupt(file, *, wait):
        raise KeyboardInterrupt

    monkeypatch.setattr("netencoders.replacing._lock", interrupt)
    unfinished: set[Path] = set()
    with (
        pytest.raises(KeyboardInterrupt),
        replacing(Path("x.npy"), force=False, unfinished=unfinished),
    ):
        pass
    assert (set(), []) == (unfinished, list(Path().glob(".netencoders-*.part")))

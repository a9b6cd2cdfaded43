"""Crashes: a process is killed at each step that changes files; the next run completes the work.

A program prepares a corpus, and changes its source. For one step after the other, it lets a fork
encode until this step, and another fork encode again and compare all rows with those of calls.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from corpora import ENCODER, check, make_folder, rows, run, write

from netencoders_corpus import encode

pytest.importorskip("pyarrow")
# They need no other library, but a minute: they run beside the tests of the README.
pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs Linux"),
]

PROGRAM = """
import os, signal, sys, traceback
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import corpora
from netencoders_corpus import Corpus, CorpusError, encode, shards

folder, begun, out = map(Path, sys.argv[2:5])
format, stride, updated = sys.argv[5], int(sys.argv[6]), sys.argv[7] == "True"
encoder, fsync = corpora.ENCODER, os.fsync
encoder.prepare()
shards.SHARD_BYTES = 1 << 13

def forked(work):
    # Returns the exit code, or minus the number of a signal; and the text that it writes.
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            work(writing)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as file:
        text = file.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text

def interrupted(target):
    def work(writing):
        steps = 0
        def step(name, path):
            nonlocal steps
            if str(path).startswith(str(out)):
                steps += 1
                if steps == target:
                    os.write(writing, name.encode())
                    os.kill(os.getpid(), signal.SIGKILL)
        def hook(event, arguments):
            is_written = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if is_written or event in ("os.rename", "os.remove", "os.mkdir", "sqlite3.connect"):
                step(event, arguments[0])
        def synced(number):
            step("fsync", os.readlink(f"/proc/self/fd/{number}"))
            fsync(number)
        os.fsync = synced
        sys.addaudithook(hook)
        encode(encoder, folder, out, format=format, workers=1, update=True)
    return work

def resumed(writing):
    if (out / "corpus.json").exists():  # a corpus can be read also in the middle of a change
        try:
            Corpus(out).ids
        except CorpusError as problem:
            assert updated and "an update is not complete" in str(problem)
    encode(encoder, folder, out, format=format, workers=1, update=True)
    corpora.check(out, folder)
    assert [] == [*(out / "partial" / "00001-of-00001").iterdir()]

kinds, target = set(), 1
while True:
    corpora.copy_corpus(begun, out)
    code, name = forked(interrupted(target))
    if code != -signal.SIGKILL:
        assert code == 0, (target, code)
        break
    kinds.add(name)
    code, _ = forked(resumed)
    assert code == 0, (target, name)
    target += stride
print(target, *sorted(kinds))
"""


def explored(folder, begun, out, form, stride=1, updated=False):
    """Kill at each step, check each time, and return the number of steps and their kinds."""
    given = (Path(__file__).parent, folder, begun, out, form, stride, updated)
    done = run(PROGRAM, *given)
    assert 0 == done.returncode, done.stderr
    steps, *kinds = done.stdout.split()
    return int(steps), set(kinds)


@pytest.mark.parametrize("form", ["parquet", "npy"])
def test_kill_at_each_step_of_a_change_loses_nothing(tmp_path, form):
    """A run that adds, replaces and removes rows is killed at each step; the next completes it."""
    folder, begun = make_folder(tmp_path / "in", 3), tmp_path / "begun"
    encode(ENCODER, folder, begun, format=form)
    write(folder / "a" / "00.wav", 0.5, 99)
    write(folder / "a" / "new.wav", 0.5, 98)
    (folder / "b" / "01.wav").unlink()
    steps, kinds = explored(folder, begun, tmp_path / "out", form)
    assert steps > 25
    assert {"open", "os.rename", "os.remove", "fsync"} <= kinds


def test_kill_at_each_step_of_the_first_run_loses_nothing(tmp_path):
    """A run into a new folder is killed at each step, also before corpus.json exists."""
    folder, begun = make_folder(tmp_path / "in", 3), tmp_path / "begun"
    begun.mkdir()
    steps, kinds = explored(folder, begun, tmp_path / "out", "parquet")
    assert steps > 20
    assert {"open", "os.mkdir", "os.rename", "fsync"} <= kinds


def test_kill_in_an_update_resumes(tmp_path):
    """An update to another encoder is killed at several steps; the next run goes on."""
    folder, begun = make_folder(tmp_path / "in", 3), tmp_path / "begun"
    encode(ENCODER.replace(NumberOfCoefficients=12), folder, begun)
    steps, _ = explored(folder, begun, tmp_path / "out", "parquet", 3, updated=True)
    assert steps > 25


KILLED = """
import sys
from netencoders import NetEncoder
from netencoders_corpus import encode, shards
shards.SHARD_BYTES = 1 << 13
print("begin", flush=True)
encode(NetEncoder("AudioMFCC", SampleRate=8000), sys.argv[1], sys.argv[2], workers=2)
"""


def test_killed_and_resumed_equals_uninterrupted(tmp_path):
    """After SIGKILL at 20 random moments, a resumed run has the rows of an uninterrupted one."""
    import signal
    import subprocess
    import sys
    import time

    folder, out = make_folder(tmp_path / "in", 99), tmp_path / "out"
    random = np.random.default_rng(1)
    for _ in range(20):
        command = [sys.executable, "-c", KILLED, str(folder), str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(random.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
        write(folder / "a" / "00.wav", 0.5, int(random.integers(100)))
    encode(ENCODER, folder, out)
    check(out, folder)
    encode(ENCODER, folder, tmp_path / "whole")
    resumed, whole = rows(out), rows(tmp_path / "whole")
    assert whole == resumed

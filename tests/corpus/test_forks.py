"""Forks: a process that was forked while a corpus was written holds no lock, and waits for none."""

import os
import sqlite3
import threading

import pytest
from corpora import ENCODER, check, make_folder, run

from netencoders_corpus import CorpusError, encode
from netencoders_corpus.databases import Database

pytest.importorskip("pyarrow")
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of a fork with threads
]

PROGRAM = """
import os, sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import corpora
from netencoders_corpus import Corpus, CorpusError, encode

folder, root = map(Path, sys.argv[2:4])
encode(corpora.ENCODER, folder, root / "made")
begun, ended = threading.Event(), threading.Event()

def progress(report):
    begun.set()
    ended.wait(60)

def work():
    encode(corpora.ENCODER, folder, root / "parent", progress=progress)

thread = threading.Thread(target=work)
thread.start()
assert begun.wait(60)
pid = os.fork()
if not pid:
    try:
        assert len(Corpus(root / "made")) == len([*Corpus(root / "made").arrays()]) + 1
        encode(corpora.ENCODER, folder, root / "child")
    except CorpusError as problem:
        print(problem, flush=True)
    os._exit(0)
code = os.waitpid(pid, 0)[1]
ended.set()
thread.join()
print(code, encode(corpora.ENCODER, folder, root / "after").done)
"""


def test_fork_beside_a_thread_that_encodes_is_refused(tmp_path):
    """SQLite could wait for ever there; rows are read, and the parent goes on."""
    folder = make_folder(tmp_path / "in", 4)
    done = run(PROGRAM, os.path.dirname(__file__), folder, tmp_path)
    assert "" == done.stderr or "DeprecationWarning" in done.stderr
    message, last = done.stdout.splitlines()
    assert "this process was forked while another thread of its parent worked on" in message
    assert "Start processes by 'spawn' or 'forkserver'" in message
    assert "0 4" == last
    check(tmp_path / "parent", folder)


def test_fork_of_the_same_thread_may_encode(tmp_path):
    """No other thread holds a lock of SQLite: the new process encodes."""
    folder = make_folder(tmp_path / "in", 4)
    codes = []

    def progress(report):
        if codes:
            return
        pid = os.fork()
        if not pid:
            try:
                encode(ENCODER, folder, tmp_path / "child")
                os._exit(0)
            except BaseException:
                os._exit(1)
        codes.append(os.waitpid(pid, 0)[1])

    encode(ENCODER, folder, tmp_path / "out", progress=progress)
    assert [0] == codes
    check(tmp_path / "child", folder)


def test_fork_does_not_keep_the_lock_of_a_writer(tmp_path):
    """A process that was forked during a run may outlive it: the next run is not refused."""
    folder = make_folder(tmp_path / "in", 4)
    reading, writing = os.pipe()
    children = []

    def progress(report):
        if not children:
            children.append(os.fork())
            if not children[0]:
                os.close(writing)
                os.read(reading, 1)  # until the parent closes its end
                os._exit(0)

    encode(ENCODER, folder, tmp_path / "out", progress=progress)
    try:
        assert 5 == encode(ENCODER, folder, tmp_path / "out").kept
    finally:
        os.close(writing)
        os.close(reading)
        os.waitpid(children[0], 0)


def test_closed_databases_do_not_count(tmp_path):
    """A database that could not be opened, or is closed, is no reason to refuse."""

    def work():
        sqlite3.connect(tmp_path / "base.sqlite", factory=Database).close()
        with pytest.raises(sqlite3.OperationalError):
            sqlite3.connect(tmp_path / "none" / "base.sqlite", factory=Database)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    pid = os.fork()
    if not pid:
        try:
            sqlite3.connect(tmp_path / "base.sqlite", factory=Database).close()
            os._exit(0)
        except CorpusError:
            os._exit(1)
    assert 0 == os.waitpid(pid, 0)[1]


def test_fork_of_a_fork_has_no_databases_of_its_parents(tmp_path):
    """A database that was open in the first process does not count in a later one."""
    base = sqlite3.connect(tmp_path / "base.sqlite", factory=Database)

    def work(codes):
        pid = os.fork()
        if not pid:
            try:
                sqlite3.connect(tmp_path / "other.sqlite", factory=Database).close()
                os._exit(0)
            except CorpusError:
                os._exit(1)
        codes.append(os.waitpid(pid, 0)[1])

    pid = os.fork()
    if not pid:
        codes = []
        thread = threading.Thread(target=work, args=(codes,))
        thread.start()
        thread.join()
        os._exit(0 if codes == [0] else 1)
    assert 0 == os.waitpid(pid, 0)[1]
    base.close()

"""Warnings of worker processes: they arrive in the caller, whose filters decide."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from netencoders.cli import main
from netencoders.isolation import IsolatedEncoder, worker


@pytest.fixture
def recorded():
    """Record every warning."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield found


def category(name):
    """Return a warning class of the plugin."""
    return getattr(sys.modules["netencoders_crashing"], name)


@pytest.mark.parametrize("workers", [1, 2])
def test_warning_of_a_process_is_a_warning_of_the_caller(crashing, recorded, capfd, workers):
    """A warning arrives with its class, text and place, and nothing is printed."""
    results = list(crashing.map(["warn 1", "2", "warn 3"], isolate=True, workers=workers))
    assert 3 == len(results)
    assert ["odd warn 1", "odd warn 3"] == sorted(str(found.message) for found in recorded)
    assert {category("CrashingWarning")} == {found.category for found in recorded}
    plugin = sys.modules["netencoders_crashing"].__file__
    (number,) = {found.lineno for found in recorded}
    assert "CrashingWarning, stacklevel=1)" in Path(plugin).read_text().splitlines()[number - 1]
    assert {plugin} == {found.filename for found in recorded}
    assert ("", "") == capfd.readouterr()


def test_warning_of_a_stream_comes_before_its_blocks(crashing, recorded):
    """A stream gives the warning before the block that follows it."""
    encoder = IsolatedEncoder(crashing, timeout=600)
    try:
        next(encoder.stream("warn 1"))
    finally:
        encoder.close()
    assert ["odd warn 1"] == [str(found.message) for found in recorded]


def test_warning_before_a_crash_arrives(crashing, recorded):
    """A warning arrives also if its process crashes afterwards."""
    (result,) = crashing.map(["warn abort"], isolate=True, on_error="return")
    assert "crashed" == result.code
    assert ["odd warn abort"] == [str(found.message) for found in recorded]


@pytest.mark.parametrize(
    ("action", "expected"), [("always", 2), ("default", 1), ("once", 1), ("ignore", 0)]
)
def test_filters_of_the_caller_decide(crashing, action, expected):
    """A worker reports each warning; the filters of the caller count equal ones."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter(action)
        list(crashing.map(["warn 1", "warn 1"], isolate=True, workers=1))
    assert expected == len(found)


def test_filter_by_module_applies(crashing):
    """A filter for the module of the plugin applies to its warnings in a worker process."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", module="netencoders_crashing$")
        list(crashing.map(["warn 1"], isolate=True, workers=1))
    assert 1 == len(found)


def test_filter_that_raises_gets_the_warning(crashing):
    """With the action "error", the warning is raised; the encoder works on."""
    encoder = IsolatedEncoder(crashing, timeout=600)
    try:
        with pytest.raises(category("CrashingWarning"), match=r"^odd warn 1$"):
            encoder.encode("warn 1")
        assert [[2.0]] == encoder.encode("2").tolist()
    finally:
        encoder.close()
    with pytest.raises(category("CrashingWarning"), match=r"^odd warn 1$"):
        list(crashing.map(["warn 1"], isolate=True, workers=2, on_error="return"))


def test_open_file_of_a_process_fails_no_input(crashing):
    """A file that a plugin leaves open is no error with the action "error", as in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (result,) = crashing.map(["leak"], isolate=True, workers=1)
    assert [[0.0]] == result.tolist()


def test_equal_warnings_of_an_input_arrive_once(crashing, recorded):
    """Equal warnings of one input are one; the number of different ones is limited."""
    (_,) = crashing.map(["many 3 3"], isolate=True, workers=1)
    assert ["number 0", "number 1", "number 2"] == [str(found.message) for found in recorded]
    recorded.clear()
    (_,) = crashing.map([f"many {worker.MAX_WARNINGS + 5}"], isolate=True, workers=1)
    assert worker.MAX_WARNINGS + 1 == len(recorded)
    last = f"more than {worker.MAX_WARNINGS} warnings: the others are left out"
    assert last == str(recorded[-1].message)


@pytest.fixture
def replies():
    """Return the replies of a worker process, and a function that reads the new ones."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    def sent():
        try:
            return os.read(reader, 1 << 16)
        except BlockingIOError:
            return b""

    yield worker.Replies(writer), sent
    os.close(reader)
    os.close(writer)


def test_late_warning_is_sent_with_the_next_request(replies):
    """A warning of a thread that works on after the last reply does not follow this reply."""
    channel, sent = replies
    channel.begin()
    channel.end(b"last")
    channel.warning(UserWarning("late"), UserWarning, "a.py", 1)
    assert b"last" == sent()
    channel.begin()
    assert b'"text": "late"' in sent()


def test_warning_within_a_reply_waits_for_its_end(replies, monkeypatch):
    """A warning that a destructor gives while a reply is sent comes after the reply."""
    channel, sent = replies
    channel.begin()
    write = os.writev

    def interrupted(descriptor, parts):
        monkeypatch.setattr(os, "writev", write)
        channel.warning(UserWarning("nested"), UserWarning, "a.py", 1)
        return write(descriptor, [parts[0][:4]])

    monkeypatch.setattr(os, "writev", interrupted)
    channel.send(b"the reply")
    content = sent()
    assert content.startswith(b"the reply")
    assert b'"text": "nested"' in content


def test_parts_of_replies_are_sent_after_short_writes(replies, monkeypatch):
    """A write of the system may end within any part."""
    channel, sent = replies
    write = os.writev
    monkeypatch.setattr(os, "writev", lambda number, parts: write(number, [parts[0][:3]]))
    channel.begin()
    channel.end(b"first", b"", memoryview(b"second"), b"third")
    assert b"firstsecondthird" == sent()


@pytest.mark.parametrize("failing", [False, True])
def test_last_array_is_sent_with_the_end(replies, monkeypatch, failing):
    """The parent wakes up once for an input of one block, and gets the blocks before an error."""
    channel, sent = replies
    calls, write = [], os.writev
    monkeypatch.setattr(os, "writev", lambda *given: calls.append(1) or write(*given))

    class Blocks:
        def stream(self, value):
            yield np.ones(2, np.float32)
            if failing:
                raise ValueError("broken")

    worker._answer(Blocks(), None, lambda: ({}, None), channel)
    content = sent()
    assert content.index(b'"kind": "block"') < content.index(b"error" if failing else b"done")
    assert [1] == calls


def test_command_prints_the_warnings_of_a_process(crashing, tmp_path, monkeypatch, capfd):
    """`encode --isolate` prints a warning on one line, as without isolation."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("warn 1")
    shown = []
    for option in ([], ["--isolate"]):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            arguments = ["-e", "Crashing", "-o", "a.npy", "--force", *option]
            assert 0 == main(["encode", "./a.txt", *arguments])
        shown.append(capfd.readouterr().err)
        assert [[0.0], [1.0]] == np.load("a.npy").tolist()
    assert ["warning: odd warn 1\n"] * 2 == shown


def test_warnings_of_the_start_are_not_repeated(crashing, recorded, tmp_path, capfd):
    """A worker process does not repeat the warnings of discovery, which the caller has given."""
    broken = tmp_path / "site" / "netencoders_broken-1.0.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (broken / "entry_points.txt").write_text("[netencoders]\nbroken = no_such_module\n")
    (result,) = crashing.map(["1"], isolate=True, workers=1)
    assert [[1.0]] == result.tolist()
    assert [] == recorded
    assert ("", "") == capfd.readouterr()


def test_environment_that_raises_warnings_does_not_stop_a_worker(crashing, monkeypatch, recorded):
    """PYTHONWARNINGS=error applies to the caller, not to its worker processes."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    (result,) = crashing.map(["warn 1"], isolate=True, workers=1)
    assert [[0.0], [1.0]] == result.tolist()
    assert ["odd warn 1"] == [str(found.message) for found in recorded]


def test_audio_warning_of_a_process_arrives(tmp_path):
    """A program sees the AudioWarning of a file that a worker process encodes."""
    header = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00"
    header += b"\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"
    (tmp_path / "pipe.wav").write_bytes(header + bytes(8000))
    code = (
        "import sys, warnings; from netencoders import NetEncoder\n"
        "from netencoders_audio import AudioWarning\n"
        "with warnings.catch_warnings(record=True) as found:\n"
        "    warnings.simplefilter('always')\n"
        "    list(NetEncoder('Audio').map([sys.argv[1]], isolate=True))\n"
        "print(*{found.category is AudioWarning for found in found})\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "pipe.wav"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ("True\n", "") == (run.stdout, run.stderr)

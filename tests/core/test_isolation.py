"""Isolation: if an encoder aborts or hangs, only its input fails."""

import os
import pickle
import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from netencoders import DigestError, EncodeError, NetEncoder, isolation
from netencoders.cli import main
from netencoders.isolation import IsolatedEncoder
from netencoders.policies import current, policies

CRASHING = '''
import os, sys, time
import numpy as np
from netencoders import ArraySpec, Axis, EncodeError, Encoder, Varying, hookimpl
from netencoders.policies import current


class Crashing(Encoder):
    """Numbers from a text; other texts abort, hang, print, raise, or return a policy."""

    name = "Crashing"

    def output(self):
        return ArraySpec((Varying, 1), axes=(Axis("time"), Axis("value")))

    def stream(self, value):
        text = value if isinstance(value, str) and "/" not in value else open(value).read()
        if text == "abort":
            os.abort()
        if text == "exit":
            os._exit(7)
        if text == "hang":
            open(os.path.join(os.environ["HANGING"], str(os.getpid())), "w").close()
            time.sleep(600)
        if text == "print":
            print("x" * 100_000)
            sys.stdout.flush()
        if text == "bad":
            raise EncodeError("no numbers", code="no-numbers", remedy="write some")
        if text == "policy":
            text = str(current("tests.number", 0))
        for word in text.split():
            yield np.full((1, 1), float(word) if word.isdecimal() else 0, np.float32)

    def encode(self, value):
        return np.concatenate(list(self.stream(value)))


@hookimpl
def register_encoders(register):
    register(Crashing)
'''


@pytest.fixture
def crashing(tmp_path, monkeypatch, fresh_registry):
    """Install a plugin whose encoder can crash, and return the encoder."""
    site = tmp_path / "site"
    info = site / "netencoders_crashing-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "netencoders_crashing.py").write_text(CRASHING)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: netencoders-crashing\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text("[netencoders]\ncrashing = netencoders_crashing\n")
    monkeypatch.syspath_prepend(str(site))
    yield NetEncoder("Crashing")
    sys.modules.pop("netencoders_crashing", None)


class Timer(threading.Thread):
    """A timer that expires when its process hangs, independent of the clock."""

    def __init__(self, seconds, function, arguments):
        super().__init__()
        self.cancelled = threading.Event()
        self.expire = lambda: function(*arguments)
        self.hanging = Path(os.environ["HANGING"], str(arguments[0].pid))

    def run(self):
        """Wait for the file that a process makes before it hangs."""
        while not self.cancelled.wait(0.01):
            if self.hanging.exists():
                self.expire()
                return

    def cancel(self):
        """End the thread."""
        self.cancelled.set()


@pytest.fixture(autouse=True)
def hanging(tmp_path, monkeypatch):
    """Return the folder that has a file for each process that hangs."""
    folder = tmp_path / "hanging"
    folder.mkdir()
    monkeypatch.setenv("HANGING", str(folder))
    return folder


@pytest.fixture
def timeout_when_hanging(monkeypatch):
    """Let the time limit of an input expire when its process hangs, and not before."""
    monkeypatch.setattr(isolation.threading, "Timer", Timer)


def outcome(result):
    """Return a short text for the result of an input."""
    return result.code if isinstance(result, EncodeError) else result[:, 0].tolist()


@pytest.mark.parametrize("workers", [1, 2])
def test_crash_or_hang_fails_only_its_input(crashing, timeout_when_hanging, workers):
    """Inputs that abort, exit, hang or raise give their error; all others are encoded."""
    values = ["1 2", "abort", "3", "hang", "exit", "4", "bad", "print", "5"]
    results = crashing.map(values, isolate=True, timeout=2, workers=workers, on_error="return")
    expected = [[1, 2], "crashed", [3], "timeout", "crashed", [4], "no-numbers", [0], [5]]
    assert expected == [outcome(result) for result in results]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("abort", "element 0: abort: the process that encoded it died: SIGABRT"),
        ("exit", "element 0: exit: the process that encoded it died: exit code 7"),
        ("hang", "element 0: hang: took longer than 0.5 s"),
        ("bad", "element 0: bad: no numbers"),
    ],
)
def test_error_of_a_process_names_input_and_cause(crashing, timeout_when_hanging, value, message):
    """The error of an isolated process, or of its death, names the input."""
    with pytest.raises(EncodeError) as caught:
        list(crashing.map([value], isolate=True, timeout=0.5))
    assert str(caught.value).startswith(message)


def test_time_limit_ends_an_input_that_hangs(crashing):
    """The time limit works with the timer of the standard library, too.

    The input hangs for longer than pytest waits; only the limit ends it.
    """
    (result,) = crashing.map(["hang"], isolate=True, timeout=0.01, on_error="return")
    assert "timeout" == result.code


def test_process_killed_after_its_reply_is_replaced(crashing, monkeypatch):
    """A process that is killed after its reply does not get the next input."""
    timers = []

    class Late(Timer):
        """A timer that expires late: when it is joined, or when the next timer starts.

        The last timer may never expire; no code waits for it.
        """

        def start(self):
            if timers:
                timers[-1].join()
            timers.append(self)

        def join(self):
            if not self.ident:
                super().start()
            super().join()

        def run(self):
            self.expire()

    monkeypatch.setattr(isolation.threading, "Timer", Late)
    results = crashing.map(["1", "bad", "2"], isolate=True, workers=1, on_error="return")
    assert [[1], "no-numbers", [2]] == [outcome(result) for result in results]


def test_infinite_time_limit_is_no_limit(crashing):
    """An infinite time limit lets an input run without a limit."""
    (result,) = crashing.map(["1"], isolate=True, timeout=float("inf"))
    assert [1] == outcome(result)


def test_isolated_arrays_have_the_same_bits(crashing):
    """Isolation does not change the arrays."""
    values = ["1 2 3", "4"]
    isolated = list(crashing.map(values, isolate=True))
    for expected, actual in zip(crashing(values), isolated, strict=True):
        assert expected.dtype == actual.dtype
        assert np.array_equal(expected, actual)


def test_input_that_cannot_be_pickled_fails(crashing):
    """A value that cannot be pickled is an error of its input."""
    (result,) = crashing.map([threading.Lock()], isolate=True, on_error="return")
    assert ("unsupported-input", True) == (result.code, "another process" in str(result))


class Unknown:
    """A value whose class no other process can import."""


def test_input_that_cannot_be_unpickled_fails(crashing):
    """A value that only this process can unpickle is an error of its input."""
    Unknown.__module__ = "__main__"
    sys.modules["__main__"].Unknown = Unknown
    (result,) = crashing.map([Unknown()], isolate=True, on_error="return")
    assert "unsupported-input" == result.code
    assert "cannot be received by another process: AttributeError" in str(result)


def test_closing_map_kills_its_processes(crashing, hanging):
    """Closing the results kills the processes that hang.

    They hang for longer than pytest waits for a test.
    """
    results = crashing.map(["1", "hang", "hang"], isolate=True, workers=2)
    assert [1] == outcome(next(results))
    while len(os.listdir(hanging)) < 2:
        threading.Event().wait(0.01)
    results.close()
    for process in os.listdir(hanging):
        with pytest.raises(ProcessLookupError):
            os.kill(int(process), 0)


def test_unread_blocks_of_a_stream_are_discarded(crashing):
    """Unread blocks of a stream are not part of the next result."""
    encoder = IsolatedEncoder(crashing, workers=1, timeout=600)
    try:
        stream = encoder.stream("1 2 3")
        assert [1] == outcome(next(stream))
        stream.close()
        assert [4, 5] == outcome(encoder.encode("4 5"))
    finally:
        encoder.close()


def test_closed_encoder_refuses_an_input(crashing):
    """After the processes are closed, an input raises an error and starts no process."""
    encoder = IsolatedEncoder(crashing, workers=1, timeout=600)
    encoder.close()
    with pytest.raises(EncodeError, match=r"^1: ") as caught:
        encoder.encode("1")
    assert "cancelled" == caught.value.code


def test_interrupt_does_not_end_a_worker_process(crashing):
    """Ctrl-C, which the terminal sends to each process, does not end a worker process."""
    encoder = IsolatedEncoder(crashing, workers=1, timeout=600)
    try:
        assert [1] == outcome(encoder.encode("1"))
        os.kill(encoder._workers[0]._process.pid, signal.SIGINT)
        assert [2] == outcome(encoder.encode("2"))
    finally:
        encoder.close()


def test_worker_process_answers_with_blocks_or_an_error(crashing):
    """A request is answered with blocks and None, or with blocks and an error."""
    requests = [pickle.dumps((crashing, {}, value)) for value in ("1 2", "bad")]
    requests += [pickle.dumps((crashing, {"tests.number": 7}, "policy")), b"no pickle"]
    answers = [list(isolation._answers(request)) for request in requests]
    assert [[1], [2]] == [outcome(block) for block in answers[0][:2]]
    assert [None] == answers[0][2:]
    assert ["no-numbers"] == [outcome(answer) for answer in answers[1]]
    assert [7] == outcome(answers[2][0])
    (error,) = answers[3]
    assert "unsupported-input" == error.code
    assert "cannot be received by another process: UnpicklingError" in str(error)
    assert 0 == current("tests.number", 0)


@pytest.mark.parametrize("timeout", ["0", "-1", "nan"])
def test_invalid_timeout_of_the_command_is_refused(capsys, timeout):
    """The command refuses an invalid time limit."""
    assert 2 == main(["encode", "a.wav", "-o", "a.npy", "--isolate", "--timeout", timeout])
    assert f"error: --timeout {timeout}: must be more than 0 seconds" in capsys.readouterr().err


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_invalid_timeout_is_refused(crashing, timeout):
    """An invalid time limit is refused before a process starts."""
    with pytest.raises(ValueError, match=r"timeout must be a number > 0, in seconds\. Got "):
        crashing.map(["1"], isolate=True, timeout=timeout)


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_workers_use_the_policies_of_the_call(crashing, isolate, workers):
    """Threads and processes use the policies of the call, also after the end of the block."""
    with policies({"tests.number": 7}):
        results = crashing.map(["policy", "1"], isolate=isolate, workers=workers)
        blocks = crashing.stream("policy")
    assert [[7], [1]] == [outcome(result) for result in results]
    assert [[7]] == [outcome(block) for block in blocks]
    assert 0 == current("tests.number", 0)


def test_command_isolates_crashing_inputs(
    crashing, timeout_when_hanging, tmp_path, monkeypatch, capsys
):
    """`encode --isolate` writes the other inputs, and names those that crash."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"a": "1 2", "b": "abort", "c": "hang", "d": "3"}.items():
        Path(f"{name}.txt").write_text(text)
    files = [os.path.join(".", f"{name}.txt") for name in "abcd"]
    options = ["-e", "Crashing", "-o", "out", "--isolate", "--timeout", "2"]
    assert 2 == main(["encode", *files, "-e", "Crashing", "-o", "out", "--timeout", "2"])
    assert "error: --timeout needs --isolate" in capsys.readouterr().err
    code = main(["encode", *files, *options, "--on-error", "continue", "--workers", "2"])
    output = capsys.readouterr()
    assert 3 == code
    assert ["a.npy", "d.npy"] == sorted(os.listdir("out"))
    assert [[1.0], [2.0]] == np.load("out/a.npy").tolist()
    assert 3 == len(output.err.splitlines())
    assert "error: ./b.txt: the process that encoded it died: SIGABRT (" in output.err
    assert "error: ./c.txt: took longer than 2 s (" in output.err


def test_stream_without_blocks_is_a_bug_of_the_encoder(crashing):
    """A stream without blocks is an error of its input; the other inputs are encoded."""
    (found,) = crashing.map([""], isolate=True, workers=1, on_error="return")
    assert ("bug", True) == (found.code, "its stream has no blocks" in str(found))


def test_encoder_of_another_version_raises_digest_error(crashing, monkeypatch):
    """If the worker process computes another digest, the error names both revisions."""
    site = Path(sys.modules["netencoders_crashing"].__file__)
    site.write_text(CRASHING.replace('name = "Crashing"', 'name = "Crashing"; revision = 2'))
    with pytest.raises(DigestError, match="its revision was 1, is 2"):
        list(crashing.map(["1"], isolate=True, workers=1))

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

FRAGILE = '''
import os, sys, time
import numpy as np
from netencoders import ArraySpec, Axis, EncodeError, Encoder, Varying, hookimpl
from netencoders.policies import current


class Fragile(Encoder):
    """Numbers from a text; other texts abort, hang, print, raise, or return a policy."""

    name = "Fragile"

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
    register(Fragile)
'''


@pytest.fixture
def fragile(tmp_path, monkeypatch, fresh_registry):
    """Install a plugin whose encoder can crash, and return the encoder."""
    site = tmp_path / "site"
    info = site / "netencoders_fragile-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "netencoders_fragile.py").write_text(FRAGILE)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: netencoders-fragile\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text("[netencoders]\nfragile = netencoders_fragile\n")
    monkeypatch.syspath_prepend(str(site))
    yield NetEncoder("Fragile")
    sys.modules.pop("netencoders_fragile", None)


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
def time_is_over(monkeypatch):
    """Let the time limit of an input end when its process hangs, and never before."""
    monkeypatch.setattr(isolation.threading, "Timer", Timer)


def outcome(result):
    """Return a short text for the result of an input."""
    return result.code if isinstance(result, EncodeError) else result[:, 0].tolist()


@pytest.mark.parametrize("workers", [1, 2])
def test_crashes_and_hangs_cost_one_input_each(fragile, time_is_over, workers):
    """Inputs that abort, exit, hang or raise give their error; all others are encoded."""
    values = ["1 2", "abort", "3", "hang", "exit", "4", "bad", "print", "5"]
    results = fragile.map(values, isolate=True, timeout=2, workers=workers, on_error="return")
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
def test_errors_name_the_input_and_the_cause(fragile, time_is_over, value, message):
    """The error of an isolated process, or of its death, names the input."""
    with pytest.raises(EncodeError) as caught:
        list(fragile.map([value], isolate=True, timeout=0.5))
    assert str(caught.value).startswith(message)


def test_the_timer_ends_what_hangs(fragile):
    """The time limit works with the timer of the standard library, too.

    The first input hangs for longer than pytest waits; nothing but the limit ends it.
    """
    (result,) = fragile.map(["hang"], isolate=True, timeout=0.01, on_error="return")
    assert "timeout" == result.code


def test_time_that_is_over_after_the_last_reply(fragile, monkeypatch):
    """A process that is killed after it gave its result is not asked for the next one."""
    timers = []

    class Late(Timer):
        """A timer that expires after its end: when it is joined, or else when the next one starts.

        The last one has no next one, and nothing waits for it.
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
    results = fragile.map(["1", "bad", "2"], isolate=True, workers=1, on_error="return")
    assert [[1], "no-numbers", [2]] == [outcome(result) for result in results]


def test_no_time_limit(fragile):
    """An infinite time limit is none."""
    (result,) = fragile.map(["1"], isolate=True, timeout=float("inf"))
    assert [1] == outcome(result)


def test_isolated_arrays_have_the_same_bits(fragile):
    """Isolation does not change the arrays."""
    values = ["1 2 3", "4"]
    isolated = list(fragile.map(values, isolate=True))
    for expected, actual in zip(fragile(values), isolated, strict=True):
        assert expected.dtype == actual.dtype
        assert np.array_equal(expected, actual)


def test_input_that_cannot_be_sent(fragile):
    """A value that cannot be pickled is an error of its input."""
    (result,) = fragile.map([threading.Lock()], isolate=True, on_error="return")
    assert ("unsupported-input", True) == (result.code, "another process" in str(result))


class Unknown:
    """A value whose class no other process can import."""


def test_input_that_cannot_be_received(fragile):
    """A value that only this process can unpickle is an error of its input."""
    Unknown.__module__ = "__main__"
    sys.modules["__main__"].Unknown = Unknown
    (result,) = fragile.map([Unknown()], isolate=True, on_error="return")
    assert "unsupported-input" == result.code
    assert "cannot be received by another process: AttributeError" in str(result)


def test_abandoned_map_ends_its_processes(fragile, hanging):
    """The processes that hang are killed when the results are no longer wanted.

    They hang for longer than pytest waits for a test.
    """
    results = fragile.map(["1", "hang", "hang"], isolate=True, workers=2)
    assert [1] == outcome(next(results))
    while len(os.listdir(hanging)) < 2:
        threading.Event().wait(0.01)
    results.close()
    for process in os.listdir(hanging):
        with pytest.raises(ProcessLookupError):
            os.kill(int(process), 0)


def test_a_stream_left_half_read_does_not_answer_the_next_input(fragile):
    """Unread blocks of a stream are not part of the next result."""
    encoder = IsolatedEncoder(fragile, workers=1, timeout=600)
    try:
        stream = encoder.stream("1 2 3")
        assert [1] == outcome(next(stream))
        stream.close()
        assert [4, 5] == outcome(encoder.encode("4 5"))
    finally:
        encoder.close()


def test_a_closed_encoder_takes_no_input(fragile):
    """An input that waits when the processes are closed does not start a new process."""
    encoder = IsolatedEncoder(fragile, workers=1, timeout=600)
    encoder.close()
    with pytest.raises(EncodeError, match=r"^1: ") as caught:
        encoder.encode("1")
    assert "cancelled" == caught.value.code


def test_an_interrupt_is_for_the_parent(fragile):
    """Ctrl-C, which the terminal sends to each process, does not end a worker process."""
    encoder = IsolatedEncoder(fragile, workers=1, timeout=600)
    try:
        assert [1] == outcome(encoder.encode("1"))
        os.kill(encoder._workers[0]._process.pid, signal.SIGINT)
        assert [2] == outcome(encoder.encode("2"))
    finally:
        encoder.close()


def test_answers_of_a_worker_process(fragile):
    """Blocks and None, or blocks and the error: the answers to one request."""
    requests = [pickle.dumps((fragile, {}, value)) for value in ("1 2", "bad")]
    requests += [pickle.dumps((fragile, {"tests.number": 7}, "policy")), b"no pickle"]
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
def test_timeout_of_the_command_must_be_positive(capsys, timeout):
    """The command refuses an invalid time limit."""
    assert 2 == main(["encode", "a.wav", "-o", "a.npy", "--isolate", "--timeout", timeout])
    assert f"error: --timeout {timeout}: must be more than 0 seconds" in capsys.readouterr().err


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_timeout_must_be_positive(fragile, timeout):
    """An invalid time limit is refused before a process starts."""
    with pytest.raises(ValueError, match=r"timeout must be a number > 0, in seconds\. Got "):
        fragile.map(["1"], isolate=True, timeout=timeout)


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_policies_hold_where_map_was_called(fragile, isolate, workers):
    """Threads and processes use the policies of the call, also after the end of the block."""
    with policies({"tests.number": 7}):
        results = fragile.map(["policy", "1"], isolate=isolate, workers=workers)
        blocks = fragile.stream("policy")
    assert [[7], [1]] == [outcome(result) for result in results]
    assert [[7]] == [outcome(block) for block in blocks]
    assert 0 == current("tests.number", 0)


def test_command(fragile, time_is_over, tmp_path, monkeypatch, capsys):
    """`encode --isolate` writes the other inputs, and names those that crash."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"a": "1 2", "b": "abort", "c": "hang", "d": "3"}.items():
        Path(f"{name}.txt").write_text(text)
    files = [os.path.join(".", f"{name}.txt") for name in "abcd"]
    options = ["-e", "Fragile", "-o", "out", "--isolate", "--timeout", "2"]
    assert 2 == main(["encode", *files, "-e", "Fragile", "-o", "out", "--timeout", "2"])
    assert "error: --timeout needs --isolate" in capsys.readouterr().err
    code = main(["encode", *files, *options, "--on-error", "continue", "--workers", "2"])
    output = capsys.readouterr()
    assert 3 == code
    assert ["a.npy", "d.npy"] == sorted(os.listdir("out"))
    assert [[1.0], [2.0]] == np.load("out/a.npy").tolist()
    assert 3 == len(output.err.splitlines())
    assert "error: ./b.txt: the process that encoded it died: SIGABRT (" in output.err
    assert "error: ./c.txt: took longer than 2 s (" in output.err


def test_a_stream_without_blocks_is_a_bug_of_the_encoder(fragile):
    """It is the error of one input, not of the program."""
    (found,) = fragile.map([""], isolate=True, workers=1, on_error="return")
    assert ("bug", True) == (found.code, "its stream has no blocks" in str(found))


def test_an_encoder_of_another_version_is_told_as_that(fragile, monkeypatch):
    """The worker process finds another digest: the error says so, not that the input is bad."""
    site = Path(sys.modules["netencoders_fragile"].__file__)
    site.write_text(FRAGILE.replace('name = "Fragile"', 'name = "Fragile"; revision = 2'))
    with pytest.raises(DigestError, match="its revision was 1, is 2"):
        list(fragile.map(["1"], isolate=True, workers=1))

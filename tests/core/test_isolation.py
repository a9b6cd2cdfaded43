"""Isolation: if an encoder aborts or hangs, only its input fails."""

import math
import os
import signal
import sys
import threading
import time
import types
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from netencoders import DigestError, EncodeError, NetEncoder, PluginError, RowLayer, registered
from netencoders.cli import main
from netencoders.isolation import IsolatedEncoder, frames, pipes, process
from netencoders.policies import current, policies

SPEECH = str(Path(__file__).parents[1] / "data" / "speech_16k_mono.wav")
DONE = frames.reply("done", {})
ONE = b"".join(frames.array_reply(np.ones((1, 1), np.float32)))

# A process that starts fast, and answers each request with one block.
FAST = f"""
import os, struct

def exactly(count):
    content = b""
    while len(content) < count:
        part = os.read(0, count - len(content))
        if not part:
            os._exit(0)
        content += part
    return content

answer = b""
while True:
    length, count = struct.unpack("<QI", exactly(12))
    sizes = [struct.unpack("<Q?", exactly(9))[0] for _ in range(count)]
    exactly(length + sum(sizes))
    os.write(1, answer)
    answer = {ONE + DONE!r}
"""


@pytest.fixture
def timeout_when_hanging(monkeypatch, hanging):
    """Let the time limit of an input expire when its process hangs, and not before."""

    def check(self):
        if (hanging / str(self._process.pid)).exists():
            raise pipes.LimitError

    monkeypatch.setattr(pipes.Pipes, "_check_time", check)
    monkeypatch.setattr(pipes, "_LONGEST_WAIT", 0.01)


@pytest.fixture(params=["poll", "thread"])
def waiting(request, monkeypatch):
    """Wait for pipes in both ways: with `poll`, and as on Windows."""
    if request.param == "thread":
        monkeypatch.setattr(pipes, "CAN_POLL", False)


@pytest.fixture
def isolated(crashing):
    """Return an IsolatedEncoder without a time limit, which the end of the test closes."""
    encoder = IsolatedEncoder(crashing, float("inf"))
    yield encoder
    encoder.close()


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


@pytest.mark.parametrize("timeout", [1e12, 10**400, float("inf")])
def test_any_time_limit_works(crashing, waiting, timeout):
    """A time limit may have any size, also one that the system cannot wait for."""
    results = crashing.map(["1", "bad", "2"], isolate=True, timeout=timeout, on_error="return")
    assert [[1], "no-numbers", [2]] == [outcome(result) for result in results]


def test_time_limit_ends_an_input_without_end(crashing, waiting):
    """The time limit holds for all blocks of an input together."""
    (result,) = crashing.map(["endless"], isolate=True, timeout=0.5, on_error="return")
    assert "timeout" == result.code


def test_time_limit_holds_for_all_blocks_together(crashing, monkeypatch):
    """Many blocks, each of which takes less than the limit, reach it."""
    clock = iter(range(1 << 30))
    monkeypatch.setattr(pipes.time, "monotonic", lambda: next(clock))
    encoder = IsolatedEncoder(crashing, timeout=1000)
    with pytest.raises(EncodeError, match="took longer than 1000 s"):
        encoder.encode("endless")
    encoder.close()


def test_time_limit_holds_for_bytes_that_are_there(crashing):
    """The time limit also ends a process that sends bytes without a pause."""
    code = "import os; os.write(1, bytes(9)); os.write(2, b'!'); os.read(0, 1)"
    command = [sys.executable, "-c", code]
    options = {"stdin": -1, "stdout": -1, "stderr": -1, "bufsize": 0}
    with process.subprocess.Popen(command, **options) as running:
        channel = pipes.Pipes(running)
        assert b"!" == running.stderr.read(1)
        channel.begin(0)
        with pytest.raises(pipes.LimitError):
            channel.read(9)
        running.kill()


def test_time_limit_ends_a_process_that_does_not_read(crashing, monkeypatch):
    """The time limit also ends a process that does not read its request."""
    monkeypatch.setattr(process, "_SERVE", "import time; time.sleep(600)")
    value = np.zeros(1 << 20)
    (result,) = crashing.map([value], isolate=True, timeout=0.01, on_error="return")
    assert "timeout" == result.code


def test_time_of_the_caller_does_not_count(crashing, monkeypatch):
    """The time limit does not include the time that the caller takes between two blocks."""
    clock = [0.0]
    monkeypatch.setattr(pipes.time, "monotonic", lambda: clock[0])
    encoder = IsolatedEncoder(crashing, timeout=600)
    try:
        blocks = []
        for block in encoder.stream("1 2 3"):
            blocks.append(outcome(block))
            clock[0] += 500
        assert [[1], [2], [3]] == blocks
    finally:
        encoder.close()


def test_process_killed_after_its_reply_is_replaced(isolated):
    """A process that ends after its reply does not get the next input."""
    assert [1] == outcome(isolated.encode("1"))
    (worker,) = isolated._workers
    worker._process.kill()
    worker._process.wait()
    assert [2] == outcome(isolated.encode("2"))


def test_bytes_after_the_last_reply_are_not_the_next_reply(isolated, monkeypatch):
    """A process that sends more than its reply is replaced before the next input."""
    monkeypatch.setattr(process, "_SERVE", FAST.replace(repr(DONE)[2:-1], repr(DONE * 2)[2:-1]))
    assert [1] == outcome(isolated.encode("0"))
    (worker,) = isolated._workers
    first = worker._process.pid
    while worker._pipes.is_quiet:
        threading.Event().wait(0.01)
    assert [1] == outcome(isolated.encode("0"))
    assert first != worker._process.pid


def test_isolated_arrays_have_the_same_bits(crashing):
    """Isolation does not change the arrays."""
    values = ["1 2 3", "4"]
    isolated = list(crashing.map(values, isolate=True))
    for expected, actual in zip(crashing(values), isolated, strict=True):
        assert expected.dtype == actual.dtype
        assert np.array_equal(expected, actual)


@pytest.mark.parametrize("layer", ["Transpose", "Repeat", "Standardize"])
def test_isolated_encoder_with_layers_has_the_same_bits(layer):
    """The blocks of a worker process join along the axis of time, which a layer may move."""
    encoder = NetEncoder("AudioMelSpectrogram").then("Delta").then(layer)
    (isolated,) = encoder.map([SPEECH], isolate=True)
    np.testing.assert_array_equal(encoder(SPEECH), isolated, strict=True)
    assert len(list(encoder.stream(SPEECH))) > 1


class Twice(RowLayer):
    """A layer of this process."""

    name = "Twice"

    def infer(self, form):
        """Return the same form."""
        return form

    def apply(self, rows):
        """Return twice the elements."""
        return 2 * rows


def test_layer_of_this_process_is_refused():
    """Another process does not know a layer that is not published."""
    with (
        registered(Twice),
        pytest.raises(PluginError, match=r"this process only.*publish") as caught,
    ):
        next(NetEncoder("Audio").then("Twice").map([SPEECH], isolate=True))
    assert "layer Twice" == caught.value.plugin


def test_input_that_cannot_be_pickled_fails(crashing):
    """A value that cannot be pickled is an error of its input."""
    (result,) = crashing.map([threading.Lock()], isolate=True, on_error="return")
    assert ("unsupported-input", True) == (result.code, "another process" in str(result))


class Unknown:
    """A value whose class no other process can import."""


def test_input_that_cannot_be_unpickled_fails(crashing, monkeypatch):
    """A value that only this process can unpickle is an error of its input."""
    monkeypatch.setattr(Unknown, "__module__", "only_here")
    monkeypatch.setitem(sys.modules, "only_here", types.SimpleNamespace(Unknown=Unknown))
    (result,) = crashing.map([Unknown()], isolate=True, on_error="return")
    assert "unsupported-input" == result.code
    assert "cannot be received by another process: ModuleNotFoundError" in str(result)


def test_closing_map_kills_its_processes(crashing, hanging):
    """Closing the results kills the processes that hang.

    They hang for longer than pytest waits for a test.
    """
    results = crashing.map(["1", "hang", "hang"], isolate=True, workers=2)
    assert [1] == outcome(next(results))
    while len(os.listdir(hanging)) < 2:
        threading.Event().wait(0.01)
    results.close()
    for number in os.listdir(hanging):
        with pytest.raises(ProcessLookupError):
            os.kill(int(number), 0)


def test_unread_blocks_of_a_stream_are_discarded(isolated):
    """Unread blocks of a stream are not part of the next result."""
    stream = isolated.stream("1 2 3")
    assert [1] == outcome(next(stream))
    stream.close()
    assert [4, 5] == outcome(isolated.encode("4 5"))


def test_closed_encoder_refuses_an_input(isolated):
    """After the processes are closed, an input raises an error and starts no process."""
    isolated.close()
    with pytest.raises(
        EncodeError, match=r"^1: the encoder is closed \(encode it again\)$"
    ) as caught:
        isolated.encode("1")
    assert "cancelled" == caught.value.code
    assert [None] == [worker._process for worker in isolated._workers]


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_interrupt_does_not_end_a_worker_process(isolated, name):
    """Ctrl-C, or a closed terminal, is sent to each process, and does not end a worker process."""
    if not hasattr(signal, name):
        pytest.skip(f"{name} does not exist here")
    assert [1] == outcome(isolated.encode("1"))
    number = isolated._workers[0]._process.pid
    os.kill(number, getattr(signal, name))
    time.sleep(0.2)
    assert [2] == outcome(isolated.encode("2"))
    assert number == isolated._workers[0]._process.pid
    assert [0] == outcome(isolated.encode("mask"))  # a program of a plugin may receive it


def test_interrupt_does_not_end_a_process_that_starts(isolated, monkeypatch):
    """Ctrl-C does not end a process that has just been started."""
    code = f"import os, signal; os.kill(os.getpid(), signal.SIGINT)\n{FAST}"
    monkeypatch.setattr(process, "_SERVE", code)
    assert [1] == outcome(isolated.encode("1"))


@pytest.mark.parametrize("value", ["1", "hang"])
def test_process_ends_with_its_parent(crashing, isolated, hanging, value):
    """A process ends when its parent has closed the pipe or has ended, also while it encodes."""

    def run():
        with suppress(EncodeError):
            isolated.encode(value)

    thread = threading.Thread(target=run)
    thread.start()
    while not os.listdir(hanging) if value == "hang" else not isolated._idle:
        threading.Event().wait(0.01)
    (worker,) = isolated._workers
    running = worker._process
    running.stdin.close()
    assert 0 == running.wait()
    thread.join()


@pytest.mark.parametrize("timeout", ["0", "-1", "nan"])
def test_invalid_timeout_of_the_command_is_refused(capsys, timeout):
    """The command refuses an invalid time limit."""
    assert 2 == main(["encode", "a.wav", "-o", "a.npy", "--isolate", "--timeout", timeout])
    assert f"error: --timeout {timeout}: must be more than 0 seconds" in capsys.readouterr().err


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "5"])
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
    site.write_text(
        site.read_text().replace('name = "Crashing"', 'name = "Crashing"; revision = 2')
    )
    with pytest.raises(DigestError, match="its revision was 1, is 2"):
        list(crashing.map(["1"], isolate=True, workers=1))


def replies(*parts):
    """Return the code of a process that sends bytes, and then waits for its end."""
    return f"import os, sys; os.write(1, {b''.join(parts)!r}); sys.stdin.read()"


def block(**changes):
    """Return a reply with a block of one number, with some fields changed."""
    return frames.reply("block", {"dtype": "float32", "shape": [1, 1], **changes}, 4) + bytes(4)


TEXT = frames.REPLY.pack(frames.MARK, 3, 0)
HUGE = frames.reply("block", {"dtype": "float32", "shape": [1 << 60, 1]}, 1 << 62)

GARBAGE = {
    "other bytes": (b"x" * 100, "other bytes than a reply"),
    "long text": (frames.REPLY.pack(frames.MARK, 1 << 31, 0), "a text of 2147483648 bytes"),
    "no JSON": (TEXT + b"{]}", "a text that is not JSON"),
    "no UTF-8": (TEXT + b'"\xff"', "a text that is not JSON"),
    "deep": (frames.REPLY.pack(frames.MARK, 99_999, 0) + b"[" * 99_999, "a text that is not JSON"),
    "number": (TEXT + b"123", "a JSON text that is not an object"),
    "kind": (frames.reply("pickle", {}), "a reply of an unknown kind, or too many warnings"),
    "no kind": (frames.reply([], {}), "a reply of an unknown kind, or too many warnings"),
    "bytes": (frames.reply("done", {}, 5), "bytes behind a reply without an array"),
    "type": (block(dtype="object"), "an array of another type than the encoder declares"),
    "wide": (block(dtype="float64"), "an array of another type than the encoder declares"),
    "no shape": (block(shape=None), "an array without a shape"),
    "float shape": (block(shape=[1.0, 1]), "an array without a shape"),
    "columns": (block(shape=[1, 2]), "an array of another shape than the encoder declares"),
    "dimensions": (block(shape=[1]), "an array of another shape than the encoder declares"),
    "no rows": (block(shape=[0, 1]), "an array of another shape than the encoder declares"),
    "negative": (block(shape=[-1, 1]), "an array of another shape than the encoder declares"),
    "size": (block(shape=[2, 1]), "an array whose shape does not fit its number of bytes"),
    "facts": (frames.reply("done", {"facts": [1]}), "facts that are none"),
    "many facts": (
        frames.reply("done", {"facts": dict.fromkeys(map(str, range(101)), 1)}),
        "facts that are none",
    ),
    "fact": (frames.reply("done", {"facts": {"rate": "8000"}}), "a fact that is not a number"),
    "bool": (frames.reply("done", {"facts": {"rate": True}}), "a fact that is not a number"),
    "NaN": (frames.reply("done", {"facts": {"rate": math.nan}}), "a fact that is not a number"),
    "huge": (frames.reply("done", {"facts": {"rate": 1 << 54}}), "a fact that is not a number"),
    "name": (frames.reply("done", {"facts": {"x" * 101: 1}}), "a fact that is not a number"),
    "error": (frames.reply("error", {}), "no list of texts as 'classes'"),
    "warning": (frames.reply("warning", {}), "no list of texts as 'classes'"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_bytes_that_are_no_reply_are_a_crash(crashing, monkeypatch, name):
    """Bytes that do not follow the protocol give the code `crashed`, and end the process."""
    content, problem = GARBAGE[name]
    monkeypatch.setattr(process, "_SERVE", replies(content))
    (result,) = crashing.map(["1"], isolate=True, workers=1, on_error="return")
    assert "crashed" == result.code
    expected = f"element 0: 1: the process that encoded it sent {problem} (leave it out, and report"
    assert str(result).startswith(expected)


@pytest.mark.parametrize("part", [b"", ONE[:5], ONE[:30], ONE[:-1], ONE, HUGE])
def test_part_of_a_reply_is_a_crash(crashing, monkeypatch, part):
    """A process that ends in a reply has crashed. Memory is not allocated as a reply claims."""
    more = "os.write(1, bytes(3 << 20)); os._exit(3)" if part is HUGE else "os._exit(3)"
    code = replies(part).replace("sys.stdin.read()", more)
    monkeypatch.setattr(process, "_SERVE", code)
    (result,) = crashing.map(["1"], isolate=True, workers=1, on_error="return")
    assert "crashed" == result.code
    assert "the process that encoded it died: exit code 3 (" in str(result)


def test_replies_before_a_request_are_bounded(crashing, monkeypatch):
    """A process that sends without end, and does not read, has crashed."""
    monkeypatch.setattr(process, "_SERVE", "import os\nwhile True: os.write(1, bytes(1 << 16))")
    value = np.zeros(1 << 20)
    (result,) = crashing.map([value], isolate=True, workers=1, on_error="return")
    assert "crashed" == result.code
    assert "sent replies before it has read the request (" in str(result)


def test_replies_while_a_request_is_sent_are_read(crashing, monkeypatch):
    """A process may send warnings before it has read a request of any size."""
    warning = {"classes": ["builtins:UserWarning"], "text": "early", "module": "m", "line": 1}
    early = frames.reply("warning", warning)
    code = f"import os; os.write(1, {early!r} * 1000)\n{FAST}"
    monkeypatch.setattr(process, "_SERVE", code)
    value = np.zeros(1 << 20)
    with pytest.warns(UserWarning, match="^early$"):
        (result,) = crashing.map([value], isolate=True, workers=1)
    assert [1] == outcome(result)


def test_endless_warnings_are_a_crash(crashing, monkeypatch):
    """A process that sends warnings without end has crashed."""
    warning = {"classes": ["builtins:ImportWarning"], "text": "", "module": "m", "line": 1}
    code = f"import os\nwhile True: os.write(1, {frames.reply('warning', warning)!r})"
    monkeypatch.setattr(process, "_SERVE", code)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (result,) = crashing.map(["1"], isolate=True, workers=1, on_error="return")
    assert "sent a reply of an unknown kind, or too many warnings (" in str(result)


def test_plugin_that_writes_among_the_replies_crashes(crashing):
    """A plugin that writes to the descriptor of the replies fails its own input only."""
    results = crashing.map(["noise", "2"], isolate=True, workers=1, on_error="return")
    assert ["crashed", [2]] == [outcome(result) for result in results]


def test_plugin_that_closes_the_pipe_crashes(crashing):
    """A process that closes its pipe and works on is killed."""
    results = crashing.map(["close", "2"], isolate=True, workers=1, on_error="return")
    first, second = list(results)
    assert "crashed" == first.code
    assert "close: the process that encoded it " in str(first)
    assert [2] == outcome(second)


def test_output_of_a_plugin_is_error_output(crashing, capfd):
    """The output of a plugin's print goes to standard error, not among the replies."""
    assert [[0], [1]] == [outcome(a) for a in crashing.map(["print", "1"], isolate=True)]
    output = capfd.readouterr()
    assert ("", "x" * 100_000 + "\n") == (output.out, output.err)


def test_output_before_a_crash_is_not_lost(crashing, capfd, monkeypatch):
    """The output of a plugin's print is shown although its process crashes."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    (result,) = crashing.map(["shout"], isolate=True, on_error="return")
    assert ("crashed", "loud\n") == (result.code, capfd.readouterr().err)


def test_plugin_finds_standard_input_empty(crashing):
    """A plugin that reads standard input does not get the requests of its process."""
    results = crashing.map(["rest", "1"], isolate=True, workers=1)
    assert [[0], [1]] == [outcome(result) for result in results]


def test_error_with_another_constructor_keeps_its_class(crashing):
    """An error of a class of the plugin arrives with its class and the fields of EncodeError."""
    (result,) = crashing.map(["number"], isolate=True, workers=1, on_error="return")
    assert type(result) is sys.modules["netencoders_crashing"].NumberError
    assert ("bad number 7", "bad-number", "number") == (result.message, result.code, result.source)


@pytest.mark.parametrize("isolate", [False, True])
def test_exception_of_the_input_is_raised_or_returned(crashing, isolate):
    """An exception of the input's own code is raised as it is, or returned as an EncodeError."""
    with pytest.raises(ConnectionResetError, match="Connection reset by peer") as caught:
        list(crashing.map(["reset"], isolate=isolate, workers=1))
    assert 104 == caught.value.errno
    results = crashing.map(["reset", "2"], isolate=isolate, workers=1, on_error="return")
    first, second = list(results)
    assert ("unreadable", "reset", 0) == (first.code, first.source, first.index)
    assert "reading fails with ConnectionResetError: [Errno 104] Connection" in first.message
    assert [2] == outcome(second)


def test_encoder_is_sent_once_to_a_process(isolated, monkeypatch):
    """A process gets the encoder with its first input only."""
    sent = []
    request = frames.request
    monkeypatch.setattr(frames, "request", lambda value: sent.append(value) or request(value))
    assert [[1], [2], [3]] == [outcome(isolated.encode(value)) for value in "123"]
    assert 1 == len([value for value in sent if isinstance(value, NetEncoder)])
    isolated._workers[0]._process.kill()
    isolated._workers[0]._process.wait()
    assert [4] == outcome(isolated.encode("4"))
    assert 2 == len([value for value in sent if isinstance(value, NetEncoder)])


def raise_at(number, function):
    """Call a function; raise KeyboardInterrupt at a line of the package, counted from 0.

    Return whether the function ended before.
    """
    folder = os.path.dirname(process.__file__)
    lines = iter(range(number + 1))

    def trace(frame, event, argument):
        if not frame.f_code.co_filename.startswith(folder):
            return None
        if event == "line" and next(lines, None) is None:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    except KeyboardInterrupt:
        return False
    finally:
        sys.settrace(before)
    return True


def test_interrupt_at_any_line_leaves_no_process(crashing, monkeypatch):
    """After an interrupt at any line, the encoder works, and its end leaves no process."""
    started = []

    class Recorded(process.subprocess.Popen):
        """A process that is remembered by its id."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self.pid)

    monkeypatch.setattr(process.subprocess, "Popen", Recorded)
    monkeypatch.setattr(process, "_SERVE", FAST)
    ended, line = False, 0
    while not ended:
        encoder = IsolatedEncoder(crashing, timeout=600)
        ended = raise_at(line, lambda: [encoder.encode("a"), encoder.encode("b"), encoder.close()])  # noqa: B023 - it is called at once
        # The exception may come where the mask of signals is restored, which SIGINT itself cannot.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        if not encoder._closed:
            assert [1] == outcome(encoder.encode("c"))
        encoder.close()
        line += 11
    assert line > 200
    assert len(started) > 20
    for number in started:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


def test_closing_cancels_an_input_of_another_thread(isolated, hanging):
    """An input that is encoded when the processes end has the code `cancelled`."""
    found = []

    def run():
        with pytest.raises(EncodeError) as caught:
            isolated.encode("hang")
        found.append(caught.value.code)

    thread = threading.Thread(target=run)
    thread.start()
    while not os.listdir(hanging):
        threading.Event().wait(0.01)
    isolated.close()
    thread.join()
    assert ["cancelled"] == found


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_command_and_its_processes(crashing, hanging, tmp_path, number, workers):
    """SIGINT and SIGTERM end `encode --isolate` while its processes hang, and leave none.

    They hang for longer than pytest waits for a test.
    """
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("hang")
    files = [os.path.join(".", f"{name}.txt") for name in "ab"]
    code = "import sys; from netencoders.cli import main; sys.exit(main())"
    options = ["-e", "Crashing", "-o", "out", "--isolate", "--workers", workers]
    command = [sys.executable, "-c", code, "encode", *files, *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = process.subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=-1, text=True)
    while len(os.listdir(hanging)) < int(workers):
        threading.Event().wait(0.01)
    running.send_signal(number)
    assert "interrupted: no file is half-written\n" == running.communicate()[1]
    assert 128 + number == running.returncode
    assert int(workers) == len(os.listdir(hanging))
    for started in os.listdir(hanging):
        with pytest.raises(ProcessLookupError):
            os.kill(int(started), 0)


def test_interrupt_of_map_ends_its_processes_first(crashing, hanging, monkeypatch):
    """An interrupt of `map` kills the processes that hang, so that no thread waits for them."""
    monkeypatch.setattr("netencoders.workers.JOIN", 1e6)  # seconds

    def values():
        yield "hang"
        while not os.listdir(hanging):
            threading.Event().wait(0.01)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(crashing.map(values(), isolate=True, workers=2))
    (started,) = os.listdir(hanging)
    with pytest.raises(ProcessLookupError):
        os.kill(int(started), 0)

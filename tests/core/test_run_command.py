"""The command `run`: saved nets for files; and `show` and `verify` for saved nets."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    NetChain,
    NetEncoder,
    NetGraph,
    RowLayer,
    Varying,
    registered,
)
from netencoders.cli import main
from netencoders.cli.json_values import json_line
from netencoders.policies import current

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"


class Numbers(Encoder):
    """The numbers in a text file."""

    name = "Numbers"
    inputs = ("path", "audio")  # a policy about audio is one about these files

    def output(self):
        """Return the form."""
        return ArraySpec((Varying, 1), minimum=0)

    def encode(self, value):
        """Return a column."""
        words = Path(value).read_text().split()
        if "policy" in words:
            words = [len(current("truncated", "error"))]
        if "bad" in words:
            raise EncodeError("not a number", code="malformed", source=str(value))
        if "crash" in words:
            raise RuntimeError("two\nlines")
        if "interrupt" in words:
            raise KeyboardInterrupt
        if "warn" in words:
            warnings.warn("careful", UserWarning, stacklevel=2)
            words = [0]
        return np.array(words, np.float32).reshape(-1, 1)


class Words(Encoder):
    """The number of characters of a text."""

    name = "Words"
    inputs = ("text",)

    def output(self):
        """Return the form."""
        return ArraySpec((1,), "int64")

    def encode(self, value):
        """Return the number."""
        if value == "refuse":
            raise EncodeError("no words", code="malformed")
        return np.array([len(value)])


class Bytes(Words):
    """The number of bytes of a path or a file object."""

    name = "Bytes"
    inputs = ()

    def encode(self, value):
        """Read all, from the place where the file object is."""
        return np.array([len(value.read() if hasattr(value, "read") else Path(value).read_bytes())])


class One(Numbers):
    """Has a signal, of one number."""

    name = "One"

    def encode(self, value):
        """Return a number."""
        return np.ones((1, 1), np.float32)

    def probe_signals(self):
        """Return a signal."""
        return {"Ones": 1}

    def probe_input(self, signal, length):
        """Return a name."""
        return "one.txt"


class Objects(Numbers):
    """Takes no files."""

    name = "Objects"
    inputs = ("object",)


class Checked(RowLayer):
    """Refuses negative numbers, and gives infinity for 9."""

    name = "Checked"

    def infer(self, form):
        """Return the form."""
        return form

    def apply(self, rows):
        """Return the rows."""
        if (rows < 0).any():
            raise ValueError("negative")
        return rows


@pytest.fixture(autouse=True)
def _toys(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETENCODERS_WORKERS", raising=False)
    with registered(Numbers, Words, Bytes, One, Objects, Checked):
        NetChain(["Checked"], Input="Numbers").save("net.netz")
        yield


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: exit code, output lines, error lines."""

    def run(*arguments):
        code = main([*map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return run


def texts(**contents):
    """Write a .txt file for each keyword; return their names."""
    for name, content in contents.items():
        Path(f"{name}.txt").write_text(content)
    return [f"{name}.txt" for name in contents]


def lines(out):
    """Return the inputs and outputs of JSON lines."""
    return [(line["input"], line["output"]) for line in map(json.loads, out)]


def several():
    """Save a net of two output ports."""
    layers = {"a": "Checked", "b": "Mean"}
    edges = [("In", "a", "Rows"), ("In", "b", "Mean")]
    NetGraph(layers, edges, In="Numbers").save("two.netz")
    return "two.netz"


def both():
    """Save a net of two input ports, one of paths and one of content."""
    NetGraph({"a": "Checked", "b": "Cast"}, [("P", "a"), ("T", "b")], P="Numbers", T="Words").save(
        "both.netz"
    )
    return "both.netz"


# JSON lines


@pytest.mark.parametrize(
    "options", [[], ["--workers", 3], ["--batch-size", 2], ["--workers", 2, "--batch-size", 9]]
)
def test_each_file_is_a_line(run, options):
    """Each file is a line of JSON, in order, for any workers and batches."""
    names = texts(a="1 2", b="3", c="")
    code, out, err = run("run", "net.netz", *names, *options)
    assert (0, []) == (code, err)
    expected = [("a.txt", [[1.0], [2.0]]), ("b.txt", [[3.0]]), ("c.txt", [])]
    assert expected == lines(out)


def test_isolated_processes_give_the_same(run):
    """--isolate encodes in processes."""
    NetChain(["Log", "Mean"], Input="AudioMelSpectrogram").save("mel.netz")
    code, out, err = run("run", "mel.netz", SPEECH, SPEECH, "--isolate", "--timeout", 60)
    assert (0, []) == (code, err)
    assert run("run", "mel.netz", SPEECH, SPEECH)[1] == out
    net = NetGraph.load("mel.netz")
    np.testing.assert_array_equal(net(SPEECH), np.float32(lines(out)[0][1]))


def test_outputs_of_several_ports_are_a_mapping(run):
    """A net of several output ports gives each by its name; --port chooses one."""
    (name,) = texts(a="2 4")
    assert [("a.txt", {"Rows": [[2.0], [4.0]], "Mean": [[3.0]]})] == lines(
        run("run", several(), name)[1]
    )
    assert [("a.txt", [[3.0]])] == lines(run("run", "two.netz", name, "--port", "Mean")[1])


def test_each_file_goes_to_all_ports(run):
    """A net of several input ports gets each file at all of them."""
    (name,) = texts(a="7 8")
    assert [("a.txt", {"Output1": [[7.0], [8.0]], "Output2": [3.0]})] == lines(
        run("run", both(), name)[1]
    )


def test_port_may_have_a_file_of_its_own(run):
    """--input gives a port the same file for all inputs; the others get each file."""
    names = texts(a="7 8", b="9", c="abcd")
    found = lines(run("run", both(), *names[:2], "--input", "T=c.txt")[1])
    assert [("a.txt", [4.0]), ("b.txt", [4.0])] == [(name, out["Output2"]) for name, out in found]
    assert [[[7.0], [8.0]], [[9.0]]] == [out["Output1"] for _, out in found]


def test_failure_at_a_port_of_its_own_names_its_file(run):
    """A failure names the file of --input, whether the command or the encoder finds it."""
    texts(a="7", bad="refuse")
    Path("broken.txt").write_bytes(b"\xff")
    net = both()
    for name, problem in {"gone": "no such file", "broken": "the byte", "bad": "no words"}.items():
        code, out, err = run("run", net, "a.txt", "--input", f"T={name}.txt")
        assert (3, []) == (code, out)
        assert err[0].startswith(f"error: {name}.txt: {problem}")


def test_model_runs_from_the_file(run, dense):
    """The model of a net file is made by its reader."""
    net = NetChain([dense(1, 2)], Input="Numbers")
    net.save("dense.netz")
    (name,) = texts(a="1 2")
    assert [("a.txt", net(name).tolist())] == lines(run("run", "dense.netz", name)[1])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            np.float32([0.1, 1 / 3, 1e30, 16777216, -0.0]),
            "[0.1, 0.33333334, 1e+30, 16777216.0, -0.0]",
        ),
        (np.float16([0.1, 65504]), "[0.1, 65500.0]"),
        (np.float64([0.1, 1 / 3]), "[0.1, 0.3333333333333333]"),
        (np.float32(0.1), "0.1"),
        (np.int64([2**62]), "[4611686018427387904]"),
        (np.array([True, False]), "[true, false]"),
        (np.complex64([0.1 + 2j]), "[[0.1, 2.0]]"),
        (np.array(["a\n", "ü"]), '["a\\n", "\\u00fc"]'),
        (np.zeros((0, 3), np.float32), "[]"),
        (np.zeros((2, 0), np.float32), "[[], []]"),
        ({"B": np.float32(1), "A": np.int8([2])}, '{"B": 1.0, "A": [2]}'),
    ],
)
def test_numbers_have_the_fewest_digits(value, text):
    """Numbers are the shortest that their type reads again; arrays are nested lists."""
    assert f'{{"input": "a", "output": {text}}}' == json_line("a", value)


def test_long_arrays_are_converted_in_blocks():
    """More elements than a block survive, in order and shape."""
    array = np.random.default_rng(0).normal(size=(3, 50_000)).astype(np.float32)
    np.testing.assert_array_equal(array, np.float32(json.loads(json_line("a", array))["output"]))


def test_name_that_is_not_unicode_is_escaped(run):
    """The line is ASCII for any name."""
    name = os.fsdecode(b"\xff.txt")
    Path(name).write_text("1")
    assert [(name, [[1.0]])] == lines(run("run", "net.netz", name)[1])


@pytest.mark.parametrize("value", [np.inf, np.nan, -np.inf])
def test_numbers_that_json_does_not_have_are_refused(value):
    """NaN and infinity are no JSON."""
    with pytest.raises(ValueError, match="the result has infinity or NaN, which JSON cannot hold"):
        json_line("a", np.array([1, value]))


def test_other_elements_are_refused():
    """Dates and objects are no JSON."""
    with pytest.raises(ValueError, match="the result has the type object, which JSON cannot hold"):
        json_line("a", np.array([{}], object))


def test_result_that_json_does_not_hold_is_a_failure(run, monkeypatch):
    """The line has the file and the remedy."""
    monkeypatch.setattr(
        "netencoders.cli.run_files.json_line", lambda *given: json_line("a", np.inf)
    )
    (name,) = texts(a="1")
    code, out, err = run("run", "net.netz", name)
    assert (3, []) == (code, out)
    expected = "error: a.txt: the result has infinity or NaN, which JSON cannot hold "
    assert [f"{expected}(write a .npy file: -o OUT)"] == err


# Files


def test_arrays_are_written(run):
    """-o writes one .npy file for one input, and a folder for several."""
    names = texts(a="1 2", b="3")
    assert (0, ["x.npy  float32 (2, 1)"], []) == run("run", "net.netz", "a.txt", "-o", "x.npy")
    assert [[1], [2]] == np.load("x.npy").tolist()
    expected = ["out/a.npy  float32 (2, 1)", "out/b.npy  float32 (1, 1)"]
    assert (0, expected, []) == run("run", "net.netz", *names, "-o", "out")
    assert [[3]] == np.load("out/b.npy").tolist()
    assert ["a.npy", "b.npy"] == sorted(os.listdir("out"))


def test_leftovers_of_killed_runs_are_removed_from_folders_of_results(run):
    """As `encode` does: the unfinished files of the folders of the targets are removed."""
    names = texts(a="1 2", b="3")
    Path("out").mkdir()
    Path("out/.netencoders-0123456789abcdef.part").write_bytes(b"x")
    Path(".netencoders-0123456789abcdef.part").write_bytes(b"x")
    code, _, err = run("run", "net.netz", *names, "-o", "out")
    assert 0 == code
    assert ["out: 1 unfinished file of a run that was killed removed"] == err
    assert ["a.npy", "b.npy"] == sorted(os.listdir("out"))
    assert (0, []) == run("run", "net.netz", "a.txt", "--quiet", "-o", "x.npy")[::2]
    assert [] == [*Path().glob(".netencoders-*")]


def test_several_ports_are_written_to_npz(run):
    """Several output ports are the arrays of one .npz file; one port is a .npy file."""
    (name,) = texts(a="2 4")
    code, out, _ = run("run", several(), name, "-o", "x.npz")
    assert (0, ["x.npz  Rows float32 (2, 1), Mean float32 (1, 1)"]) == (code, out)
    with np.load("x.npz") as arrays:
        assert {"Rows": [[2], [4]], "Mean": [[3]]} == {k: arrays[k].tolist() for k in arrays}
    assert 0 == run("run", "two.netz", name, "-o", "x.npy", "--port", "Mean", "-q")[0]
    assert [[3]] == np.load("x.npy").tolist()


def test_port_may_be_named_as_an_argument_of_numpy(run):
    """A port named file, which numpy.savez does not take."""
    NetGraph(
        {"a": "Checked", "b": "Mean"}, [("In", "a", "file"), ("In", "b", "B")], In="Numbers"
    ).save("odd.netz")
    (name,) = texts(a="5")
    assert 0 == run("run", "odd.netz", name, "-o", "x.npz", "-q")[0]
    assert [[5]] == np.load("x.npz")["file"].tolist()


def test_quiet_prints_failures_only(run):
    """With -q, written files are not listed; JSON lines are the result, and stay."""
    names = texts(a="1", b="bad")
    code, out, err = run("run", "net.netz", *names, "-o", "out", "-q", "--on-error", "continue")
    assert (3, [], 2) == (code, out, len(err))
    assert 1 == len(run("run", "net.netz", "a.txt", "-q")[1])


def test_existing_file_needs_force(run):
    """An output that exists is refused before the net is evaluated."""
    (name,) = texts(a="1")
    Path("x.npy").write_text("mine")
    expected = ["error: x.npy: exists already (--force overwrites it)"]
    assert (2, [], expected) == run("run", "net.netz", name, "-o", "x.npy")
    assert 0 == run("run", "net.netz", name, "-o", "x.npy", "--force")[0]
    assert [[1]] == np.load("x.npy").tolist()


def test_file_that_cannot_be_written_is_a_failure(run, monkeypatch):
    """The target is named, and the exit code is that of a failed input."""
    (name,) = texts(a="1")

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("netencoders.cli.npy.write_blocks", full)
    code, _, err = run("run", "net.netz", name, "-o", "x.npy")
    assert (3, ["error: a.txt: x.npy cannot be written: No space left on device"]) == (code, err)
    assert not Path("x.npy").exists()


# Failures


def test_first_failure_stops(run):
    """By default the first failure ends the command, after the results before it."""
    names = texts(a="1", b="bad", c="3")
    code, out, err = run("run", "net.netz", *names, "--workers", 1)
    assert (3, [("a.txt", [[1.0]])]) == (code, lines(out))
    assert ["error: b.txt: not a number", "stopped: 1 of 3 inputs were evaluated"] == err


@pytest.mark.parametrize("options", [[], ["--batch-size", 4], ["--workers", 3]])
def test_command_may_continue(run, options):
    """--on-error continue reports each failure, and their number at the end."""
    names = texts(a="1", b="bad", c="-3", d="4", e="crash")
    names.insert(2, "gone.txt")
    code, out, err = run("run", "net.netz", *names, "--on-error", "continue", *options)
    assert 1 == code  # e.txt is a bug
    assert [("a.txt", [[1.0]]), ("d.txt", [[4.0]])] == lines(out)
    assert 5 == len(err)
    assert "error: b.txt: not a number" == err[0]
    assert err[1].startswith("error: gone.txt: ")
    assert err[2].startswith("error: c.txt: ")
    assert "negative" in err[2]
    assert "'Checked'" in err[2]
    assert err[3].startswith("error: e.txt: ")
    assert "two" in err[3]
    assert "4 of 6 inputs failed" == err[4]


def test_failure_of_a_layer_names_the_layer(run, dense, monkeypatch):
    """An exception of a model has its class, the file, and the layer."""
    NetChain([("weights", dense(1, 2))], Input="Numbers").save("dense.netz")

    def fails(self, arrays):
        raise MemoryError("too\nlarge")

    monkeypatch.setattr("netencoders.graph.models.ModelLayer._run_group", fails)
    (name,) = texts(a="1")
    code, out, err = run("run", "dense.netz", name)
    expected = "error: a.txt: MemoryError: too; large (in layer 'weights' of the net)"
    assert (3, [], [expected]) == (code, out, err)
    _, _, more = run("run", "dense.netz", name, "--debug")
    assert any("Traceback" in line for line in more)
    assert expected == more[-1]


def test_content_that_cannot_be_read_is_a_failure_in_its_place(run):
    """Files that the command itself reads fail like others, and in order."""
    NetChain(["Cast"], Input="Words").save("words.netz")
    names = texts(a="ab", c="c")
    Path("b.txt").write_bytes(b"\xff")
    names = ["gone.txt", names[0], "b.txt", names[1], "gone2.txt"]
    code, out, err = run("run", "words.netz", *names, "--on-error", "continue")
    assert (3, [("a.txt", [2.0]), ("c.txt", [1.0])]) == (code, lines(out))
    assert ["gone.txt", "b.txt", "gone2.txt"] == [line.split(": ")[1] for line in err[:3]]
    assert "3 of 5 inputs failed" == err[3]


def test_failure_of_content_names_the_file(run):
    """An encoder that gets the content does not know the name of the file."""
    NetChain(["Cast"], Input="Words").save("words.netz")
    (name,) = texts(a="refuse")
    assert (3, [], ["error: a.txt: no words"]) == run("run", "words.netz", name)


@pytest.mark.filterwarnings("default:careful:UserWarning")  # shown, not raised
def test_warnings_are_lines(run):
    """A warning is one line, and no failure."""
    (name,) = texts(a="warn")
    code, out, err = run("run", "net.netz", name)
    assert (0, 1, ["warning: careful"]) == (code, len(out), err)


def test_policies_are_options(run):
    """The policies of plugins hold while the net runs."""
    (name,) = texts(a="policy")
    assert [("a.txt", [[4.0]])] == lines(
        run("run", "net.netz", name, "--truncated", "warn", "--workers", 2)[1]
    )


@pytest.mark.parametrize("options", [[], ["-o", "out"], ["--batch-size", 2]])
def test_interrupt_leaves_no_half_written_file(run, options):
    """An interruption is one line, and whole files stay."""
    names = texts(a="1", b="interrupt")
    code, _, err = run("run", "net.netz", *names, "--workers", 1, *options)
    assert (130, ["interrupted: no file is half-written"]) == (code, err)
    assert [] == list(Path().rglob("*.part"))


# Usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["net.netz"], "the following arguments are required: FILE (see netencoders run --help)"),
        (["gone.netz", "a"], "gone.netz: no such file (check the path)"),
        (["a.txt", "a"], "a.txt: this is not a zip file (name a file that net.save has written)"),
        (["net.netz", "a", "--force"], "--force needs -o: it overwrites files"),
        (["net.netz", "a", "--batch-size", "0"], "--batch-size 0: must be at least 1"),
        (["net.netz", "a", "--timeout", "5"], "--timeout needs --isolate (a thread cannot be sto"),
        (["net.netz", "a", "--isolate", "--timeout", "-5"], "--timeout -5: must be more than 0"),
        (["net.netz", "a", "--workers", "0"], "workers must be an integer >= 1. Got 0."),
        (["net.netz", "a", "--port", "Outpt"], "net.netz: the net has no output port 'Outpt'. Di"),
        (["net.netz", "a", "--port", "x"], "net.netz: the net has no output port 'x'. It has: Ou"),
        (["net.netz", "a", "b", "-o", "x.npy"], "x.npy: several inputs need a folder, not a .npy"),
        (["net.netz", "a", "-o", "x.npz"], "x.npz: the output file of one input must end in .npy"),
        (["net.netz", "-", "-"], "-: standard input is given twice (it can be read once)"),
        (["net.netz", "a", "-p", "A=1"], "unrecognized arguments: -p A=1 (see netencoders --help)"),
        (["form.netz", "a"], "form.netz: the input port 'Input' has no encoder, so it takes no f"),
        (["objects.netz", "a"], "Objects: the command reads files, and this encoder takes object"),
        (["net.netz", "a", "--input", "T"], "--input T: write PORT=FILE, such as --input Text=que"),
        (["net.netz", "a", "--input", "T="], "--input T=: write PORT=FILE"),
        (["net.netz", "a", "--input", "Inpt=b"], "net.netz: the net has no input port 'Inpt'. Did"),
        (
            ["net.netz", "a", "--input", "x=b"],
            "net.netz: the net has no input port 'x'. It has: In",
        ),
        (["net.netz", "a", "--input", "Input=b"], "--input Input=b: all input ports have a file"),
        (["both.netz", "a", "--input", "T=b", "--input", "T=c"], "--input T=c: the port 'T' has"),
        (["both.netz", "a", "--input", "T=-"], "--input T=-: only FILE is standard input (give"),
        (["net.netz", "a", "--verify"], "the net has no probe to compare with"),
    ],
)
def test_wrong_usage_is_one_line(run, arguments, message):
    """The exit code is 2, and the line has the remedy."""
    texts(a="1")
    NetChain(["Checked"], Input=ArraySpec((Varying, 1))).save("form.netz")
    NetChain(["Checked"], Input="Objects").save("objects.netz")
    both()
    code, out, err = run("run", *arguments)
    assert (2, [], 1) == (code, out, len(err))
    assert err[0].startswith(f"error: {message}")


def test_verify_comes_before_the_files(run, monkeypatch):
    """--verify evaluates the probe first; the exit code of a difference is 1."""
    NetChain(["Mean"], Input="AudioMelSpectrogram").save("mel.netz")
    assert (0, []) == run("run", "mel.netz", SPEECH, "--verify")[::2]
    net = NetGraph.load("mel.netz")
    probe = net.probe()
    probe["values"][0]["value"] += 1e6
    net.save("mel.netz", force=True, probe=probe)
    code, out, err = run("run", "mel.netz", SPEECH, "--verify")
    assert (1, [], 1) == (code, out, len(err))
    assert err[0].startswith("error: mel.netz: the net: the net does not give the values of its")


# Standard input


@pytest.mark.parametrize("options", [[], ["--isolate"], ["--workers", "2"]])
def test_dash_is_standard_input(options, tmp_path):
    """`-` is standard input, alone and beside files, as for encode."""
    net = NetChain(["Mean"], Input="AudioMelSpectrogram")
    net.save("mel.netz")
    command = [sys.executable, "-m", "netencoders", "run", "mel.netz"]
    for names in (["-"], [str(SPEECH), "-"]):
        with open(SPEECH, "rb") as source:
            done = subprocess.run(
                [*command, *names, *options], stdin=source, capture_output=True, text=True
            )
        assert (0, "") == (done.returncode, done.stderr)
        for name, array in lines(done.stdout.splitlines()):
            assert name in names
            np.testing.assert_array_equal(net(SPEECH), np.float32(array))


def test_standard_input_goes_to_all_ports():
    """Each port reads all of standard input."""
    layers = {"mel": "Mean", "wave": "Mean"}
    edges = [("A", "mel", "Mel"), ("B", "wave", "Wave")]
    net = NetGraph(layers, edges, A="AudioMelSpectrogram", B="AudioSpectrogram")
    net.save("two.netz")
    with open(SPEECH, "rb") as source:
        command = [sys.executable, "-m", "netencoders", "run", "two.netz", "-"]
        done = subprocess.run(command, stdin=source, capture_output=True, text=True)
    assert (0, "") == (done.returncode, done.stderr)
    (line,) = lines(done.stdout.splitlines())
    np.testing.assert_equal(
        net({"A": SPEECH, "B": SPEECH}),
        {port: np.float32(value) for port, value in line[1].items()},
    )


@pytest.mark.parametrize("names", [["-"], ["-", "b.txt"]])
def test_each_port_reads_standard_input_from_its_beginning(run, monkeypatch, names):
    """A port that reads to the end leaves all of it to the other one."""
    layers = {"a": "Cast", "b": "Cast"}
    NetGraph(layers, [("A", "a"), ("B", "b")], A="Bytes", B="Bytes").save("two.netz")
    texts(a="12345", b="12")
    with open("a.txt") as source:
        monkeypatch.setattr(sys, "stdin", source)
        code, out, err = run("run", "two.netz", *names, "--workers", 1)
    assert (0, []) == (code, err)
    assert ("-", {"Output1": [5.0], "Output2": [5.0]}) == lines(out)[0]


def test_reader_that_ends_is_no_error():
    """`| head` closes the pipe: the command ends without a message."""
    NetChain(["Log"], Input="AudioMelSpectrogram").save("mel.netz")
    command = [sys.executable, "-m", "netencoders", "run", "mel.netz", *[str(SPEECH)] * 8]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(10)
    process.stdout.close()
    assert (b"", 0) == (process.stderr.read(), process.wait())
    process.stderr.close()


@pytest.mark.parametrize("options", [[], ["--isolate"]])
def test_signal_ends_the_command(options):
    """Ctrl-C ends it with one line and the code 130, also while it waits for a pipe."""
    NetChain(["Log"], Input="AudioMelSpectrogram").save("mel.netz")
    line = [sys.executable, "-m", "netencoders", "run", "mel.netz", *options, "-", "-o", "arrays/"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not os.path.isdir("arrays"):  # it exists just before the first input is read
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
    assert (130, b"interrupted: no file is half-written\n") == (process.returncode, err)
    assert [] == os.listdir("arrays")


# show and verify


def test_show_prints_a_net(run, dense):
    """The picture, a row for each layer and each file, versions and digests."""
    inner = NetChain([("log", {"Log": {"Floor": 0.5}})])
    net = NetChain([("inner", inner), ("weights", dense(1, 2))], Input="Numbers")
    net.save("dense.netz")
    code, out, err = run("show", "dense.netz")
    assert (0, []) == (code, err)
    text = "\n".join(out)
    assert repr(net) == out[0]
    assert max(map(len, out)) <= 120
    assert re.search(r"^Output +output +weights +float32 \(Varying, 2\)$", text, re.MULTILINE)
    assert f"digest      {net.digest}" == out[-1]
    assert any(line.startswith("saved with  netencoders ") for line in out)
    rows = [line.split() for line in out]
    assert ["inner", "NetChain"] in rows
    log = NetEncoder("Numbers").then("Log", Floor=0.5).layers[0]
    assert any(row[:2] == ["inner.log", "Log"] and row[-1] == log.digest[:12] for row in rows)
    assert ["weights", "Dense"] in rows
    assert any(row[:3] == ["weights.npy,", "136", "bytes"] for row in rows)


def test_show_prints_the_probe(run):
    """The signals of the probe are named."""
    NetChain(["Log"], Input="AudioMelSpectrogram").save("mel.netz")
    assert "probe       16 values for Syllables, for verify" in run("show", "mel.netz")[1]
    NetChain(["Checked"], Input="One").save("one.netz")
    assert "probe       1 value for Ones, for verify" in run("show", "one.netz")[1]


def test_show_json_prints_the_document(run):
    """--json prints the content of net.yaml, and the forms of the ports."""
    code, out, _ = run("show", "net.netz", "--json")
    shown = json.loads("\n".join(out))
    assert 0 == code
    assert ("net.netz", "NetChain", [["Checked"]][0]) == (
        shown["file"],
        shown["kind"],
        [*shown["layers"]],
    )
    assert NetGraph.load("net.netz").digest == shown["digest"]
    assert ["Varying", 1] == shown["forms"]["inputs"]["Input"]["dims"]
    assert ["Varying", 1] == shown["forms"]["outputs"]["Output"]["dims"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--yaml"], "error: --yaml: net.netz is a saved net, and not an encoder"),
        (["-p", "A=1"], "error: -p: net.netz is a saved net, and not an encoder"),
    ],
)
def test_show_of_a_net_has_no_options_of_encoders(run, options, message):
    """--yaml and -p are of encoders."""
    assert (2, [], [message]) == run("show", "net.netz", *options)


def test_verify_takes_nets(run):
    """`verify` compares saved nets, beside specs."""
    NetChain(["Log"], Input="AudioMelSpectrogram").save("mel.netz")
    code, out, err = run("verify", "mel.netz", "Whisper", "net.netz")
    assert (2, 1) == (code, len(err))
    assert out[0].startswith("mel.netz  16 values, largest difference 0")
    assert err[0].startswith("error: net.netz: the net has no probe to compare with")

"""The command line: called in this process with toy encoders, and run as a process."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

import netencoders.cli
from netencoders import (
    ArraySpec,
    Automatic,
    Axis,
    EncodeError,
    Encoder,
    Integer,
    NetEncoder,
    Parameter,
    PluginError,
    Varying,
    WorkerPool,
    plot,
    registered,
    workers,
)
from netencoders.cli import _parser, encode_files, main
from netencoders.command import BUILT_IN_COMMANDS
from netencoders.policies import RESERVED_POLICIES
from netencoders.registry import declared_policies

DATA = Path(__file__).parents[1] / "data"
SPEECH = DATA / "speech_16k_mono.wav"
HANGUP = [signal.SIGHUP] if hasattr(signal, "SIGHUP") else []  # not on Windows


class Numbers(Encoder):
    """Read a text of numbers, and return each number and its double."""

    name = "Numbers"
    parameters = (
        Parameter("Scale", Integer(min=1), 1, automatic=lambda: 7, doc="a factor", unit="m"),
    )

    def output(self):
        """Return the form."""
        axes = (Axis("time", "s", 0.5), Axis("frequency", "Hz", 100))
        return ArraySpec((Varying, 2), "float32", axes, "power")

    def encode(self, value):
        """Return all rows."""
        return np.concatenate(list(self.stream(value)))

    def stream(self, value):
        """Yield one row at a time; some words raise exceptions."""
        try:
            words = Path(value).read_text().split()
        except OSError as error:
            raise EncodeError("cannot be read", source=value, remedy="write it") from error
        for word in words:
            number = self._number(word, value)
            yield np.array([[number, 2 * number]], np.float32) * self.resolved["Scale"]

    def _number(self, word, value):
        match word:
            case "crash":
                raise RuntimeError("two\nlines")
            case "exit":
                raise SystemExit(5)
            case "interrupt":
                raise KeyboardInterrupt
            case "warn":
                warnings.warn("first line\nsecond line", UserWarning, stacklevel=2)
                return 0
            case "conflict":  # another program creates the output file
                Path("out.npy").write_text("theirs")
                return 0
        if not word.isdecimal():
            raise EncodeError(f"{word!r} is not a number", code="malformed", source=value)
        return int(word)


class WrongRows(Numbers):
    """Declares four rows, and yields blocks of other sizes."""

    name = "WrongRows"

    def output(self):
        """Return the form."""
        return ArraySpec((4, 2))

    def stream(self, value):
        """Yield blocks of the sizes in the input."""
        for word in Path(value).read_text().split():
            yield np.zeros((int(word), 2), np.float32)


class ThreeDimensional(Numbers):
    """Declares an array of three dimensions."""

    name = "ThreeDimensional"

    def output(self):
        """Return the form."""
        return ArraySpec((Varying, 2, 2))


@pytest.fixture(autouse=True)
def toys(tmp_path, monkeypatch):
    """Change to an empty folder, and register the toy encoders."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETENCODERS_WORKERS", raising=False)
    with registered(Numbers, WrongRows, ThreeDimensional):
        yield


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: exit code, output lines, error lines."""

    def run(*arguments):
        code = main([*map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return run


@pytest.fixture
def encode(run):
    """Return a function that runs `encode` with the toy encoder."""
    return lambda *arguments: run("encode", "-e", "Numbers", *arguments)


def texts(**contents):
    """Write a .txt file for each keyword; return their names."""
    for name, content in contents.items():
        Path(f"{name}.txt").write_text(content)
    return [f"{name}.txt" for name in contents]


def files(folder="."):
    """Return the names below a folder, including hidden ones."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


# list, plugins, show


def test_list_shows_each_encoder_on_a_line(run):
    """Each encoder is a line: name, summary, provider."""
    code, out, _ = run("list")
    assert 0 == code
    assert ["encoder", "summary", "provider"] == re.split(" {2,}", out[0])
    (line,) = (line for line in out if line.startswith("Numbers "))
    assert "Read a text of numbers, and return each number and its double." in line
    assert re.search(r"this process \(.*test_cli\)$", line)


def test_plugins_shows_each_plugin_on_a_line(run):
    """Each plugin is a line: distribution, version, entry point, items."""
    code, out, _ = run("plugins")
    assert 0 == code
    assert ["distribution", "version", "entry point", "provides"] == re.split(" {2,}", out[0])
    (line,) = (line for line in out if re.match(r"netencoders +\S+ +audio ", line))
    assert "AudioSpectrogram" in line


def test_show_prints_parameters_output_and_digest(run):
    """The text shows the given and the resolved parameters, the output and the digest."""
    encoder = NetEncoder("Numbers", Scale=Automatic)
    code, out, err = run("show", "Numbers", "-p", "Scale=Automatic")
    assert (0, []) == (code, err)
    assert [repr(encoder), "Read a text of numbers, and return each number and its double."] == out[
        :2
    ]
    assert ["Scale", "Automatic", "7", "m", "a factor"] == re.split(" {2,}", out[5])
    assert ["output", "float32 (Varying, 2) power"] == re.split(" {2,}", out[7])
    assert "  time       0.5 s per step (2 per second), from 0 s" == out[8]
    assert f"digest       {encoder.digest}" == out[-1]


def test_show_json_prints_the_same_as_json(run):
    """--json shows the same in JSON."""
    encoder = NetEncoder("Numbers", Scale=Automatic)
    _, out, _ = run("show", "--name", "Numbers", "-p", "Scale=Automatic", "--json")
    shown = json.loads("\n".join(out))
    axes = [
        {"name": "time", "unit": "s", "step": 0.5, "start": 0.0},
        {"name": "frequency", "unit": "Hz", "step": 100, "start": 0.0},
    ]
    dims = {"dims": ["Varying", 2], "minimum": 1, "stream_axis": 0}
    assert {"dtype": "float32", **dims, "quantity": "power", "axes": axes} == shown["output"]
    assert ({"Scale": "Automatic"}, {"Scale": 7}) == (shown["parameters"], shown["resolved"])
    assert ("Numbers", encoder.digest) == (shown["encoder"], shown["digest"])


def test_show_yaml_with_pin_states_the_digest(run):
    """--pin states the digest in the spec, and is refused without --yaml."""
    encoder = NetEncoder("Numbers", Scale=5)
    _, out, _ = run("show", "Numbers", "-p", "Scale=5", "--yaml", "--pin")
    assert encoder.to_yaml(pin=True) == "\n".join([*out, ""])
    assert (2, [], ["error: --pin needs --yaml: it states the digest in the spec"]) == run(
        "show", "Numbers", "--pin"
    )


def test_show_yaml_prints_a_spec(run):
    """--yaml is a spec that declares the same encoder."""
    _, out, _ = run("show", "Numbers", "-p", "Scale=5", "--yaml")
    assert NetEncoder("Numbers", Scale=5) == NetEncoder.from_yaml("\n".join([*out, ""]))


@pytest.fixture
def spec():
    """Return the name of a file that declares two encoders."""
    declared = "{name: Two, encoder: Numbers, parameters: {Scale: 2}}"
    derived = "{name: Again, encoder: Two}"
    name = "two\nlines.yaml"
    Path(name).write_text(f"schema: 1\nencoders:\n  - {declared}\n  - {derived}\n")
    return name


@pytest.mark.parametrize("choice", [["Again"], ["--name", "Two"], ["Two", "-p", "Scale=2"]])
def test_show_of_a_spec_selects_and_overrides(run, spec, choice):
    """A name selects an encoder of a spec, and -p overrides its parameters."""
    code, out, _ = run("show", "--spec", spec, *choice)
    assert (0, 'NetEncoder("Numbers", Scale=2)') == (code, out[0])


def test_encode_uses_the_encoder_of_a_spec(run, spec):
    """`encode` uses the encoder that a spec declares."""
    arguments = ["--spec", spec, "-e", "Again", "-p", "Scale=3", *texts(a="1 2"), "-o", "a.npy"]
    assert (0, ["a.npy  float32 (2, 2)"], []) == run("encode", *arguments)
    assert [[3, 6], [6, 12]] == np.load("a.npy").tolist()


@pytest.mark.parametrize("name", ["./one.yaml", "one.yaml", "two.yaml:Two", "two.yaml:Again"])
def test_file_is_accepted_where_a_name_is(run, name):
    """`show`, `encode` and `plot` take a YAML file, or one of its encoders, as an encoder."""
    Path("one.yaml").write_text("schema: 1\nencoder: Numbers\nparameters: {Scale: 2}\n")
    declared = (
        "[{name: Two, encoder: Numbers, parameters: {Scale: 2}}, {name: Again, encoder: Two}]"
    )
    Path("two.yaml").write_text(f"schema: 1\nencoders: {declared}\n")
    for arguments in ([name], ["-e", name]):
        assert (0, 'NetEncoder("Numbers", Scale=2)') == (
            (found := run("show", *arguments))[0],
            found[1][0],
        )
    code, out, _ = run("show", name, "-p", "Scale=3", "--yaml")
    assert (0, "  Scale: 3") == (code, out[-1])
    texts(a="1 2")
    assert 0 == run("encode", "a.txt", "-e", name, "-o", "a.npy")[0]
    assert [[2, 4], [4, 8]] == np.load("a.npy").tolist()
    assert 0 == run("plot", "a.txt", "-e", name, "-o", "a.png")[0]
    assert Path("a.png").stat().st_size > 1000


def test_problems_of_a_file_in_the_place_of_a_name(run):
    """A missing file, a list without a choice, and a config of another tool are errors."""
    Path("two.yaml").write_text(
        "schema: 1\nencoders: [{name: A, encoder: Numbers}, {name: B, encoder: Numbers}]\n"
    )
    Path("fbank.conf").write_text("--num-mel-bins=80\n")
    for name, message in {
        "no.yaml": "no.yaml: there is no such file.",
        "no.conf": "no.conf: there is no such file.",
        "two.yaml": "two.yaml: declares several encoders. Choose by name from: 'A', 'B'.",
        "fbank.conf": (
            "fbank.conf, line 1, column 1: an encoder must be a mapping (key: value). Got "
            "'--num-mel-bins=80' (for the config of another tool: "
            "netencoders import fbank.conf > fbank.yaml)"
        ),
    }.items():
        assert (2, [], [f"error: {message}"]) == run("show", name)
        assert (2, [], [f"error: {message}"]) == run("encode", "a", "-e", name, "-o", "a.npy")


def test_yaml_values_have_the_line_that_is_meant(run):
    """Words and numbers of another form, in a spec and after -p, name the right value."""
    values = {
        "SampleRate": ("16_000", "Write SampleRate=16000"),
        "Normalization": ("none", "Write Normalization=None (null in YAML)"),
        "TargetLength": ("all", "Write TargetLength=All (a word in YAML; in Python, from net"),
        "WindowSize": ("0.025", "Write WindowSize='25 ms'"),
        "Offset": ("auto", "Write Offset=Automatic (a word in YAML; in Python, from net"),
    }
    lines = "".join(f"  {name}: {value}\n" for name, (value, _) in values.items())
    Path("bad.yaml").write_text(f"schema: 1\nencoder: AudioSpectrogram\nparameters:\n{lines}")
    given = [f"-p{name}={value}" for name, (value, _) in values.items()]
    for arguments in (["bad.yaml"], ["AudioSpectrogram", *given]):
        code, _, [line] = run("show", *arguments)
        assert 2 == code
        places = [line.index(expected) for _, expected in values.values()]
        assert sorted(places) == places  # in the order of the declarations


def test_no_argument_shows_the_help(run):
    """The bare command shows the help, and is no error."""
    help_text = run("--help")
    assert help_text == run()
    assert help_text == run("--debug")
    assert (0, []) == (help_text[0], help_text[2])


def test_unknown_option_names_the_option_for_parameters(run):
    """An option with the name of a parameter is answered with -p, for commands that have it."""
    hint = "; a parameter is -p NAME=VALUE (see netencoders --help)"
    option = ["--hop_length", "3"]
    for arguments in (["show", "Numbers"], ["encode", "a", "-o", "a.npy"]):
        code, _, [line] = run(*arguments, *option)
        assert (2, f"error: unrecognized arguments: --hop_length 3{hint}") == (code, line)
    _, _, [line] = run("plugins", *option)
    assert "error: unrecognized arguments: --hop_length 3 (see netencoders --help)" == line


# diff


@pytest.mark.parametrize("file", ["one.yaml", "./Numbers", "a:b"])
def test_diff_of_equal_declarations_is_empty(run, spec, file):
    """Declarations of the same values have no differences, in any file: exit code 0."""
    Path(file).write_text("schema: 1\nencoder: Numbers\nparameters: {Scale: 2}\n")
    digest = NetEncoder("Numbers", Scale=2).digest
    for pair in ((file, f"{spec}:Two"), (f"{spec}:Again", file)):
        assert (0, [f"no differences: both have the digest {digest}"], []) == run("diff", *pair)


def test_diff_of_a_name_ignores_a_file_of_that_name(run):
    """A name is not a file, even if a file of that name exists."""
    Path("Numbers").write_text("not a spec")
    assert 0 == run("diff", "Numbers", "Numbers")[0]


def test_diff_prints_each_difference(run, spec):
    """A difference is a row with its meaning, below the given names: exit code 5."""
    code, out, err = run("diff", "Numbers", f"{spec}:Again")
    assert (5, []) == (code, err)
    assert [
        "parameter  Numbers  two\\nlines.yaml:Again  unit  meaning",
        "---------  -------  ---------------------  ----  --------",
        "Scale      1        2                      m     a factor",
    ] == out


def test_diff_of_two_encoders_shows_their_names(run):
    """Two encoders differ by name, even with equal parameters."""
    code, out, _ = run("diff", "Numbers", "ThreeDimensional")
    assert (5, 3) == (code, len(out))
    assert ["encoder name", "'Numbers'", "'ThreeDimensional'"] == re.split(r"  +", out[2])[:3]


# encode


def test_one_input_is_written_to_one_file(encode):
    """One input is written to one .npy file, in a new folder, without other files."""
    assert (0, ["new/folder/x.npy  float32 (3, 2)"], []) == encode(
        *texts(a="1 2 3"), "-p", "Scale=10", "-o", "new/folder/x.npy"
    )
    assert [[10, 20], [20, 40], [30, 60]] == np.load("new/folder/x.npy").tolist()
    assert ["x.npy"] == files("new/folder")
    assert Path("a.txt").stat().st_mode == Path("new/folder/x.npy").stat().st_mode


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_several_inputs_are_written_to_a_folder(encode, workers):
    """Several inputs are written to a folder and reported in order, for any number of threads."""
    names = texts(**{f"n{number}": "5 " * (number + 1) for number in range(20)})
    Path("b.c").write_text("1")
    code, out, err = encode(*names, "b.c", "-o", "out", "--workers", workers)
    expected = [f"out/n{number}.npy  float32 ({number + 1}, 2)" for number in range(20)]
    assert (0, [*expected, "out/b.npy  float32 (1, 2)"], []) == (code, out, err)
    assert all((n + 1, 2) == np.load(f"out/n{n}.npy").shape for n in range(20))
    assert 21 == len(files("out"))


def test_one_input_is_written_into_an_existing_folder(encode):
    """One input is written to an existing folder, or to a name that ends in a separator."""
    Path("there").mkdir()
    assert ["there/a.npy  float32 (1, 2)"] == encode(*texts(a="1"), "-o", "there")[1]
    assert ["made/a.npy  float32 (1, 2)"] == encode("a.txt", "-o", "made/")[1]


def test_result_replaces_the_last_suffix(encode):
    """The last suffix of a name is replaced; a name without a suffix is kept."""
    for name in ("a.b.txt", ".hidden", "bare"):
        Path(name).write_text("1")
    encode("a.b.txt", ".hidden", "bare", "-o", "out")
    assert [".hidden.npy", "a.b.npy", "bare.npy"] == files("out")


def test_quiet_hides_success_only(encode):
    """With -q, success is silent and failure is not."""
    assert (0, [], []) == encode(*texts(a="1", b="2"), "-o", "out", "-q")
    assert 1 == len(encode(*texts(c="x"), "-o", "c.npy", "-q")[2])


def test_existing_output_is_kept_without_force(encode):
    """An existing file is kept; --force replaces it by a complete file."""
    Path("a.npy").write_text("mine")
    code, out, err = encode(*texts(a="1"), "-o", "a.npy")
    assert (2, [], ["error: a.npy: exists already (--force overwrites it)"]) == (code, out, err)
    assert "mine" == Path("a.npy").read_text()
    assert 0 == encode("a.txt", "-o", "a.npy", "--force")[0]
    assert [[1, 2]] == np.load("a.npy").tolist()
    Path("a.txt").write_text("1 x")
    assert 3 == encode("a.txt", "-o", "a.npy", "--force")[0]
    assert [[1, 2]] == np.load("a.npy").tolist()


def test_output_created_by_another_program_is_kept(encode):
    """A file that another program creates during the encoding is kept."""
    code, _, err = encode(*texts(a="conflict"), "-o", "out.npy")
    problem = "out.npy cannot be written: a file of this name was created in the meantime"
    assert (3, [f"error: a.txt: {problem}"]) == (code, err)
    assert "theirs" == Path("out.npy").read_text()
    assert ["a.txt", "out.npy"] == files()


def test_two_inputs_with_one_output_are_refused(encode):
    """Two inputs with the same output file are refused before the encoding."""
    Path("sub").mkdir()
    Path("sub/a.wav").write_text("1")
    code, out, err = encode(*texts(b="1", a="1"), "sub/a.wav", "-o", "out")
    expected = "error: a.txt and sub/a.wav: both would be written to out/a.npy "
    assert (2, [], [expected + "(encode them into different folders, or with --keep-tree)"]) == (
        code,
        out,
        err,
    )
    assert not Path("out").exists()


def test_output_that_is_an_input_is_refused(encode):
    """No input is overwritten under any name, even with --force."""
    Path("a.npy").write_text("1")
    Path("link.npy").symlink_to("a.npy")
    for name in ("a.npy", "./a.npy", "link.npy"):
        code, _, err = encode("a.npy", "-o", name, "--force")
        shown = name.removeprefix("./")
        assert (2, f"error: {shown}: is one of the inputs (choose another -o)") == (code, err[0])
    assert "1" == Path("a.npy").read_text()


@pytest.mark.parametrize(
    ("inputs", "out", "message"),
    [
        (["a.txt"], "a", "a: the output file of one input must end in .npy (for a folder"),
        (["a.txt"], "", "-o is empty (name a file or a folder)"),
        (["a.txt", "b.txt"], "c.npy", "c.npy: several inputs need a folder, not a .npy file (name"),
        (["a.txt", "b.txt"], "there", "there/b.npy: exists and is not a file"),
        (["a.txt", "b.txt"], "a.txt", "a.txt: is a file; several inputs need a folder (choose"),
        (["a.txt"], "a.txt/x.npy", "a.txt/x.npy: the folder cannot be created: File exists"),
    ],
)
def test_output_that_cannot_be_written_is_refused(encode, inputs, out, message):
    """An output that cannot be written is refused before the encoding."""
    texts(a="1", b="2")
    Path("there/b.npy").mkdir(parents=True)
    before = files()
    code, lines, err = encode(*inputs, "-o", out, "--force")
    assert (2, [], 1) == (code, lines, len(err))
    assert err[0].startswith(f"error: {message}")
    assert before == files()


def test_error_of_the_system_names_the_file(encode):
    """An error of the system names the file."""
    code, _, err = encode(*texts(a="1"), "-o", "x" * 300 + "/")
    assert (2, "error: " + "x" * 300) == (code, err[0][:307])
    assert err[0].endswith(": File name too long")


# failures


def test_first_failing_input_stops_the_command(encode):
    """The first failing input stops the command; files that are written are kept and counted."""
    names = texts(a="1", b="x", c="2", d="y")
    code, out, err = encode(*names, "-o", "out", "--workers", 1)
    expected = ["error: b.txt: 'x' is not a number", "stopped: 1 of 4 inputs were written"]
    assert (3, ["out/a.npy  float32 (1, 2)"], expected) == (code, out, err)
    assert ["a.npy"] == files("out")


def test_first_failing_input_stops_several_threads(encode):
    """All files that are written are reported, and only the first failure."""
    names = texts(a="x", **{f"n{number}": "1 y"[: number % 2 * 2 + 1] for number in range(30)})
    code, out, err = encode(*names, "-o", "out", "--workers", 4)
    count = len(files("out"))
    expected = ["error: a.txt: 'x' is not a number", f"stopped: {count} of 31 inputs were written"]
    assert (3, count, expected) == (code, len(out), err)


@pytest.mark.parametrize("workers", [1, 3])
def test_continue_reports_and_counts_each_failure(encode, workers):
    """Each failure is a line, and the last line counts them."""
    names = texts(a="1", b="x", c="2", d="y")
    code, out, err = encode(*names, "-o", "out", "--on-error", "continue", "--workers", workers)
    failures = ["error: b.txt: 'x' is not a number", "error: d.txt: 'y' is not a number"]
    assert (3, 2, [*failures, "2 of 4 inputs failed"]) == (code, len(out), err)
    assert ["a.npy", "c.npy"] == files("out")


def test_missing_input_is_one_line_with_the_remedy(encode):
    """A failing input is one line with the remedy."""
    assert (3, [], ["error: no.txt: cannot be read (write it)"]) == encode("no.txt", "-o", "a.npy")
    assert [] == files()


@pytest.mark.parametrize("mode", ["stop", "continue"])
def test_bug_of_an_encoder_is_one_line_and_exit_code_1(encode, mode):
    """A bug of an encoder is one line and exit code 1."""
    names = texts(a="x", b="1 crash")
    code, _, err = encode(*names[::-1], "-o", "out", "--on-error", mode)
    assert 1 == code
    assert "error: b.txt: Numbers raised RuntimeError: two\\nlines (this is a bug of the" in err[0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1 2", "dimensions (3, 2) do not fit (4, 2)"),
        ("3 2", "dimensions (5, 2) do not fit (4, 2)"),
        ("", "there is no block to write"),
    ],
)
def test_array_of_another_form_is_not_written(run, rows, message):
    """An array without the declared form is not written."""
    code, _, err = run("encode", "-e", "WrongRows", *texts(a=rows), "-o", "a.npy")
    assert (1, 1) == (code, len(err))
    expected = f"error: a.txt: WrongRows breaks its declaration: {message} (this is a bug"
    assert err[0].startswith(expected)
    assert ["a.txt"] == files()
    assert 0 == run("encode", "-e", "WrongRows", *texts(a="1 3"), "-o", "a.npy")[0]
    assert (4, 2) == np.load("a.npy").shape


def test_exit_of_an_encoder_does_not_end_the_command(encode):
    """An encoder cannot end the command."""
    code, _, err = encode(*texts(a="1 exit"), "-o", "a.npy")
    assert (1, 1) == (code, len(err))
    assert err[0].startswith("error: SystemExit: 5 (this is a bug, please report it")
    assert ["a.txt"] == files()


def test_interrupt_leaves_no_file(encode):
    """An interruption leaves no file, and prints one line."""
    expected = ["interrupted: no file is half-written"]
    assert (130, [], expected) == encode(*texts(a="1 interrupt"), "-o", "a.npy")
    assert ["a.txt"] == files()


@pytest.mark.filterwarnings("default:first line:UserWarning")  # shown, not raised
@pytest.mark.parametrize("workers", [1, 2])
def test_warning_is_one_line(encode, workers):
    """A warning is one line without Python's source."""
    names = texts(a="warn", b="1")
    code, out, err = encode(*names, "-o", "out", "--workers", workers)
    assert (0, 2, ["warning: first line; second line"]) == (code, len(out), err)


def test_encode_works_in_a_thread(encode):
    """The command also works in a thread, which receives no signals."""
    codes = []
    names = texts(a="1", b="2")
    thread = threading.Thread(target=lambda: codes.append(encode(*names, "-o", "out")[0]))
    thread.start()
    thread.join()
    assert [0] == codes


# wrong usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lst"], "invalid choice: 'lst'"),
        (["list", "--frob"], "unrecognized arguments: --frob"),
        (["encode", "a.txt"], "required: -o/--output (see netencoders encode --help)"),
        (["encode", "a", "-o", "a.npy", "--out", "b"], "unrecognized arguments: --out b"),
        (["encode", "a", "-o", "a.npy", "--workers", "0"], "workers must be an integer >= 1"),
        (["encode", "a", "-o", "a.npy", "--workers", "x"], "invalid int value: 'x'"),
        (["encode", "a", "-o", "a.npy", "--on-error", "cry"], "invalid choice: 'cry'"),
        (["encode", "a", "-o", "a.npy", "-e", "Nmbers"], "Did you mean 'Numbers'?"),
        (["show"], "no encoder is named (netencoders list shows all encoders)"),
        (["show", "Numbers", "--name", "Numbers"], "two encoders are named"),
        (["show", "Numbers", "--json", "--yaml"], "not allowed with argument --json"),
        (["show", "Numbers", "--spec", "no.yaml"], "no.yaml"),
        (["show", "Numbers", "-p", "Scale"], "-p Scale: must have the form NAME=VALUE"),
        (["show", "Numbers", "-p", "=3"], "-p =3: must have the form NAME=VALUE"),
        (["show", "Numbers", "-p", "Scale=1", "-p", "Scale=2"], "Scale is given twice"),
        (["show", "Numbers", "-p", "Scale=[1"], "-p Scale=[1: "),
        (["show", "Numbers", "-p", "Scale=0"], "Numbers: 'Scale' must be an integer >= 1 or Auto"),
        (
            ["show", "Numbers", "-p", "Scale=x", "-p", "scale=2"],
            "must be an integer >= 1 or Automatic. Got 'x'; unknown parameter 'scale'. Did you",
        ),
        (["show", "Numbers", "-p", "self=1"], "unknown parameter 'self'"),
        (["diff", "Numbers"], "the following arguments are required: B (see netencoders diff --h"),
        (["diff", "Numbers", "Numbers", "-p", "Scale=2"], "unrecognized arguments: -p Scale=2"),
        (["diff", "Numbers", "Nmbers"], "no encoder 'Nmbers'. Did you mean 'Numbers'?"),
        (["diff", "no.yaml", "Numbers"], "no.yaml: there is no such file"),
        (["diff", "Numbers", "no.yaml:Two"], "no.yaml: there is no such file"),
        (
            ["diff", "Numbers", ""],
            "an encoder's name is empty (netencoders list shows all encoders)",
        ),
        (["plot", "a.txt", "-o", "a.bmp"], "a.bmp: the name of a picture must end in one of .jpg"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(run, arguments, message):
    """A wrong argument is one line and exit code 2."""
    code, out, err = run(*arguments)
    assert (2, [], 1) == (code, out, len(err))
    assert err[0].startswith("error: ")
    assert message in err[0]


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_shows_the_traceback_of_an_error(run, place):
    """--debug, before or after the command, shows the traceback above the line."""
    before, after = (["--debug"], []) if place == "before" else ([], ["--debug"])
    code, _, err = run(*before, "show", "Nmbers", *after)
    assert (2, "Traceback (most recent call last):") == (code, err[0])
    assert err[-1].startswith("error: no encoder 'Nmbers'")


def test_debug_shows_the_traceback_of_a_bug(run):
    """--debug shows the traceback of a bug."""
    _, _, err = run("encode", "-e", "Numbers", *texts(a="exit"), "-o", "a.npy", "--debug")
    assert any("in _number" in line for line in err)


def test_version_and_help_print_to_standard_output(run):
    """--version and --help print to standard output."""
    code, out, _ = run("--version")
    assert (0, True) == (code, bool(re.fullmatch(r"netencoders \d+\.\d+\S*", out[0])))
    assert [] == [line for line in out[1:] if not re.fullmatch(r".* \(audio\): kernel .*", line)]
    for command in ([], ["list"], ["show"], ["diff"], ["encode"], ["plot"], ["plugins"]):
        code, out, _ = run(*command, "--help")
        usage = " ".join(["usage: netencoders", *command, ""])
        assert (0, usage) == (code, out[0][: len(usage)])


def test_version_and_show_name_the_engine(run):
    """--version and `show` print the text of `engine`, once for each plugin; bugs are left out."""

    class Compiled(Numbers):
        name = "Compiled"

        def engine(self):
            return "library 7"

    class Same(Compiled):
        name = "Same"

    class Broken(Numbers):
        name = "BrokenEngine"

        def engine(self):
            raise RuntimeError("boom")

    with registered(Compiled, Same, Broken):
        code, out, err = run("--version")
        assert (0, 1, []) == (code, sum(line.endswith(": library 7") for line in out), err)
        assert "engine       library 7" in run("show", "Compiled")[1]
        assert "library 7" == json.loads("".join(run("show", "Same", "--json")[1]))["engine"]
        with pytest.raises(PluginError, match=r"engine\(\) raises RuntimeError: boom"):
            NetEncoder("BrokenEngine").engine  # noqa: B018 - a property
    assert not any(line.startswith("engine") for line in run("show", "Numbers")[1])


# commands and policies of plugins


COUNTING_PLUGIN = """
from netencoders import Command, EncodeError, ParameterError, Policy
from netencoders.policies import current

def count(options):
    if options.mode == "exit":
        raise SystemExit(4)
    if options.mode == "interrupt":
        raise KeyboardInterrupt
    if isinstance(options.mode, str) and options.mode in globals():
        raise globals()[options.mode]
    if options.mode == "raise":
        raise RuntimeError("wrong number")
    if options.mode == "none":
        return None
    if options.mode == "true":
        return True
    if options.mode == "large":
        return 300
    print("mode", options.mode, options.run, options.debug)
    return 7

encode_error = EncodeError("no number", source="a.txt")
bug = EncodeError("no number", code="bug")
parameter_error = ParameterError("Count", ["two", "three"])
os_error = FileNotFoundError(2, "No such file", "b.txt")

def arguments(parser):
    parser.add_argument("mode")
    parser.add_argument("--run", type=int, default=1)

@hookimpl
def register_commands(register):
    register(Command("count", "count to 100%", count, arguments))
    register(Command("greet", "greet", lambda options: 0))
    register(Command("broken", "break", lambda options: 0, lambda parser: parser.no_such()))
    register(Command("twice", "add", lambda options: 0, lambda p: p.add_argument("--debug")))

@hookimpl
def register_policies(register):
    register(Policy("counting.step_of", ("low", "high"), "low", "count in 100% low, or high steps"))

def step(self, value):
    return np.full(1, {"low": 1, "high": 2}[current("counting.step_of", None)], np.float32)

@hookimpl
def register_encoders(register):
    register(made("Step", encode=step))
"""


@pytest.fixture
def counting_plugin(install):
    """Install a plugin that adds commands and a policy."""
    install("counting", COUNTING_PLUGIN)


def test_command_of_a_plugin_gets_its_arguments(run, counting_plugin):
    """The command gets its arguments, of any name, and the process exits with its code."""
    assert (7, ["mode fast 3 False"], []) == run("count", "fast", "--run", "3")
    assert (7, ["mode fast 1 True"], []) == run("--debug", "count", "fast")
    assert (0, [], []) == run("greet")


def test_help_lists_commands_of_plugins(run, counting_plugin):
    """--help lists the commands of plugins, and shows the arguments of each."""
    code, out, err = run("--help")
    assert (0, []) == (code, err)
    listed = [line.split()[0] for line in out if re.match("    [a-z]", line)]
    built_in = ["list", "show", "diff", "encode", "plot", "explain", "run"]
    built_in += ["verify", "probe", "import", "plugins"]
    assert [*built_in, "broken", "corpus", "count", "greet", "twice"] == listed
    assert any(line.endswith("count to 100%") for line in out)
    assert out == run("--help", "encode")[1]
    code, out, err = run("count", "--help")
    assert (0, [], True) == (code, err, any(line.startswith("  --run RUN") for line in out))


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["count"], 2, "the following arguments are required: mode (see netencoders count --help)"),
        (["count", "encode_error"], 3, "a.txt: no number"),
        (["count", "bug"], 1, "no number"),
        (["count", "parameter_error"], 2, "Count: two; three"),
        (["count", "os_error"], 2, "b.txt: No such file"),
    ],
)
def test_error_of_a_plugins_command_is_reported_as_usual(
    run, counting_plugin, arguments, code, expected
):
    """An error of netencoders or of the system is reported as for a built-in command."""
    assert (code, [], [f"error: {expected}"]) == run(*arguments)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["count", "raise"], "'count' raised RuntimeError: wrong number"),
        (["count", "exit"], "'count' raised SystemExit: 4"),
        (["count", "none"], "'count' returned None, not an exit code"),
        (["count", "true"], "'count' returned True, not an exit code"),
        (["count", "large"], "'count' returned 300, not an exit code"),
        (["broken"], "'broken' raised AttributeError: '_Parser' object has no attribute 'no_such'"),
        (["broken", "--help"], "'broken' raised AttributeError: '_Parser' object has no attribute"),
        (["twice"], "'twice' raised ArgumentError: argument --debug: conflicting option string"),
    ],
)
def test_bug_of_a_plugins_command_names_the_plugin(run, counting_plugin, arguments, expected):
    """For any other exception, the line names the plugin; --debug shows the traceback."""
    code, out, err = run(*arguments)
    assert (1, [], 1) == (code, out, len(err))
    assert err[0].startswith(f"error: plugin counting 2.1 (main): the command {expected}")
    assert err[0].endswith(
        "(this is a bug of the plugin, please report it there with the output of --debug)"
    )
    code, _, more = run(*arguments, "--debug")
    assert (1, "Traceback (most recent call last):", err[0]) == (code, more[0], more[-1])


BAD_ARGUMENTS = """
import sys
from netencoders import Command
from netencoders.policies import in_force

def declare(parser):
    parser.add_argument("--number", type=lambda text: 1 / 0)
    parser.add_argument("--end", type=lambda text: sys.exit(3))
    parser.add_argument("--percent", help="50%")
    parser.set_defaults(netencoders_run=print, netencoders_interrupted=4)
    parser.set_defaults(**{"policy truncated": "warn"})

@hookimpl
def register_commands(register):
    register(Command("pick", "pick one", lambda options: 6 + len(in_force()), declare))
"""


@pytest.mark.parametrize(
    ("arguments", "raised"),
    [
        (["--number", "1"], "ZeroDivisionError: division by zero"),
        (["--end", "1"], "SystemExit: 3"),
        (["--help"], "ValueError"),
    ],
)
def test_bug_in_the_arguments_of_a_command_names_the_plugin(run, install, arguments, raised):
    """An exception while arguments are parsed is reported as a bug of the plugin."""
    install("badarguments", BAD_ARGUMENTS)
    assert (6, [], []) == run("pick")
    code, out, err = run("pick", *arguments)
    assert (1, []) == (code, out)
    assert err[-1].startswith(
        f"error: plugin badarguments 2.1 (main): the command 'pick' raised {raised}"
    )


def test_interrupt_of_a_plugins_command_is_one_line(run, counting_plugin):
    """An interruption prints one line, which does not mention files."""
    assert (130, [], ["interrupted"]) == run("count", "interrupt")


@pytest.mark.filterwarnings("default::netencoders.PluginWarning")  # shown, not raised
def test_built_in_command_keeps_its_name(run, install):
    """A built-in command keeps its name; the warning names the plugin; its other commands work."""
    command = "    register(Command({!r}, 'x', lambda options: 6))\n"
    head = "from netencoders import Command\n@hookimpl\ndef register_commands(register):\n"
    install("other", head + command.format("plugins") + command.format("more"))
    code, out, err = run("plugins")
    expected = "the command 'plugins' is provided by netencoders (cli) and other 2.1 (main): "
    assert (0, 1) == (code, len(err))
    assert err[0].startswith(f"warning: {expected}")
    assert out[-1].startswith(f"failed: other 2.1 (main): {expected}")
    assert any(line.endswith("command plugins, command more") for line in out)
    assert 6 == run("more")[0]


def test_items_of_a_plugins_hook_are_counted(run, install):
    """A plugin that only implements the hook of another plugin is listed with its items."""
    install(
        "aa",
        "from netencoders import hookspec\nclass Specs:\n    @hookspec\n"
        "    def register_voices(self, register): ...\n"
        "@hookimpl\ndef register_hookspecs(register):\n    register(Specs)\n",
    )
    install("bb", "@hookimpl\ndef register_voices(register):\n    register(1)\n    register(2)\n")
    code, out, err = run("plugins")
    assert (0, []) == (code, err)
    assert any(re.fullmatch(r"bb +2\.1 +main +2 by register_voices", line) for line in out)


@pytest.mark.filterwarnings("default::netencoders.PluginWarning")  # shown, not raised
def test_built_in_commands_work_beside_a_broken_plugin(run, install):
    """Built-in commands and help work if a plugin cannot be loaded."""
    install("broken", "raise RuntimeError('boom')")
    for arguments in (["--help"], ["show", "Numbers"], ["encode", "--help"]):
        assert 0 == run(*arguments)[0]
    assert (0, []) == run("--version")[::2]


def test_strict_plugins_refuse_commands_beside_a_broken_plugin(run, install, monkeypatch):
    """With strict plugins, no command of a plugin runs if another plugin is broken."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("broken", "raise RuntimeError('boom')")
    install("counting", COUNTING_PLUGIN)
    expected = ["error: plugin broken 2.1 (main): cannot be loaded: RuntimeError: boom"]
    assert (2, [], expected) == run("greet")
    assert (0, []) == run("--version")[::2]


@pytest.mark.parametrize("columns", [80, 100, 200])
def test_tables_fit_the_terminal(run, monkeypatch, columns):
    """On a terminal, long cells are wrapped at its width; no word is lost."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    commands = (["show", "AudioMFCC"], ["show", "Log"], ["list"], ["diff", "Whisper", "Telephone"])
    for arguments in commands:
        code, out, _ = run(*arguments)
        assert code in (0, 5)
        rows = [line for line in out[2:] if not line.startswith("digest")]
        assert max(map(len, rows)) <= columns
    out = run("show", "AudioMFCC")[1]
    place = out[3].index("meaning")
    text = " ".join(line[place:] for line in out[5 : out.index("", 4)])
    meanings = " ".join(parameter.doc for parameter in NetEncoder("AudioMFCC").declarations)
    assert meanings.split() == text.split()


def test_show_is_the_same_without_a_terminal(run, monkeypatch):
    """Into a file or a pipe, `show` wraps at 120 characters, and `list` does not wrap."""
    shown = []
    for columns in ("60", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        shown.append(run("show", "AudioMFCC")[1])
    assert shown[0] == shown[1]
    table = shown[0][3 : shown[0].index("", 3)]
    assert 100 < max(map(len, table)) <= 120
    assert 120 < max(map(len, run("list")[1]))


def test_reserved_commands_are_those_of_the_parser():
    """The reserved names of commands are those of the parser."""
    assert {*_choices([])} - {"corpus"} == BUILT_IN_COMMANDS


def test_reserved_policies_are_the_options_of_commands():
    """A policy cannot take the name of an option of the commands that offer policies."""
    declared = {policy.option for _, policy in declared_policies().values()}
    options = {
        option
        for name in ("encode", "plot", "explain", "run")
        for option in _choices([name])[name]._option_string_actions
        if option.startswith("--")
    }
    names = {option.removeprefix("--").replace("-", "_") for option in options - declared}
    assert names | {"workers"} == RESERVED_POLICIES


def _choices(argv):
    """Return the parsers of the commands by name."""
    (action,) = (
        action
        for action in _parser(argv)[0]._actions
        if action.dest == "==SUPPRESS==" and action.choices
    )
    return action.choices


def test_policy_of_a_plugin_is_an_option_of_encode_and_plot(run, counting_plugin):
    """`encode` and `plot` offer the policy as an option, and set it while they run."""
    arguments = ["encode", *texts(a=""), "-e", "Step", "--force", "-o", "a.npy"]
    for option, expected in (
        ([], 1),
        (["--counting.step-of", "high"], 2),
        (["--counting.step-of", "low"], 1),
    ):
        assert 0 == run(*arguments, *option)[0]
        assert expected == np.load("a.npy")[0]
        assert 0 == run(*arguments, *option, "--isolate")[0]
        assert expected == np.load("a.npy")[0]
    code, _, err = run(*arguments, "--counting.step-of", "middle")
    assert (2, True) == (code, "argument --counting.step-of: invalid choice: 'middle'" in err[0])
    for name in ("encode", "plot"):
        shown = " ".join(" ".join(run(name, "--help")[1]).split())
        assert (
            "--counting.step-of {low,high} count in 100% low, or high steps (default: low)" in shown
        )
    assert 2 == run("show", "Step", "--counting.step-of", "low")[0]


def test_truncated_option_comes_from_the_audio_plugin(run):
    """The audio plugin provides the option for truncated files."""
    shown = " ".join(" ".join(run("encode", "--help")[1]).split())
    assert "--truncated {error,warn} refuse a truncated input, or warn" in shown
    source = Path(netencoders.cli.__file__).parent
    assert [] == [path for path in source.rglob("*.py") if "truncated" in path.read_text()]


# names


@pytest.mark.parametrize(
    "name", ["-a.txt", "two\nlines", "\udcff\udcfe", "\U0001f600 .x", "--", "-e"]
)
def test_unusual_name_is_an_input_after_two_dashes(encode, name):
    """After --, any name is an input, and an error names it on one line."""
    Path(name).write_text("1")
    code, out, err = encode("-o", "out/", "--", name)
    assert (0, 1, []) == (code, len(out), err)
    Path(name).write_text("x")
    code, out, err = encode("-o", "new/", "--", name)
    shown = name.replace("\n", "\\n").replace("\udcff\udcfe", "\\udcff\\udcfe")
    assert (3, [], [f"error: {shown}: 'x' is not a number"]) == (code, out, err)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_characters_that_a_stream_lacks_are_escaped(encode, monkeypatch, encoding):
    """A character that a stream cannot encode is escaped."""
    streams = {name: io.TextIOWrapper(io.BytesIO(), encoding) for name in ("stdout", "stderr")}
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    Path("\u20ac.txt").write_text("1")
    encode("\u20ac.txt", "-o", "out/")
    encode("no\u20ac.txt", "-o", "out/")
    actual = [stream.buffer.getvalue() for stream in streams.values() if not stream.flush()]
    shown = "\u20ac" if encoding == "utf-8" else "\\u20ac"
    assert f"out/{shown}.npy  float32 (1, 2)\n".encode(encoding) == actual[0]
    assert f"error: no{shown}.txt: cannot be read (write it)\n".encode(encoding) == actual[1]


def test_command_works_with_closed_streams(encode, monkeypatch):
    """The command works if the shell has closed its streams."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert 0 == encode(*texts(a="1"), "-o", "a.npy")[0]
    assert 3 == encode("no.txt", "-o", "b.npy")[0]


def test_progress_bar_does_not_mix_with_lines(encode, monkeypatch):
    """On a terminal, several files have a progress bar, which does not mix with the lines."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    names = texts(a="1", b="x", c="2")
    _, out, err = encode(*names, "-o", "out", "--on-error", "continue", "--workers", 1)
    assert 2 == len(out)
    assert "3/3" in err[-1] or any("0/3" in line for line in err)
    assert any(line.endswith("error: b.txt: 'x' is not a number") for line in err)
    assert [] == encode("a.txt", "-o", "one.npy")[2]
    assert [] == encode("a.txt", "c.txt", "-o", "quiet", "-q")[2]


# plot


def test_plot_draws_a_picture(run):
    """A picture is drawn, and nothing is printed."""
    arguments = ["plot", *texts(a="1 2 3"), "-e", "Numbers", "-o", "new/a.PNG"]
    assert (0, [], []) == run(*arguments)
    assert b"\x89PNG" == Path("new/a.PNG").read_bytes()[:4]
    expected = ["error: new/a.PNG: exists already (--force overwrites it)"]
    assert (2, [], expected) == run(*arguments)
    assert 0 == run(*arguments, "--force")[0]


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ("1 x", 3, "error: a.txt: 'x' is not a number"),
        ("crash", 1, "error: a.txt: Numbers raised RuntimeError"),
    ],
)
def test_plot_of_a_bad_input_leaves_no_picture(run, content, code, message):
    """A file that cannot be encoded leaves no picture."""
    got, _, err = run("plot", *texts(a=content), "-e", "Numbers", "-o", "a.png")
    assert (code, 1) == (got, len(err))
    assert err[0].startswith(message)
    assert ["a.txt"] == files()


def test_plot_of_three_dimensions_is_refused(run):
    """An output that cannot be drawn is refused before the encoding."""
    expected = (
        "error: ThreeDimensional: arrays of 3 dimensions cannot be drawn, only of 1 or 2: draw a "
        "part of the array by netencoders.plot.plot, or leave out the last layers"
    )
    assert (2, [], [expected]) == run("plot", "a.txt", "-e", "ThreeDimensional", "-o", "a.png")


def test_plot_without_matplotlib_names_the_remedy(run, monkeypatch):
    """The error for a missing matplotlib names the remedy."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    expected = ['error: plotting needs matplotlib (pip install "netencoders[plot]")']
    assert (2, [], expected) == run("plot", *texts(a="1"), "-e", "Numbers", "-o", "a.png")


def test_picture_that_fails_leaves_no_file(run, monkeypatch):
    """A picture that cannot be written leaves no file."""

    def full(figure, file, image_format):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plot, "save", full)
    code, _, err = run("plot", *texts(a="1"), "-e", "Numbers", "-o", "a.png")
    assert (2, ["error: [Errno 28] No space left on device"]) == (code, err)
    assert ["a.txt"] == files()


# as a process


def command(*arguments, **options):
    """Run the command as a process."""
    line = [sys.executable, "-m", "netencoders", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, **options)


def test_process_encodes_recordings():
    """A recording gives the array of Python, and a picture."""
    done = command("encode", SPEECH, "-p", "SampleRate=8000", "-o", "speech.npy")
    array = np.load("speech.npy")
    assert (0, f"speech.npy  float32 {array.shape}\n", "") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )
    expected = NetEncoder("AudioSpectrogram", SampleRate=8000)(str(SPEECH))
    assert expected.tobytes() == array.tobytes()
    done = command("plot", SPEECH, "-o", "speech.png")
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    assert b"\x89PNG" == Path("speech.png").read_bytes()[:4]


def test_process_exits_with_3_after_failures():
    """The exit code of the process is 3 if some inputs fail."""
    Path("page.wav").write_text("<html>")
    done = command("encode", SPEECH, "page.wav", "-o", "out", "--on-error", "continue")
    assert (3, 1) == (done.returncode, len(done.stdout.splitlines()))
    assert done.stderr.startswith("error: page.wav: ")
    assert done.stderr.endswith("\n1 of 2 inputs failed\n")


def test_plugin_that_failed_is_a_warning():
    """A plugin that fails is a warning of one line, and `plugins` lists the reason."""
    done = command("plugins", env=os.environ | {"NETENCODERS_SPECS": "no.yaml"})
    expected = "NETENCODERS_SPECS (no.yaml): cannot be read: SpecError: no.yaml: "
    assert (0, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert done.stderr.startswith(f"warning: plugin {expected}")
    assert done.stdout.splitlines()[-1].startswith(f"failed: {expected}")


def test_list_imports_no_heavy_library():
    """`list` does not import libraries that it does not need."""
    code = """
        import sys
        from netencoders.cli import main
        main(["list"])
        heavy = {"matplotlib", "tqdm", "scipy.signal", "multiprocessing"}
        print(sorted(heavy & set(sys.modules)))
    """
    line = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.splitlines()[-1]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_closed_pipe_does_not_stop_the_encoding(unbuffered):
    """A closed output pipe does not stop the encoding, and is not an error."""
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    line = [sys.executable, "-m", "netencoders", "encode", SPEECH, "-o", "a.npy"]
    done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, env=environment)
    os.close(writing)
    assert (0, b"") == (done.returncode, done.stderr)
    assert ["a.npy"] == files()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_full_standard_output_is_an_error(unbuffered):
    """Standard output that cannot be written is an error."""
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    line = [sys.executable, "-m", "netencoders", "list"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, env=environment)
    assert (2, b"error: standard output: No space left on device\n") == (
        done.returncode,
        done.stderr,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, *HANGUP])
@pytest.mark.parametrize("count", [1, 3])
def test_signal_ends_the_command_without_unfinished_files(number, count):
    """SIGINT, SIGTERM and SIGHUP end the command with one line and without unfinished files."""
    code = """
        import sys, time
        import numpy as np
        from netencoders import ArraySpec, Encoder, Varying, registered
        from netencoders.cli import main

        class Slow(Encoder):
            name = "Slow"
            def output(self):
                return ArraySpec((Varying, 1))
            def encode(self, value):
                return np.concatenate(list(self.stream(value)))
            def stream(self, value):
                while True:
                    yield np.zeros((1, 1), np.float32)
                    time.sleep(0.05)

        with registered(Slow):
            sys.exit(main(["encode", "-e", "Slow", "--workers", "2", "-o", "out/", *sys.argv[1:]]))
    """
    line = [sys.executable, "-c", textwrap.dedent(code), *map(str, range(count))]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while process.poll() is None and not list(Path().glob("out/.netencoders-*.part")):
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate()
    expected = b"interrupted: no file is half-written\n"
    assert (128 + number, b"", expected) == (process.returncode, out, err)
    assert [] == files("out")


@pytest.mark.skipif(not HANGUP, reason="needs SIGHUP")
def test_hangup_stays_ignored_after_nohup(monkeypatch):
    """A command that nohup started goes on when its terminal is closed."""
    seen = []
    monkeypatch.setattr(
        netencoders.cli, "_parse", lambda argv: seen.append(signal.getsignal(*HANGUP))
    )
    before = signal.signal(*HANGUP, signal.SIG_IGN)
    try:
        main(["list"])
        assert signal.SIG_IGN is signal.getsignal(*HANGUP)
    finally:
        signal.signal(*HANGUP, before)
    assert [signal.SIG_IGN] == seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("options", [["--workers", "1"], ["--workers", "3"], ["--isolate"]])
def test_signal_ends_the_command_at_any_moment(number, options):
    """A signal ends the command with its exit code, while it imports, starts or encodes."""
    header, size = SPEECH.read_bytes()[:40], 60_000_000  # half an hour
    Path("long.wav").write_bytes(header + size.to_bytes(4, "little") + b"\1\0" * (size // 2))
    code = "import sys; from netencoders.cli import main; print(1, flush=True); sys.exit(main())"
    line = [sys.executable, "-c", code, "encode", SPEECH, "long.wav", "-o", "out/", *options]
    line += ["-p", "Offset=16"]  # takes seconds
    for delay in (0, 0.4):
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        if delay:
            assert b"interrupted: no file is half-written\n" == err
            assert 128 + number == process.returncode
        else:  # perhaps before `main`
            assert process.returncode in (128 + number, -number)
        assert [] == [name for name in files("out") if name.startswith(".")]


def test_worker_threads_stop_between_blocks(monkeypatch):
    """A worker thread that writes a file stops at the next block if its pool ends."""
    monkeypatch.setattr(workers, "JOIN", 60)
    begun = threading.Event()

    def blocks():
        while True:
            begun.set()
            yield None

    pool = WorkerPool(1)
    task = pool.submit(list, encode_files._until_stopped(lambda: False, blocks()))
    assert begun.wait(60)
    assert pool.close()
    assert task.done


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_removes_the_file_of_an_encoder_that_does_not_end(number):
    """A thread that does not end in time is left alone, and its temporary file is removed."""
    code = """
        import sys, threading, time
        import numpy as np
        from netencoders import ArraySpec, Encoder, Varying, registered
        from netencoders.cli import main

        class Deaf(Encoder):
            name = "Deaf"
            def output(self):
                return ArraySpec((Varying, 1))
            def encode(self, value):
                return np.concatenate(list(self.stream(value)))
            def stream(self, value):
                yield np.zeros((1, 1), np.float32)
                if threading.current_thread() is not threading.main_thread():
                    print(1, flush=True)
                time.sleep(1000)

        with registered(Deaf):
            sys.exit(main(["encode", "-e", "Deaf", "--workers", "2", "-o", "out/", "a", "b", "c"]))
    """
    line = [sys.executable, "-c", textwrap.dedent(code)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (128 + number, b"interrupted: no file is half-written\n") == (process.returncode, err)
    assert [] == files("out")


def test_show_names_the_spec_of_an_encoder(capsys):
    """`show` names the spec beside its encoder, for each way to give the name."""
    for arguments in (["Telephone"], ["-e", "Telephone"], ["--name", "Telephone"]):
        assert 0 == main(["show", *arguments])
        out = capsys.readouterr().out
        assert 'NetEncoder("AudioSpectrogram", SampleRate=8000' in out
        assert "\ndeclared     as Telephone: " in out
        assert "(specs)\n" in out

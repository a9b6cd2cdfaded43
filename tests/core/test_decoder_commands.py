"""The command with decoders: `run` prints values, `list` and `show` have decoders."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_decoders import Choice, Odd, toys

from netencoders import (
    ArraySpec,
    Encoder,
    FileContent,
    Labels,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetGraph,
    Parameter,
)
from netencoders.cli import main
from netencoders.cli.json_values import json_line

Run = Callable[..., tuple[int, list[str], list[str]]]


class Pair(Encoder):
    """Two numbers in a text file."""

    name = "Pair"
    inputs = ("text",)

    def output(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((2,))

    def encode(self, value: Any) -> Any:
        """Return the array."""
        return np.array(value.split(), np.float32)


class Needing(Encoder):
    """It needs two parameters, and has the name of a decoder."""

    name = "Numbered"
    inputs = ("text",)
    parameters = (
        Parameter("Words", Labels(), doc="the words"),
        Parameter("Model", FileContent(".bin"), doc="the model"),
    )

    def output(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return the array."""
        return np.zeros(1, np.float32)


@pytest.fixture(autouse=True)
def _toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETENCODERS_WORKERS", raising=False)
    with toys(Pair, Needing, Odd):
        decoder = NetDecoder("Choice", ["cat", "dog"])
        NetChain(["Softmax"], Input="Pair", Output=decoder).save("net.netz")
        edges = [("Input", "a", "Choice"), ("Input", "b", "Raw"), ("Input", "c", "Two")]
        layers = {key: {"Clip": {"Low": -1.0}} for key in "abc"}
        NetGraph(layers, edges, Input="Pair", Choice=decoder, Two=decoder).save("two.netz")
        Path("a.txt").write_text("0 0")
        Path("b.txt").write_text("1 0.5")
        Path("bad.txt").write_text("-1 0")
        yield


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command: exit code, output lines, error lines."""

    def run(*arguments: object) -> tuple[int, list[str], list[str]]:
        code = main([*map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return run


def outputs(found: tuple[int, list[str], list[str]]) -> list[Any]:
    """Return the outputs of the lines of JSON."""
    code, out, err = found
    assert (0, []) == (code, err)
    return [json.loads(line)["output"] for line in out]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "cat"),
        (["--property", "Probabilities"], {"cat": 0.5, "dog": 0.5}),
        (["--property", "TopProbabilities=2"], [["cat", 0.5], ["dog", 0.5]]),
        (["--property", "TopProbabilities"], [["cat", 0.5]]),
        (["--property", "Output:Probabilities"], {"cat": 0.5, "dog": 0.5}),
        (["--property", "Array"], [0.5, 0.5]),
        (["--property", "none"], [0.5, 0.5]),
        (["--property", "Decision", "--property", "none"], [0.5, 0.5]),
    ],
)
def test_run_prints_values(run: Run, options: list[str], expected: Any) -> None:
    """A label, a mapping, a list and an array are JSON, for any workers and batches."""
    assert [expected] == outputs(run("run", "net.netz", "a.txt", *options))
    more = ["--workers", 2, "--batch-size", 2]
    found = outputs(run("run", "net.netz", "a.txt", "b.txt", *options, *more))
    assert expected == found[0]


def test_run_of_several_ports(run: Run) -> None:
    """A property is that of all decoders, or of one port; other ports are arrays."""
    raw = [1.0, 0.5]
    assert [{"Choice": "cat", "Raw": raw, "Two": "cat"}] == outputs(run("run", "two.netz", "b.txt"))
    options = ["--property", "Array", "--property", "Two:none", "--property", "Choice:Decision"]
    found = outputs(run("run", "two.netz", "b.txt", *options))
    assert [{"Choice": "cat", "Raw": raw, "Two": raw}] == found
    assert ["cat"] == outputs(run("run", "two.netz", "b.txt", "--port", "Two"))
    # A port that is not wanted is not decoded.
    assert [[-1.0, 0.0]] == outputs(run("run", "two.netz", "bad.txt", "--port", "Raw"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--property", "Probability"], "--property: Choice: .* Did you mean 'Probabilities'?"),
        (["--property", "Decision=2"], "the property 'Decision' has no options"),
        (["--property", "TopProbabilities=0"], "'Count' must be an integer >= 1. Got 0"),
        (["--property", "TopProbabilities=[1"], "--property TopProbabilities=.1: "),
        (["--property", "Raw:Decision"], "the output port 'Raw' has no decoder"),
        (["--property", "Two:Decision", "--port", "Choice"], "--port chooses another output port"),
        (["--property", "Decision", "--port", "Raw"], "no output port of the net has a decoder"),
        (["--property"], "argument --property: expected one argument"),
    ],
)
def test_wrong_properties_are_wrong_usage(run: Run, options: list[str], message: str) -> None:
    """A property that no decoder has is an error before any file is read."""
    code, out, err = run("run", "two.netz", "missing.txt", *options)
    assert (2, [], 1) == (code, out, len(err))
    assert re.search(message, err[0])


def test_output_needs_arrays(run: Run) -> None:
    """-o writes arrays: a label is a usage error with the remedy, an array is written."""
    code, out, err = run("run", "net.netz", "a.txt", "-o", "a.npy")
    assert (2, []) == (code, out)
    assert "the decoder of the output port 'Output' gives 'cat' (--property none" in err[0]
    assert not Path("a.npy").exists()
    for name in ("none", "Array"):
        assert 0 == run("run", "net.netz", "a.txt", "-o", "a.npy", "--property", name, "--force")[0]
        np.testing.assert_array_equal([0.5, 0.5], np.load("a.npy"))
    assert 0 == run("run", "two.netz", "a.txt", "-o", "a.npz", "--property", "none")[0]


def test_failure_of_a_decoder_names_file_and_port(run: Run) -> None:
    """A result that has no value exits with 3, and the line names the file and the port."""
    code, out, err = run("run", "two.netz", "a.txt", "bad.txt", "--on-error", "continue")
    assert (3, 1) == (code, len(out))
    assert (
        "error: bad.txt: an array of shape (2,): a probability is negative "
        "(at the output port 'Choice' of the net)"
    ) in err
    net = NetChain([{"Clip": {"Low": -1.0}}], Input="Pair", Output="Odd")
    net.save("odd.netz")
    assert (0, ['{"input": "a.txt", "output": null}'], []) == run("run", "odd.netz", "a.txt")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("dog", '"dog"'),
        (None, "null"),
        (np.bool_(True), "true"),
        (np.float32(0.1), "0.1"),
        (np.int8(-1), "-1"),
        (2**70, str(2**70)),
        (np.str_("a"), '"a"'),
        ({1: "a", "b": (np.float32(0.1), [])}, '{"1": "a", "b": [0.1, []]}'),
        ([("a", np.float16(0.1))], '[["a", 0.1]]'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_values_as_json(value: Any, text: str) -> None:
    """Scalars of numpy become numbers, and integers that are names become texts."""
    assert f'{{"input": "a", "output": {text}}}' == json_line("a", value)


def test_values_that_json_does_not_hold() -> None:
    """Bytes, NaN, other names, and two names of one text are refused."""
    nested: list[Any] = []
    nested.append(nested)
    for value, text in [
        (b"a", "the result has the type .*, which JSON cannot hold"),
        (float("nan"), "infinity or NaN"),
        ({"a": [np.float32("inf")]}, "infinity or NaN"),
        ({1.5: 1}, "the result has the name 1.5, which JSON cannot hold"),
        ({True: 1}, "the result has the name True, which"),
        ({1: 1, "1": 2}, "the result has two names '1' in JSON"),
        (object(), "the result has the type object"),
        (nested, "nested too deeply"),
    ]:
        with pytest.raises(ValueError, match=text):
            json_line("a", value)


def test_list_has_decoders(run: Run) -> None:
    """Each decoder is a line after the layers."""
    code, out, _ = run("list")
    assert 0 == code
    heading = next(place for place, line in enumerate(out) if line.startswith("decoder "))
    assert "" == out[heading - 1]
    assert any(re.match("Truth +Whether a number .* this process", line) for line in out[heading:])


def test_show_prints_a_decoder(run: Run) -> None:
    """Parameters, properties with their options, the form, and the digest."""
    decoder = NetDecoder("Choice", ["cat", "dog"], Threshold=0.5)
    options = ["-p", "Labels=[cat, dog]", "-p", "Threshold=0.5"]
    code, out, err = run("show", "Choice", *options)
    assert (0, []) == (code, err)
    assert repr(decoder) == out[0]
    text = "\n".join(out)
    assert re.search(r"Threshold +0\.5 +0\.5 +the smallest probability", text)
    assert re.search(r"TopProbabilities +Count=1, Percent=False +the most probable labels", text)
    assert re.search(rf"input +float32 \(2,\)\n.*\n.*\ndigest +{decoder.digest}", text)
    facts = json.loads("\n".join(run("show", "Choice", *options, "--json")[1]))
    assert ("Choice", [2]) == (facts["decoder"], facts["input"]["dims"])
    assert list(decoder.properties) == facts["properties"]
    assert 1 == facts["options"]["TopProbabilities"]["Count"]["default"]
    spec = "\n".join(run("show", "Choice", *options, "--yaml", "--pin")[1])
    assert decoder == NetDecoder.from_yaml(f"{spec}\n")
    assert "sha256" not in spec


def test_show_says_which_parameters_to_give(run: Run) -> None:
    """Without a required parameter, `show` prints the declaration and the options to give."""
    code, out, _ = run("show", "Choice")
    assert (0, "Choice: a decoder") == (code, out[0])
    assert "show   netencoders show Choice --decoder -p Labels=..." == out[-1]
    code, out, _ = run("show", "--decoder", "Numbered")
    assert (0, "Numbered: a decoder") == (code, out[0])
    code, out, err = run("show", "Choice", "--yaml")
    assert (2, []) == (code, out)
    assert "'Labels' is required" in err[0]


def test_name_of_both(run: Run) -> None:
    """Of an encoder and a decoder of one name, the encoder is shown, and names the option."""
    options = ["-p", "Words=[a]", "-p", "Model={asset: a.bin}"]
    Path("a.bin").write_bytes(b"1")
    code, out, _ = run("show", "Numbered", *options)
    assert (0, f"{NetEncoder('Numbered', Words=['a'], Model=b'1')!r}") == (code, out[0])
    assert "decoder  the same name has a decoder: netencoders show --decoder Numbered" in out[-1]
    code, out, _ = run("show", "--decoder", "Numbered", *options)
    assert (0, True) == (code, out[0].startswith("NetDecoder("))
    assert 2 == run("show", "--decoder", "net.netz:a")[0]
    code, _, err = run("show", "--decoder", "Audio")
    assert (2, True) == (code, "'Audio' is an encoder, and not a decoder" in err[0])
    code, _, err = run("show", "Chioce")
    assert "no encoder, no layer and no decoder 'Chioce'. Did you mean 'Choice'?" in err[0]
    assert Choice.name == "Choice"


def test_show_of_a_net_has_decoders(run: Run) -> None:
    """A saved net is shown with its decoders, their digests and their files."""
    words = [f"w{number}" for number in range(2000)]
    decoder = NetDecoder("Numbered", Words=words, Model=b"12")
    NetChain([{"Cast": {"Type": "int64"}}], Input="Pair", Output=decoder).save("words.netz")
    code, out, _ = run("show", "words.netz")
    text = "\n".join(out)
    assert 0 == code
    assert re.search(rf"Output +decoder +Numbered +{decoder.digest[:12]}", text)
    assert re.search(r"Model-\w{16}\.bin, 2 bytes", text)
    content = json.loads("\n".join(run("show", "words.netz", "--json")[1]))
    assert decoder.digest == content["decoders"]["Output"]["digest"]

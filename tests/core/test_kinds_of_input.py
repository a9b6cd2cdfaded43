"""The framework is not of one kind of input: each defect that was found with other kinds is a test.

The encoders here read texts, arrays and labels. tests/core/test_inputs.py has the rules in detail.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Asset,
    Decoder,
    EncodeError,
    Encoder,
    Integer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetGraph,
    Parameter,
    PluginError,
    Policy,
    Property,
    SpecError,
    Varying,
    registered,
)
from netencoders import Labels as LabelsType
from netencoders.cli import main
from netencoders.cli.file_inputs import file_input
from netencoders.inputs import KINDS
from netencoders.registry import declared_policies

SPEECH = str(Path(__file__).parents[1] / "data" / "speech_16k_mono.wav")


class Letters(Encoder):
    """The code of each character of a text."""

    name = "Letters"
    inputs = ("text",)
    parameters = (Parameter("Shift", Integer(min=0), default=0, doc="is added to each code"),)

    def output(self) -> ArraySpec:
        """Return the form of a row for each character."""
        return ArraySpec((Varying,), "int64", minimum=0)

    def encode(self, value: str) -> Any:
        """Return the codes."""
        codes = [ord(letter) + self.resolved["Shift"] for letter in value]
        return np.array(codes, np.int64)


class Label(Encoder):
    """The index of one of three labels."""

    name = "Label"
    inputs = ("text",)
    labels = ("cat", "dog", "owl")

    def output(self) -> ArraySpec:
        """Return the form of an index."""
        return ArraySpec((), "int64", low=0, high=2)

    def encode(self, value: str) -> Any:
        """Return the index."""
        if value not in self.labels:
            raise EncodeError(f"{value!r} is no label", code="unknown-label", remedy="use a label")
        return np.array(self.labels.index(value), np.int64)


class Labels(Encoder):
    """The indicator vector of a list of labels, which is one input."""

    name = "Labels"
    inputs = ("text",)

    def output(self) -> ArraySpec:
        """Return the form of an indicator for each label."""
        return ArraySpec((3,), "float32")

    def accepts(self, value: Any) -> bool:
        """Return whether the value is a list of texts."""
        return isinstance(value, list) and all(isinstance(label, str) for label in value)

    def encode(self, value: list[str]) -> Any:
        """Return 1 for each label of the list."""
        return np.array([label in value for label in Label.labels], np.float32)


class Doubled(Encoder):
    """An array or a list of numbers, doubled."""

    name = "Doubled"
    inputs = ("array",)

    def output(self) -> ArraySpec:
        """Return the form of a vector."""
        return ArraySpec((Varying,), "float64")

    def encode(self, value: Any) -> Any:
        """Return the numbers, doubled."""
        return np.asarray(value, np.float64) * 2


class Bytes(Encoder):
    """The bytes of a file."""

    name = "Bytes"
    inputs = ("bytes",)

    def output(self) -> ArraySpec:
        """Return the form of a byte in each row."""
        return ArraySpec((Varying,), "uint8")

    def encode(self, value: bytes) -> Any:
        """Return the bytes."""
        return np.frombuffer(value, np.uint8)


class Largest(Decoder):
    """The label of the largest number."""

    name = "Largest"
    parameters = (Parameter("Labels", LabelsType(), doc="the label of each number"),)
    positional = ("Labels",)
    properties = (Property("Label", "the label"), Property("Number", "the number"))

    def input(self) -> ArraySpec:
        """Return the form of a number for each label."""
        return ArraySpec((len(self.resolved["Labels"]),))

    def decode(self, array: Any, name: str, options: Any) -> Any:
        """Return the label, or the number."""
        place = int(array.argmax())
        return self.resolved["Labels"][place] if name == "Label" else float(array[place])


class Word(Encoder):
    """The index of a word in a vocabulary."""

    name = "Word"
    inputs = ("text",)
    parameters = (Parameter("Words", LabelsType(), doc="the vocabulary"),)
    positional = ("Words",)

    def output(self) -> ArraySpec:
        """Return the form of an index."""
        return ArraySpec((), "int64", low=0, high=len(self.resolved["Words"]) - 1)

    def encode(self, value: str) -> Any:
        """Return the index."""
        return np.array(self.resolved["Words"].index(value))


@pytest.fixture(autouse=True)
def encoders() -> Iterator[None]:
    """Register the encoders of these tests."""
    with registered(Letters, Label, Labels, Doubled, Bytes, Word, Largest):
        yield


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command; return the exit code, and the messages, or else the output."""

    def run(*words: object) -> tuple[int, str]:
        code = main([str(word) for word in words])
        shown = capsys.readouterr()
        return code, shown.err or shown.out

    return run


Run = Callable[..., tuple[int, str]]


# Defect (a): the command handed a text encoder the name of the file, and succeeded.


def test_command_gives_a_text_encoder_the_content_of_the_file(command: Run, tmp_path: Path) -> None:
    """The whole file is one text, in encode, explain and run, and so are its line ends."""
    path, out = tmp_path / "a.txt", tmp_path / "a.npy"
    path.write_bytes("é\r\nb".encode())
    assert 0 == command("encode", path, "-e", "Letters", "-o", out)[0]
    assert [233, 13, 10, 98] == np.load(out).tolist()
    NetChain(["Cast"], Input="Letters").save(tmp_path / "net.netz")
    code, line = command("run", tmp_path / "net.netz", path)
    assert (0, [233, 13, 10, 98]) == (code, json.loads(line)["output"])
    assert 0 == command("explain", path, "-e", "Letters", "-o", tmp_path / "a.html")[0]
    assert "Letters" in (tmp_path / "a.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["Letters", "Bytes", "Doubled"])
@pytest.mark.parametrize(
    ("file", "code", "message"),
    [
        ("absent", "not-found", "no such file"),
        ("empty", "empty-file", "it is empty: 0 bytes (check the source of the file"),
        ("fifo", "not-a-file", "it is not a regular file"),
        ("folder", "not-a-file", "it is a folder"),
        ("latin", "malformed", "the byte 0xe9 at position 3 is not UTF-8"),
    ],
)
def test_file_that_is_no_content_is_a_typed_error(
    command: Run, tmp_path: Path, file: str, name: str, code: str, message: str
) -> None:
    """A missing or empty file, a folder, a FIFO and other bytes exit 3, and are named."""
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin").write_bytes("caf\xe9".encode("latin-1"))
    if file == "latin" and name != "Letters":
        message = "not a .npy file"
    expected = 0 if (file, name) == ("latin", "Bytes") else 3
    words = ("encode", tmp_path / file, "-e", name, "-o", tmp_path / "o.npy")
    if file == "folder":  # encode takes its files, and there are none
        expected, message = 2, "no file is there"
    found, text = command(*words)
    assert expected == found
    assert expected == 0 or (message in text and str(tmp_path / file) in text)
    if file in ("absent", "empty", "folder"):
        found, text = command("plot", tmp_path / file, "-e", name, "-o", tmp_path / "o.png")
        assert 3 == found
        assert str(tmp_path / file) in text
    if expected:
        with pytest.raises(EncodeError, match=r".") as caught:
            file_input(NetEncoder(name), str(tmp_path / file), None)
        assert code == caught.value.code


# Defect (b): an encoder of three classes passed np.array(99) as encoded already.


def test_index_beyond_the_classes_is_not_encoded_already() -> None:
    """An array of the form of the output passes if its values are in the range, and only then."""
    encoder = NetEncoder("Label")
    assert 1 == encoder("dog")
    assert 2 == encoder(np.array(2))
    for wrong, text in ((99, "the largest value is 99, and must be at most 2"), (-1, "smallest")):
        for call in (
            encoder,
            lambda value: list(encoder.stream(value)),
            NetGraph({"n": np.negative}, [], Input=encoder),
        ):
            with pytest.raises(EncodeError, match=text) as caught:
                call(np.array(wrong))
            assert "out-of-range" == caught.value.code
    with pytest.raises(EncodeError, match="Label takes a text, not a value of type ndarray"):
        encoder(np.array(1.0))


# Defect (c): a list that is one input was taken as a batch.


def test_list_that_is_one_input_is_no_batch() -> None:
    """The encoder decides, in a call, a stream, a map and a net; a list of lists is the batch."""
    labels, doubled = NetEncoder("Labels"), NetEncoder("Doubled")
    assert [1, 0, 1] == labels(["owl", "cat"]).tolist()
    assert [0, 0, 0] == labels([]).tolist()
    assert [[1, 0, 0], [0, 1, 1]] == [row.tolist() for row in labels([["cat"], ["owl", "dog"]])]
    assert [[0, 1, 0]] == [row.tolist() for row in labels.map([["dog"]])]
    assert [2, 4] == doubled([1, 2]).tolist()
    assert [[2, 4], [6]] == [row.tolist() for row in doubled([[1, 2], [3]])]
    net = NetGraph({"sum": np.sum}, [], Input="Labels")
    assert 2 == net(["owl", "cat"])
    assert [2, 1] == net([["owl", "cat"], ["dog"]])


# Defect (d): a vocabulary could not be declared in YAML.


def test_vocabulary_is_declared_in_yaml(tmp_path: Path) -> None:
    """A spec has its words as a list, or as a file beside it; both are the same encoder."""
    encoder = NetEncoder("Word", ["All", "no", "007", "Automatic"])
    assert 2 == encoder("007")
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
    assert encoder == NetEncoder("Word", Words=["All", "no", "007", "Automatic"])
    (tmp_path / "vocab.txt").write_text("All\nno\n007\nAutomatic\n", "utf-8")
    spec = tmp_path / "word.yaml"
    spec.write_text("schema: 1\nencoder: Word\nparameters: {Words: {asset: vocab.txt}}\n")
    assert encoder.digest == NetEncoder.from_yaml(spec).digest
    assert encoder == NetEncoder("Word", Asset(tmp_path / "vocab.txt"))


def test_spec_of_a_large_vocabulary_is_read_again(tmp_path: Path) -> None:
    """to_yaml writes no spec that from_yaml refuses: 50 000 words are a file beside it."""
    encoder = NetEncoder("Word", [f"word{place}" for place in range(50_000)])
    with pytest.raises(SpecError):
        encoder.to_yaml()
    spec = tmp_path / "word.yaml"
    spec.write_text(encoder.to_yaml(assets=tmp_path))
    assert encoder == NetEncoder.from_yaml(spec)
    assert 49_999 == NetEncoder.from_yaml(spec)("word49999")


# Defect (e): there were no decoders.


def test_decoder_turns_an_array_into_a_value() -> None:
    """A decoder is a value as an encoder is: positional parameters, properties, batches, digest."""
    decoder = NetDecoder("Largest", ["cat", "dog"])
    array = np.array([0.25, 0.75], np.float32)
    assert ("dog", 0.75) == (decoder(array), decoder(array, "Number"))
    assert ["dog", "cat"] == decoder([array, array[::-1]])
    assert ["dog", "cat"] == decoder(np.stack([array, array[::-1]]))
    assert decoder == NetDecoder("Largest", Labels=["cat", "dog"])
    assert decoder.digest != NetDecoder("Largest", ["dog", "cat"]).digest


# policies know the kind of input


@pytest.mark.parametrize("value", ["warn", "error"])
@pytest.mark.parametrize("name", ["Letters", "Label", "Doubled", "Bytes"])
def test_policy_of_another_kind_is_refused(
    command: Run, tmp_path: Path, name: str, value: str
) -> None:
    """An option about audio is a usage error for an encoder of texts, also with its default."""
    path = tmp_path / "a"
    path.write_text("cat")
    kinds = {"Doubled": "an array or a list of numbers", "Bytes": "bytes"}.get(name, "a text")
    for words in (
        ("encode", path, "-o", tmp_path / "o.npy"),
        ("plot", path, "-o", tmp_path / "o.png"),
        ("explain", path, "-o", tmp_path / "o.html"),
    ):
        expected = (
            f"error: --truncated is about audio, and {name} takes {kinds} (leave --truncated out)\n"
        )
        assert (2, expected) == command(*words, "-e", name, "--truncated", value)
    assert ["a"] == os.listdir(tmp_path)


def test_policy_of_the_same_kind_is_taken(command: Run, tmp_path: Path) -> None:
    """An encoder of audio, one that declares nothing, and a pair with one of audio take it."""
    given = ("--truncated", "warn")
    assert 0 == command("encode", SPEECH, "-o", tmp_path / "o.npy", *given)[0]

    class Undeclared(Label):
        """Declares no inputs, and gets the path."""

        name = "Undeclared"
        inputs = ()
        labels = (SPEECH,)

    class Sound(Undeclared):
        """Declares audio, among others."""

        name = "Sound"
        inputs = ("path", "audio")

    with registered(Undeclared, Sound):
        for name in ("Undeclared", "Sound"):
            out = tmp_path / f"{name}.npy"
            assert 0 == command("encode", SPEECH, "-e", name, "-o", out, *given)[0]
        two = ("-e", "Sound", "-e", "Bytes", "-o", tmp_path / "o.html")
        assert 0 == command("explain", SPEECH, *two, *given)[0]


@pytest.mark.parametrize("name", ["encode", "plot", "explain", "run"])
def test_help_groups_the_options_by_kind(command: Run, name: str) -> None:
    """The help names the kind of input above the options that are about it."""
    code, text = command(name, "--help")
    assert 0 == code
    head, _, options = text.partition("\noptions for audio:\n")
    assert "--truncated {error,warn}" in options
    assert "\n  --truncated" not in head


def test_policy_declares_kinds_that_exist() -> None:
    """The kinds of a policy are those of encoders, and the audio plugin declares audio."""
    policy = Policy("clip", ("keep", "warn"), "keep", "warn of clipping")
    assert () == policy.inputs
    assert all(policy.fits((kind,)) for kind in KINDS)
    for wrong in ("audio", ("sound",), ["audio"]):
        with pytest.raises(PluginError, match="policy clip: 'inputs' must be a tuple of some of"):
            Policy("clip", ("keep",), "keep", "warn of clipping", wrong)  # type: ignore[arg-type] # they are wrong
    declared = {name: policy.inputs for name, (_, policy) in declared_policies().items()}
    assert {"truncated": ("audio",)} == declared


def test_run_asks_the_encoders_of_all_ports(command: Run, tmp_path: Path) -> None:
    """A net takes an option about audio if one of its ports does, and else names its encoders."""

    class Sound(Letters):
        """Declares audio, among others."""

        name = "Sound"
        inputs = ("path", "audio")

    class Numbers(Letters):
        """Declares arrays and texts."""

        name = "Numbers"
        inputs = ("text", "array")

    (tmp_path / "a").write_text("cat")
    text, both = tmp_path / "text.netz", tmp_path / "both.netz"
    layers, edges = {"a": "Cast", "b": "Cast"}, [("P", "a"), ("Q", "b")]
    given = (tmp_path / "a", "--truncated", "warn")
    with registered(Sound, Numbers):
        NetGraph(layers, edges, P="Letters", Q="Numbers").save(text)
        takes = "Letters takes a text and Numbers takes a text or an array or a list of numbers"
        expected = f"error: --truncated is about audio, and {takes} (leave --truncated out)\n"
        assert (2, expected) == command("run", text, *given)
        NetGraph(layers, edges, P="Letters", Q="Sound").save(both)
        assert 0 == command("run", both, *given)[0]


# list, show, plot, explain and messages


class Silent(Encoder):
    """The sizes of the texts of a mapping."""

    name = "Silent"
    inputs = ("mapping", "text")

    def output(self) -> Any:
        """Return two forms."""
        return {"ids": ArraySpec((Varying,), "int64", low=0), "mask": ArraySpec((2,), "uint8")}

    def encode(self, value: Any) -> Any:
        """Return two arrays."""
        return {"ids": np.arange(len(value)), "mask": np.zeros(2, np.uint8)}


def test_show_says_which_inputs_an_encoder_takes(command: Run) -> None:
    """The kinds and the range are in the text, the JSON and HTML; no table without parameters."""
    code, text = command("show", "Label")
    assert (0, 'NetEncoder("Label")\nThe index of one of three labels.\n\n') == (
        code,
        text.partition("input")[0],
    )
    assert "\ninput   a text\noutput  int64 () from 0 to 2\nfrom  " in text
    facts = json.loads(command("show", "Label", "--json")[1])
    assert (["text"], {}) == (facts["inputs"], facts["parameters"])
    assert (0, 2) == (facts["output"]["low"], facts["output"]["high"])
    html = NetEncoder("Label")._repr_html_()
    assert "<p>Input: a text</p><p>" in html
    assert "int64 () from 0 to 2" in html
    assert "<table" not in html
    assert "<table" in NetEncoder("Letters")._repr_html_()
    with registered(Silent):
        text = command("show", "Silent")[1]
        assert "\ninput        a text or a mapping\noutput ids   int64 (Varying,) from 0\n" in text


def test_show_of_undeclared_inputs_names_none(command: Run) -> None:
    """Nothing is said about an encoder that declares no inputs."""
    assert "\ninput" not in command("show", "AudioSpectrogram")[1]
    assert [] == json.loads(command("show", "AudioSpectrogram", "--json")[1])["inputs"]
    assert "Input:" not in NetEncoder("AudioSpectrogram")._repr_html_()


def test_list_shows_encoders_of_all_kinds(command: Run) -> None:
    """Each encoder, layer and decoder has one line, with its summary."""
    code, text = command("list")
    assert 0 == code
    encoders, _, decoders = text.split("\n\n")
    lines = [line.split("  ")[0] for line in encoders.splitlines()]
    assert {"Letters", "Label", "Labels", "Doubled", "Bytes", "Word"} <= {*lines}
    assert "The index of one of three labels." in encoders
    assert "The label of the largest number." in decoders
    assert "decoder" == decoders[:7]


def test_show_of_required_parameters_is_the_declaration(command: Run) -> None:
    """Without the required parameters, show says which there are, and how they are given."""
    code, text = command("show", "Word")
    assert 0 == code
    assert text.startswith("Word: an encoder\nThe index of a word in a vocabulary.\n\nparameter")
    assert "Words      required  a list of 1 or more different texts or an Asset" in text
    assert "\ninput  a text\n" in text
    assert text.endswith("show   netencoders show Word -p Words=...\n")
    facts = json.loads(command("show", "Word", "--json")[1])
    assert (["Words"], ["text"]) == (facts["required"], facts["inputs"])
    assert facts["declared"]["Words"].startswith("a list of 1 or more different texts")
    code, text = command("show", "Word", "-p", "Words=[no, All]")
    assert 0 == code
    assert "Words      ['no', 'All']" in text
    for option in ("--yaml", "-pOther=1"):
        code, text = command("show", "Word", option)
        assert 2 == code
        assert "'Words' is required (the vocabulary): a list" in text


def test_show_of_a_decoder(command: Run) -> None:
    """A decoder is shown by its name, with its form and its properties."""
    given = ("-p", "Labels=[cat, dog]")
    code, text = command("show", "Largest", *given)
    assert 0 == code
    assert "\ninput   float32 (2,)\ngives   Label, Number\nfrom    this process" in text
    facts = json.loads(command("show", "Largest", *given, "--json")[1])
    assert ("Largest", ["Label", "Number"], {"Labels": ["cat", "dog"]}) == (
        facts["decoder"],
        facts["properties"],
        facts["parameters"],
    )
    assert NetDecoder("Largest", ["cat", "dog"]) == NetDecoder.from_yaml(
        command("show", "Largest", *given, "--yaml")[1]
    )
    assert "Largest: a decoder\n" == command("show", "Largest")[1][:19]
    assert (
        "no encoder, no layer and no decoder 'Largst'. Did you mean 'Largest'?"
        in command("show", "Largst")[1]
    )


def test_show_of_a_name_of_both(command: Run) -> None:
    """A name of an encoder and of a decoder is the encoder; --decoder chooses the decoder."""

    class Both(Largest):
        """A decoder of the name of an encoder."""

        name = "Word"

    with registered(Both):
        assert "Word: an encoder" in command("show", "Word")[1]
        code, text = command("show", "Word", "--decoder")
        assert 0 == code
        assert "Word: a decoder" in text
        assert text.endswith("show   netencoders show Word --decoder -p Labels=...\n")
        assert (
            "gives   Label, Number" in command("show", "Word", "--decoder", "-p", "Labels=[a]")[1]
        )
        message = "--decoder needs the name of a decoder (netencoders list shows all)"
        assert message in command("show", "--spec", "a.yaml", "--decoder")[1]


def test_messages_are_of_any_kind(command: Run, tmp_path: Path) -> None:
    """No message about a text speaks of recordings, audio or seconds."""
    path = tmp_path / "a.txt"
    path.write_text("cat")
    cast = NetEncoder("Letters").then("Cast", Type="float32")
    rate = ("-p", "SampleRate=8000")
    messages = [
        command("plot", path, "-e", "Label", "-o", tmp_path / "a.png")[1],
        command("probe", "Label")[1],
        command("encode", path, "-e", "Label", *rate, "-o", tmp_path / "a.npy")[1],
    ]
    for call in (
        lambda: cast.then("Patches", Size=3, Offset=1)("ab"),
        lambda: list(cast.then("Standardize").stream(iter("ab"))),
        lambda: NetEncoder("Letters").session(1),
        lambda: NetEncoder("Letters").batch(["abc", "a"], length=2),
        lambda: NetEncoder("Letters")(1),
    ):
        with pytest.raises(EncodeError) as caught:
            call()
        messages.append(str(caught.value))
    for message in messages:
        words = message.replace("SampleRate", "").lower()
        assert not any(word in words for word in ("audio", "recording", "second", "hz")), message
    assert "only of 1 or 2: a number has no picture" in messages[0]


def test_page_of_a_text_cuts_rows(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If rows without times are left out of a page, it does not speak of seconds."""
    monkeypatch.setattr("netencoders.stages.MOST", 10)
    page = NetEncoder("Letters").explain("a text of many rows").html
    assert '<p class="notes">Only the first rows are drawn.</p>' in page
    assert "30 s" not in page
    assert "Only the first" not in NetEncoder("Letters").explain("a text").html

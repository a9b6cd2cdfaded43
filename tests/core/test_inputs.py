"""The kinds of inputs: one input or a batch, encoded arrays, and the files of the command."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    NetEncoder,
    NetGraph,
    PluginError,
    Varying,
    registered,
)
from netencoders.cli import file_inputs, main
from netencoders.inputs import KINDS, has_kind
from netencoders.testing import EncoderContract


class Kind(Encoder):
    """Encodes the length of the repr of its input, as a row."""

    form = ArraySpec((Varying, 1), "float64")

    def output(self) -> ArraySpec:
        """Return the form of a row."""
        return self.form

    def encode(self, value: Any) -> Any:
        """Return the length of the repr."""
        return np.array([[len(repr(value))]], np.float64)


class Undeclared(Kind):
    """Takes anything."""

    name = "Undeclared"


class Letters(Kind):
    """Encodes the characters of a text."""

    name = "Letters"
    inputs = ("text",)

    def encode(self, value: Any) -> Any:
        """Return one row for each character."""
        return np.array([[ord(letter)] for letter in value], np.float64).reshape(-1, 1)


class Doubled(Kind):
    """Doubles arrays and lists of numbers, whose form may be that of the output."""

    name = "Doubled"
    inputs = ("array",)

    def encode(self, value: Any) -> Any:
        """Return the numbers, doubled, as rows."""
        return np.asarray(value, np.float64).reshape(-1, 1) * 2


class Pixels(Doubled):
    """Takes arrays of bytes alone: others of the form of the output are encoded already."""

    name = "Pixels"

    def accepts(self, value: Any) -> bool:
        """Return whether the elements are bytes."""
        return super().accepts(value) and getattr(value, "dtype", None) == np.uint8


class Words(Kind):
    """Takes a list of words as one input."""

    name = "Words"
    inputs = ("text",)

    def accepts(self, value: Any) -> bool:
        """Return whether the value is a list of texts."""
        return isinstance(value, list) and all(isinstance(word, str) for word in value)


class Broken(Kind):
    """Has a bug in its accepts()."""

    name = "Broken"
    inputs = ("text",)

    def accepts(self, value: Any) -> bool:
        """Raise an error."""
        raise ZeroDivisionError


def of_kinds(*kinds: str) -> type[Encoder]:
    """Return an encoder of these kinds."""
    return type("Of", (Kind,), {"__doc__": "Of kinds.", "name": "Of", "inputs": kinds})


@pytest.fixture(autouse=True)
def encoders() -> Iterator[None]:
    """Register the encoders of these tests."""
    with registered(Undeclared, Letters, Doubled, Pixels, Words, Broken):
        yield


class Contract(EncoderContract):
    """The contract, for encoders that other processes do not know."""

    def test_fresh_process_agrees(self) -> None:
        """The encoders are registered in this process only."""


class TestLetters(Contract):
    """The contract, for texts."""

    encoder = "Letters"

    def inputs(self) -> Any:
        """Return texts."""
        return ["a", "bcd"]


class TestDoubled(Contract):
    """The contract, for arrays, which are never encoded already."""

    encoder = "Doubled"

    def inputs(self) -> Any:
        """Return arrays of the form of the output, and of another one."""
        return [np.ones((2, 1)), np.arange(3)]


# kinds

VALUES = {
    "path": ["a.wav", Path("a.wav"), ""],
    "bytes": [b"", bytearray(b"a"), memoryview(b"a")],
    "text": ["a", ""],
    "audio": [SimpleNamespace(samples=[1], rate=8000)],
    "array": [np.zeros(2), np.array(1), np.zeros((0, 2)), [1, 2.5, np.int8(3)], [True]],
    "mapping": [{}, {"a": 1}],
    "object": [None, 5, (1, 2), io.BytesIO(b""), iter([])],
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_accepts_its_values_only(kind: str) -> None:
    """An encoder of one kind accepts the values of this kind, and no value of another."""
    for other, values in VALUES.items():
        for value in values:
            is_str = {kind, other} == {"path", "text"} and isinstance(value, str)
            is_object = (kind, other) == ("object", "audio")
            expected = other == kind or is_str or is_object
            assert expected == has_kind(value, (kind,)), (kind, other, value)
    for batch in ([], ["a"], [b"a"], [np.zeros(2)], [[1, 2]], [1, "a"], [{}], [None]):
        assert not has_kind(batch, (kind,))


def test_text_is_no_path_beside_paths() -> None:
    """For an encoder of texts and paths, a str is a text, and a Path is a path."""
    with registered(of_kinds("text", "path")):
        encoder = NetEncoder("Of")
        assert encoder.accepts("a.wav")
        assert encoder.accepts(Path("a.wav"))
    assert ("text",) == NetEncoder("Letters").inputs
    assert not NetEncoder("Letters").accepts(Path("a.wav"))


@pytest.mark.parametrize("kinds", [["text"], ("txt",), "text", ("text", 1), None])
def test_invalid_declaration_is_refused(kinds: Any) -> None:
    """A class with another declaration of inputs cannot be created."""
    with pytest.raises(
        PluginError, match=r"encoder Bad: 'inputs' must be a tuple of some of 'path'"
    ):
        type("Bad", (Kind,), {"name": "Bad", "inputs": kinds})


# one input or a batch


def test_encoder_without_declared_inputs_takes_anything() -> None:
    """Without a declaration, a list is a batch and any other value is one input, as before."""
    encoder = NetEncoder("Undeclared")
    assert () == encoder.inputs
    for value in ("a", 5, (1, 2), {}, None, np.zeros(3)):
        assert encoder.accepts(value)
        assert len(repr(value)) == encoder(value)[0, 0]
    for batch in ([], [1, 2], [[1], [2]]):
        assert not encoder.accepts(batch)
        assert len(batch) == len(encoder(batch))
    encoded = np.ones((3, 1))
    assert encoded is encoder(encoded)
    assert encoded is next(encoder.stream(encoded))


def test_list_of_texts_is_a_batch() -> None:
    """Two texts in a list give two arrays; one text is never a list of characters."""
    encoder = NetEncoder("Letters")
    assert [[[97.0]], [[98.0], [99.0]]] == [array.tolist() for array in encoder(["a", "bc"])]
    assert [[98.0], [99.0]] == encoder("bc").tolist()
    assert [] == encoder([])
    with pytest.raises(TypeError, match=r"plot draws one input\. Got a list, which is a batch"):
        encoder.plot(["a"])


def test_list_of_numbers_is_one_input_of_an_encoder_of_arrays() -> None:
    """A list of numbers is an array; a list of lists or arrays is a batch of them."""
    encoder = NetEncoder("Doubled")
    assert [[2.0], [4.0]] == encoder([1, 2]).tolist()
    assert [[2.0], [4.0]] == np.concatenate(list(encoder.stream([1, 2]))).tolist()
    for batch in ([[1, 2], [3]], [np.array([1, 2]), np.array([3])], [[1, 2], np.array([3])]):
        assert [[[2.0], [4.0]], [[6.0]]] == [array.tolist() for array in encoder(batch)]
    assert [[[2.0], [4.0]]] == [array.tolist() for array in encoder.map([[1, 2]], workers=1)]


def test_encoder_may_take_other_lists() -> None:
    """An encoder that overrides accepts() takes a list of words; a list of lists is a batch."""
    encoder = NetEncoder("Words")
    assert [[10.0]] == encoder(["a", "b"]).tolist()
    assert [[[10.0]], [[5.0]]] == [array.tolist() for array in encoder([["a", "b"], ["c"]])]
    with pytest.raises(EncodeError, match="Words takes a text, not a value of type int"):
        encoder(5)


def test_net_uses_the_kinds_of_each_port() -> None:
    """A net takes a list as one input where the encoder of the port does."""
    net = NetGraph({"sum": np.sum}, [], Input="Doubled")
    assert 6.0 == net([1, 2])
    assert [6.0, 8.0] == net([[1, 2], [4]])
    two = NetGraph({"sub": np.subtract}, [], Input1="Doubled", Input2="Letters")
    assert [[2 - 97.0]] == two({"Input1": [1], "Input2": "a"}).tolist()
    batch = two({"Input1": [[1], [2]], "Input2": ["a", "a"]})
    assert [[[2 - 97.0]], [[4 - 97.0]]] == [array.tolist() for array in batch]
    plain = NetGraph({"sum": np.sum}, [])
    assert [3.0] == plain([np.array([1, 2])])


def test_bug_of_accepts_is_a_bug_of_the_encoder() -> None:
    """An exception in accepts() is an EncodeError with the code bug, for each way of calling."""
    encoder = NetEncoder("Broken")
    for call in (encoder, encoder.accepts, encoder.plot, lambda value: list(encoder.stream(value))):
        with pytest.raises(EncodeError, match="Broken raised ZeroDivisionError") as caught:
            call(["a"])
        assert "bug" == caught.value.code


# encoded arrays


def test_array_of_the_output_is_an_input_of_an_encoder_of_arrays() -> None:
    """An encoder of arrays encodes an array of the form of its output; others pass it."""
    array = np.ones((3, 1))
    assert [[2.0]] * 3 == NetEncoder("Doubled")(array).tolist()
    assert [[2.0]] * 3 == next(NetEncoder("Doubled").stream(array)).tolist()
    assert array is NetEncoder("Letters")(array)
    assert array is NetEncoder("Pixels")(array)
    assert [[2.0]] * 3 == NetEncoder("Pixels")(np.ones(3, np.uint8)).tolist()
    with pytest.raises(EncodeError, match="Pixels takes an array or a list of numbers"):
        NetEncoder("Pixels")(np.ones(3))


def test_other_kinds_are_refused_by_name() -> None:
    """A value of another kind is refused before the code of the encoder runs."""
    with registered(of_kinds("mapping", "bytes", "path")):
        for call in (NetEncoder("Of"), lambda value: list(NetEncoder("Of").stream(value))):
            with pytest.raises(
                EncodeError,
                match=r"^a value of type float: Of takes the path of a file, bytes or a mapping, "
                r"not a value of type float \(convert it",
            ) as caught:
                call(1.5)
            assert "unsupported-input" == caught.value.code


# files of the command

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Encode the file `a`; return the exit code, and the array or the messages."""

    def encode(name: str, content: bytes | None, *options: str) -> tuple[int, Any]:
        if content is not None:
            (tmp_path / "a").write_bytes(content)
        source = str(tmp_path / "a") if content is not None else "-"
        out = tmp_path / "out.npy"
        code = main(["encode", source, "-e", name, "-o", str(out), "--force", *options])
        messages = capsys.readouterr().err
        return code, np.load(out).ravel().tolist() if code == 0 else messages

    return encode


def saved(array: Any) -> bytes:
    """Return an array as a .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_command_reads_the_text_of_a_file(run: Run) -> None:
    """An encoder of texts gets the content of a file, not its name; no character changes."""
    assert (0, [97, 8364, 13, 10]) == run("Letters", "a€\r\n".encode())
    assert (0, [97]) == run("Letters", b"\xef\xbb\xbfa")
    code, message = run("Letters", b"ab\xff")
    assert 3 == code
    assert "/a: the byte 0xff at position 2 is not UTF-8 (save the text as UTF-8)" in message


def test_command_reads_the_array_of_a_file(run: Run) -> None:
    """An encoder of arrays gets the array of a .npy file, of any order and dimensions."""
    assert (0, [2, 4]) == run("Doubled", saved(np.array([1, 2])))
    assert (0, [2, 4, 6, 8]) == run("Doubled", saved(np.asfortranarray([[1, 2], [3, 4]])))
    for content, text in [
        (b"1 2", "the file is not a .npy file"),
        (saved(np.ones(2))[:-1], "truncated: 2 numbers"),
        (saved(np.array([None])), "holds Python objects"),
    ]:
        code, message = run("Doubled", content)
        assert 3 == code
        assert text in message
        assert "/a: " in message


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), "'{path}'"),
        (("path",), "'{path}'"),
        (("path", "bytes"), "'{path}'"),
        (("path", "text"), "{type}('{path}')"),
        (("bytes",), "b'xyz'"),
        (("bytes", "text"), "b'xyz'"),
        (("text", "mapping"), "'xyz'"),
        (("text", "array"), "'xyz'"),
    ],
)
def test_command_passes_what_the_encoder_takes(
    run: Run, tmp_path: Path, kinds: tuple[str, ...], expected: str
) -> None:
    """The path if the encoder takes paths, else the content as bytes or text."""
    text = expected.format(path=tmp_path / "a", type=type(tmp_path).__name__)
    with registered(of_kinds(*kinds)):
        assert (0, [len(text)]) == run("Of", b"xyz")


def test_array_files_are_known_by_their_content(run: Run) -> None:
    """An encoder of texts and arrays gets the array of a .npy file."""
    with registered(of_kinds("text", "array")):
        assert (0, [len("array([1, 2])")]) == run("Of", saved(np.array([1, 2])))


@pytest.mark.parametrize("kinds", [("mapping",), ("object", "audio")])
def test_encoder_without_files_is_refused(run: Run, tmp_path: Path, kinds: tuple[str, ...]) -> None:
    """The command refuses an encoder that takes neither paths nor content."""
    with registered(of_kinds(*kinds)):
        code, message = run("Of", b"")
        assert 2 == code
        assert f"Of: the command reads files, and this encoder takes {', '.join(kinds)}" in message
        assert 2 == main(["plot", str(tmp_path / "a"), "-e", "Of", "-o", str(tmp_path / "a.png")])


def test_files_that_cannot_be_read(run: Run, tmp_path: Path, capsys: Any) -> None:
    """A missing file, a folder and a pipe are refused with the name; the command does not wait."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(EncodeError, match="it is a folder"):  # the command encodes its files
        file_inputs.file_input(NetEncoder("Letters"), str(tmp_path), None)
    for name, message in [
        ("absent", "no such file (check the path)"),
        ("fifo", "it is not a regular file (name a file)"),
    ]:
        source = str(tmp_path / name)
        assert 3 == main(["encode", source, "-e", "Letters", "-o", str(tmp_path / "o.npy")])
        assert f"error: {source}: {message}" in capsys.readouterr().err


def test_file_beyond_the_limit_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command reads files up to a limit into memory."""
    monkeypatch.setattr(file_inputs, "MAX_BYTES", 3)
    assert (0, [97, 97, 97]) == run("Letters", b"aaa")
    code, message = run("Letters", b"aaaa")
    assert 3 == code
    assert "/a: it has more than 3 bytes, the limit of the command" in message


def test_error_of_the_encoder_names_the_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """If the encoder gets the content, messages of encode and plot name the file."""

    def refuse(self: object, value: str) -> Any:
        raise EncodeError("no words", code="no-words")

    monkeypatch.setattr(Letters, "encode", refuse)
    code, message = run("Letters", b"some text")
    assert (3, f"error: {tmp_path / 'a'}: no words\n") == (code, message)
    assert 3 == main(["plot", str(tmp_path / "a"), "-e", "Letters", "-o", f"{tmp_path}/a.png"])
    assert f"error: {tmp_path / 'a'}: no words\n" == capsys.readouterr().err


@pytest.mark.parametrize("jobs", [1, 2])
def test_standard_input_is_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, jobs: int
) -> None:
    """The content of standard input is an input as that of a file is, also beside other files."""
    (tmp_path / "in").write_text("ab")
    (tmp_path / "b").write_text("c")
    with (tmp_path / "in").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        more = [str(tmp_path / "b")][: jobs - 1]
        code = main(["encode", "-", *more, "-e", "Letters", "-o", str(tmp_path / "out") + "/"])
    assert 0 == code, capsys.readouterr().err
    assert [97, 98] == np.load(tmp_path / "out" / "stdin.npy").ravel().tolist()


def test_standard_input_is_no_path(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    """An encoder of paths alone refuses standard input; one of objects gets a file object."""
    (tmp_path / "in").write_text("ab")
    for kinds, expected in [(("path",), 3), (("path", "object"), 0)]:
        with registered(of_kinds(*kinds)), (tmp_path / "in").open() as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            code, message = run("Of", None)
        assert expected == code
        if code:
            assert "standard input: the encoder takes the path of a file" in message


def test_array_is_an_input_also_if_layers_follow() -> None:
    """An encoder of arrays takes an array of its form, whose layers keep the form."""
    with registered(Doubled):
        encoder = NetEncoder("Doubled").then("Affine", Factor=3)
    array = np.ones((2, 1))
    assert [[6], [6]] == encoder(array).tolist()
    assert [[6], [6]] == np.concatenate(list(encoder.stream(array))).tolist()

"""Labels: the lists and files that they take, and their ways through specs."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import (
    All,
    ArraySpec,
    Asset,
    Automatic,
    Encoder,
    LabelList,
    Labels,
    NetEncoder,
    Parameter,
    ParameterError,
    RefusedError,
    SpecError,
    Varying,
    registered,
)
from netencoders.cli import main
from netencoders.values.label_files import MAX_BYTES
from netencoders.values.labels import MAX_INLINE, MAX_LENGTH


class Places(Encoder):
    """The place of a text among labels."""

    name = "PlacesOfLabels"
    inputs = ("text",)
    positional = ("Names",)
    parameters = (Parameter("Names", Labels(integers=True), doc="the labels"),)

    def output(self) -> ArraySpec:
        """Return the form of a code."""
        return ArraySpec((), "int64")

    def encode(self, value: Any) -> Any:
        """Return the place."""
        return np.array(self.resolved["Names"].index(value))


@pytest.fixture(autouse=True)
def places() -> Iterator[None]:
    """Register the encoder of these tests."""
    with registered(Places):
        yield


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["cat", "dog"], ("cat", "dog")),
        (("b", "a"), ("b", "a")),
        ([All, Automatic, "None"], ("All", "Automatic", "None")),
        (["", " ", "\n"], ("", " ", "\n")),
        (np.array(["cat", "owl"]), ("cat", "owl")),
        (np.array(["cat", "owl"], object), ("cat", "owl")),
    ],
)
def test_lists_and_arrays_of_texts_are_labels(given: Any, expected: tuple[str, ...]) -> None:
    """Labels are texts in their order; the names of specs are texts among them."""
    labels = Labels().check(given)
    assert expected == labels
    assert LabelList is type(labels)
    assert {str} == set(map(type, labels))


def test_integers_are_labels_where_they_are_declared() -> None:
    """Integers of Python and of numpy become those of Python, beside equal texts."""
    labels = Labels(integers=True).check([np.int64(3), 1, "1", -5])
    assert (3, 1, "1", -5) == labels
    assert [int, int, str, int] == list(map(type, labels))
    assert (0, 7) == Labels(integers=True).check(np.array([0, 7], np.uint8))


@pytest.mark.parametrize(
    ("integers", "given", "message"),
    [
        (False, [], "It has 0 labels."),
        (False, ["a", "b", "a"], "Elements 0 and 2 are the same, 'a'."),
        (True, [4, 5, 5], "Elements 1 and 2 are the same, 5."),
        (False, ["a", "\ud800"], r"Element 1 has a lone surrogate: '\ud800'."),
        (False, ["a", 1], "Element 1 must be a text. Got 1. Quote it."),
        (True, [True], "Element 0 must be a text or an integer. Got True. Quote it."),
        (True, [1.5], "Element 0 must be a text or an integer. Got 1.5. Quote it."),
        (True, ["a", None], "Element 1 must be a text or an integer. Got None. Quote it."),
        (False, [["a"]], "Element 0 must be a text. Got ['a']."),
        (False, [Varying], "Element 0 must be a text. Got Varying."),
        (True, [2**63], "Element 0 needs more than 64 bits."),
        (False, "vocab.txt", "For a file, pass Asset(path)"),
        (False, Path("vocab.txt"), "For a file, pass Asset(path)"),
        (False, {"a": 0}, ""),
        (False, {"a"}, ""),
        (False, np.array([["a"]]), ""),
        (False, np.array([0.5]), ""),
        (False, None, ""),
    ],
)
def test_wrong_labels_are_refused(integers: bool, given: Any, message: str) -> None:
    """The message names the element."""
    with pytest.raises(RefusedError, match=re.escape(message) or "^$"):
        Labels(integers=integers).check(given)


def test_number_of_labels_is_bounded() -> None:
    """There is a smallest and a largest number of labels."""
    with pytest.raises(RefusedError, match=re.escape("It has 1 label.")):
        Labels(2).check(["a"])
    assert MAX_LENGTH == 2**20
    with pytest.raises(RefusedError, match="It has 1048577 labels, and the limit is 1048576"):
        Labels().check([""] * (MAX_LENGTH + 1))


FILES = {
    "cat\ndog": ["cat", "dog"],
    "cat\r\ndog\r\n": ["cat", "dog"],
    "\ufeffcat\n": ["cat"],
    "a\n\nb\n": ["a", "", "b"],
    "a\u2028b\x0b\n": ["a\u2028b\x0b"],
    " a \n": [" a "],
}


@pytest.mark.parametrize("text", FILES)
def test_lines_of_a_text_file_are_labels(tmp_path: Path, text: str) -> None:
    """A line feed, with or without a carriage return, ends a label, and nothing else does."""
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert tuple(FILES[text]) == Labels().check(Asset(tmp_path / "a.txt"))


@pytest.mark.parametrize(
    "content", ['["b", "a"]', '{"a": 1, "b": 0}', '\ufeff{"b": 0, "a": 1}', ' ["b",\n"a"] ']
)
def test_json_file_is_a_list_or_a_mapping(tmp_path: Path, content: str) -> None:
    """The values of a mapping are the positions of its labels."""
    (tmp_path / "a.JSON").write_text(content, "utf-8")
    assert ("b", "a") == Labels().check(Asset(tmp_path / "a.JSON"))


POSITIONS = "the positions of the 2 labels must be the integers from 0 to 1, each once."


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "it has 0 labels."),
        ("a.txt", b"a\nb\na", "elements 0 and 2 are the same, 'a'."),
        ("a.txt", b"a\n\xff", "the byte at position 2 is not UTF-8: save the file as UTF-8."),
        ("a.vocab", b"a", "the name of the file must end in .txt or .json."),
        ("a", b"a", "the name of the file must end in .txt or .json."),
        ("a.json", b'["a",', "the file is not JSON: Expecting value"),
        ("a.json", b"[" * 200_000, "the file is not JSON: maximum recursion depth exceeded"),
        ("a.json", b"3", "the file must hold a list, or a mapping of labels to positions."),
        ("a.json", b'["a", 1]', "element 1 must be a text. Got 1. Quote it."),
        ("a.json", b'["\\ud800"]', "element 0 has a lone surrogate"),
        ("a.json", b'[{"a": 0}]', "element 0 must be a text. Got {'a': 0}."),
        ("a.json", b'["a", "a"]', "elements 0 and 1 are the same, 'a'."),
        ("a.json", b'{"a": 0, "b": 2}', POSITIONS),
        ("a.json", b'{"a": 1, "b": 2}', POSITIONS),
        ("a.json", b'{"a": 0, "b": 0}', POSITIONS),
        ("a.json", b'{"a": true, "b": 0}', POSITIONS),
        ("a.json", b'{"a": [0], "b": 0}', POSITIONS),
        ("a.json", b'{"a": 0, "b": 1e300}', POSITIONS),
        ("a.json", b'{"a": 0, "a": 1}', "the label 'a' is there twice."),
        ("a.json", b"{}", "it has 0 labels."),
        ("a.json", b'{"a": ' + b"9" * 5000 + b"}", "the file is not JSON: Exceeds the limit"),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """The message names the file and the element."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RefusedError, match=re.escape(f"{tmp_path / name}: {message}")):
        Labels().check(Asset(tmp_path / name))


def test_file_has_a_limit(tmp_path: Path) -> None:
    """A file of more than 64 MiB is refused, before it is read."""
    with open(tmp_path / "a.txt", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(RefusedError, match="the file has more than 67108864 bytes, the limit"):
        Labels().check(Asset(tmp_path / "a.txt"))


def test_missing_file_is_named(tmp_path: Path) -> None:
    """The error of an encoder names the parameter and the file."""
    with pytest.raises(
        ParameterError, match=r"'Names' must be a list of 1 or more different texts"
    ):
        NetEncoder("PlacesOfLabels", Asset(tmp_path / "none.txt"))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LISTS = st.lists(TEXTS | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=9, unique_by=repr)


@given(LISTS)
def test_every_list_survives_specs(labels: list[str | int]) -> None:
    """YAML, JSON, pickle and a canonical value give equal encoders: also "All", "~" and "1"."""
    encoder = NetEncoder("PlacesOfLabels", labels)
    assert tuple(labels) == encoder.parameters["Names"]
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
    assert encoder == NetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert encoder == pickle.loads(pickle.dumps(encoder))
    assert encoder == NetEncoder("PlacesOfLabels", encoder.parameters["Names"])
    assert encoder.digest == NetEncoder.from_yaml(encoder.to_yaml(pin=True)).digest


def test_names_of_specs_are_labels_in_a_spec() -> None:
    """All and Automatic are labels in YAML, quoted or not; a number must be quoted to be a text."""
    text = "schema: 1\nencoder: PlacesOfLabels\nparameters: {Names: [All, 'Automatic', '1', 1]}"
    assert ("All", "Automatic", "1", 1) == NetEncoder.from_yaml(text).parameters["Names"]


def test_command_takes_labels_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An option of the command is a list in YAML, or an asset; an error exits with 2."""
    (tmp_path / "input.txt").write_text("All")
    (tmp_path / "labels.txt").write_text("cat\nAll\n")
    asset = f"{{asset: {tmp_path / 'labels.txt'}}}"
    for place, labels in enumerate(("[cat, All]", asset, "[cat, cat]")):
        output = tmp_path / f"{place}.npy"
        arguments = ["--encoder", "PlacesOfLabels", "-p", f"Names={labels}", "-o", str(output)]
        code = main(["encode", str(tmp_path / "input.txt"), *arguments])
        assert (2 if place == 2 else 0) == code
        assert place == 2 or 1 == np.load(output)
    assert "Elements 0 and 1 are the same, 'cat'." in capsys.readouterr().err


def test_order_and_type_of_labels_are_part_of_the_digest() -> None:
    """Other places, and a number instead of its text, are another encoder."""
    lists = (["a", "b"], ["b", "a"], ["1", "b"], [1, "b"])
    assert 4 == len({NetEncoder("PlacesOfLabels", labels).digest for labels in lists})
    assert 4 == len({NetEncoder("PlacesOfLabels", labels) for labels in lists})


def test_long_lists_have_a_short_repr() -> None:
    """A repr has at most 16 labels, else their number, two of them and their digest."""
    assert "('0', '1')" == repr(Labels().check(["0", "1"]))
    many = Labels().check(list(map(str, range(17))))
    assert many.is_shortened
    assert re.fullmatch("<17 labels, from '0' to '16', sha256 [0-9a-f]{12}>", repr(many))
    others = Labels().check(list(map(str, [1, 0, *range(2, 17)])))
    assert repr(others)[-13:] != repr(many)[-13:]


def test_fifty_thousand_labels_are_written_and_read(tmp_path: Path) -> None:
    """They do not fit into a spec alone; beside it, in a file, they are equal."""
    encoder = NetEncoder("PlacesOfLabels", [f"token {place}\n" for place in range(50_000)])
    with pytest.raises(SpecError, match=r"files beside it: to_yaml\(assets=folder\)"):
        encoder.to_yaml()
    path = tmp_path / "spec.yaml"
    path.write_text(encoder.to_yaml(assets=tmp_path, pin=True), "utf-8")
    again = NetEncoder.from_yaml(path)
    assert encoder == again
    assert encoder.digest == again.digest
    assert encoder == pickle.loads(pickle.dumps(encoder))
    [file] = tmp_path.glob("Names-*.json")
    assert list(encoder.parameters["Names"]) == json.loads(file.read_text("utf-8"))
    assert path.read_text("utf-8") == encoder.to_yaml(assets=tmp_path, pin=True)


def test_short_lists_stay_in_the_spec(tmp_path: Path) -> None:
    """Up to 1000 labels are written in the spec itself."""
    encoder = NetEncoder("PlacesOfLabels", list(map(str, range(MAX_INLINE))))
    text = encoder.to_yaml(assets=tmp_path)
    assert encoder == NetEncoder.from_yaml(text)
    assert [] == list(tmp_path.iterdir())
    more = NetEncoder("PlacesOfLabels", list(map(str, range(MAX_INLINE + 1))))
    assert "asset: Names-" in more.to_yaml(assets=tmp_path)


def test_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """The folder of the files must exist."""
    encoder = NetEncoder("PlacesOfLabels", list(map(str, range(MAX_INLINE + 1))))
    with pytest.raises(FileNotFoundError):
        encoder.to_yaml(assets=tmp_path / "none")

"""Specs: the declarations of a YAML text, and the errors for all other texts, with their place."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import (
    All,
    ArraySpec,
    Automatic,
    Encoder,
    EncoderNotFoundError,
    Integer,
    NetEncoder,
    Parameter,
    ParameterError,
    SpecError,
    Text,
    registered,
)
from netencoders.yaml_specs import (
    Declaration,
    declaration,
    declarations,
    dump,
    read,
    scalar,
    strict_yaml,
)

FULL = """\
schema: 1
name: Telephone
summary: 8 kHz speech
encoder: AudioSpectrogram
parameters: {SampleRate: 8000, WindowSize: 32 ms, Offset: Automatic}
"""
SEVERAL = """\
schema: 1
encoders:
  - {name: A, encoder: Counter, parameters: {Start: 2}}
  - name: B
    encoder: A
    parameters:
      Step: 3
"""


class Counter(Encoder):
    """An encoder with the parameters that the specs below use."""

    name = "Counter"
    parameters = (
        Parameter("Start", Integer(), default=0),
        Parameter("Step", Integer(min=1), default=1),
        Parameter("Title", Text(), default=""),
    )

    def output(self) -> ArraySpec:
        """Return the form of the array."""
        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return an array that no test reads."""
        raise NotImplementedError


def refusal(text: bytes | str, source: str | None = None) -> SpecError:
    """Return the error that a text raises."""
    with pytest.raises(SpecError) as caught:
        declarations(text, source=source)
    return caught.value


def value_of(text: str) -> Any:
    """Return the value of a parameter with this YAML text."""
    [spec] = declarations(f"schema: 1\nencoder: X\nparameters:\n  P: {text}\n")
    return spec.parameters["P"]


# Reading


def test_spec_of_one_encoder() -> None:
    """Every part of a spec of one encoder becomes a Python value."""
    parameters = {"SampleRate": 8000, "WindowSize": "32 ms", "Offset": Automatic}
    expected = Declaration("Telephone", "AudioSpectrogram", parameters, "8 kHz speech", "t.yaml")
    assert [expected] == declarations(FULL, source="t.yaml")


def test_optional_parts_may_be_missing() -> None:
    """Name, summary and parameters are optional."""
    assert [Declaration("", "X")] == declarations("schema: 1\nencoder: X")


def test_spec_of_several_encoders_keeps_their_order() -> None:
    """A file of several encoders gives them in the order of the text."""
    expected = [Declaration("A", "Counter", {"Start": 2}), Declaration("B", "A", {"Step": 3})]
    assert expected == declarations(SEVERAL)


@pytest.mark.parametrize("encode", [str.encode, lambda text: b"\xef\xbb\xbf" + text.encode()])
def test_bytes_are_utf_8(encode: Any) -> None:
    """Bytes are UTF-8, with or without a byte order mark."""
    assert declarations(FULL) == declarations(encode(FULL))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_make_no_difference(end: str) -> None:
    """Line ends of other systems and document marks make no difference."""
    assert declarations(FULL) == declarations(f"---\n{FULL}...\n".replace("\n", end))


def test_parameters_are_read_only() -> None:
    """The parameters of a declaration cannot be changed."""
    [spec] = declarations(FULL)
    with pytest.raises(TypeError, match="does not support item assignment"):
        spec.parameters["SampleRate"] = 1  # type: ignore[index] # that is the test


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12:30:45", "12:30:45"),
        ("010", 10),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1e3", 1000.0),
        ("0o10", 8),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("-0x1F", "-0x1F"),
        ("0x", "0x"),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5E-3", -0.0015),
        ("1e", "1e"),
        (".", "."),
        ("9223372036854775807", 2**63 - 1),
        ("2024-01-01", "2024-01-01"),
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("nUll", "nUll"),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("'true'", "true"),
        ('"1"', "1"),
        ("'~'", "~"),
        ('""', ""),
        (r'"\x41\u00e9\U0001F600"', "Aé😀"),
        ("25 ms", "25 ms"),
        ("=", "="),
        ("<<", "<<"),
        ("Automatic", Automatic),
        ("'All'", All),
        ("automatic", "automatic"),
        ("[Max, 0.5, [All, ~], []]", ("Max", 0.5, (All, None), ())),
        ("\n    - Max\n    - 1", ("Max", 1)),
        (">-\n    two\n    lines", "two lines"),
        ("a # comment", "a"),
    ],
)
def test_value_follows_the_core_schema(text: str, expected: Any) -> None:
    """Values follow the core schema of YAML 1.2 and become Python values; lists become tuples."""
    value = value_of(text)
    assert repr(expected) == repr(value)


# Refused specs: rows of (text, line, column, part of the message)

BEGIN = "schema: 1\nencoder: X\n"
REFUSED: dict[str, tuple[bytes | str, int, int, str]] = {
    "python tag": (BEGIN + "name: !!python/object/apply:os.system [ls]", 3, 7, "tag"),
    "standard tag": (BEGIN + "name: !!str A", 3, 7, "tag"),
    "local tag": (BEGIN + "name: !local A", 3, 7, "tag"),
    "tag on the document": ("!x {schema: 1}", 1, 1, "tag"),
    "anchor": (BEGIN + "name: &a A", 3, 7, "anchor"),
    "alias": (BEGIN + "name: *a", 3, 7, "alias"),
    "recursive alias": (BEGIN + "parameters: &a [*a]", 3, 13, "anchor"),
    "bomb": ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", 1, 4, "anchor"),
    "merge key": (BEGIN + "<<: {name: A}", 3, 1, "merge key"),
    "duplicate key": (BEGIN + "encoder: Y", 3, 1, "'encoder' is repeated; it is already in line 2"),
    "duplicate parameter": (
        BEGIN + "parameters: {A: 1, 'A': 1}",
        3,
        20,
        "repeated; it is already in line",
    ),
    "integer key": (BEGIN + "1: x", 3, 1, "must be a text. Got 1"),
    "null key": (BEGIN + "? \n: x", 3, 2, "must be a text. Got nothing"),
    "bool key": (BEGIN + "parameters: {true: 1}", 3, 14, "must be a text. Got true"),
    "list key": (BEGIN + "? [a]\n: 1", 3, 3, "not a list or mapping"),
    "nested braces": ("{" * 100_000, 1, 2, "not a list or mapping"),
    "nested brackets": ("[" * 100_000, 1, 17, "nested more than 16 levels deep"),
    "nested dashes": ("- " * 100_000, 1, 33, "nested more than 16 levels deep"),
    "nested question marks": ("? " * 100_000, 1, 3, "not a list or mapping"),
    "deep parameter": (BEGIN + f"parameters: {{P: {'[' * 15}{']' * 15}}}", 3, 31, "nested more"),
    "long integer": (BEGIN + f"parameters: {{P: {'1' * 5000}}}", 3, 17, "64 bits"),
    "long hexadecimal": (BEGIN + f"parameters: {{P: 0x{'f' * 5000}}}", 3, 17, "64 bits"),
    "65 bits": (BEGIN + "parameters: {P: 9223372036854775808}", 3, 17, "64 bits"),
    "nan": (BEGIN + "parameters: {P: .nan}", 3, 17, "finite"),
    "infinity": (BEGIN + "parameters: {P: -.inf}", 3, 17, "finite"),
    "overflow": (BEGIN + "parameters: {P: 1e999}", 3, 17, "too large"),
    "empty": ("", 1, 1, "empty"),
    "only a comment": ("# nothing\n", 1, 1, "empty"),
    "only a mark": ("---\n", 1, 1, "empty"),
    "a list": ("- schema: 1\n", 1, 1, "an encoder must be a mapping.*Got a list"),
    "a text": ("speech.yaml\n", 1, 1, "an encoder must be a mapping.*Got 'speech.yaml'"),
    "two documents": (BEGIN + "---\n" + BEGIN, 3, 1, "second document"),
    "YAML directive": ("%YAML 1.2\n---\n" + BEGIN, 1, 1, "directive"),
    "long directive": (f"%YAML 1.{'9' * 5000}\n---\n", 1, 1, "directive"),
    "TAG directive": ("%TAG ! tag:x,2000:\n---\n" + BEGIN, 1, 1, "directive"),
    "UTF-16": (BEGIN.encode("utf-16"), 1, 1, "UTF-16"),
    "UTF-16 without a mark": (BEGIN.encode("utf-16-le"), 1, 2, r"U\+0000"),
    "Latin-1": ((BEGIN + "name: \xe9").encode("latin-1"), 3, 7, "0xe9 is not UTF-8"),
    "NUL": (BEGIN + "name: A\0", 3, 8, r"U\+0000"),
    "escape sequence": (BEGIN + "summary: \x1b[31m", 3, 10, r"U\+001B"),
    "line separator": (BEGIN + "summary: a\u2028b", 3, 11, r"U\+2028"),
    "lone surrogate": (BEGIN + "summary: \ud800", 3, 10, r"U\+D800"),
    "surrogate escape": (BEGIN + r'name: "\ud800"', 3, 7, "surrogate"),
    "escape of no character": (
        BEGIN + r'name: "\UFFFFFFFF"',
        3,
        0,
        "this escape is not a character",
    ),
    "unknown escape": (BEGIN + r'name: "C:\q"', 3, 11, "single quotes"),
    "tab": (BEGIN + "parameters:\n\tP: 1", 4, 1, "tab"),
    "reserved character": (BEGIN + "name: @x", 3, 7, "quote it"),
    "second colon": (BEGIN + "summary: 8 kHz: speech", 3, 15, "quote a text"),
    "open list": (BEGIN + "parameters: {P: [1, 2", 3, 22, "list is not closed"),
    "open mapping": (BEGIN + "parameters: {P: 1", 3, 18, "mapping is not closed"),
    "open quotes": (BEGIN + "name: 'A", 3, 9, "quoted text is not closed"),
    "indentation": (BEGIN + " name: A", 3, 6, "':' is out of place"),
    "dash in a line": (BEGIN + "parameters: - 1", 3, 13, "own line"),
    "no colon": (BEGIN + "parameters: {}\nname\n", 5, 1, "the ':' after a key is missing"),
    "stray bracket": (BEGIN + "]", 3, 1, "indentation"),
    "after the end": ("{schema: 1}}", 1, 12, "does not continue"),
    "block scalar's head": (BEGIN + "summary: |9x\n", 3, 12, "chomping"),
    "too large": ("#" * (2**20 + 1), 0, 0, "the spec has more than 1048576 bytes"),
    "too many values": (f"a: [{'1,' * 20_001}]", 1, 0, "more than 20000 values"),
    "no schema": ("encoder: X", 1, 1, "begin with 'schema: 1'"),
    "schema of the future": ("schema: 2\nfoo: 1", 1, 1, "reads schema 1. Got 2. Update"),
    "schema 0": ("encoder: X\nschema: 0", 2, 1, r"reads schema 1. Got 0.$"),
    "schema true": ("schema: true\nencoder: X", 1, 1, "integer 1. Got True"),
    "schema 1.0": ("schema: 1.0\nencoder: X", 1, 1, "integer 1. Got 1.0"),
    "no encoder": ("schema: 1\n", 1, 1, "'encoder' is missing"),
    "number as encoder": ("schema: 1\nencoder: 12", 2, 1, "text on one line. Got 12"),
    "nothing as encoder": ("schema: 1\nencoder:", 2, 1, "text on one line. Got nothing"),
    "empty encoder": ("schema: 1\nencoder: ''", 2, 1, "text on one line. Got ''"),
    "list as name": (BEGIN + "name: [A]", 3, 1, "text on one line. Got a list"),
    "spaces in a name": (BEGIN + "name: my name", 3, 1, "letters, digits and underscores"),
    "two lines of summary": (BEGIN + "summary: |\n  a\n  b", 3, 1, "text on one line"),
    "escape in a summary": (BEGIN + r'summary: "\e[31m"', 3, 1, "text on one line"),
    "list of parameters": (BEGIN + "parameters: []", 3, 1, "mapping.*Got an empty list"),
    "nothing as parameters": (BEGIN + "parameters:", 3, 1, "mapping.*Got nothing"),
    "asset without a name": (BEGIN + "parameters:\n  A: 1\n  B: {asset: 1}", 5, 3, "'B' has an"),
    "near-miss key": (BEGIN + "paramters: {}", 3, 1, "'paramters'. Did you mean 'parameters'"),
    "unlike any key": (BEGIN + "q: {}", 3, 1, "'q'. Known: schema, name, summary, encoder"),
    "both forms": (BEGIN + "encoders: [{name: A, encoder: X}]", 2, 1, "unknown key 'encoder'"),
    "no encoders": ("schema: 1\nencoders: []", 2, 1, "list of encoders. Got an empty list"),
    "encoders as a mapping": ("schema: 1\nencoders: {}", 2, 1, "list of encoders. Got a mapping"),
    "text among encoders": ("schema: 1\nencoders:\n- A", 3, 3, "an encoder must be a mapping"),
    "no name": ("schema: 1\nencoders:\n- encoder: A", 3, 3, "'name' is missing"),
    "one name twice": (
        "schema: 1\nencoders:\n- {name: A, encoder: X}\n- {name: A, encoder: Y}",
        4,
        4,
        "'A' is repeated",
    ),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_invalid_spec_is_refused_at_its_place(row: tuple[bytes | str, int, int, str]) -> None:
    """The error for an invalid spec names its line and column (0: any)."""
    text, line, column, message = row
    error = refusal(text, "s.yaml")
    assert (line or error.line) == error.line
    assert (column or error.column) == error.column
    assert error.source == "s.yaml"
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    with pytest.raises(SpecError, match=message):
        raise error


@pytest.mark.parametrize("name", [name for name in REFUSED if name.startswith("nested")])
def test_deep_nesting_is_refused_before_its_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100 000 levels the scanner reads about 1024 characters, the lookahead of YAML."""
    scan, scans = strict_yaml._Loader.fetch_more_tokens, []

    def counted(loader: strict_yaml._Loader) -> None:
        scans.append(loader.index)
        scan(loader)

    monkeypatch.setattr(strict_yaml._Loader, "fetch_more_tokens", counted)
    refusal(REFUSED[name][0])
    assert max(scans) < 1100
    assert len(scans) < 1100


def test_error_lists_all_problems() -> None:
    """If the YAML is valid, one error lists every problem in the order of the document."""
    text = (
        "schema: '1'\nencoders:\n- nam: A\n  encoder: 3\n  parameters: {P: {asset: 1}}\n- B\n"
        "more: 1\n"
    )
    expected = (
        "s.yaml, line 1, column 1: 7 problems\n"
        "  line 1: 'schema' must be the integer 1. Got '1'.\n"
        "  line 3: unknown key 'nam'. Did you mean 'name'?\n"
        "  line 3: 'name' is missing: each of several encoders needs a name.\n"
        "  line 4: 'encoder' must be a text on one line. Got 3.\n"
        "  line 5: the parameter 'P' has an asset that is not the name of a file: 1.\n"
        "  line 6: an encoder must be a mapping (key: value). Got 'B'.\n"
        "  line 7: unknown key 'more'. Known: schema, encoders."
    )
    assert expected == str(refusal(text, "s.yaml"))


@pytest.mark.parametrize("depth", [14, 15])
def test_lists_may_be_nested_up_to_the_limit(depth: int) -> None:
    """Lists may be nested up to the limit, which includes the document and the parameters."""
    text = f"{'[' * depth}{']' * depth}"
    if depth == 14:
        assert text.replace("[", "(").replace("]", ",)").replace("(,)", "()") == repr(
            value_of(text)
        )
    else:
        with pytest.raises(SpecError, match="nested more than 16 levels deep"):
            value_of(text)


# Dicts


def test_declaration_of_a_dict() -> None:
    """A dict has the keys and values of a spec, and may also hold Python values."""
    parameters = {"A": [1, "All"], "B": Automatic, "C": (1, 2)}
    found = declaration({"schema": 1, "encoder": "X", "parameters": parameters})
    assert Declaration("", "X", {"A": (1, All), "B": Automatic, "C": (1, 2)}) == found


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({}, "2 problems\n  'schema' is missing.*\n  'encoder' is missing"),
        ({"schema": 1, "encoder": "X", 3: 4}, "unknown key 3. Known"),
        ({"schema": 1, "encoders": []}, "unknown key 'encoders'. Did you mean 'encoder'"),
        ({"schema": 10**5000, "encoder": "X"}, "reads schema 1. Got an integer of"),
        (
            {"schema": 1, "encoder": "X", "parameters": {1: 2}},
            "parameter 1 must have a text as its name",
        ),
        (
            {"schema": 1, "encoder": "X", "parameters": {"A": [{1: 2}]}},
            "'A' has a mapping with the name 1",
        ),
        ([1], "an encoder must be a mapping.*Got a list"),
    ],
)
def test_dict_that_declares_no_encoder_is_refused(mapping: Any, message: str) -> None:
    """The error for a dict that declares no encoder has no line and column."""
    with pytest.raises(SpecError, match=message) as caught:
        declaration(mapping)
    assert (None, None) == (caught.value.line, caught.value.column)


def test_list_in_itself_is_refused() -> None:
    """A list that contains itself raises SpecError, not RecursionError."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(SpecError, match="'A' is nested more than 14 levels deep"):
        declaration({"schema": 1, "encoder": "X", "parameters": {"A": endless}})


# Writing

LIKE_OTHERS = ["1e3", "0o10", "0x1F", "no", "12:30", "~", "null", "true", ".inf", ".5", "1.", "010"]
LIKE_MARKS = [
    "-",
    "---",
    "...",
    "?",
    ":",
    "#",
    "a: b",
    "a #b",
    "<<",
    "!",
    "&",
    "*",
    "%",
    "@",
    "[a]",
]
LIKE_SPACE = ["", " a", "a ", "a\n", "\t", "\x85", "\u2028", "\ufeff", "\\x", "'", '"', "\x00"]
texts = st.sampled_from(LIKE_OTHERS + LIKE_MARKS + LIKE_SPACE) | st.text()
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts.filter(lambda text: text not in {"All", "Automatic"})
    | st.sampled_from([All, Automatic]),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=8,
)


@given(st.dictionaries(texts.filter(lambda key: len(key) < 100), plain, max_size=5))
@settings(deadline=None)
def test_dump_reads_back(parameters: dict[str, Any]) -> None:
    """Every value that a spec can hold reads back with equal value, type and order of keys."""
    [spec] = declarations(dump({"schema": 1, "encoder": "no", "parameters": parameters}))
    assert repr(parameters) == repr(dict(spec.parameters))
    assert "no" == spec.encoder


def test_dump_is_readable() -> None:
    """Mappings are written as blocks, lists in brackets, and texts with quotes only if needed."""
    parameters = {"A": "25 ms", "B": (1, (2.0, 1e22)), "C": "no", "D": "1e3", "E": "a: b", "F": All}
    text = dump({"schema": 1, "encoder": "X", "parameters": parameters, "more": {}})
    expected = (
        "schema: 1\nencoder: X\nparameters:\n  A: 25 ms\n  B: [1, [2.0, 1.0e+22]]\n  C: no\n"
        '  D: "1e3"\n  E: "a: b"\n  F: All\nmore: {}\n'
    )
    assert expected == text


def test_dump_of_several_encoders_reads_back() -> None:
    """A document of several encoders also reads back."""
    listed = [
        {"name": "A", "encoder": "X", "parameters": {"P": "1"}},
        {"name": "B", "encoder": "A"},
    ]
    found = declarations(dump({"schema": 1, "encoders": listed}))
    assert [Declaration("A", "X", {"P": "1"}), Declaration("B", "A")] == found


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "cannot hold nan"),
        (float("inf"), "cannot hold inf"),
        (2**63, "cannot hold 9223372036854775808"),
        pytest.param(10**5000, "cannot hold an integer of", id="long"),
        ("\ud800", "a lone surrogate"),
        ({1, 2}, "cannot hold {1, 2}"),
        (b"x", "cannot hold b'x'"),
    ],
)
def test_dump_refuses_values_outside_of_yaml(value: Any, message: str) -> None:
    """A value that YAML cannot express raises an error, and is not replaced."""
    with pytest.raises(SpecError, match=message):
        dump({"parameters": {"P": [value]}})


def test_dump_refuses_endless_values() -> None:
    """Lists and mappings that contain themselves raise an error."""
    endless: list[Any] = []
    endless.append(endless)
    circle: dict[str, Any] = {}
    circle["a"] = circle
    for value in (endless, circle):
        with pytest.raises(SpecError, match="nested more than 16 levels deep"):
            dump({"parameters": value})


# Values of the command line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8000", 8000),
        ("25 ms", "25 ms"),
        ("Automatic", Automatic),
        ("null", None),
        ("", None),
        ("[Max, 0.5]", ("Max", 0.5)),
        ("'8000'", "8000"),
        ("a:b", "a:b"),
        ("-5", -5),
    ],
)
def test_scalar_reads_a_value_of_the_command_line(text: str, expected: Any) -> None:
    """A value on the command line is read as in a spec."""
    assert expected == scalar(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("asset: 1", r"'asset: 1' has an asset that is not the name of a file: 1. Quote"),
        ("[asset: 1]", "not the name of a file"),
        ("[1", "list is not closed"),
        ("!!python/name:os.system", "tag"),
        ("1\0", r"U\+0000"),
        ("[" * 15 + "]" * 15, "nested more than 14 levels deep"),
    ],
)
def test_scalar_refuses_an_invalid_value(text: str, message: str) -> None:
    """An invalid value on the command line raises SpecError."""
    with pytest.raises(SpecError, match=message):
        scalar(text)


# Files


def test_read_distinguishes_text_from_path(tmp_path: Path) -> None:
    """A str with a line break is the text; any other is a path."""
    file = tmp_path / "a.yaml"
    file.write_bytes(FULL.encode())
    assert (FULL, None) == read(FULL)
    assert (FULL.encode(), str(file)) == read(file) == read(str(file))


def test_read_stops_at_the_limit(tmp_path: Path) -> None:
    """A huge file is refused without reading it whole."""
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(2**40)
    text, place = read(file)
    assert 2**20 + 1 == len(text)
    with pytest.raises(SpecError, match=r"huge.yaml: the spec has more than 1048576 bytes"):
        declarations(text, source=place)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.yaml", "absent.yaml: there is no such file"),
        ("", "a folder: name a YAML file"),
        ("fifo", "fifo: this is not a regular file"),
        ("loop", "loop: the path cannot be used: Too many levels"),
        ("file/below", "below: the path cannot be used: Not a directory"),
        ("n\0l", "the path cannot be used: .*null"),
        ("x" * 300, "the path cannot be used: File name too long"),
    ],
)
def test_read_refuses_other_than_regular_files(tmp_path: Path, name: str, message: str) -> None:
    """Only a regular file is opened; the error names the path and never waits for a writer."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()
    with pytest.raises(SpecError, match=message) as caught:
        read(os.path.join(tmp_path, name))
    assert str(tmp_path) in (caught.value.source or "")


def test_read_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error for a file without read permission names the file."""

    def refuse(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(
        SpecError, match=r"test_yaml_specs.py: there is no permission to read the file"
    ):
        read(__file__)


@pytest.mark.parametrize("source", [0, None, b"a.yaml", ["a.yaml"]])
def test_read_refuses_other_types(source: Any) -> None:
    """A value that is neither text nor path is refused, also an int, which open() would accept."""
    with pytest.raises(SpecError, match=r"a spec must be a path, or a str with a line break. Got"):
        read(source)


def test_path_object_gets_no_hint_about_texts(tmp_path: Path) -> None:
    """The hint that a str may be a text is for a str only; the command line passes a Path."""
    with pytest.raises(SpecError, match=r"there is no such file\.$"):
        read(tmp_path / "absent.yaml")
    with pytest.raises(SpecError, match=r"there is no such file\. \(Only a str with"):
        read("absent.yaml")


def test_path_in_a_message_is_one_line(tmp_path: Path) -> None:
    """A path that would break the line or the terminal is escaped in the message."""
    with pytest.raises(SpecError, match=r"two\\nlines\\x1b.yaml: there is no such file"):
        read(tmp_path / "two\nlines\x1b.yaml")


# NetEncoder


def test_round_trip_gives_an_equal_encoder() -> None:
    """An encoder is equal after a round trip through YAML or a dict, for any text parameter."""
    with registered(Counter):
        encoder = NetEncoder("Counter", Start=-3, Title="1e3: \x85")
        assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
        assert encoder == NetEncoder.from_dict(encoder.to_dict())


def test_encoder_derives_from_one_in_the_same_file() -> None:
    """An encoder in a file may derive from another one in the same file."""
    with registered(Counter):
        assert NetEncoder("Counter", Start=2, Step=3) == NetEncoder.from_yaml(SEVERAL, "B")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, r"declares several encoders\. Choose by name from: 'A', 'B'\."),
        ("C", r"declares no 'C'\. Choose by name from: 'A', 'B'\."),
    ],
)
def test_unknown_or_missing_name_chooses_no_encoder(name: str | None, message: str) -> None:
    """Without a name, or with an unknown one, no encoder is chosen."""
    with registered(Counter), pytest.raises(SpecError, match=message):
        NetEncoder.from_yaml(SEVERAL, name)


def test_spec_with_invalid_values_raises_parameter_error() -> None:
    """A spec of valid structure with invalid values raises one ParameterError for all of them."""
    text = "schema: 1\nencoder: Counter\nparameters: {Start: true, Step: 0, Titel: x}\n"
    message = "(?s)Counter: 3 problems.*'Start'.*'Step'.*'Titel'. Did you mean 'Title'"
    with registered(Counter), pytest.raises(ParameterError, match=message):
        NetEncoder.from_yaml(text)


def test_spec_of_an_absent_plugin_names_the_remedy() -> None:
    """The error for an encoder that no plugin provides names it and the remedy."""
    with pytest.raises(EncoderNotFoundError, match=r"no encoder 'Absent'.*install that plugin"):
        NetEncoder.from_yaml("schema: 1\nencoder: Absent\n")


IMPORTS_NOTHING = """
import difflib, sys  # difflib: messages name near misses
from netencoders import EncoderNotFoundError, NetEncoder
NetEncoder.from_yaml("schema: 1\\nencoder: AudioSpectrogram\\n")
before = set(sys.modules)
for name in ("os.system", "antigravity", "this", "wave:open", "netencoders_audio.plugin"):
    try:
        NetEncoder.from_yaml(f"schema: 1\\nencoder: {name}\\nparameters: {{module: this}}\\n")
    except EncoderNotFoundError as error:
        assert name in str(error)
    else:
        raise SystemExit(f"{name} was found")
grown = set(sys.modules) - before
raise SystemExit(f"imported: {grown}" if grown else 0)
"""


def test_loading_a_spec_imports_no_module() -> None:
    """A spec that names a module is a spec of an unknown encoder, and loads no module."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS_NOTHING], capture_output=True, text=True, check=False
    )
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_importing_netencoders_does_not_import_yaml() -> None:
    """PyYAML is loaded with the first spec, and not before."""
    code = "import sys, netencoders; raise SystemExit('yaml' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


# Arbitrary input


def outcome(text: bytes | str) -> list[Declaration] | SpecError:
    """Return the declarations or the SpecError; any other exception fails the test."""
    try:
        return declarations(text)
    except SpecError as error:
        return error


@given(st.text() | st.binary() | st.text("[]{}:,-#&*!|>'\"%@`? \n\tab1.~\\xU", max_size=40))
@settings(deadline=None)
def test_any_text_gives_declarations_or_a_spec_error(text: bytes | str) -> None:
    """Any text or bytes give declarations or a SpecError."""
    assert isinstance(outcome(text), list | SpecError)


@given(st.text("[]{}:,-#&*!|>'\"%@`? \n\tab1.~\\xU", max_size=20))
@settings(deadline=None)
def test_any_value_is_written_or_refused(text: str) -> None:
    """Any text of the command line gives a value that can be written, or a SpecError."""
    try:
        value = scalar(text)
    except SpecError:
        return
    [spec] = declarations(dump({"schema": 1, "encoder": "X", "parameters": {"P": value}}))
    assert repr(value) == repr(spec.parameters["P"])


def test_changed_bytes_give_declarations_or_a_spec_error() -> None:
    """Valid specs with a few changed bytes give declarations or a SpecError, nothing else."""
    generator = random.Random(20260101)
    pieces = [b"\n", b": ", b"- ", b"[", b"}", b"&a", b"*a", b"!!x ", b"<<: ", b"\t", b'"', b"\\U"]
    pieces += [b"\xff", b"\0", b"---\n", b"1e999", b"|\n", b"%", b"  ", b"\xe2\x80\xa8", b"#", b"?"]
    refused = 0
    for _ in range(1500):
        text = bytearray(generator.choice((FULL, SEVERAL)).encode())
        for _ in range(generator.randint(1, 3)):
            place = generator.randrange(len(text))
            length = generator.choice((0, 0, 1, 3, 10))
            piece = generator.choice((generator.choice(pieces), generator.randbytes(1), b""))
            text[place : place + length] = piece
        refused += isinstance(outcome(bytes(text)), SpecError)
    assert 500 < refused < 1500

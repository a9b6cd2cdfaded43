"""Importers: the hook, the choice of an importer, the files of configs, and the command."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netencoders import (
    Config,
    ConfigError,
    ConfigField,
    Importer,
    Integer,
    NetEncoder,
    PluginError,
    PluginWarning,
    read_fields,
)
from netencoders.cli import main
from netencoders.config_files import MAX_BYTES
from netencoders.registry import importers

Install = Callable[..., None]

# An importer of a plugin, with each of its parts.
CODE = """
from netencoders import ConfigError, Importer, Integer, Parameter

def declare(config, part):
    if config.content.get("bad"):
        raise ConfigError([("bad", "'bad' must be missing. Remove it.")])
    size = config.content["toy"] + (part == "Large") * 1000
    return {"name": "ToyTool", "summary": "a toy", "encoder": "Toy", "parameters": {"Size": size}}

def parts(config):
    return ("Small", "Large") if config.content.get("two") else ()

def recognizes(config):
    return "toy" in config.content

def hint(config):
    return "a toy needs 'toy': add it." if "game" in config.content else ""

TOY = Importer("ToyTool", "toy.json of a tool", recognizes, declare, parts=parts,
               files=("toy.json", "old.json"), hint=hint)

@hookimpl
def register_encoders(register):
    size = Parameter("Size", Integer(1, 9000), default=1, doc="a size")
    register(made("Toy", parameters=(size,)))
"""
HOOK = "@hookimpl\ndef register_importers(register):\n    register({})\n"


@pytest.fixture
def toy(install: Install) -> None:
    """Install the plugin with the importer."""
    install("aa", CODE + HOOK.format("TOY"))


def test_importer_of_a_plugin_declares_an_encoder(toy: None, tmp_path: Path) -> None:
    """The config may be a mapping, a file of each format, or a folder."""
    expected = NetEncoder("Toy", Size=7)
    assert expected == NetEncoder.from_config({"toy": 7})
    (tmp_path / "a.yaml").write_text("toy: 7\n")
    assert expected == NetEncoder.from_config(tmp_path / "a.yaml")
    assert expected == NetEncoder.from_config(str(tmp_path / "a.yaml"))
    (tmp_path / "old.json").write_text('{"toy": 7}')
    assert expected == NetEncoder.from_config(tmp_path)
    (tmp_path / "toy.json").write_text('{"toy": 8}')
    assert NetEncoder("Toy", Size=8) == NetEncoder.from_config(tmp_path)


def test_part_is_demanded_and_checked(toy: None) -> None:
    """Of several parts one must be given; without parts none may be given."""
    two = {"toy": 7, "two": True}
    assert NetEncoder("Toy", Size=1007) == NetEncoder.from_config(two, part="Large")
    with pytest.raises(ConfigError, match=r"several front ends\. .* one of 'Small', 'Large'\."):
        NetEncoder.from_config(two)
    with pytest.raises(ConfigError, match=r"one of 'Small', 'Large'\. Got 'large'\. Did you mean"):
        NetEncoder.from_config(two, part="large")
    with pytest.raises(ConfigError, match=r"the config has no parts: leave it out\. Got 'Small'"):
        NetEncoder.from_config({"toy": 7}, part="Small")


def test_config_that_no_importer_recognizes_is_refused(toy: None, tmp_path: Path) -> None:
    """The error has the hints of importers, or their list; it tells a spec from a config."""
    with pytest.raises(ConfigError, match=r"no importer recognizes .*\. a toy needs 'toy': add it"):
        NetEncoder.from_config({"game": 1})
    with pytest.raises(ConfigError, match=r"Importers: .*ToyTool \(toy\.json of a tool\)\. If a"):
        NetEncoder.from_config({})
    with pytest.raises(
        ConfigError, match=r"It is a spec of netencoders: use NetEncoder\.from_yaml"
    ):
        NetEncoder.from_config({"schema": 1, "encoder": "Toy"})
    with pytest.raises(ConfigError, match=r"A folder must hold one of: .*toy\.json, old\.json\."):
        NetEncoder.from_config(tmp_path)
    (tmp_path / "old.json").write_text('{"game": 1}')
    with pytest.raises(ConfigError, match=r"the config\. old\.json: a toy needs 'toy': add it\.$"):
        NetEncoder.from_config(tmp_path)
    (tmp_path / "old.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"the config\. old\.json: Importers: .*ToyTool"):
        NetEncoder.from_config(tmp_path)


def test_config_that_two_importers_recognize_is_refused(install: Install) -> None:
    """Both importers are named, and none of them is used."""
    install("aa", CODE + HOOK.format("TOY"))
    other = "import dataclasses\n" + HOOK.format("dataclasses.replace(TOY, name='Other')")
    install("bb", CODE.partition("@hookimpl")[0] + other)
    expected = r"2 importers recognize it: Other of bb 2\.1 \(main\), ToyTool of aa 2\.1 \(main\)"
    with pytest.raises(ConfigError, match=expected):
        NetEncoder.from_config({"toy": 7})


def test_name_of_two_importers_is_unusable(install: Install) -> None:
    """Two plugins that register one name are both named."""
    install("aa", CODE + HOOK.format("TOY"))
    install("bb", CODE.partition("@hookimpl")[0] + HOOK.format("TOY"))
    with pytest.warns(PluginWarning, match="the importer 'ToyTool' is provided by aa .* and bb"):
        assert "ToyTool" not in importers()


def test_invalid_importer_is_left_out(install: Install) -> None:
    """Only an Importer can be registered."""
    install("aa", HOOK.format("42"))
    with pytest.warns(PluginWarning, match="register_importers takes an Importer. Got 42"):
        assert {"HuggingFace", "Kaldi", "NeMo"} == importers().keys()


def test_errors_of_an_importer_name_the_file(toy: None, tmp_path: Path) -> None:
    """An importer refuses a config by name; the framework adds the path."""
    (tmp_path / "a.json").write_text('{"toy": 7, "bad": 1}')
    with pytest.raises(ConfigError, match=r"a\.json: 'bad' must be missing\. Remove it\.$"):
        NetEncoder.from_config(tmp_path / "a.json")


def test_encoder_that_is_refused_is_a_problem_of_the_config(toy: None) -> None:
    """A value that the encoder refuses gives an error of the config."""
    with pytest.raises(ConfigError, match=r"is refused\. ToyTool: 'Size' must be .* Got 9001"):
        NetEncoder.from_config({"toy": 9001})


def test_layer_that_is_refused_is_a_problem_of_the_config(install: Install) -> None:
    """A layer that does not take the arrays of the encoder gives an error of the config."""
    change = "declare=lambda c, p: {'encoder': 'Toy', 'layers': ['Stack']}"
    code = CODE + "import dataclasses\n" + HOOK.format(f"dataclasses.replace(TOY, {change})")
    install("aa", code)
    with pytest.raises(
        ConfigError, match=r"the encoder that the config declares is refused\. Toy: "
    ):
        NetEncoder.from_config({"toy": 1})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "declare=lambda c, p: 1 / 0",
            r"importer ToyTool, aa .*'declare' failed: ZeroDivision",
        ),
        ("declare=lambda c, p: 5", r"'declare' must return a mapping, .* of a spec\. Got 5"),
        ("declare=lambda c, p: {}", r"its declaration is not a spec: 'encoder' is missing"),
        ("parts=lambda c: 1 / 0", "'parts' failed: ZeroDivisionError: division by zero"),
        ("parts=lambda c: 5", r"'parts' must return a list of different texts\. Got 5"),
        ("parts=lambda c: ['A', 5]", r"'parts' must return a list of .* Got \['A', 5\]"),
        ("parts=lambda c: ['A', 'A']", r"'parts' must return a list of .* Got \['A', 'A'\]"),
        ("recognizes=lambda c: 1 / 0", "'recognizes' failed: ZeroDivisionError: division by zero"),
        ("recognizes=lambda c: c.content.clear()", "'recognizes' failed: AttributeError: 'mapping"),
        ("declare=__import__('functools').partial(divmod, 5)", "'declare' failed: TypeError: "),
    ],
)
def test_bugs_of_an_importer_name_its_plugin(install: Install, change: str, expected: str) -> None:
    """An importer that fails, or returns something else, is a bug of the plugin."""
    code = CODE + "import dataclasses\n" + HOOK.format(f"dataclasses.replace(TOY, {change})")
    install("aa", code)
    with pytest.raises(PluginError, match=expected):
        NetEncoder.from_config({"toy": 1})


def nothing(*given: Any) -> Any:
    """Return None."""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "a b"}, "an importer's name must be a letter, then letters, .* Got 'a b'"),
        ({"summary": "two\nlines"}, "^importer Tool: 'summary' must be one line. Got "),
        ({"declare": 5}, "^importer Tool: 'declare' must be a function. Got 5"),
        ({"hint": "x"}, "^importer Tool: 'hint' must be a function. Got 'x'"),
        ({"files": "x"}, "^importer Tool: 'files' must be a tuple of names of files. Got 'x'"),
    ],
)
def test_invalid_fields_of_an_importer_are_refused(fields: dict[str, Any], expected: str) -> None:
    """The fields of an Importer are checked when it is made."""
    given = {"name": "Tool", "summary": "x", "recognizes": nothing, "declare": nothing}
    with pytest.raises(PluginError, match=expected):
        Importer(**{**given, **fields})


def test_fields_are_read_by_their_rules() -> None:
    """Defaults fill missing fields, and one without an effect has no value."""
    rules = [ConfigField("a", Integer(1), 5), ConfigField("b", Integer(1)), ConfigField("c")]
    assert ({"a": 5, "b": 2}, []) == read_fields({"b": 2, "c": object()}, rules, "Tool")


def test_problems_of_fields_are_listed() -> None:
    """A missing field, a wrong value and an unknown one give one problem each."""
    rules = [ConfigField("one", Integer(1), 5, remedy="Add 1."), ConfigField("two", Integer(1))]
    values, problems = read_fields({"one": 0, "onee": 1, 3: 4}, rules, "Tool")
    assert {} == values
    rest = " It may change the array: if it does not, remove it from a copy of the config."
    assert [
        ("one", "'one' must be an integer >= 1. Got 0. Add 1."),
        ("two", "'two' is missing, a field that Tool needs: add it."),
        ("onee", f"unknown field 'onee' of Tool. Did you mean 'one'?{rest}"),
        ("", f"unknown field 3 of Tool.{rest}"),
    ] == problems


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.json", "{", "this is not JSON: .*line 1, column 2"),
        ("a.json", '{"a": 1, "a": 2}', "the field 'a' is repeated: remove one"),
        ("a.json", '{"a": NaN}', "NaN is not a number of JSON: replace it"),
        ("a.json", '{"a": 1e999}', "the number '1e999' is too large for a float64: replace it"),
        ("a.json", '{"a": 1%s}' % ("0" * 5000), "needs more than 64 bits: replace it"),
        ("a.json", "[" * 100_000, "the values are nested too deep"),
        ("a.json", "[1]", r"a config must be a mapping of fields\. Got \[1\]"),
        ("a.json", "", "this is not JSON: "),
        ("a.json", "{}".ljust(MAX_BYTES + 1), "the config has more than 2097152 bytes, the limit"),
        (
            "a.yaml",
            "a: &b 1",
            r"a\.yaml: line 1, column 4: an anchor \('&\.\.\.'\) .* in a config: ",
        ),
        ("a.yaml", "a: !!python/object:os.system {}", r"a\.yaml: line 1, column 4: a tag"),
        ("a.yml", "", r"a config must be a mapping of fields\. Got None"),
        ("a.conf", "--a=1\nb=2\n", r"line 2: an option must have the form --key=value\. Got 'b=2'"),
        ("a.conf", "--a=1\n--a=2\n", "line 2: the option '--a' is repeated: remove one"),
        (
            "a.conf",
            "--a=1 --b=2\n",
            r"line 1: an option must have its own line\. Got '--a=1 --b=2'",
        ),
        (
            "a.txt",
            "x",
            r"this is not the name of a config: name a \.json, .* or a folder that exists",
        ),
        ("a.nemo", "x", r"extract it: tar -xf MODEL\.nemo, and name its model_config\.yaml"),
    ],
)
def test_file_that_is_not_a_config_is_refused(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    """A file of another format, or one with repeated keys or values that are no numbers."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError, match=expected) as caught:
        NetEncoder.from_config(path)
    assert str(path) == caught.value.source


def test_bytes_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    """A config is UTF-8; a byte order mark is skipped."""
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ConfigError, match="byte 7 is not UTF-8: save the file as UTF-8"):
        NetEncoder.from_config(path)
    path.write_bytes(b"\xef\xbb\xbf[]")
    with pytest.raises(ConfigError, match="a config must be a mapping of fields"):
        NetEncoder.from_config(path)


def test_paths_without_a_file_are_refused(tmp_path: Path) -> None:
    """A missing file, a pipe, a null character and other values give the declared error."""
    with pytest.raises(ConfigError, match=r"a\.json: there is no such file: check the path"):
        NetEncoder.from_config(tmp_path / "a.json")
    os.mkfifo(tmp_path / "b.json")
    with pytest.raises(ConfigError, match=r"b\.json: this is not a regular file: name a file\.$"):
        NetEncoder.from_config(tmp_path / "b.json")
    with pytest.raises(ConfigError, match="the file cannot be read: embedded null byte"):
        NetEncoder.from_config("\0.json")
    with pytest.raises(ConfigError, match=r"a config must be a path or a mapping\. Got 5"):
        NetEncoder.from_config(5)  # type: ignore[arg-type] # the error is tested
    with pytest.raises(ConfigError, match=r"the name of a field must be a text\. Got 5"):
        NetEncoder.from_config({5: 6})  # type: ignore[dict-item] # the error is tested


def test_config_holds_the_name_of_the_file() -> None:
    """A mapping has no file."""
    assert "" == Config({}).file


def test_error_of_one_problem_has_one_line() -> None:
    """Several problems are lines below the path; line breaks of a field are escaped."""
    assert "a config: x" == str(ConfigError([("", "x")]))
    expected = "a.json: 2 problems\n  one\\n\n  two"
    assert expected == str(ConfigError([("a", "one\n"), ("b", "two")], source="a.json"))


# the command


def test_command_prints_a_spec(
    toy: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The spec has a name, and a summary that names the file; reading it gives the encoder."""
    path = tmp_path / "a.json"
    path.write_text('{"toy": 7}')
    assert 0 == main(["import", str(path)])
    text = capsys.readouterr().out
    assert (
        'schema: 1\nname: ToyTool\nsummary: "a toy; imported from a.json"\nencoder: Toy\n'
        "parameters:\n  Size: 7\n"
    ) == text
    assert NetEncoder("Toy", Size=7) == NetEncoder.from_yaml(text)


def test_command_writes_a_file(
    toy: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option -o writes a file, which is replaced only with --force."""
    path, target = tmp_path / "a.json", tmp_path / "new" / "a.yaml"
    path.write_text('{"toy": 7, "two": 1}')
    command = ["import", str(path), "--part", "Large", "--name", "Mine", "--pin", "-o", str(target)]
    assert 0 == main(command)
    assert "" == capsys.readouterr().out
    encoder = NetEncoder("Toy", Size=1007)
    assert encoder == NetEncoder.from_yaml(target, "Mine")
    assert f"digest: {encoder.digest}" in target.read_text().replace('"', "")
    assert 2 == main(command)
    assert "exists already (--force overwrites it)" in capsys.readouterr().err
    assert 0 == main([*command, "--force"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--name", "a b"], "--name must be a letter, then letters, digits and underscores. Got"),
        (["-o", "a.txt"], "a.txt: the name of a spec must end in .yaml or .yml"),
        (["--part", "x"], "error: a.json: the config has no parts: leave it out. Got 'x'"),
    ],
)
def test_wrong_use_of_the_command_is_refused(
    toy: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    expected: str,
) -> None:
    """A wrong name, output or part is reported on one line, with the exit code 2."""
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text('{"toy": 7}')
    assert 2 == main(["import", "a.json", *options])
    assert expected in capsys.readouterr().err


def test_command_lists_all_problems_on_one_line(
    toy: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The problems of a config are joined into one line."""
    path = tmp_path / "a.conf"
    path.write_text("a\nb\n")
    assert 2 == main(["import", str(path)])
    expected = f"error: {path}: 2 problems; line 1: an option must have the form --key=value. Got"
    assert capsys.readouterr().err.startswith(expected)

"""The commands `verify` and `probe`."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netencoders import NetEncoder
from netencoders.cli import main

Run = Callable[..., tuple[int, list[str], list[str]]]

MINE = """\
# Speech at 8 kHz.
schema: 1
name: Mine          # the name
encoder: AudioMelSpectrogram
parameters: {SampleRate: 8000, NumberOfFilters: 20}
layers:
  - Log: {Floor: 1e-6}   # as the model was trained
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command in an empty folder: code, output, error lines."""
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(MINE)

    def run(*arguments: object) -> tuple[int, list[str], list[str]]:
        code = main([*map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return run


@pytest.fixture
def registered_specs(run: Run, monkeypatch: pytest.MonkeyPatch, fresh_registry: Any) -> None:
    """Register the spec with a probe, one whose number was changed, and one without a probe."""
    run("probe", "--write", "mine.yaml")
    text = Path("mine.yaml").read_text()
    Path("changed.yaml").write_text(text.replace("Mine", "Changed").replace("1e-6", "1e-5"))
    Path("plain.yaml").write_text(MINE.replace("Mine", "Plain"))
    monkeypatch.setenv("NETENCODERS_SPECS", "mine.yaml:changed.yaml:plain.yaml")
    fresh_registry()


def test_probe_of_a_file_prints_its_text_with_the_probe(run: Run) -> None:
    """The text of the file stays, comments too, and the output gives the same output again."""
    code, out, err = run("probe", "mine.yaml")
    assert (0, []) == (code, err)
    head = MINE.splitlines()
    assert head == out[: len(head)]
    assert ["probe:", "  signal: Syllables", "  length: 23999"] == out[len(head) :][:3]
    Path("mine.yaml").write_text("\n".join([*out, ""]))
    assert (0, out, []) == run("probe", "mine.yaml")


@pytest.mark.parametrize("name", ["Telephone", "SpeechMFCC", "AudioSpectrogram", "Audio"])
def test_probe_of_a_name_prints_a_spec(run: Run, name: str) -> None:
    """The spec has the name, the summary, and the declared parameters; it verifies."""
    code, out, err = run("probe", name)
    assert (0, []) == (code, err)
    text = "\n".join([*out, ""])
    Path("a.yaml").write_text(text)
    assert (0, out, []) == run("probe", "a.yaml")
    encoder = NetEncoder.from_yaml(text)
    assert NetEncoder(name) == encoder
    assert ("" if name.startswith("Audio") else name) == encoder.spec
    assert ("parameters:" in out) == (name not in ("AudioSpectrogram", "Audio"))
    assert name.startswith("Audio") or any(line.startswith("summary: ") for line in out)
    result = encoder.verify()
    line = f"a.yaml  {result.values} values, largest difference 0, tolerance {result.tolerance:g}"
    assert (0, [line], []) == run("verify", "a.yaml")


SEVERAL = """\
schema: 1
encoders:
  - {name: A, encoder: AudioMelSpectrogram, parameters: {NumberOfFilters: 20, FFTLength: 1024}}
  - name: B
    encoder: A
    digest: DIGEST
    parameters: {Offset: 10 ms}
    layers: [{Affine: {Shift: {asset: shift.json}}}, Transpose]
"""


def test_probe_of_one_of_several_encoders_is_a_spec_of_its_own(run: Run) -> None:
    """The spec contains the parameters and layers of all specs, and the numbers of assets."""
    Path("shift.json").write_text(json.dumps([0.5] * 20))
    plain = SEVERAL.replace("    digest: DIGEST\n", "")
    Path("s.yaml").write_text(plain)
    digest = NetEncoder.from_yaml(Path("s.yaml"), "B").digest
    Path("s.yaml").write_text(SEVERAL.replace("DIGEST", f'"{digest}"'))
    code, out, err = run("probe", "s.yaml:B", "-o", "new/b.yaml")
    assert (0, [], []) == (code, out, err)
    text = Path("new/b.yaml").read_text()
    assert text.startswith("schema: 1\nname: B\nencoder: AudioMelSpectrogram\ndigest: ")
    assert "Offset: 10 ms" in text
    assert "asset" not in text
    assert "  - Transpose\n" in text
    encoder = NetEncoder.from_yaml(text)
    assert digest == encoder.digest
    assert "B" == encoder.verify().owner


def test_probe_of_a_list_of_one_encoder_is_a_spec_of_its_own(run: Run) -> None:
    """A list of one encoder becomes a spec of one; the digest of another spec is left out."""
    Path("s.yaml").write_text("schema: 1\nencoders: [{name: A, encoder: Audio}]\n")
    lines = ["schema: 1", "name: A", "encoder: Audio", "probe:"]
    for name in ("s.yaml", "s.yaml:A"):
        assert lines == run("probe", name)[1][:4]
    assert MINE.splitlines()[0] == run("probe", "mine.yaml:Mine")[1][0]
    digest = NetEncoder("Audio").digest
    first = f"{{name: A, encoder: Audio, digest: '{digest}'}}"
    second = "{name: B, encoder: A, parameters: {Append: 3}}"
    Path("s.yaml").write_text(f"schema: 1\nencoders: [{first}, {second}]\n")
    assert "digest" not in "".join(run("probe", "s.yaml:B")[1])
    assert any(digest in line for line in run("probe", "s.yaml:A")[1])


def test_options_choose_signal_length_and_tolerance(run: Run) -> None:
    """The options replace the defaults."""
    options = ["--signal", "Noise", "--length", "9000", "--tolerance", "0.5"]
    _, out, _ = run("probe", "mine.yaml", *options)
    assert ["  signal: Noise", "  length: 9000", "  tolerance: 0.5"] == [
        line for line in out if line.startswith(("  signal", "  length", "  tolerance"))
    ]


def test_write_changes_the_block_of_each_file(run: Run) -> None:
    """--write keeps the text, the mode and the link of a file, and tells whether it changed."""
    Path("two.yaml").write_text(MINE.replace("8000", "16000"))
    os.chmod("two.yaml", 0o640)
    Path("link.yaml").symlink_to("two.yaml")
    lines = ["mine.yaml  written", "link.yaml  written"]
    assert (0, lines, []) == run("probe", "--write", "mine.yaml", "link.yaml")
    text = Path("mine.yaml").read_text()
    assert text.startswith(MINE + "probe:\n")
    assert Path("link.yaml").is_symlink()
    assert 0o640 == stat.S_IMODE(Path("two.yaml").stat().st_mode)
    assert "  length: 47999\n" in Path("two.yaml").read_text()
    assert (0, ["mine.yaml  unchanged"], []) == run("probe", "mine.yaml", "--write")
    Path("mine.yaml").write_text(text.replace("1e-6", "1e-5") + "# the end\n")
    assert (0, ["mine.yaml  written"], []) == run("probe", "mine.yaml", "--write")
    after = Path("mine.yaml").read_text()
    assert after.endswith("}\n# the end\n")
    assert after != text
    assert 0 == run("verify", "mine.yaml", "two.yaml")[0]


def test_write_continues_after_a_file_that_fails(run: Run) -> None:
    """Each file that fails is one line; the others are written: exit code 2."""
    Path("s.yaml").write_text("schema: 1\nencoders: [{name: A, encoder: Audio}]\n")
    Path("bad.yaml").write_text("schema: 1\nencoder: Adio\n")
    names = ["s.yaml", "bad.yaml", "Telephone", "s.yaml:A", "none.yaml", "mine.yaml"]
    code, out, err = run("probe", "--write", *names)
    assert (2, ["mine.yaml  written"]) == (code, out)
    assert "error: s.yaml: a probe can be written only into a spec of one encoder" in err[0]
    assert "error: bad.yaml: no encoder 'Adio'" in err[1]
    assert "error: Telephone: --write needs a YAML file of one encoder" in err[2]
    assert "error: s.yaml:A: --write needs a YAML file of one encoder" in err[3]
    assert "error: none.yaml: there is no such file" in err[4]
    assert 5 == len(err)


@pytest.mark.usefixtures("registered_specs")
def test_verify_prints_a_line_for_each_and_continues(run: Run) -> None:
    """A failed verification is one line with the values, and the exit code is 1."""
    code, out, err = run("verify", "Changed", "Mine", "Plain", "mine.yaml", "Nobody")
    assert 1 == code
    assert ["Mine  16 values", "mine.yaml  16 values"] == [line.split(",")[0] for line in out]
    assert err[0].startswith("error: Changed: the encoder does not give the values of its probe: ")
    assert "expected -13.815511, got -11.512925, 2.3 apart; " in err[0]
    assert "error: Plain: there is no probe to compare with" in err[1]
    assert "error: no encoder 'Nobody'" in err[2]
    assert 3 == len(err)


def test_errors_name_the_file(run: Run) -> None:
    """Two files may declare one name: the error tells them apart, and no name is doubled."""
    run("probe", "--write", "mine.yaml")
    Path("other.yaml").write_text(Path("mine.yaml").read_text().replace("1e-6", "1e-5"))
    Path("plain.yaml").write_text(MINE)
    _, _, err = run("verify", "other.yaml", "plain.yaml", "none.yaml", "Telephone")
    assert err[0].startswith("error: other.yaml: Mine: the encoder does not give the values of")
    assert err[1].startswith("error: plain.yaml: Mine: there is no probe to compare with")
    assert err[2].startswith("error: none.yaml: there is no such file")
    assert err[3].startswith("error: Telephone: there is no probe to compare with")


@pytest.mark.usefixtures("registered_specs")
def test_verify_all_skips_specs_without_a_probe(run: Run) -> None:
    """--all verifies the registered specs that have a probe."""
    code, out, err = run("verify", "--all")
    verified = [line.split()[0] for line in out]
    assert (1, 1) == (code, len(err))
    assert {"Mine", "Whisper"} <= set(verified)
    assert not {"Plain", "Telephone", "Changed"} & set(verified)
    assert "Changed" in err[0]


@pytest.mark.usefixtures("registered_specs")
def test_verify_all_reports_a_spec_that_cannot_be_found(
    run: Run, monkeypatch: pytest.MonkeyPatch, fresh_registry: Any
) -> None:
    """--all does not leave out a registered spec whose encoder is missing."""
    Path("lost.yaml").write_text("schema: 1\nname: Lost\nencoder: Nowhere\n")
    monkeypatch.setenv("NETENCODERS_SPECS", "mine.yaml:lost.yaml")
    fresh_registry()
    code, out, err = run("verify", "--all")
    assert (2, 1) == (code, sum(line.startswith("Mine  ") for line in out))
    assert "no encoder 'Nowhere', which 'Lost' is derived from" in err[0]


def test_success_is_exit_code_0_and_other_errors_are_2(run: Run) -> None:
    """Wrong usage alone is exit code 2."""
    run("probe", "mine.yaml", "-o", "p.yaml")
    assert 0 == run("verify", "p.yaml")[0]
    assert 2 == run("verify", "p.yaml", "Telephone")[0]


def test_output_file_is_protected(run: Run) -> None:
    """An existing file needs --force, and a spec is not overwritten by its own output."""
    Path("p.yaml").touch()
    assert "exists already" in run("probe", "mine.yaml", "-o", "p.yaml")[2][0]
    assert (0, [], []) == run("probe", "mine.yaml", "-o", "p.yaml", "--force")
    code, _, err = run("probe", "mine.yaml", "-o", "mine.yaml", "--force")
    assert (2, True) == (code, "is one of the inputs" in err[0])


def test_verify_all_needs_a_spec_with_a_probe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """--all does not pass if there is nothing to verify."""
    monkeypatch.setattr("netencoders.cli.probes._names_with_probes", list)
    code, out, err = run("verify", "--all")
    assert (2, [], 1) == (code, out, len(err))
    assert "--all: no registered spec has a probe" in err[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify"], "verify needs specs, or --all"),
        (["verify", "Telephone", "--all"], "verify needs specs, or --all"),
        (["verify", ""], "an encoder's name is empty"),
        (["verify", "Telephone"], "Telephone: there is no probe to compare with"),
        (["probe"], "the following arguments are required: SPEC"),
        (["probe", "Telephone", "Audio"], "one spec can be printed at a time"),
        (["probe", "Telephone", "--force"], "--force needs -o"),
        (["probe", "mine.yaml", "--write", "-o", "a"], "--write changes the files themselves"),
        (["probe", "mine.yaml", "--write", "--force"], "--write changes the files themselves"),
        (["probe", "Telephone", "--signal", "noise"], "no signal 'noise'. Did you mean 'Noise'?"),
        (["probe", "Telephone", "--length", "0"], "must be an integer from 1 to 16777216. Got 0."),
        (["probe", "Telephone", "--tolerance", "nan"], "the tolerance must be a number >= 0"),
        (["probe", "mine.yaml:Other"], "declares no 'Other'"),
    ],
)
def test_wrong_usage_is_one_line(
    run: Run, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong argument is one line and exit code 2."""
    code, out, err = run(*arguments)
    assert (2, [], 1) == (code, out, len(err))
    assert message in err[0]


def test_show_tells_the_spec_and_its_probe(run: Run) -> None:
    """`show` names the spec of a file and its probe, also as JSON."""
    run("probe", "--write", "mine.yaml")
    _, out, _ = run("show", "--spec", "mine.yaml")
    assert "declared     as Mine" in out
    assert "probe        16 values of Syllables, for verify" in out
    shown = json.loads("\n".join(run("show", "--spec", "mine.yaml", "--json")[1]))
    assert "Mine" == shown["spec"]
    assert 23999 == shown["probe"]["length"]
    assert "probe" not in json.loads("\n".join(run("show", "Telephone", "--json")[1]))

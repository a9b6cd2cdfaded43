"""The command ``netencoders corpus``: exit codes, output, interrupts."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from corpora import ENCODER, check, make_folder, write

from netencoders import NetEncoder
from netencoders.cli import main
from netencoders_corpus import Corpus, CorpusReport, Part, encode
from netencoders_corpus.commands import progress as progress_module

pytest.importorskip("pyarrow")

HANGUP = getattr(signal, "SIGHUP", None)  # not on Windows
CORPORA = pytest.mark.corpora
SIGNALS = [signal.SIGINT, signal.SIGTERM, *([HANGUP] if HANGUP else [])]

NAMES = ["-e", "AudioMFCC", "-p", "SampleRate=8000"]


@pytest.fixture
def folder(tmp_path):
    """Return a folder of recordings, of which one is broken."""
    return make_folder(tmp_path / "in", 4)


@pytest.fixture
def corpus(folder, tmp_path):
    """Return the corpus of the folder."""
    encode(ENCODER, folder, tmp_path / "out")
    return tmp_path / "out"


def command(*words):
    """Run the action, and return the exit code."""
    return main(["corpus", *map(str, words)])


@pytest.mark.parametrize("options", [[], ["--format", "npy", "--content", "hash", "--isolate"]])
def test_encode_has_the_exit_code_of_failures(folder, tmp_path, capsys, options):
    """The exit code is 3 with failed rows, and 0 without; the summary names the numbers."""
    out = tmp_path / "out"
    assert 3 == command("encode", folder, "-o", out, *NAMES, *options)
    assert "4 encoded, 0 kept, 1 failed (" in (text := capsys.readouterr().err)
    assert f"netencoders corpus failures {out}" in text
    check(out, folder)
    (folder / "broken.wav").unlink()
    assert 0 == command("encode", folder, "-o", out, *NAMES, *options)
    assert "0 encoded, 4 kept, 1 removed, none failed" in capsys.readouterr().err


@pytest.mark.filterwarnings("default")
def test_encode_by_a_spec_with_policies_and_parts(folder, tmp_path, capsys):
    """A spec, a policy and parts are read as by the other commands."""
    spec, out = tmp_path / "spec.yaml", tmp_path / "out"
    spec.write_text(ENCODER.to_yaml())
    codes = [
        command("encode", folder, "-o", out, "--spec", spec, "--part", f"{part}/2", "-q")
        for part in (1, 2)
    ]
    assert [0, 3] == sorted(codes)
    check(out, folder)
    path = folder / "a" / "00.wav"
    path.write_bytes(path.read_bytes()[:-100])
    command("encode", folder, "-o", out, "--spec", spec)
    assert "truncated" == Corpus(out)["a/00.wav"].code
    words = ["encode", folder, "-o", out, "--spec", spec, "--truncated", "warn"]
    assert 3 == command(*words, "--retry", "truncated")
    assert "the available frames are encoded" in capsys.readouterr().err
    assert Corpus(out)["a/00.wav"].code is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--workers", "0"], "workers must be an integer >= 1"),
        (["--timeout", "3"], "--timeout needs --isolate"),
        (["--part", "3"], "a part is written as 3/16: the third of 16. Got '3'"),
        (["--part", "1/100000"], "a source has at most 99999 parts. Got 100000"),
        (["--part", "4/3"], "a part is a number from 1 to the number of parts. Got 4 of 3"),
        (["--dtype", "float16"], "float16 would lose power of AudioSpectrogram"),
        (["-e", "Unknown"], "no encoder 'Unknown'"),
    ],
)
def test_wrong_use_has_the_exit_code_2(folder, tmp_path, capsys, words, message):
    """Wrong arguments are one line, and nothing is written."""
    assert 2 == command("encode", folder, "-o", tmp_path / "out", *words)
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out" / "shards").exists()


def test_source_that_is_not_valid_begins_no_corpus(folder, tmp_path, capsys):
    """Another encoder may be given after the error."""
    manifest, out = tmp_path / "list.csv", tmp_path / "out"
    manifest.write_text(f"id,path\n1,{folder}/a/00.wav\n1,{folder}/a/00.wav\n")
    assert 2 == command("encode", manifest, "-o", out, "-e", "AudioSpectrogram")
    assert "the id '1' is given twice" in capsys.readouterr().err
    assert not (out / "corpus.json").exists()
    manifest.write_text(f"id,path\n1,{folder}/a/00.wav\n")
    assert 0 == command("encode", manifest, "-o", out, *NAMES)


def test_corpus_without_rows_has_nothing_to_verify(folder, tmp_path, capsys):
    """The command says so."""
    empty = next(
        part
        for part in range(1, 99)
        if not any(
            Part(part, 99).has(path.relative_to(folder).as_posix())
            for path in folder.rglob("*.wav")
        )
    )
    assert 0 == command("encode", folder, "-o", tmp_path / "out", "--part", f"{empty}/99")
    assert 0 == command("verify", tmp_path / "out")
    assert capsys.readouterr().err.endswith("there is no row to compare\n")


def test_list_on_standard_input_is_named_to_verify(folder, tmp_path, capsys):
    """It cannot be read again: the command asks for the source."""
    paths = "".join(f"{path}\n" for path in sorted(folder.glob("a/*.wav")))
    line = [sys.executable, "-m", "netencoders", "corpus", "encode", "-", "-o", tmp_path / "out"]
    done = subprocess.run([*map(str, line), *NAMES], input=paths, text=True, capture_output=True)
    assert 0 == done.returncode, done.stderr
    assert 2 == command("verify", tmp_path / "out")
    assert "its source was a list on standard input. Name the source" in capsys.readouterr().err


def test_code_to_retry_that_no_row_has_is_said(folder, tmp_path, capsys):
    """A wrong code is told, with a similar one."""
    assert 3 == command("encode", folder, "-o", tmp_path / "out", *NAMES)
    words = ["encode", folder, "-o", tmp_path / "out", *NAMES]
    assert 3 == command(*words, "--retry", "malformd", "--retry", "all")
    text = capsys.readouterr().err
    assert "no failed row has the code 'malformd', which is retried. Did you mean" in text
    assert "'all'" not in text


@pytest.mark.parametrize("name", ["statistics", "report"])
def test_output_that_cannot_be_written_is_named(corpus, tmp_path, capsys, name):
    """A file that exists, and a folder that does not, are one line with the path."""
    suffix = {"statistics": ".yaml", "report": ".html"}[name]
    path = tmp_path / f"made{suffix}"
    path.touch()
    assert 2 == command(name, corpus, "-o", path)
    assert f"{path}: exists already (--force overwrites it)" in capsys.readouterr().err
    missing = tmp_path / "none" / f"made{suffix}"
    assert 2 == command(name, corpus, "-o", missing)
    text = capsys.readouterr().err
    assert f"{missing}: it cannot be written: No such file or directory." in text
    assert text.endswith("choose another one, and run the command again.\n")


def test_wrong_source_and_corpus_have_the_exit_code_2(tmp_path, capsys):
    """A missing source and a missing corpus are one line."""
    assert 2 == command("encode", tmp_path / "missing", "-o", tmp_path / "out")
    assert 2 == command("check", tmp_path / "missing")
    assert 2 == command("status", tmp_path / "missing")
    lines = capsys.readouterr().err.splitlines()
    assert ["there is no such file or folder" in line for line in lines] == [True, True, False]
    assert "it has no corpus.json" in lines[2]


def test_check_reads_all_inputs_and_lists_failures(folder, capsys):
    """Each input that cannot be read to its end is in the table; the exit code is 3."""
    assert 3 == command("check", folder)
    out, err = capsys.readouterr()
    assert "broken.wav" in out
    assert "4 read, 1 failed" in err
    (folder / "broken.wav").unlink()
    assert 0 == command("check", folder, *NAMES, "--isolate")
    assert ("", True) == ((text := capsys.readouterr()).out, "4 read, none failed" in text.err)
    path = folder / "a" / "00.wav"
    path.write_bytes(path.read_bytes()[:-100])
    assert 3 == command("check", folder)
    assert "truncated" in capsys.readouterr().out


def test_status_and_failures(corpus, capsys):
    """The numbers and the failed rows of a corpus are printed, and as JSON."""
    assert 0 == command("status", corpus)
    text = capsys.readouterr().out
    for part in ("rows            5", "failed          1 (", ENCODER.digest, "written now     no"):
        assert part in text
    assert 0 == command("failures", corpus)
    table = capsys.readouterr().out
    assert 0 == command("failures", corpus, "--json")
    [row] = map(json.loads, capsys.readouterr().out.splitlines())
    assert ("broken.wav", True) == (row["id"], row["message"] in table)
    from netencoders_corpus.locks import Part, writer

    with writer(corpus, Part()):
        command("status", corpus)
    assert "written now     00001-of-00001" in capsys.readouterr().out


def test_corpus_without_failures_says_so(folder, tmp_path, capsys):
    """No failed row is a message, and the exit code 0."""
    (folder / "broken.wav").unlink()
    encode(ENCODER, folder, tmp_path / "out")
    assert 0 == command("failures", tmp_path / "out")
    assert "no row has failed" in capsys.readouterr().err


def test_verify_compares_bits(folder, corpus, capsys):
    """Equal rows, an edited file, a file that is gone and other bits are told apart."""
    assert 0 == command("verify", corpus)
    assert "5 equal" in capsys.readouterr().err
    write(folder / "a" / "00.wav", 0.5, 9)
    (folder / "a" / "02.wav").unlink()
    assert 0 == command("verify", corpus, folder)
    assert "1 changed, 3 equal, 1 gone" in capsys.readouterr().err
    assert 0 == command("verify", corpus, "--rows", "2", "--seed", "3")
    assert 2 == command("verify", corpus, "--rows", "0")
    assert "rows must be an integer >= 1. Got 0" in capsys.readouterr().err


def test_verify_finds_other_bits(folder, tmp_path, capsys):
    """A number that differs by one bit, and a row that failed before, are differences."""
    out = tmp_path / "out"
    encode(ENCODER, folder, out, format="npy")
    [path] = (out / "values").glob("*.values.npy")
    values = np.load(path, mmap_mode="r+")
    values.view(np.uint32)[0, 0] ^= 1
    values.flush()
    path = folder / "broken.wav"
    times = os.stat(path)
    write(path, 0.1)
    content = path.read_bytes()[: times.st_size]
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert 1 == command("verify", out)
    text = capsys.readouterr().out
    assert "1 of " in text
    assert "numbers differ" in text


def test_statistics_are_a_spec_that_encodes(folder, corpus, tmp_path, capsys):
    """The spec has the encoder with a layer Affine, and gives mean 0 and deviation 1."""
    spec = tmp_path / "cmvn.yaml"
    assert 0 == command("statistics", corpus, "-o", spec)
    assert "13 features" in capsys.readouterr().out
    encoder = NetEncoder.from_yaml(spec)
    rows = np.concatenate([encoder(path) for path in folder.glob("?/*.wav")]).astype(np.float64)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(rows.std(axis=0), 1, atol=1e-4)
    assert 2 == command("statistics", corpus, "-o", spec)
    assert 0 == command("statistics", corpus, "-o", spec, "--force")
    assert 2 == command("statistics", corpus, "-o", tmp_path / "cmvn.txt")
    assert "statistics are written as a spec, .yaml" in capsys.readouterr().err


def test_report_without_a_terminal_is_a_line_a_minute(capsys, monkeypatch):
    """A line has the rows, the rates, the failures and the time that is left."""
    now = 0.0
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now)
    with progress_module.progress(wanted=True) as shown:
        report = CorpusReport(total=100, done=25, hours=0.5, seconds=50.0)
        shown(report)
        now = 61.0
        shown(report)
        shown(report)
    line = "25 of 100 rows, 0.5 rows/s, 0.60 audio hours/min, 0 failed, 0:02:30 left\n"
    assert line == capsys.readouterr().err
    with progress_module.progress(wanted=False) as shown:
        now = 200.0
        shown(report)
    assert "" == capsys.readouterr().err


def test_report_on_a_terminal_is_a_bar(monkeypatch):
    """On a terminal, a bar shows the numbers."""
    import io

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_module.progress(wanted=True) as shown:
        report = CorpusReport(total=100, done=25, seconds=50.0)
        shown(report)
        report.done = 50
        time.sleep(0.2)
        shown(report)
    assert "50/100" in terminal.getvalue()


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("options", [["--workers", "1"], ["--workers", "2"], ["--isolate"]])
@pytest.mark.parametrize(
    "number",  # one here; each takes seconds, and the others run where the crashes do
    [each if each == signal.SIGINT else pytest.param(each, marks=CORPORA) for each in SIGNALS],
)
def test_interrupt_keeps_the_rows_and_the_next_run_goes_on(tmp_path, options, number):
    """An interrupt ends the command soon, with the rows that were encoded; no file is left."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    for index in range(400):
        write(folder / f"{index}.wav", 3, index)
    line = [sys.executable, "-m", "netencoders", "corpus", "encode", folder, "-o", out, *NAMES]
    with subprocess.Popen(
        [*map(str, line), *options], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not [*out.glob("partial/*/*.parquet.tmp")]:  # the first row
            time.sleep(0.005)
        if number == HANGUP:  # a terminal that is closed sends it to all processes
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        _, text = process.communicate(timeout=20)
    assert 128 + number == process.returncode, text
    assert text.endswith(
        "interrupted: the rows that were encoded are kept, and the same command goes on\n"
    )
    assert 0 < (kept := len(Corpus(out)))
    assert kept == Corpus(out).description.rows
    assert [] == [*out.glob("partial/*/*")]
    report = encode(ENCODER, folder, out)
    assert kept == report.kept
    check(out, folder)

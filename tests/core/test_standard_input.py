"""Standard input as the input `-` of the command."""

import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders.cli import main

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Change to an empty folder, which has a folder for temporary files."""
    monkeypatch.chdir(tmp_path)
    Path("temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    assert [] == os.listdir("temporary")


@pytest.fixture
def stdin(monkeypatch):
    """Return a function that makes bytes arrive at standard input by a pipe."""
    threads, files = [], []

    def give(content):
        source, sink = os.pipe()
        threads.append(threading.Thread(target=fill, args=(sink, content)))
        threads[-1].start()
        files.append(os.fdopen(source))
        monkeypatch.setattr(sys, "stdin", files[-1])

    yield give
    for file, thread in zip(files, threads, strict=True):
        file.close()
        thread.join()


def fill(descriptor, content):
    """Write into a pipe and close it."""
    try:
        with os.fdopen(descriptor, "wb") as pipe:
            pipe.write(content)
    except BrokenPipeError:
        pass


def expected():
    """Return the array of the recording."""
    return NetEncoder("AudioSpectrogram")(SPEECH)


@pytest.mark.parametrize("options", [[], ["--isolate"], ["--workers", "3"]])
def test_dash_is_standard_input(stdin, options):
    """The array of standard input is that of the file; in a folder, it is stdin.npy."""
    stdin(SPEECH.read_bytes())
    assert 0 == main(["encode", "-", "-o", "a.npy", "-q", *options])
    assert np.array_equal(expected(), np.load("a.npy"))
    stdin(SPEECH.read_bytes())
    assert 0 == main(["encode", str(SPEECH), "-", "-o", "arrays", "-q", *options])
    assert ["speech_16k_mono.npy", "stdin.npy"] == sorted(os.listdir("arrays"))
    assert np.array_equal(expected(), np.load("arrays/stdin.npy"))


def test_file_with_the_name_of_a_dash_is_a_path():
    """A file named - is ./-, and standard input is not read."""
    Path("-").write_bytes(SPEECH.read_bytes())
    assert 0 == main(["encode", "./-", "-o", "a.npy", "-q"])
    assert np.array_equal(expected(), np.load("a.npy"))


def test_output_named_like_a_dash_is_not_an_input(stdin):
    """A file named - in the folder is no input, so that it may be the output."""
    Path("-").touch()
    os.link("-", "a.npy")
    stdin(SPEECH.read_bytes())
    assert 0 == main(["encode", "-", "-o", "a.npy", "-q", "--force"])
    assert np.array_equal(expected(), np.load("a.npy"))


@pytest.mark.parametrize("options", [["-o", "a.npy"], ["-o", "a.npy", "--isolate"]])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello", "not recognized as audio: it looks like text (give a WAV, "),
        (SPEECH.read_bytes()[:2000], "has 978 of the 56040 frames that its header claims ("),
    ],
)
def test_errors_name_standard_input(stdin, capfd, options, content, message):
    """An error is one line that names standard input."""
    stdin(content)
    assert 3 == main(["encode", "-", *options])
    stdout, stderr = capfd.readouterr()
    assert ("", 1) == (stdout, len(stderr.splitlines()))
    assert stderr.startswith(f"error: standard input: {message}")


def test_empty_standard_input_is_an_error(stdin, capfd):
    """Empty standard input is an error of the input."""
    stdin(b"")
    assert 3 == main(["encode", "-", "-o", "a.npy"])
    assert (
        "error: standard input: reading it gives 0 bytes (open it again, or check its source)\n"
        == (capfd.readouterr().err)
    )


def test_error_of_an_encoder_that_takes_no_files_names_standard_input(stdin, capfd, monkeypatch):
    """An error that the framework names also names standard input."""
    stdin(b"x")
    monkeypatch.setattr(
        "netencoders_audio.encoders.audio_encoder.open_recording", lambda value: 1 / 0
    )
    assert 1 == main(["encode", "-", "-o", "a.npy"])
    assert capfd.readouterr().err.startswith("error: standard input: AudioSpectrogram raised Zero")


@pytest.mark.parametrize("command", [["encode", "-", "-o", "a.npy"], ["plot", "-", "-o", "a.png"]])
def test_terminal_is_refused_at_once(command, monkeypatch, capfd):
    """A terminal as standard input is wrong usage, and is not read."""
    terminal, other = os.openpty()
    with os.fdopen(terminal), os.fdopen(other) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert 2 == main(command)
    assert (
        "error: -: standard input is a terminal (redirect a file or a pipe to it; the file named - "
        "is ./-)\n"
    ) == capfd.readouterr().err


@pytest.mark.parametrize("stdin", [None, io.StringIO()])
def test_closed_standard_input_is_refused(stdin, monkeypatch, capfd):
    """Closed standard input is wrong usage."""
    monkeypatch.setattr(sys, "stdin", stdin)
    assert 2 == main(["encode", "-", "-o", "a.npy"])
    assert (
        "error: -: standard input is closed (redirect a file or a pipe to it)\n"
        == capfd.readouterr().err
    )


def test_standard_input_is_given_once(capfd):
    """Standard input cannot be two inputs."""
    assert 2 == main(["encode", "-", "-", "-o", "arrays"])
    assert (
        "error: -: standard input is given twice (it can be read once)\n" == capfd.readouterr().err
    )


def test_plot_draws_standard_input(stdin, capfd):
    """The command plot reads standard input, too, and names it in errors."""
    stdin(SPEECH.read_bytes())
    assert 0 == main(["plot", "-", "-o", "a.png"])
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    stdin(b"hello")
    assert 3 == main(["plot", "-", "-o", "b.png"])
    assert capfd.readouterr().err.startswith("error: standard input: not recognized")


def test_copy_that_cannot_be_written_is_an_error(stdin, capfd, monkeypatch):
    """A full disk is an error that names standard input."""

    def fail(*_):
        raise OSError(28, "No space left on device")

    stdin(b"x")
    monkeypatch.setattr("netencoders.cli.standard_input.open", fail, raising=False)
    assert 3 == main(["encode", "-", "-o", "a.npy", "--isolate"])
    assert (
        "error: standard input: it cannot be copied to a temporary file: No space left on device "
        "(make room, or set TMPDIR to another folder)\n"
    ) == capfd.readouterr().err


@pytest.mark.parametrize("options", [[], ["--isolate"], [str(SPEECH)]])
def test_interrupt_arrives_while_standard_input_is_silent(options):
    """Ctrl-C ends the command while it waits for a pipe without data, and leaves no file."""
    line = [sys.executable, "-m", "netencoders", "encode", *options, "-", "-o", "arrays/"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not os.path.isdir("arrays"):  # it exists just before the first input is read
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(20)
        assert b"interrupted: no file is half-written\n" == process.stderr.read()
    assert [] == os.listdir("arrays")

"""The command `explain`."""

from pathlib import Path

import numpy as np
import pytest

from netencoders import ArraySpec, Encoder, NetEncoder, registered
from netencoders.cli import main

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"


class Length(Encoder):
    """Gives the number of bytes."""

    name = "Length"
    inputs = ("bytes",)

    def output(self):
        """Return the form."""
        return ArraySpec((1,))

    def encode(self, value):
        """Return the number."""
        return np.array([len(value)], np.float32)


@pytest.fixture
def explain(capsys, tmp_path, monkeypatch):
    """Return a function that runs the command in an empty folder: exit code and error lines."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main(["explain", *map(str, arguments)])
        return code, capsys.readouterr().err.splitlines()

    return run


def test_page_is_that_of_python(explain):
    """The command writes the page of `NetEncoder.explain`, with the name of the file."""
    assert (0, []) == explain(SPEECH, "-e", "AudioMFCC", "-p", "SampleRate=8000", "-o", "a/b.html")
    page = NetEncoder("AudioMFCC", SampleRate=8000).explain(SPEECH).html
    assert page.replace(str(SPEECH), SPEECH.name) == Path("a/b.html").read_text("utf-8")


def test_two_encoders_of_specs_and_files(explain):
    """Two -e show two encoders; each is a name, a spec or FILE:NAME; the default has no -e."""
    spec = "schema: 1\nname: Mine\nencoder: AudioSpectrogram\nparameters: {SampleRate: 8000}\n"
    Path("mine.yaml").write_text(spec)
    assert (0, []) == explain(SPEECH, "-e", "Telephone", "-e", "mine.yaml:Mine", "-o", "a.html")
    assert "<h2>Differences</h2>" in Path("a.html").read_text("utf-8")
    assert (0, []) == explain(SPEECH, "-o", "a.html", "--force")
    assert "<h2>AudioSpectrogram</h2>" in Path("a.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "a.png"], "a.png: the name of a page must end in .html (choose another -o)"),
        (
            ["-e", "Whisper", "-e", "Telephone", "-e", "Audio", "-o", "a.html"],
            "-e is given 3 times (name one encoder, or two)",
        ),
        (
            ["-e", "Whisper", "-e", "Audio", "-p", "SampleRate=8000", "-o", "a.html"],
            (
                "-p needs a single encoder (write the parameters into two specs: "
                "netencoders show NAME -p ... --yaml > a.yaml)"
            ),
        ),
        (["-o", "old.html"], "old.html: exists already (--force overwrites it)"),
    ],
)
def test_wrong_usage(explain, arguments, message):
    """Wrong arguments are named before anything is encoded, and write nothing."""
    Path("old.html").write_text("old")
    assert (2, [f"error: {message}"]) == explain("missing.wav", *arguments)
    assert "old" == Path("old.html").read_text()
    assert not Path("a.html").exists()


def test_standard_input_is_refused(explain):
    """Standard input can be read once."""
    message = "error: -: each stage reads the input again (write it to a file)"
    assert (2, [message]) == explain("-", "-o", "a.html")


def test_input_that_cannot_be_encoded(explain):
    """An error names the file, and no page is written."""
    assert (3, ["error: missing.wav: no such file (check the path)"]) == explain(
        "missing.wav", "-o", "a.html"
    )
    assert not Path("a.html").exists()


def test_encoder_of_bytes(explain):
    """An encoder that takes bytes gets the content, and an error names the file."""
    Path("a.bin").write_bytes(b"12345")
    with registered(Length):
        assert (0, []) == explain("a.bin", "-e", "Length", "-o", "a.html")
        assert (3, ["error: b.bin: no such file (check the path)"]) == explain(
            "b.bin", "-e", "Length", "-o", "b.html"
        )
    assert "minimum 5, mean 5, maximum 5" in Path("a.html").read_text("utf-8")

"""Remedies: the line that fixes an input, written with the input itself."""

import base64
import functools
import glob
import http.server
import os
import threading
import urllib.request
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError
from netencoders_audio.recordings.remedies import path_remedy

ENCODER = NetEncoder("AudioSpectrogram")


def failure(value):
    """Return the error of an input."""
    with pytest.raises(AudioError) as caught:
        ENCODER(value)
    return caught.value


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("*.wav", "use encoder.map(sorted(glob.glob('*.wav')));"),
        ("calls/[0-9]?.wav", "use encoder.map(sorted(glob.glob('calls/[0-9]?.wav')));"),
        ("http://a.b/c.wav", "give urllib.request.urlopen('http://a.b/c.wav'), or to the command"),
        ("https://a.b/c.wav?x=1", "curl -fsSL 'https://a.b/c.wav?x=1' | netencoders encode - -o"),
        (Path("https://a.b/c.wav"), "give urllib.request.urlopen('https://a.b/c.wav'), or"),
        ("s3://b/k.wav", "with fsspec.open('s3://b/k.wav') as file: encoder(file); or download"),
        (Path("s3://b/k.wav"), "with fsspec.open('s3://b/k.wav') as file: encoder(file)"),
        ("gs://b/k.wav", "with fsspec.open('gs://b/k.wav') as file: encoder(file)"),
        ("hf://datasets/a/b.wav", "with fsspec.open('hf://datasets/a/b.wav') as file: encoder(f"),
        ("file:///no/a%20b.wav", "give its path: '/no/a b.wav'"),
        ("file://localhost/no/a.wav", "give its path: '/no/a.wav'"),
        ("file:/no/a.wav", "give its path: '/no/a.wav'"),
        ("~/a.wav", "use os.path.expanduser('~/a.wav')"),
        (Path("~/a.wav"), "use os.path.expanduser('~/a.wav')"),
        ("$HOME/a.wav", "use os.path.expandvars('$HOME/a.wav')"),
        ("${DATA}/a.wav", "use os.path.expandvars('${DATA}/a.wav')"),
        ("data:audio/wav;base64,AAAA", "give base64.b64decode(text.partition(',')[2])"),
        ("a.wav\n", "it begins or ends with white space: give 'a.wav'"),
        ("'a.wav'", "the quotes are part of the path: give 'a.wav'"),
        ("C:\\a.wav", "check the path"),
        ("C:/a.wav", "check the path"),
        ("'", "check the path"),
        ("costs $.wav", "check the path"),
        ("a[].wav", "check the path"),
        ("*" * 501, "check the path"),
    ],
)
def test_path_without_a_file_has_the_line_that_fixes_it(path, line):
    """A pattern, a URL or a path for the shell is not found, and the remedy has the path itself."""
    error = failure(path)
    assert "not-found" == error.code
    assert line in error.remedy
    assert [line in error.remedy] == [line in failure([path]).remedy]


def test_existing_file_of_any_name_is_read(speech_path, tmp_path, monkeypatch):
    """A name that looks like a pattern or a variable is read if there is such a file."""
    monkeypatch.chdir(tmp_path)
    for name in ("*.wav", "~", "$HOME", "http:", " a.wav", "'a.wav'"):
        Path(name).write_bytes(speech_path.read_bytes())
        assert (419, 201) == ENCODER(name).shape


def test_folder_has_the_line_that_encodes_its_files(speech_path, tmp_path):
    """The remedy for a folder encodes the files in it, as it is written."""
    (tmp_path / "a.wav").write_bytes(speech_path.read_bytes())
    error = failure(tmp_path)
    assert "not-a-file" == error.code
    line = f"encoder.map(sorted(glob.glob('{tmp_path}/*.wav')))"
    command = f"or to the command: {tmp_path}/*.wav"
    assert f"give the paths of its files: {line}, {command}" == error.remedy
    assert "it is a directory, not a regular file" == error.message
    assert [(419, 201)] == [array.shape for array in eval(line, {"encoder": ENCODER, "glob": glob})]


def test_long_path_of_a_folder_is_not_repeated(tmp_path):
    """The remedy for a folder with a long path is short."""
    folder = tmp_path
    for _ in range(5):
        folder /= "f" * 120
        folder.mkdir()
    assert "give the path of an audio file" == failure(folder).remedy


def test_lines_for_paths_work(speech_path, tmp_path, monkeypatch):
    """The lines for a pattern, a home folder, a file URL and a data URL work as they are."""
    (tmp_path / "a b.wav").write_bytes(speech_path.read_bytes())
    monkeypatch.setenv("HOME", str(tmp_path))
    names = {"encoder": ENCODER, "glob": glob, "os": os}
    pattern = failure(f"{tmp_path}/*.wav").remedy.partition("use ")[2].partition(";")[0]
    assert [(419, 201)] == [array.shape for array in eval(pattern, names)]
    home = failure("~/a b.wav").remedy.partition("use ")[2]
    assert (419, 201) == ENCODER(eval(home, names)).shape
    variable = failure("$HOME/a b.wav").remedy.partition("use ")[2]
    assert (419, 201) == ENCODER(eval(variable, names)).shape
    url = (tmp_path / "a b.wav").as_uri()
    assert (419, 201) == ENCODER(eval(failure(url).remedy.partition("path: ")[2])).shape
    text = "data:audio/wav;base64," + base64.b64encode(speech_path.read_bytes()).decode()
    line = path_remedy(text[:100]).partition("give ")[2]
    assert (419, 201) == ENCODER(eval(line, {"base64": base64, "text": text})).shape


def test_line_for_a_url_works(speech_path):
    """The response of a server is an input, as the remedy for a URL says."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(speech_path.parent)
    )
    handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/{speech_path.name}"
        line = failure(url).remedy.partition("give ")[2].partition(", or")[0]
        with eval(line, {"urllib": urllib}) as response:
            assert (419, 201) == ENCODER(response).shape
        server.shutdown()


class Tensor:
    """A tensor of torch, by its attributes."""

    dtype = "torch.float32"

    def __init__(self, array):
        self.array = array
        self.shape = array.shape

    @property
    def T(self):  # noqa: N802 - the name of torch
        """The tensor with its axes exchanged."""
        return Tensor(self.array.T)

    def detach(self):
        """Return the tensor."""
        return self

    cpu = detach

    def numpy(self):
        """Return the samples."""
        return self.array


@pytest.mark.parametrize("kind", [np.asarray, Tensor])
@pytest.mark.parametrize(
    ("shape", "line"),
    [((9,), "Audio(samples, rate)"), ((9, 2), "Audio(samples, rate)"),
     ((1, 9), "Audio(samples.T, rate)")],
)  # fmt: skip
def test_array_or_tensor_without_a_rate_is_refused(kind, shape, line):
    """A bare array or tensor has the line that wraps it, with its channels at the end."""
    samples = kind(np.zeros(shape, np.float32))
    error = failure(samples)
    text = f"a bare array of shape {shape} and type {samples.dtype} has no sample rate"
    assert ("bare-array", text) == (error.code, error.message)
    assert f"wrap it: {line} from netencoders_audio" == error.remedy
    assert 9 == eval(line, {"Audio": Audio, "samples": samples, "rate": 8000}).frames


def test_list_of_numbers_has_the_line_that_wraps_it():
    """A list is a batch, so that the error names its first number; the line wraps the list."""
    samples = [0.0, 0.5, -0.5]
    error = failure(samples)
    assert ("unsupported-input", 0) == (error.code, error.index)
    line = error.remedy.partition("samples: ")[2].partition(" from")[0]
    assert 3 == eval(line, {"Audio": Audio, "np": np, "samples": samples, "rate": 8000}).frames


def test_value_with_odd_attributes_is_no_array():
    """A value whose shape is no list of sizes is refused as no audio."""
    for shape in (None, 3, ("a",), ()):
        odd = type("Odd", (), {"dtype": "float", "shape": shape})()
        assert "it is not audio" == failure(odd).message


@pytest.mark.parametrize(
    ("samples", "rate", "problem", "remedy"),
    [
        (
            "voice.wav",
            8000,
            "samples are a path: 'voice.wav'",
            "a file has its own rate: give encoder('voice.wav') or Audio.open('voice.wav')",
        ),
        (PurePosixPath("a.wav"), 8000, "samples are a path: 'a.wav'", "Audio.open('a.wav')"),
        (b"RIFF", 8000, "samples are bytes", "Audio(np.frombuffer(samples, np.int16), 8000)"),
        (open, 8000, "samples of type object are not audio", "convert them"),
        (16000, np.zeros(9), "the first argument is a number", "Audio(samples, 16000)"),
        (16000.0, np.zeros(9), "the first argument is a number", "Audio(samples, 16000.0)"),
        (16000, 9, "samples of type int64 have no known full scale", "for 16-bit samples"),
    ],
)
def test_other_values_than_samples_are_named(samples, rate, problem, remedy):
    """A path, bytes or a rate in the place of the samples has the line with this value."""
    with pytest.raises(AudioError) as caught:
        Audio(samples, rate)
    assert ("invalid-audio", problem) == (caught.value.code, caught.value.message)
    assert remedy in caught.value.remedy


def test_file_object_in_the_place_of_samples_is_named(speech_path):
    """A file object, such as a SoundFile, is an input by itself."""
    import soundfile

    with speech_path.open("rb") as file, soundfile.SoundFile(speech_path) as sound:
        for value in (file, sound):
            with pytest.raises(AudioError, match=r"a file object \(.* itself: encoder\(file\)\)$"):
                Audio(value, 16000)
            assert (419, 201) == ENCODER(value).shape


@pytest.mark.parametrize(
    ("rate", "line"),
    [
        ("16 kHz", "Audio(samples, 16000)"),
        ("16_000", "Audio(samples, 16000)"),
        (44.1, "Audio(samples, 44100)"),
        (16000.5, "Audio(samples, rate)"),
        (None, "Audio(samples, rate)"),
        (0, "Audio(samples, rate)"),
    ],
)
def test_rate_that_is_meant_is_in_the_remedy(rate, line):
    """A rate with a unit, or in kHz, has the line with the number in Hz."""
    with pytest.raises(AudioError, match="rate must be an integer >= 1, in Hz") as caught:
        Audio(np.zeros(3), rate)
    assert f"give the sample rate: {line}" == caught.value.remedy

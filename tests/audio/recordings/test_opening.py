"""Inputs: each kind gives the same samples, and each bad input has its own error."""

import errno
import io
import os
import socket
import stat
import tarfile
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from netencoders import EncodeError, NetEncoder
from netencoders_audio import Audio, AudioError, limits, mono_samples

TAKES = r"\(give a path, an Audio, bytes, a binary file object, an iterator of Audio blocks, or a "


def failure(value):
    """Return the error of an input, and check that the encoder raises the same."""
    with pytest.raises(AudioError) as caught:
        mono_samples(value, 8000)
    with pytest.raises(EncodeError) as again:
        NetEncoder("AudioSpectrogram")(value)
    assert str(caught.value) == str(again.value)
    return caught.value


def check(value, code, message):
    """Check code and whole message of the error of an input."""
    error = failure(value)
    assert (code, message) == (error.code, str(error))


@pytest.fixture
def content(speech_path):
    """Return the bytes of a real recording."""
    return speech_path.read_bytes()


class OnlyRead:
    """A file object without readinto, mode or name, that reads a few bytes at a time."""

    def __init__(self, content):
        self.file = io.BytesIO(content)
        self.seek, self.tell = self.file.seek, self.file.tell

    def read(self, size=-1):
        """Return at most 1000 bytes, as sockets return fewer bytes than requested."""
        return self.file.read(min(size, 1000))


@pytest.mark.parametrize(
    "wrap",
    [
        str,
        Path,
        lambda path: BytesPath(path),
        lambda path: os.path.relpath(path),
        lambda path: path.read_bytes(),
        lambda path: bytearray(path.read_bytes()),
        lambda path: memoryview(path.read_bytes()),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: OnlyRead(path.read_bytes()),
        lambda path: path.open("rb"),
        lambda path: path.open("rb", buffering=0),
        lambda path: os.fdopen(os.open(path, os.O_RDONLY), "rb"),
        lambda path: {"path": str(path)},
        lambda path: {"path": path, "bytes": None, "array": None},
        lambda path: {"bytes": path.read_bytes(), "path": "elsewhere.wav"},
        lambda path: {"bytes": path.read_bytes(), "path": None},
    ],
)
def test_all_kinds_of_input_give_the_same_samples(wrap, speech_path, speech):
    """A path, its content and a file object give the same samples, also a second time."""
    value = wrap(speech_path)
    for _ in range(2):
        np.testing.assert_array_equal(speech.astype("f4"), mono_samples(value, 16000), strict=True)
    if hasattr(value, "close"):
        value.close()


class BytesPath:
    """A path-like object that returns bytes."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        """Return the path as bytes."""
        return os.fsencode(self.path)


@pytest.mark.parametrize("key", ["array", "bytes"])
def test_dicts_of_hugging_face_give_the_array_or_the_bytes(key, speech, content):
    """The array is used first, then the bytes; the path of a file in an archive is ignored."""
    array = {"array": speech, "sampling_rate": np.int64(16000)} if key == "array" else {}
    value = {"path": "no/such.wav", "bytes": content, **array}
    np.testing.assert_array_equal(speech.astype("f4"), mono_samples(value, 16000))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3", "AIFF"])
@pytest.mark.parametrize("before", [b"", b"x" * 5000])
def test_file_object_is_read_from_its_position(recording, kind, before):
    """A file object is read from its position, which is restored."""
    path = recording(16000, 2, kind)
    file = io.BytesIO(before + path.read_bytes())
    file.seek(len(before))
    encoder = NetEncoder("AudioSpectrogram", Normalization="Max")
    expected = encoder(path)
    assert np.array_equal(expected, encoder(file))
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(file))))
    assert len(before) == file.tell()


def test_moved_position_does_not_change_a_stream(content):
    """A change of the file's position between two blocks does not change the result."""
    encoder, file = NetEncoder("AudioSpectrogram", Offset=20), io.BytesIO(content)
    blocks = []
    for block in encoder.stream(file):
        blocks.append(block)
        file.seek(7)
    assert len(blocks) > 1
    assert np.array_equal(encoder(content), np.concatenate(blocks))


def test_descriptors_are_closed(speech_path, tmp_path):
    """No descriptor stays open after success, failure or an abandoned stream."""
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no audio")
    before = len(os.listdir("/proc/self/fd"))
    encoder = NetEncoder("AudioSpectrogram", SampleRate=48000)
    for _ in range(3):
        encoder(speech_path)
        failure(bad)
        stream = encoder.stream(speech_path)
        next(stream)
        stream.close()
    del stream
    assert before == len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("name", ["a b.wav", "-o.wav", "ü ☃ 🔊.wav", "new\nline.wav", "\udcff.wav"])
def test_files_of_any_name_are_read(name, tmp_path, content, speech):
    """A file of any valid name is read; the error for a missing one is one line."""
    path = tmp_path / name
    path.write_bytes(content)
    assert len(speech) == len(mono_samples(str(path), 16000))
    path.unlink()
    text = str(failure(path))
    text.encode()
    assert text.isprintable()
    assert text.endswith(": no such file (check the path)")


def test_content_decides_the_format(recording, tmp_path):
    """A file is recognized by its content, not by its name."""
    path = tmp_path / "really_flac.wav"
    path.write_bytes(recording(kind="FLAC").read_bytes())
    assert np.array_equal(mono_samples(recording(kind="FLAC"), 16000), mono_samples(path, 16000))


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("gone.wav", "not-found", "gone.wav: no such file (check the path)"),
        ("", "not-found", "an empty path: no such file (check the path)"),
        (
            "https://a.b/c.wav",
            "not-found",
            (
                "https://a.b/c.wav: no such file (URLs are not opened: give urllib.request.urlopen("
                "'https://a.b/c.wav'), or to the command: curl -fsSL https://a.b/c.wav | "
                "netencoders encode - -o OUT)"
            ),
        ),
        (
            "~/c.wav",
            "not-found",
            (
                "~/c.wav: no such file (only the shell replaces '~': use "
                "os.path.expanduser('~/c.wav'))"
            ),
        ),
        ("f" * 300, "not-found", f"{'f' * 300}: no such file (check the path)"),
        (
            "-",
            "not-found",
            (
                "-: no such file (only the command reads standard input as '-': "
                "give sys.stdin.buffer)"
            ),
        ),
        ("a\0b", "not-found", r"a\x00b: embedded null byte (check the path)"),
        ("/dev/null/a.wav", "not-found", "/dev/null/a.wav: no such file (check the path)"),
    ],
)
def test_paths_that_cannot_be_opened_are_named(path, code, message):
    """The error for a missing file, or for an impossible path, names the path."""
    check(path, code, message)


@pytest.mark.parametrize(("path", "kind"), [("/dev/null", "device"), ("/dev/zero", "device")])
def test_paths_of_other_kinds_are_refused(path, kind):
    """A device is refused, and nothing is read from it."""
    message = f"{path}: it is a {kind}, not a regular file (give the path of an audio file)"
    check(path, "not-a-file", message)


def test_path_with_a_lone_surrogate_is_not_found():
    """A path that the file system encoding cannot represent is not found."""
    assert "not-found" == failure("\ud800.wav").code


def test_links_are_followed(tmp_path, speech_path):
    """A link is followed; a loop and a dangling link are errors."""
    good, loop, dangling = (tmp_path / name for name in ("good", "loop", "dangling"))
    good.symlink_to(speech_path)
    loop.symlink_to(loop)
    dangling.symlink_to(tmp_path / "gone")
    assert 56040 == len(mono_samples(good, 16000))
    check(loop, "not-found", f"{loop}: its symbolic links form a loop (check the path)")
    check(dangling, "not-found", f"{dangling}: no such file (check the path)")


def test_fifo_is_not_opened(tmp_path):
    """A FIFO is refused at once, and the process at its other end keeps waiting."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.open("wb").close(), daemon=True)
    writer.start()
    time.sleep(0.05)
    check(
        path,
        "not-a-file",
        f"{path}: it is a FIFO, not a regular file (give the path of an audio file)",
    )
    assert writer.is_alive()
    path.open("rb").close()
    writer.join()


def test_socket_is_refused():
    """A socket is refused."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        path = f"{folder}/s"  # a socket's path must be short
        server.bind(path)
        message = f"{path}: it is a socket, not a regular file (give the path of an audio file)"
        check(path, "not-a-file", message)


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (errno.EACCES, "permission", "no permission to read it (check its permissions)"),
        (errno.EPERM, "permission", "no permission to read it (check its permissions)"),
        (errno.EMFILE, "unreadable", "cannot be opened: Too many open files (try again)"),
        (errno.EIO, "unreadable", "cannot be opened: Input/output error (try again)"),
    ],
)
def test_system_errors_have_codes(monkeypatch, number, code, message):
    """Errors of the system have codes; they are simulated, since root may read all files."""

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    status = SimpleNamespace(st_mode=stat.S_IFREG)
    monkeypatch.setattr(
        "netencoders_audio.recordings.opening.os",
        SimpleNamespace(
            PathLike=os.PathLike, fspath=os.fspath, fsdecode=os.fsdecode, O_RDONLY=os.O_RDONLY,
            stat=lambda path: status, open=refuse,
        ),
    )  # fmt: skip
    check("a.wav", code, f"a.wav: {message}")


@pytest.mark.parametrize("kind", [bytes, io.BytesIO, lambda empty: {"bytes": empty}])
def test_empty_bytes_are_refused(kind):
    """Empty bytes have the error of an empty file."""
    error = failure(kind(b""))
    assert ("empty-file", "the file has 0 bytes", "fetch it again") == (
        error.code,
        error.message,
        error.remedy,
    )


def test_empty_file_is_refused(tmp_path, content):
    """A file of 0 bytes, and a file object at its end, are errors."""
    path = tmp_path / "empty.wav"
    path.touch()
    check(path, "empty-file", f"{path}: the file has 0 bytes (fetch it again)")
    file = io.BytesIO(content)
    file.seek(0, 2)
    for place in (len(content), 10**6):
        file.seek(place)
        check(
            file,
            "empty-file",
            f"file object: the file object is at its end, at byte {place} (move it to its first "
            "byte: file.seek(0))",
        )
    check(io.BytesIO(), "empty-file", "file object: the file has 0 bytes (fetch it again)")
    check(
        SimpleNamespace(read=io.BytesIO().read),
        "empty-file",
        "file object: reading it gives 0 bytes (open it again, or check its source)",
    )


@pytest.mark.parametrize(
    "value", [lambda: closed(io.BytesIO(b"a")), lambda: io.BytesIO, lambda: ReadsLists()]
)
def test_unreadable_file_objects_are_refused(value):
    """A closed file, a class, and an object whose `read` does not return bytes are refused."""
    error = failure(value())
    assert "unsupported-input" == error.code
    assert error.message.startswith("the file ")
    assert error.remedy


def fill(descriptor, content):
    """Write into a pipe and close it."""
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(content)


class ReadsLists:
    """A file object that returns lists of numbers."""

    def read(self, size):
        """Return a list."""
        return [1] * size


@pytest.mark.parametrize("normalization", [None, "Max"])
def test_file_objects_without_seek_are_read(content, speech_path, normalization):
    """A pipe, and an object with only `read`, are copied, so that they can be read twice."""
    encoder = NetEncoder("AudioSpectrogram", Normalization=normalization)
    expected = encoder(speech_path)
    for use in (encoder, lambda value: np.concatenate(list(encoder.stream(value)))):
        source, sink = os.pipe()
        writer = threading.Thread(target=fill, args=(sink, content))
        writer.start()
        with os.fdopen(source, "rb") as pipe:
            assert np.array_equal(expected, use(pipe))
        writer.join()
        assert np.array_equal(expected, use(SimpleNamespace(read=io.BytesIO(content).read)))


def closed(file):
    """Return a closed file."""
    file.close()
    return file


@pytest.mark.parametrize("fault", ["seekable", "seek", "tell"])
def test_file_objects_that_fail_to_seek_are_copied(fault, content, speech):
    """A member of a tar stream fails in `seekable`, others in `seek`: they are read from here."""

    class Failing(io.BytesIO):
        def fail(self, *_):
            raise AttributeError(f"'_Stream' object has no attribute '{fault}'")

    setattr(Failing, fault, Failing.fail)
    np.testing.assert_array_equal(speech.astype("f4"), mono_samples(Failing(content), 16000))


def test_member_of_a_tar_stream_is_read(content, speech):
    """A member of a tar archive that is read as a stream, as shards are, is read."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as file:
        member = tarfile.TarInfo("a.wav")
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    archive.seek(0)
    with tarfile.open(fileobj=archive, mode="r|") as file:
        member = file.extractfile(file.next())
        np.testing.assert_array_equal(speech.astype("f4"), mono_samples(member, 16000))


def test_non_blocking_file_is_refused(content):
    """A file that has no data yet is refused; its beginning is not taken for the whole."""
    pieces = [content[:1000], None] * 2
    check(
        SimpleNamespace(read=lambda size=-1: pieces.pop(0) if size else b""),
        "unreadable",
        "file object: the file object is in non-blocking mode, and has no data yet (open it in "
        "blocking mode)",
    )


class FailsToName(io.BytesIO):
    """A file object whose attributes fail."""

    @property
    def name(self):
        """Raise an error."""
        raise OSError("gone")

    def geturl(self):
        """Raise an error."""
        raise OSError("gone")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ({"name": "a.wav"}, "a.wav"),
        ({"name": b"a\nb.wav"}, r"a\nb.wav"),
        ({"name": Path("a.wav")}, "a.wav"),
        ({"name": 3}, "file object"),
        ({"name": ""}, "file object"),
        ({"url": "https://a.b/c.wav", "name": "<urllib response>"}, "https://a.b/c.wav"),
        ({"url": None, "geturl": lambda: "https://a.b/c.wav?d=1"}, "https://a.b/c.wav?d=1"),
        ({"url": "https://me:secret@a.b/c.wav"}, "https://a.b/c.wav"),
        ({"full_name": "s3://a/b.wav", "path": "a/b.wav"}, "s3://a/b.wav"),
        ({"key": "b.wav"}, "b.wav"),
        ({"path": "a/b.wav"}, "a/b.wav"),
        ({"url": "https://a.b/" + "c" * 2000}, "https://a.b/" + "c" * 988 + "..."),
    ],
)
def test_file_objects_are_named_by_their_url_name_or_key(file, name):
    """The error for a file object has its URL, name or key, escaped and without a password."""
    given = SimpleNamespace(read=io.BytesIO(b"\1\2").read, **file)
    with pytest.raises(AudioError) as caught:
        mono_samples(given, 8000)
    assert str(caught.value).startswith(f"{name}: not recognized as audio: ")


def test_file_object_whose_name_fails_is_a_file_object():
    """An attribute that raises an error names nothing."""
    assert "file object" == failure(FailsToName(b"\1\2")).source


@pytest.mark.parametrize("text", [True, False])
def test_text_files_are_refused(text, speech_path):
    """A file opened as text, or for writing only, is refused."""
    with speech_path.open(encoding="latin-1") if text else io.StringIO("RIFF") as file:
        source = str(speech_path) if text else "file object"
        check(file, "unsupported-input", f"{source}: the file is open in text mode (open it in "
              "mode 'rb')")  # fmt: skip
    with tempfile.NamedTemporaryFile("wb") as file:
        assert ("unsupported-input", file.name) == (failure(file).code, failure(file).source)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, f"a value of type NoneType: it is not audio {TAKES}"),
        (3, r"a value of type int: it is one number, and not audio \(wrap a list of samples: Audi"),
        (0.5, "a value of type float: it is one number"),
        (True, f"a value of type bool: it is not audio {TAKES}"),
        (
            (np.zeros(9), 8000),
            (
                r"a value of type tuple: an array and its sample rate must be wrapped in "
                r"an Audio \(wrap them: Audio\(value\[0\], 8000\) from netencoders_audio\)"
            ),
        ),
        ((8000, np.zeros(9)), "a value of type tuple: an array and its sample rate"),
        ({}, f"dict: a dict with no keys is not audio {TAKES}"),
        ({"path": None}, f"dict: a dict with 'path' of type NoneType is not audio {TAKES}"),
        ({"path": b"a.wav"}, f"dict: a dict with 'path' of type bytes is not audio {TAKES}"),
        ({"bytes": "a.wav"}, f"dict: a dict with 'bytes' of type str is not audio {TAKES}"),
        ({"samples": [0.0], 8: 9}, "dict: a dict with 'samples' of type list, '8' of type int"),
    ],
)
def test_values_that_are_not_audio_are_refused(value, message):
    """The error for another value has its type, or the types of the items of a dict."""
    with pytest.raises(AudioError, match=f"^{message}") as caught:
        mono_samples(value, 8000)
    assert "unsupported-input" == caught.value.code


def test_array_without_a_rate_is_refused():
    """The error for an array without a sample rate states how to add one."""
    check(
        np.zeros((5, 2)),
        "bare-array",
        "a value of type ndarray: a bare array of shape (5, 2) and type float64 has no sample rate "
        "(wrap it: Audio(samples, rate) from netencoders_audio)",
    )
    check(
        {"array": [0.0]},
        "bare-array",
        "dict: 'array' has no 'sampling_rate' (add 'sampling_rate', in Hz)",
    )


def test_dict_with_an_invalid_rate_is_refused():
    """An invalid rate in a dict has the error of an Audio."""
    check({"array": [0.0], "sampling_rate": 0}, "invalid-audio", "Audio: rate must be an integer "
          ">= 1, in Hz. Got 0 (give the sample rate: Audio(samples, rate))")  # fmt: skip


@pytest.mark.parametrize("shape", [(0,), (0, 2)])
def test_empty_audio_is_refused(shape, wav):
    """No samples are an error, from memory and from a file (A10)."""
    message = "no samples (remove it from the inputs, or record it again)"
    check(Audio(np.zeros(shape), 8000), "empty-audio", f"Audio: {message}")
    check(wav(np.zeros(shape)), "empty-audio", f"bytes: {message}")


@pytest.mark.parametrize("rate", [0, 2.5, True, "8000", 10**7 + 1, None])
def test_invalid_rate_is_refused_before_opening(rate):
    """The rate is checked before anything is opened."""
    with pytest.raises(ValueError, match=r"^'rate' must be an integer from 1 to 10000000\. Got "):
        mono_samples("gone.wav", rate)


def test_error_in_a_batch_names_its_element(speech_path):
    """In a batch the error has the index and the name of the failed element."""
    with pytest.raises(AudioError, match=r"^element 1: gone\.wav: no such file \(check") as caught:
        NetEncoder("AudioSpectrogram")([speech_path, "gone.wav"])
    assert (1, "gone.wav", "not-found") == (
        caught.value.index,
        caught.value.source,
        caught.value.code,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_hours": 0.001}, "it is longer than 0.001 hours, and the limit max_hours is 0.001"),
        ({"max_bytes": 200_000}, "it decodes to more than 200000 bytes, and the limit max_bytes"),
    ],
)
@pytest.mark.parametrize("kind", ["Audio", "dict", "waveform", "iterator", "endless"])
def test_limits_hold_for_values_in_memory(changes, message, kind):
    """Arrays, dicts and iterators have the limits of files, before an endless one fills memory."""
    second = np.zeros((16000, 2), np.float32)

    def endless():
        while True:
            yield Audio(second, 16000)

    four = np.concatenate([second] * 4)
    make = {
        "Audio": lambda: Audio(four, 16000),
        "dict": lambda: {"array": four, "sampling_rate": 16000},
        "waveform": lambda: {"waveform": four.T, "sample_rate": 16000},
        "iterator": lambda: iter([Audio(second, 16000)] * 4),
        "endless": endless,
    }[kind]
    encoder = NetEncoder("AudioSpectrogram")
    with limits(**changes):
        for use in (encoder, lambda value: list(encoder.stream(value))):
            with pytest.raises(AudioError) as caught:
                use(make())
            assert caught.value.message.startswith(message)
            assert ("limit-exceeded", True) == (caught.value.code, "limits(" in caught.value.remedy)
    if kind != "endless":
        encoder(make())


def test_limits_of_an_endless_stream_can_be_raised():
    """A microphone may run for longer than the limit: infinite limits are valid."""
    blocks = (Audio(np.zeros(16000, np.float32), 16000) for _ in range(9))
    with limits(max_hours=1e-3):
        with limits(max_hours=float("inf"), max_bytes=float("inf")):
            stream = NetEncoder("Audio").stream(blocks)
        assert 9 * 16000 == sum(map(len, stream))

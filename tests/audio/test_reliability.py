"""Bad, unusual and hostile inputs have the documented results, in Python and as a command."""

import os
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from netencoders import EncodeError, NetEncoder
from netencoders.cli import main
from netencoders_audio import Audio, AudioError, AudioWarning, limits, mono_samples

RATE = 16000
ENCODER = NetEncoder("AudioSpectrogram")


def patched(content, place, layout, *values):
    """Return bytes with a changed field."""
    content = bytearray(content)
    struct.pack_into(layout, content, place, *values)
    return bytes(content)


def half(content):
    """Return the first half."""
    return content[: len(content) // 2]


def flipped(content):
    """Return bytes with one flipped bit in the middle."""
    return patched(content, len(content) // 2, "B", content[len(content) // 2] ^ 4)


def last_page_broken(content):
    """Return an Ogg file with one byte of its last page changed."""
    return patched(content, len(content) - 5, "B", content[-5] ^ 0xFF)


def flac_total(content, total):
    """Return a FLAC file that claims `total` samples."""
    return patched(content, 21, ">BI", content[21] & 0xF0 | total >> 32, total & 0xFFFF_FFFF)


def xing_frames(content, count):
    """Return an MP3 file whose tag claims `count` frames."""
    place = max(content.find(b"Xing"), content.find(b"Info"))
    assert place > 0
    return patched(content, place + 8, ">I", count)


def data_size(content, size):
    """Return a WAV file whose data chunk claims `size` bytes."""
    return patched(content, content.index(b"data") + 4, "<I", size)


def check_command(arguments, name, capfd, tmp_path):
    """Check that the command fails for this file with one line; return the line."""
    out = tmp_path / "out.npy"
    assert 3 == main(["encode", "-o", str(out), "--", *arguments])
    stdout, stderr = capfd.readouterr()
    assert "" == stdout
    lines = stderr.splitlines()
    assert 1 == len(lines)
    assert lines[-1].startswith(f"error: {name}: ")
    assert not out.exists()
    return lines[-1]


def check_failure(path, code, message, capfd, tmp_path):
    """Check the error for a path, in Python and as a command."""
    check_call(path, code, message)
    capfd.readouterr()
    assert message in check_command([str(path)], path, capfd, tmp_path)


def check_call(path, code, message):
    """Check the error for a path in Python, of a call and of a stream."""
    for use in (ENCODER, lambda value: list(ENCODER.stream(value))):
        with pytest.raises(AudioError) as caught:
            use(path)
        assert (code, str(path)) == (caught.value.code, caught.value.source)
        assert message in caught.value.message
        assert caught.value.remedy


FAILURES = {
    "0 bytes": ("WAV", lambda c: b"", "empty-file", "the file has 0 bytes"),
    "30 bytes": ("WAV", lambda c: c[:30], "malformed", "header is incomplete"),
    "WAV cut": ("WAV", half, "truncated", "has 11989 of the 24000 frames"),
    "RF64 cut": ("RF64", half, "truncated", "of the 24000 frames"),
    "W64 cut": ("W64", half, "truncated", "of the 24000 frames"),
    "AIFF cut": ("AIFF", half, "truncated", "of the 24000 frames"),
    "AU cut": ("AU", half, "truncated", "of the 24000 frames"),
    "CAF cut": ("CAF", half, "truncated", "of the 24000 frames"),
    "MP3 cut": ("MP3", half, "truncated", "of the 24000 frames"),
    "FLAC cut": ("FLAC", half, "malformed", "decoding fails"),
    "FLAC flipped": ("FLAC", flipped, "malformed", "decoding fails"),
    "Ogg broken": ("OGG", last_page_broken, "malformed", "is wrong"),
    "Ogg cut": ("OGG", half, "truncated", "inside a page"),
    "FLAC of 2**36": (
        "FLAC",
        lambda c: flac_total(c, 2**36 - 1),
        "truncated",
        "has 24000 of the 68719476735 frames",
    ),
    "MP3 of 2**31": (
        "MP3",
        lambda c: xing_frames(c, 2**31 - 1),
        "truncated",
        "of the 1236950579328",
    ),
    "no channels": (
        "WAV",
        lambda c: patched(c, 22, "<H", 0),
        "malformed",
        "of channels in its header",
    ),
    "no rate": (
        "WAV",
        lambda c: patched(c, 24, "<I", 0),
        "malformed",
        "the sample rate in its header",
    ),
    "negative rate": ("WAV", lambda c: patched(c, 24, "<i", -5), "malformed", "the sample rate"),
    "1 Hz": ("WAV", lambda c: patched(c, 24, "<I", 1), "limit-exceeded", "a ratio of 16000"),
    "text": ("WAV", lambda c: b"hello\n", "unrecognized", "looks like text"),
    "HTML": ("WAV", lambda c: b"\n<!DOCTYPE html>", "unrecognized", "a web page"),
    "PNG": ("WAV", lambda c: b"\x89PNG\r\n\x1a\n" + c, "unrecognized", "a PNG picture"),
    "gzip": ("WAV", lambda c: b"\x1f\x8b\x08" + c, "unrecognized", "gzip: decompress it"),
    "Git LFS": (
        "WAV",
        lambda c: b"version https://git-lfs.github.com/spec/v1\n",
        "unrecognized",
        "git lfs pull",
    ),
    "m4a": ("WAV", lambda c: b"\0\0\0\x1cftypM4A ", "truncated", "bytes before the end of"),
    "webm": ("WAV", lambda c: b"\x1a\x45\xdf\xa3\1", "truncated", "inside an element"),
    "raw": ("WAV", lambda c: c[44:], "unrecognized", "wrap them as Audio(samples, rate)"),
}


@pytest.mark.parametrize("row", FAILURES)
def test_bad_files_are_refused(row, recording, tmp_path, capfd):
    """Each kind of damage has its code, with the file's name and a remedy."""
    kind, damage, code, message = FAILURES[row]
    path = tmp_path / "bad.wav"
    path.write_bytes(damage(recording(kind=kind).read_bytes()))
    check_failure(path, code, message, capfd, tmp_path)


@pytest.mark.parametrize("kind", ["WAV", "AIFF", "AU", "CAF"])
def test_files_without_samples_are_refused(kind, tmp_path, capfd):
    """A file without samples is an error, not an empty array."""
    path = tmp_path / "none"
    soundfile.write(path, np.empty((0, 2)), RATE, format=kind)
    check_failure(path, "empty-audio", "no samples", capfd, tmp_path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_samples_are_refused(bad, tmp_path, capfd):
    """The error for NaN and infinite samples has the position of the first one."""
    samples = np.zeros((3000, 2))
    samples[2000, 1] = samples[2500, 0] = bad
    path = tmp_path / "bad.wav"
    soundfile.write(path, samples, RATE, "FLOAT")
    place = f"the sample at frame 2000 of channel 1 is {bad}"
    check_failure(path, "non-finite", place, capfd, tmp_path)


def test_paths_of_other_kinds_are_refused(tmp_path, capfd):
    """A directory, a FIFO, a device and a socket are refused before they are opened."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    terminal, other = os.openpty()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/s")
        check_call(tmp_path, "not-a-file", "a directory")  # the command encodes its files
        for path, kind in {
            fifo: "a FIFO",
            Path("/dev/zero"): "a device",
            Path(os.ttyname(other)): "a device",
            Path(f"{folder}/s"): "a socket",
        }.items():
            check_failure(path, "not-a-file", kind, capfd, tmp_path)
    os.close(terminal)
    os.close(other)


def test_missing_files_are_refused(tmp_path, capfd):
    """The error for a missing file, a dangling link or a loop of links has the path."""
    loop, dangling = tmp_path / "loop.wav", tmp_path / "dangling.wav"
    loop.symlink_to(loop)
    dangling.symlink_to("gone.wav")
    check_failure(tmp_path / "gone.wav", "not-found", "no such file", capfd, tmp_path)
    check_failure(dangling, "not-found", "no such file", capfd, tmp_path)
    check_failure(loop, "not-found", "its symbolic links form a loop", capfd, tmp_path)


def test_files_without_permission_are_refused(tmp_path, capfd, monkeypatch):
    """The error for missing permission has the path; simulated, since root may read all files."""

    def refuse(path, *_):
        raise PermissionError(13, os.strerror(13), path)

    monkeypatch.setattr(
        "netencoders_audio.recordings.opening.os",
        SimpleNamespace(
            PathLike=os.PathLike, fspath=os.fspath, fsdecode=os.fsdecode, O_RDONLY=os.O_RDONLY,
            open=refuse, stat=lambda path: SimpleNamespace(st_mode=stat.S_IFREG),
        ),
    )  # fmt: skip
    check_failure(
        tmp_path / "secret.wav", "permission", "no permission to read it", capfd, tmp_path
    )


def junk(content):
    """Return a file followed by random bytes."""
    return content + np.random.default_rng(0).bytes(3000)


def chunk(kind, data):
    """Return a chunk of a RIFF file."""
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def id3(content):
    """Return a file after a tag with a picture."""
    return b"ID3\3\0\0\0\0\x27\x08" + b"APIC".ljust(5000, b"\xff") + content


def chunks(content):
    """Return a WAV file with chunks of other kinds before and after the audio."""
    other = chunk(b"LIST", b"INFOISFT\4\0\0\0Lav\0") + chunk(b"bext", bytes(602))
    tag = chunk(b"id3 ", b"ID3" + b"x" * 78)
    return content[:12] + other + content[12:36] + tag + content[36:] + other


VALID = {
    "unchanged": ("WAV", lambda c: c),
    "pipe of 0xFFFFFFFF": ("WAV", lambda c: data_size(c, 0xFFFF_FFFF)),
    "pipe of SoX": ("WAV", lambda c: data_size(c, 0x7FFF_F000)),
    "pipe of 2 GB": ("WAV", lambda c: data_size(c, 0x7FFF_FFFF - 36)),
    "size of the file": ("WAV", lambda c: data_size(c, len(c))),
    "RIFF size 0": ("WAV", lambda c: patched(c, 4, "<I", 0)),
    "RIFF size small": ("WAV", lambda c: patched(c, 4, "<I", 100)),
    "RIFF size large": ("WAV", lambda c: patched(c, 4, "<I", 10**9)),
    "block align": ("WAV", lambda c: patched(c, 32, "<H", 7)),
    "byte rate": ("WAV", lambda c: patched(c, 28, "<I", 0)),
    "chunks": ("WAV", chunks),
    "WAV and zeros": ("WAV", lambda c: c + bytes(1001)),
    "WAV behind ID3": ("WAV", id3),
    "AU of unknown size": ("AU", lambda c: patched(c, 8, ">I", 0xFFFF_FFFF)),
    "CAF of unknown size": ("CAF", lambda c: patched(c, c.index(b"data") + 4, ">q", -1)),
    "FLAC from a pipe": ("FLAC", lambda c: flac_total(c, 0)),
    "FLAC behind ID3": ("FLAC", id3),
    "FLAC behind two ID3": ("FLAC", lambda c: id3(id3(c))),
    "FLAC and a tag": ("FLAC", lambda c: c + b"TAG".ljust(128, b"x")),
    "FLAC and zeros": ("FLAC", lambda c: c + bytes(3000)),
    "MP3 behind ID3": ("MP3", id3),
    "MP3 and a tag": ("MP3", lambda c: c + b"TAG".ljust(128, b"x")),
    "MP3 and an APE tag": (
        "MP3",
        lambda c: c + struct.pack("<8s6I", b"APETAGEX", 2000, 4968, 1, 1 << 31, 0, 0) + b"x" * 4968,
    ),
    "MP3 and zeros": ("MP3", lambda c: c + bytes(10_240)),
    "Ogg and zeros": ("OGG", lambda c: c + bytes(3000)),
    "Ogg and a tag": ("OGG", lambda c: c + b"TAG".ljust(128, b"x")),
}


@pytest.mark.parametrize("row", VALID)
def test_unusual_valid_files_are_encoded(row, recording, tmp_path, capfd):
    """Valid files that programs write are read to their last sample, without a warning."""
    kind, change = VALID[row]
    path = tmp_path / "odd.wav"
    path.write_bytes(change(recording(kind=kind).read_bytes()))
    expected = mono_samples(recording(kind=kind), RATE)
    assert np.array_equal(expected, mono_samples(path, RATE))
    assert 0 == main(["encode", str(path), "-o", str(tmp_path / "out.npy"), "-q"])
    assert ("", "") == capfd.readouterr()


WARNED = {
    "WAV and junk": (
        "WAV",
        junk,
        "has 3000 bytes behind its sound that are neither whole chunks nor tags",
    ),
    "data size 0": (
        "WAV",
        lambda c: data_size(c, 0),
        "its header claims 0 samples, but samples follow",
    ),
    "AU size 0": (
        "AU",
        lambda c: patched(c, 8, ">I", 0),
        "its header claims 0 samples, but samples follow",
    ),
    "FLAC of less": (
        "FLAC",
        lambda c: flac_total(c, 10_000),
        "has 24000 frames, but its header claims 10000: all are encoded",
    ),
    "MP3 and junk": ("MP3", junk, "bytes behind its last frame that are not audio"),
}


@pytest.mark.parametrize("row", WARNED)
def test_samples_beyond_the_claim_are_encoded_with_a_warning(row, recording, tmp_path, capfd):
    """Samples or other bytes beyond the claim of the header lead to a warning of one line."""
    kind, change, message = WARNED[row]
    path = tmp_path / "odd.wav"
    path.write_bytes(change(recording(kind=kind).read_bytes()))
    with pytest.warns(AudioWarning, match=message):
        samples = mono_samples(path, RATE)
    assert np.array_equal(mono_samples(recording(kind=kind), RATE), samples)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert 0 == main(["encode", str(path), "-o", str(tmp_path / "out.npy"), "-q"])
    stdout, stderr = capfd.readouterr()
    assert ("", 1) == (stdout, len(stderr.splitlines()))
    assert stderr.startswith(f"warning: {path}: ")
    assert message in stderr


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF", "MP3"])
def test_truncated_files_are_encoded_with_a_warning(kind, recording, tmp_path, capfd):
    """Audio.open and --truncated encode the present part of a truncated file, with a warning."""
    path = tmp_path / "cut.wav"
    path.write_bytes(half(recording(kind=kind).read_bytes()))
    with pytest.warns(AudioWarning, match="the available frames are encoded"):
        samples = mono_samples(Audio.open(path, truncated="warn"), RATE)
    assert 10_000 < len(samples) < 14_000
    whole = mono_samples(recording(kind=kind), RATE)[: len(samples)]
    assert np.array_equal(whole, samples)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        out = tmp_path / "out.npy"
        assert 0 == main(["encode", str(path), "--truncated", "warn", "-o", str(out), "-q"])
    stderr = capfd.readouterr().err.splitlines()
    assert 1 == len(stderr)
    assert stderr[0].startswith(f"warning: {path}: has ")


def test_many_channels_and_high_rates_are_encoded(tmp_path, recording):
    """64 channels and 384 kHz are read; with a lower limit they are refused."""
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (2000, 64))
    wide, fast = tmp_path / "wide.wav", tmp_path / "fast.wav"
    soundfile.write(wide, samples, RATE, "DOUBLE")
    soundfile.write(fast, samples[:, 0], 384_000, "DOUBLE")
    np.testing.assert_allclose(mono_samples(wide, RATE), samples.mean(1), atol=1e-6)
    np.testing.assert_allclose(mono_samples(fast, 384_000), samples[:, 0], atol=1e-6)
    with (
        limits(max_channels=63),
        pytest.raises(AudioError, match=r"64 channels, .* \(to allow it, use .*max_channels=64"),
    ):
        ENCODER(wide)
    with limits(max_rate=192_000), pytest.raises(AudioError, match="max_rate=384000") as caught:
        ENCODER(fast)
    assert "limit-exceeded" == caught.value.code


def test_too_many_channels_are_refused(tmp_path, capfd, set_limits):
    """129 channels are refused until the limit is raised, as the message states."""
    path = tmp_path / "wide.wav"
    soundfile.write(path, np.zeros((2000, 129)), RATE)
    check_failure(path, "limit-exceeded", "129 channels, and the limit", capfd, tmp_path)
    set_limits("max_channels=129")
    assert 0 == main(["encode", str(path), "-o", str(tmp_path / "out.npy"), "-q"])


def test_small_file_of_many_samples_is_encoded_up_to_a_limit(tmp_path, capfd, set_limits):
    """A small file of many samples is encoded in blocks, and refused beyond a limit."""
    path = tmp_path / "bomb.flac"
    with soundfile.SoundFile(path, "w", 44100, 2) as file:
        for _ in range(5 * 60):
            file.write(np.zeros((44100, 2), np.int16))
    assert path.stat().st_size < 60_000
    set_limits("max_bytes=50000000")
    check_failure(path, "limit-exceeded", "more than 50000000 bytes", capfd, tmp_path)
    set_limits("max_hours=0.08")
    check_failure(path, "limit-exceeded", "longer than 0.08 hours", capfd, tmp_path)
    with limits(max_hours=0.1):
        assert (35_821, 201) == ENCODER(path).shape


BOUNDED = """
import resource, sys
from netencoders import EncodeError, NetEncoder
encoder = NetEncoder("AudioSpectrogram", TargetLength=100)
encoder(sys.argv[1])  # loads the libraries
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
for path in sys.argv[2:]:
    for use in (NetEncoder("AudioSpectrogram"), lambda path: list(encoder.stream(path))):
        try:
            use(path)
            print("read")
        except EncodeError as error:
            print(error.code)
"""


def test_claims_of_terabytes_allocate_no_memory(recording, tmp_path):
    """A file whose header claims terabytes is read or refused in a gigabyte of address space."""
    rf64 = recording(kind="RF64").read_bytes()
    place = rf64.index(b"ds64") + 16
    for name, content in {
        "a.flac": flac_total(recording(kind="FLAC").read_bytes(), 2**36 - 1),
        "b.mp3": xing_frames(recording(kind="MP3").read_bytes(), 2**31 - 1),
        "c.wav": data_size(recording().read_bytes(), 0xFFFF_FFFF),
        "d.wav": patched(rf64, place, "<Q", 1 << 45),
        "e.aiff": patched(
            recording(kind="AIFF").read_bytes(),
            recording(kind="AIFF").read_bytes().index(b"COMM") + 10,
            ">I",
            0xFFFF_FFF0,
        ),
    }.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, recording(), *sorted(tmp_path.iterdir())],
        env={**os.environ, "OMP_NUM_THREADS": "1", "NETENCODERS_WORKERS": "1"},
        capture_output=True,
        check=True,
        text=True,
    )
    expected = ["truncated", "read"] * 2 + ["read"] * 2 + ["truncated"] * 4
    assert expected == done.stdout.split()


@pytest.mark.parametrize(("inside", "name"), [("MP3", "a.wav"), ("WAV", "a.mp3")])
def test_misleading_names_are_ignored(inside, name, recording, tmp_path):
    """The content of a file decides its format, not its name."""
    path = tmp_path / name
    path.write_bytes(recording(kind=inside).read_bytes())
    assert np.array_equal(ENCODER(recording(kind=inside)), ENCODER(path))


@pytest.mark.parametrize("name", ["🔊 ü.wav", "new\nline.wav", "\udcff.wav", "-dash.wav"])
def test_names_of_any_kind_are_encoded(name, recording, tmp_path, capfd, monkeypatch):
    """A file of any name is encoded; in a message the name is on one line."""
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(recording().read_bytes())
    assert 0 == main(["encode", "-q", "-o", "out.npy", "--", name])
    Path("out.npy").unlink()
    Path(name).write_bytes(b"")
    with pytest.raises(AudioError) as caught:
        ENCODER(name)
    assert name == caught.value.source
    assert str(caught.value).isprintable()
    shown = str(caught.value).partition(": the file has")[0]
    check_command([name], shown, capfd, tmp_path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Audio(np.zeros(9, complex), RATE), "complex128 are not audio"),
        (lambda: Audio(np.array([None, 1]), RATE), "object are not audio"),
        (lambda: Audio(np.zeros(9, bool), RATE), "bool are not audio"),
        (lambda: Audio(np.float32(0), RATE), r"shape \(\) are not audio"),
        (lambda: Audio(np.zeros((2, 2, 2)), RATE), r"shape \(2, 2, 2\) are not audio"),
        (lambda: Audio(np.zeros((5, 0)), RATE), "0 channels"),
        (lambda: Audio(np.zeros(9), 0), "rate must be an integer >= 1, in Hz. Got 0"),
        (lambda: Audio(np.zeros(9), float("nan")), "Got nan"),
        (lambda: Audio(np.zeros(9), "16000"), "Got '16000'"),
    ],
)
def test_arrays_that_are_not_audio_are_refused(make, message):
    """Arrays that are not audio are refused when the Audio is created, with the remedy."""
    with pytest.raises(AudioError, match=message) as caught:
        make()
    assert ("invalid-audio", "Audio") == (caught.value.code, caught.value.source)
    assert caught.value.remedy


def test_empty_arrays_are_refused():
    """Encoding an empty Audio is an error; a block of a stream may be empty."""
    with pytest.raises(AudioError, match="no samples") as caught:
        ENCODER(Audio(np.zeros(0), RATE))
    assert "empty-audio" == caught.value.code


@pytest.mark.parametrize(
    "dtype", ["i1", "i2", "i4", "u1", "u2", "u4", "f2", "f4", "f8", ">i2", ">f4", ">f8"]
)
@pytest.mark.parametrize("form", ["reversed", "strided", "fortran", "read-only"])
def test_arrays_of_any_layout_give_the_same_result(dtype, form):
    """The result does not depend on the memory layout; the caller's array is not changed."""
    kind = np.dtype(dtype)
    whole = np.random.default_rng(0).uniform(-0.9, 0.9, (3000, 2))
    if kind.kind in "iu":
        whole = whole * 2.0 ** (8 * kind.itemsize - 1)
        whole = whole + 2.0 ** (8 * kind.itemsize - 1) * (kind.kind == "u")
    plain = whole.astype(dtype)
    array = {
        "reversed": lambda: plain[::-1].copy()[::-1],
        "strided": lambda: np.repeat(plain, 2, axis=1)[:, ::2],
        "fortran": lambda: np.asfortranarray(plain),
        "read-only": plain.copy,
    }[form]()
    if form == "read-only":
        array.flags.writeable = False
    before = array.copy()
    expected = ENCODER(Audio(plain.astype(kind.newbyteorder("=")), RATE))
    assert np.array_equal(expected, ENCODER(Audio(array, RATE)))
    np.testing.assert_array_equal(before, array, strict=True)


@pytest.mark.parametrize("normalization", ["Max", ["RMS", 0.1]])
def test_normalized_silence_stays_silent(normalization, tmp_path):
    """Silent samples give zeros with Normalization."""
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(3000), RATE)
    array = ENCODER.replace(Normalization=normalization)(path)
    assert (23, 201) == array.shape
    assert not array.any()


def test_floats_above_one_are_unchanged(tmp_path):
    """Float samples above full scale are not changed."""
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.array([3.5, -2.0, 0.5]), RATE, "FLOAT")
    assert [3.5, -2.0, 0.5] == mono_samples(path, RATE).tolist()


def result_key(result):
    """Return an array as bytes, and an error as code and source."""
    if isinstance(result, EncodeError):
        return result.code, Path(result.source).name, result.index
    return result.tobytes()


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_10_bad_files_of_100_give_10_named_errors(workers, isolate, recording, tmp_path):
    """90 arrays and 10 named errors come in the order of the inputs, for all ways of calling."""
    kinds = ["WAV", "FLAC", "OGG", "MP3", "AIFF"]
    bad = [FAILURES[row] for row in list(FAILURES)[:10]]
    paths, expected = [], []
    for index in range(100):
        content = recording(kind=kinds[index % 5]).read_bytes()
        path = tmp_path / f"{index:03}"
        if index % 10 == 7:
            kind, damage, code, _ = bad[index // 10]
            content = damage(recording(kind=kind).read_bytes())
            expected.append((code, path.name, index))
        else:
            expected.append(ENCODER(recording(kind=kinds[index % 5])).tobytes())
        path.write_bytes(content)
        paths.append(path)
    results = list(ENCODER.map(paths, workers=workers, on_error="return", isolate=isolate))
    assert expected == [result_key(result) for result in results]

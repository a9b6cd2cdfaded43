"""The compiled walks over MPEG and FLAC frames give the findings of their twins in Python.

`.ci/sanitize` runs these tests, too.
"""

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from netencoders_audio import AudioError
from netencoders_audio.files import flac_regular, flac_scan, mpeg_frames
from netencoders_audio.files.content import InMemory
from netencoders_audio.files.flac import read_flac
from netencoders_audio.files.flac_frames import first_frame, frame_header, is_whole, stream_info
from netencoders_audio.files.mpeg import read_mp3
from netencoders_audio.kernel import scans
from netencoders_audio.kernel.scans import FlacScan, MpegWalk, has_scans

pytestmark = pytest.mark.skipif(not has_scans(), reason="there is no compiled kernel")

READERS = {"FLAC": read_flac, "MP3": read_mp3}
# By kind: the coding, the sample rate, the number of channels and of samples, and the bit rate.
FILES = [
    ("FLAC", "PCM_16", 16000, 1, 100_000, None),
    ("FLAC", "PCM_24", 44100, 2, 8192, None),
    ("FLAC", "PCM_S8", 12345, 2, 300, None),
    ("MP3", "MPEG_LAYER_III", 44100, 2, 60_000, "CONSTANT"),
    ("MP3", "MPEG_LAYER_III", 48000, 1, 30_000, "VARIABLE"),
    ("MP3", "MPEG_LAYER_III", 16000, 1, 30_000, "VARIABLE"),
    ("MP3", "MPEG_LAYER_III", 22050, 2, 20_000, "CONSTANT"),
    ("MP3", "MPEG_LAYER_III", 8000, 1, 9_000, "CONSTANT"),
]


def encoded(kind, coding, rate, channels, count, mode, *, silence):
    """Return a file of noise, and of zeros in its middle if there is `silence`."""
    samples = np.random.default_rng(count).uniform(-0.3, 0.3, (count, channels))
    if silence:
        samples[count // 4 : -count // 4] = 0
    more = {} if mode is None else {"bitrate_mode": mode, "compression_level": 0.4}
    file = io.BytesIO()
    soundfile.write(file, samples, rate, coding, format=kind, **more)
    return file.getvalue()


def mutated(content, random):
    """Return a file with one to three kinds of damage, or with other bytes behind it."""
    data = bytearray(content)
    for _ in range(random.integers(1, 4)):
        place = int(random.integers(len(data))) if data else 0
        size = int(random.choice([1, 4, 60, 600, 3000]))
        kind = random.integers(7)
        if kind == 0:
            data[place : place + 1] = random.bytes(1)
        elif kind == 1:
            del data[place:]
        elif kind == 2:
            del data[place : place + size]
        elif kind == 3:
            data[place:place] = random.bytes(size)
        elif kind == 4:
            data[place : place + size] = bytes(size)
        elif kind == 5:
            data += [b"TAG".ljust(128, b"x"), bytes(50), bytes(data), b"other" * 40][size % 4]
        elif 0 <= (sync := data.find(b"\xff", place)) < len(data) - 60:
            data[sync + int(random.integers(50))] ^= 1 << int(random.integers(8))
    return bytes(data)


def findings(kind, content):
    """Return the findings of a file with the bytes for the decoder, or its error."""
    try:
        found = READERS[kind](InMemory(content))
    except AudioError as error:
        return error.code, str(error)
    return replace(found, parts=tuple(part.read_at(0, part.size) for part in found.parts))


@pytest.fixture
def both(monkeypatch):
    """Return a function that gives the findings with the compiled scans, and those of Python."""
    monkeypatch.setattr(flac_scan, "LONG", 0)  # otherwise Python does not check all numbers

    def find(kind, content):
        compiled = findings(kind, content)
        with monkeypatch.context() as context:
            for module in (flac_regular, mpeg_frames):
                context.setattr(module, "has_scans", lambda: False)
            python = findings(kind, content)
        if kind == "FLAC" and isinstance(compiled, scans_type) and compiled.regular:
            # Python does not know it of a file of few bytes.
            compiled = replace(compiled, regular=python.regular)
        return compiled, python

    scans_type = type(findings("FLAC", encoded(*FILES[0], silence=False)))
    return find


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file[0]}-{file[2]}-{file[3]}")
@pytest.mark.parametrize("silence", [False, True])
def test_findings_do_not_depend_on_the_kernel(file, silence, both):
    """Whole and damaged files have the same findings, or the same error."""
    random = np.random.default_rng(file[2] + silence)
    content = encoded(*file, silence=silence)
    for case in [content, *(mutated(content, random) for _ in range(60))]:
        compiled, python = both(file[0], case)
        assert python == compiled


@pytest.mark.parametrize("file", FILES[:3], ids=lambda file: f"{file[0]}-{file[2]}-{file[3]}")
def test_regular_files_are_known(file):
    """A FLAC file as encoders write it is regular, and needs no other check."""
    content = encoded(*file, silence=False)
    assert file[4] == flac_regular.regular_length(InMemory(content))
    for changed in (content + b"\1", content[:-1], content[:-1] + bytes([content[-1] ^ 1])):
        assert flac_regular.regular_length(InMemory(changed)) is None


def test_regular_files_have_the_headers_of_all_frames():
    """A file is regular only if the headers in it are those of its frames, in their order."""
    random = np.random.default_rng(7)
    content = encoded(*FILES[0], silence=True)
    info = stream_info(InMemory(content))
    regular = 0
    for _ in range(400):
        data = bytearray(content)
        sync = data.find(b"\xff\xf8", int(random.integers(len(data))))
        data[sync + int(random.integers(12))] ^= 1 << int(random.integers(8))
        if flac_regular.regular_length(InMemory(bytes(data))) is None:
            continue
        regular += 1
        headers = [
            header
            for place in range(first_frame(InMemory(content)), len(data))
            if (header := frame_header(bytes(data[place : place + 16]), info.block))
        ]
        assert list(range(len(headers))) == [header.number for header in headers]
        assert info.claimed == headers[-1].end
    assert regular < 200


def test_pieces_change_nothing(monkeypatch, both):
    """Frames at the border of two pieces are found, for any size of the pieces."""
    for file in (FILES[0], FILES[3]):
        content = encoded(*file, silence=False)
        whole = findings(file[0], content)
        for size in (1000, 1001, 4099, 20_000):
            for module in (flac_regular, flac_scan, mpeg_frames):
                monkeypatch.setattr(module, "_PIECE", size)
            compiled, python = both(file[0], content)
            assert python == compiled
            assert whole == compiled


def test_checksum_of_frames_is_that_of_python():
    """The checksum of a frame is right for the same bytes as in Python."""
    random = np.random.default_rng(1)
    content = encoded(*FILES[0], silence=False)
    scan = FlacScan(16000, 1, 16, 4096)
    start = content.index(b"\xff\xf8", first_frame(InMemory(content)) + 2)
    frame = content[start : content.index(b"\xff\xf8", start + 2)]
    for zeros in range(20):
        assert scan.is_whole(frame + bytes(zeros))
        assert is_whole(frame + bytes(zeros))
    right = 0
    for _ in range(3000):
        data = random.bytes(int(random.integers(1, 4)))
        right += is_whole(data)
        assert is_whole(data) == scan.is_whole(data)
    assert scan.is_whole(b"")
    assert right


def test_scans_of_any_bytes_stay_in_their_memory():
    """Bytes of any values and any length are read up to their end, and give a result."""
    random = np.random.default_rng(2)
    lengths = [0, *range(24, 54, 2)]
    for size in [*range(80), *random.integers(80, 900, 300).tolist()]:
        data = bytearray(random.bytes(size))
        for place in range(0, size - 8, 40):
            data[place : place + 4] = b"\xff\xfb\x80\xc0"
            if place % 3 == 0:
                data[place : place + 5] = b"\xff\xf8\xc9\x08\x00"
        walk = MpegWalk(b"\xff\xfb\x90\xc0", lengths, 1, 3, 17, 23, [6, 13], [14, 11])
        found = walk.frames(bytes(data), size + size % 3, 0, 0)
        assert found is None or found.size <= size + size % 3
        scan = FlacScan(44100, 1, 16, 4096)
        assert scan.add(bytes(data), 2 * size, 0) in (True, False)
        assert scan.is_whole(bytes(data)) == is_whole(bytes(data))


def test_scans_without_the_kernel_know_nothing(monkeypatch):
    """Without the kernel, a scan gives no result, so that Python reads the file."""
    monkeypatch.setattr(scans, "library", lambda: None)
    content = InMemory(encoded(*FILES[0], silence=False))
    assert not scans.has_scans()
    assert flac_regular.regular_length(content) is None
    assert not FlacScan(16000, 1, 16, 4096).add(b"", 0, 0)
    assert not FlacScan(16000, 1, 16, 4096).is_whole(b"")
    walk = MpegWalk(b"\xff\xfb\x90\xc0", [0] * 16, 1, 3, 17, 23, [6, 13], [14, 11])
    assert walk.frames(b"", 0, 0, 0) is None

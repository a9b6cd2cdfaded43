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
from netencoders_audio.files.flac_frames import (
    CRC8,
    first_frame,
    frame_header,
    is_whole,
    stream_info,
)
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
    parts = tuple(part.read_at(0, part.size) for part in found.parts)
    tracks = tuple((track.coding, track.rate, *track.packets()) for track in found.tracks)
    return replace(found, parts=parts, tracks=tracks)


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


def header(number, *, code=0x80, size=b"", rate=0, stated=b"", channels=1, bits=4, sync=0xF8):
    """Return the header of a FLAC frame, of 256 samples by default."""
    head = bytes([0xFF, sync, code | rate, (channels - 1) << 4 | bits << 1, number]) + size + stated
    check = 0
    for byte in head:
        check = CRC8[check ^ byte]
    return head + bytes([check])


REGULAR = {
    "plain": {},
    "no bits": {"bits": 0},
    "a rate by its code": {"rate": 9},
    "a rate in kHz": {"rate": 12, "stated": bytes([44])},
    "a rate in Hz": {"rate": 13, "stated": (44100).to_bytes(2)},
    "a rate in 10 Hz": {"rate": 14, "stated": (4410).to_bytes(2)},
    "a size of one byte": {"code": 0x60, "size": b"\xff"},
    "a size of two bytes": {"code": 0x70, "size": b"\0\xff"},
}


@pytest.mark.parametrize("form", REGULAR.values(), ids=REGULAR)
def test_headers_of_regular_frames_are_counted(form):
    """Headers state the form of the file in several ways."""
    rate = 44000 if form.get("rate") == 12 else 44100
    scan = FlacScan(rate, 1, 16, 256)
    frames = [header(number, **form) + bytes(9) for number in range(5)]
    assert all(frame_header(frame, 256) is not None for frame in frames)
    assert scan.add(b"".join(frames), 1000, 0)
    assert (5 * 256, 4 * len(frames[0])) == (scan.length, scan.place)


IRREGULAR = {
    "the number": {"number": 3},
    "a smaller number": {"number": 1},
    "variable sizes": {"sync": 0xF9},
    "a size above that of the file": {"code": 0x90},
    "the rate": {"rate": 10},
    "a stated rate": {"rate": 13, "stated": (44101).to_bytes(2)},
    "a rate of zero": {"rate": 13, "stated": bytes(2)},
    "the channels": {"channels": 2},
    "the bits": {"bits": 6},
}


@pytest.mark.parametrize("change", IRREGULAR.values(), ids=IRREGULAR)
def test_headers_of_other_frames_are_not_regular(change):
    """One header of another form, size or number ends the scan."""
    odd = header(change.pop("number", 2), **change)
    assert frame_header(odd + bytes(9), 256) is not None
    frames = [header(0), header(1), odd]
    assert not FlacScan(44100, 1, 16, 256).add(b"".join(frames) + bytes(9), 1000, 0)
    assert FlacScan(44100, 1, 16, 256).add(b"".join(frames[:2]) + bytes(9), 1000, 0)


def test_only_the_last_frame_is_small():
    """A smaller frame is the last one, and the first frame is at the first byte."""
    small = header(1, code=0x60, size=b"\x63")
    scan = FlacScan(44100, 1, 16, 256)
    assert scan.add(header(0) + small + bytes(9), 1000, 0)
    assert 356 == scan.length
    assert not FlacScan(44100, 1, 16, 256).add(header(0) + small + header(2) + bytes(9), 1000, 0)
    assert not FlacScan(44100, 1, 16, 256).add(bytes(1) + header(0) + bytes(9), 1000, 0)
    assert not FlacScan(44100, 1, 16, 256).add(header(0) + bytes(9), 1000, 1)
    assert 0 == FlacScan(44100, 1, 16, 256).length


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (8, (4095).to_bytes(2)),  # the smallest size of a frame
        (10, (4097).to_bytes(2)),  # the largest size
        (18, (16000 << 44 | 23 << 36 | 100_000).to_bytes(8)),  # 24 bits
        (18, (16000 << 44 | 15 << 36 | 100_001).to_bytes(8)),  # the number of samples
        (18, (16000 << 44 | 15 << 36).to_bytes(8)),  # no number
    ],
)
def test_header_that_the_frames_contradict_is_not_regular(place, value):
    """STREAMINFO of another size, depth or length than the frames needs the other checks."""
    content = encoded(*FILES[0], silence=False)
    start = first_frame(InMemory(content))
    plain = content[:4] + b"\x80" + content[5:42] + content[start:]
    assert 100_000 == flac_regular.regular_length(InMemory(plain))
    changed = plain[:place] + value + plain[place + len(value) :]
    assert flac_regular.regular_length(InMemory(changed)) is None


@pytest.mark.parametrize(("bits", "regular"), [(16, True), (12, False), (24, True)])
def test_depths_that_libsndfile_does_not_read_are_not_regular(bits, regular):
    """A depth for which the header is changed is left to the other checks."""
    frame = header(0, bits=0) + bytes(9)
    check = 0  # of 16 bits, by the polynomial x^16 + x^15 + x^2 + 1
    for byte in frame:
        check ^= byte << 8
        for _ in range(8):
            check = check << 1 ^ (0x18005 if check & 0x8000 else 0)
    packed = 44100 << 44 | (bits - 1) << 36 | 256
    start = b"fLaC\x80\0\0\x22" + (256).to_bytes(2) * 2 + bytes(6) + packed.to_bytes(8) + bytes(16)
    content = InMemory(start + frame + check.to_bytes(2))
    assert (256 if regular else None) == flac_regular.regular_length(content)


def test_file_without_frames_is_not_regular():
    """A header alone, metadata without an end, and an unknown length need the other checks."""
    content = encoded(*FILES[0], silence=False)
    unknown = content[:18] + (16000 << 44 | 15 << 36).to_bytes(8) + content[26:]
    start = first_frame(InMemory(content))
    for changed in (content[:42], content[:start], unknown, unknown[:start]):
        assert flac_regular.regular_length(InMemory(changed)) is None


def mpeg_frame(random, back):
    """Return a frame of mono sound at the borders of the reservoir, and its free bytes."""
    room = 417 - 21 + back
    size = max(0, room - int(random.choice([0, 0, 1, 40, -1])))
    begin = max(0, min(511, back + int(random.choice([0, 0, 0, 0, 1, -1]))))
    text = f"{begin:09b}" + "0" * 9
    for bits in (min(4095, 8 * size), max(0, 8 * size - 4095)):
        pairs = int(random.choice([0, 287, 288, 288, 288, 289]))
        text += f"{min(bits, 4095):012b}{pairs:09b}" + "0" * 38
    side = int(text, 2).to_bytes(17)
    frame = (b"\xff\xfb\x90\xc0" + side).ljust(417, b"\x55")
    if random.random() < 0.05:
        frame = (b"\xff\xfb\x90\xc0" + bytes(17) + b"Info").ljust(417, b"\0")
    return frame, max(0, room - size)


@pytest.mark.parametrize("size", [100, 418, 900, 1 << 18])
def test_walks_have_equal_results(monkeypatch, size):
    """The walk over frames at the borders of all rules is that of Python, in any pieces."""
    monkeypatch.setattr(mpeg_frames, "_PIECE", size)
    random = np.random.default_rng(size)
    damaged = 0
    for _ in range(100):
        frames, back = [], 0
        for _ in range(12):
            frame, back = mpeg_frame(random, back)
            frames.append(frame)
        content = InMemory(b"".join(frames))
        found = mpeg_frames.walk(content, 0, content.size)
        with monkeypatch.context() as context:
            context.setattr(mpeg_frames, "has_scans", lambda: False)
            assert mpeg_frames.walk(content, 0, content.size) == found
        damaged += found.damaged
    assert 50 < damaged < 1000


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

"""Frames: the length and the form of every header, and the walk over hand-written frames."""

import io
import itertools
import re

import numpy as np
import pytest

from netencoders_audio import AudioError
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.mpeg_frames import walk
from netencoders_audio.files.mpeg_header import Form, frame_header
from netencoders_audio.files.mpeg_search import first_frame

# The tables of ISO/IEC 11172-3 and 13818-3, a row for each bit-rate index from 1 to 14: version 1
# with layers I, II and III, then version 2 with layer I and with layers II and III.
BIT_RATES = [
    (32, 32, 32, 32, 8), (64, 48, 40, 48, 16), (96, 56, 48, 56, 24), (128, 64, 56, 64, 32),
    (160, 80, 64, 80, 40), (192, 96, 80, 96, 48), (224, 112, 96, 112, 56), (256, 128, 112, 128, 64),
    (288, 160, 128, 144, 80), (320, 192, 160, 160, 96), (352, 224, 192, 176, 112),
    (384, 256, 224, 192, 128), (416, 320, 256, 224, 144), (448, 384, 320, 256, 160),
]  # fmt: skip
RATES = {"1": (44100, 48000, 32000), "2": (22050, 24000, 16000), "2.5": (11025, 12000, 8000)}
VERSION_BITS = {"1": 3, "2": 2, "2.5": 0}
SAMPLES = {
    ("1", 1): 384,
    ("1", 2): 1152,
    ("1", 3): 1152,
    ("2", 1): 384,
    ("2", 2): 1152,
    ("2", 3): 576,
}


def header(version="1", layer=3, index=9, rate=0, *, padding=0, mono=False, crc=False):
    """Return a header: by default of 128 kbit/s and 44100 Hz, stereo."""
    return bytes(
        (
            0xFF,
            0xE0 | VERSION_BITS[version] << 3 | (4 - layer) << 1 | (not crc),
            index << 4 | rate << 2 | padding << 1,
            0xC0 if mono else 0x40,
        )
    )


def frames(count, length=417, **fields):
    """Return frames whose bytes after the header are zeros."""
    return header(**fields).ljust(length, b"\0") * count


def content_of(data):
    """Return bytes as a content."""
    return RestOfFile(io.BytesIO(data))


def walked(data, first=0):
    """Return the walk over bytes."""
    return walk(content_of(data), first, len(data))


@pytest.mark.parametrize("version", ["1", "2", "2.5"])
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_length_of_a_frame_is_its_duration_at_its_bit_rate(version, layer):
    """A frame has the bytes that its bit rate gives in the duration of its samples."""
    samples = SAMPLES["1" if version == "1" else "2", layer]
    slot = 4 if layer == 1 else 1
    column = layer - 1 if version == "1" else 3 if layer == 1 else 4
    for (index, row), (place, rate), padding, mono in itertools.product(
        enumerate(BIT_RATES, 1), enumerate(RATES[version]), (0, 1), (False, True)
    ):
        found = frame_header(header(version, layer, index, place, padding=padding, mono=mono))
        exact = row[column] * 1000 / 8 * samples / rate
        assert int(exact // slot * slot) + padding * slot == found.length
        assert Form(version, layer, rate, 1 if mono else 2) == found.form
        assert samples == found.form.samples


@pytest.mark.parametrize(
    ("index", "rate", "length"),
    [(1, 0, 104), (2, 0, 130), (9, 0, 417), (14, 0, 1044), (1, 1, 96), (2, 1, 120), (1, 2, 144)],
)
def test_length_of_well_known_frames(index, rate, length):
    """Frames of layer III at 32, 40, 128 and 320 kbit/s have their known lengths."""
    assert length == frame_header(header(index=index, rate=rate)).length


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xea\x90\x40", b"\xff\xf8\x90\x40", b"\xff\xf1\x50\x80", b"\xff\xfb\xf0\x40",
        b"\xff\xfb\x9c\x40", b"\xfe\xfb\x90\x40", b"\xff\xdb\x90\x40", b"\xff\xfb\x90",
    ],
)  # fmt: skip
def test_other_bytes_are_no_header(head):
    """A reserved version, layer, bit rate or sample rate, or other bytes, are no header."""
    assert frame_header(head) is None


def test_frames_are_counted_with_their_ranges():
    """The walk counts the frames of any bit rate, and gives the range that they fill."""
    data = frames(3) + frames(2, 104, index=1) + frames(2, 418, padding=1)
    found = walked(data)
    assert (7, [range(len(data))], 0, 0) == (found.count, found.runs, found.between, found.cut)


def test_more_frames_than_a_piece_are_counted():
    """A file that is read in several pieces loses no frame at their borders."""
    data = frames(1000) + frames(3000, 104, index=1)
    found = walked(data)
    assert (4000, [range(len(data))]) == (found.count, found.runs)


@pytest.mark.parametrize(
    ("between", "junk"),
    [
        (b"", 0),
        (b"x" * 500, 500),
        (bytes(700), 700),
        (b"ID3\3\0\0\0\0\x10\0" + b"\xff\xfb\x90\x40" * 512, 0),
        (b"TAG".ljust(128, b"y"), 0),
        (b"TAG".ljust(128, b"y") + b"z" * 9, 9),
        (b"x" + header() + b"x" * 600, 605),
    ],
)
def test_bytes_between_frames_are_counted(between, junk):
    """Bytes between the frames are counted, apart from tags; a header in them is not believed."""
    data = frames(4) + between + frames(4)
    found = walked(data)
    assert (8, junk) == (found.count, found.between)
    ends = [range(4 * 417), range(len(data) - 4 * 417, len(data))]
    assert ([range(len(data))] if not between else ends) == found.runs


@pytest.mark.parametrize(
    ("behind", "junk", "zeros", "cut"),
    [
        (b"x" * 800, 800, 0, 0),
        (bytes(800), 0, 800, 0),
        (bytes(9) + b"x", 10, 0, 0),
        (frames(1)[:100], 0, 0, 100),
    ],
)
def test_bytes_behind_the_frames_are_counted(behind, junk, zeros, cut):
    """Other bytes, zeros and an incomplete frame behind the last frame are told apart."""
    found = walked(frames(5) + behind)
    assert (5, junk, zeros, cut) == (found.count, found.behind, found.zeros, found.cut)


def test_last_frame_after_other_bytes_is_found():
    """One frame after other bytes is believed if it ends at the end of the file."""
    found = walked(frames(5) + b"x" * 300 + frames(1))
    assert (6, 300) == (found.count, found.between)


OTHER = {
    "version": {"version": "2"},
    "layer": {"layer": 2, "index": 8},
    "rate": {"rate": 1},
    "channels": {"mono": True},
}


@pytest.mark.parametrize("changed", OTHER)
@pytest.mark.parametrize("between", [b"", b"x" * 77])
def test_frames_of_another_form_are_an_error(changed, between):
    """Three frames of another version, layer, rate or number of channels are an error."""
    fields = OTHER[changed]
    length = frame_header(header(**fields)).length
    other = frames(4, length, **fields)
    form = frame_header(header(**fields)).form
    message = (
        f"its frames change from MPEG-1 layer III, 44100 Hz, stereo to {form} at byte "
        f"{6 * 417 + len(between)}, after 6 frames"
    )
    with pytest.raises(AudioError, match=re.escape(message)) as caught:
        walked(frames(6) + between + other + frames(6))
    assert "malformed" == caught.value.code
    assert "split it there" in caught.value.remedy


def test_two_frames_of_another_form_are_other_bytes():
    """Fewer than three frames of another form are not believed: they are bytes between frames."""
    found = walked(frames(6) + frames(2, 384, rate=1) + b"x" + frames(6))
    assert (12, 2 * 384 + 1) == (found.count, found.between)


@pytest.mark.parametrize("padding", [0, 1])
def test_free_format_frames_have_the_distance_of_their_headers(padding):
    """The length of free-format frames is the distance to a header that a third one confirms."""
    false = header(index=0) * 2 + b"x" * 80
    one = (header(index=0, padding=padding) + false).ljust(1000 + padding, b"y")
    found = walked(one * 5)
    assert (5, 1000, 0) == (found.count, found.free, found.behind)


def test_free_format_after_frames_of_known_length_is_other_bytes():
    """The walk ends if free-format frames follow frames of known length: they are not believed."""
    found = walked(frames(5) + frames(5, 1000, index=0))
    assert (5, 5000) == (found.count, found.behind)


def test_many_gaps_between_frames_are_walked():
    """A file with other bytes after every second frame is walked to its end."""
    found = walked((frames(2) + b"x") * 500)
    assert (1000, 499, 1, 500) == (found.count, found.between, found.behind, len(found.runs))


def test_first_frame_is_found_after_other_bytes():
    """The first frame is found after bytes among which are headers of other forms."""
    before = b"x" * 50 + header(rate=1) + b"x" * 380 + header(rate=1) + b"x" * 70
    data = before + frames(3)
    assert len(before) == first_frame(content_of(data), 0, len(data))
    assert first_frame(content_of(data), 0, 50) is None
    assert 0 == first_frame(content_of(frames(2)), 0, 834)
    assert 0 == first_frame(content_of(frames(1)), 0, 417)
    assert first_frame(content_of(before + frames(2) + b"x" * 10), 0, len(before) + 900) is None


def test_unknown_file_needs_eight_frames_that_agree():
    """In a file that may be anything, eight frames agree, or three up to the end of the file."""
    start = b"x" * 50
    for data, place in {
        start + frames(8) + b"x" * 900: 50,
        start + frames(7) + b"x" * 900: None,
        start + frames(3): 50,
        start + frames(2): None,
        start + frames(4) + frames(4, crc=True) + b"x" * 900: None,
        start + frames(4, 104, index=1) + frames(4) + b"x" * 900: 50,
        start + frames(8, 384, layer=1, index=12, rate=1): None,
        start + frames(8, 1000, index=0) + b"x" * 900: 50,
    }.items():
        assert place == first_frame(content_of(data), 0, len(data), strict=True)


def test_samples_and_random_bytes_contain_no_frames():
    """Quiet samples of 24 bits, samples of 16 bits and random bytes are not taken for frames."""
    random = np.random.default_rng(4)
    for level in (1e-5, 5e-5, 1e-4, 3e-4, 1e-2, 0.3):
        for seed in range(3):
            values = np.random.default_rng(seed).standard_normal(22_000).clip(-3, 3) * level
            wide = (values * 2**23).astype(">i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
            for data in (wide, (values * 2**15).astype("<i2").tobytes(), random.bytes(1 << 16)):
                assert first_frame(content_of(data), 0, 1 << 16, strict=True) is None


@pytest.mark.parametrize("size", [1, 2, 3])
def test_header_that_a_tag_completes_is_no_frame(size):
    """The first bytes of a header before a tag, whose name completes it, are other bytes."""
    frame = header().ljust(417, b"\x55")
    data = frame * 3 + header()[:size] + b"TAG".ljust(128, b"x")
    found = walk(content_of(data), 0, len(data) - 128)
    assert (3, size) == (found.count, found.behind)

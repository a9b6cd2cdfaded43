"""Uncompressed files: claimed lengths, sizes that are wrong, and the bytes behind the sound."""

import io
import os
import struct

import numpy as np
import pytest

from netencoders.policies import policies
from netencoders_audio import AudioError, limits
from netencoders_audio.files.behind import find_joined
from netencoders_audio.files.content import InMemory, OpenFile, RestOfFile
from netencoders_audio.files.inspection import READERS, inspect
from netencoders_audio.files.sniff import sniff
from netencoders_audio.recordings.opening import open_recording

FRAMES = 24_000
FRAMED = [
    ("WAV", "PCM_16"), ("WAV", "PCM_U8"), ("WAV", "PCM_24"), ("WAV", "PCM_32"), ("WAV", "FLOAT"),
    ("WAV", "DOUBLE"), ("WAV", "ALAW"), ("WAV", "ULAW"), ("WAVEX", "PCM_24"), ("RF64", "PCM_16"),
    ("W64", "PCM_16"), ("W64", "DOUBLE"), ("AIFF", "PCM_S8"), ("AIFF", "PCM_16"),
    ("AIFF", "PCM_24"), ("AIFF", "FLOAT"), ("AIFF", "DOUBLE"), ("AIFF", "ULAW"), ("AU", "PCM_S8"),
    ("AU", "PCM_16"), ("AU", "PCM_24"), ("AU", "FLOAT"), ("AU", "ALAW"), ("CAF", "PCM_16"),
    ("CAF", "PCM_24"), ("CAF", "DOUBLE"), ("CAF", "ULAW"), ("AIFF", "PCM_32"), ("AIFF", "ALAW"),
    ("AU", "PCM_32"), ("AU", "DOUBLE"), ("AU", "ULAW"), ("CAF", "PCM_32"), ("CAF", "FLOAT"),
    ("CAF", "PCM_S8"), ("CAF", "ALAW"), ("RF64", "FLOAT"), ("W64", "PCM_24"), ("WAVEX", "FLOAT"),
]  # fmt: skip


def findings_of(content):
    """Return the findings for bytes."""
    return READERS[sniff(content)](RestOfFile(io.BytesIO(content)))


def claims(content):
    """Return the claimed and the present frames, and whether the bytes stay unchanged."""
    findings = findings_of(content)
    [part] = findings.parts
    return findings.claimed, findings.present, part.read_at(0, part.size) == content


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize(("kind", "coding"), FRAMED)
def test_claimed_and_present_frames_of_whole_and_truncated_files(recording, kind, coding, channels):
    """A whole file has the claimed frames; a truncated one has those before the cut."""
    content = recording(16000, channels, kind, coding).read_bytes()
    whole = findings_of(content)
    assert (FRAMES, FRAMES) == (whole.claimed, whole.present)
    width = {"8": 1, "6": 2, "4": 3, "2": 4, "T": 4, "E": 8, "W": 1}[coding[-1]] * channels
    for frames in (1, 100, 20_000):
        cut = findings_of(content[: len(content) - frames * width])
        assert FRAMES == cut.claimed
        assert FRAMES - frames == cut.present


@pytest.mark.parametrize("kind", ["OGG", "MP3"])
def test_ogg_and_mp3_claim_no_frames(recording, kind):
    """Ogg and MP3 files claim no frames here: they have checks of their own."""
    assert (None, None, True) == claims(recording(kind=kind).read_bytes())


def test_false_claim_of_flac_is_hidden(recording):
    """The claim of a FLAC file is hidden from libsndfile if the last frame contradicts it."""
    content = bytearray(recording(kind="FLAC").read_bytes())
    assert (FRAMES, None, True) == claims(bytes(content))
    content[25] ^= 1
    findings = findings_of(bytes(content))
    assert (FRAMES ^ 1, None, ()) == (findings.claimed, findings.present, findings.notes)
    [part] = findings.parts
    assert (None, None, True) == claims(part.read_at(0, part.size))


def outcome(content):
    """Return "claim", "negative", or the code of the error for bytes."""
    try:
        claimed, present, _ = claims(content)
    except AudioError as error:
        return error.code
    return "claim" if min(claimed or 0, present or 0) >= 0 else "negative"


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC"])
def test_truncated_header_gives_a_claim_or_an_error(recording, kind):
    """A header that ends at any byte gives a claim or an AudioError."""
    content = recording(16000, 2, kind).read_bytes()
    for length in range(40, 200):
        assert outcome(content[:length]) in ("claim", "malformed", "unsupported-coding")


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC"])
def test_changed_header_gives_a_claim_or_an_error(recording, kind):
    """A header with any byte changed gives a claim that is not negative, or an AudioError."""
    content = recording(16000, 2, kind).read_bytes()
    for place in range(4 if kind != "W64" else 40, 120):
        for value in (0, 0x7F, 0x80, 0xFF):
            changed = content[:place] + bytes([value]) + content[place + 1 :]
            if sniff(changed) is None:
                continue
            assert outcome(changed) in ("claim", "malformed", "unsupported-coding")


@pytest.mark.parametrize(
    ("kind", "place", "layout", "value", "field"),
    [
        ("WAV", 22, "<H", 0, r"number of channels .*Got 0 \("),
        ("WAV", 24, "<I", 0, r"sample rate .*Got 0 \("),
        ("WAV", 24, "<i", -8000, r"sample rate .*Got 4\.29496e\+09 \("),
        ("AIFF", 20, ">h", 0, r"number of channels .*Got 0 \("),
        ("AIFF", 20, ">h", -1, r"number of channels .*Got -1 \("),
        ("AIFF", 28, ">H", 0x8000, r"sample rate .*Got 0 \("),
        ("AU", 20, ">I", 0, r"number of channels .*Got 0 \("),
        ("AU", 16, ">I", 0, r"sample rate .*Got 0 \("),
        ("CAF", 20, ">d", 0.0, r"sample rate .*Got 0 \("),
        ("CAF", 20, ">d", np.nan, r"sample rate .*Got 0 \("),
        ("CAF", 44, ">I", 0, r"number of channels .*Got 0 \("),
    ],
)
def test_impossible_fields_are_named(recording, kind, place, layout, value, field):
    """The error for an impossible field names the field and its value."""
    content = bytearray(recording(kind=kind, coding="PCM_16").read_bytes())
    struct.pack_into(layout, content, place, value)
    with pytest.raises(AudioError, match=f"the {field}") as caught:
        findings_of(bytes(content))
    assert "malformed" == caught.value.code


def test_big_endian_wav_is_read(wav):
    """The chunks of RIFX, the big-endian form of WAV, are read."""
    body = struct.pack(">4sIHHIIHH", b"fmt ", 16, 1, 2, 16000, 64000, 4, 16)
    body += struct.pack(">4sI", b"data", 400) + bytes(300)
    content = struct.pack(">4sI4s", b"RIFX", len(body) + 4, b"WAVE") + body
    assert (100, 75, True) == claims(content)


def aiff(length, data, *, skipped=0, form=b"AIFF", coding=b"", bits=16, after=b""):
    """Return an AIFF file that claims 100 frames, and `length` bytes in its sound chunk."""
    rate = 16397, 0xFA00 << 48  # 16000 as a number of 80 bits
    common = struct.pack(">hIhHQ", 1, 100, bits, *rate) + coding
    body = struct.pack(">4sI", b"COMM", len(common)) + common
    body += struct.pack(">4sIII", b"SSND", length, skipped, 0) + data + after
    return struct.pack(">4sI", b"FORM", len(body) + 4) + form + body


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (aiff(208, bytes(200)), (100, 100, True)),
        (aiff(208, bytes(200), after=b"NAME\0\0\0\4name"), (100, 100, True)),
        (aiff(108, bytes(100), after=b"NAME\0\0\0\4name"), (100, 50, True)),
        (aiff(208, bytes(200), skipped=20), (100, 90, True)),
        (aiff(9, bytes(1), skipped=20), (100, 0, True)),
        (aiff(208, bytes(150)), (100, 75, True)),
        (aiff(0, bytes(150)), (100, 75, True)),  # without a length, the chunk goes to the end
        (aiff(0x7F00_0000, bytes(150)), (None, None, True)),  # as SoX writes to a pipe
        (aiff(0x7EFF_FFFE, bytes(150)), (100, 75, True)),
        (aiff(108, bytes(100), form=b"AIFC", coding=b"ulaw", bits=16), (100, 100, True)),
        (aiff(208, bytes(200), form=b"AIFC", coding=b"sowt"), (100, 100, True)),
    ],
)
def test_present_frames_of_aiff_are_those_of_its_sound_chunk(content, expected):
    """The frames of an AIFF file are in its sound chunk, after the bytes to skip."""
    assert expected == claims(content)


def test_search_stops_after_many_empty_chunks():
    """A file of 100 000 empty chunks is not read to its end."""
    content = b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 100_000
    with pytest.raises(AudioError, match="it has no data chunk") as caught:
        claims(content)
    assert "malformed" == caught.value.code


MISSING = {
    "WAV without data": (lambda h, v: h.riff(h.form()), "it has no data chunk"),
    "WAV of one chunk": (lambda h, v: b"RIFF\0\0\0\0WAVE", "it has no data chunk"),
    "data before fmt": (
        lambda h, v: h.riff(h.chunk(b"data", h.integers(v, 2)), h.form()),
        "it has no format chunk before its data chunk",
    ),
    "W64 without data": (lambda h, v: h.w64((b"fmt ", h.form()[8:])), "it has no data chunk"),
    "AIFF without SSND": (
        lambda h, v: h.aiff(9, b"")[:38],
        r"it has no sound chunk \(SSND\)",
    ),
    "AIFF without COMM": (
        lambda h, v: b"FORM\0\0\0\4AIFF" + h.chunk(b"SSND", bytes(99), order=">"),
        r"it has no common chunk \(COMM\)",
    ),
    "CAF without data": (lambda h, v: h.caf(b"")[:52], "it has no data chunk"),
    "CAF without desc": (
        lambda h, v: h.caf(bytes(99))[:8] + h.caf(bytes(99))[52:],
        "it has no description chunk before its data chunk",
    ),
    "CAF of length -2": (
        lambda h, v: h.caf(bytes(99), size=-2),
        "its data chunk must not have a length of -2",
    ),
    "CAF of packets": (
        lambda h, v: h.caf(bytes(99), packet_frames=2),
        "its header must claim packets of 1 frame. Got 2",
    ),
    "CAF of wrong floats": (
        lambda h, v: h.caf(bytes(99), flags=1, bits=32, packet=8),
        "frames of 8 bytes for 1 channels of 32-bit floats",
    ),
    "AU inside its header": (
        lambda h, v: b".snd" + struct.pack(">5I", 20, 9, 3, 16000, 1) + bytes(9),
        "its samples must begin after its header of 24 bytes. Got 20",
    ),
    "extensible fmt cut": (
        lambda h, v: h.riff(h.form(0xFFFE, extra=bytes(4)), h.chunk(b"data", bytes(9))),
        "its extensible format chunk is incomplete",
    ),
    "bits of 0": (
        lambda h, v: h.riff(h.form(bits=0, align=2), h.chunk(b"data", bytes(9))),
        "the number of bits in its header must be above 0. Got 0",
    ),
}


@pytest.mark.parametrize("row", MISSING)
def test_missing_parts_are_named(hand, tone, row):
    """A file without a necessary chunk or field is malformed; the message names the part."""
    make, message = MISSING[row]
    with pytest.raises(AudioError, match=message) as caught:
        hand.read(make(hand, tone))
    assert "malformed" == caught.value.code


def files(hand, values):
    """Return a file of each container, by its name."""
    little, big = hand.integers(values, 2), hand.integers(values, 2, ">")
    size = struct.pack("<QQQI", 0, len(little), len(values), 0)
    data = hand.chunk(b"data", little, size=0xFFFF_FFFF)
    return {
        "WAV": hand.wav(values),
        "RIFX": hand.riff(
            hand.form(order=">"), hand.chunk(b"data", big, order=">"), magic=b"RIFX", order=">"
        ),
        "RF64": hand.riff(hand.chunk(b"ds64", size), hand.form(), data, magic=b"RF64"),
        "BW64": hand.riff(hand.chunk(b"ds64", size), hand.form(), data, magic=b"BW64"),
        "W64": hand.w64((b"fmt ", hand.form()[8:]), (b"data", little)),
        "AIFF": hand.aiff(len(values), big),
        "sowt": hand.aiff(len(values), little, coding=b"sowt"),
        "AU": hand.au(big),
        "little AU": hand.au(little, order="<"),
        "CAF": hand.caf(little),
        "big CAF": hand.caf(big, flags=0),
        "SPHERE": hand.sphere(little),
        "big SPHERE": hand.sphere(big, sample_byte_format="10"),
    }


CONTAINERS = (
    "WAV", "RIFX", "RF64", "BW64", "W64", "AIFF", "sowt", "AU", "little AU", "CAF", "big CAF",
    "SPHERE", "big SPHERE",
)  # fmt: skip


@pytest.mark.parametrize("container", CONTAINERS)
def test_hand_written_files_are_read(hand, tone, container):
    """The samples of a file that was written by hand are read in each container."""
    samples, told = hand.read(files(hand, tone)[container])
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert [] == told


QUIET = {
    "zeros": bytes(1000),
    "ID3v1": b"TAG".ljust(128, b"x"),
    "ID3v2": b"ID3\4\0\0\0\0\1\0" + b"x" * 128,
    "ID3v2 with a footer": b"ID3\4\0\x10\0\0\1\0" + b"x" * 138,
    "APE": b"APETAGEX" + struct.pack("<4I", 2000, 60, 1, 1 << 31) + bytes(8) + b"x" * 60,
    "lyrics": b"LYRICSBEGIN" + b"x" * 50 + b"LYRICS200" + b"TAG".ljust(128, b"x"),
    "zeros and a tag": bytes(300) + b"TAG".ljust(128, b"x"),
}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("row", QUIET)
def test_tags_and_zeros_behind_the_sound_are_expected(hand, tone, container, row):
    """Zeros and tags behind the sound are left out without a warning."""
    samples, told = hand.read(files(hand, tone)[container] + QUIET[row])
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert [] == told


LOUD = {
    "noise": np.random.default_rng(0).bytes(800),
    "text": b"some text " * 80,
    "zeros and noise": bytes(300) + np.random.default_rng(1).bytes(500),
    "a part of a tag": b"TAG" + b"x" * 97,
    "an ID3 tag that is cut": b"ID3\4\0\0\0\7\0\0" + b"x" * 790,
    "an APE tag that is cut": b"APETAGEX" + struct.pack("<4I", 2000, 9999, 1, 0) + bytes(776),
    "lyrics without an end": b"LYRICSBEGIN" + b"x" * 789,
}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("row", LOUD)
def test_other_bytes_behind_the_sound_are_told(hand, tone, container, row):
    """Other bytes behind the sound are left out, and the warning has their number."""
    rest = len(LOUD[row])
    samples, told = hand.read(files(hand, tone)[container] + LOUD[row])
    assert np.array_equal(tone[:, None] / 32768, samples)
    expected = (
        f"bytes: has {rest} bytes behind its sound that are neither whole chunks nor tags "
        f"({rest // 2} frames, if they are sound): they are left out"
    )
    assert [expected] == told


@pytest.mark.parametrize("container", CONTAINERS)
def test_joined_files_are_read_one_after_the_other(hand, tone, container):
    """Joined files of one form are read to their end, with a warning, also with zeros between."""
    content = files(hand, tone)[container]
    for between in (b"", bytes(44), b"TAG".ljust(128, b"x")):
        samples, told = hand.read(content + between + content + content)
        assert np.array_equal(np.tile(tone, 3)[:, None] / 32768, samples)
        assert ["bytes: consists of 3 joined files: all are encoded"] == told


@pytest.mark.parametrize("container", CONTAINERS)
def test_joined_files_of_other_forms_are_refused(hand, recording, tone, container):
    """A file of another form behind the sound is an error that has its position."""
    every = files(hand, tone)
    content, fields = every[container], "its sample rate, channels or coding differ"
    others = {
        "it is a FLAC file": recording(kind="FLAC").read_bytes(),
        "it is a OGG file": recording(kind="OGG").read_bytes(),
    }
    if container in ("WAV", "RF64", "BW64"):
        others[fields] = hand.wav(tone, rate=8000)
        others[fields + " from"] = hand.wav(np.stack([tone, tone], 1))
        others["it has no data chunk"] = hand.riff(hand.form())
    if "AIFF" in container:
        others["it is a WAV file"] = every["WAV"]
    for problem, other in others.items():
        message = f"another file begins at byte {len(content)}, and cannot be joined to the first"
        with pytest.raises(AudioError, match=f"{message} one: {problem}") as caught:
            hand.read(content + other)
        assert "malformed" == caught.value.code


def test_many_joined_files_are_refused(hand):
    """The number of joined files is bounded."""
    content = hand.wav(np.arange(1))
    samples, _ = hand.read(content * 1000)
    assert 1000 == len(samples)
    with pytest.raises(AudioError, match="more than 1000 files are joined in it"):
        hand.read(content * 1001)


@pytest.mark.parametrize("container", CONTAINERS)
def test_part_of_a_frame_at_the_end_is_told(hand, tone, container):
    """A file of unknown length that ends inside a frame has a warning, unless zeros end it."""
    unknown = {
        "WAV": hand.wav(tone, size=0xFFFF_FFFF),
        "AU": hand.au(hand.integers(tone, 2, ">"), size=0xFFFF_FFFF),
        "CAF": hand.caf(hand.integers(tone, 2), size=-1),
        "SPHERE": hand.sphere(hand.integers(tone, 2), sample_count=None),
    }
    if container in unknown:
        samples, told = hand.read(unknown[container] + b"\7")
        assert np.array_equal(tone[:, None] / 32768, samples)
        assert ["bytes: ends inside a frame: its last 1 bytes are left out"] == told
        assert [] == hand.read(unknown[container] + b"\0")[1]


STALE = {
    "WAV": lambda h, v, n: h.wav(v, size=2 * n),
    "RF64": lambda h, v, n: h.riff(
        h.chunk(b"ds64", struct.pack("<QQQI", 0, 2 * n, n, 0)),
        h.form(),
        h.chunk(b"data", h.integers(v, 2), size=0xFFFF_FFFF),
        magic=b"RF64",
    ),
    "W64": lambda h, v, n: h.w64((b"fmt ", h.form()[8:]), (b"data", h.integers(v, 2), 24 + 2 * n)),
    "AIFF": lambda h, v, n: h.aiff(n, h.integers(v, 2, ">"), size=2 * n + 8),
    "AU": lambda h, v, n: h.au(h.integers(v, 2, ">"), size=2 * n),
    "CAF": lambda h, v, n: h.caf(h.integers(v, 2), size=2 * n + 4),
    "SPHERE": lambda h, v, n: h.sphere(h.integers(v, 2), sample_count=n),
}


@pytest.mark.parametrize("container", STALE)
def test_stale_sizes_are_told(hand, tone, container):
    """Samples behind a size that was not updated are left out, with their number."""
    samples, told = hand.read(STALE[container](hand, tone, 1000))
    assert np.array_equal(tone[:1000, None] / 32768, samples)
    assert 1 == len(told)
    assert "has 4000 bytes behind its sound" in told[0]
    assert "(2000 frames, if they are sound): they are left out" in told[0]


@pytest.mark.parametrize("container", STALE)
def test_claims_beyond_the_file_are_truncated(hand, tone, container):
    """A claim beyond the file is an error with both counts; the present part can be encoded."""
    content = STALE[container](hand, tone, 4000)
    with pytest.raises(AudioError, match=r"has 3000 of the 4000 frames that its") as caught:
        hand.read(content)
    assert "truncated" == caught.value.code
    with policies({"truncated": "warn"}):
        samples, told = hand.read(content)
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert 1 == len(told)


PIPES = {
    "WAV 0xFFFFFFFF": lambda h, v: h.wav(v, size=0xFFFF_FFFF),
    "WAV 0x7FFFF000": lambda h, v: h.wav(v, size=0x7FFF_F000),
    "RF64 of zeros": lambda h, v: h.riff(
        h.chunk(b"ds64", bytes(28)),
        h.form(),
        h.chunk(b"data", h.integers(v, 2), size=0xFFFF_FFFF),
        magic=b"RF64",
    ),
    "BW64 of -1": lambda h, v: h.riff(
        h.chunk(b"ds64", b"\xff" * 24 + bytes(4)),
        h.form(),
        h.chunk(b"data", h.integers(v, 2), size=0xFFFF_FFFF),
        magic=b"BW64",
    ),
    "RF64 without ds64": lambda h, v: h.riff(
        h.form(), h.chunk(b"data", h.integers(v, 2), size=0xFFFF_FFFF), magic=b"RF64"
    ),
    "W64 of FFmpeg": lambda h, v: h.w64(
        (b"fmt ", h.form()[8:]), (b"data", h.integers(v, 2), (1 << 63) - 1), size=(1 << 64) - 1
    ),
    "W64 of -1": lambda h, v: h.w64(
        (b"fmt ", h.form()[8:]), (b"data", h.integers(v, 2), (1 << 64) - 1)
    ),
    "AIFF of SoX": lambda h, v: h.aiff(0x3F80_0000, h.integers(v, 2, ">"), size=0x7F00_0008),
    "AU": lambda h, v: h.au(h.integers(v, 2, ">"), size=0xFFFF_FFFF),
    "CAF": lambda h, v: h.caf(h.integers(v, 2), size=-1),
    "SPHERE": lambda h, v: h.sphere(h.integers(v, 2), sample_count=None),
    "WAV of its own size": lambda h, v: h.wav(v, size=44 + 2 * len(v)),
    "W64 of its own size": lambda h, v: h.w64(
        (b"fmt ", h.form()[8:]), (b"data", h.integers(v, 2), 104 + 2 * len(v))
    ),
}


@pytest.mark.parametrize("row", PIPES)
def test_sizes_of_a_pipe_are_read_to_the_end(hand, tone, row):
    """The sizes that programs write to a pipe mean the end of the file, without a warning."""
    samples, told = hand.read(PIPES[row](hand, tone))
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert [] == told


@pytest.mark.parametrize(
    ("row", "length"),
    [
        *((row, 3000) for row in PIPES if "its own size" not in row),
        ("AU", 600_000),
        ("WAV 0xFFFFFFFF", 600_000),
    ],
)
def test_joined_files_of_a_pipe_are_found(hand, tone, row, length):
    """A file of unknown size that another one follows ends there, also if it is long."""
    values = np.resize(tone, length)
    content = PIPES[row](hand, values)
    for odd in (b"", b"\0"):  # at any position
        samples, told = hand.read(content + odd + content + content)
        assert np.array_equal(np.tile(values, 3)[:, None] / 32768, samples)
        assert ["bytes: consists of 3 joined files: all are encoded"] == told


@pytest.mark.parametrize("count", range(1, 12))
def test_few_samples_of_a_pipe_are_read(hand, count):
    """A file of unknown size may end after a few bytes, fewer than a header has."""
    values = np.arange(1, count + 1)
    samples, told = hand.read(hand.wav(values, size=0xFFFF_FFFF))
    assert np.array_equal(values[:, None] / 32768, samples)
    assert [] == told


def test_first_of_several_joined_files_is_found(hand, tone):
    """Of several files in one piece of the search, the first one ends the sound."""
    content = hand.wav(tone, size=0xFFFF_FFFF)
    samples, _ = hand.read(content + bytes(3) + content + b"\0" + content)  # 3 zeros: a frame
    assert np.array_equal(np.r_[tone, 0, tone, tone][:, None] / 32768, samples)


@pytest.mark.parametrize("shift", range(-16, 2))
def test_joined_file_at_the_border_of_two_pieces_is_found(hand, tone, shift):
    """A header that is divided between two pieces of the search is found."""
    content = hand.wav(tone)
    place = 44 + (1 << 18) + shift
    assert place == find_joined(InMemory(content.ljust(place, b"\1") + content), 44)


def test_magic_among_samples_is_no_joined_file(hand, tone):
    """The first bytes of a header among the samples do not end the sound."""
    values = np.r_[tone, np.frombuffer(b"RIFFabcdRIFF", "<i2"), tone]
    samples, told = hand.read(hand.wav(values, size=0xFFFF_FFFF))
    assert np.array_equal(values[:, None] / 32768, samples)
    assert [] == told


def test_w64_of_sox_in_a_pipe(hand, tone):
    """SoX writes headers before and after the samples to a pipe, each as if it began a file."""
    chunk = (b"fmt ", hand.form()[8:])
    first = hand.w64(chunk, (b"data", b"", 23), size=0)
    last = hand.w64(chunk, (b"data", b"", (1 << 64) - 80), size=0)
    content = first + hand.w64(chunk, (b"data", hand.integers(tone, 2), 24), size=0) + last
    samples, told = hand.read(content)
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert ["bytes: its header claims 0 samples, but samples follow: they are encoded"] == told


ZEROS = {
    "WAV": lambda h, v: h.wav(v, size=0),
    "RF64": lambda h, v: h.riff(
        h.form(), h.chunk(b"data", h.integers(v, 2), size=0), magic=b"RF64"
    ),
    "W64": lambda h, v: h.w64((b"fmt ", h.form()[8:]), (b"data", h.integers(v, 2), 24)),
    "W64 of 0": lambda h, v: h.w64((b"fmt ", h.form()[8:]), (b"data", h.integers(v, 2), 0)),
    "AIFF of FFmpeg": lambda h, v: h.aiff(0, h.integers(v, 2, ">"), size=0),
    "AU": lambda h, v: h.au(h.integers(v, 2, ">"), size=0),
    "CAF": lambda h, v: h.caf(h.integers(v, 2), size=4),
    "SPHERE": lambda h, v: h.sphere(h.integers(v, 2), sample_count=0),
}


@pytest.mark.parametrize("row", ZEROS)
def test_size_of_zero_is_read_to_the_end_with_a_warning(hand, tone, row):
    """If a header claims no samples, those that follow are read, with a warning."""
    for values in (tone, np.r_[np.zeros(100, int), tone], np.zeros(3000, int)):
        samples, told = hand.read(ZEROS[row](hand, values))
        assert np.array_equal(values[:, None] / 32768, samples)
        assert ["bytes: its header claims 0 samples, but samples follow: they are encoded"] == told


def test_empty_sound_with_chunks_behind_it_is_empty(hand):
    """A data chunk of 0 bytes with chunks or tags behind it has no samples."""
    for behind in (hand.chunk(b"LIST", b"INFO"), b"TAG".ljust(128, b"x")):
        assert 0 == hand.findings(hand.wav([], behind)).layout.frames


SPARSE = {
    "WAV": (b"", lambda h, n: h.riff(h.form(bits=8, rate=48000), h.chunk(b"data", b"", size=n))),
    "AU": (b"", lambda h, n: h.au(b"", coding=2, size=n, rate=48000)),
    "AIFF": (
        b"",
        lambda h, n: h.aiff(n, b"", bits=8, size=(n + 8) % 2**32, rate=48000),
    ),
    "WAV with a chunk": (
        b"LIST\4\0\0\0INFO",
        lambda h, n: h.riff(h.form(bits=8, rate=48000), h.chunk(b"data", b"", size=n)),
    ),
}


@pytest.mark.parametrize("row", SPARSE)
def test_sizes_modulo_4_gib_are_read_to_the_end(hand, tmp_path, row):
    """A size that has lost its upper bits means the end of the file, of 4 GiB and more."""
    behind, make = SPARSE[row]
    path = tmp_path / "long"
    frames = (1 << 32) + 1000
    head = make(hand, 1000)
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + frames - 4)
        file.write(b"\x10\x20\x30\x40" + behind)
    with limits(max_hours=100), open_recording(path) as opened:
        assert frames == opened.length
        [tail] = opened.blocks(1000, frames - 4)
    zero = 128 if "WAV" in row else 0
    assert [(value - zero) / 128 for value in (0x10, 0x20, 0x30, 0x40)] == tail[:, 0].tolist()


@pytest.mark.parametrize(("size", "mark"), [(0x7FFF_F000, b"\x10"), (1000, b"q")])
def test_long_files_with_other_sizes(hand, tmp_path, monkeypatch, size, mark):
    """A size of a pipe that the file exceeds means its end; another one is told."""
    monkeypatch.setattr(  # the search for another file would take some seconds
        "netencoders_audio.files.uncompressed.find_joined", lambda content, start: None
    )
    path = tmp_path / "long"
    head = hand.riff(hand.form(bits=8, rate=48000), hand.chunk(b"data", b"", size=size))
    total = (1 << 31) + 5000 if size > 1000 else (1 << 32) + 5000
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + size)
        file.write(mark)
        file.seek(len(head) + total - 1)
        file.write(mark)
    found = inspect(OpenFile(os.open(path, os.O_RDONLY)))
    assert (total if size > 1000 else size) == found.layout.frames
    assert (0 if size > 1000 else 1) == len(found.notes)


def test_padding_of_chunks_may_be_any_byte(hand, tone):
    """The padding of a chunk behind the sound is not zero in some files."""
    text = hand.chunk(b"note", b"INFOx", padded=False) + b"\x80"
    _, told = hand.read(hand.wav(tone, text, hand.chunk(b"LIST", b"INFO")))
    assert [] == told


def test_parts_of_frames_in_joined_files_are_left_out(hand):
    """Each of several joined files has only its whole frames."""
    content = hand.riff(hand.form(), hand.chunk(b"data", bytes([1, 0, 2, 0, 7])))
    samples, told = hand.read(content * 2)
    assert np.array_equal(np.array([[1], [2], [1], [2]]) / 32768, samples)
    part = "bytes: ends inside a frame: its last 1 bytes are left out"
    assert {part, "bytes: consists of 2 joined files: all are encoded"} == set(told)


def test_truncated_file_that_ends_inside_a_frame_has_one_warning(hand, tone):
    """The end of a truncated file is told once."""
    with policies({"truncated": "warn"}):
        samples, told = hand.read(hand.wav(tone)[:-3])
    assert (2998, 1) == (len(samples), len(told))


def test_padding_of_chunks_may_be_missing(hand, tone):
    """A chunk of odd length may lack its padding, before and after the sound."""
    text = hand.chunk(b"LIST", b"INFOx", padded=False)
    for before in (text, hand.chunk(b"note", b"abc", padded=False), hand.chunk(b"abcd", b"x")):
        content = hand.riff(
            before, hand.form(), hand.chunk(b"data", hand.integers(tone, 2)), text, text
        )
        samples, told = hand.read(content)
        assert np.array_equal(tone[:, None] / 32768, samples)
        assert [] == told


def test_chunks_of_sound_behind_the_sound_are_told(hand, tone):
    """A second data chunk is not left out in silence."""
    second = hand.chunk(b"data", hand.integers(tone, 2))
    samples, told = hand.read(hand.wav(tone, hand.chunk(b"LIST", b"INFO"), second))
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert 1 == len(told)
    assert "has 6008 bytes behind its sound" in told[0]


def test_known_chunk_is_not_counted_as_unknown(hand, tone):
    """The count of unknown bytes begins after the last chunk that is known."""
    noise = np.random.default_rng(0).bytes(500)
    for kind, expected in {b"LIST": 500, b"qqqq": 512}.items():
        _, [told] = hand.read(hand.wav(tone, hand.chunk(kind, b"INFO")) + noise)
        assert f"has {expected} bytes behind" in told

"""Headers: the number of frames that a header claims, in each supported layout."""

import io
import struct

import numpy as np
import pytest

from netencoders_audio import AudioError
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.inspection import READERS
from netencoders_audio.files.sniff import sniff

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
        assert outcome(content[:length]) in ("claim", "malformed")


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC"])
def test_changed_header_gives_a_claim_or_an_error(recording, kind):
    """A header with any byte changed gives a claim that is not negative, or an AudioError."""
    content = recording(16000, 2, kind).read_bytes()
    for place in range(4 if kind != "W64" else 40, 120):
        for value in (0, 0x7F, 0x80, 0xFF):
            changed = content[:place] + bytes([value]) + content[place + 1 :]
            if sniff(changed) is None:
                continue
            assert outcome(changed) in ("claim", "malformed")


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
        (aiff(208, bytes(200), form=b"AIFC", coding=b"ima4"), (None, None, True)),
    ],
)
def test_present_frames_of_aiff_are_those_of_its_sound_chunk(content, expected):
    """The frames of an AIFF file are in its sound chunk, after the bytes to skip."""
    assert expected == claims(content)


def test_search_stops_after_many_empty_chunks():
    """A file of 100 000 empty chunks is not read to its end."""
    content = b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 100_000
    assert (None, None, True) == claims(content)

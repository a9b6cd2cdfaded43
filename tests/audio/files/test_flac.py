"""FLAC: the last frame confirms the claimed length, and bytes behind it are accounted for."""

import io
import struct
import warnings
from contextlib import suppress

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio import AudioError, AudioWarning, mono_samples
from netencoders_audio.files import flac_scan
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.flac import read_flac
from netencoders_audio.files.flac_frames import first_frame

NOISE = np.random.default_rng(1).bytes(800)
ID3V1 = b"TAG" + bytes(125)
APE = struct.pack("<8s4I8x", b"APETAGEX", 2000, 2000, 1, 0xA0000000)
APE += bytes(1968) + struct.pack("<8s4I8x", b"APETAGEX", 2000, 2000, 1, 0x80000000)
ID3V2 = b"ID3\4\0\0\0\0\0\x0a" + b"0123456789"


def noise(samples, channels=1):
    """Return the samples of `flac`: 16-bit noise."""
    random = np.random.default_rng(samples)
    return random.integers(-4000, 4000, (samples, channels)).astype(np.int16)


def flac(samples, rate=16000, channels=1, coding="PCM_16"):
    """Return a FLAC file of noise."""
    file = io.BytesIO()
    soundfile.write(file, noise(samples, channels), rate, coding, format="FLAC")
    return file.getvalue()


def with_claim(content, total):
    """Return the file with another claimed length."""
    changed = bytearray(content)
    changed[21:26] = (int.from_bytes(content[21:26]) >> 36 << 36 | total).to_bytes(5)
    return bytes(changed)


def claim_and_check(content):
    """Return the length that a file claims, and whether its last frame confirms it."""
    file = RestOfFile(io.BytesIO(content))
    findings = read_flac(file)
    return findings.claimed or 0, findings.parts == (file,)


def read(content, rate=16000):
    """Return the samples and the warnings for a file, which has no name in them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AudioWarning)
        samples = mono_samples(content, rate)
    return samples, [str(warning.message).removeprefix("bytes: ") for warning in caught]


def check(content, samples, *notes):
    """Check the samples, with full scale 1, and the warnings for a file."""
    seen, warned = read(content)
    assert np.array_equal(np.asarray(samples).mean(1) / 32768, seen)
    assert list(notes) == warned


@pytest.mark.parametrize("samples", [16, 100, 300, 4095, 4096, 4097, 8192, 600_000])
@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (44100, 2), (12345, 8), (95_000, 1)])
def test_true_claims_are_confirmed(samples, rate, channels):
    """The claim is confirmed for last blocks of any size, and for numbers of several bytes."""
    content = flac(samples, rate, channels)
    assert (samples, True) == claim_and_check(content)
    assert (samples, True) == claim_and_check(content + ID3V1)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 2**36 - 1))
def test_false_claims_are_not_confirmed(total):
    """Any other claim is not confirmed."""
    content = flac(9000)
    assert (total, total == 9000) == claim_and_check(with_claim(content, total))


@settings(deadline=None, max_examples=200)
@given(st.integers(42, 20_000))
def test_file_without_its_last_frame_is_not_confirmed(length):
    """A file without its last frame does not end as it claims."""
    content = flac(20_000)
    last = len(content) - 1500  # within the last frame, which begins before
    assert (20_000, False) == claim_and_check(content[: min(length, last - 8192)])


@pytest.mark.parametrize("missing", [1, 2, 16, 300, 1100])
def test_incomplete_last_frame_is_an_error(tmp_path, missing):
    """A last frame with a correct header and missing bytes is an error."""
    content = flac(20_000)[:-missing]
    assert (20_000, True) == claim_and_check(content)
    path = tmp_path / "cut.flac"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"cut\.flac: .*fetch it again") as caught:
        mono_samples(path, 16000)
    assert caught.value.code in ("malformed", "truncated")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_random_bytes_raise_no_other_error(junk):
    """Random bytes after a FLAC header raise no error but an AudioError."""
    assert 100 == claim_and_check(flac(100)[:42] + b"\xff\xf8" + junk)[0]
    with suppress(AudioError):
        claim_and_check(b"fLaC" + junk)


@pytest.mark.parametrize("between", [b"", ID3V1, bytes(5000), APE, ID3V2], ids=len)
@pytest.mark.parametrize("claims", [True, False])
def test_joined_files_are_read_with_a_warning(between, claims):
    """FLAC files joined by cat, also with tags, are one recording, and a warning says so."""
    parts = [flac(5000), flac(20_000), flac(5000)]
    if not claims:
        parts = [with_claim(part, 0) for part in parts]
    samples = [noise(5000), noise(20_000), noise(5000)]
    check(
        between.join(parts) + between,
        np.concatenate(samples),
        "consists of 3 FLAC files that are joined: all are encoded",
    )


def test_bytes_between_joined_files_are_told():
    """Bytes that are not audio, between two joined files, are counted in a warning."""
    check(
        flac(5000) + NOISE + flac(9000),
        np.concatenate([noise(5000), noise(9000)]),
        "has 800 bytes behind its last frame that are not audio: they are left out",
        "consists of 2 FLAC files that are joined: all are encoded",
    )


@pytest.mark.parametrize(
    ("other", "form"),
    [
        (flac(9000, 8000), "8000 Hz, 1 channel, 16 bits"),
        (flac(9000, channels=2), "16000 Hz, 2 channels, 16 bits"),
        (flac(9000, coding="PCM_24"), "16000 Hz, 1 channel, 24 bits"),
    ],
)
def test_joined_files_of_different_forms_are_refused(other, form):
    """Joined FLAC files of other rates, channels or bits are an error that names both forms."""
    message = (
        "part 2 of the joined FLAC files has another sample rate or number of channels or bits "
        f"than part 1: {form} instead of 16000 Hz, 1 channel, 16 bits"
    )
    for second in (other, ID3V2 + other):
        with pytest.raises(AudioError) as caught:
            mono_samples(flac(5000) + second, 16000)
        assert ("malformed", message) == (caught.value.code, caught.value.message)
        assert "split it into one file for each part" == caught.value.remedy


def test_false_claim_in_a_joined_file_is_told():
    """A joined file that claims fewer samples than it has is read to its end."""
    joined = with_claim(flac(5000), 4000) + flac(5000)
    check(
        joined,
        np.concatenate([noise(5000)] * 2),
        "consists of 2 FLAC files that are joined: all are encoded",
        "has 10000 frames, but its header claims 9000: all are encoded",
    )
    with pytest.raises(AudioError, match="has 10000 of the 11000 frames") as caught:
        read(flac(5000) + with_claim(flac(5000), 6000))
    assert "truncated" == caught.value.code


def test_joined_file_is_found_at_any_place(monkeypatch):
    """The second of two joined files is found at each position relative to the pieces."""
    first, second = flac(100), flac(200)
    second = second[:4] + b"\0" + second[5:42] + b"\1\0\2\0" + bytes(512) + second[42:]
    frame = len(first) - first_frame(RestOfFile(io.BytesIO(first)))
    for size in range(frame - 10, frame + 10):
        monkeypatch.setattr(flac_scan, "_PIECE", size)
        assert 2 == len(read_flac(RestOfFile(io.BytesIO(first + second))).parts)


def test_file_inside_the_metadata_is_not_joined():
    """A FLAC file inside a block of metadata, such as an attachment, is not another part."""
    content, other = flac(5000), flac(9000)
    block = b"\2" + len(other).to_bytes(3) + other
    check(content[:4] + b"\0" + content[5:42] + block + content[42:], noise(5000))


@pytest.mark.parametrize(
    "behind",
    [
        ID3V1,
        bytes(1),
        bytes(300_000),
        ID3V2,
        ID3V2[:5] + b"\x10" + ID3V2[6:] + b"3DI\4\0\x10\0\0\0\x0a",  # with a footer
        bytes(20) + ID3V2 + bytes(20) + ID3V1,
        APE,
        APE + ID3V1,
        APE[32:-12] + bytes(12),  # without its header
    ],
    ids=len,
)
@pytest.mark.parametrize("claim", [9000, 0])
def test_tags_and_zeros_behind_are_quiet(behind, claim):
    """Known tags and zeros behind the last frame give no warning, with a claimed length or none."""
    check(with_claim(flac(9000), claim) + behind, noise(9000))


@pytest.mark.parametrize("claim", [9000, 0])
@pytest.mark.parametrize("count", [1, 7, 800])
def test_other_bytes_behind_are_told(claim, count):
    """Other bytes behind the last frame are left out, and a warning has their number."""
    note = f"has {count} bytes behind its last frame that are not audio: they are left out"
    content = with_claim(flac(9000), claim)
    check(content + NOISE[:count], noise(9000), note)
    check(content + NOISE[:count] + ID3V1, noise(9000), note)


def test_tag_that_begins_inside_the_last_frame_is_no_tag():
    """An APE tag that claims to begin before the end of the audio hides no bytes behind it."""
    content = flac(9000)
    last = len(content) - content.rindex(b"\xff\xf8") + 832
    note = "has 832 bytes behind its last frame that are not audio: they are left out"
    for size in (60_000, 12_000, last):
        footer = struct.pack("<8s4I8x", b"APETAGEX", 2000, size, 1, 0)
        check(content + NOISE + footer, noise(9000), note)
    header = struct.pack("<8s4I8x", b"APETAGEX", 2000, 800, 1, 0xA0000000)
    check(content + NOISE + header, noise(9000), note)


def test_more_samples_than_claimed_before_a_tag_are_read():
    """Samples beyond the claimed length are read, also if a tag follows them."""
    note = "has 9000 frames, but its header claims 8000: all are encoded"
    for behind in (ID3V1, bytes(1000), b""):
        check(with_claim(flac(9000), 8000) + behind, noise(9000), note)


def test_smallest_block_size_of_the_header_has_no_influence():
    """The last frame confirms the claim if the header states another smallest size of frames."""
    content = bytearray(flac(9000))
    content[8:10] = (16).to_bytes(2)
    assert (9000, True) == claim_and_check(bytes(content))


def test_number_of_bytes_behind_may_be_a_lower_bound():
    """If the checksum of the last frame is right at two places, the warning has the lesser size."""
    polynomial = b"\x01\x80\x05"  # the checksum remains right after these bytes
    note = "has at least 800 bytes behind its last frame that are not audio: they are left out"
    check(flac(9000) + polynomial + NOISE, noise(9000), note)


def test_frames_that_begin_again_are_read():
    """Frames that are appended without a header are read, with a warning of the wrong claim."""
    content = flac(4096)
    check(
        content + content[first_frame(RestOfFile(io.BytesIO(content))) :],
        np.concatenate([noise(4096)] * 2),
        "has 8192 frames, but its header claims 4096: all are encoded",
    )

"""FLAC: the header of the last frame confirms the length that the file claims."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio import AudioError, mono_samples
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.flac import claimed_samples, ends_as_claimed


def flac(samples, rate, channels, coding="PCM_16"):
    """Return a FLAC file of noise."""
    file = io.BytesIO()
    noise = np.random.default_rng(samples).standard_normal((samples, channels)) / 8
    soundfile.write(file, noise, rate, coding, format="FLAC")
    return file.getvalue()


def with_claim(content, total):
    """Return the file with another claimed length."""
    changed = bytearray(content)
    changed[21:26] = (int.from_bytes(content[21:26]) >> 36 << 36 | total).to_bytes(5)
    return bytes(changed)


def claim_and_check(content):
    """Return the length that a file claims, and whether its last frame confirms it."""
    file = RestOfFile(io.BytesIO(content))
    return claimed_samples(file), ends_as_claimed(file)


@pytest.mark.parametrize("samples", [16, 100, 300, 4095, 4096, 4097, 8192, 600_000])
@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (44100, 2), (12345, 8), (95_000, 1)])
def test_true_claims_are_confirmed(samples, rate, channels):
    """The claim is confirmed for last blocks of any size, and for numbers of several bytes."""
    content = flac(samples, rate, channels)
    assert (samples, True) == claim_and_check(content)
    assert (samples, True) == claim_and_check(content + b"TAG" + bytes(125))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**36 - 1))
def test_false_claims_are_not_confirmed(total):
    """Any other claim is not confirmed."""
    content = flac(9000, 16000, 1)
    assert (total, total == 9000) == claim_and_check(with_claim(content, total))


@settings(deadline=None, max_examples=200)
@given(st.integers(42, 20_000))
def test_file_without_its_last_frame_is_not_confirmed(length):
    """A file without its last frame does not end as it claims."""
    content = flac(20_000, 16000, 1)
    last = len(content) - 1500  # within the last frame, which begins before
    assert (20_000, False) == claim_and_check(content[: min(length, last - 4096)])


@pytest.mark.parametrize("missing", [1, 2, 16, 300, 1100])
def test_incomplete_last_frame_is_an_error(tmp_path, missing):
    """A last frame with a correct header and missing bytes is an error."""
    content = flac(20_000, 16000, 1)[:-missing]
    assert (20_000, True) == claim_and_check(content)
    path = tmp_path / "cut.flac"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"cut\.flac: .*fetch it again") as caught:
        mono_samples(path, 16000)
    assert caught.value.code in ("malformed", "truncated")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_random_bytes_raise_no_error(junk):
    """Random bytes after a FLAC header raise no error."""
    assert claim_and_check(b"fLaC" + junk)[1] in (True, False)
    assert claim_and_check(flac(100, 16000, 1)[:42] + b"\xff\xf8" + junk)[0] == 100

"""The last frame of a FLAC file says where the file ends."""

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


def claiming(content, total):
    """Return the file with another claim."""
    changed = bytearray(content)
    changed[21:26] = (int.from_bytes(content[21:26]) >> 36 << 36 | total).to_bytes(5)
    return bytes(changed)


def told(content):
    """Return the length that a file claims, and whether its last frame agrees."""
    file = RestOfFile(io.BytesIO(content))
    return claimed_samples(file), ends_as_claimed(file)


@pytest.mark.parametrize("samples", [16, 100, 300, 4095, 4096, 4097, 8192, 600_000])
@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (44100, 2), (12345, 8), (95_000, 1)])
def test_true_claims(samples, rate, channels):
    """Files with last blocks of all kinds of sizes, and with numbers of several bytes."""
    content = flac(samples, rate, channels)
    assert (samples, True) == told(content)
    assert (samples, True) == told(content + b"TAG" + bytes(125))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**36 - 1))
def test_false_claims(total):
    """Any other claim is found out."""
    content = flac(9000, 16000, 1)
    assert (total, total == 9000) == told(claiming(content, total))


@settings(deadline=None, max_examples=200)
@given(st.integers(42, 20_000))
def test_cuts(length):
    """A file that lacks its last frame does not end as it claims."""
    content = flac(20_000, 16000, 1)
    last = len(content) - 1500  # within the last frame, which begins before
    assert (20_000, False) == told(content[: min(length, last - 4096)])


@pytest.mark.parametrize("missing", [1, 2, 16, 300, 1100])
def test_cuts_within_the_last_frame(tmp_path, missing):
    """A frame whose header agrees with the claim, but which is not all there, is an error still."""
    content = flac(20_000, 16000, 1)[:-missing]
    assert (20_000, True) == told(content)
    path = tmp_path / "cut.flac"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"cut\.flac: .*fetch it again") as caught:
        mono_samples(path, 16000)
    assert caught.value.code in ("malformed", "truncated")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_anything(junk):
    """No bytes are too strange."""
    assert told(b"fLaC" + junk)[1] in (True, False)
    assert told(flac(100, 16000, 1)[:42] + b"\xff\xf8" + junk)[0] == 100

"""The end of a FLAC file: a file that is cut, and one that is damaged before its end."""

import io

import numpy as np
import pytest
import soundfile

from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.flac_end import ends_early
from netencoders_audio.files.flac_frames import frame_header

BLOCK = 4096  # of libFLAC at this rate


@pytest.fixture(scope="module")
def content():
    """Return the bytes of a FLAC file of 20 frames and a part of one."""
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 20 * BLOCK + 1000)
    file = io.BytesIO()
    soundfile.write(file, noise, 16000, "PCM_16", format="FLAC")
    return file.getvalue()


def early(content, decoded):
    """Return the result for bytes."""
    return ends_early(RestOfFile(io.BytesIO(content)), decoded)


@pytest.mark.parametrize("decoded", [0, 1, 10, 15])
def test_frame_that_other_frames_follow_is_damaged(content, decoded):
    """A frame of a whole file, except the last one, has frames after it."""
    assert not early(content, decoded * BLOCK)


def test_last_frame_has_no_frame_after_it(content):
    """The last frame of a whole file, and of a file that is cut, has no frame after it."""
    assert early(content, 20 * BLOCK)
    half = content[: len(content) // 2]
    decoded = [frame for frame in range(20) if early(half, frame * BLOCK)]
    # The header of the incomplete frame is there.
    assert not early(half, (decoded[0] - 1) * BLOCK)
    assert list(range(decoded[0], 20)) == decoded
    assert 9 <= decoded[0] <= 11


def test_bytes_that_look_like_a_header_are_no_frame(content):
    """Audio that contains the header of a frame with any number is not a frame."""
    looks_like = bytes.fromhex("fff88288408e")  # frame 64, found in the audio of a real file
    assert frame_header(looks_like + bytes(10), BLOCK) is not None
    half = content[: len(content) // 2]
    decoded = next(frame for frame in range(20) if early(half, frame * BLOCK))
    assert early(half[:-1000] + looks_like + half[-1000:], decoded * BLOCK)

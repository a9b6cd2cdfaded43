"""Energies: channels that cancel each other are found, and no others (A37)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders_audio.stages.energies import Energies
from netencoders_audio.stages.mono import mix


def noise(count, seed=0):
    """Return white noise with a peak of 0.25."""
    return np.random.default_rng(seed).uniform(-0.25, 0.25, count)


def reports(blocks, limit=None):
    """Return how often the energies of blocks are reported."""
    found = []
    for _ in mix(blocks, energies=Energies(limit, lambda: found.append(1))):
        pass
    return len(found)


X, Y = noise(5000), noise(5000, 1)
QUIET = 1e-3 * noise(3000, 2)
HISS = np.stack([QUIET, np.roll(QUIET, 1)], 1)

CANCEL = {
    "opposite": np.stack([X, -X], 1),
    "almost opposite": np.stack([X, 0.01 * Y - X], 1),
    "four channels": np.stack([X, Y, -Y, -X], 1),
    "silence before": np.concatenate([np.zeros((3000, 2)), np.stack([X, -X], 1)]),
    "hiss before": np.concatenate([HISS, np.stack([X, -X], 1)]),
    "few frames": np.stack([X, -X], 1)[:100],
    "quiet": 1e-3 * np.stack([X, -X], 1),
}
KEEP = {
    "one channel": X[:, np.newaxis],
    "equal": np.stack([X, X], 1),
    "independent": np.stack([X, Y], 1),
    "one silent": np.stack([X, 0 * X], 1),
    "silence": np.zeros((5000, 2)),
    "steps of 16 bits": np.stack([np.full(5000, 2.0**-15), np.full(5000, -(2.0**-15))], 1),
    "half opposite": np.stack([X, 0.9 * -X], 1),
    "128 channels": np.random.default_rng(0).uniform(-0.25, 0.25, (5000, 128)),
    "too few frames": np.stack([X, -X], 1)[:99],
    "opposite after sound": np.concatenate([np.stack([X, X], 1), np.stack([X, -X], 1)]),
}
CASES = [(name, frames, 1) for name, frames in CANCEL.items()]
CASES += [(name, frames, 0) for name, frames in KEEP.items()]


def layouts(frames):
    """Yield the frames in every type and layout, with equal levels."""
    yield frames
    yield frames.astype(np.float32)
    yield np.asfortranarray(frames)
    for bits, kind in ((16, np.int16), (32, np.int32)):
        yield np.round(frames * 2 ** (bits - 1)).astype(kind)
    yield (np.round(frames * 2**15) + 2**15).astype(np.uint16)


@pytest.mark.parametrize(("name", "frames", "count"), CASES, ids=lambda value: str(value)[:20])
def test_cancelling_channels_are_reported_once(name, frames, count):
    """Channels that cancel are reported once, in every type and layout, and no others."""
    for samples in layouts(frames):
        assert count == reports([samples]), samples.dtype


@given(st.sampled_from(CASES), st.integers(0, 99))
def test_report_does_not_depend_on_the_blocks(pieces, case, seed):
    """Blocks of any size give the same report."""
    _, frames, count = case
    assert count == reports(pieces(frames, seed, largest=2000))


@given(st.integers(0, 99), st.integers(100, 4999))
def test_frames_after_the_limit_are_not_measured(pieces, seed, limit):
    """Only the first frames count, and the report comes when they are measured."""
    frames = np.concatenate([np.stack([X, -X], 1)[:limit], np.stack([Y, Y], 1)])
    assert 1 == reports(pieces(frames, seed, largest=2000), limit)
    assert 0 == reports([frames])
    found = []
    energies = Energies(limit, lambda: found.append(1))
    blocks = mix([frames[:limit], frames[limit:]], energies=energies)
    next(blocks)
    assert (1, True) == (len(found), energies.ended)


def test_long_sound_is_measured_in_few_groups(monkeypatch):
    """The measure of a recording whose first frames are audible ends after 512 frames."""
    measured = []
    energy = "netencoders_audio.stages.energies._energy"
    monkeypatch.setattr(energy, lambda samples: measured.append(len(samples)) or 1e9)
    assert 0 == reports([np.stack([X, X], 1)] * 3)
    assert [512, 512] == measured


def test_picked_channel_is_not_measured():
    """A picked channel does not cancel."""
    found = []
    energies = Energies(None, lambda: found.append(1))
    list(mix([np.stack([X, -X], 1)[:, :1]], energies=energies))
    assert not found

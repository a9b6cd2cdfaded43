"""Scratch memory, which each thread reuses."""

import platform
import subprocess
import sys
import threading

import numpy as np
import pytest
import soundfile

from netencoders import NetEncoder
from netencoders_audio.execution.scratch import MAX_KEPT, scratch


def test_each_thread_has_its_own_memory():
    """Two threads never write to the same memory."""
    mine, others = scratch(2, 6), []
    thread = threading.Thread(target=lambda: others.append(scratch(2, 6)))
    thread.start()
    thread.join()
    assert not np.shares_memory(mine, others[0])


def test_memory_is_reused():
    """The same memory is reused for each group, also in another shape."""
    first = scratch(4, 100)
    assert (np.dtype("float32"), (4, 100)) == (first.dtype, first.shape)
    assert np.shares_memory(first, scratch(8, 50))


@pytest.mark.parametrize("rows", [1, 2])
def test_large_memory_is_not_kept(rows):
    """Memory for long partitions is not kept; the kept memory stays."""
    kept = scratch(1, 8)
    large = scratch(rows, MAX_KEPT + 1)
    assert (rows, MAX_KEPT + 1) == large.shape
    assert not np.shares_memory(kept, large)
    assert np.shares_memory(kept, scratch(1, 8))


def test_interleaved_streams_are_independent(speech_path):
    """Two streams that one thread reads alternately, with a call in between, are independent.

    Results must not be views of the scratch memory.
    """
    first = NetEncoder("AudioMFCC", Offset=13)
    second = NetEncoder("AudioSpectrogram", Offset=11, FFTLength=512)
    pairs, expected = ([], []), [first(speech_path), second(speech_path)]
    streams = [first.stream(speech_path), second.stream(speech_path)]
    for blocks in zip(*streams, strict=False):
        for pair, block in zip(pairs, blocks, strict=True):
            pair.append(block)
        NetEncoder("Telephone")(speech_path)
    for pair, whole in zip(pairs, expected, strict=True):
        rows = np.concatenate(pair)
        assert len(pair) > 3
        np.testing.assert_array_equal(whole[: len(rows)], rows)


@pytest.mark.parametrize("placement", ["Start", "Center"])
def test_memory_beside_a_short_window_is_zero(speech_path, placement):
    """With a window shorter than the transform, zeros replace old values in the memory."""
    encoder = NetEncoder("AudioSpectrogram", FFTLength=512, WindowPlacement=placement)
    expected = encoder(speech_path)
    assert np.isfinite(expected).all()
    scratch(len(expected), 512)[:] = np.nan
    np.testing.assert_array_equal(expected, encoder(speech_path))


FAULTS = """
import resource, sys
from netencoders import NetEncoder

encoder = NetEncoder("AudioSpectrogram")
counts = [
    resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in encoder.map(sys.argv[1:], workers=1)
]
print(counts[-1] - counts[len(counts) // 2])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc's thresholds")
def test_freed_memory_is_reused_for_the_next_file(tmp_path):
    """Encoding the next short file needs no new pages of memory, except for the longest file."""
    random = np.random.default_rng(0)
    paths = [str(tmp_path / f"{number}.wav") for number in range(60)]
    lengths = random.integers(3 * 16000, 15 * 16000, len(paths))
    lengths[len(paths) // 3] = 15 * 16000
    for path, length in zip(paths, lengths, strict=True):
        samples = random.integers(-999, 999, length)
        soundfile.write(path, samples.astype(np.int16), 16000)
    command = [sys.executable, "-c", FAULTS, *paths]
    # Without `keep_freed_memory`, 3148 faults were measured, and 0 once. A system that is short of
    # memory may take pages from a process, so one of three has to be undisturbed.
    assert any(int(subprocess.check_output(command)) < len(paths) for _ in range(3))

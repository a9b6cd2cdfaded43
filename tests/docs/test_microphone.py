"""The example of a microphone, with sources that simulate one."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders_audio import Audio

ROOT = Path(__file__).parents[2]
SPEECH = ROOT / "tests" / "data" / "speech_16k_mono.wav"


@pytest.fixture(scope="module")
def example():
    """Return examples/microphone.py as a module."""
    spec = importlib.util.spec_from_file_location("mic", ROOT / "examples" / "microphone.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("size", [160, 320, 1111])
def test_rows_are_those_of_the_call(example, size):
    """The rows of all blocks are the array of the recording, bit for bit, for any block."""
    found = list(example.rows(example.ENCODER, example.from_file(str(SPEECH), size)))
    np.testing.assert_array_equal(example.ENCODER(SPEECH), np.concatenate(found))
    assert len(found) > 50


class Stream:
    """Stands for `sounddevice.InputStream`: it gives noise when it is opened."""

    def __init__(self, samplerate, blocksize, channels, dtype, callback):
        assert (16000, 320, 1, "float32") == (samplerate, blocksize, channels, dtype)
        self.callback = callback

    def __enter__(self):
        """Give 100 blocks in one buffer, which is used again."""
        buffer = np.empty((320, 1), np.float32)
        for number in range(100):
            buffer[:] = number / 100
            self.callback(buffer, 320, None, None)

    def __exit__(self, *error):
        """Close the device."""


def test_microphone_copies_its_blocks(example, monkeypatch):
    """The blocks of the device are copied, because it uses their memory again."""
    monkeypatch.setitem(sys.modules, "sounddevice", SimpleNamespace(InputStream=Stream))
    blocks = list(example.microphone(0.5))
    assert [number / 100 for number in range(25)] == [round(float(block[0]), 2) for block in blocks]
    audio = Audio(np.concatenate(blocks), 16000)
    rows = np.concatenate(list(example.rows(NetEncoder("AudioMFCC"), iter(blocks))))
    np.testing.assert_array_equal(NetEncoder("AudioMFCC")(audio), rows)


def test_program_prints_a_line_for_each_row(example, capsys):
    """The program prints one bar for each row, longer where the voice is."""
    example.main(["--file", str(SPEECH)])
    lines = capsys.readouterr().out.splitlines()
    assert len(example.ENCODER(SPEECH)) == len(lines)
    lengths = [line.count("#") for line in lines]
    assert max(lengths[20:40]) > 2 * max(1, np.median(lengths[:10]))
    assert lines[100].startswith("  1.00 s ")

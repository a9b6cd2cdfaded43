"""The rules of ``python -m benchmarks.reading``, which compares with other decoders."""

import numpy as np
import pytest

from benchmarks import reading
from benchmarks.reading import Heard, changes, judged, judged_part
from benchmarks.reading_sources import Source, decoded

RIGHT = np.linspace(-0.5, 0.5, 9000)
EXACT = Source("a.wav", 16000, 1)
LOSSY = Source("a.mp3", 16000, 1, tolerance=1e-3)


@pytest.mark.parametrize(
    ("change", "heard", "verdict"),
    [
        ("whole", Heard(RIGHT, ""), "right"),
        ("whole", Heard(RIGHT, "a warning"), "false alarm"),
        ("whole", Heard(None, "an error"), "false alarm"),
        ("whole", Heard(RIGHT[:-1], ""), "silent loss"),
        ("whole", Heard(RIGHT + 1e-4, ""), "silent loss"),
        ("800 zeros behind", Heard(RIGHT, "a warning"), "false alarm"),
        ("800 bytes behind", Heard(RIGHT, "a warning"), "right"),
        ("800 bytes behind", Heard(None, "an error"), "false alarm"),
        ("800 bytes behind", Heard(np.append(RIGHT, 0), ""), "silent loss"),
        ("cut at 50%", Heard(None, "an error"), "right"),
        ("cut at 50%", Heard(RIGHT[:4500], "a warning"), "right"),
        ("cut at 50%", Heard(RIGHT[:4500], ""), "silent loss"),
        ("joined", Heard(RIGHT, ""), "silent loss"),
        ("joined", Heard(np.append(RIGHT, RIGHT), ""), "right"),
        ("joined", Heard(RIGHT, "a warning"), "right"),
    ],
)
def test_verdict_names_false_alarms_and_silent_losses(change, heard, verdict):
    """Silence about a difference is a loss; a message about a sound file is a false alarm."""
    assert verdict == judged(change, heard, RIGHT, EXACT)


@pytest.mark.parametrize(
    ("heard", "verdict"),
    [
        (Heard(RIGHT[:8000], "a warning"), "right"),
        (Heard(RIGHT, ""), "right"),
        (Heard(None, "an error"), "false alarm"),
        (Heard(RIGHT[:8000], ""), "silent loss"),
        (Heard(RIGHT[:8000] + 0.1, "a warning"), "silent loss"),
        (Heard(np.append(RIGHT, 0), "a warning"), "silent loss"),
    ],
)
def test_part_of_a_cut_file_must_be_given_with_a_warning(heard, verdict):
    """A part that is missing, different or silent is a fault."""
    assert verdict == judged_part(heard, RIGHT, EXACT)


def test_last_samples_of_a_lossy_part_may_differ():
    """Decoders fade the end of a cut file in their own ways; earlier samples must agree."""
    part = RIGHT[:8000].copy()
    part[7000] += 0.1
    assert "right" == judged_part(Heard(part, "a warning"), RIGHT, LOSSY)
    part[3000] += 0.1
    assert "silent loss" == judged_part(Heard(part, "a warning"), RIGHT, LOSSY)


def test_changes_keep_or_lose_the_stated_bytes():
    """Each change affects the bytes that its name states."""
    data = bytes(range(1, 251)) * 40
    changed = changes(data)
    assert data == changed["whole"]
    assert data + data == changed["joined"]
    assert data[:5000] == changed["cut at 50%"]
    assert data == changed["800 bytes behind"][:-800]
    assert bytes(5000) == changed["second half zeros"][5000:]
    assert len(data) == len(changed["noise at 5000"])
    assert data[5800:] == changed["noise at 5000"][5800:]
    assert data[5000:5800] != changed["noise at 5000"][5000:5800]
    assert data[:5000] + data[5800:] == changed["removed from the middle"]


def test_missing_programs_are_named(monkeypatch, capsys):
    """Without the other decoders, the command names the packages to install."""
    monkeypatch.setattr("shutil.which", lambda tool: None)
    assert 2 == reading.main([])
    packages = "ffmpeg flac lame opus-tools sox vorbis-tools"
    assert f"install the programs first: apt-get install {packages}\n" == capsys.readouterr().err


def test_failure_of_the_other_decoder_is_reported(monkeypatch, tmp_path):
    """A file that the other decoder refuses gives no samples."""
    path = tmp_path / "a.wav"
    path.write_bytes(b"no sound")
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert None is decoded(path, Source(path, 16000, 1))

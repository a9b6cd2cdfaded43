"""Recordings and checks that the tests of corpora share."""

import os
import shutil
import subprocess
import sys

import numpy as np
import soundfile
from pyarrow import parquet

from netencoders import NetEncoder
from netencoders_corpus import Corpus

ENCODER = NetEncoder("AudioMFCC", SampleRate=8000)
BROKEN = b"RIFF\x04\x00\x00\x00WAVE"


def write(path, seconds=0.3, seed=0):
    """Write noise as a WAV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 0.1, int(8000 * seconds))
    soundfile.write(path, noise, 8000)


def make_folder(folder, count=20):
    """Write recordings, and one broken file; return the folder."""
    for number in range(count):
        write(folder / "ab"[number % 2] / f"{number:02d}.wav", 0.2 + number / 50, number)
    (folder / "broken.wav").write_bytes(BROKEN)
    return folder


def rows(out):
    """Return the rows of all shards by id, as Parquet has them; an id given twice fails."""
    found = {}
    for path in sorted((out / "shards").iterdir()):
        assert ".parquet" == path.suffix
        for row in parquet.read_table(path).to_pylist():
            assert row["id"] not in found
            found[row["id"]] = row
    return found


def check(out, folder, encoder=ENCODER):
    """Check that a corpus has exactly the rows of a folder, with the bits of single calls."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.wav")}
    assert paths.keys() == rows(out).keys()
    corpus = Corpus(out)
    assert len(paths) == len(corpus) == corpus.description.rows
    for row in corpus:
        if row.id == "broken.wav":
            assert (None, None) == (row.array, row.columns["frames"])
            assert row.code
        else:
            np.testing.assert_array_equal(encoder(paths[row.id]), row.array)
            assert (len(row.array), None) == (row.columns["frames"], row.code)
    assert {row.code: 1 for row in corpus.failures} == corpus.description.codes


def run(code, *arguments, **options):
    """Run a program in another process, and return it."""
    line = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=100, **options)


def copy_corpus(out, target):
    """Copy a corpus with the times of its files."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(out, target, copy_function=shutil.copy2)
    return target


def environment(**values):
    """Return the environment of this process with other values."""
    return os.environ | values
